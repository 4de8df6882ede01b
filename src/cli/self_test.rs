//! Tries the suite on the reference server, right and wrong, and prints what that says about the suite.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::Usage;
use crate::contract::Service;
use crate::run::Bundled;
use crate::self_test::{Caught, Score};

#[derive(Debug, Args)]
pub(super) struct SelfTest {
    /// Only this service
    #[arg(long, value_name = "NAME", value_parser = |text: &str| text.parse::<Service>())]
    pub service: Option<Service>,
    /// Only the service's default configuration, without faults
    #[arg(long)]
    pub quick: bool,
    /// Write the table to a file as JSON too
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

pub(super) async fn run(arguments: SelfTest) -> Result<u8, Usage> {
    let bundled = Bundled::load().map_err(|error| Usage(error.to_string()))?;
    let services = arguments.service.map_or(Service::ALL.to_vec(), |service| vec![service]);
    let score =
        Score::of(&bundled, &services, arguments.quick).await.map_err(|error| Usage(error.to_string()))?;
    if let Some(path) = &arguments.json {
        let written = std::fs::write(path, format!("{:#}\n", serde_json::json!(score)));
        written.map_err(|error| Usage(format!("{} could not be written: {error}", path.display())))?;
    }
    // A reader that closed the pipe has read enough.
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(table(&score).as_bytes()).and_then(|()| stdout.flush());
    Ok(u8::from(!score.is_perfect()))
}

/// The table that a person reads.
fn table(score: &Score) -> String {
    let mut lines: Vec<String> = Vec::new();
    lines.push("service      configuration            verdict        checks requests   runs       ms".into());
    for trial in &score.configurations {
        let (service, name, verdict) = (trial.service.name(), &trial.name, trial.verdict.name());
        let (checks, requests, runs, ms) = (trial.checks, trial.requests, trial.runs, trial.duration_ms);
        lines.push(format!(
            "{service:<12} {name:<24} {verdict:<14} {checks:>6} {requests:>8} {runs:>6} {ms:>8}"
        ));
        trial.false_findings.iter().for_each(|finding| lines.push(format!("    false finding: {finding}")));
    }
    lines.push(String::new());
    for trial in &score.faults {
        if let Caught::NotBy(requirements) = &trial.caught {
            let (service, fault, says) = (trial.service, &trial.fault, &trial.says);
            lines.push(format!("not caught: {service} {fault} by {}: {says}", requirements.join(", ")));
        }
    }
    score.idle_checks.iter().for_each(|check| lines.push(format!("no fault fails: {check}")));
    score.missing_requirements.iter().for_each(|row| lines.push(format!("no check: {row}")));
    let right = score.configurations.iter().filter(|trial| trial.is_right()).count();
    let configurations = score.configurations.len();
    lines
        .push(format!("configurations judged as the right ones that they are   {right} of {configurations}"));
    if !score.faults.is_empty() {
        let caught = score.faults.iter().filter(|trial| trial.caught == Caught::Yes).count();
        lines.push(format!(
            "faults caught by a check of the right requirement   {caught} of {}",
            score.faults.len()
        ));
        lines.push(format!("checks that no fault makes fail   {}", score.idle_checks.len()));
    }
    lines.push(format!("requirements without a check   {}", score.missing_requirements.len()));
    lines.push(format!("in {:.1} s", score.seconds));
    lines.push(String::new());
    lines.join("\n")
}
