//! Several scenarios: the order among them, optional features, and what keeps one from running.

use super::*;
use crate::judge::{NotRun, Refusal};
use crate::report::model::{AuthMode, FeatureState, Level, SkipReason};
use crate::run::{Plan, Scope, execute};
use crate::wire::stub::Stub;

/// A scenario of one step, with further lines of its head.
fn one(id: &str, head: &str, step: &str) -> String {
    format!(
        "  - id: {id}\n    title: T\n    tier: core\n    effects: reads\n{head}    steps:\n      \
         - {{id: ask, {step}, checks: [{{requirement: T-1, status: 200}}]}}\n"
    )
}

fn read(id: &str, of: &str) -> String {
    one(id, "", &format!("call: runs.read, path: {{run_id: \"{of}\"}}"))
}

async fn execute(session: &Arc<Session>) {
    let scenarios = session.suite.scenarios.iter().map(|scenario| scenario.id.clone()).collect();
    let plan = Plan { scope: Scope::default(), scenarios };
    execute::scenarios(session.clone(), Arc::new(plan)).await;
}

#[tokio::test]
async fn a_scenario_runs_after_those_that_it_needs_answers_of() {
    // Written last to first, and answered late, so that only waiting can bring them in order.
    let cases = [
        read("third", "${t/second:ask/run_id}"),
        read("second", "${t/first:ask/run_id}"),
        one("first", "", "call: health"),
        one("free", "    control: t/third:ask\n", "call: version"),
    ]
    .concat();
    let stub = Stub::start(|number, _| {
        [vec![Piece::Pause(Duration::from_millis(30))], run(&format!("run-{number}"), "running")].concat()
    })
    .await;
    let session = session(&stub.url, suite(&cases), None);
    execute(&session).await;
    let lines: Vec<String> = stub.requests().iter().map(|request| first_line(request).to_owned()).collect();
    assert_eq!(lines, ["GET /v1/health", "GET /v1/runs/run-1", "GET /v1/runs/run-2", "GET /v1/version"]);
}

#[tokio::test]
async fn what_is_missing_of_another_scenario_is_told() {
    let cases = [read("second", "${t/first:ask/run_id}"), one("first", "", "call: health")].concat();
    let stub = Stub::start(|_, _| refused(503, "busy")).await;
    let session = session(&stub.url, suite(&cases), None);
    execute(&session).await;
    assert_eq!(stub.requests().len(), 1);
    let blocked = session.step("t/second", "ask").unwrap().blocked;
    assert_eq!(blocked.as_deref(), Some("step t/first:ask answered 503"));
}

#[tokio::test]
async fn fresh_values_are_the_same_within_a_scenario_and_different_between_two() {
    let twice = |id: &str| {
        format!(
            "  - id: {id}\n    title: T\n    tier: core\n    effects: reads\n    steps:\n      - {{id: a, call: runs.read, path: \
             {{run_id: \"${{fresh.run_id}}\"}}}}\n      - {{id: b, call: runs.read, path: {{run_id: \"${{fresh.run_id}}\"}}, \
             checks: [{{requirement: T-1, at: /x, equals: \"${{fresh.only_checked}}\"}}]}}\n"
        )
    };
    let stub = Stub::start(|_, _| run("x", "running")).await;
    let session = session(&stub.url, suite(&[twice("one"), twice("two")].concat()), None);
    execute(&session).await;
    let records = session.records();
    let value = |scenario: &str, name: &str| records[scenario].fresh[name].clone();
    let (one, two) = (value("t/one", "run_id"), value("t/two", "run_id"));
    assert!(one != two && one != value("t/one", "only_checked"));
    let asked = |id: &str| stub.requests().iter().filter(|request| request.contains(id)).count();
    assert_eq!((asked(&one), asked(&two)), (2, 2));
}

const PROBE: &str = "  - id: probe\n    title: T\n    tier: core\n    effects: reads\n    when: {feature: cancel}\n    steps:\n      \
                     - {id: create, call: runs.start, body: {from: slow}}\n      \
                     - {id: ask, call: runs.cancel, path: {run_id: \"${create/run_id}\"}, probes: cancel}\n      \
                     - {id: after, call: runs.read, path: {run_id: x}, checks: [{requirement: T-1, status: 200}]}\n";

/// Runs the probe and a scenario that needs the feature, against a target that answers a cancel like this.
async fn probed(told: Option<FeatureState>, cancel: Vec<Piece>) -> (FeatureState, usize, Option<NotRun>) {
    let cases = [one("needs", "    when: {feature: cancel}\n", "call: health"), PROBE.to_owned()].concat();
    let stub = Stub::start(move |_, request| match first_line(request).ends_with(":cancel") {
        true => cancel.clone(),
        false => run("run-1", "running"),
    })
    .await;
    let mut session = session(&stub.url, suite(&cases), None);
    {
        let session = Arc::get_mut(&mut session).unwrap();
        session.settings.features.extend(told.map(|state| ("cancel".to_owned(), state)));
        session.facts().features.insert("cancel".into(), told.unwrap_or(FeatureState::Unknown));
        session.facts().unknown_path =
            Some(Refusal { status: 404, code: Some("not_found".into()), message: Some("in words".into()) });
    }
    execute(&session).await;
    let state = session.facts().features["cancel"];
    let not_run = session.records()["t/needs"].not_run.clone();
    (state, stub.requests().len(), not_run)
}

