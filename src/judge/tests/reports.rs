//! How judgements become the results of a report.

use serde_json::{Value, json};

use super::recording::*;
use crate::contract::Service;
use crate::report::model::{Finding, Outcome};
use crate::wire::Exchange;

/// A scenario whose one step reads a run and has these checks.
fn with_checks(checks: &str) -> Recording {
    Recording::with_invariants(
        Service::Runtime,
        &format!(
            "suite: t\nservices: [all]\nscenarios:\n  - id: t\n    title: T\n    tier: core\n    effects: reads\n    steps:\n      \
             - id: read\n        call: runs.read\n        path: {{run_id: x}}\n        checks:\n          - {checks}\n      - \
             {{id: again, call: runs.read, path: {{run_id: x}}}}\n"
        ),
    )
}

fn read(body: Value) -> Exchange {
    answer(200, body)
}

#[test]
fn the_level_of_the_requirement_names_the_outcome() {
    let of = |id: &str, status: u16| {
        let cases = "suite: t\nservices: [all]\nscenarios:\n  - id: t\n    title: T\n    tier: core\n    effects: reads\n    steps:\n      \
                     - id: read\n        call: health\n        checks:\n          - {requirement: T-1, status: 200}\n          - \
                     {requirement: T-2, status: 200}\n          - {requirement: T-3, status: 200}\n";
        Recording::of(Service::Runtime, cases)
            .saw("t:read", [envelope(status, "x")])
            .result(id)
            .unwrap()
            .outcome
    };
    assert_eq!(["T-1", "T-2", "T-3"].map(|id| of(id, 200)), [Outcome::Pass, Outcome::Pass, Outcome::Info]);
    assert_eq!(["T-1", "T-2", "T-3"].map(|id| of(id, 500)), [Outcome::Fail, Outcome::Warn, Outcome::Info]);
}

#[test]
fn assertions_of_one_requirement_are_one_check_unless_they_are_named() {
    let one =
        "{requirement: LIFE-2, at: /a, equals: 1}\n          - {requirement: LIFE-2, at: /b, equals: 1}";
    let recording = with_checks(one).saw("t:read", [read(json!({"a": 1, "b": 2}))]);
    assert_eq!(recording.says("runtime/t/t#LIFE-2"), "fail: /b: expected 1, found 2");
    let named = one.replacen("LIFE-2", "LIFE-2, name: a", 1);
    let recording = with_checks(&named).saw("t:read", [read(json!({"a": 1, "b": 2}))]);
    assert_eq!(recording.says("runtime/t/t#LIFE-2.a"), "pass");
    assert_eq!(recording.says("runtime/t/t#LIFE-2"), "fail: /b: expected 1, found 2");
}

/// The finding stands on its own: step, request to send again, exchange, hint.
#[test]
fn a_failed_check_says_where_and_how_to_see_it_again() {
    let recording = with_checks("{requirement: LIFE-2, hint: look closely, at: /state, equals: running}")
        .saw("t:read", [read(json!({"state": "queued"}))]);
    let result = recording.result("runtime/t/t#LIFE-2").unwrap();
    let finding = |step: &str| Finding {
        step: step.into(),
        at: "/state".into(),
        expected: "\"running\"".into(),
        actual: "\"queued\"".into(),
    };
    assert_eq!(result.findings, [finding("read")]);
    assert_eq!(result.exchanges, [1]);
    assert_eq!(result.operation.as_deref(), Some("GET /v1/runs/{run_id}"));
    assert_eq!(result.reproduce.as_deref(), Some("curl -isS 'http://127.0.0.1:1/v1/runs/run-1'"));
    assert_eq!(result.hint.as_deref(), Some("look closely"));
    assert_eq!(result.duration_ms, 2);
    let passed = with_checks("{requirement: LIFE-2, hint: look closely, at: /state, equals: running}")
        .saw("t:read", [read(json!({"state": "running"}))])
        .result("runtime/t/t#LIFE-2")
        .unwrap();
    assert_eq!((passed.reproduce, passed.hint, passed.exchanges), (None, None, vec![1]));
}

const LIFE: &str = "LIFE-1 GET /v1/runs/{run_id}";

fn invariant(answers: impl IntoIterator<Item = Value>) -> (Vec<String>, Vec<u64>) {
    let recording =
        with_checks("{requirement: LIFE-2, status: 2xx}").saw("t:read", answers.into_iter().map(read));
    let result = recording.result(LIFE).unwrap();
    let said =
        result.findings.iter().map(|finding| format!("{} {} {}", finding.step, finding.at, finding.actual));
    (said.collect(), result.exchanges)
}

