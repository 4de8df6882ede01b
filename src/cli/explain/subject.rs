//! What an id stands for.

use anstyle::Style;
use serde::Serialize;

use super::requirement::{RequirementPage, statement};
use crate::cli::outline::Outline;
use crate::contract::{Contract, Service};
use crate::judge::{Origin, possible_checks};
use crate::report::{Page, style};
use crate::run::Bundled;
use crate::suite::{Scenario, Suite};

/// What is explained. As JSON an object whose member `kind` tells which it is.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(super) enum Subject {
    Requirement(Box<RequirementPage>),
    Check(Box<CheckPage>),
    Scenario(Box<ScenarioPage>),
    Suite(SuitePage),
}

/// One check, from the side of what it is judged on.
#[derive(Debug, Serialize)]
pub(super) struct CheckPage {
    id: String,
    services: Vec<Service>,
    requirement: String,
    level: crate::report::model::Level,
    says: String,
    when: Option<String>,
    /// The scenario that it stands in.
    scenario: Option<Outline>,
    /// The operation of whose every exchange it holds.
    operation: Option<String>,
    /// The scenarios that send this operation's requests.
    sent_by: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct ScenarioPage {
    #[serde(flatten)]
    outline: Outline,
    checks: Vec<ScenarioCheck>,
}

#[derive(Debug, Serialize)]
struct ScenarioCheck {
    id: String,
    requirement: String,
    level: crate::report::model::Level,
    says: String,
}

/// Scenarios whose ids begin alike.
#[derive(Debug, Serialize)]
pub(super) struct SuitePage {
    id: String,
    scenarios: Vec<SuiteScenario>,
}

#[derive(Debug, Serialize)]
struct SuiteScenario {
    id: String,
    tier: crate::report::model::Tier,
    title: String,
}

impl Subject {
    /// What `id` names in these services: a requirement before a check, a check before a scenario, a scenario before a
    /// suite. A scenario may be named without its service, and with the step behind it, as findings do.
    pub fn find(bundled: &Bundled, services: &[Service], id: &str) -> Option<Self> {
        let known = || services.iter().filter_map(|service| bundled.services().get(service));
        if let Some(page) = RequirementPage::of(bundled, services, id) {
            return Some(Subject::Requirement(Box::new(page)));
        }
        if let Some(page) = check(bundled, services, id) {
            return Some(Subject::Check(Box::new(page)));
        }
        for (contract, suite) in known() {
            if let Some(scenario) = scenario(contract.service(), suite, id) {
                return Some(Subject::Scenario(Box::new(ScenarioPage::of(scenario, contract, suite))));
            }
        }
        let scenarios: Vec<SuiteScenario> = known()
            .flat_map(|(contract, suite)| {
                suite.scenarios.iter().map(move |scenario| (contract.service(), scenario))
            })
            .filter(|(service, scenario)| {
                let whole = format!("{service}/{}", scenario.id);
                let rest = whole.strip_prefix(id).or_else(|| scenario.id.strip_prefix(id));
                rest.is_some_and(|rest| rest.starts_with(['/', '[']))
            })
            .map(|(service, scenario)| SuiteScenario {
                id: format!("{service}/{}", scenario.id),
                tier: scenario.tier,
                title: scenario.title.clone(),
            })
            .collect();
        (!scenarios.is_empty()).then(|| Subject::Suite(SuitePage { id: id.to_owned(), scenarios }))
    }

    pub fn write(&self, page: &mut Page) {
        match self {
            Subject::Requirement(requirement) => requirement.write(page),
            Subject::Check(check) => check.write(page),
            Subject::Scenario(scenario) => scenario.write(page),
            Subject::Suite(suite) => suite.write(page),
        }
    }
}

fn scenario<'s>(service: Service, suite: &'s Suite, id: &str) -> Option<&'s Scenario> {
    let own = id.strip_prefix(service.name()).and_then(|rest| rest.strip_prefix('/')).unwrap_or(id);
    let of_step = || {
        let (scenario, step) = own.rsplit_once(':')?;
        suite.scenario(scenario).filter(|scenario| scenario.step(step).is_some())
    };
    suite.scenario(own).or_else(of_step)
}

fn check(bundled: &Bundled, services: &[Service], id: &str) -> Option<CheckPage> {
    let mut found: Option<CheckPage> = None;
    for service in services {
        let Some((contract, suite)) = bundled.services().get(service) else { continue };
        let Some(check) = possible_checks(suite, contract).into_iter().find(|check| check.id == id) else {
            continue;
        };
        let Some(row) = suite.catalogue.get(&check.requirement) else { continue };
        let page = found.get_or_insert_with(|| CheckPage {
            id: check.id.clone(),
            services: Vec::new(),
            requirement: row.id.clone(),
            level: row.level,
            says: row.says.clone(),
            when: row.when.clone(),
            scenario: None,
            operation: None,
            sent_by: Vec::new(),
        });
        page.services.push(*service);
        match &check.origin {
            Origin::Scenario(id) => {
                page.scenario = suite.scenario(id).map(|scenario| Outline::of(scenario, contract));
            }
            Origin::Operation(id) => {
                page.operation = contract.operation(id).map(|operation| operation.label());
                let sends = |scenario: &&Scenario| {
                    scenario.steps.iter().any(|step| step.request.operation() == Some(id))
                };
                let senders = suite.scenarios.iter().filter(sends);
                page.sent_by.extend(senders.map(|scenario| format!("{service}/{}", scenario.id)));
            }
            Origin::Preflight => {}
        }
    }
    found
}

