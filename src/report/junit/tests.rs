mod form;

use std::collections::HashSet;

use super::*;
use crate::report::model::{CheckResult, Level, SkipReason};
use crate::report::samples::{self, check, report, sample, skipped};
use crate::report::verdict;

fn read(xml: &str) -> quick_junit::Report {
    quick_junit::Report::deserialize_from_str(xml).unwrap()
}

fn cases(document: &quick_junit::Report) -> impl Iterator<Item = &TestCase> {
    document.test_suites.iter().flat_map(|suite| &suite.test_cases)
}

/// What every reader relies on, for one report.
fn hold(name: &str, report: &Report, strict: bool) {
    let xml = junit(&report.clone().into(), strict);
    let document = read(&xml);
    let red = document.failures + document.errors > 0;
    assert_eq!(red, matches!(report.exit_code(strict), 1 | 3), "{name}, strict {strict}:\n{xml}");
    let mut names = HashSet::new();
    for suite in &document.test_suites {
        assert_eq!(suite.tests, suite.test_cases.len());
        for case in &suite.test_cases {
            assert_eq!(case.classname.as_ref(), Some(&suite.name));
            assert!(
                names.insert((suite.name.clone(), case.name.clone())),
                "{name}: {} twice",
                case.name.as_str()
            );
            if let TestCaseStatus::NonSuccess { message, description, ty, .. }
            | TestCaseStatus::Skipped { message, description, ty } = &case.status
            {
                for part in [message, description, ty] {
                    assert!(
                        part.as_ref().is_some_and(|part| !part.trim().is_empty()),
                        "{name}: {}",
                        case.name.as_str()
                    );
                }
            }
        }
    }
    assert!(names.len() >= report.results.len());
    let wrong = form::deviations(&xml);
    assert!(wrong.is_empty(), "{name}: {wrong:?}");
    for c in xml.chars() {
        let allowed =
            matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        assert!(allowed && !matches!(c, '\u{7f}'..='\u{9f}' | '\u{202e}'), "{name}: {c:?}");
    }
}

#[test]
fn samples_are_readable_and_red_exactly_where_the_exit_code_is() {
    for (name, report) in samples::all() {
        hold(name, &report, false);
        hold(name, &report, true);
    }
}

/// Many made-up runs, from a fixed sequence of pseudorandom numbers (xorshift64).
#[test]
fn any_run_is_red_exactly_where_the_exit_code_is() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % 1_000_003).unwrap() % bound
    };
    let reasons =
        [SkipReason::NotApplicable, SkipReason::OutOfScope, SkipReason::Blocked, SkipReason::NotMeasured];
    let waived = samples::waived(Verdict::Conformant).results.remove(1).waived;
    let mut seen = HashSet::new();
    for _ in 0..600 {
        let results: Vec<CheckResult> = (0..below(6))
            .map(|_| {
                let requirement = ["RUN-1", "RUN-2", "SSE-1"][below(3)];
                let (level, violated) = [
                    (Level::Must, Outcome::Fail),
                    (Level::Should, Outcome::Warn),
                    (Level::May, Outcome::Info),
                ][below(3)];
                match below(7) {
                    0 => check(requirement, level, violated),
                    6 => CheckResult { waived: waived.clone(), ..check(requirement, level, violated) },
                    1 | 2 => check(requirement, level, Outcome::Pass),
                    3 => check(requirement, level, Outcome::Error),
                    _ => skipped(requirement, level, reasons[below(4)]),
                }
            })
            .collect();
        let not_judged = below(8) == 0;
        let report = report(verdict(&results, not_judged), results);
        for strict in [false, true] {
            seen.insert((report.verdict.name(), report.exit_code(strict)));
            hold("made up", &report, strict);
        }
    }
    assert_eq!(seen.len(), 7, "every verdict with every exit code it can have: {seen:?}");
}

#[test]
fn suites_are_areas_and_names_the_rest() {
    let mut made = check("SSE-4", Level::Must, Outcome::Pass);
    for (id, suite, name) in [
        ("run-gateway/events/replay#NDJSON-2", "arp.run-gateway.events", "replay#NDJSON-2"),
        (
            "runtime/requests/invalid[type:/input/a]#REQUEST-2",
            "arp.runtime.requests",
            "invalid[type:/input/a]#REQUEST-2",
        ),
        ("ERROR-1 GET /v1/runs/{run_id}", "arp.run-gateway.error", "ERROR-1 GET /v1/runs/{run_id}"),
        ("NO-LEAK-12 GET /v1/a/b", "arp.run-gateway.no-leak", "NO-LEAK-12 GET /v1/a/b"),
        ("preflight", "arp.run-gateway.preflight", "preflight"),
        ("a.b/v1.2/c", "arp.a-b.v1-2", "c"),
        ("a/b", "arp.run-gateway.a/b", "a/b"),
        ("", "arp.run-gateway.unknown", ""),
    ] {
        made.id = id.to_owned();
        let place = case::place(&made, "run-gateway");
        assert_eq!((place.suite.as_str(), place.name.as_str()), (suite, name));
    }
}

fn of(result: CheckResult, verdict: Verdict, strict: bool) -> (&'static str, String) {
    let document = read(&junit(&report(verdict, vec![result]).into(), strict));
    match &cases(&document).next().unwrap().status {
        TestCaseStatus::Success { .. } => ("pass", String::new()),
        TestCaseStatus::Skipped { ty, .. } => ("skipped", ty.as_ref().unwrap().to_string()),
        TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, ty, .. } => {
            ("failure", ty.as_ref().unwrap().to_string())
        }
        TestCaseStatus::NonSuccess { kind: NonSuccessKind::Error, ty, .. } => {
            ("error", ty.as_ref().unwrap().to_string())
        }
    }
}

