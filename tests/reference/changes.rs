//! The faults and habits of the reference server: that the tables hold together, that every one of them starts, and
//! that a mistake of each kind is seen on the wire.

use std::collections::BTreeSet;

use arp_conformance::contract::{Contract, Service};
use arp_conformance::reference::{self, Auth, Fault, Options, configurations, fault, faults, habit, habits};
use arp_conformance::report::model::Level;
use arp_conformance::suite::{Source, Suite};
use http::Method;
use reqwest::Response;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::site::{Answer, PATIENCE, Site, client_builder};

/// The rows that nothing but a coordinator behind the gateway, or the absence of one, could break.
const NOT_OF_ONE_SERVER: [&str; 2] = ["FORWARD-1", "FORWARD-2"];

async fn faulty(service: Service, id: &str) -> Site {
    let fault = fault(id).unwrap_or_else(|| panic!("there is no fault {id}"));
    assert!(fault.services.contains(&service), "{id}");
    let mut site = Site::new(fault.options(service)).await;
    site.token = (fault.auth != Auth::Off).then(|| site.server.tokens().valid.clone());
    site
}

async fn usual(service: Service, name: &str) -> Site {
    let mut site = Site::new(habit(name).unwrap().options(service)).await;
    site.token = Some(site.server.tokens().valid.clone());
    site
}

/// Makes a run without any expectation of the answer.
async fn start(site: &Site, kind: &str, run_id: &str) -> Response {
    let mut request = site.request(kind);
    request["run_id"] = run_id.into();
    site.send(Method::POST, "/v1/runs", Some(request.to_string())).await
}

async fn get(site: &Site, path: &str) -> Response {
    site.send(Method::GET, path, None).await
}

/// The events of a run that is over, as they came.
async fn replay(site: &Site, kind: &str) -> String {
    start(site, kind, "run").await;
    if kind == "slow" {
        site.send(Method::POST, "/v1/runs/run:cancel", None).await;
    } else {
        ended(site).await;
    }
    get(site, "/v1/runs/run/events").await.text().await.unwrap()
}

/// The run `run` once it is over.
async fn ended(site: &Site) -> Value {
    timeout(PATIENCE, async {
        loop {
            let run = Answer::read(get(site, "/v1/runs/run").await).await.body;
            if !["queued", "running"].contains(&run["state"].as_str().unwrap_or_default()) {
                return run;
            }
        }
    })
    .await
    .expect("the run ends")
}

fn suite(service: Service) -> Suite {
    Suite::load(&Source::bundled(), &Contract::bundled(service).unwrap()).unwrap()
}

#[test]
fn the_tables_name_requirements_that_bind_the_service() {
    let suites = Service::ALL.map(|service| (service, suite(service)));
    let mut ids = BTreeSet::new();
    for fault in Service::ALL.into_iter().flat_map(faults) {
        ids.insert(fault.id);
        assert!(
            fault.id.contains('/') && !fault.says.is_empty() && !fault.says.ends_with('.'),
            "{}",
            fault.id
        );
        for id in fault.requirements {
            assert!(suites.iter().any(|(_, suite)| suite.catalogue.get(id).is_some()), "{}: {id}", fault.id);
        }
        for (service, suite) in suites.iter().filter(|(service, _)| fault.services.contains(service)) {
            let binds = |id: &&&str| suite.catalogue.of(*service).any(|row| row.id == **id);
            assert!(fault.requirements.iter().any(|id| binds(&id)), "{} at {service}", fault.id);
        }
    }
    let rows = Service::ALL.into_iter().flat_map(faults).collect::<Vec<_>>();
    let both = rows.iter().filter(|fault| fault.services.len() == 2).count();
    assert_eq!(ids.len(), rows.len() - both / 2, "every id stands once");
}

#[test]
fn every_row_of_the_catalogue_has_a_fault() {
    for service in Service::ALL {
        let suite = suite(service);
        let without: Vec<&str> = suite
            .catalogue
            .of(service)
            .filter(|row| row.level != Level::May && !NOT_OF_ONE_SERVER.contains(&&*row.id))
            .filter(|row| !faults(service).any(|fault| fault.requirements.contains(&&*row.id)))
            .map(|row| &*row.id)
            .collect();
        assert_eq!(without, [""; 0], "{service}");
    }
}