impl CheckPage {
    fn write(&self, page: &mut Page) {
        page.text(0, style::HEADING, &format!("{} ({})", self.id, self.level.name()));
        statement(page, &self.says, self.when.as_deref(), &self.services);
        page.blank();
        match (&self.scenario, &self.operation) {
            (Some(scenario), _) => {
                page.text(0, style::HEADING, &format!("Stands in {}", scenario.id));
                scenario.write(page, 2, Some(&self.id));
            }
            (None, Some(operation)) => {
                page.text(0, style::HEADING, &format!("An invariant of every exchange of {operation}"));
                page.text(2, Style::new(), "It holds for whatever scenario sends the request. These do:");
                listed(page, &folded(&self.sent_by));
            }
            (None, None) => page.text(0, style::HEADING, "Told by the first look at the target"),
        }
        page.blank();
        page.command(0, ("judge it alone", style::LABEL), 18, &select("--only", &self.id));
        let more = format!("arp-conformance explain {}", self.requirement);
        page.command(0, ("the requirement", style::LABEL), 18, &more);
    }
}

impl ScenarioPage {
    fn of(scenario: &Scenario, contract: &Contract, suite: &Suite) -> Self {
        let own = possible_checks(suite, contract)
            .into_iter()
            .filter(|check| matches!(&check.origin, Origin::Scenario(id) if *id == scenario.id));
        let checks = own.filter_map(|check| {
            let row = suite.catalogue.get(&check.requirement)?;
            Some(ScenarioCheck {
                id: check.id,
                requirement: check.requirement,
                level: row.level,
                says: row.says.clone(),
            })
        });
        ScenarioPage { outline: Outline::of(scenario, contract), checks: checks.collect() }
    }

    fn write(&self, page: &mut Page) {
        page.text(0, style::HEADING, &self.outline.id);
        self.outline.write(page, 2, None);
        page.blank();
        page.text(0, style::HEADING, "What it decides");
        for check in &self.checks {
            let label = format!("{} ({})", check.requirement, check.level.name());
            page.labelled(2, (&label, style::INFO), 20, Style::new(), &check.says);
        }
        page.blank();
        page.command(0, ("judge it alone", style::LABEL), 18, &select("--only", &self.outline.id));
    }
}

impl SuitePage {
    fn write(&self, page: &mut Page) {
        let count = self.scenarios.len();
        let noun = if count == 1 { "scenario" } else { "scenarios" };
        page.text(0, style::HEADING, &format!("{}: {count} {noun}", self.id));
        for scenario in &self.scenarios {
            page.labelled(2, (scenario.tier.name(), style::LABEL), 9, Style::new(), &scenario.id);
            page.text(11, style::LABEL, &scenario.title);
        }
    }
}

/// Rows of one scenario as one entry.
fn folded(ids: &[String]) -> Vec<String> {
    let mut found: Vec<(&str, usize)> = Vec::new();
    for id in ids {
        let base = id.split_once('[').map_or(id.as_str(), |(base, _)| base);
        match found.iter_mut().find(|(known, _)| *known == base) {
            Some((_, count)) => *count += 1,
            None => found.push((base, 1)),
        }
    }
    let entry = |(base, count)| match count {
        1 => str::to_owned(base),
        rows => format!("{base}, {rows} rows"),
    };
    found.into_iter().map(entry).collect()
}

/// Ids below each other, those beyond the first few only counted.
pub(super) fn listed(page: &mut Page, ids: &[String]) {
    const SHOWN: usize = 12;
    ids.iter().take(SHOWN).for_each(|id| page.text(4, Style::new(), id));
    if let Some(more) = ids.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        page.text(4, style::LABEL, &format!("and {more} more, which --format json names"));
    }
}

/// The command that judges what `flag` selects.
pub(super) fn select(flag: &str, id: &str) -> String {
    let plain = id.chars().all(|c| c.is_ascii_alphanumeric() || "-_/.".contains(c));
    let id = if plain { id.to_owned() } else { format!("'{}'", id.replace('\'', r"'\''")) };
    format!("arp-conformance --target URL {flag} {id}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::names;

    #[test]
    fn whatever_has_a_name_can_be_explained() {
        let bundled = Bundled::load().unwrap();
        // Each lookup goes through the whole suite, so rows of one kind are tried here and there.
        for (number, name) in names::all(bundled.services()).into_iter().enumerate() {
            if name.contains('[') && number % 37 > 0 {
                continue;
            }
            let subject = Subject::find(&bundled, &Service::ALL, &name).unwrap_or_else(|| panic!("{name}"));
            let mut page = Page::new(80, false);
            subject.write(&mut page);
            let page = page.finish();
            assert!(page.len() > 60 && page.lines().all(|line| !line.ends_with(' ')), "{page}");
        }
    }

    #[test]
    fn a_name_may_lack_the_service_and_have_a_step() {
        let bundled = Bundled::load().unwrap();
        let found = |id: &str| Subject::find(&bundled, &Service::ALL, id);
        let scenario = |id: &str| matches!(found(id), Some(Subject::Scenario(_)));
        assert!(scenario("errors/robust:before") && scenario("errors/robust"));
        assert!(scenario("runtime/requests/invalid[required:/input]"));
        assert!(!scenario("errors/robust:nowhere"));
        assert!(matches!(found("run-3"), Some(Subject::Requirement(_))));
        assert!(matches!(found("runtime/requests/invalid"), Some(Subject::Suite(_))));
        assert!(found("runtime/run").is_none() && found("").is_none());
    }
}
