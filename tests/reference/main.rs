//! The reference server over the wire: what it answers, and that every answer is valid by the contract.

mod changes;
mod site;

use arp_conformance::contract::Service;
use arp_conformance::reference::{Absent, Auth, Members, Options, RunsEnd, configurations};
use http::Method;
use serde_json::{Value, json};
use site::{Answer, PATIENCE, Site, client_builder};
use tokio::time::timeout;

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

fn members(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn every_configuration_answers_by_the_contract() {
    for service in Service::ALL {
        // What habits change is not what this client expects; changes.rs looks at them.
        for (name, options) in configurations(service).into_iter().filter(|(_, o)| o.habits.is_empty()) {
            let mut site = Site::new(options.clone()).await;
            if options.auth == Auth::Required {
                site.token = Some(site.server.tokens().valid.clone());
            }
            assert_eq!(site.call("health", "", None).await.status, 200, "{service} {name}");
            let version = site.call("version", "", None).await.body;
            assert_eq!(version["service_name"], format!("arp-reference-{service}"));
            assert_eq!(version["supported_api_versions"], json!(["v1"]));

            for (kind, state) in [("echo", "succeeded"), ("fail", "failed"), ("slow", "canceled")] {
                let answer = site.call(site.create_operation(), "", Some(site.request(kind))).await;
                let run_id = answer.body["run_id"].as_str().unwrap();
                let is_over = options.runs == RunsEnd::InThePost && kind != "slow";
                assert_eq!(answer.body["state"], if is_over { state } else { "queued" }, "{service} {name}");
                if kind == "slow" {
                    if !options.cancel {
                        continue;
                    }
                    assert_eq!(site.call("cancel_run", run_id, None).await.body["state"], state);
                }
                let run = site.settled(run_id).await;
                assert_eq!(run["state"], state, "{service} {name}");
                if service == Service::Runtime {
                    let result = site.call("get_run_result", run_id, None).await;
                    assert_eq!(result.status, 200);
                    assert_eq!(result.body["ok"], state == "succeeded");
                    assert_eq!(result.body.get("error").is_some(), state != "succeeded");
                    assert_eq!(site.call("get_run_result", run_id, None).await.body, result.body);
                }
                if options.events {
                    let events = site.events(run_id).await;
                    let (first, last) = match (service, state) {
                        (Service::RunGateway, _) => ("run_started", "run_completed"),
                        (Service::Runtime, "succeeded") => ("step", "final"),
                        (Service::Runtime, _) => ("step", "error"),
                    };
                    let types = types(&events);
                    assert_eq!(
                        (types[0], *types.last().unwrap()),
                        (first, last),
                        "{service} {name} {types:?}"
                    );
                    assert_eq!(types.iter().filter(|kind| **kind == last).count(), 1);
                }
                if options.cancel {
                    assert_eq!(site.call("cancel_run", run_id, None).await.body, run);
                }
                assert_eq!(site.read(run_id).await.body, run, "{service} {name}");
            }

            let refused = site.call(site.create_operation(), "", Some(json!({"input": 1}))).await;
            assert_eq!(refused.code(), (400, "invalid_request"));
            for operation in site.contract.operations() {
                let is_optional = match &*operation.id {
                    "stream_run_events" => !options.events,
                    "cancel_run" => !options.cancel,
                    _ => false,
                };
                if operation.path.contains('{') && !is_optional {
                    let answer = site.call(&operation.id, "arp-conformance-nobody", None).await;
                    assert_eq!(answer.code(), (404, "run_not_found"), "{service} {name} {}", operation.id);
                }
            }
            site.server.shutdown().await;
        }
    }
}

#[tokio::test]
async fn runs_bear_their_ids() {
    for service in Service::ALL {
        let site = Site::new(Options::new(service)).await;
        let create = |id: &str| {
            let mut request = site.request("slow");
            request["run_id"] = id.into();
            request
        };
        for id in
            ["plain-1_A.b", "with/slash", "a b", "ünïcödé-運行", "x:cancel", "50%2F", "%zz", "q?a=b#c", "..."]
        {
            let answer = site.call(site.create_operation(), "", Some(create(id))).await;
            assert_eq!(answer.status, 200, "{id} {}", answer.body);
            assert_eq!(answer.body["run_id"], id);
            assert_eq!(site.read(id).await.body["run_id"], id);

            // Whoever asks again gets no other run.
            let again = site.call(site.create_operation(), "", Some(create(id))).await;
            assert_eq!(again.code(), (409, "run_exists"));
            assert_eq!(site.call("cancel_run", id, None).await.body["run_id"], id);
            let run = site.read(id).await.body;
            assert_eq!(run["state"], "canceled");
            let events = site.events(id).await;
            assert_eq!(site.call(site.create_operation(), "", Some(create(id))).await.status, 409);
            assert_eq!(site.read(id).await.body, run);
            assert_eq!(site.events(id).await, events);
        }
        for id in ["", ".", "..", "a\nb", "\u{0}", &"x".repeat(257)] {
            let answer = site.call(site.create_operation(), "", Some(create(id))).await;
            assert_eq!(answer.code(), (400, "invalid_request"), "{id:?}");
            assert_eq!(answer.body["error"]["details"]["violations"][0]["at"], "/run_id");
        }
        let (a, b) = tokio::join!(site.create("echo"), site.create("echo"));
        assert_ne!(a, b);
        // Not UTF-8, and nobody's id.
        let answer = Answer::read(site.send(Method::GET, "/v1/runs/%FF", None).await).await;
        assert_eq!(answer.code(), (404, "run_not_found"));
    }
}

#[tokio::test]
async fn events_arrive_while_the_run_goes_on() {
    for service in Service::ALL {
        let site = Site::new(Options::new(service)).await;
        let run_id = site.create("slow").await;
        let mut stream = site.stream(&run_id).await;
        let mut seen = Vec::new();
        // The third is the first of the slow run's work.
        while seen.len() < 3 {
            seen.push(stream.next().await.unwrap());
        }
        let run = site.read(&run_id).await.body;
        assert_eq!(run["state"], "running");
        assert!(run.get("ended_at").is_none() && run.get("started_at").is_some());
        if service == Service::Runtime {
            let early = site.call("get_run_result", &run_id, None).await;
            assert_eq!(early.code(), (409, "run_not_finished"));
        }

        let mut late = site.stream(&run_id).await;
        site.call("cancel_run", &run_id, None).await;
        while let Some(event) = stream.next().await {
            seen.push(event);
        }
        let mut replayed = Vec::new();
        while let Some(event) = late.next().await {
            replayed.push(event);
        }
        assert_eq!(replayed, seen);
        assert_eq!(site.events(&run_id).await, seen);
    }
}

#[tokio::test]
async fn a_request_is_refused_for_what_is_wrong_with_it() {
    for service in Service::ALL {
        let site = Site::new(Options::new(service)).await;
        let good = site.request("echo").to_string();
        let post = async |media_type: Option<&str>, body: String| {
            let mut request = site.client.post(format!("{}/v1/runs", site.server.url())).body(body);
            if let Some(media_type) = media_type {
                request = request.header("content-type", media_type);
            }
            let answer = Answer::read(request.send().await.unwrap()).await;
            if answer.status != 200 {
                assert_eq!(answer.headers["content-type"], "application/json");
                answer.assert_refusal("POST /v1/runs");
            }
            answer
        };
        let json_type = Some("application/json");
        assert_eq!(post(Some("application/json; charset=utf-8"), good.clone()).await.status, 200);
        assert_eq!(post(Some("text/plain"), good.clone()).await.code(), (415, "unsupported_media_type"));
        assert_eq!(post(None, good.clone()).await.code(), (415, "unsupported_media_type"));
        assert_eq!(post(None, String::new()).await.code(), (400, "invalid_request"));
        for body in [
            "",
            "null",
            "[]",
            "\"x\"",
            &good[..good.len() - 1],
            &format!("{good} x"),
            &format!("\u{feff}{good}"),
        ] {
            assert_eq!(post(json_type, body.to_owned()).await.code(), (400, "invalid_request"), "{body}");
        }
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(post(json_type, deep).await.code(), (400, "invalid_request"));
        for large in [2 << 20, 12 << 20] {
            let body = format!("{good}{}", " ".repeat(large));
            assert_eq!(post(json_type, body).await.code(), (413, "body_too_large"));
        }
        let refused = post(json_type, r#"{"run_id": "kept-unknown", "unknown": 1}"#.into()).await;
        assert_eq!(refused.code(), (400, "invalid_request"));
        let violations = refused.body["error"]["details"]["violations"].as_array().unwrap();
        assert!(violations.len() > 1, "{violations:?}");
        assert!(violations.iter().all(|violation| members(violation) == ["at", "expected"]));
        assert_eq!(site.read("kept-unknown").await.status, 404);

        for (method, path, allow) in [
            (Method::DELETE, "/v1/health", "GET, HEAD"),
            (Method::GET, "/v1/runs", "POST"),
            (Method::PUT, "/v1/runs/x", "GET, HEAD"),
            (Method::POST, "/v1/runs/x%3Acancel", "GET, HEAD"),
            (Method::DELETE, "/v1/runs/x:cancel", "GET, HEAD, POST"),
            (Method::POST, "/v1/runs/x/events", "GET, HEAD"),
        ] {
            let answer = Answer::read(site.send(method.clone(), path, None).await).await;
            assert_eq!(answer.code(), (405, "method_not_allowed"), "{method} {path}");
            assert_eq!(answer.headers["allow"], allow, "{method} {path}");
        }
        for path in ["/", "/v1/", "/v1/nothing", "/v2/health", "/v1/runs/", "/v1/runs/a/b"] {
            let answer = Answer::read(site.send(Method::GET, path, None).await).await;
            assert_eq!(answer.code(), (404, "not_found"), "{path}");
        }
        let head = site.send(Method::HEAD, "/v1/health", None).await;
        assert_eq!(head.status(), 200);
        assert_ne!(head.headers()["content-length"], "0");
        assert_eq!(head.text().await.unwrap(), "");
    }
}

#[tokio::test]
async fn the_gateway_knows_its_node_types_only() {
    let site = Site::new(Options::new(Service::RunGateway)).await;
    for (id, version) in [("reference.nobody", "1.0.0"), ("", "1.0.0"), ("reference.echo", "2.0.0")] {
        let request = json!({"root_node_type_ref": {"node_type_id": id, "version": version}, "input": {}});
        let answer = site.call("start_run", "", Some(request)).await;
        assert_eq!(answer.code(), (400, "unknown_node_type"), "{id} {version}");
    }
    let mut request = site.request("echo");
    request["run_context"] = json!({"tenant_id": "t", "trace": {"trace_id": "1"}, "budgets": {"x": 1}});
    let run = site.call("start_run", "", Some(request.clone())).await.body;
    assert_eq!(run["run_context"], request["run_context"]);
    let over = site.settled(run["run_id"].as_str().unwrap()).await;
    assert_eq!(over["run_context"], request["run_context"]);
    assert_eq!(over["root_node_run_id"], run["root_node_run_id"]);
}

#[tokio::test]
async fn a_full_request_is_accepted() {
    let metadata =
        json!({"labels": {"a": "b"}, "annotations": {"ä": "é"}, "extensions": {"org.example.x": [1]}});
    for service in Service::ALL {
        let site = Site::new(Options::new(service)).await;
        let mut request = site.request("echo");
        request["metadata"] = metadata.clone();
        request["extensions"] = json!({"org.example.key": {"any": null}});
        match service {
            Service::Runtime => {
                request["input"]["context"] = json!({"a": [1, {"b": "\u{1f600}"}]});
                request["limits"] = json!({"timeout_ms": 0, "max_steps": 1, "max_tokens": 1});
                request["tool_policy"] = json!({"allow_tool_ids": [], "deny_tool_ids": ["x"]});
                request["runtime_selector"] = json!({"runtime_api_endpoint": "http://127.0.0.1:1"});
            }
            Service::RunGateway => {
                request["constraints"] =
                    json!({"budgets": {"max_cost": 0.5}, "gates": {"side_effect_class": "read"}});
                request["run_context"] = json!({"actor": {"type": "user", "id": "ü"}});
            }
        }
        assert_eq!(site.call(site.create_operation(), "", Some(request)).await.status, 200, "{service}");
    }
}

#[tokio::test]
async fn authentication_comes_first() {
    for service in Service::ALL {
        for mode in [Auth::Off, Auth::Optional, Auth::Required] {
            let mut site = Site::new(Options { auth: mode, ..Options::new(service) }).await;
            let tokens = site.server.tokens().clone();
            let header_and_payload = tokens.valid.rsplit_once('.').unwrap().0;
            let unsigned = format!("{header_and_payload}.");
            let operations: Vec<_> =
                site.contract.operations().iter().map(|o| (o.id.clone(), o.secured)).collect();
            let bad = [&tokens.expired, &tokens.wrong_audience, &tokens.wrong_issuer, &unsigned, "no-jwt"];
            for (token, is_refused) in [(None, mode == Auth::Required)]
                .into_iter()
                .chain(bad.map(|token| (Some(token), mode != Auth::Off)))
                .chain([(Some(&*tokens.valid), false)])
            {
                site.token = token.map(str::to_owned);
                for (operation, is_secured) in &operations {
                    // An invalid body, and a run that does not exist.
                    let answer = site.call(operation, "nobody", Some(json!({}))).await;
                    let place = format!("{service} {mode:?} {operation} {token:?}");
                    assert_eq!(answer.status == 401, is_refused && *is_secured, "{place}: {}", answer.body);
                    if answer.status == 401 {
                        let challenge = answer.headers["www-authenticate"].to_str().unwrap();
                        assert!(challenge.starts_with("Bearer realm=\"arp\""), "{place}: {challenge}");
                        assert_eq!(
                            challenge.contains("invalid_token"),
                            token.is_some(),
                            "{place}: {challenge}"
                        );
                    }
                }
                let elsewhere = Answer::read(site.send(Method::GET, "/v1/nothing", None).await).await;
                assert_eq!(elsewhere.code(), (404, "not_found"));
            }
        }
    }
}

#[tokio::test]
async fn an_absent_endpoint_answers_as_it_is_told() {
    let told = [
        (Absent::Bare404, (404, "")),
        (Absent::Envelope404, (404, "not_found")),
        (Absent::MethodNotAllowed405, (405, "method_not_allowed")),
        (Absent::NotImplemented501, (501, "not_implemented")),
    ];
    for (absent, expected) in told {
        let options = Options { events: false, cancel: false, absent, ..Options::default() };
        let site = Site::new(options.clone()).await;
        let run_id = site.create("slow").await;
        for (method, path) in [
            (Method::GET, format!("/v1/runs/{run_id}/events")),
            (Method::DELETE, format!("/v1/runs/{run_id}/events")),
            (Method::POST, format!("/v1/runs/{run_id}:cancel")),
            (Method::POST, "/v1/runs/nobody:cancel".to_owned()),
        ] {
            let answer = Answer::read(site.send(method, &path, None).await).await;
            assert_eq!(answer.code(), expected, "{absent:?} {path}");
        }
        // The path is an id as well.
        let read = Answer::read(site.send(Method::GET, "/v1/runs/nobody:cancel", None).await).await;
        assert_eq!(read.code(), (404, "run_not_found"));
        let put = Answer::read(site.send(Method::PUT, "/v1/runs/nobody:cancel", None).await).await;
        assert_eq!((put.code().0, put.headers["allow"].to_str().unwrap()), (405, "GET, HEAD"));

        let gateway = Site::new(Options { service: Service::RunGateway, ..options }).await;
        let run_id = gateway.create("slow").await;
        assert_eq!(gateway.call("cancel_run", &run_id, None).await.body["state"], "canceled");
    }
}

#[tokio::test]
async fn answers_carry_the_members_that_they_are_told_to() {
    let site = async |service, members| {
        Site::new(Options { members, runs: RunsEnd::InThePost, ..Options::new(service) }).await
    };
    let runtime = site(Service::Runtime, Members::Required).await;
    assert_eq!(members(&runtime.call("health", "", None).await.body), ["status", "time"]);
    let run_id = runtime.create("fail").await;
    assert_eq!(members(&runtime.read(&run_id).await.body), ["run_id", "state"]);
    assert_eq!(members(&runtime.events(&run_id).await[0]), ["run_id", "seq", "type", "time"]);
    let result = runtime.call("get_run_result", &run_id, None).await.body;
    assert_eq!(members(&result), ["run_id", "ok", "error"]);
    assert_eq!(members(&result["error"]), ["code", "message"]);
    assert_eq!(members(&runtime.read("nobody").await.body["error"]), ["code", "message"]);

    for service in Service::ALL {
        let site = site(service, Members::All).await;
        let run_id = site.create("fail").await;
        let all = async |schema: &str, value: Value| {
            let schema = site.contract.resolved(&site.contract.schema(schema).unwrap());
            assert_complete("", &schema, &value);
        };
        all("Health", site.call("health", "", None).await.body).await;
        all("VersionInfo", site.call("version", "", None).await.body).await;
        all("ErrorEnvelope", site.read("nobody").await.body).await;
        let run = if service == Service::Runtime { "RunStatus" } else { "Run" };
        all(run, site.read(&run_id).await.body).await;
        for event in site.events(&run_id).await {
            all("RunEvent", event).await;
        }
        if service == Service::Runtime {
            all("RunResult", site.call("get_run_result", &run_id, None).await.body).await;
        }
    }
}

/// Every member that the schema names is there, at any depth.
fn assert_complete(at: &str, schema: &Value, value: &Value) {
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        let inner = value.get(name).unwrap_or_else(|| panic!("{at}/{name} is missing"));
        assert_complete(&format!("{at}/{name}"), schema, inner);
    }
    for (i, item) in value.as_array().into_iter().flatten().enumerate() {
        assert_complete(&format!("{at}/{i}"), &schema["items"], item);
    }
}

#[tokio::test]
async fn http2_works_without_tls() {
    let mut site = Site::new(Options::default()).await;
    site.client = client_builder().http2_prior_knowledge().build().unwrap();
    let run_id = site.create("echo").await;
    assert_eq!(types(&site.events(&run_id).await).last(), Some(&"final"));
    let head = site.send(Method::HEAD, "/v1/version", None).await;
    assert_eq!((head.version(), head.status().as_u16()), (http::Version::HTTP_2, 200));
    assert_eq!(head.text().await.unwrap(), "");
}

#[tokio::test]
async fn a_shutdown_ends_streams_and_closes_the_port() {
    let site = Site::new(Options::default()).await;
    let run_id = site.create("slow").await;
    let Site { server, client, .. } = site;
    let url = server.url();
    let mut stream = client.get(format!("{url}/v1/runs/{run_id}/events")).send().await.unwrap();
    assert!(stream.chunk().await.unwrap().is_some());
    timeout(PATIENCE, server.shutdown()).await.unwrap();
    while stream.chunk().await.unwrap().is_some() {}
    let error = client.get(format!("{url}/v1/health")).send().await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");
}
