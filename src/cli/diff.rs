//! Compares two kept reports.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Usage;
use super::reports::{read_set, say};
use crate::report::Comparison;

#[derive(Debug, Args)]
pub(super) struct Diff {
    /// The JSON report from before, or a set of them
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The JSON report of now, or a set of them
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// What goes to standard output
    #[arg(long, value_enum, default_value = "text")]
    pub format: DiffFormat,
    /// Take a should that is not met any more as a failure
    #[arg(long)]
    pub strict: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DiffFormat {
    Text,
    Json,
    Markdown,
}

pub(super) fn run(arguments: Diff) -> Result<u8, Usage> {
    let (old, new) = (read_set(&arguments.old)?, read_set(&arguments.new)?);
    let comparison = Comparison::of(&old, &new, arguments.strict);
    say(&match arguments.format {
        DiffFormat::Text => comparison.text(),
        DiffFormat::Json => comparison.json(),
        DiffFormat::Markdown => comparison.markdown(),
    })?;
    Ok(comparison.exit_code())
}
