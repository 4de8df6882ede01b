//! Reports to test with.

use std::collections::BTreeMap;

use super::model::{
    AuthMode, CheckResult, Counts, FORMAT, Level, Outcome, Report, SkipReason, TargetInfo, Tier, Tool,
    Verdict, Waived, WaiverProblem,
};
use super::{read, requirements};

const SAMPLES: [(&str, &str); 6] = [
    ("conformant", include_str!("../../fixtures/reports/conformant.json")),
    ("every-outcome", include_str!("../../fixtures/reports/every-outcome.json")),
    ("hostile", include_str!("../../fixtures/reports/hostile.json")),
    ("not-judged", include_str!("../../fixtures/reports/not-judged.json")),
    ("partial", include_str!("../../fixtures/reports/partial.json")),
    ("published-form", include_str!("../../fixtures/reports/published-form.json")),
];

/// Every sample report with its name, from `fixtures/reports`.
pub(super) fn all() -> Vec<(&'static str, Report)> {
    SAMPLES.iter().map(|(name, text)| (*name, read(text).expect(name))).collect()
}

pub(super) fn sample(name: &str) -> Report {
    all().into_iter().find(|(known, _)| *known == name).expect("a sample of that name").1
}

/// A check that decides the requirement, with nothing to say beyond its outcome.
pub(super) fn check(requirement: &str, level: Level, outcome: Outcome) -> CheckResult {
    CheckResult {
        id: format!("{requirement} GET /v1/health"),
        title: format!("title of {requirement}"),
        requirements: vec![requirement.to_owned()],
        level,
        tier: Tier::Smoke,
        operation: None,
        outcome,
        reason: None,
        message: String::new(),
        findings: Vec::new(),
        exchanges: Vec::new(),
        duration_ms: 1,
        reproduce: None,
        hint: None,
        waived: None,
    }
}

pub(super) fn skipped(requirement: &str, level: Level, reason: SkipReason) -> CheckResult {
    CheckResult { reason: Some(reason), ..check(requirement, level, Outcome::Skip) }
}

/// A report of these results, with their counts, and with `verdict` as it is given.
pub(super) fn report(verdict: Verdict, results: Vec<CheckResult>) -> Report {
    Report {
        format: FORMAT.to_owned(),
        tool: Tool { name: "arp-conformance".to_owned(), version: "0.1.0".to_owned() },
        target: TargetInfo {
            name: None,
            url: "http://127.0.0.1:8081".to_owned(),
            service: "run-gateway".to_owned(),
            contract: "v0.3.7".to_owned(),
            service_name: None,
            service_version: None,
            auth: AuthMode::Off,
            features: BTreeMap::new(),
        },
        verdict,
        explanation: None,
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        duration_ms: 412,
        requests: 1,
        retries: 0,
        runs_created: 0,
        counts: Counts::of(&results),
        requirements: requirements(&results, []),
        results,
        waivers: Vec::new(),
        exchanges: Vec::new(),
    }
}

/// A report with a failure that is waived, and with a waiver that has to be mended. What waivers make of the verdict is
/// not its matter: it is given.
pub(super) fn waived(verdict: Verdict) -> Report {
    let mut failed = check("RUN-3", Level::Must, Outcome::Fail);
    failed.message = "the run has <another> id".to_owned();
    failed.waived = Some(Waived {
        reason: "the store makes ids of its own | for now".to_owned(),
        until: "2026-12-31".to_owned(),
        issue: Some("https://example.org/issues/7".to_owned()),
    });
    let results = vec![check("HEALTH-1", Level::Must, Outcome::Pass), failed];
    let waives = "run-gateway/runs/finished-run#RUN-4".to_owned();
    let what = "it passes now; remove the waiver".to_owned();
    Report { waivers: vec![WaiverProblem { waives, what }], ..report(verdict, results) }
}

/// The samples are written by hand; what follows from their results has to follow in them too.
#[test]
fn samples_agree_with_themselves() {
    for (name, report) in all() {
        assert_eq!(report.counts, Counts::of(&report.results), "{name}");
        assert_eq!(report.verdict, super::verdict(&report.results, false), "{name}");
    }
}
