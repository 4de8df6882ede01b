//! Every assertion, once right and once wrong.

use serde_json::{Value, json};

use super::recording::*;
use crate::contract::Service;
use crate::wire::{Ending, Exchange, Failure};

/// A scenario that reads a run three times, with one check on the second read.
pub fn reading(check: &str) -> Recording {
    around("call: runs.read", check)
}

pub fn around(step: &str, check: &str) -> Recording {
    Recording::of(
        Service::Runtime,
        &format!(
            "suite: t\nservices: [all]\nscenarios:\n  - id: t\n    title: T\n    tier: core\n    effects: reads\n    \
             steps:\n      - {{id: before, call: runs.read, path: {{run_id: x}}}}\n      - id: it\n        {step}\n        \
             path: {{run_id: x}}\n        checks:\n          - {{requirement: T-1, {check}}}\n      - \
             {{id: after, call: runs.read, path: {{run_id: x}}}}\n"
        ),
    )
}

pub fn ok(body: Value) -> Exchange {
    answer(200, body)
}

/// What a check says of one answer, where the answer before bears `run_id` and two times.
fn of_one(check: &str, exchange: Exchange) -> String {
    let before = ok(json!({"run_id": RUN, "started_at": "2026-01-01T11:00:00+00:00", "n": 7}));
    reading(check).saw("t:before", [before]).saw("t:it", [exchange]).says("T-1")
}

#[test]
fn a_value_follows_its_rule_or_does_not() {
    for (check, right, wrong, said) in [
        (
            "at: /state, equals: running",
            json!("running"),
            json!("queued"),
            "/state: expected \"running\", found \"queued\"",
        ),
        ("at: /state, equals: 1", json!(1), json!("1"), "/state: expected 1, found \"1\""),
        (
            "at: /state, equals: {a: [1]}",
            json!({"a": [1]}),
            json!({"a": []}),
            "/state: expected {\"a\":[1]}, found {\"a\":[]}",
        ),
        (
            "at: /state, equals: \"${before/run_id}\"",
            json!(RUN),
            json!("x"),
            "/state: expected \"run-1\", found \"x\"",
        ),
        ("at: /state, equals: \"${before/n}\"", json!(7), json!("7"), "/state: expected 7, found \"7\""),
        ("at: /state, one-of: [a, 2]", json!(2), json!("b"), "/state: expected one of \"a\", 2, found \"b\""),
        (
            "at: /state, not-empty: true",
            json!(" "),
            json!(""),
            "/state: expected a text that is not empty, found \"\"",
        ),
        (
            "at: /state, not-empty: true",
            json!("x"),
            json!(["x"]),
            "/state: expected a text that is not empty, found [\"x\"]",
        ),
        (
            "at: /state, contains: v1",
            json!(["v0", "v1"]),
            json!(["v10"]),
            "/state: expected a list with \"v1\", found [\"v10\"]",
        ),
        (
            "at: /state, contains: v1",
            json!(["v1"]),
            json!("v1"),
            "/state: expected a list with \"v1\", found \"v1\"",
        ),
        (
            "at: /state, near-now: 1h",
            json!("2026-01-01T13:00:00Z"),
            json!("2026-01-01T13:00:01Z"),
            "/state: expected a time within 60 min of now, found \"2026-01-01T13:00:01Z\"",
        ),
        (
            "at: /state, near-now: 1h",
            json!("2026-01-01T11:00:00Z"),
            json!("2026-01-01T10:59:59Z"),
            "/state: expected a time within 60 min of now, found \"2026-01-01T10:59:59Z\"",
        ),
        (
            "at: /state, near-now: 1h",
            json!("2026-01-01T14:00:00+02:00"),
            json!("now"),
            "/state: expected a time within 60 min of now, found \"now\"",
        ),
        (
            "at: /state, not-before: \"${before/started_at}\"",
            json!("2026-01-01T11:00:00Z"),
            json!("2026-01-01T10:59:59.999Z"),
            "/state: expected a time not before \"2026-01-01T11:00:00+00:00\", found \"2026-01-01T10:59:59.999Z\"",
        ),
        (
            "at: /state, after: \"${before/started_at}\"",
            json!("2026-01-01T13:00:00.001+02:00"),
            json!("2026-01-01T12:00:00+01:00"),
            "/state: expected a time after \"2026-01-01T11:00:00+00:00\", found \"2026-01-01T12:00:00+01:00\"",
        ),
    ] {
        assert_eq!(of_one(check, ok(json!({"state": right}))), "pass", "{check}: {right}");
        let said = format!("fail: {said}");
        assert_eq!(of_one(check, ok(json!({"state": wrong}))), said, "{check}: {wrong}");
        let missing = format!("{}, found no such member", said.rsplit_once(", found").unwrap().0);
        assert_eq!(of_one(check, ok(json!({}))), missing, "{check}: nothing");
    }
}

