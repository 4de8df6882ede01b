//! What failed and is let pass, and the waivers that are no good.

use anstyle::Style;

use super::page::Page;
use super::style;
use super::wording::quantity;
use crate::report::model::{CheckResult, Report, Waived};

/// One block for each waiver that has to be mended: it fails the run as a violated requirement does.
pub(super) fn problems(page: &mut Page, report: &Report) {
    for problem in &report.waivers {
        page.blank();
        page.labelled(0, ("fail: waiver", style::FAIL), 2, style::HEADING, &problem.waives);
        page.text(6, Style::new(), &problem.what);
    }
}

/// What is waived: checks with the same waiver together, in the order of the results.
pub(super) fn write(page: &mut Page, report: &Report) {
    let mut groups: Vec<(&Waived, Vec<&CheckResult>)> = Vec::new();
    for check in &report.results {
        let Some(waived) = &check.waived else { continue };
        match groups.iter_mut().find(|(known, _)| *known == waived) {
            Some((_, checks)) => checks.push(check),
            None => groups.push((waived, vec![check])),
        }
    }
    if groups.is_empty() {
        return;
    }
    let count = groups.iter().map(|(_, checks)| checks.len()).sum::<usize>();
    page.blank();
    page.text(0, style::HEADING, &format!("waived: {}", quantity(count, "failure", "failures")));
    for (waived, checks) in groups {
        for check in checks {
            page.labelled(2, (check.outcome.name(), style::LABEL), 6, Style::new(), &check.id);
        }
        let issue = waived.issue.iter().map(|issue| format!(" ({issue})")).collect::<String>();
        page.labelled(8, ("until", style::LABEL), 7, Style::new(), &waived.until);
        page.labelled(8, ("reason", style::LABEL), 7, Style::new(), &format!("{}{issue}", waived.reason));
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use crate::report::model::{CheckResult, Level, Outcome, SkipReason, Verdict};
    use crate::report::samples::{check, report, skipped};
    use crate::report::text::{TextOptions, Verbosity, text};
    use crate::report::{ReportSet, Waivers};

    const WAIVERS: &str = "\
- {requirement: A-*, reason: \"the clock \\e[31mof the old nodes\", until: 2026-12-31, issue: CLOCK-1}
- {requirement: B-1, reason: not yet, until: 2026-08-01}
- {requirement: C-1, reason: was slow, until: 2026-12-31}
- {requirement: D-1, reason: forgotten, until: 2026-01-31}
";

    fn page(results: &[CheckResult], waivers: &str, verbosity: Verbosity) -> String {
        let set = ReportSet::from(report(Verdict::NonConformant, results.to_vec()));
        let waived = Waivers::read("waivers.yaml", waivers).unwrap().apply(set, date(2026, 6, 15));
        let options = TextOptions { color: false, width: 100, verbosity, strict: true };
        text(&waived.reports[0], &options)
    }

    #[test]
    fn waived_failures_and_bad_waivers_are_told_apart() {
        let known = [
            check("A-1", Level::Must, Outcome::Fail),
            check("A-2", Level::Must, Outcome::Fail),
            check("B-1", Level::Should, Outcome::Warn),
            check("C-1", Level::Must, Outcome::Pass),
        ];
        let first_two = &WAIVERS[..WAIVERS.find("- {requirement: C-1").unwrap()];
        let gap = skipped("E-1", Level::Must, SkipReason::Blocked);
        let failure = check("D-1", Level::Must, Outcome::Fail);
        let pages = [
            page(&known, first_two, Verbosity::Normal),
            page(&[&known[..], &[gap]].concat(), first_two, Verbosity::Quiet),
            page(&known[2..], &first_two[first_two.find("- {requirement: B-1").unwrap()..], Verbosity::Quiet),
            page(&[&known[..], &[failure]].concat(), WAIVERS, Verbosity::Verbose),
        ];
        insta::assert_snapshot!(pages.join("\n=====\n"));
    }
}
