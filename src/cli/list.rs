//! Lists what the suite has: scenarios, checks, or requirements with their checks.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::arguments::LevelName;
use super::{Usage, reports};
use crate::contract::{Contract, Service};
use crate::judge::{Origin, PossibleCheck, possible_checks};
use crate::report::model::{Level, Tier};
use crate::run::Bundled;
use crate::suite::{Requirement, Scenario, Suite};

#[derive(Debug, Args)]
pub(super) struct List {
    /// What to list
    #[arg(value_enum, default_value = "scenarios")]
    pub what: What,
    /// Only this service
    #[arg(long, value_name = "NAME", value_parser = |text: &str| text.parse::<Service>())]
    pub service: Option<Service>,
    /// The weakest level
    #[arg(long, value_enum, default_value = "may")]
    pub level: LevelName,
    /// The last tier
    #[arg(long, value_enum, default_value = "deep")]
    pub tier: Tier,
    /// The form of the list
    #[arg(long, value_enum, default_value = "text")]
    pub format: ListFormat,
    /// The requirements of the catalogue, each with its checks
    #[arg(long, hide = true, conflicts_with = "what")]
    pub requirements: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum What {
    /// The scenarios with their tiers
    Scenarios,
    /// The ids of checks, as --only and --skip take them
    Checks,
    /// The requirements of the catalogue, each with its checks
    Requirements,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    Text,
    Json,
}

#[derive(Debug, Serialize)]
struct ScenarioRow {
    id: String,
    service: Service,
    title: String,
    tier: Tier,
    effects: &'static str,
    checks: Vec<String>,
}

#[derive(Debug, Serialize)]
struct CheckRow {
    id: String,
    service: Service,
    requirement: String,
    level: Level,
    tier: Tier,
    /// The scenario that it stands in; none for what holds for every exchange of an operation.
    scenario: Option<String>,
    operation: Option<String>,
}

#[derive(Debug, Serialize)]
struct RequirementRow {
    id: String,
    service: Service,
    level: Level,
    says: String,
    when: Option<String>,
    source: Vec<String>,
    checks: Vec<String>,
}

pub(super) async fn run(arguments: List) -> Result<u8, Usage> {
    let bundled = Bundled::load().map_err(|error| Usage(error.to_string()))?;
    let wanted = |service: &Service| arguments.service.is_none_or(|wanted| wanted == *service);
    let services = bundled.services().iter().filter(|(service, _)| wanted(service));
    let checks: BTreeMap<Service, Vec<CheckRow>> =
        services.clone().map(|(service, known)| (*service, check_rows(&arguments, known))).collect();
    let of = |service: &Service| checks.get(service).map(Vec::as_slice).unwrap_or_default();
    let what = if arguments.requirements { What::Requirements } else { arguments.what };
    let text = match (what, arguments.format) {
        (What::Scenarios, format) => {
            let rows =
                services.flat_map(|(service, (_, suite))| scenario_rows(&arguments, suite, of(service)));
            listed(&rows.collect::<Vec<_>>(), format, scenario_line)
        }
        (What::Checks, format) => listed(&checks.values().flatten().collect::<Vec<_>>(), format, check_line),
        (What::Requirements, format) => {
            let rows = services
                .flat_map(|(service, (_, suite))| requirement_rows(&arguments, *service, suite, of(service)));
            listed(&rows.collect::<Vec<_>>(), format, requirement_lines)
        }
    };
    reports::say(&text)?;
    Ok(0)
}

fn listed<Row: Serialize>(rows: &[Row], format: ListFormat, line: fn(&Row) -> String) -> String {
    match format {
        ListFormat::Text => rows.iter().map(line).collect(),
        ListFormat::Json => format!("{:#}\n", serde_json::json!(rows)),
    }
}

fn check_rows(arguments: &List, (contract, suite): &(Arc<Contract>, Arc<Suite>)) -> Vec<CheckRow> {
    let rows = possible_checks(suite, contract).into_iter().filter_map(|check| {
        let level = suite.catalogue.get(&check.requirement)?.level;
        Some(CheckRow {
            tier: first_tier(&check, suite),
            service: contract.service(),
            level,
            scenario: match &check.origin {
                Origin::Scenario(id) => Some(format!("{}/{id}", contract.service())),
                Origin::Operation(_) | Origin::Preflight => None,
            },
            operation: match &check.origin {
                Origin::Operation(id) => contract.operation(id).map(|operation| operation.label()),
                Origin::Scenario(_) | Origin::Preflight => None,
            },
            id: check.id,
            requirement: check.requirement,
        })
    });
    rows.filter(|row| row.level <= arguments.level.into() && row.tier <= arguments.tier).collect()
}

/// The first tier in which something is sent that the check is judged on.
fn first_tier(check: &PossibleCheck, suite: &Suite) -> Tier {
    let is_of = |scenario: &&Scenario| match &check.origin {
        Origin::Scenario(id) => scenario.id == *id,
        Origin::Operation(id) => scenario.steps.iter().any(|step| step.request.operation() == Some(id)),
        Origin::Preflight => false,
    };
    let tiers = suite.scenarios.iter().filter(is_of).map(|scenario| scenario.tier);
    tiers.min().unwrap_or(Tier::Smoke)
}

fn scenario_rows(arguments: &List, suite: &Suite, checks: &[CheckRow]) -> Vec<ScenarioRow> {
    let service = suite.profile.service;
    let rows = suite.scenarios.iter().filter(|scenario| scenario.tier <= arguments.tier).map(|scenario| {
        let id = format!("{service}/{}", scenario.id);
        let own = checks.iter().filter(|check| check.scenario.as_ref() == Some(&id));
        ScenarioRow {
            checks: own.map(|check| check.id.clone()).collect(),
            service,
            title: scenario.title.clone(),
            tier: scenario.tier,
            effects: scenario.effects.name(),
            id,
        }
    });
    // A scenario without checks of its own is there for the invariants of what it sends, which have every level.
    let all_levels = Level::from(arguments.level) == Level::May;
    rows.filter(|row| all_levels || !row.checks.is_empty()).collect()
}

fn requirement_rows(
    arguments: &List,
    service: Service,
    suite: &Suite,
    checks: &[CheckRow],
) -> Vec<RequirementRow> {
    let wanted = |row: &&Requirement| row.level <= arguments.level.into();
    let rows = suite.catalogue.of(service).filter(wanted).map(|row| {
        let own = checks.iter().filter(|check| check.requirement == row.id);
        RequirementRow {
            id: row.id.clone(),
            service,
            level: row.level,
            says: row.says.clone(),
            when: row.when.clone(),
            source: row.source.clone(),
            checks: own.map(|check| check.id.clone()).collect(),
        }
    });
    rows.filter(|row| arguments.tier == Tier::Deep || !row.checks.is_empty()).collect()
}

fn scenario_line(row: &ScenarioRow) -> String {
    format!("{:<8} {}  {}\n", row.tier.name(), row.id, row.title)
}

fn check_line(row: &&CheckRow) -> String {
    // An invariant's id does not tell the service.
    let service = if row.scenario.is_none() { format!("  ({})", row.service) } else { String::new() };
    format!("{:<6} {:<8} {}{service}\n", row.level.name(), row.tier.name(), row.id)
}

fn requirement_lines(row: &RequirementRow) -> String {
    let mut lines = format!("{} {} ({}) {}\n", row.service, row.id, row.level.name(), row.says);
    row.checks.iter().for_each(|check| lines.push_str(&format!("    {check}\n")));
    lines
}
