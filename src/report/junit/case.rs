//! One check as a JUnit test case: where it stands, and what it came to.

use quick_junit::{NonSuccessKind, TestCaseStatus};

use crate::report::account::{account, summary};
use crate::report::model::{CheckResult, Level, Outcome, Report, SkipReason, Waived, WaiverProblem};
use crate::report::summary::{area, leaves_gap};
use crate::report::visible::{cut, visible};

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
    Place { suite: suite(service, &area(requirement).to_lowercase()), name: id.into_owned() }
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
    if let Some(waived) = waived(check) {
        let mut status = TestCaseStatus::skipped();
        let issue = waived.issue.iter().map(|issue| format!("issue: {issue}"));
        let lines = [format!("waived until {}: {}", waived.until, waived.reason)].into_iter().chain(issue);
        let lines: Vec<String> = lines.map(|line| visible(&line).into_owned()).collect();
        status
            .set_type("arp.waived")
            .set_message(
                cut(&visible(&format!("until {}: {}", waived.until, waived.reason)), MESSAGE).as_ref(),
            )
            .set_description(format!("{}\n{}", lines.join("\n"), account(report, check, &summary(check))));
        return status;
    }
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
        .set_description(account(report, check, &summary));
    status
}

/// The waiver of a check that would be a failure, a warning or an error without it.
fn waived(check: &CheckResult) -> Option<&Waived> {
    let troubled = matches!(check.outcome, Outcome::Fail | Outcome::Warn | Outcome::Error);
    check.waived.as_ref().filter(|_| troubled)
}

/// A waiver that has to be mended, as a failure of its own.
pub(super) fn waiver_problem(problem: &WaiverProblem) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    let what = visible(&problem.what);
    status
        .set_type("arp.stale-waiver")
        .set_message(cut(&what, MESSAGE).as_ref())
        .set_description(format!("waiver of {}\n{what}", visible(&problem.waives)));
    status
}
