//! One check as a JUnit test case: where it stands, and what it came to.

use quick_junit::{NonSuccessKind, TestCaseStatus};

use crate::report::model::{CheckResult, Level, Outcome, Report, SkipReason};
use crate::report::summary::leaves_gap;
use crate::report::visible::{cut, visible, visible_value};

/// Characters of one expected or actual value, and of a whole failure. Readers cut long texts at places of their own.
const VALUE: usize = 800;
const TEXT: usize = 4_096;
/// Characters of a `message` attribute.
const MESSAGE: usize = 300;

/// The suite and the name of a check's test case.
pub(super) struct Place {
    pub suite: String,
    pub name: String,
}

/// `run-gateway/events/replay#NDJSON-2` is `replay#NDJSON-2` in `arp.run-gateway.events`. An invariant has no place in
/// a case file: `ERROR-1 GET /v1/runs` keeps its id as its name, in `arp.<service>.error`.
pub(super) fn place(check: &CheckResult, service: &str) -> Place {
    let id = visible(&check.id);
    // In an invariant's id the first slash belongs to the path, after a space.
    let written = id.split_once('/').filter(|(service, _)| !service.contains(' '));
    if let Some((service, (area, name))) =
        written.and_then(|(service, rest)| Some((service, rest.split_once('/')?)))
    {
        return Place { suite: suite(service, area), name: name.to_owned() };
    }
    let requirement = id.split(' ').next().unwrap_or_default();
    let family = requirement.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-');
    Place { suite: suite(service, &family.to_lowercase()), name: id.into_owned() }
}

/// `arp.<service>.<area>`, without dots in the parts.
pub(super) fn suite(service: &str, area: &str) -> String {
    let part = |text: &str| match text {
        "" => "unknown".to_owned(),
        text => visible(text).replace('.', "-"),
    };
    format!("arp.{}.{}", part(service), part(area))
}

/// `red` says that the run as a whole ends with exit code 1 or 3. In a run that does not, an error is shown as skipped
/// too, lest a reader turn a run red that the harness calls partial.
pub(super) fn status(report: &Report, check: &CheckResult, strict: bool, red: bool) -> TestCaseStatus {
    let gap = strict && check.level == Level::Must && leaves_gap(check);
    let failure = || TestCaseStatus::non_success(NonSuccessKind::Failure);
    let error = || TestCaseStatus::non_success(NonSuccessKind::Error);
    let kind = check.level.name();
    let reason = check.reason.map_or("skip", SkipReason::name);
    let (mut status, kind, summary) = match check.outcome {
        Outcome::Pass | Outcome::Info => return TestCaseStatus::success(),
        Outcome::Fail => (failure(), kind, summary(check)),
        Outcome::Warn if strict => (failure(), kind, summary(check)),
        Outcome::Warn => (TestCaseStatus::skipped(), kind, format!("{kind} not met: {}", summary(check))),
        Outcome::Error if red => (error(), "error", summary(check)),
        Outcome::Error => (TestCaseStatus::skipped(), "error", summary(check)),
        Outcome::Skip if gap => (error(), reason, format!("{reason}: {}", summary(check))),
        Outcome::Skip => (TestCaseStatus::skipped(), reason, format!("{reason}: {}", summary(check))),
    };
    status
        .set_type(format!("arp.{kind}"))
        .set_message(cut(&visible(&summary), MESSAGE).as_ref())
        .set_description(text(report, check, &summary));
    status
}

/// One line, never empty.
fn summary(check: &CheckResult) -> String {
    match check.findings.first() {
        _ if !check.message.is_empty() => check.message.clone(),
        Some(finding) => format!("expected {}, actual {}", finding.expected, finding.actual),
        None => check.title.clone(),
    }
}

/// The requirements, what was found, and how to see it again.
fn text(report: &Report, check: &CheckResult, summary: &str) -> String {
    let mut lines = vec![check.requirements.join(", ")];
    let rows = report.requirements.iter().filter(|row| check.requirements.contains(&row.id));
    lines.extend(rows.filter(|row| !row.says.is_empty()).map(|row| row.says.clone()));
    lines.push(summary.to_owned());
    // What follows must not fall victim to long findings.
    let mut after = Vec::new();
    if check.outcome != Outcome::Skip {
        after.extend(check.reproduce.as_ref().map(|command| format!("reproduce: {command}")));
        after.extend(check.selection().map(|option| format!("only this: {option}")));
    }
    after.extend(check.hint.as_ref().map(|hint| format!("hint: {hint}")));
    for finding in &check.findings {
        lines.push(finding.place(check.operation.as_deref()));
        lines.push(format!("  expected: {}", visible_value(&finding.expected, VALUE)));
        lines.push(format!("    actual: {}", visible_value(&finding.actual, VALUE)));
    }
    let shown = |lines: &[String]| {
        let lines = lines.iter().filter(|line| !line.is_empty());
        lines.map(|line| visible(line).into_owned()).collect::<Vec<_>>().join("\n")
    };
    let after = shown(&after);
    let room = TEXT.saturating_sub(after.chars().count());
    let text = format!("{}\n{after}", cut(&shown(&lines), room));
    text.trim_end().to_owned()
}
