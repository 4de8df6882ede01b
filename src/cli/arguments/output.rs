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
    /// Write an HTML report to a file too
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write a summary in Markdown to a file too
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Write what failed as SARIF, for code scanning, to a file too
    #[arg(long, value_name = "FILE")]
    pub sarif: Option<PathBuf>,
    /// Draw the verdict as a badge: an SVG, or where the file ends in .json what shields.io draws one from
    #[arg(long, value_name = "FILE")]
    pub badge: Option<PathBuf>,
    /// Write every form to a folder: report.json, junit.xml, report.html, summary.md, report.sarif, badge.svg
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    /// Open the HTML page when it is written
    #[arg(long)]
    pub open: bool,
    /// In a job of GitHub Actions: append the summary to $GITHUB_STEP_SUMMARY, and print annotations to standard error
    #[arg(long)]
    pub github: bool,
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
    Markdown,
    Html,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Color {
    Auto,
    Always,
    Never,
}
