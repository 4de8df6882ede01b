//! The flags of the main job, in groups as `--help` shows them. A subcommand's flags stand in its own file.

mod configuration;
mod credentials;
mod knowledge;
mod known_failures;
mod limits;
mod output;
mod selection;
mod values;

use clap::builder::Resettable;
use clap::{Args, CommandFactory, Parser, Subcommand};

use super::check::Check;
use super::completions::Completions;
use super::diff::Diff;
use super::explain::Explain;
use super::list::List;
use super::man::Man;
use super::report::Kept;
use super::self_test::SelfTest;
use super::serve::Serve;
use super::waivers::WaiversCommand;

pub(super) use configuration::Configuration;
pub(super) use credentials::Credentials;
pub(super) use knowledge::Knowledge;
pub(super) use known_failures::KnownFailures;
pub(super) use limits::Limits;
pub(super) use output::{Color, Format, Output};
pub(super) use selection::{LevelName, Selection};
pub(super) use values::{Expected, parse_header, parse_seconds, variable_value};

use values::parse_service;

/// Finds out what stands at a URL, puts it through its paces, and says which requirements of the ARP Standard hold
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 110,
    args_conflicts_with_subcommands = true,
    override_usage = "arp-conformance --target <URL> [OPTIONS]\n       arp-conformance <COMMAND>",
    after_help = "All flags: --help. Each is also a key of arp-conformance.toml and a variable, ARP_TIER=core.",
    after_long_help = "Each flag is also a key of arp-conformance.toml (timeout = 5), and a variable of the environment \
        (ARP_TIMEOUT=5). A flag that is typed comes before the variable, and the variable before the file."
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
    // Boxed, for it has far more flags than its neighbours.
    Report(Box<Kept>),
    /// Keep the file of known failures up to date
    Waivers(WaiversCommand),
    /// Judge with the words of the ecosystem's first checker: check SERVICE --url URL
    // Boxed, for it has far more flags than its neighbours.
    Check(Box<Check>),
    /// Print the completions of a shell
    Completions(Completions),
    /// Print the manual page
    Man(Man),
}

#[derive(Debug, Args)]
pub(super) struct Judge {
    /// The base URL of the service under test
    #[arg(long, value_name = "URL")]
    pub target: Option<String>,
    /// What the target is
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = parse_service)]
    pub service: Expected,
    #[command(flatten)]
    pub configuration: Configuration,
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

/// The flags that `-h` shows: what a first run needs, and what one adds from day to day. `--help` shows all.
const EVERYDAY: [&str; 11] = [
    "target",
    "service",
    "target_name",
    "tier",
    "allow_mutations",
    "only",
    "token_file",
    "format",
    "json",
    "junit",
    "strict",
];

/// The parser of the whole command line. Where it is `brief`, its help is for `-h`, which fits on one screen: everyday flags
/// alone, and too few of them for headings.
pub(super) fn command(brief: bool) -> clap::Command {
    Arguments::command().mut_args(|arg| {
        let everyday = EVERYDAY.contains(&arg.get_id().as_str());
        let arg = arg.hide_short_help(!everyday);
        if brief { arg.help_heading(Resettable::Reset) } else { arg }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_fit_together() {
        command(false).debug_assert();
    }

    #[test]
    fn the_everyday_flags_are_flags() {
        let command = command(false);
        for id in EVERYDAY {
            assert!(command.get_arguments().any(|arg| arg.get_id() == id), "{id}");
        }
    }
}