#[tokio::test]
async fn every_fault_and_habit_starts() {
    let client = client_builder().build().unwrap();
    let ask = async |options: Options, name: &str| {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = reference::start(options, listener).await.unwrap();
        // Whatever it answers, it answers.
        let answered = client.get(format!("{}/v1/health", server.url())).send().await;
        assert!(answered.is_ok(), "{name}: {answered:?}");
    };
    for service in Service::ALL {
        for fault in faults(service) {
            ask(fault.options(service), fault.id).await;
        }
        for habit in habits(service) {
            ask(habit.options(service), habit.name).await;
        }
        let all: Vec<&'static Fault> = faults(service).collect();
        ask(Options { faults: all, ..Options::new(service) }, "all at once").await;
    }
}

#[tokio::test]
async fn an_answer_of_one_operation_is_edited() {
    for service in Service::ALL {
        let site = faulty(service, "error/read-as-text").await;
        let unknown = get(&site, "/v1/runs/nobody").await;
        assert_eq!(
            (unknown.status().as_u16(), &unknown.headers()["content-type"]),
            (404, &"text/plain; charset=utf-8".parse().unwrap())
        );
        assert_eq!(unknown.text().await.unwrap(), "404 page not found\n");
        assert_eq!(site.call("cancel_run", "nobody", None).await.code(), (404, "run_not_found"));
        let run_id = site.create("echo").await;
        assert_eq!(site.settled(&run_id).await["state"], "succeeded");

        let site = faulty(service, "read/cancelled").await;
        let run_id = site.create("slow").await;
        assert_eq!(site.call("cancel_run", &run_id, None).await.body["state"], "canceled");
        assert_eq!(
            Answer::read(get(&site, &format!("/v1/runs/{run_id}")).await).await.body["state"],
            "cancelled"
        );

        let site = faulty(service, "create/201").await;
        assert_eq!(start(&site, "echo", "run").await.status(), 201);

        let site = faulty(service, "version/camel-case").await;
        let version = Answer::read(get(&site, "/v1/version").await).await.body;
        assert!(version.get("service_name").is_none() && version["serviceName"].is_string());

        let site = faulty(service, "unknown/invented").await;
        let unknown = Answer::read(get(&site, "/v1/runs/no%20body").await).await;
        assert_eq!((unknown.status, &unknown.body["run_id"]), (200, &json!("no body")));
    }
}

