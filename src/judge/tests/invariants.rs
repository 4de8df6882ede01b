//! Every invariant, once kept and once broken.

use std::time::Duration;

use serde_json::{Value, json};

use super::recording::*;
use crate::contract::Service;
use crate::report::model::FeatureState;
use crate::wire::{Ending, Exchange, Failure, JsonProblem};

/// One scenario that calls operations rightly and wrongly; nothing is written about their answers.
const CASES: &str = "suite: t
services: [runtime]
scenarios:
  - id: t
    title: T
    tier: core
    effects: reads
    steps:
      - {id: health, call: health, checks: [{requirement: HEALTH-1, status: 200}]}
      - {id: read, call: get_run_status, path: {run_id: x}}
      - {id: wrong, call: get_run_status, path: {run_id: x}, refusal: true}
      - {id: result, call: get_run_result, path: {run_id: x}}
      - {id: cancel, call: cancel_run, path: {run_id: x}}
      - {id: events, call: stream_run_events, path: {run_id: x}}
";

pub fn recorded() -> Recording {
    Recording::with_invariants(Service::Runtime, CASES)
}

/// What one requirement says of one answer to an operation.
fn of(step: &str, check: &str, exchange: Exchange) -> String {
    recorded().saw(&format!("t:{step}"), [exchange]).says(check)
}

fn health() -> Value {
    json!({"status": "ok", "time": NOW})
}

pub fn run(state: &str) -> Value {
    json!({"run_id": RUN, "state": state})
}

#[test]
fn messages_are_framed_right() {
    let check = "WIRE-1 GET /v1/health";
    let right = || answer(200, health());
    assert_eq!(of("health", check, right()), "pass");
    assert_eq!(of("health", check, right().ending(Ending::Left)), "pass");
    for (exchange, said) in [
        (
            right().ending(Ending::Broken("cut".into())),
            "fail: expected a whole, well-framed answer, found cut",
        ),
        (failed(Failure::Broken("no HTTP".into())), "fail: expected a well-framed answer, found no HTTP"),
        (right().ending(Ending::Limit("too long".into())), "error: the harness reads no further: too long"),
        (
            right().ending(Ending::TimedOut(Duration::from_secs(10))),
            "error: the answer did not end within 10.0 s",
        ),
        (failed(Failure::Connect("refused".into())), "error: no connection: refused"),
        (failed(Failure::TimedOut(Duration::from_secs(10))), "error: no answer within 10 s"),
        (failed(Failure::Cut), "error: the connection was closed while the request was being sent"),
    ] {
        let recording = recorded().saw("t:health", [exchange]);
        assert_eq!(recording.says(check), said);
        for other in ["STATUS-1", "MEDIA-1", "MEDIA-2", "MEDIA-3", "HEALTH-1"] {
            assert_eq!(recording.says(&format!("{other} GET /v1/health")), "none", "what broke is told once");
        }
    }
}

#[test]
fn what_could_be_read_past_is_no_less_wrong() {
    let deviating = answer(200, health()).with(|answer| answer.deviations = vec!["a bare line feed".into()]);
    let recording = recorded().saw("t:health", [deviating]);
    assert_eq!(
        recording.says("WIRE-1 GET /v1/health"),
        "fail: expected a well-framed answer, found a bare line feed"
    );
    assert_eq!(recording.says("HEALTH-1 GET /v1/health"), "pass", "the rest is judged as well");
}

#[test]
fn json_may_claim_no_other_charset() {
    for (parameters, said) in [
        ("; charset=utf-8", "pass"),
        ("; Charset=\"UTF-8\"", "pass"),
        ("; x=y; charset=us-ascii", "pass"),
        ("; note=\"x;charset=latin1\"", "pass"),
        ("; charset=UTF-16", "fail: header content-type: expected UTF-8, found charset=utf-16"),
    ] {
        let media = format!("application/json{parameters}");
        assert_eq!(
            of("health", "MEDIA-2 GET /v1/health", raw(200, &media, health().to_string())),
            said,
            "{media}"
        );
    }
}

