//! `check`: the flags, the tiers and the exit codes of the ecosystem's first checker, for jobs that were written for it.
//! Neither a configuration file nor variables have a say: a line that moves over means what it meant.

mod headers;
mod outcome;

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser};

use super::arguments::{Arguments, Format, parse_seconds};
use super::configuration::Job;
use super::judge::{self, Done};
use super::{INTERRUPTED, Usage, reports};
use crate::contract::Service;
use crate::report::model::Tier;
use headers::Headers;
use outcome::{FAILED, exit_code, in_tier};

/// Services of the standard that are not judged here.
const NOT_JUDGED: [&str; 8] = [
    "run-coordinator",
    "atomic-executor",
    "composite-executor",
    "node-registry",
    "selection",
    "pdp",
    "tool-registry",
    "daemon",
];

#[derive(Debug, Args)]
pub(super) struct Check {
    /// What the target is: runtime, run-gateway, or all for both
    #[arg(value_name = "SERVICE")]
    pub service: String,
    /// The base URL of the service
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// With all: the base URL of the Runtime
    #[arg(long, value_name = "URL")]
    pub runtime_url: Option<String>,
    /// With all: the base URL of the Run Gateway
    #[arg(long, value_name = "URL")]
    pub run_gateway_url: Option<String>,
    /// Services that are not judged
    #[arg(
        long = "run-coordinator-url",
        hide = true,
        aliases = [
            "atomic-executor-url", "composite-executor-url", "node-registry-url", "selection-url", "pdp-url",
            "tool-registry-url", "daemon-url",
        ]
    )]
    pub not_judged_url: Vec<String>,
    /// As far as the run may go
    #[arg(long, value_enum, default_value = "smoke")]
    pub tier: Tier,
    /// Allow runs to be created, which core and deep need, on loopback too
    #[arg(long)]
    pub allow_mutations: bool,
    /// A header field that every request carries; Authorization is taken as the bearer token
    #[arg(long, value_name = "KEY=VALUE")]
    pub headers: Vec<String>,
    /// A file of such fields, one a line; lines with # in front are left out
    #[arg(long, value_name = "FILE")]
    pub headers_file: Option<PathBuf>,
    /// Take warnings, and a must of the tier that could not be measured, as failures
    #[arg(long)]
    pub strict: bool,
    /// The form of the report
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Write the report to a file, and not to standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How long one answer may take
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = parse_seconds)]
    pub timeout: f64,
    /// How long a run may take to reach its end
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = parse_seconds)]
    pub poll_timeout: f64,
    /// The version of the standard
    #[arg(long, value_name = "VERSION", default_value = "v1", value_parser = PossibleValuesParser::new(["v1"]))]
    pub spec: String,
    /// A contract tree from disk: a repository root, its spec/ or v1/ folder
    #[arg(long, value_name = "DIR")]
    pub spec_path: Option<PathBuf>,
    /// Without effect: what a failed connection means is found out without repeating it
    #[arg(long, value_name = "N")]
    pub retries: Option<u32>,
    /// Without effect: the pauses between reads of a run grow by themselves
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    pub poll_interval: Option<f64>,
    /// Without effect: it was about the Daemon
    #[arg(long)]
    pub no_cleanup: bool,
}

