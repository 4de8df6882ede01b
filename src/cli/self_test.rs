//! Runs the suite against the reference server in every configuration and prints what came of it.

use std::time::Instant;

use futures_util::future::try_join_all;

use super::Usage;
use super::arguments::SelfTest;
use crate::contract::Service;
use crate::reference::configurations;
use crate::report::model::{CheckResult, Level, Outcome, Report, SkipReason, Verdict};
use crate::run::Settings;
use crate::self_test::{Bundled, judge};

pub(super) async fn run(arguments: SelfTest) -> Result<u8, Usage> {
    let begun = Instant::now();
    let bundled = Bundled::load().map_err(|error| Usage(error.to_string()))?;
    let wanted = arguments.service.map_or(Service::ALL.to_vec(), |service| vec![service]);
    let trials = wanted.into_iter().flat_map(configurations).map(|(name, options)| {
        let bundled = &bundled;
        async move { judge(bundled, options, Settings::default()).await.map(|report| (name, report)) }
    });
    let reports = try_join_all(trials).await.map_err(|error| Usage(error.to_string()))?;
    println!("service      configuration            verdict        checks requests   runs       ms");
    for (name, report) in &reports {
        let (service, verdict) = (&report.target.service, report.verdict.name());
        let (checks, requests) = (report.results.len(), report.requests);
        let (runs, ms) = (report.runs_created, report.duration_ms);
        println!("{service:<12} {name:<24} {verdict:<14} {checks:>6} {requests:>8} {runs:>6} {ms:>8}");
        for result in wrongly_judged(report) {
            println!("    {} {}: {}", result.outcome.name(), result.id, result.message);
        }
    }
    let wrong = reports.iter().filter(|(_, report)| is_wrong(report)).count();
    let seconds = begun.elapsed().as_secs_f64();
    println!("\n{} configurations, {wrong} judged wrongly, {seconds:.2} s", reports.len());
    Ok(u8::from(wrong > 0))
}

/// Every configuration is right, so that anything but a conformant verdict is a mistake of the suite.
fn is_wrong(report: &Report) -> bool {
    report.verdict != Verdict::Conformant || wrongly_judged(report).next().is_some()
}

/// Findings on a server that is right, and musts that were not measured.
fn wrongly_judged(report: &Report) -> impl Iterator<Item = &CheckResult> {
    report.results.iter().filter(|result| match result.outcome {
        Outcome::Fail | Outcome::Warn | Outcome::Error => true,
        Outcome::Skip => result.level == Level::Must && result.reason != Some(SkipReason::NotApplicable),
        Outcome::Pass | Outcome::Info => false,
    })
}
