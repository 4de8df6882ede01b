//! A requirement: what it says, how it is checked, and what violates it.

use std::collections::BTreeMap;

use anstyle::Style;
use serde::Serialize;

use super::example::Example;
use super::subject::{listed, select};
use crate::contract::{Contract, SchemaRef, Service};
use crate::judge::{Origin, possible_checks};
use crate::reference;
use crate::report::model::{Level, Tier};
use crate::report::{Page, style};
use crate::run::Bundled;
use crate::suite::{Step, Suite};

/// How many violations are described before the rest is only counted.
const VIOLATIONS: usize = 8;

#[derive(Debug, Serialize)]
pub(super) struct RequirementPage {
    pub id: String,
    pub level: Level,
    pub services: Vec<Service>,
    pub says: String,
    pub when: Option<String>,
    pub source: Vec<String>,
    pub checks: Vec<Check>,
    pub violations: Vec<Violation>,
    /// A violation as the suite finds it at the reference server.
    pub example: Option<Example>,
    /// What mends a violation, as far as the contract and the example tell.
    pub mend: Vec<String>,
    /// What to do where a check of it could not be measured.
    pub if_not_measured: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Check {
    pub id: String,
    pub service: Service,
    /// The scenario's title and tier; none for an invariant.
    pub title: Option<String>,
    pub tier: Option<Tier>,
    /// The operation of whose every exchange it holds.
    pub operation: Option<String>,
    pub asserts: Vec<String>,
}

/// A mistake that services make, as the reference server can make it.
#[derive(Debug, Serialize)]
pub(super) struct Violation {
    pub fault: &'static str,
    pub says: &'static str,
    pub services: Vec<Service>,
    /// All requirements that it violates.
    pub requirements: &'static [&'static str],
}

impl RequirementPage {
    /// The requirement with this id, in any case, where it binds one of these services.
    pub fn of(bundled: &Bundled, services: &[Service], id: &str) -> Option<Self> {
        let known = || services.iter().filter_map(|service| bundled.services().get(service));
        let row = known().find_map(|(contract, suite)| {
            suite.catalogue.of(contract.service()).find(|row| row.id.eq_ignore_ascii_case(id))
        })?;
        let mut page = RequirementPage {
            id: row.id.clone(),
            level: row.level,
            services: services.iter().copied().filter(|service| row.binds(*service)).collect(),
            says: row.says.clone(),
            when: row.when.clone(),
            source: row.source.clone(),
            checks: Vec::new(),
            violations: Vec::new(),
            example: None,
            mend: Vec::new(),
            if_not_measured: Vec::new(),
        };
        for (contract, suite) in known() {
            for check in
                possible_checks(suite, contract).into_iter().filter(|check| check.requirement == row.id)
            {
                let scenario = match &check.origin {
                    Origin::Scenario(id) => suite.scenario(id),
                    Origin::Operation(_) | Origin::Preflight => None,
                };
                let operation = match &check.origin {
                    Origin::Operation(id) => contract.operation(id).map(|operation| operation.label()),
                    Origin::Scenario(_) | Origin::Preflight => None,
                };
                let (_, name) = check.id.rsplit_once(&format!("#{}", row.id)).unwrap_or_default();
                let written =
                    scenario.iter().flat_map(|scenario| &scenario.steps).flat_map(|step| &step.checks);
                let own: Vec<_> = written
                    .filter(|one| one.requirement == row.id)
                    .filter(|one| one.name.as_deref().unwrap_or_default() == name.trim_start_matches('.'))
                    .collect();
                for otherwise in own.iter().filter_map(|one| one.otherwise.clone()) {
                    if !page.if_not_measured.contains(&otherwise) {
                        page.if_not_measured.push(otherwise);
                    }
                }
                let mut asserts: Vec<String> = own.iter().map(|one| one.assertion.to_string()).collect();
                asserts.dedup();
                page.checks.push(Check {
                    service: contract.service(),
                    title: scenario.map(|scenario| scenario.title.clone()),
                    tier: scenario.map(|scenario| scenario.tier),
                    operation,
                    asserts,
                    id: check.id,
                });
            }
        }
        for (contract, suite) in known() {
            page.mend.extend(mend(&page.id, contract, suite));
        }
        page.violations = violations(&page.id, &page.services);
        Some(page)
    }

