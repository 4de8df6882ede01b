//! The report as a page: one file that needs no other and asks no network for anything.
//!
//! Everything is in the page and readable without the script, which only filters, opens what a link means and copies.
//! The page forbids itself everything else (Content Security Policy), so that even an escaping that failed would do
//! no harm.

mod area;
mod body;
mod checks;
mod escape;
mod exchange;
mod locate;
mod matrix;
mod place;
mod state;
mod timeline;

use askama::Template;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::digest;

pub(crate) use escape::Escape;

use super::ReportSet;
use super::model::{CheckResult, Explanation, FeatureState, Report, Verdict};
use super::wording::{self, duration, quantity};
use body::Shown;
use locate::Exchanges;
use place::Place;
use state::State;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// The set as one HTML page. `strict` says how the exit code was made, which the headline tells.
pub fn html(set: &ReportSet, strict: bool) -> String {
    let several = set.reports.len() > 1;
    let section =
        |(index, report)| Section::of(report, Place { number: several.then_some(index + 1) }, strict);
    let sections: Vec<Section> = set.reports.iter().enumerate().map(section).collect();
    let page = Page {
        title: title(set),
        verdict: gravest(set),
        style: STYLE,
        script: SCRIPT,
        style_hash: hash(STYLE),
        script_hash: hash(SCRIPT),
        filters: Filters::of(&set.reports),
        tool: set.reports.first().map(|report| format!("{} {}", report.tool.name, report.tool.version)),
        sections,
    };
    // Writing goes to memory, and the templates call nothing that can fail.
    page.render().expect("a page of text is always representable") + "\n"
}

#[derive(Template)]
#[template(path = "html/page.html", config = "src/report/html/askama.toml", whitespace = "minimize")]
struct Page<'r> {
    title: String,
    verdict: Verdict,
    style: &'static str,
    script: &'static str,
    style_hash: String,
    script_hash: String,
    filters: Filters,
    tool: Option<String>,
    sections: Vec<Section<'r>>,
}

/// What can be filtered by, with the number of checks.
struct Filters {
    states: Vec<(State, usize)>,
    levels: Vec<(&'static str, usize)>,
    /// Id and title.
    areas: Vec<(String, String)>,
    checks: usize,
}

/// One report.
struct Section<'r> {
    place: Place,
    /// The target's name, or its URL.
    target: String,
    verdict: Verdict,
    sentence: String,
    explanation: Option<Explanation>,
    /// Label and value.
    facts: Vec<(&'static str, String)>,
    bars: Vec<matrix::Bar>,
    matrix: Vec<matrix::Row<'r>>,
    groups: Vec<checks::Group>,
    timeline: timeline::Timeline,
    requests: usize,
}

impl<'r> Section<'r> {
    fn of(report: &'r Report, place: Place, strict: bool) -> Self {
        let exchanges = Exchanges::of(report);
        let target = report.target.name.as_ref().unwrap_or(&report.target.url);
        let mut sentence = wording::verdict_sentence(report);
        if strict && report.exit_code(true) != report.exit_code(false) {
            sentence.push_str("; --strict counts this as a failure");
        }
        Section {
            target: target.clone(),
            verdict: report.verdict,
            sentence,
            explanation: report.explanation.clone(),
            facts: facts(report),
            bars: matrix::bars(report),
            matrix: matrix::rows(report, &place),
            groups: checks::groups(report, &exchanges, &place),
            timeline: timeline::timeline(report, &exchanges, &place),
            requests: report.exchanges.len(),
            place,
        }
    }
}

fn facts(report: &Report) -> Vec<(&'static str, String)> {
    let target = &report.target;
    let mut facts = vec![("target", target.url.clone())];
    facts.push(("service", format!("{}, contract {}", target.service, target.contract)));
    let parts = [&target.service_name, &target.service_version];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    if !parts.is_empty() {
        facts.push(("answers as", parts.join(" ")));
    }
    facts.push(("auth", target.auth.name().to_owned()));
    if !target.features.is_empty() {
        let feature = |(name, state): (&String, &FeatureState)| format!("{name} {}", state.name());
        facts.push(("features", target.features.iter().map(feature).collect::<Vec<_>>().join(", ")));
    }
    let mut sent = vec![quantity(report.requests, "request", "requests")];
    if report.retries > 0 {
        sent.push(quantity(report.retries, "repeated", "repeated"));
    }
    sent.push(format!("{} created", quantity(report.runs_created, "run", "runs")));
    facts.push(("sent", sent.join(", ")));
    let started = report.started_at.split(['.', 'Z']).next().unwrap_or_default().replacen('T', " ", 1);
    facts.push(("started", format!("{started} UTC, took {}", duration(report.duration_ms))));
    facts
}

impl Filters {
    fn of(reports: &[Report]) -> Self {
        let checks = || reports.iter().flat_map(|report| &report.results);
        let invalid: usize = reports.iter().map(|report| report.waivers.len()).sum();
        let count = |state: State| {
            let held = checks().filter(|check| State::of(check) == state).count();
            (state, held + if state == State::Fail { invalid } else { 0 })
        };
        let level = |level: super::model::Level| {
            (level.name(), checks().filter(|check| check.level == level).count())
        };
        let mut areas: Vec<(String, String)> = Vec::new();
        let of_checks = checks().filter_map(|check: &CheckResult| check.requirements.first());
        let of_rows = reports.iter().flat_map(|report| &report.requirements).map(|row| &row.id);
        for id in of_rows.chain(of_checks) {
            let (area, _) = area::split(id);
            if !areas.iter().any(|(known, _)| known == area) {
                areas.push((area.to_owned(), area::title(area).to_owned()));
            }
        }
        use super::model::Level::{May, Must, Should};
        let levels = [Must, Should, May].map(level);
        Filters {
            states: State::ALL.map(count).into_iter().filter(|(_, count)| *count > 0).collect(),
            levels: levels.into_iter().filter(|(_, count)| *count > 0).collect(),
            areas,
            checks: checks().count() + invalid,
        }
    }
}

/// What stands in the browser's tab.
fn title(set: &ReportSet) -> String {
    match &set.reports[..] {
        [report] => {
            let target = report.target.name.as_ref().unwrap_or(&report.target.url);
            format!("{}: {target}", report.verdict.name())
        }
        reports => format!("{}: {}", gravest(set).name(), quantity(reports.len(), "target", "targets")),
    }
}

/// The verdict that the mark in the browser's tab tells.
fn gravest(set: &ReportSet) -> Verdict {
    let order = [Verdict::NotJudged, Verdict::NonConformant, Verdict::Partial];
    let there = |verdict: &Verdict| set.reports.iter().any(|report| report.verdict == *verdict);
    order.into_iter().find(there).unwrap_or(Verdict::Conformant)
}

/// As a Content Security Policy names what it allows.
fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(digest::digest(&digest::SHA256, text.as_bytes())))
}

#[cfg(test)]
mod tests;
