//! The flags of the main job, in groups as `--help` shows them. A subcommand's flags stand in its own file.

mod credentials;
mod knowledge;
mod known_failures;
mod limits;
mod output;
mod selection;
mod values;

use clap::{Args, Parser, Subcommand};

use super::diff::Diff;
use super::explain::Explain;
use super::list::List;
use super::report::Kept;
use super::self_test::SelfTest;
use super::serve::Serve;
use super::waivers::WaiversCommand;

pub(super) use credentials::Credentials;
pub(super) use knowledge::Knowledge;
pub(super) use known_failures::KnownFailures;
pub(super) use limits::Limits;
pub(super) use output::{Color, Format, Output};
pub(super) use selection::{LevelName, Selection};
pub(super) use values::{Expected, variable_value};

use values::parse_service;

/// Finds out what stands at a URL, puts it through its paces, and says which requirements of the ARP Standard hold
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 110,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub judge: Judge,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the scenarios of the suite, its checks, or the requirements with their checks
    List(List),
    /// Explain a requirement, a check or a scenario
    Explain(Explain),
    /// Start the bundled reference server
    Serve(Serve),
    /// Try the suite on the bundled reference server: right in every configuration, and wrong in every way it can be
    SelfTest(SelfTest),
    /// Compare two kept reports: what fails newly, what holds now, what else changed
    Diff(Diff),
    /// Render kept JSON reports again, in any form; the exit code is the run's
    Report(Kept),
    /// Keep the file of known failures up to date
    Waivers(WaiversCommand),
}

#[derive(Debug, Args)]
pub(super) struct Judge {
    /// The base URL of the service under test
    #[arg(long, value_name = "URL", required = true)]
    pub target: Option<String>,
    /// What the target is
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = parse_service)]
    pub service: Expected,
    #[command(flatten, next_help_heading = "What is judged")]
    pub selection: Selection,
    #[command(flatten, next_help_heading = "Credentials")]
    pub credentials: Credentials,
    #[command(flatten, next_help_heading = "The target's runs and features")]
    pub knowledge: Knowledge,
    #[command(flatten, next_help_heading = "Known failures")]
    pub known: KnownFailures,
    #[command(flatten, next_help_heading = "Limits")]
    pub limits: Limits,
    #[command(flatten, next_help_heading = "Reports")]
    pub output: Output,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_fit_together() {
        Arguments::command().debug_assert();
    }
}