    pub fn write(&self, page: &mut Page) {
        page.text(0, style::HEADING, &format!("{} ({})", self.id, self.level.name()));
        statement(page, &self.says, self.when.as_deref(), &self.services);
        page.labelled(2, ("source", style::LABEL), 10, Style::new(), &self.source.join(", "));
        self.write_checks(page);
        self.write_violations(page);
        if let Some(example) = &self.example {
            example.write(page);
        }
        for (heading, texts) in
            [("How to mend it", &self.mend), ("Where it could not be measured", &self.if_not_measured)]
        {
            if texts.is_empty() {
                continue;
            }
            page.blank();
            page.text(0, style::HEADING, heading);
            texts.iter().for_each(|text| page.labelled(2, ("-", style::LABEL), 2, Style::new(), text));
        }
        page.blank();
        page.command(0, ("judge it alone", style::LABEL), 18, &select("--requirement", &self.id));
    }

    fn write_checks(&self, page: &mut Page) {
        page.blank();
        page.text(0, style::HEADING, "How it is checked");
        let mut operations: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for check in &self.checks {
            if let Some(operation) = &check.operation {
                operations.entry(operation).or_default().push(check.service.name());
            }
        }
        if !operations.is_empty() {
            let all = self.services.len();
            let named: Vec<String> = operations
                .iter()
                .map(|(operation, services)| match services.len() == all {
                    true => (*operation).to_owned(),
                    false => format!("{operation} ({})", services.join(", ")),
                })
                .collect();
            page.text(2, Style::new(), "as an invariant of every exchange of");
            listed(page, &named);
        }
        // Rows of one scenario are told once, and so is what stands in the same way in several services.
        let mut scenarios: Vec<Vec<&Check>> = Vec::new();
        for check in self.checks.iter().filter(|check| check.title.is_some()) {
            match scenarios.iter_mut().find(|alike| alike[0].is_like(check)) {
                Some(alike) => alike.push(check),
                None => scenarios.push(vec![check]),
            }
        }
        for alike in &scenarios {
            let first = alike[0];
            let mut ids: Vec<String> = Vec::new();
            for service in &self.services {
                let own: Vec<&str> =
                    alike.iter().filter(|one| one.service == *service).map(|one| one.id.as_str()).collect();
                match own.as_slice() {
                    [] => {}
                    [one] => ids.push((*one).to_owned()),
                    [first, ..] => {
                        ids.push(format!("{}, {} rows such as {}", base(first), own.len(), row(first)))
                    }
                }
            }
            ids.iter().for_each(|id| page.text(2, Style::new(), id));
            let tier = first.tier.map_or("", Tier::name);
            page.labelled(
                4,
                (tier, style::LABEL),
                9,
                Style::new(),
                first.title.as_deref().unwrap_or_default(),
            );
            page.labelled(4, ("holds if", style::LABEL), 9, Style::new(), &first.asserts.join("; "));
        }
        if operations.is_empty() && scenarios.is_empty() {
            page.text(2, Style::new(), "by the first look at the target");
        }
    }

    fn write_violations(&self, page: &mut Page) {
        if self.violations.is_empty() {
            return;
        }
        page.blank();
        page.text(0, style::HEADING, "What violates it");
        for violation in self.violations.iter().take(VIOLATIONS) {
            let text = format!("{} ({})", violation.says, violation.fault);
            page.labelled(2, ("-", style::LABEL), 2, Style::new(), &text);
        }
        if let Some(more) = self.violations.len().checked_sub(VIOLATIONS).filter(|more| *more > 0) {
            page.text(4, style::LABEL, &format!("and {more} more, which --format json names"));
        }
    }
}

