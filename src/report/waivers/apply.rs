//! What waivers make of reports.

use jiff::civil::Date;

use super::{Waiver, Waivers};
use crate::report::ReportSet;
use crate::report::model::{
    CheckResult, Counts, Explanation, Level, Outcome, Report, Verdict, Waived, WaiverProblem,
};
use crate::report::summary::{leaves_gap, verdict};

/// How what a waiver is for stands in some reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// No report is of its target.
    Elsewhere,
    /// No check has such an id, whether it was judged or not.
    Unmatched,
    /// A check of it is violated.
    Violated,
    /// All that applies was measured, and it holds.
    Holds,
    /// Nothing can be said: a check of it was not judged.
    NotMeasured,
}

impl Standing {
    pub fn of(waiver: &Waiver, reports: &[Report]) -> Standing {
        let own: Vec<&Report> = reports.iter().filter(|report| waiver.concerns(&report.target)).collect();
        let checks: Vec<&CheckResult> =
            own.iter().flat_map(|report| &report.results).filter(|check| waiver.matches(check)).collect();
        // Such a report does not name all checks that there are.
        let incomplete = |report: &&Report| report.verdict == Verdict::NotJudged || report.results.is_empty();
        let holds = |check: &&CheckResult| matches!(check.outcome, Outcome::Pass | Outcome::Info);
        if own.is_empty() {
            Standing::Elsewhere
        } else if checks.is_empty() && !own.iter().any(incomplete) {
            Standing::Unmatched
        } else if checks.iter().any(|check| is_violated(check)) {
            Standing::Violated
        } else if checks.iter().any(holds) && !checks.iter().any(|check| leaves_gap(check)) {
            Standing::Holds
        } else {
            Standing::NotMeasured
        }
    }
}

/// Whether there is anything to waive.
pub(super) fn is_violated(check: &CheckResult) -> bool {
    matches!(check.outcome, Outcome::Fail | Outcome::Warn)
}

impl Waivers {
    /// Marks what is waived on the day `today`, and tells the waivers that are no good, each once, in the first report
    /// of its target. Verdicts and counts follow; outcomes stay what was measured. What other waivers did to the reports
    /// before is forgotten.
    pub fn apply(&self, mut set: ReportSet, today: Date) -> ReportSet {
        set.reports.iter_mut().for_each(forget);
        for waiver in &self.entries {
            let standing = Standing::of(waiver, &set.reports);
            let mut problem = problem(waiver, standing, today);
            for report in set.reports.iter_mut().filter(|report| waiver.concerns(&report.target)) {
                if waiver.until >= today {
                    let twice = mark(report, waiver);
                    problem = problem.or_else(|| {
                        twice.map(|id| format!("another waiver matches {id} too; keep one of them"))
                    });
                }
                let told =
                    problem.take().map(|what| WaiverProblem { waives: waiver.waives.to_string(), what });
                report.waivers.extend(told);
            }
        }
        set.reports.iter_mut().for_each(settle);
        set
    }
}

fn problem(waiver: &Waiver, standing: Standing, today: Date) -> Option<String> {
    match standing {
        Standing::Holds => Some("what it waives holds now; remove it, lest it hide the next failure".into()),
        Standing::Unmatched => Some(
            "there is no such id, so it waives nothing; correct it (`arp-conformance list --requirements` prints \
             all ids), or remove it"
                .into(),
        ),
        _ if waiver.until < today => Some(format!(
            "it expired on {}; mend what it waives, or give it a new day and say why",
            waiver.until
        )),
        Standing::Elsewhere | Standing::Violated | Standing::NotMeasured => None,
    }
}

/// Waives what is violated, and returns the id of a check that was waived already.
fn mark(report: &mut Report, waiver: &Waiver) -> Option<String> {
    let mut twice = None;
    for check in report.results.iter_mut().filter(|check| is_violated(check) && waiver.matches(check)) {
        match check.waived {
            Some(_) => twice = Some(check.id.clone()),
            None => {
                check.waived = Some(Waived {
                    reason: waiver.reason.clone(),
                    until: waiver.until.to_string(),
                    issue: waiver.issue.clone(),
                });
            }
        }
    }
    twice
}

/// Takes back what waivers did to a report.
fn forget(report: &mut Report) {
    if report.explanation.is_some() && report.explanation == explanation(&report.results) {
        report.explanation = None;
    }
    report.waivers.clear();
    report.results.iter_mut().for_each(|check| check.waived = None);
    settle(report);
}

/// Lets what follows from the results follow.
fn settle(report: &mut Report) {
    report.verdict = verdict(&report.results, report.verdict == Verdict::NotJudged);
    report.counts = Counts::of(&report.results);
    if report.verdict == Verdict::Partial && report.explanation.is_none() {
        report.explanation = explanation(&report.results);
    }
}