#[test]
fn successes_are_as_declared() {
    for (check, step, right, wrong, said) in [
        (
            "STATUS-1",
            "health",
            answer(200, health()),
            answer(201, health()),
            "fail: status: expected 200, as declared, found 201",
        ),
        (
            "STATUS-1",
            "health",
            answer(200, health()),
            raw(204, "", ""),
            "fail: status: expected 200, as declared, found 204",
        ),
        (
            "MEDIA-1",
            "health",
            raw(200, "application/json; charset=utf-8", health().to_string()),
            raw(200, "text/plain", health().to_string()),
            "fail: header content-type: expected application/json, found text/plain",
        ),
        (
            "MEDIA-1",
            "health",
            raw(200, "Application/Json", health().to_string()),
            answer(200, health()).with(|a| a.headers.clear()),
            "fail: header content-type: expected application/json, found no such header",
        ),
        (
            "MEDIA-1",
            "events",
            stream(&[&event(1)]),
            stream(&[&event(1)]).with(|a| a.headers[0].1 = "application/x-ndjson".into()),
            "fail: header content-type: expected text/event-stream, found application/x-ndjson",
        ),
        (
            "MEDIA-2",
            "health",
            answer(200, health()),
            raw(200, "application/json", "{\"a\": 1} x"),
            "fail: expected one JSON value in UTF-8, found no JSON: trailing characters at line 1 column 10: \"{\\\"a\\\": 1} x\"",
        ),
        (
            "MEDIA-2",
            "health",
            answer(200, health()),
            raw(200, "application/json", ""),
            "fail: expected one JSON value in UTF-8, found no content: \"\"",
        ),
        (
            "MEDIA-2",
            "health",
            answer(200, health()),
            raw(200, "application/json", "\u{FEFF}{}"),
            "fail: expected one JSON value in UTF-8, found a byte order mark before the JSON text: \"\\u{feff}{}\"",
        ),
        (
            "MEDIA-2",
            "health",
            answer(200, health()),
            raw(200, "application/json", b"{\"a\": \"\xFF\"}".to_vec()),
            "fail: expected one JSON value in UTF-8, found octets that are not UTF-8 at offset 7: \"{\\\"a\\\": \\\"\u{FFFD}\\\"}\"",
        ),
        (
            "MEDIA-3",
            "health",
            answer(200, health()),
            raw(200, "application/json", "{\"status\": \"ok\", \"status\": \"ok\"}"),
            "warn: /status: expected each member once, found the member again",
        ),
        (
            "HEALTH-1",
            "health",
            answer(200, health()),
            answer(200, json!({"status": "up", "time": NOW})),
            "fail: /status: expected one of \"ok\", \"degraded\", \"down\", found \"up\"",
        ),
        (
            "LIFE-1",
            "read",
            answer(200, run("running")),
            answer(200, json!({"run_id": RUN})),
            "fail: expected the member \"state\", found no such member",
        ),
        (
            "LIFE-1",
            "read",
            answer(200, run("running")),
            answer(200, json!({"run_id": "run-2", "state": "running"})),
            "fail: /run_id: expected \"run-1\", the run that was asked for, found \"run-2\"",
        ),
        (
            "RESULT-1",
            "result",
            answer(200, json!({"run_id": RUN, "ok": true})),
            answer(200, json!({"run_id": RUN, "ok": "yes"})),
            "fail: /ok: expected a boolean, found \"yes\"",
        ),
        (
            "CANCEL-1",
            "cancel",
            answer(200, run("canceled")),
            answer(200, json!({"run_id": 1, "state": "canceled"})),
            "fail: /run_id: expected a string, found 1",
        ),
    ] {
        let label = label(step);
        assert_eq!(of(step, &format!("{check} {label}"), right), "pass", "{check} {step}");
        assert_eq!(of(step, &format!("{check} {label}"), wrong), said, "{check} {step}");
    }
    assert_eq!(
        of(
            "health",
            "MEDIA-2 GET /v1/health",
            raw(200, "application/json", "[".repeat(200) + &"]".repeat(200))
        ),
        "error: the harness reads no further: recursion limit exceeded at line 1 column 128"
    );
}

fn label(step: &str) -> &'static str {
    match step {
        "health" => "GET /v1/health",
        "result" => "GET /v1/runs/{run_id}/result",
        "cancel" => "POST /v1/runs/{run_id}:cancel",
        "events" => "GET /v1/runs/{run_id}/events",
        _ => "GET /v1/runs/{run_id}",
    }
}

