//! Writes the file of waivers from what a run found.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::Usage;
use super::reports::{read, read_set, say, write};
use crate::report::{Waivers, day};

/// How long new waivers hold.
const DAYS: i64 = 90;

#[derive(Debug, Args)]
pub(super) struct WaiversCommand {
    #[command(subcommand)]
    pub what: What,
}

#[derive(Debug, Subcommand)]
pub(super) enum What {
    /// Bring a file of waivers to what a report found: keep what still fails, drop what holds, add what is new
    Update(UpdateWaivers),
}

#[derive(Debug, Args)]
pub(super) struct UpdateWaivers {
    /// The JSON report
    #[arg(long, value_name = "REPORT")]
    pub from: PathBuf,
    /// The file of waivers; it is made if it is not there
    #[arg(long, value_name = "FILE")]
    pub waivers: PathBuf,
    /// The last day of new waivers, such as 2026-12-31 [default: in 90 days]
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub until: Option<Date>,
    /// The reason of new waivers
    #[arg(long, value_name = "TEXT", default_value = "TODO: say why")]
    pub reason: String,
}

fn parse_day(text: &str) -> Result<Date, String> {
    day(text).ok_or_else(|| "write a day such as 2026-12-31".to_owned())
}

/// The day in UTC, so that a waiver ends at the same moment wherever it is looked at.
pub(super) fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

pub(super) fn run(arguments: WaiversCommand) -> Result<u8, Usage> {
    let What::Update(arguments) = arguments.what;
    let path = &arguments.waivers;
    if arguments.reason.trim().is_empty() {
        return Err(Usage("--reason is empty; say why the failures are let pass".into()));
    }
    if arguments.until.is_some_and(|until| until < today()) {
        return Err(Usage("--until is in the past; such waivers would let nothing pass".into()));
    }
    let reports = read_set(&arguments.from)?;
    let text = match std::fs::exists(path) {
        Ok(false) => String::new(),
        _ => read(path)?,
    };
    let waivers =
        Waivers::read(&path.display().to_string(), &text).map_err(|error| Usage(error.to_string()))?;
    waivers.refuse_overlaps(&reports.checks()).map_err(|error| Usage(error.to_string()))?;

    let until = arguments.until.unwrap_or_else(|| today().saturating_add(DAYS.days()));
    let update = waivers.update(&text, &reports, &arguments.reason, until);
    write(path, &update.text)?;

    let (kept, dropped, added) = (update.kept.len(), update.dropped.len(), update.added.len());
    let mut said = format!("{}: {kept} kept, {dropped} dropped, {added} added\n", path.display());
    let mut tell = |what: &str, waives: String| {
        // Writing to a text cannot fail.
        _ = writeln!(said, "  {what:<8} {}", crate::report::visible(&waives));
    };
    let expired = update.kept.iter().filter(|waiver| waiver.until < today());
    expired
        .for_each(|it| tell("expired", format!("{}: give it a new day, or mend what it waives", it.waives)));
    update.dropped.iter().for_each(|it| tell("dropped", format!("{}: {}", it.waiver.waives, it.why)));
    update.added.iter().for_each(|it| tell("added", it.waives.to_string()));
    say(&said)?;
    Ok(0)
}
