//! What keeps a check from being judged, and that it is judged where nothing does.

use serde_json::json;

use super::recording::*;
use crate::contract::Service;
use crate::judge::NotJudged;
use crate::report::model::{AuthMode, Explanation, FeatureState, SkipReason};
use crate::suite::TokenKind;
use crate::wire::{Exchange, Failure};

/// A scenario with a condition or control, and one check on its second step.
fn scenario(head: &str, check: &str) -> Recording {
    Recording::of(
        Service::Runtime,
        &format!(
            "suite: t\nservices: [all]\nscenarios:\n  - id: t\n    title: T\n    tier: core\n    effects: reads\n{head}    \
             steps:\n      - {{id: first, call: runs.read, path: {{run_id: x}}}}\n      - id: it\n        call: runs.read\n        \
             path: {{run_id: x}}\n        checks:\n          - {{requirement: T-1, {check}}}\n  - id: control\n    title: C\n    \
             tier: core\n    effects: reads\n    steps:\n      - id: ask\n        call: health\n        checks:\n          - \
             {{requirement: T-2, status: 200}}\n"
        ),
    )
}

fn state(state: &str) -> Exchange {
    answer(200, json!({"run_id": RUN, "state": state}))
}

const NOT_404: &str = "fail: status: expected 404, found 200";

#[test]
fn a_premise_decides_whether_a_check_applies_or_could_be_measured() {
    let judged = |premise: &str, first: Exchange| {
        let check = format!("{premise}, status: 404");
        scenario("", &check).saw("t:first", [first]).saw("t:it", [state("running")]).says("T-1")
    };
    let runs = "{step: first, at: /state, one-of: [queued, running]}";
    let ended = "step first: /state was \"failed\", not one of \"queued\", \"running\"";
    for kind in ["given", "where"] {
        assert_eq!(judged(&format!("{kind}: {runs}"), state("queued")), NOT_404);
        assert_eq!(judged(&format!("{kind}: {runs}"), envelope(503, "x")), "skip blocked: answered 503");
        let lost = judged(&format!("{kind}: {runs}"), failed(Failure::Connect("refused".into())));
        assert_eq!(lost, "error: no connection: refused");
    }
    assert_eq!(judged(&format!("given: {runs}"), state("failed")), format!("skip not-measured: {ended}"));
    assert_eq!(judged(&format!("where: {runs}"), state("failed")), format!("skip not-applicable: {ended}"));
    assert_eq!(
        judged(&format!("given: {runs}, otherwise: name a slow run"), state("failed")),
        format!("skip not-measured: {ended}; name a slow run")
    );
    assert_eq!(
        judged("given: {step: first, schema: RunResult}", state("failed")),
        "skip not-measured: step first: the answer was no such member, not the member \"ok\""
    );
    let two = format!("given: [{runs}, {{step: first, header: x-slow}}]");
    assert_eq!(judged(&two, state("queued").header("x-slow", "1")), NOT_404);
    assert_eq!(
        judged(&two, state("queued")),
        "skip not-measured: step first: header x-slow was no such header, not the header field"
    );
}

#[test]
fn an_exception_counts_only_where_all_of_it_holds() {
    let judged = |first: Exchange| {
        let unless = "unless: [{step: first, status: not-2xx}, {step: first, header: x-late}], status: 404";
        scenario("", unless).saw("t:first", [first]).saw("t:it", [state("running")]).says("T-1")
    };
    assert_eq!(
        judged(envelope(409, "x").header("x-late", "1")),
        "skip not-measured: the run ended before it could be measured"
    );
    assert_eq!(judged(envelope(409, "x")), NOT_404);
    assert_eq!(judged(state("running").header("x-late", "1")), NOT_404);
    assert_eq!(
        judged(failed(Failure::Connect("refused".into()))),
        NOT_404,
        "what cannot be told excuses nothing"
    );
}