#[test]
fn every_event_is_valid_and_bears_its_run() {
    let (one, two) = (event(1), event(2));
    let check = |requirement: &str, exchange: Exchange| {
        of("events", &format!("{requirement} {}", label("events")), exchange)
    };
    for requirement in ["SSE-2", "SSE-3"] {
        assert_eq!(check(requirement, stream(&[&one, &two])), "pass");
        assert!(
            check(requirement, stream(&[])).starts_with("skip not-measured: the stream carried no event")
        );
    }
    assert_eq!(
        check("SSE-2", stream(&[&one, &two.replace("step", "steps")])),
        "fail: /1/type: expected one of \"token\", \"step\", \"tool_call\", \"tool_result\", \"final\", \"error\", found \"steps\""
    );
    assert_eq!(
        check("SSE-2", stream(&["[DONE]"])),
        "fail: /0: expected one JSON value, found no JSON: expected value at line 1 column 2"
    );
    assert_eq!(
        check("SSE-2", stream(&["\"{}\""])),
        "fail: /0: expected a JSON object, found a JSON string: \"{}\""
    );
    let limit = stream(&["1"]).event_problem(0, JsonProblem::Limit("deep".into()));
    assert_eq!(check("SSE-2", limit), "error: the harness reads no further: deep");
    assert_eq!(
        check("SSE-3", stream(&[&one, &two.replace(RUN, "run-2")])),
        "fail: /1/run_id: expected \"run-1\", the run that was asked for, found \"run-2\""
    );
    assert_eq!(
        check("SSE-3", stream(&["no JSON"])),
        "skip not-measured: the stream carried no event that could be read"
    );
}

#[test]
fn errors_are_envelopes_that_tell_what_they_should_and_no_more() {
    let plain = |body: &str| raw(404, "text/plain", body);
    let telling =
        |code: &str, message: &str| answer(404, json!({"error": {"code": code, "message": message}}));
    for (check, right, wrong, said) in [
        (
            "ERROR-1",
            envelope(404, "gone"),
            plain("not found"),
            "fail: header content-type: expected application/json, found text/plain",
        ),
        (
            "ERROR-1",
            envelope(500, "x"),
            plain("").with(|a| a.headers.clear()),
            "fail: header content-type: expected application/json, found no such header",
        ),
        (
            "ERROR-1",
            envelope(404, "x"),
            answer(404, json!({"detail": "Not Found"})),
            "fail: expected the member \"error\", found no such member (and 1 more)",
        ),
        (
            "ERROR-1",
            envelope(404, "x"),
            raw(404, "application/json", "<p>"),
            "fail: expected a valid ErrorEnvelope, found no JSON: expected value at line 1 column 1: \"<p>\"",
        ),
        (
            "ERROR-1",
            envelope(302, "x"),
            raw(307, "text/html", "").header("location", "/v1/runs/"),
            "fail: status: expected an answer of the operation, found 307 to /v1/runs/",
        ),
        (
            "ERROR-1",
            envelope(404, "x"),
            raw(404, "application/problem+json", envelope(404, "x").answer().unwrap().body.to_vec()),
            "fail: header content-type: expected application/json, found application/problem+json",
        ),
        (
            "ERROR-4",
            telling("run.not-found_1", "x"),
            telling("not found", "x"),
            "warn: /error/code: expected a token of letters, digits, '_', '-', '.', found \"not found\"",
        ),
        (
            "ERROR-4",
            telling("x", "y"),
            telling("", " "),
            "warn: /error/code: expected a token of letters, digits, '_', '-', '.', found \"\" (and 1 more)",
        ),
        (
            "ERROR-5",
            telling("x", "main.py has no line 3"),
            telling("x", "Traceback (most recent call last):"),
            "warn: expected no internals, found a Python stack trace: Traceback (most recent call last)",
        ),
        (
            "ERROR-5",
            telling("x", "y"),
            telling("x", "Bearer [redacted] is no token").with(|answer| answer.echoes_secret = true),
            "warn: expected no credentials, found the credentials that were sent",
        ),
        (
            "MEDIA-2",
            envelope(404, "x"),
            raw(404, "application/json", "{"),
            "fail: expected one JSON value in UTF-8, found no JSON: EOF while parsing an object at line 1 column 1: \"{\"",
        ),
        (
            "MEDIA-3",
            envelope(404, "x"),
            raw(404, "application/json", "{\"a\": 1, \"a\": 1}"),
            "warn: /a: expected each member once, found the member again",
        ),
    ] {
        let check = format!("{check} GET /v1/runs/{{run_id}}");
        assert_eq!(of("read", &check, right), "pass", "{check} {said}");
        assert_eq!(of("read", &check, wrong), said, "{check}");
    }
}

