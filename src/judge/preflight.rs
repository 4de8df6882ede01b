//! Checks that no single exchange decides: whether routes are there, and whether a gateway has its coordinator.

use super::evidence::Evidence;
use super::judgement::{Judgement, answered};
use super::refusal::Refusal;
use crate::contract::Operation;
use crate::report::model::{FeatureState, SkipReason};
use crate::suite::{Body, Credentials, Scenario, Step, Suite};
use crate::wire::Exchange;

/// ROUTE-1: some answer of a required operation is a success, or an error about the request.
pub(super) fn route(evidence: &Evidence, operation: &Operation) -> Option<(Judgement, Vec<u64>)> {
    let exchanges: Vec<&Exchange> =
        evidence.exchanges.iter().filter(|e| e.operation.as_deref() == Some(&operation.id)).collect();
    let ids = exchanges.iter().map(|exchange| exchange.id).collect();
    let created: Vec<String> =
        evidence.exchanges.iter().filter(|e| e.succeeded()).filter_map(|e| run_id(&e.json()?)).collect();
    let answered_ones: Vec<&&Exchange> =
        exchanges.iter().filter(|exchange| exchange.answer().is_some()).collect();
    let Some(first) = answered_ones.first() else {
        let last = exchanges.last()?;
        return Some((Judgement::Error(answered(last)), ids));
    };
    let there = answered_ones.iter().any(|exchange| match Refusal::of(exchange) {
        None => true,
        // 401 and 403 stand before any route.
        Some(refusal) if matches!(refusal.status, 401 | 403) => false,
        Some(refusal) => !refusal.says_no_route(evidence.facts.unknown_path.as_ref()),
    });
    if there {
        return Some((Judgement::Pass, ids));
    }
    let judgement = if answered_ones.iter().all(|exchange| matches!(exchange.status(), Some(401 | 403))) {
        Judgement::blocked("every request was refused for its credentials")
    } else if answered_ones.iter().all(|exchange| may_speak_of_the_run(exchange, &created)) {
        Judgement::not_measured(
            "only runs that do not exist were asked for, and these are refused as unknown paths are",
        )
    } else {
        Judgement::fail("status", "a success, or an error about the request", {
            format!("{}, as for a path that is not there", first.status().unwrap_or_default())
        })
    };
    Some((judgement, ids))
}

/// Whether a 404 with an envelope may be about the run: it was asked for one that nobody created.
fn may_speak_of_the_run(exchange: &Exchange, created: &[String]) -> bool {
    let unknown = exchange.parameters.get("run_id").is_some_and(|id| !created.contains(id));
    unknown && Refusal::of(exchange).is_some_and(|refusal| refusal.status == 404 && refusal.code.is_some())
}

fn run_id(body: &serde_json::Value) -> Option<String> {
    body.get("run_id")?.as_str().map(str::to_owned)
}

/// ROUTE-2: what became of an optional feature, as an observation.
pub(super) fn feature(evidence: &Evidence, feature: &str) -> Judgement {
    match evidence.facts.features.get(feature) {
        Some(FeatureState::Implemented) => Judgement::Pass,
        Some(FeatureState::Absent) => Judgement::fail("", "an optional endpoint", "not implemented"),
        _ => Judgement::not_measured("no run was there to ask for it"),
    }
}

/// FORWARD-2: the gateway says that it has no coordinator.
pub(super) fn coordinator(evidence: &Evidence) -> Judgement {
    match &evidence.facts.not_judged {
        Some(not_judged) if not_judged.coordinator_missing => Judgement::fail(
            "/error/code",
            "a gateway with its coordinator",
            not_judged.explanation.what.clone(),
        ),
        _ => Judgement::Skip(SkipReason::NotApplicable, "the gateway has its coordinator".into()),
    }
}

/// Where a gateway refuses every valid start of an ordinary run with a 4xx envelope, it most likely lacks the node type:
/// the refusal's own words. None where one was accepted, or refused otherwise.
pub(super) fn starts_refused(suite: &Suite, evidence: &Evidence) -> Option<String> {
    let mut words = None;
    for scenario in &suite.scenarios {
        let Some(record) = evidence.scenarios.get(&scenario.id) else { continue };
        let starts = scenario.steps.iter().filter(|step| starts_an_ordinary_run(suite, step));
        let exchanges =
            starts.filter_map(|step| record.step(&step.id)).flat_map(|step| evidence.of_step(step));
        for exchange in exchanges {
            let refusal = Refusal::of(exchange)?;
            let about_content =
                (400..500).contains(&refusal.status) && !matches!(refusal.status, 401 | 403 | 409 | 429);
            if !about_content || refusal.says_no_route(evidence.facts.unknown_path.as_ref()) {
                return None;
            }
            let code = refusal.code?;
            let message = refusal.message.unwrap_or_default();
            words.get_or_insert(format!("{} {code}: {message}", refusal.status));
        }
    }
    words
}

/// Whether a scenario starts an ordinary run, or needs one that another scenario starts.
pub(super) fn needs_an_ordinary_run(suite: &Suite, scenario: &Scenario) -> bool {
    let own = scenario.steps.iter().any(|step| starts_an_ordinary_run(suite, step));
    let others = scenario.depends_on();
    own || others
        .iter()
        .filter_map(|step| suite.scenario(&step.scenario))
        .any(|other| needs_an_ordinary_run(suite, other))
}

/// Whether a step sends a valid start of the run that the plain variables name.
fn starts_an_ordinary_run(suite: &Suite, step: &Step) -> bool {
    let Some(Body::From { name, .. } | Body::FromEscaped { name, .. }) = &step.request.body else {
        return false;
    };
    let ordinary = matches!(name.as_str(), "minimal" | "filled");
    let is_start = step.request.operation() == suite.profile.roles.get("start").map(String::as_str);
    ordinary && is_start && !step.refusal && step.request.credentials == Credentials::Valid
}
