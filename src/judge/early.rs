//! What can be said of a scenario as soon as it has ended, while others go on.

use std::collections::BTreeMap;

use super::checks::{invariant_id, written_id};
use super::evidence::Evidence;
use super::invariant::judge_operation;
use super::judgement::Judgement;
use super::preflight::{needs_an_ordinary_run, starts_refused};
use super::results::Selection;
use super::written::judge_scenario;
use crate::contract::{Contract, Service};
use crate::report::model::{FeatureState, Level, Tier};
use crate::suite::{Scenario, Suite};

/// The id of the first check of at least level `weakest` that a scenario which has ended violates: one that stands in it,
/// or an invariant of its exchanges. None where it violates nothing that was selected.
///
/// A failure that `is_known`, by the check's id and its requirement, is none.
///
/// What other scenarios may still change is not looked at: nothing that this names passes when the run has ended.
pub fn violated(
    suite: &Suite,
    contract: &Contract,
    evidence: &Evidence,
    selection: &dyn Selection,
    scenario: &Scenario,
    weakest: Level,
    is_known: &dyn Fn(&str, &str) -> bool,
) -> Option<String> {
    let counts = |id: &str, of: Option<&str>, requirement: &str, tier: Tier, judgement: &Judgement| {
        let row = suite.catalogue.get(requirement).filter(|row| row.level <= weakest);
        matches!(judgement, Judgement::Fail(_))
            && row.is_some_and(|row| selection.left_out(id, of, row, tier).is_none())
            && !is_known(id, requirement)
    };
    let refused = match contract.service() {
        Service::RunGateway if needs_an_ordinary_run(suite, scenario) => starts_refused(suite, evidence),
        _ => None,
    };
    for check in judge_scenario(scenario, contract, evidence, refused.as_deref()) {
        let id = written_id(contract.service(), scenario, check.requirement, check.name);
        if counts(&id, Some(&scenario.id), check.requirement, scenario.tier, &check.judgement) {
            return Some(id);
        }
    }
    let record = evidence.scenarios.get(&scenario.id)?;
    let mut refusals: BTreeMap<u64, bool> = BTreeMap::new();
    for step in &scenario.steps {
        let sent = record.step(&step.id).map(|step| step.exchanges.as_slice()).unwrap_or_default();
        refusals.extend(sent.iter().map(|id| (*id, step.refusal)));
    }
    for operation in contract.operations() {
        let feature =
            suite.profile.operations.get(&operation.id).and_then(|profile| profile.feature.as_ref());
        let told = |name: &String| {
            evidence.facts.features.get(name).is_some_and(|state| *state != FeatureState::Unknown)
        };
        // How an endpoint that is left out answers is judged otherwise.
        if !feature.is_none_or(told) {
            continue;
        }
        for one in judge_operation(suite, contract, evidence, operation, &refusals) {
            let id = invariant_id(&one.requirement, operation);
            if counts(&id, None, &one.requirement, Tier::Smoke, &one.judgement) {
                return Some(id);
            }
        }
    }
    None
}