#[test]
fn what_the_http_layer_answers_is_no_envelope_and_what_is_absent_none_either() {
    for status in [413, 414, 431] {
        assert_eq!(
            of("read", "ERROR-1 GET /v1/runs/{run_id}", raw(status, "text/html", "<p>")),
            "none",
            "{status}"
        );
    }
    let cancel = |feature, exchange| {
        recorded()
            .saw("t:cancel", [exchange])
            .feature("cancel", feature)
            .says("ERROR-1 POST /v1/runs/{run_id}:cancel")
    };
    let bare = || raw(404, "text/html", "<p>");
    assert_eq!(cancel(FeatureState::Absent, bare()), "none");
    assert_eq!(cancel(FeatureState::Unknown, bare()), "none", "no run was there to tell");
    let unreadable = cancel(FeatureState::Unknown, raw(400, "text/html", "<p>"));
    assert!(unreadable.starts_with("fail: header content-type"), "it is there");
    assert!(cancel(FeatureState::Implemented, bare()).starts_with("fail: header content-type"));
    assert!(
        cancel(FeatureState::Absent, raw(500, "text/html", "<p>")).starts_with("fail: header content-type")
    );
}

#[test]
fn a_401_challenges_for_a_bearer_token() {
    let check = |exchange| of("read", "AUTH-2 GET /v1/runs/{run_id}", exchange);
    let refused = || envelope(401, "unauthorized");
    assert_eq!(check(refused().header("www-authenticate", "Basic realm=\"x\", bearer realm=\"y\"")), "pass");
    assert_eq!(
        check(refused().header("www-authenticate", "Basic").header("www-authenticate", "Bearer")),
        "pass"
    );
    assert_eq!(
        check(refused()),
        "fail: header www-authenticate: expected a Bearer challenge, found no such header"
    );
    assert_eq!(
        check(refused().header("www-authenticate", "Basic realm=\"Bearer\"")),
        "fail: header www-authenticate: expected a Bearer challenge, found Basic realm=\"Bearer\""
    );
    assert_eq!(check(envelope(403, "forbidden")), "none");
}

#[test]
fn a_wrong_request_is_the_client_s_fault_where_the_operation_works_at_all() {
    let check = |right: Exchange, wrong: Exchange| {
        recorded().saw("t:read", [right]).saw("t:wrong", [wrong]).says("ERROR-6 GET /v1/runs/{run_id}")
    };
    let works = || answer(200, run("running"));
    assert_eq!(check(works(), envelope(404, "gone")), "pass");
    assert_eq!(
        check(works(), envelope(500, "oops")),
        "warn: status: expected 4xx: the request is wrong, found 500"
    );
    assert_eq!(check(envelope(503, "down"), envelope(503, "down")), "none", "it never works");
    assert_eq!(
        of("read", "ERROR-6 GET /v1/runs/{run_id}", envelope(500, "oops")),
        "none",
        "the request was right"
    );
}

#[test]
fn what_a_wrongly_accepted_request_made_is_not_judged() {
    let recording = recorded().saw("t:wrong", [answer(200, json!({"nothing": "valid"}))]);
    assert_eq!(recording.says("LIFE-1 GET /v1/runs/{run_id}"), "none");
    assert_eq!(recording.says("WIRE-1 GET /v1/runs/{run_id}"), "pass");
}

#[test]
fn exchanges_outside_the_scenarios_are_not_judged() {
    let recording = recorded().but(|evidence| {
        let mut probe = raw(200, "text/html", "<p>");
        (probe.id, probe.operation) = (1, Some("health".into()));
        evidence.exchanges.push(probe);
    });
    assert_eq!(recording.says("MEDIA-1 GET /v1/health"), "none");
}