#[test]
fn a_condition_needs_what_the_probes_told() {
    let judged = |head: &str, state: Option<FeatureState>, auth, tokens: &[TokenKind]| {
        let recording = scenario(head, "status: 404").saw("t:first", []).saw("t:it", [state_running()]);
        let recording = recording.but(|evidence| {
            evidence.facts.auth = auth;
            evidence.facts.tokens = tokens.to_vec();
        });
        match state {
            Some(state) => recording.feature("events", state).says("T-1"),
            None => recording.says("T-1"),
        }
    };
    let events = "    when: {feature: events}\n";
    let feature = |state| judged(events, state, AuthMode::Off, &[]);
    assert_eq!(feature(Some(FeatureState::Implemented)), NOT_404);
    assert_eq!(
        feature(Some(FeatureState::Absent)),
        "skip not-applicable: the target does not implement events"
    );
    let unknown = "skip not-measured: whether the target implements events could not be told; \
                   say so with --feature events=implemented";
    assert_eq!(feature(Some(FeatureState::Unknown)), unknown);
    assert_eq!(feature(None), unknown);

    let auth = |mode| judged("    when: {auth: [required, optional]}\n", None, mode, &[]);
    assert_eq!((auth(AuthMode::Required), auth(AuthMode::Optional)), (NOT_404.into(), NOT_404.into()));
    assert_eq!(auth(AuthMode::Off), "skip not-applicable: authentication is off");
    assert_eq!(auth(AuthMode::Unknown), "skip not-applicable: authentication is unknown");

    let token = |held: &[TokenKind]| judged("    when: {token: valid}\n", None, AuthMode::Off, held);
    assert_eq!(token(&[TokenKind::Valid]), NOT_404);
    assert_eq!(token(&[]), "skip not-applicable: the harness holds no token; give one with --token");

    let expired =
        |held: &[TokenKind]| judged("    when: {token: [valid, expired]}\n", None, AuthMode::Required, held);
    assert_eq!(expired(&[TokenKind::Expired, TokenKind::Valid]), NOT_404);
    assert_eq!(
        expired(&[TokenKind::Valid, TokenKind::Jwt]),
        "skip not-applicable: the harness holds no expired token; give one with --expired-token"
    );
    assert_eq!(
        expired(&[TokenKind::Expired]),
        "skip not-applicable: the harness holds no token; give one with --token"
    );

    let coordinator = |known| {
        let recording = scenario("    when: {coordinator: true}\n", "status: 404");
        let recording = recording.saw("t:first", []).saw("t:it", [state_running()]);
        recording.but(|evidence| evidence.facts.coordinator = known).says("T-1")
    };
    assert_eq!(coordinator(true), NOT_404);
    assert_eq!(
        coordinator(false),
        "skip not-applicable: the Run Coordinator is not known; name it with --coordinator"
    );
}

fn state_running() -> Exchange {
    state("running")
}

#[test]
fn a_negative_check_counts_only_where_its_control_was_accepted() {
    let head = "    control: t/control:ask\n";
    let refused = |why: &str| {
        format!("skip not-measured: the same request without the mistake was not accepted: {why}")
    };
    let judged = |control: Option<Exchange>| {
        let recording = scenario(head, "status: 404").saw("t:first", []).saw("t:it", [state_running()]);
        match control {
            Some(exchange) => recording.saw("control:ask", [exchange]).says("T-1"),
            None => recording.says("T-1"),
        }
    };
    assert_eq!(judged(Some(state("running"))), NOT_404);
    assert_eq!(
        judged(Some(envelope(400, "no"))),
        refused("answered 400"),
        "a server that refuses everything"
    );
    assert_eq!(judged(Some(failed(Failure::Connect("refused".into())))), refused("no connection: refused"));
    assert_eq!(judged(None), refused("t/control:ask did not run"));
    let blocked = scenario(head, "status: 404").saw("control:ask", []).but(|evidence| {
        evidence.scenarios.get_mut("t/control").unwrap().steps[0].blocked =
            Some("no variable \"goal\"".into());
    });
    let blocked = blocked.saw("t:first", []).saw("t:it", [state_running()]);
    assert_eq!(blocked.says("T-1"), refused("no variable \"goal\""));
}

#[test]
fn what_did_not_run_says_why() {
    let check = || scenario("", "status: 404");
    assert_eq!(check().says("T-1"), "skip blocked: the scenario did not run");
    let late = check().but(|evidence| evidence.ended_early = Some("the deadline had passed".into()));
    assert_eq!(late.says("T-1"), "skip blocked: the deadline had passed");
    assert_eq!(check().saw("t:first", []).says("T-1"), "skip blocked: the step did not run");
    let cut = check()
        .saw("t:first", [])
        .but(|evidence| evidence.ended_early = Some("the run was interrupted".into()));
    assert_eq!(cut.says("T-1"), "skip blocked: step it: the run was interrupted");
    let lacks = check()
        .saw("t:first", [])
        .saw("t:it", [])
        .last_step(|step| step.blocked = Some("step first answered 503".into()));
    assert_eq!(lacks.says("T-1"), "skip blocked: step first answered 503");
    let left_out = check().not_run(SkipReason::NotApplicable, "authentication is off");
    assert_eq!(left_out.says("T-1"), "skip not-applicable: authentication is off");
    let premise = scenario("", "given: {step: it, status: 2xx}, status: 404").saw("t:first", []);
    assert_eq!(premise.says("T-1"), "skip blocked: the step did not run");
}