#[test]
fn the_same_trouble_in_many_answers_is_told_once_and_another_one_too() {
    let status = |state: &str, started: &str| json!({"run_id": RUN, "state": state, "started_at": started});
    let (said, exchanges) = invariant([
        status("done", NOW),
        status("finished", NOW),
        status("done", "yesterday"),
        json!({"run_id": RUN, "state": 5, "started_at": NOW}),
        status("running", NOW),
    ]);
    assert_eq!(
        said,
        ["t/t:read /state \"done\"", "t/t:read /started_at \"yesterday\"", "t/t:read /state 5",]
    );
    assert_eq!(exchanges, [1, 2, 3, 4], "all guilty ones, and none else");
    let (said, _) =
        invariant([json!({"run_id": "a", "state": "running"}), json!({"run_id": "b", "state": "running"})]);
    assert_eq!(
        said,
        ["t/t:read /run_id \"a\""],
        "every run that is mistaken for another is the same trouble"
    );
}

#[test]
fn one_answer_that_says_nothing_hides_no_other() {
    let of = |exchanges: Vec<Exchange>| {
        with_checks("{requirement: LIFE-2, status: 2xx}")
            .saw("t:read", exchanges)
            .says("WIRE-1 GET /v1/runs/{run_id}")
    };
    use crate::wire::Failure::{Broken, Connect};
    let fine = || read(json!({}));
    assert_eq!(of(vec![fine(), failed(Connect("refused".into())), fine()]), "error: no connection: refused");
    assert_eq!(
        of(vec![failed(Connect("refused".into())), failed(Broken("cut".into())), fine()]),
        "fail: expected a well-framed answer, found cut"
    );
    let events = "suite: t\nservices: [all]\nscenarios:\n  - id: t\n    title: T\n    tier: core\n    effects: reads\n    steps:\n      \
                  - id: events\n        call: runs.events\n        path: {run_id: x}\n        times: 2\n        \
                  checks: [{requirement: SSE-8, status: 2xx}]\n";
    let streams = |streams: Vec<Exchange>| {
        Recording::with_invariants(Service::Runtime, events)
            .saw("t:events", streams)
            .says("SSE-2 GET /v1/runs/{run_id}/events")
    };
    let one = event(1);
    assert_eq!(streams(vec![stream(&[]), stream(&[&one])]), "pass");
    assert_eq!(streams(vec![stream(&[&one]), stream(&[])]), "pass");
    assert!(streams(vec![stream(&[]), stream(&["x"]), stream(&[&one])]).starts_with("fail: /0"));
}

#[test]
fn findings_are_counted_and_cut() {
    let many: Vec<Value> =
        (0..30).map(|n| json!({"run_id": RUN, "state": "running", format!("x{n}"): 1})).collect();
    let recording =
        with_checks("{requirement: LIFE-2, status: 2xx}").saw("t:read", many.into_iter().map(read));
    let result = recording.result(LIFE).unwrap();
    assert_eq!((result.findings.len(), result.exchanges.len()), (20, 20));
    assert!(result.message.ends_with("(and 29 more)"), "{}", result.message);
}

#[test]
fn common_mistakes_have_a_hint() {
    let recording = with_checks("{requirement: LIFE-2, status: 2xx}")
        .saw("t:read", [read(json!({"run_id": RUN, "state": "running", "ended_at": null}))]);
    let hint = recording.result(LIFE).unwrap().hint.unwrap();
    assert!(hint.contains("leave an optional member out"), "{hint}");
}

#[test]
fn what_is_not_selected_is_out_of_scope_whatever_it_came_to() {
    let mut recording = with_checks("{requirement: LIFE-2, at: /state, equals: running}")
        .saw("t:read", [read(json!({"state": "queued"}))]);
    recording.left_out = Some(("LIFE-2", "it was not selected"));
    assert_eq!(recording.says("runtime/t/t#LIFE-2"), "skip out-of-scope: it was not selected");
    let result = recording.result("runtime/t/t#LIFE-2").unwrap();
    assert_eq!((result.findings.len(), result.reproduce), (0, None));
}

#[test]
fn results_stand_in_the_order_of_the_catalogue() {
    let recording =
        with_checks("{requirement: LIFE-2, status: 2xx}\n          - {requirement: ERROR-2, status: 2xx}")
            .saw("t:read", [read(json!({"run_id": RUN, "state": "running"}))]);
    let ids: Vec<String> = recording.judge().0.into_iter().map(|result| result.id).collect();
    let written: Vec<&str> = ids.iter().map(String::as_str).filter(|id| id.contains('#')).collect();
    assert_eq!(written, ["runtime/t/t#ERROR-2", "runtime/t/t#LIFE-2"]);
    let position = |id: &str| recording.suite.catalogue.position(id);
    let of = |id: &String| position(id.split([' ', '#']).find(|part| position(part) < usize::MAX).unwrap());
    assert!(ids.iter().map(of).is_sorted(), "{ids:?}");
}