#[tokio::test]
async fn what_a_schema_forbids_is_accepted() {
    for service in Service::ALL {
        let accepts = async |id: &str, body: &str| {
            let site = faulty(service, id).await;
            site.send(Method::POST, "/v1/runs", Some(body.to_owned())).await.status() == 200
        };
        let with = |name: &str, value: Value| {
            let mut body = Site::minimal(service);
            body[name] = value;
            body.to_string()
        };
        assert!(accepts("request/empty-object", "{}").await);
        assert!(!accepts("request/null-for-absent", "{}").await);
        assert!(accepts("request/null-for-absent", &with("metadata", Value::Null)).await);
        assert!(!accepts("request/coerces-text", &with("metadata", Value::Null)).await);
        assert!(accepts("request/coerces-text", &with("run_id", json!(7))).await);
        assert!(accepts("request/unknown-members", &with("unknown", json!(1))).await);
        assert!(!accepts("request/unknown-inner-members", &with("unknown", json!(1))).await);
        assert!(accepts("request/unknown-inner-members", &with("metadata", json!({"unknown": 1}))).await);
        assert!(accepts("request/plain-extension-keys", &with("extensions", json!({"plain": 1}))).await);
        assert!(accepts("request/any-top", "[]").await);
        let good = Site::minimal(service).to_string();
        for (id, body) in [
            ("malformed/cut-off", &good[..good.len() - 1]),
            ("malformed/text-after", &format!("{good} x")),
            ("malformed/nan", "{\"input\": NaN}"),
            ("malformed/nothing", ""),
        ] {
            assert!(accepts(id, body).await, "{id}");
            assert!(!accepts("request/422", body).await, "{id}");
        }
        let site = faulty(service, "request/keeps-refused").await;
        let refused = site.send(Method::POST, "/v1/runs", Some(r#"{"run_id": "kept"}"#.into())).await;
        assert_eq!((refused.status().as_u16(), site.read("kept").await.status), (400, 200));
    }
}

#[tokio::test]
async fn the_store_goes_wrong() {
    for service in Service::ALL {
        let site = faulty(service, "id/overwrites").await;
        start(&site, "echo", "run").await;
        assert_eq!(ended(&site).await["state"], "succeeded");
        assert_eq!(start(&site, "slow", "run").await.status(), 200);
        assert_ne!(site.read("run").await.body["state"], "succeeded");

        let site = faulty(service, "id/renames").await;
        start(&site, "echo", "run").await;
        let again = Answer::read(start(&site, "echo", "run").await).await;
        assert!(again.status == 200 && again.body["run_id"] != "run");

        let site = faulty(service, "id/from-the-clock").await;
        let (a, b, c) = tokio::join!(site.create("echo"), site.create("echo"), site.create("echo"));
        assert!(a == b || b == c);

        let site = faulty(service, "id/decoded-before-routing").await;
        assert_eq!(start(&site, "echo", "a/b").await.status(), 200);
        assert_eq!(get(&site, "/v1/runs/a%2Fb").await.status(), 404);
        let site = faulty(service, "id/latin-1").await;
        for (id, path, status) in [("a b", "a%20b", 200), ("ü", "%C3%BC", 404)] {
            start(&site, "echo", id).await;
            assert_eq!(get(&site, &format!("/v1/runs/{path}")).await.status(), status, "{id}");
        }

        let site = faulty(service, "cancel/succeeds-later").await;
        start(&site, "slow", "run").await;
        assert_eq!(site.call("cancel_run", "run", None).await.body["state"], "canceled");
        timeout(PATIENCE, async { while site.read("run").await.body["state"] == "canceled" {} })
            .await
            .unwrap();
        assert_eq!(site.read("run").await.body["state"], "succeeded");

        let site = faulty(service, "cancel/ended-turns-canceled").await;
        start(&site, "echo", "run").await;
        assert_eq!(ended(&site).await["state"], "succeeded");
        site.call("cancel_run", "run", None).await;
        assert_eq!(site.read("run").await.body["state"], "canceled");

        let site = faulty(service, "cancel/forgotten").await;
        start(&site, "slow", "run").await;
        assert_ne!(site.call("cancel_run", "run", None).await.body["state"], "canceled");
    }
}

#[tokio::test]
async fn tokens_that_do_not_count_come_in() {
    for service in Service::ALL {
        let reads_with = async |id: &str, authorization: Option<&dyn Fn(&Site) -> String>| {
            let site = faulty(service, id).await;
            let mut request = site.client.get(format!("{}/v1/runs/nobody", site.server.url()));
            if let Some(authorization) = authorization {
                request = request.header("authorization", authorization(&site));
            }
            request.send().await.unwrap()
        };
        let altered = |site: &Site| format!("Bearer {}x", site.server.tokens().valid);
        let unsigned = |site: &Site| {
            let claims = site.server.tokens().valid.split('.').nth(1).unwrap().to_owned();
            format!("Bearer eyJhbGciOiJub25lIn0.{claims}.")
        };
        let expired = |site: &Site| format!("Bearer {}", site.server.tokens().expired);
        let lower_case = |site: &Site| format!("bearer {}", site.server.tokens().valid);
        assert_eq!(reads_with("auth/read-open", None).await.status(), 404);
        assert_eq!(reads_with("auth/read-open", Some(&expired)).await.status(), 401);
        assert_eq!(reads_with("auth/create-open", None).await.status(), 401);
        assert_eq!(reads_with("auth/alg-none", Some(&unsigned)).await.status(), 404);
        assert_eq!(reads_with("auth/alg-none-in-other-case", Some(&unsigned)).await.status(), 401);
        assert_eq!(reads_with("auth/expired", Some(&expired)).await.status(), 404);
        assert_eq!(reads_with("auth/optional-ignores", Some(&expired)).await.status(), 404);
        assert_eq!(reads_with("auth/looks-up-first", None).await.status(), 404);
        assert_eq!(reads_with("auth/signature-unchecked", Some(&expired)).await.status(), 401);
        assert_eq!(reads_with("auth/signature-unchecked", Some(&altered)).await.status(), 404);
        assert_eq!(reads_with("auth/signature-unchecked-at-cancel", Some(&altered)).await.status(), 401);
        assert_eq!(reads_with("auth/scheme-in-one-case", Some(&lower_case)).await.status(), 404);
        assert!(!reads_with("auth/no-challenge", None).await.headers().contains_key("www-authenticate"));
        let echoed = Answer::read(reads_with("error/echoes-token", Some(&expired)).await).await;
        assert!(echoed.body["error"]["message"].as_str().unwrap().contains("Bearer eyJ"));
        let health = faulty(service, "health/needs-token").await;
        let anonymous = health.client.get(format!("{}/v1/health", health.server.url())).send().await.unwrap();
        assert_eq!(anonymous.status(), 401);
    }
}

#[tokio::test]
async fn streams_hold_the_wrong_events() {
    for service in Service::ALL {
        let events = async |id: &str| {
            let text = replay(&faulty(service, id).await, "echo").await;
            let lines = text.lines().map(|line| line.strip_prefix("data: ").unwrap_or(line));
            lines.filter_map(|line| serde_json::from_str::<Value>(line).ok()).collect::<Vec<_>>()
        };
        let seqs =
            |events: &[Value]| events.iter().map(|event| event["seq"].as_u64().unwrap()).collect::<Vec<_>>();
        assert_eq!(seqs(&events("seq/third-repeats").await), [1, 2, 2, 4]);
        assert_eq!(seqs(&events("seq/swapped").await), [1, 3, 2, 4]);
        assert_eq!(seqs(&events("seq/event-twice").await), [1, 2, 3, 3, 4]);
        assert_eq!(seqs(&events("events/no-end").await), [1, 2, 3]);
        assert_eq!(seqs(&events("events/after-the-end").await), [1, 2, 3, 4, 5]);
        assert_eq!(events("events/ended-empty").await, [Value::Null; 0]);
        let late = events("event/last-epoch-time").await;
        assert!(late[2]["time"].is_string() && late[3]["time"].is_number());
        assert_eq!(events("event/pings").await[1], json!({"type": "ping"}));
        let times = events("events/time-backwards").await;
        assert!(times[0]["time"].as_str() > times[3]["time"].as_str());

        let site = faulty(service, "events/never-ends").await;
        start(&site, "echo", "run").await;
        ended(&site).await;
        let mut stream = get(&site, "/v1/runs/run/events").await;
        let mut text = String::new();
        while text.matches("\"run_id\"").count() < 4 {
            text.push_str(std::str::from_utf8(&stream.chunk().await.unwrap().unwrap()).unwrap());
        }
        assert!(timeout(std::time::Duration::from_millis(50), stream.chunk()).await.is_err());
    }
    let text = async |service, id| replay(&faulty(service, id).await, "echo").await;
    let string = text(Service::Runtime, "sse/json-string").await;
    assert!(serde_json::from_str::<String>(&string).unwrap().ends_with("\n\n"));
    assert!(text(Service::Runtime, "sse/done").await.ends_with("\n\ndata: [DONE]\n\n"));
    assert!(!text(Service::Runtime, "sse/one-newline-at-the-end").await.ends_with("\n\n"));
    let array = text(Service::RunGateway, "ndjson/array").await;
    assert_eq!(serde_json::from_str::<Vec<Value>>(&array).unwrap().len(), 4);
}

#[tokio::test]
async fn messages_are_broken() {
    for service in Service::ALL {
        for id in ["wire/promises-more", "wire/no-last-chunk"] {
            let site = faulty(service, id).await;
            start(&site, "echo", "run").await;
            let run = get(&site, "/v1/runs/run").await;
            assert_eq!(run.status(), 200);
            let promised = run.headers().get("content-length").cloned();
            assert_eq!(promised.is_some(), id == "wire/promises-more");
            assert!(run.bytes().await.is_err(), "{id}");
        }
        let site = faulty(service, "wire/events-no-last-chunk").await;
        start(&site, "echo", "run").await;
        ended(&site).await;
        assert!(get(&site, "/v1/runs/run/events").await.bytes().await.is_err());

        let site = faulty(service, "json/bom").await;
        assert!(get(&site, "/v1/health").await.bytes().await.unwrap().starts_with(b"\xef\xbb\xbf{"));
        let site = faulty(service, "json/repeats-member").await;
        start(&site, "echo", "run").await;
        assert_eq!(get(&site, "/v1/runs/run").await.text().await.unwrap().matches("\"run_id\"").count(), 2);

        let site = faulty(service, "robust/deep-nesting").await;
        assert_eq!(get(&site, "/v1/health").await.status(), 200);
        site.send(Method::POST, "/v1/runs", Some("[".repeat(64))).await;
        assert_eq!(get(&site, "/v1/health").await.status(), 500);
    }
}

#[tokio::test]
async fn habits_are_unusual() {
    for service in Service::ALL {
        let site = usual(service, "charset").await;
        assert_eq!(
            get(&site, "/v1/health").await.headers()["content-type"],
            "application/json; charset=UTF-8"
        );
        let site = usual(service, "connection-close").await;
        assert_eq!(get(&site, "/v1/health").await.headers()["connection"], "close");
        let site = usual(service, "chunked").await;
        let health = get(&site, "/v1/health").await;
        assert_eq!(health.headers()["transfer-encoding"], "chunked");
        assert_eq!(Answer::read(health).await.body["status"], "ok");
        let site = usual(service, "degraded").await;
        assert_eq!(site.call("health", "", None).await.body["status"], "degraded");

        let site = usual(service, "idempotent-create").await;
        start(&site, "echo", "run").await;
        let run = ended(&site).await;
        assert_eq!(Answer::read(start(&site, "slow", "run").await).await.body, run);
        let site = usual(service, "cancel-ended-409").await;
        start(&site, "echo", "run").await;
        ended(&site).await;
        assert_eq!(site.call("cancel_run", "run", None).await.code(), (409, "run_over"));
        let site = usual(service, "cancel-comes-late").await;
        start(&site, "slow", "run").await;
        assert_eq!(site.call("cancel_run", "run", None).await.status, 409);
        assert_eq!(site.read("run").await.body["state"], "succeeded");
        let site = usual(service, "plain-ids-alone").await;
        assert_eq!(start(&site, "echo", "a b").await.status(), 400);

        let site = usual(service, "offsets").await;
        let text = replay(&site, "slow").await;
        assert!(text.contains("+05:30\"") || text.contains("-08:00\""), "{text}");
        let site = usual(service, "challenges-in-fields").await;
        let anonymous = site.client.get(format!("{}/v1/runs/x", site.server.url())).send().await.unwrap();
        assert_eq!(anonymous.headers().get_all("www-authenticate").iter().count(), 2);

        let site = usual(service, "busy").await;
        let mut statuses = Vec::new();
        for _ in 0..20 {
            let answer = get(&site, "/v1/health").await;
            assert_eq!(answer.headers().contains_key("retry-after"), answer.status() == 429);
            statuses.push(answer.status().as_u16());
        }
        assert_eq!((statuses[19], &statuses[..19]), (429, &[200; 19][..]));

        let site = usual(service, "gzip").await;
        let plain = get(&site, "/v1/version").await;
        assert!(!plain.headers().contains_key("content-encoding"));
        let packed = client_builder().build().unwrap().get(format!("{}/v1/version", site.server.url()));
        let packed = packed.header("accept-encoding", "br, gzip;q=0.5").send().await.unwrap();
        assert_eq!(packed.headers()["content-encoding"], "gzip");
        assert!(packed.bytes().await.unwrap().starts_with(&[0x1f, 0x8b, 8]));

        let slow: Vec<_> =
            configurations(service).into_iter().filter(|(_, o)| o.is_slow()).map(|(name, _)| name).collect();
        assert_eq!(slow, ["latency"]);
    }
    let text = async |service, name| replay(&usual(service, name).await, "echo").await;
    assert!(text(Service::Runtime, "sse-cr").await.ends_with("}\r\r"));
    assert!(text(Service::Runtime, "sse-data-lines").await.starts_with("data: {\ndata:   \"run_id\""));
    assert!(!text(Service::RunGateway, "ndjson-no-last-newline").await.ends_with('\n'));
}