fn not_judged(coordinator_missing: bool) -> NotJudged {
    let explanation =
        Explanation { what: "the gateway has no Run Coordinator".into(), next: "start it".into() };
    NotJudged { explanation, coordinator_missing }
}

#[test]
fn a_target_that_cannot_be_judged_is_blamed_for_nothing() {
    let recording =
        scenario("", "status: 404").saw("t:first", []).saw("t:it", [state_running()]).but(|evidence| {
            evidence.facts.not_judged = Some(not_judged(false));
            evidence.ended_early = Some("the gateway has no Run Coordinator".into());
        });
    assert_eq!(recording.says("T-1"), "skip blocked: the gateway has no Run Coordinator");
    let (_, explanation) = recording.judge();
    assert_eq!(explanation.unwrap().next, "start it");
}

/// FORWARD-2 is an observation, never a fault.
#[test]
fn a_gateway_without_its_coordinator_is_told() {
    let of = |missing: Option<bool>| {
        let cases = "suite: t\nservices: [all]\nscenarios: []\n";
        let recording = Recording::with_invariants(Service::RunGateway, cases);
        recording
            .but(|evidence| evidence.facts.not_judged = missing.map(not_judged))
            .says("run-gateway/forward/coordinator#FORWARD-2")
    };
    assert_eq!(
        of(Some(true)),
        "info: /error/code: expected a gateway with its coordinator, found the gateway has no Run Coordinator"
    );
    for other in [Some(false), None] {
        assert_eq!(of(other), "skip not-applicable: the gateway has its coordinator");
    }
}

/// Two scenarios that start ordinary runs, one that starts another run, and one that only reads.
fn starting() -> Recording {
    Recording::of(
        Service::RunGateway,
        "suite: t\nservices: [all]\nscenarios:\n  - id: t\n    title: T\n    tier: core\n    effects: creates-runs\n    steps:\n      \
         - id: start\n        call: runs.start\n        body: {from: minimal}\n        checks: [{requirement: T-1, status: 404}]\n  \
         - id: other\n    title: O\n    tier: core\n    effects: creates-runs\n    steps:\n      - id: start\n        \
         call: runs.start\n        body: {from: filled}\n        checks: [{requirement: T-1, status: 404}]\n      - id: bare\n        \
         call: runs.start\n        credentials: absent\n        body: {from: filled}\n  - id: slow\n    title: S\n    tier: core\n    \
         effects: creates-runs\n    steps:\n      - id: start\n        call: runs.start\n        body: {from: slow}\n        \
         checks: [{requirement: T-1, status: 404}]\n  - id: reads\n    title: R\n    tier: core\n    \
         effects: reads\n    steps:\n      - id: read\n        call: runs.read\n        path: {run_id: x}\n        \
         checks: [{requirement: T-1, status: 404}]\n",
    )
}

#[test]
fn a_gateway_that_refuses_every_valid_start_lacks_the_node_type() {
    let of = |first: Exchange, second: Exchange| {
        let recording = starting()
            .saw("t:start", [first])
            .saw("other:start", [second])
            .saw("other:bare", [envelope(401, "unauthorized")])
            .saw("slow:start", [state("running")])
            .saw("reads:read", [state("running")]);
        let explained = recording.judge().1.is_some();
        let others = ["slow", "reads"].map(|id| recording.says(&format!("run-gateway/t/{id}#T-1")));
        (recording.says("T-1"), others, explained)
    };
    let unknown_type = || envelope(422, "unknown_node_type");
    assert_eq!(
        of(unknown_type(), unknown_type()),
        (
            "skip blocked: the gateway refuses every valid start: 422 unknown_node_type: in words".into(),
            [NOT_404.to_owned(), NOT_404.to_owned()],
            true
        ),
        "a slow run may have a node type of its own"
    );
    for other in [
        state("running"),
        envelope(401, "unauthorized"),
        envelope(403, "forbidden"),
        envelope(429, "slow_down"),
        envelope(500, "broken"),
        raw(400, "text/plain", "no"),
        failed(Failure::Connect("refused".into())),
    ] {
        let status = other.status();
        let (said, _, explained) = of(unknown_type(), other);
        assert_eq!(
            (said.as_str(), explained),
            ("fail: status: expected 404, found 422", false),
            "{status:?}"
        );
    }
}