#[tokio::test]
async fn an_optional_feature_is_told_by_the_answer_of_a_run_that_exists() {
    use FeatureState::{Absent, Implemented, Unknown};
    let absent =
        NotRun { reason: SkipReason::NotApplicable, message: "the target does not implement cancel".into() };
    let bare = || vec![Piece::Octets(b"HTTP/1.1 404 X\r\ncontent-length: 0\r\n\r\n".into())];
    assert_eq!(probed(None, run("run-1", "canceled")).await, (Implemented, 4, None));
    assert_eq!(probed(None, refused(409, "ended")).await, (Implemented, 4, None));
    assert_eq!(probed(None, refused(404, "run_not_found")).await, (Implemented, 4, None));
    for cancel in [refused(404, "not_found"), refused(405, "x"), refused(501, "x"), bare()] {
        assert_eq!(probed(None, cancel).await, (Absent, 2, Some(absent.clone())), "nothing more is asked");
    }
    assert_eq!(probed(None, refused(403, "forbidden")).await, (Unknown, 4, None));
    assert_eq!(probed(None, vec![]).await, (Unknown, 4, None), "no answer tells nothing");
    assert_eq!(
        probed(Some(Implemented), refused(404, "not_found")).await,
        (Implemented, 4, None),
        "the user knows"
    );
    assert_eq!(probed(Some(Absent), run("run-1", "canceled")).await, (Absent, 2, Some(absent)));
}

#[tokio::test]
async fn a_scenario_whose_condition_fails_is_not_sent() {
    let cases = [
        one("required", "    when: {auth: required}\n", "call: health"),
        one("either", "    when: {auth: [optional, required]}\n", "call: health"),
        one("token", "    when: {token: valid}\n", "call: health"),
    ]
    .concat();
    let stub = Stub::start(|_, _| run("x", "running")).await;
    let session = session(&stub.url, suite(&cases), None);
    session.facts().auth = AuthMode::Optional;
    execute(&session).await;
    let why = |id: &str| session.records()[id].not_run.clone().map(|not_run| not_run.message);
    assert_eq!(why("t/required").as_deref(), Some("authentication is optional"));
    assert_eq!(why("t/either"), None);
    assert_eq!(why("t/token").as_deref(), Some("the harness holds no token; give one with --token"));
    assert_eq!(stub.requests().len(), 1);
}

#[tokio::test]
async fn what_was_seen_until_a_run_is_stopped_stays() {
    let two = "  - id: t\n    title: T\n    tier: core\n    effects: reads\n    steps:\n      - {id: a, call: version}\n      \
               - {id: b, call: health, checks: [{requirement: T-1, status: 200}]}\n";
    let asked = Arc::new(tokio::sync::Notify::new());
    let seen = asked.clone();
    let stub = Stub::start(move |_, request| match first_line(request) {
        "GET /v1/version" => run("x", "running"),
        _ => {
            seen.notify_one();
            vec![Piece::Hang]
        }
    })
    .await;
    let session = session(&stub.url, suite(two), None);
    tokio::select! {
        () = execute(&session) => panic!("the second step never ends"),
        () = asked.notified() => {}
    }
    assert!(session.step("t/t", "a").is_some());
    assert!(session.step("t/t", "b").is_none());
}

/// The scenarios that began, and the check that let no further one begin.
async fn begun(fail_fast: Option<Level>, answer: fn() -> Vec<Piece>) -> (Vec<String>, Option<String>) {
    // What depends on others begins after them, and so does what runs at the end.
    let cases = [
        read("second", "${t/first:ask/run_id}"),
        one("first", "", "call: health"),
        one("last", "    at-the-end: true\n", "call: version"),
    ];
    let stub = Stub::start(move |_, _| answer()).await;
    let mut session = session(&stub.url, suite(&cases.concat()), None);
    Arc::get_mut(&mut session).unwrap().settings.fail_fast = fail_fast;
    execute(&session).await;
    let begun = session.records().keys().cloned().collect();
    (begun, session.stopped_by.get().cloned())
}

#[tokio::test]
async fn a_run_that_fails_fast_begins_no_scenario_after_a_violation() {
    let busy = || refused(503, "busy");
    let (scenarios, check) = begun(Some(Level::Must), busy).await;
    assert_eq!((scenarios, check.as_deref()), (vec!["t/first".to_owned()], Some("runtime/t/first#T-1")));
    assert_eq!(begun(None, busy).await.0.len(), 3, "unless it is not asked to");
    let (scenarios, check) = begun(Some(Level::Must), || run("x", "running")).await;
    assert_eq!((scenarios.len(), check), (3, None));
}

#[tokio::test]
async fn only_what_was_selected_lets_a_run_fail_fast() {
    let stub = Stub::start(|_, _| refused(503, "busy")).await;
    let cases = [one("first", "", "call: health"), one("last", "    at-the-end: true\n", "call: version")];
    let mut session = session(&stub.url, suite(&cases.concat()), None);
    Arc::get_mut(&mut session).unwrap().settings.fail_fast = Some(Level::Must);
    let scenarios = session.suite.scenarios.iter().map(|scenario| scenario.id.clone()).collect();
    let scope = Scope { skip: vec!["runtime/t/first".into()], ..Scope::default() };
    execute::scenarios(session.clone(), Arc::new(Plan { scope, scenarios })).await;
    assert_eq!(session.records().len(), 2);
    assert_eq!(session.stopped_by.get().map(String::as_str), Some("runtime/t/last#T-1"));
}
