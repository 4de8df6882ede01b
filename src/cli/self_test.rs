//! Tries the suite on the reference server, right and wrong, and prints what that says about the suite.

use super::Usage;
use super::arguments::SelfTest;
use crate::contract::Service;
use crate::self_test::{Bundled, Caught, Score};

pub(super) async fn run(arguments: SelfTest) -> Result<u8, Usage> {
    let bundled = Bundled::load().map_err(|error| Usage(error.to_string()))?;
    let services = arguments.service.map_or(Service::ALL.to_vec(), |service| vec![service]);
    let score = Score::of(&bundled, &services).await.map_err(|error| Usage(error.to_string()))?;
    if let Some(path) = &arguments.json {
        let written = std::fs::write(path, format!("{:#}\n", serde_json::json!(score)));
        written.map_err(|error| Usage(format!("{} could not be written: {error}", path.display())))?;
    }
    print(&score);
    Ok(u8::from(!score.is_perfect()))
}

fn print(score: &Score) {
    println!("service      configuration            verdict        checks requests   runs       ms");
    for trial in &score.configurations {
        let (service, name, verdict) = (trial.service.name(), &trial.name, trial.verdict.name());
        let (checks, requests, runs, ms) = (trial.checks, trial.requests, trial.runs, trial.duration_ms);
        println!("{service:<12} {name:<24} {verdict:<14} {checks:>6} {requests:>8} {runs:>6} {ms:>8}");
        trial.false_findings.iter().for_each(|finding| println!("    false finding: {finding}"));
    }
    println!();
    for trial in &score.faults {
        if let Caught::NotBy(requirements) = &trial.caught {
            let (service, fault, says) = (trial.service, &trial.fault, &trial.says);
            println!("not caught: {service} {fault} by {}: {says}", requirements.join(", "));
        }
    }
    score.idle_checks.iter().for_each(|check| println!("no fault fails: {check}"));
    score.missing_requirements.iter().for_each(|row| println!("no check: {row}"));
    let caught = score.faults.iter().filter(|trial| trial.caught == Caught::Yes).count();
    let right = score.configurations.iter().filter(|trial| trial.is_right()).count();
    println!("faults caught by a check of the right requirement   {caught} of {}", score.faults.len());
    println!(
        "configurations judged as the right ones that they are   {right} of {}",
        score.configurations.len()
    );
    println!("checks that no fault makes fail   {}", score.idle_checks.len());
    println!("requirements without a check   {}", score.missing_requirements.len());
    println!("in {:.1} s", score.seconds);
}
