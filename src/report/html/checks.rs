//! The checks of a report, under their requirements, what is urgent first.

use super::area;
use super::exchange::{ExchangeView, Room, Said};
use super::locate::Exchanges;
use super::matrix;
use super::place::Place;
use super::state::{State, told, urgency};
use crate::report::model::{CheckResult, ExchangeRecord, Finding, Level, Report, Tier, WaiverProblem};
use crate::report::visible::visible_value;
use crate::report::wording::number;

/// Exchanges that are shown in one check, and links to those that it judged.
const EVIDENCE: usize = 4;
const LINKS: usize = 24;

/// Checks without trouble that may stand below those with some; more are folded away.
const QUIET: usize = 3;

/// Characters of an expected or actual value.
const VALUE: usize = 2_000;

/// A requirement with its checks.
pub(super) struct Group {
    /// Its name in the page.
    pub name: String,
    pub id: String,
    pub level: Option<Level>,
    pub says: String,
    pub state: State,
    pub told: String,
    /// `38 fail, 60 pass`
    pub summary: String,
    pub checks: Vec<CheckView>,
    /// Many that are no trouble, where others are.
    pub rest: Vec<CheckView>,
    /// Groups with checks that decide this requirement too: name and requirement.
    pub elsewhere: Vec<(String, String)>,
}

pub(super) struct CheckView {
    pub id: String,
    pub title: String,
    pub message: String,
    pub state: State,
    /// `fail`, or for a skip its reason.
    pub told: String,
    pub level: &'static str,
    pub area: String,
    /// Separated by spaces.
    pub requirements: String,
    /// `GET /v1/runs/{run_id}, tier core`
    pub about: String,
    pub findings: Vec<FindingView>,
    pub evidence: Vec<ExchangeView>,
    /// The exchanges that were judged: name in the page, and id.
    pub judged: Vec<(String, u64)>,
    /// Further ones, which are not linked.
    pub more: usize,
    pub hint: Option<String>,
    pub reproduce: Option<String>,
    pub only: Option<String>,
    pub waived: Option<WaivedView>,
}

pub(super) struct FindingView {
    pub place: String,
    pub expected: String,
    pub actual: String,
}

pub(super) struct WaivedView {
    pub reason: String,
    pub until: String,
    pub issue: Option<String>,
    /// Whether the issue is an address that can be followed.
    pub is_link: bool,
}

pub(super) fn groups(report: &Report, exchanges: &Exchanges, place: &Place) -> Vec<Group> {
    let mut groups: Vec<Group> = report
        .requirements
        .iter()
        .map(|row| {
            let state = matrix::state(report, &row.id);
            Group {
                name: place.requirement(&row.id),
                id: row.id.clone(),
                level: Some(row.level),
                says: row.says.clone(),
                state,
                told: told(state, row.reason),
                summary: String::new(),
                checks: Vec::new(),
                rest: Vec::new(),
                elsewhere: Vec::new(),
            }
        })
        .collect();
    for check in &report.results {
        let view = CheckView::of(check, exchanges, place);
        let first = check.requirements.first().unwrap_or(&check.id);
        let known = groups.iter().position(|group| group.id == *first);
        let at = known.unwrap_or_else(|| {
            groups.push(Group {
                name: place.requirement(first),
                id: first.clone(),
                level: Some(check.level),
                says: check.title.clone(),
                state: view.state,
                told: view.told.clone(),
                summary: String::new(),
                checks: Vec::new(),
                rest: Vec::new(),
                elsewhere: Vec::new(),
            });
            groups.len() - 1
        });
        let own = (groups[at].name.clone(), first.clone());
        groups[at].checks.push(view);
        for other in check.requirements.iter().skip(1) {
            let other = groups.iter_mut().find(|group| group.id == *other);
            if let Some(other) = other.filter(|other| !other.elsewhere.contains(&own)) {
                other.elsewhere.push(own.clone());
            }
        }
    }
    groups.extend(waivers(report, place));
    for group in &mut groups {
        group.checks.sort_by_key(|check| check.state);
        group.summary = summary(&group.checks);
        let quiet = group.checks.iter().position(|check| check.state > State::Waived).unwrap_or(0);
        if quiet > 0 && group.checks.len() - quiet > QUIET {
            group.rest = group.checks.split_off(quiet);
        }
    }
    groups.sort_by_key(|group| match group.level {
        Some(level) => urgency(group.state, level),
        None => (0, Level::Must),
    });
    groups
}

