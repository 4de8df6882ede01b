//! Runs the suite against the reference server in every configuration: all of them are right, so nothing may be
//! found.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::try_join_all;
use tokio::net::TcpListener;
use url::Url;

use super::Usage;
use super::arguments::SelfTest;
use crate::contract::{Contract, Service};
use crate::reference::{self, Auth, Options, configurations};
use crate::report::model::{Outcome, Report, Verdict};
use crate::run::{Run, Scope, Settings, Target};
use crate::suite::{Source, Suite};

pub(super) async fn run(arguments: SelfTest) -> Result<u8, Usage> {
    let begun = Instant::now();
    let wanted = arguments.service.map_or(Service::ALL.to_vec(), |service| vec![service]);
    let mut tried = Vec::new();
    for service in wanted {
        let contract = Arc::new(Contract::bundled(service).map_err(|error| Usage(error.to_string()))?);
        let suite = Suite::load(&Source::bundled(), &contract).map_err(|error| Usage(error.to_string()))?;
        let suite = Arc::new(suite);
        for (name, options) in configurations(service) {
            tried.push(try_configuration(name, options, contract.clone(), suite.clone()));
        }
    }
    let reports = try_join_all(tried).await?;
    println!(
        "{:<12} {:<24} {:<14} {:>6} {:>8} {:>6} {:>8}",
        "service", "configuration", "verdict", "checks", "requests", "runs", "ms"
    );
    let mut wrong = 0;
    for (name, report) in &reports {
        let found: Vec<_> = report
            .results
            .iter()
            .filter(|result| matches!(result.outcome, Outcome::Fail | Outcome::Warn | Outcome::Error))
            .collect();
        println!(
            "{:<12} {:<24} {:<14} {:>6} {:>8} {:>6} {:>8}",
            report.target.service,
            name,
            report.verdict.name(),
            report.results.len(),
            report.requests,
            report.runs_created,
            report.duration_ms
        );
        for result in &found {
            println!("    {} {}: {}", result.outcome.name(), result.id, result.message);
        }
        if report.verdict != Verdict::Conformant {
            let gaps = report.results.iter().filter(|result| {
                use crate::report::model::{Level, SkipReason};
                result.level == Level::Must
                    && result.reason.is_some_and(|reason| reason != SkipReason::NotApplicable)
            });
            for result in gaps {
                println!("    skip {}: {}", result.id, result.message);
            }
        }
        wrong += usize::from(!found.is_empty() || report.verdict != Verdict::Conformant);
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!("\n{} configurations, {wrong} judged wrongly, {seconds:.2} s", reports.len());
    Ok(u8::from(wrong > 0))
}

/// Starts one server, judges it and returns the report.
async fn try_configuration(
    name: &'static str,
    options: Options,
    contract: Arc<Contract>,
    suite: Arc<Suite>,
) -> Result<(&'static str, Report), Usage> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.map_err(|error| Usage(format!("no free port on loopback: {error}")))?;
    let server = reference::start(options.clone(), listener).await;
    let server = server.map_err(|error| Usage(format!("the reference server could not start: {error}")))?;
    let url = Url::parse(&server.url()).map_err(|error| Usage(error.to_string()))?;
    let token = (options.auth != Auth::Off).then(|| server.tokens().valid.clone());
    let run = Run {
        services: BTreeMap::from([(options.service, (contract, suite))]),
        target: Target { url, token, headers: Vec::new() },
        service: None,
        settings: Settings::default(),
        scope: Scope::default(),
    };
    let done = run.execute(std::future::pending()).await.map_err(|error| Usage(error.to_string()))?;
    server.shutdown().await;
    Ok((name, done.report))
}