#[test]
fn outcomes_have_their_elements() {
    use Level::{May, Must, Should};
    use Verdict::{Conformant, NonConformant, NotJudged, Partial};
    for (result, verdict, lenient, strict) in [
        (check("A-1", Must, Outcome::Pass), Conformant, ("pass", ""), ("pass", "")),
        (check("A-1", May, Outcome::Info), Partial, ("pass", ""), ("pass", "")),
        (check("A-1", Must, Outcome::Fail), NonConformant, ("failure", "arp.must"), ("failure", "arp.must")),
        (check("A-1", Should, Outcome::Warn), Partial, ("skipped", "arp.should"), ("failure", "arp.should")),
        (check("A-1", Must, Outcome::Error), NotJudged, ("error", "arp.error"), ("error", "arp.error")),
        (check("A-1", Must, Outcome::Error), Partial, ("skipped", "arp.error"), ("error", "arp.error")),
        (
            skipped("A-1", Must, SkipReason::Blocked),
            Partial,
            ("skipped", "arp.blocked"),
            ("error", "arp.blocked"),
        ),
        (
            skipped("A-1", Must, SkipReason::NotMeasured),
            Partial,
            ("skipped", "arp.not-measured"),
            ("error", "arp.not-measured"),
        ),
        (
            skipped("A-1", Must, SkipReason::OutOfScope),
            Partial,
            ("skipped", "arp.out-of-scope"),
            ("error", "arp.out-of-scope"),
        ),
        (
            skipped("A-1", Must, SkipReason::NotApplicable),
            Partial,
            ("skipped", "arp.not-applicable"),
            ("skipped", "arp.not-applicable"),
        ),
        (
            skipped("A-1", Should, SkipReason::Blocked),
            Conformant,
            ("skipped", "arp.blocked"),
            ("skipped", "arp.blocked"),
        ),
    ] {
        let name = format!("{:?} {:?}", result.outcome, result.reason);
        assert_eq!(of(result.clone(), verdict, false), (lenient.0, lenient.1.to_owned()), "{name}");
        assert_eq!(of(result, verdict, true), (strict.0, strict.1.to_owned()), "{name}, strict");
    }
}

#[test]
fn what_is_waived_is_skipped_and_a_waiver_to_mend_is_a_failure() {
    let report = samples::waived(Verdict::Conformant);
    let document = read(&junit(&report.clone().into(), true));
    let told: Vec<String> = cases(&document)
        .map(|case| match &case.status {
            TestCaseStatus::Success { .. } => case.name.to_string(),
            TestCaseStatus::Skipped { ty, message, .. } | TestCaseStatus::NonSuccess { ty, message, .. } => {
                let [ty, message] = [ty, message].map(|text| text.as_ref().unwrap().as_str());
                format!("{}: {ty}: {message}", case.name.as_str())
            }
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    HEALTH-1 GET /v1/health
    RUN-3 GET /v1/health: arp.waived: until 2026-12-31: the store makes ids of its own | for now
    run-gateway/runs/finished-run#RUN-4: arp.stale-waiver: it passes now; remove the waiver
    ");
    assert_eq!((document.tests, document.failures, document.errors), (3, 1, 0));
    assert_eq!(document.test_suites.last().unwrap().name.as_str(), "arp.run-gateway.waivers");
    // Without the waiver to mend, the run is as green as its exit code.
    hold("waived", &Report { waivers: Vec::new(), ..report }, false);
    // Whatever else the waiver's failure is, it is not the failure of the run as well.
    let document = read(&junit(&samples::waived(Verdict::NonConformant).into(), false));
    assert_eq!((document.failures, document.errors), (1, 0));
}

#[test]
fn a_run_not_judged_is_red_without_an_error_of_its_own() {
    let document = read(&junit(&report(Verdict::NotJudged, vec![]).into(), false));
    assert_eq!((document.tests, document.errors), (1, 1));
    assert_eq!(cases(&document).next().unwrap().name.as_str(), "preflight");
}

#[test]
fn evidence_stands_in_failing_cases_only_and_is_cut() {
    let document = read(&junit(&sample("every-outcome").into(), false));
    for case in cases(&document) {
        let failed = matches!(case.status, TestCaseStatus::NonSuccess { .. });
        let out = case.system_out.as_ref().map(|out| out.as_str());
        assert!(failed || out.is_none(), "{}", case.name.as_str());
        assert!(out.is_none_or(|out| out.len() < 4_200));
    }
    let long =
        cases(&document).find(|case| case.name.as_str() == "ERROR-1 DELETE /v1/runs/{run_id}").unwrap();
    let out = long.system_out.as_ref().unwrap();
    assert!(out.contains("[cut here"));
    assert!(!out.contains("/v1/health"), "an exchange that no finding names");
}

#[test]
fn a_body_cannot_order_attachments() {
    let xml = junit(&sample("hostile").into(), false);
    let document = read(&xml);
    let out = cases(&document).filter_map(|case| case.system_out.as_ref()).map(|out| out.as_str());
    for out in out {
        assert!(!out.contains("[[ATTACHMENT|"));
    }
}

#[test]
fn golden() {
    for (name, report) in samples::all() {
        insta::assert_snapshot!(name, junit(&report.clone().into(), false));
    }
    insta::assert_snapshot!("waived", junit(&samples::waived(Verdict::Conformant).into(), false));
    insta::assert_snapshot!("partial-strict", junit(&sample("partial").into(), true));
}
