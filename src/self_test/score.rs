//! What the trials say about the suite: mistakes that are caught, checks that never fail, requirements without a check,
//! and findings on servers that are right.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use super::trial::{TrialError, judge};
use crate::contract::Service;
use crate::judge::possible_checks;
use crate::reference::{Fault, Options, configurations, faults};
use crate::report::model::{CheckResult, Level, Outcome, Report, SkipReason, Verdict};
use crate::run::Bundled;
use crate::run::Settings;

/// Servers that are judged at the same time: most of a trial is waiting.
const AT_ONCE: usize = 40;

/// How long a run may take to end in a trial; the reference server's ordinary runs take some 40 ms.
const POLL_TIMEOUT: Duration = Duration::from_secs(2);

/// The outcome of all trials.
#[derive(Debug, Serialize)]
pub struct Score {
    pub configurations: Vec<RightTrial>,
    pub faults: Vec<FaultTrial>,
    /// Checks that passed on a server that is right and failed on none that is wrong.
    pub idle_checks: Vec<String>,
    /// Requirements of the catalogue without a check, as `service requirement`.
    pub missing_requirements: Vec<String>,
    pub seconds: f64,
}

/// A server that is right.
#[derive(Debug, Serialize)]
pub struct RightTrial {
    pub service: Service,
    pub name: String,
    pub verdict: Verdict,
    pub checks: usize,
    pub requests: u64,
    pub runs: u64,
    pub duration_ms: u64,
    /// Findings, and musts that were not measured: none of them may be.
    pub false_findings: Vec<String>,
}

/// A server with one mistake.
#[derive(Debug, Serialize)]
pub struct FaultTrial {
    pub service: Service,
    pub fault: String,
    pub says: String,
    pub caught: Caught,
    /// Checks that failed.
    pub failed: Vec<String>,
    /// Requirements that the fault does not name and that have a failed check all the same.
    pub beside: Vec<String>,
    pub duration_ms: u64,
}

/// Whether a fault was caught by checks of all requirements that it violates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Caught {
    Yes,
    /// No check of these requirements failed.
    NotBy(Vec<String>),
}

impl Score {
    /// Tries every configuration and every fault of `services`; where it has to be `quick`, the default configuration
    /// alone.
    pub async fn of(bundled: &Bundled, services: &[Service], quick: bool) -> Result<Score, TrialError> {
        let begun = Instant::now();
        let most = if quick { 1 } else { usize::MAX };
        let right = services.iter().flat_map(|service| configurations(*service).into_iter().take(most));
        let right = right.map(|(name, options)| (name, options, Settings::default()));
        let right: Vec<(&str, Report)> = side_by_side(bundled, right).await?;
        let faulty = if quick { &[] } else { services };
        let wrong = faulty.iter().flat_map(|service| faults(*service).map(move |fault| (*service, fault)));
        let wrong = wrong.map(|(service, fault)| {
            let settings = Settings { poll_timeout: POLL_TIMEOUT, ..Settings::default() };
            ((service, fault), fault.options(service), settings)
        });
        let wrong: Vec<((Service, &Fault), Report)> = side_by_side(bundled, wrong).await?;

        let mut failed: BTreeSet<(Service, &str)> = BTreeSet::new();
        for ((service, _), report) in &wrong {
            failed.extend(violations(report).map(|result| (*service, result.id.as_str())));
        }
        let mut idle: BTreeSet<(Service, &str)> = BTreeSet::new();
        for (_, report) in &right {
            let Ok(service) = report.target.service.parse::<Service>() else { continue };
            let passed = report.results.iter().filter(|result| result.outcome == Outcome::Pass);
            idle.extend(passed.map(|result| (service, result.id.as_str())));
        }
        idle.retain(|check| !quick && !failed.contains(check));
        Ok(Score {
            idle_checks: idle.iter().map(|(service, id)| format!("{service} {id}")).collect(),
            missing_requirements: missing(bundled, services),
            configurations: right.iter().filter_map(|(name, report)| RightTrial::of(name, report)).collect(),
            faults: wrong
                .iter()
                .map(|((service, fault), report)| FaultTrial::of(*service, fault, report))
                .collect(),
            seconds: begun.elapsed().as_secs_f64(),
        })
    }

