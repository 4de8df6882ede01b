//! What of the suite may and shall run.

use std::collections::BTreeSet;

use crate::contract::Contract;
use crate::judge::{Origin, PossibleCheck, Selection, possible_checks};
use crate::report::glob;
use crate::report::model::{Level, Tier};
use crate::suite::{Effects, Requirement, Scenario, Suite};

/// What the user wants judged.
#[derive(Debug, Clone)]
pub struct Scope {
    pub tier: Tier,
    /// Valid writes are allowed.
    pub mutations: bool,
    /// Parts of check ids; empty for all.
    pub only: Vec<String>,
    pub skip: Vec<String>,
    pub requirements: Vec<String>,
    /// The ids of the only checks that are wanted, where that is so.
    pub checks: Option<BTreeSet<String>>,
    /// The weakest level that is wanted.
    pub level: Level,
}

impl Default for Scope {
    fn default() -> Self {
        Scope {
            tier: Tier::Deep,
            mutations: true,
            only: Vec::new(),
            skip: Vec::new(),
            requirements: Vec::new(),
            checks: None,
            level: Level::May,
        }
    }
}

/// The scenarios to run, those included that others wait for.
#[derive(Debug, Clone)]
pub struct Plan {
    pub scope: Scope,
    /// Ids, in the order of the suite.
    pub scenarios: Vec<String>,
}

impl Plan {
    /// Picks the scenarios that yield what `scope` wants, as far as it allows them, and all that they depend on. For an
    /// invariant these are the scenarios that send its operation's requests.
    pub fn new(suite: &Suite, contract: &Contract, scope: Scope) -> Self {
        let possible = possible_checks(suite, contract);
        let wanted: Vec<&Origin> = possible
            .iter()
            .filter(|check| scope.wants_check(check, suite))
            .map(|check| &check.origin)
            .collect();
        let yields = |scenario: &&Scenario| {
            wanted.iter().any(|origin| match origin {
                Origin::Scenario(id) => *id == scenario.id,
                Origin::Operation(id) => {
                    scenario.steps.iter().any(|step| step.request.operation() == Some(id))
                }
                Origin::Preflight => false,
            })
        };
        let allowed = suite.scenarios.iter().filter(|scenario| scope.allows(scenario));
        let mut ids: BTreeSet<&str> = allowed.filter(yields).map(|scenario| scenario.id.as_str()).collect();
        let mut open: Vec<&str> = ids.iter().copied().collect();
        while let Some(id) = open.pop() {
            let Some(scenario) = suite.scenario(id) else { continue };
            let mut needed: Vec<String> =
                scenario.depends_on().into_iter().map(|step| step.scenario).collect();
            needed.extend(
                scenario.when.feature.as_ref().and_then(|name| suite.probe(name)).map(|step| step.scenario),
            );
            for id in needed {
                if let Some(scenario) = suite.scenario(&id)
                    && scope.allows(scenario)
                    && ids.insert(&scenario.id)
                {
                    open.push(&scenario.id);
                }
            }
        }
        let scenarios = suite.scenarios.iter().filter(|scenario| ids.contains(scenario.id.as_str()));
        Plan { scenarios: scenarios.map(|scenario| scenario.id.clone()).collect(), scope }
    }
}

impl Scope {
    /// Whether a scenario may run.
    pub fn allows(&self, scenario: &Scenario) -> bool {
        scenario.tier <= self.tier && (self.mutations || scenario.effects != Effects::CreatesRuns)
    }

    /// Why a scenario of this tier may not run.
    fn forbids(&self, tier: Tier) -> String {
        match tier > self.tier {
            true => format!("beyond tier {}", self.tier.name()),
            false => "it creates runs; allow it with --allow-mutations".into(),
        }
    }

    /// Whether any check of the suite is one of those that the user named.
    pub fn wants_anything(&self, suite: &Suite, contract: &Contract) -> bool {
        possible_checks(suite, contract).iter().any(|check| self.wants_check(check, suite))
    }

    /// Whether a possible check of the suite is one of those that the user named.
    pub fn wants_check(&self, check: &PossibleCheck, suite: &Suite) -> bool {
        suite.catalogue.get(&check.requirement).is_some_and(|row| self.wants(&check.id, row))
    }

    /// Whether a check is one of those that the user named.
    pub fn wants(&self, check: &str, requirement: &Requirement) -> bool {
        let named =
            |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, check, &requirement.id));
        requirement.level <= self.level
            && (self.only.is_empty() || named(&self.only))
            && self.checks.as_ref().is_none_or(|checks| checks.contains(check))
            && (self.requirements.is_empty() || self.requirements.contains(&requirement.id))
            && !named(&self.skip)
    }
}

impl Plan {
    /// Why a scenario is not in the plan; none where it is.
    pub fn why_not(&self, scenario: &Scenario) -> Option<String> {
        if self.scenarios.contains(&scenario.id) {
            return None;
        }
        Some(match self.scope.allows(scenario) {
            true => "it was not selected".into(),
            false => self.scope.forbids(scenario.tier),
        })
    }
}

impl Selection for Plan {
    fn left_out(
        &self,
        check: &str,
        scenario: Option<&str>,
        requirement: &Requirement,
        tier: Tier,
    ) -> Option<String> {
        if !self.scope.wants(check, requirement) {
            return Some("it was not selected".into());
        }
        match scenario {
            Some(id) if !self.scenarios.iter().any(|planned| planned == id) => Some(self.scope.forbids(tier)),
            _ => None,
        }
    }
}

/// A pattern is an id, the beginning of one up to a separator, or has `*` for any text.
pub fn matches(pattern: &str, check: &str, requirement: &str) -> bool {
    if pattern == requirement || pattern == check {
        return true;
    }
    if pattern.contains('*') {
        return glob(pattern, check);
    }
    let rest = check.strip_prefix(pattern);
    rest.is_some_and(|rest| pattern.ends_with('/') || rest.starts_with(['/', '#', '[', ' ', '.']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_a_check_a_scenario_a_suite_or_a_requirement() {
        let check = "runtime/runs/finished-run#RUN-3";
        for pattern in
            ["RUN-3", check, "runtime/runs/finished-run", "runtime/runs", "runtime/", "*#RUN-*", "*finished*"]
        {
            assert!(matches(pattern, check, "RUN-3"), "{pattern}");
        }
        for pattern in ["RUN", "runtime/run", "runs/finished-run", "*#LIFE-*", ""] {
            assert!(!matches(pattern, check, "RUN-3"), "{pattern}");
        }
        let invariant = "ERROR-1 GET /v1/runs/{run_id}";
        assert!(matches("ERROR-1", invariant, "ERROR-1") && matches(invariant, invariant, "ERROR-1"));
    }
}
