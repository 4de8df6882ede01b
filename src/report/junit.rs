//! The report as JUnit XML, for the readers of CI systems.
//!
//! What those readers make of it decided the form. Jenkins shows only the first failure of a test case, so all
//! findings stand in one. GitLab shows the text of an element and not its `message`, others the reverse, so both are
//! always written; it also drops test cases whose class and name were there before, so names are unique. Jenkins cuts
//! a class name at its last dot and puts one without dots under `(root)`. `skipped` and `timestamp` on the root element are
//! more than the strictest of the published schemas knows; every reader named here accepts them.

mod case;
mod evidence;

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};
use url::Url;

use super::model::{Outcome, Report, Verdict};
use super::{ReportSet, visible};

/// The report as JUnit XML: one suite for each service and area, one test case for each check.
///
/// Failures and errors together are above 0 exactly where [`ReportSet::exit_code`] is 1 or 3 for the same `strict`.
pub fn junit(set: &ReportSet, strict: bool) -> String {
    let reports = &set.reports;
    // A set is never empty, and the first report speaks for the tool and the time.
    let first = &reports[0];
    let mut document = quick_junit::Report::new(visible(&first.tool.name));
    document.timestamp = first.started_at.parse().ok();
    document.set_time(Duration::from_millis(reports.iter().map(|report| report.duration_ms).sum()));
    for report in reports {
        // Two targets of one service have checks of the same names: readers tell them apart by their suites.
        let prefix = match reports.len() {
            1 => String::new(),
            _ => format!(
                "{}.",
                visible(report.target.name.as_deref().unwrap_or(&report.target.url)).replace('.', "_")
            ),
        };
        document.add_test_suites(suites(report, &prefix, strict));
    }
    document
        .to_string()
        // Writing goes to memory and every character XML forbids was written out before.
        .expect("a JUnit document of visible text is always representable")
}

/// The suites of one report, each name after `prefix`.
fn suites(report: &Report, prefix: &str, strict: bool) -> Vec<TestSuite> {
    let red = matches!(report.exit_code(strict), 1 | 3);
    let mut suites = Suites::default();
    let mut troubles = 0;
    for check in &report.results {
        let place = case::place(check, &report.target.service);
        let status = case::status(report, check, strict, red);
        let failed = matches!(status, TestCaseStatus::NonSuccess { .. });
        let case = suites.add(prefix.to_owned() + &place.suite, place.name, status);
        case.set_time(Duration::from_millis(check.duration_ms));
        if failed {
            troubles += 1;
            if let Some(evidence) = evidence::of(report, check) {
                case.set_system_out(evidence);
            }
        }
    }
    let suite_of = |area| prefix.to_owned() + &case::suite(&report.target.service, area);
    for problem in &report.waivers {
        troubles += 1;
        suites.add(suite_of("waivers"), visible(&problem.waives).into_owned(), case::waiver_problem(problem));
    }
    let unexplained = report.verdict == Verdict::NotJudged
        && !report.results.iter().any(|check| check.outcome == Outcome::Error);
    if unexplained || (red && troubles == 0) {
        let name = if report.verdict == Verdict::NotJudged { "preflight" } else { "verdict" };
        suites.add(suite_of("preflight"), name.to_owned(), verdict_status(report));
    }
    suites.cases.into_iter().map(|(name, cases)| suite(report, name, cases)).collect()
}

/// Test cases by suite.
#[derive(Default)]
struct Suites {
    cases: BTreeMap<String, Vec<TestCase>>,
    names: HashSet<(String, String)>,
}

impl Suites {
    /// Adds a case of no duration. A name that its suite has already gets a number.
    fn add(&mut self, suite: String, name: String, status: TestCaseStatus) -> &mut TestCase {
        let numbered = (2..).map(|number| format!("{name} ({number})"));
        let mut names = std::iter::once(name.clone()).chain(numbered);
        let name = names.find(|name| self.names.insert((suite.clone(), name.clone())));
        let mut case = TestCase::new(name.unwrap_or_default(), status);
        case.set_classname(suite.as_str()).set_time(Duration::ZERO);
        let cases = self.cases.entry(suite).or_default();
        cases.push(case);
        let last = cases.len() - 1;
        &mut cases[last]
    }
}

fn suite(report: &Report, name: String, cases: Vec<TestCase>) -> TestSuite {
    let mut suite = TestSuite::new(name);
    suite.timestamp = report.started_at.parse().ok();
    suite.set_time(cases.iter().filter_map(|case| case.time).sum());
    let host = Url::parse(&report.target.url).ok().and_then(|url| url.host_str().map(str::to_owned));
    if let Some(host) = host {
        suite.extra.insert("hostname".into(), visible(&host).into());
    }
    let version = format!("{} {}", report.tool.name, report.tool.version);
    for (name, value) in [
        ("tool", version.as_str()),
        ("contract", &report.target.contract),
        ("service", &report.target.service),
        ("target", &report.target.url),
        ("verdict", report.verdict.name()),
    ] {
        suite.add_property(Property::new(name, visible(value)));
    }
    suite.add_test_cases(cases);
    suite
}

/// Stands for a run that ended badly without a check that did: nothing could be judged, or too little was.
fn verdict_status(report: &Report) -> TestCaseStatus {
    let (what, next) = match &report.explanation {
        Some(explanation) => (explanation.what.as_str(), explanation.next.as_str()),
        None => ("no check failed, and too few were judged to say more", ""),
    };
    let message = format!("{}: {}", report.verdict.name(), visible(what));
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type("arp.error").set_description(format!("{message}\n{}", visible(next)).trim_end());
    status.set_message(message);
    status
}

#[cfg(test)]
mod tests;