impl Check {
    /// Whether another check is another row of the same scenario, or the same in another service.
    fn is_like(&self, other: &Check) -> bool {
        let without = |check: &Check| -> String {
            let id = check.id.strip_prefix(check.service.name()).unwrap_or(&check.id);
            format!("{}{}", base(id), id.rsplit_once('#').map_or("", |(_, requirement)| requirement))
        };
        without(self) == without(other)
    }
}

/// The id without the row in brackets and what stands behind it.
fn base(id: &str) -> &str {
    id.split_once(['[', '#']).map_or(id, |(base, _)| base)
}

/// The row in brackets.
fn row(id: &str) -> &str {
    let Some(from) = id.find('[') else { return "" };
    id[from..].rfind(']').map_or("", |to| &id[from..=from + to])
}

/// Mistakes that violate a requirement, those that violate the fewest others first.
fn violations(id: &str, services: &[Service]) -> Vec<Violation> {
    let mut found: Vec<Violation> = Vec::new();
    for fault in services.iter().flat_map(|service| reference::faults(*service)) {
        if fault.requirements.contains(&id) && !found.iter().any(|known| known.fault == fault.id) {
            found.push(Violation {
                fault: fault.id,
                says: fault.says,
                services: fault
                    .services
                    .iter()
                    .copied()
                    .filter(|service| services.contains(service))
                    .collect(),
                requirements: fault.requirements,
            });
        }
    }
    found.sort_by_key(|violation| violation.requirements.len());
    found
}

/// The schemas of the contract that a service which keeps the requirement follows.
fn mend(id: &str, contract: &Contract, suite: &Suite) -> Vec<String> {
    let is = |named: &Option<String>| named.as_deref() == Some(id);
    let (service, release) = (contract.service(), contract.release());
    // A whole document is named without the `#` that stands before a place in it.
    let file = |schema: &SchemaRef| schema.to_string().trim_end_matches('#').to_owned();
    let mut found: Vec<String> = Vec::new();
    for operation in contract.operations() {
        let Some(profile) = suite.profile.operations.get(&operation.id) else { continue };
        let schema =
            operation.successes().flat_map(|answer| &answer.media).find_map(|media| media.schema.as_ref());
        if let Some(schema) = schema.filter(|_| is(&profile.answers)) {
            found.push(format!(
                "{service}: {} answers what {} of {release} allows",
                operation.label(),
                file(schema)
            ));
        }
        if is(&profile.events) {
            let (label, schema) = (operation.label(), service.event_schema());
            found.push(format!("{service}: each event of {label} is what {schema} of {release} allows"));
        }
        let refuses = |step: &Step| {
            step.refusal && step.request.operation() == Some(&operation.id) && step.request.body.is_some()
        };
        let mut steps = suite.scenarios.iter().flat_map(|scenario| &scenario.steps);
        let is_refused =
            steps.any(|step| refuses(step) && step.checks.iter().any(|check| check.requirement == id));
        let schema = operation
            .request
            .iter()
            .flat_map(|request| &request.media)
            .find_map(|media| media.schema.as_ref());
        if let Some(schema) = schema.filter(|_| is_refused) {
            let label = operation.label();
            found.push(format!(
                "{service}: {label} takes what {} of {release} allows, and refuses all else",
                file(schema)
            ));
        }
    }
    found
}

/// What a requirement says, and whom it binds.
pub(super) fn statement(page: &mut Page, says: &str, when: Option<&str>, services: &[Service]) {
    page.text(2, Style::new(), says);
    page.blank();
    let services: Vec<&str> = services.iter().map(|service| service.name()).collect();
    page.labelled(2, ("binds", style::LABEL), 10, Style::new(), &services.join(", "));
    if let Some(when) = when {
        page.labelled(2, ("when", style::LABEL), 10, Style::new(), when);
    }
}
