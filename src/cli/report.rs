//! Kept reports, rendered again or made into one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::Usage;
use super::arguments::{KnownFailures, Output};
use super::reports::{Files, print, read_set, say, write};
use super::waivers::today;
use crate::report::model::TargetInfo;
use crate::report::{ReportSet, visible};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Kept {
    #[command(subcommand)]
    pub what: Option<What>,
    /// JSON reports of runs, or sets of them
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub known: KnownFailures,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Subcommand)]
pub(super) enum What {
    /// Make one report of several, a set, and print it as JSON; the exit code is 0 whatever they say
    Merge(Merge),
}

#[derive(Debug, Args)]
pub(super) struct Merge {
    /// JSON reports of different targets, or sets of them
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Write the set to a file in place of standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

pub(super) fn run(arguments: Kept) -> Result<u8, Usage> {
    if let Some(What::Merge(merge)) = arguments.what {
        return self::merge(&merge);
    }
    let waivers = arguments.known.waivers()?;
    let mut reports = read_all(&arguments.files)?;
    if let Some(waivers) = waivers {
        waivers.refuse_overlaps(&reports.checks()).map_err(|error| Usage(error.to_string()))?;
        reports = waivers.apply(reports, today());
    }
    Files::open(&arguments.output)?.write(&reports, &arguments.output)?;
    print(&reports, &arguments.output)?;
    Ok(reports.exit_code(arguments.output.strict))
}

fn merge(arguments: &Merge) -> Result<u8, Usage> {
    let text = read_all(&arguments.files)?.json();
    match &arguments.json {
        Some(path) => write(path, &text)?,
        None => say(&text)?,
    }
    Ok(0)
}

/// The reports of all files, in their order.
///
/// # Errors
///
/// Where a file cannot be read, and where two reports are of the same service of one target: one of them is older, and
/// a report of both would say neither.
fn read_all(files: &[PathBuf]) -> Result<ReportSet, Usage> {
    let mut known: BTreeMap<(String, String), &Path> = BTreeMap::new();
    let mut reports = Vec::new();
    for file in files {
        for report in read_set(file)?.reports {
            let TargetInfo { name, url, service, .. } = &report.target;
            let target = name.as_ref().unwrap_or(url);
            if let Some(other) = known.insert((target.clone(), service.clone()), file) {
                let target = visible(target);
                return Err(Usage(format!(
                    "{} and {} both hold a report of {target} ({}); leave the older one out, or compare them with \
                     `arp-conformance diff`",
                    other.display(),
                    file.display(),
                    visible(service)
                )));
            }
            reports.push(report);
        }
    }
    Ok(ReportSet { reports })
}