/// Whatever the schema takes as a date-time is a time, and the same moment is the same in every form.
#[test]
fn times_are_read_in_every_form_of_rfc_3339() {
    for form in [
        "2026-01-01T11:00:00Z",
        "2026-01-01t11:00:00z",
        "2026-01-01T11:00:00.0Z",
        "2026-01-01T11:00:00.000000000999Z",
        "2026-01-01T11:00:00-00:00",
        "2026-01-01T16:30:00.000000+05:30",
        "2025-12-31T12:00:00-23:00",
        "2026-01-01T23:59:60Z",
        "2025-12-31T23:59:60.5-00:00",
    ] {
        let body = ok(json!({"status": "ok", "time": form}));
        assert_eq!(of_one("schema: Health", body.clone()), "pass", "{form}");
        assert_eq!(of_one("at: /time, near-now: 24h", body.clone()), "pass", "{form}");
        let before = of_one("at: /time, not-before: \"${before/started_at}\"", body);
        assert_eq!(before == "pass", !form.starts_with("2025-12-31T23"), "{form}: {before}");
    }
}

#[test]
fn presence_is_about_the_member_and_null_is_a_value_unless_it_is_told_otherwise() {
    let cases = [
        ("present: true", json!({"a": null}), "pass"),
        ("present: true", json!({}), "fail: /a: expected a value, found no such member"),
        ("present: false", json!({}), "pass"),
        ("present: false", json!({"a": null}), "fail: /a: expected no such member, found null"),
        ("present: false, if-present: true", json!({"a": null}), "pass"),
        ("present: false, if-present: true", json!({"a": 1}), "fail: /a: expected no such member, found 1"),
        (
            "present: true, if-present: true",
            json!({"a": null}),
            "fail: /a: expected a value, found no such member",
        ),
        ("equals: 1, if-present: true", json!({"a": 2}), "fail: /a: expected 1, found 2"),
        ("equals: 1, if-present: true", json!({}), "skip not-applicable: the answer has no /a"),
        ("equals: 1, if-present: true", json!({"a": null}), "skip not-applicable: the answer has no /a"),
    ];
    for (check, body, said) in cases {
        assert_eq!(of_one(&format!("at: /a, {check}"), ok(body.clone())), said, "{check} {body}");
    }
}

#[test]
fn pointers_are_those_of_rfc_6901() {
    let body = || ok(json!({"a/b": {"m~n": [1, {"": 2}]}, "": 0, "é": 4}));
    for (pointer, value) in [("/a~1b/m~0n/0", 1), ("/a~1b/m~0n/1/", 2), ("/", 0), ("/é", 4)] {
        assert_eq!(of_one(&format!("at: {pointer}, equals: {value}"), body()), "pass", "{pointer}");
    }
    assert!(of_one("at: /a/b, equals: 1", body()).ends_with("found no such member"));
    assert_eq!(
        of_one(
            "at: \"\", equals: \"${before/}\"",
            ok(json!({"n": 7, "started_at": "2026-01-01T11:00:00+00:00", "run_id": RUN}))
        ),
        "pass"
    );
}

#[test]
fn heads_of_answers_of_every_status_are_judged() {
    let with_allow = || envelope(405, "x").header("allow", "GET");
    for (check, right, wrong, said) in [
        ("status: 200", ok(json!(1)), envelope(201, "x"), "status: expected 200, found 201"),
        (
            "status: [4xx, 200]",
            envelope(499, "x"),
            envelope(500, "x"),
            "status: expected 4xx or 200, found 500",
        ),
        ("status: not-2xx", envelope(302, "x"), ok(json!(1)), "status: expected outside 2xx, found 200"),
        (
            "status: 200",
            ok(json!(1)),
            envelope(307, "x").header("location", "/v2"),
            "status: expected 200, found 307 to /v2",
        ),
        (
            "header: Allow",
            with_allow(),
            envelope(405, "x"),
            "header allow: expected the header field, found no such header",
        ),
        (
            "media: application/json",
            raw(500, "Application/JSON ; charset=utf-8", "{}"),
            raw(500, "text/html", "{}"),
            "header content-type: expected application/json, found text/html",
        ),
        (
            "media: application/json",
            ok(json!(1)),
            ok(json!(1)).with(|answer| answer.headers.clear()),
            "header content-type: expected application/json, found no such header",
        ),
        (
            "schema: ErrorEnvelope",
            envelope(404, "x"),
            answer(404, json!({"error": {"code": "x"}})),
            "/error: expected the member \"message\", found no such member",
        ),
        (
            "schema: ErrorEnvelope",
            envelope(404, "x"),
            raw(404, "application/json", "<p>"),
            "expected a valid ErrorEnvelope, found no JSON: expected value at line 1 column 1",
        ),
        (
            "schema: ErrorEnvelope",
            envelope(404, "x"),
            raw(404, "application/json", ""),
            "expected a valid ErrorEnvelope, found no content",
        ),
    ] {
        assert_eq!(of_one(check, right), "pass", "{check}");
        assert_eq!(of_one(check, wrong), format!("fail: {said}"), "{check}");
    }
}

