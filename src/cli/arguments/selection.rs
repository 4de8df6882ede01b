//! What is judged.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::report::model::{Level, Tier};

#[derive(Debug, Args)]
pub(in crate::cli) struct Selection {
    /// A bundled release of the contract, such as v0.3.7
    #[arg(long, value_name = "RELEASE", conflicts_with = "spec_path")]
    pub spec: Option<String>,
    /// A contract tree from disk: a repository root, its spec/ or v1/ folder
    #[arg(long, value_name = "DIR")]
    pub spec_path: Option<PathBuf>,
    /// A folder of more case files, beside the bundled ones
    #[arg(long, value_name = "DIR")]
    pub cases: Vec<PathBuf>,
    /// As far as the run may go
    #[arg(long, value_enum, default_value = "deep")]
    pub tier: Tier,
    /// Allow runs to be created on a target that is not loopback
    #[arg(long)]
    pub allow_mutations: bool,
    /// Judge only checks with this id, or of this scenario, suite or requirement; * stands for any text
    #[arg(long, value_name = "ID")]
    pub only: Vec<String>,
    /// Leave out checks, named as for --only
    #[arg(long, value_name = "ID")]
    pub skip: Vec<String>,
    /// Judge only the checks of this requirement
    #[arg(long, value_name = "ID")]
    pub requirement: Vec<String>,
    /// Judge only the checks that failed, warned or ended in an error in a kept JSON report
    #[arg(long, value_name = "REPORT")]
    pub rerun_failed: Option<PathBuf>,
    /// The weakest level to judge
    #[arg(long, value_enum, default_value = "may")]
    pub level: LevelName,
    /// Print what would be sent, and what not and why, and send nothing
    #[arg(long, conflicts_with_all = ["json", "junit", "html", "markdown", "sarif", "badge", "report", "events"])]
    pub dry_run: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LevelName {
    Must,
    Should,
    May,
}

impl From<LevelName> for Level {
    fn from(name: LevelName) -> Self {
        match name {
            LevelName::Must => Level::Must,
            LevelName::Should => Level::Should,
            LevelName::May => Level::May,
        }
    }
}