    /// Whether every fault is caught, no check idle, no requirement missing and no finding false.
    pub fn is_perfect(&self) -> bool {
        self.faults.iter().all(|fault| fault.caught == Caught::Yes)
            && self.idle_checks.is_empty()
            && self.missing_requirements.is_empty()
            && self.configurations.iter().all(RightTrial::is_right)
    }
}

/// Makes trials, [`AT_ONCE`] at a time and on all cores, and returns their reports in the order of the trials.
async fn side_by_side<T>(
    bundled: &Bundled,
    trials: impl Iterator<Item = (T, Options, Settings)>,
) -> Result<Vec<(T, Report)>, TrialError> {
    let trials = trials.enumerate().map(|(at, (what, options, settings))| {
        let bundled = bundled.clone();
        let trial = tokio::spawn(async move { judge(&bundled, options, settings).await });
        async move { trial.await.map_err(TrialError::Stopped)?.map(|report| (at, what, report)) }
    });
    // A trial is spawned when its turn has come, and the slow ones keep nobody waiting.
    let mut reports: Vec<(usize, T, Report)> =
        stream::iter(trials).buffer_unordered(AT_ONCE).try_collect().await?;
    reports.sort_by_key(|(at, ..)| *at);
    Ok(reports.into_iter().map(|(_, what, report)| (what, report)).collect())
}

impl RightTrial {
    fn of(name: &str, report: &Report) -> Option<Self> {
        let wrong = report.results.iter().filter(|result| match result.outcome {
            Outcome::Fail | Outcome::Warn | Outcome::Error => true,
            Outcome::Skip => result.level == Level::Must && result.reason != Some(SkipReason::NotApplicable),
            Outcome::Pass | Outcome::Info => false,
        });
        Some(RightTrial {
            service: report.target.service.parse().ok()?,
            name: name.to_owned(),
            verdict: report.verdict,
            checks: report.results.len(),
            requests: report.requests,
            runs: report.runs_created,
            duration_ms: report.duration_ms,
            false_findings: wrong.map(|result| format!("{}: {}", result.id, result.message)).collect(),
        })
    }

    /// Whether the server was judged as what it is.
    pub fn is_right(&self) -> bool {
        self.verdict == Verdict::Conformant && self.false_findings.is_empty()
    }
}

impl FaultTrial {
    /// What a report says of a server with this fault.
    pub fn of(service: Service, fault: &Fault, report: &Report) -> Self {
        let failed: Vec<&CheckResult> = violations(report).collect();
        let hit: BTreeSet<&str> =
            failed.iter().flat_map(|result| &result.requirements).map(String::as_str).collect();
        let binds = |id: &&&str| report.requirements.iter().any(|row| row.id == **id);
        let escaped = fault.requirements.iter().filter(binds).filter(|id| !hit.contains(**id));
        let escaped: Vec<String> = escaped.map(|id| (*id).to_owned()).collect();
        FaultTrial {
            service,
            fault: fault.id.to_owned(),
            says: fault.says.to_owned(),
            caught: match escaped.is_empty() && !failed.is_empty() {
                true => Caught::Yes,
                false => Caught::NotBy(escaped),
            },
            failed: failed.iter().map(|result| result.id.clone()).collect(),
            beside: hit
                .iter()
                .filter(|id| !fault.requirements.contains(id))
                .map(|id| (*id).to_owned())
                .collect(),
            duration_ms: report.duration_ms,
        }
    }
}

/// Checks with findings: failures, warnings, and observations that something is not as it may be.
fn violations(report: &Report) -> impl Iterator<Item = &CheckResult> {
    report.results.iter().filter(|result| !result.findings.is_empty())
}

/// Requirements of the catalogue that no check names.
fn missing(bundled: &Bundled, services: &[Service]) -> Vec<String> {
    let known = services.iter().filter_map(|service| bundled.services().get(service));
    let missing = known.flat_map(|(contract, suite)| {
        let checks = possible_checks(suite, contract);
        let service = contract.service();
        let rows = suite.catalogue.of(service);
        let bare = rows.filter(move |row| !checks.iter().any(|check| check.requirement == row.id));
        bare.map(move |row| format!("{service} {}", row.id))
    });
    missing.collect()
}
