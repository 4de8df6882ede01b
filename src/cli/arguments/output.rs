//! What is said, in which form and where.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

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
    /// Take warnings and a partial verdict as failures
    #[arg(long)]
    pub strict: bool,
    /// Print the verdict alone
    #[arg(long, short, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print every check
    #[arg(long, short)]
    pub verbose: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto")]
    pub color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
    Text,
    Json,
    Junit,
    Html,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Color {
    Auto,
    Always,
    Never,
}