/// Waivers that are no good, as failures.
fn waivers(report: &Report, place: &Place) -> Option<Group> {
    let check = |problem: &WaiverProblem| CheckView {
        id: problem.waives.clone(),
        title: "A waiver names a failure that is there, until a day that is still to come.".to_owned(),
        message: problem.what.clone(),
        state: State::Fail,
        told: "fail".to_owned(),
        level: "must",
        area: "waivers".to_owned(),
        requirements: "waivers".to_owned(),
        about: String::new(),
        findings: Vec::new(),
        evidence: Vec::new(),
        judged: Vec::new(),
        more: 0,
        hint: None,
        reproduce: None,
        only: None,
        waived: None,
    };
    (!report.waivers.is_empty()).then(|| Group {
        name: place.requirement("waivers"),
        id: "Waivers".to_owned(),
        level: None,
        says: "These waivers have to be mended or removed.".to_owned(),
        state: State::Fail,
        told: "fail".to_owned(),
        summary: String::new(),
        checks: report.waivers.iter().map(check).collect(),
        rest: Vec::new(),
        elsewhere: Vec::new(),
    })
}

fn summary(checks: &[CheckView]) -> String {
    let counted = State::ALL.map(|state| (state, checks.iter().filter(|check| check.state == state).count()));
    let there = counted.into_iter().filter(|(_, count)| *count > 0);
    there.map(|(state, count)| format!("{} {}", number(count), state.name())).collect::<Vec<_>>().join(", ")
}

impl CheckView {
    fn of(check: &CheckResult, exchanges: &Exchanges, place: &Place) -> Self {
        let state = State::of(check);
        let first = check.requirements.first().unwrap_or(&check.id);
        let operation = check.operation.as_ref().map(|operation| format!("{operation}, "));
        let finding = |finding: &Finding| FindingView {
            place: finding.place(check.operation.as_deref()),
            expected: visible_value(&finding.expected, VALUE),
            actual: visible_value(&finding.actual, VALUE),
        };
        let judged = check.exchanges.iter().filter(|id| exchanges.get(**id).is_some());
        CheckView {
            id: check.id.clone(),
            title: check.title.clone(),
            message: check.message.clone(),
            state,
            told: told(state, check.reason),
            level: check.level.name(),
            area: area::split(first).0.to_owned(),
            requirements: check.requirements.join(" "),
            about: format!("{}tier {}", operation.unwrap_or_default(), tier(check.tier)),
            findings: check.findings.iter().map(finding).collect(),
            evidence: evidence(check, exchanges),
            judged: judged.clone().take(LINKS).map(|id| (place.exchange(*id), *id)).collect(),
            more: judged.count().saturating_sub(LINKS),
            hint: check.hint.clone(),
            reproduce: check.reproduce.clone(),
            only: check.selection(),
            waived: check.waived.as_ref().map(|waived| WaivedView {
                reason: waived.reason.clone(),
                until: waived.until.clone(),
                issue: waived.issue.clone(),
                is_link: waived
                    .issue
                    .as_ref()
                    .is_some_and(|issue| issue.starts_with("https://") || issue.starts_with("http://")),
            }),
        }
    }
}

/// The exchanges that the findings mean, each with its places marked; where there are no findings, what an error
/// judged.
fn evidence(check: &CheckResult, exchanges: &Exchanges) -> Vec<ExchangeView> {
    let mut found: Vec<(&ExchangeRecord, Vec<Said>)> = Vec::new();
    for finding in &check.findings {
        let Some(exchange) = exchanges.of_finding(check, finding) else { continue };
        let said = Said::of(finding, None);
        match found.iter_mut().find(|(known, _)| known.id == exchange.id) {
            Some((_, known)) => known.push(said),
            None => found.push((exchange, vec![said])),
        }
    }
    if found.is_empty() && State::of(check).is_trouble() {
        let judged = check.exchanges.iter().filter_map(|id| exchanges.get(*id));
        found
            .extend(judged.take(1).filter(|_| check.exchanges.len() == 1).map(|exchange| (exchange, vec![])));
    }
    let views = found.iter().take(EVIDENCE);
    views.map(|(exchange, said)| ExchangeView::of(exchange, said, Room::EXCERPT)).collect()
}

fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Smoke => "smoke",
        Tier::Surface => "surface",
        Tier::Core => "core",
        Tier::Deep => "deep",
    }
}
