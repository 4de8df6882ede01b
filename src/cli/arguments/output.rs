//! What is said, in which form and where.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

#[derive(Debug, Args)]
pub(in crate::cli) struct Output {
    /// What goes to standard output
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Write the JSON report to a file too
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write a JUnit report to a file too
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write what happens to a file as it happens, one JSON event a line; it reads like a report, also where the run was
    /// cut off
    #[arg(long, value_name = "FILE")]
    pub events: Option<PathBuf>,
    /// Take warnings and a partial verdict as failures
    #[arg(long)]
    pub strict: bool,
    /// Print the verdict alone
    #[arg(long, short, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print every check; given twice, every exchange too
    #[arg(long, short, action = ArgAction::Count)]
    pub verbose: u8,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto")]
    pub color: Color,
    /// Show no line of progress, which a terminal sees on standard error while a run goes on
    #[arg(long)]
    pub no_progress: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
    Text,
    Json,
    Junit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Color {
    Auto,
    Always,
    Never,
}
