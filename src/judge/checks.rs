//! The names of checks, and all checks that a suite can come to.

use crate::contract::{Contract, Operation, Service};
use crate::suite::{Check, Scenario, Suite};

/// A check that a run may judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PossibleCheck {
    pub id: String,
    pub requirement: String,
    pub origin: Origin,
}

/// What a check is judged on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The steps of a scenario, by its id.
    Scenario(String),
    /// Every exchange of an operation, by its `operationId`.
    Operation(String),
    /// The first look at the target.
    Preflight,
}

/// `runtime/runs/finished-run#RUN-3`, with the check's name behind it where it has one.
pub fn written_id(service: Service, scenario: &Scenario, requirement: &str, name: Option<&str>) -> String {
    let name = name.map(|name| format!(".{name}")).unwrap_or_default();
    format!("{service}/{}#{requirement}{name}", scenario.id)
}

/// `ERROR-1 GET /v1/runs/{run_id}`.
pub fn invariant_id(requirement: &str, operation: &Operation) -> String {
    format!("{requirement} {}", operation.label())
}

/// `run-gateway/forward/coordinator#FORWARD-2`.
pub(super) fn coordinator_id(service: Service) -> String {
    format!("{service}/forward/coordinator#FORWARD-2")
}

/// Every check that a run of the suite may come to, whatever the target answers.
pub fn possible_checks(suite: &Suite, contract: &Contract) -> Vec<PossibleCheck> {
    let service = contract.service();
    let mut found: Vec<PossibleCheck> = Vec::new();
    for operation in contract.operations() {
        for requirement in invariants_of(suite, operation) {
            let id = invariant_id(requirement, operation);
            let origin = Origin::Operation(operation.id.clone());
            found.push(PossibleCheck { id, requirement: requirement.to_owned(), origin });
        }
    }
    for scenario in &suite.scenarios {
        let checks = scenario.steps.iter().flat_map(|step| &step.checks);
        for Check { requirement, name, .. } in checks {
            let id = written_id(service, scenario, requirement, name.as_deref());
            let origin = Origin::Scenario(scenario.id.clone());
            found.push(PossibleCheck { id, requirement: requirement.clone(), origin });
        }
    }
    if service == Service::RunGateway {
        let id = coordinator_id(service);
        found.push(PossibleCheck { id, requirement: "FORWARD-2".into(), origin: Origin::Preflight });
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|check| seen.insert(check.id.clone()));
    found
}

/// The requirements that every exchange of an operation is held against, and whether its route is there.
fn invariants_of<'s>(suite: &'s Suite, operation: &Operation) -> Vec<&'s str> {
    let profile = suite.profile.operations.get(&operation.id);
    let optional = profile.is_some_and(|profile| profile.feature.is_some());
    let mut found =
        vec![if optional { "ROUTE-2" } else { "ROUTE-1" }, "WIRE-1", "STATUS-1", "MEDIA-1", "MEDIA-2"];
    found.extend(["MEDIA-3", "ERROR-1", "ERROR-4", "ERROR-5", "ERROR-6"]);
    if operation.secured {
        found.push("AUTH-2");
    }
    if let Some(profile) = profile {
        let own = [&profile.answers, &profile.identity, &profile.events, &profile.framing];
        found.extend(own.into_iter().flatten().map(String::as_str));
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::Source;

    #[test]
    fn every_requirement_of_the_catalogue_has_a_check() {
        for service in Service::ALL {
            let contract = Contract::bundled(service).unwrap();
            let suite = Suite::load(&Source::bundled(), &contract).unwrap_or_else(|error| panic!("{error}"));
            let checks = possible_checks(&suite, &contract);
            for row in suite.catalogue.of(service) {
                assert!(checks.iter().any(|check| check.requirement == row.id), "{service} {}", row.id);
            }
        }
    }

    #[test]
    fn every_check_has_an_id_of_its_own() {
        for service in Service::ALL {
            let contract = Contract::bundled(service).unwrap();
            let suite = Suite::load(&Source::bundled(), &contract).unwrap_or_else(|error| panic!("{error}"));
            let mut ids: Vec<String> =
                possible_checks(&suite, &contract).into_iter().map(|check| check.id).collect();
            let count = ids.len();
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), count, "{service}");
        }
    }
}