#[test]
fn without_an_answer_to_look_into_nothing_is_blamed() {
    let at = "at: /state, equals: running";
    let broken = || ok(json!({"state": "x"})).ending(Ending::Broken("it ended early".into()));
    for (exchange, said) in [
        (envelope(503, "busy"), "skip blocked: step it: answered 503"),
        (broken(), "skip blocked: step it: it ended early"),
        (broken().ending(Ending::Limit("too long".into())), "skip blocked: step it: too long"),
        (
            broken().ending(Ending::TimedOut(std::time::Duration::from_secs(10))),
            "skip blocked: step it: the answer did not end in time",
        ),
        (failed(Failure::Broken("no HTTP".into())), "skip blocked: step it: no answer to judge: no HTTP"),
        (failed(Failure::Connect("refused".into())), "error: no connection: refused"),
        (failed(Failure::TimedOut(std::time::Duration::from_millis(1500))), "error: no answer within 1.5 s"),
        (failed(Failure::NotSent("no such URL".into())), "error: not sent: no such URL"),
    ] {
        assert_eq!(of_one(at, exchange), said);
    }
    assert_eq!(
        of_one("status: 200", failed(Failure::Connect("refused".into()))),
        "error: no connection: refused"
    );
    assert_eq!(
        of_one(at, raw(200, "text/html", "<p>")),
        "fail: /state: expected \"running\", found no JSON: expected value at line 1 column 1"
    );
    let earlier_failed = reading("at: /state, equals: \"${before/state}\"")
        .saw("t:before", [envelope(404, "gone")])
        .saw("t:it", [ok(json!({"state": 1}))]);
    assert_eq!(earlier_failed.says("T-1"), "skip blocked: step before answered 404");
    let nothing_there = reading("at: /state, equals: \"${before/state}\"")
        .saw("t:before", [ok(json!({}))])
        .saw("t:it", [ok(json!({"state": 1}))]);
    assert_eq!(nothing_there.says("T-1"), "skip blocked: step before answered 200 without a value at /state");
    assert_eq!(
        reading(at).saw("t:before", []).saw("t:it", []).says("T-1"),
        "skip blocked: step it: no request was sent"
    );
}

#[test]
fn a_check_on_several_answers_holds_for_all_of_them() {
    let several = |states: [&str; 3]| {
        let answers = states.map(|state| ok(json!({"state": state})));
        around("call: runs.read\n        times: 3", "at: /state, equals: a").saw("t:it", answers).says("T-1")
    };
    assert_eq!(several(["a", "a", "a"]), "pass");
    assert_eq!(several(["a", "b", "a"]), "fail: /state: expected \"a\", found \"b\"");
    assert_eq!(several(["b", "c", "a"]), "fail: /state: expected \"a\", found \"b\" (and 1 more)");
}

#[test]
fn a_poll_is_judged_by_its_end_and_by_every_status() {
    let poll = "call: runs.read\n        poll: {until: {at: /state, equals: done}, within: 1}";
    let states = |states: &[&str]| states.iter().map(|state| ok(json!({"state": state}))).collect::<Vec<_>>();
    let polled = |check: &str, exchanges: Vec<Exchange>, reached| {
        around(poll, check).saw("t:it", exchanges).reached(reached).says("T-1")
    };
    assert_eq!(polled("reached: true", states(&["a", "done"]), true), "pass");
    assert_eq!(
        polled("reached: true", states(&["a", "b"]), false),
        "fail: expected /state \"done\", found after 2 reads: {\"state\":\"b\"}"
    );
    assert_eq!(
        polled("reached: true", vec![envelope(500, "x")], false),
        "skip blocked: step it: answered 500"
    );
    assert_eq!(polled("reached: true", vec![], false), "skip blocked: step it: no request was sent");
    assert_eq!(
        polled("at: /state, equals: done", states(&["a", "done"]), true),
        "pass",
        "the last one counts"
    );
    assert_eq!(
        polled("status: 200", [states(&["a"]), vec![envelope(404, "x")]].concat(), false),
        "fail: status: expected 200, found 404"
    );
    let not_polled = around(poll, "reached: true").saw("t:it", states(&["done"])).says("T-1");
    assert_eq!(not_polled, "skip blocked: step it: the poll did not run");
}