pub(super) async fn run(check: Check) -> Result<u8, Usage> {
    let targets = targets(&check)?;
    let headers = Headers::read(&check.headers, check.headers_file.as_deref())?;
    let mut jobs =
        targets.iter().map(|target| job(&check, target, &headers)).collect::<Result<Vec<_>, _>>()?;
    let runs = judge::prepare(&jobs).map_err(|Usage(text)| match &targets[..] {
        [target] => Usage(text.replacen("--target", target.flag, 1)),
        _ => Usage(text.replacen("--target", "its URL", 1)),
    })?;
    if check.tier >= Tier::Core && !check.allow_mutations {
        let tier = name(check.tier);
        anstream::eprintln!(
            "nothing was sent: the tier {tier} creates runs; allow it with --allow-mutations"
        );
        return Ok(FAILED);
    }
    let mut file = check.out.as_ref().map(open).transpose()?;
    let Done { reports, interrupted } = judge::execute(&jobs, runs, None).await?;
    let code = exit_code(&reports, check.tier, check.strict);
    let Some(first) = jobs.first_mut() else { return Ok(code) };
    let output = &mut first.arguments.output;
    // A strict report tells everything beyond the tier as missing, which is no failure here.
    output.strict = check.strict && code != 0;
    let shown = if check.format == Format::Junit { in_tier(reports, check.tier) } else { reports };
    match (&check.out, &mut file) {
        (Some(path), Some(file)) => {
            let text = reports::render(&shown, check.format, output);
            let written = reports::empty(file).and_then(|()| file.write_all(text.as_bytes()));
            written.map_err(|error| Usage(format!("{} could not be written: {error}", path.display())))?;
            anstream::println!("Wrote report: {}", path.display());
        }
        _ => reports::print(&shown, output)?,
    }
    Ok(if interrupted { INTERRUPTED } else { code })
}

/// Opens the file of the report, before anything is sent. Nothing in it changes yet.
fn open(path: &PathBuf) -> Result<File, Usage> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(path);
    file.map_err(|error| Usage(format!("--out {} cannot be written: {error}", path.display())))
}

struct Target<'c> {
    service: Service,
    /// The flag that gives the URL.
    flag: &'static str,
    url: &'c str,
}

/// The targets that are to be judged.
fn targets(check: &Check) -> Result<Vec<Target<'_>>, Usage> {
    let none_else =
        "judged are runtime and run-gateway; leave the other services to the checker that has them";
    let several = [
        (Service::Runtime, "--runtime-url", check.runtime_url.as_deref()),
        (Service::RunGateway, "--run-gateway-url", check.run_gateway_url.as_deref()),
    ];
    let several = several.into_iter();
    let several = several.filter_map(|(service, flag, url)| Some(Target { service, flag, url: url? }));
    let several: Vec<_> = several.collect();
    match (&*check.service, check.service.parse::<Service>(), &check.url) {
        _ if !check.not_judged_url.is_empty() => {
            Err(Usage(format!("--run-coordinator-url and its like: {none_else}")))
        }
        ("all", _, None) if several.is_empty() => {
            Err(Usage("check all: give --runtime-url, --run-gateway-url or both".into()))
        }
        ("all", _, None) => Ok(several),
        ("all", ..) => {
            Err(Usage("check all: give --runtime-url and --run-gateway-url in place of --url".into()))
        }
        (_, Ok(service), Some(url)) if several.is_empty() => Ok(vec![Target { service, flag: "--url", url }]),
        (name, Ok(_), _) => Err(Usage(format!("check {name}: give its URL with --url, and no other"))),
        (name, Err(_), _) if NOT_JUDGED.contains(&name) => Err(Usage(format!("check {name}: {none_else}"))),
        (name, Err(_), _) => {
            Err(Usage(format!("check {name}: unknown service; known are runtime, run-gateway, all")))
        }
    }
}

/// The main job that says the same.
fn job(check: &Check, target: &Target, headers: &Headers) -> Result<Job, Usage> {
    let mut line = vec![
        "arp-conformance".to_owned(),
        format!("--target={}", target.url),
        format!("--service={}", target.service),
        format!("--tier={}", name(check.tier)),
        format!("--timeout={}", check.timeout),
        format!("--poll-timeout={}", check.poll_timeout),
        format!("--format={}", name(check.format)),
    ];
    line.extend(check.allow_mutations.then(|| "--allow-mutations".to_owned()));
    line.extend(check.spec_path.as_ref().map(|path| format!("--spec-path={}", path.display())));
    line.extend(headers.flags());
    let arguments = Arguments::try_parse_from(line).map_err(|error| Usage(error.kind().to_string()))?;
    let name = (check.service == "all").then(|| target.service.to_string());
    Ok(Job::typed(name, arguments.judge))
}

/// The value as it is typed.
fn name(value: impl clap::ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