/// Why a verdict cannot be better than partial, where a must is waived.
fn explanation(results: &[CheckResult]) -> Option<Explanation> {
    let musts = results.iter().filter(|check| check.level == Level::Must);
    let ends: Vec<&str> =
        musts.filter_map(|check| check.waived.as_ref()).map(|it| it.until.as_str()).collect();
    let first = ends.iter().min()?;
    let (what, them, waivers) = match ends.len() {
        1 => ("1 failure of must level is waived".to_owned(), "it", "its waiver ends"),
        many => (format!("{many} failures of must level are waived"), "them", "their waivers end"),
    };
    let first =
        if ends.iter().all(|end| end == first) { format!("on {first}") } else { format!("from {first} on") };
    Some(Explanation {
        what: format!("{what}, so not every must holds"),
        next: format!("mend {them} before {waivers}, {first}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::SkipReason;
    use crate::report::samples::{check, report, skipped};
    use Level::{May, Must, Should};
    use Outcome::{Error, Fail, Info, Pass, Warn};

    const TODAY: Date = jiff::civil::date(2026, 6, 15);

    fn waivers(entries: &[&str]) -> Waivers {
        let entry = |text: &&str| match text.contains("until") {
            true => format!("- {{{text}, reason: known}}\n"),
            false => format!("- {{{text}, until: 2026-12-31, reason: known}}\n"),
        };
        Waivers::read("waivers.yaml", &entries.iter().map(entry).collect::<String>()).unwrap()
    }

    fn judged(results: Vec<CheckResult>) -> Report {
        let verdict = verdict(&results, false);
        report(verdict, results)
    }

    fn applied(entries: &[&str], results: Vec<CheckResult>) -> Report {
        waivers(entries).apply(judged(results).into(), TODAY).reports.remove(0)
    }

    fn waived(report: &Report) -> Vec<&str> {
        let waived = report.results.iter().filter(|check| check.waived.is_some());
        waived.map(|check| check.requirements[0].as_str()).collect()
    }

    fn problems(report: &Report) -> Vec<&str> {
        report.waivers.iter().map(|problem| problem.what.split([';', ',']).next().unwrap()).collect()
    }

    #[test]
    fn a_waived_failure_leaves_a_partial_verdict_that_fails_no_run() {
        let results = vec![check("A-1", Must, Fail), check("B-1", Must, Pass), check("C-1", Should, Warn)];
        let report = applied(&["check: A-1 GET /v1/health", "requirement: C-*"], results);
        assert_eq!(waived(&report), ["A-1", "C-1"]);
        assert_eq!(report.results[0].outcome, Fail, "what was measured stays");
        assert_eq!(report.verdict, Verdict::Partial);
        assert_eq!((report.exit_code(false), report.exit_code(true)), (0, 0));
        assert_eq!((report.counts.must.fail, report.counts.must.waived), (0, 1));
        assert_eq!((report.counts.should.warn, report.counts.should.waived), (0, 1));
        let told = report.explanation.unwrap();
        assert_eq!(told.what, "1 failure of must level is waived, so not every must holds");
        assert_eq!(told.next, "mend it before its waiver ends, on 2026-12-31");
    }

    #[test]
    fn what_is_not_waived_fails_the_run_as_ever() {
        let results = || vec![check("A-1", Must, Fail), check("A-2", Must, Fail), check("B-1", Must, Pass)];
        let report = applied(&["requirement: A-2"], results());
        assert_eq!((report.verdict, report.exit_code(false)), (Verdict::NonConformant, 1));
        assert_eq!((waived(&report), report.explanation.as_ref()), (vec!["A-2"], None));
        let report = applied(
            &["requirement: A-1, until: 2026-06-15", "requirement: A-2, until: 2026-06-16"],
            results(),
        );
        assert_eq!((report.verdict, report.exit_code(true)), (Verdict::Partial, 0));
        let told = report.explanation.unwrap();
        assert_eq!(told.what, "2 failures of must level are waived, so not every must holds");
        assert_eq!(told.next, "mend them before their waivers end, from 2026-06-15 on");
    }

    #[test]
    fn a_waiver_that_is_no_good_fails_the_run_whatever_the_verdict() {
        for (entry, result, wrong) in [
            ("requirement: A-1, until: 2026-06-14", check("A-1", Must, Fail), "it expired on 2026-06-14"),
            ("requirement: A-1", check("A-1", Must, Pass), "what it waives holds now"),
            ("requirement: A-1, until: 2026-06-14", check("A-1", Must, Pass), "what it waives holds now"),
            ("requirement: A-1", check("A-1", May, Info), "what it waives holds now"),
            ("requirement: A-2", check("A-1", Must, Pass), "there is no such id"),
            ("check: A-1", check("A-1", Must, Fail), "there is no such id"),
        ] {
            let before = judged(vec![result.clone(), check("B-1", Must, Pass)]);
            let report = applied(&[entry], before.results.clone());
            assert_eq!(problems(&report), [wrong], "{entry}");
            assert_eq!((report.verdict, report.exit_code(false)), (before.verdict, 1), "{entry}");
            assert_eq!(waived(&report), [""; 0], "{entry}");
        }
    }

    #[test]
    fn what_was_not_measured_says_nothing_about_its_waiver() {
        let skips = [SkipReason::OutOfScope, SkipReason::Blocked, SkipReason::NotMeasured];
        let mut results: Vec<CheckResult> =
            skips.into_iter().map(|reason| skipped("A-1", Must, reason)).collect();
        results.extend([skipped("A-1", Must, SkipReason::NotApplicable), check("A-1", Must, Error)]);
        for result in results {
            // Another check of the requirement holds, and this one may be the one that the waiver is for.
            let alone = result.reason == Some(SkipReason::NotApplicable);
            let also = if alone { check("B-1", Must, Pass) } else { check("A-1", Must, Pass) };
            let report = applied(&["requirement: A-1"], vec![result.clone(), also]);
            assert_eq!(problems(&report), [""; 0], "{result:?}");
        }
        let not_judged = report(Verdict::NotJudged, vec![]);
        let report = waivers(&["requirement: A-1"]).apply(not_judged.into(), TODAY).reports.remove(0);
        assert_eq!((problems(&report), report.exit_code(false)), (vec![], 3));
    }

    #[test]
    fn one_failure_is_enough_to_keep_a_waiver_of_many_checks() {
        let report = applied(&["requirement: A-1"], vec![check("A-1", Must, Fail), check("A-1", Must, Pass)]);
        assert_eq!((waived(&report), problems(&report)), (vec!["A-1"], vec![]));
    }

    #[test]
    fn a_waiver_holds_for_its_target_alone() {
        let mut reports = [judged(vec![check("A-1", Must, Fail)]), judged(vec![check("A-1", Must, Fail)])];
        reports[0].target.name = Some("staging".into());
        reports[1].target.url = "http://b/".into();
        let set = || ReportSet { reports: reports.to_vec() };
        for (target, first, second) in
            [("staging", 0, 1), ("http://b", 1, 0), ("http://127.0.0.1:8081/", 0, 1), ("http://c", 1, 1)]
        {
            let entry = format!("requirement: A-1, target: {target:?}");
            let set = waivers(&[&entry]).apply(set(), TODAY);
            let codes: Vec<u8> = set.reports.iter().map(|report| report.exit_code(true)).collect();
            assert_eq!(codes, [first, second], "{target}");
            assert!(set.reports.iter().all(|report| report.waivers.is_empty()), "{target}");
        }
    }

    #[test]
    fn a_waiver_for_all_targets_is_good_if_one_of_them_needs_it() {
        let reports = vec![judged(vec![check("A-1", Must, Pass)]), judged(vec![check("A-1", Must, Fail)])];
        let set = waivers(&["requirement: A-1"]).apply(ReportSet { reports: reports.clone() }, TODAY);
        assert_eq!(set.exit_code(false), 0);
        let set = waivers(&["requirement: Z-1"]).apply(ReportSet { reports }, TODAY);
        let told: Vec<usize> = set.reports.iter().map(|report| report.waivers.len()).collect();
        assert_eq!(told, [1, 0], "it is told once");
    }

    #[test]
    fn waivers_that_overlap_are_refused_where_the_checks_are_known_and_told_where_not() {
        let entries = ["requirement: A-1", "check: '*health'"];
        let checks = [("A-1 GET /v1/health", vec!["A-1"])];
        let error = waivers(&entries).refuse_overlaps(&checks).unwrap_err();
        assert_eq!(error.0[0].place.line, 2);
        assert_eq!(error.0[0].what, "this waiver and that of line 1 both match A-1 GET /v1/health");
        let report = applied(&entries, vec![check("A-1", Must, Fail)]);
        assert_eq!(problems(&report), ["another waiver matches A-1 GET /v1/health too"]);
        let apart = ["requirement: A-1, target: a", "requirement: A-1, target: b", "requirement: A-2"];
        assert_eq!(waivers(&apart).refuse_overlaps(&checks), Ok(()));
    }

    #[test]
    fn other_waivers_take_back_what_the_first_did() {
        let results = vec![check("A-1", Must, Fail), check("B-1", Must, Pass)];
        let first = waivers(&["requirement: A-1"]).apply(judged(results.clone()).into(), TODAY);
        let again = Waivers::default().apply(first, TODAY).reports.remove(0);
        assert_eq!(super::super::super::json(&again), super::super::super::json(&judged(results)));
    }
}
