//! The command line: arguments, and one file per subcommand.

mod arguments;
mod check;
mod completions;
mod configuration;
mod diff;
mod dry_run;
mod event_log;
mod explain;
mod interrupt;
mod judge;
mod list;
mod man;
mod names;
mod outline;
mod progress;
mod report;
mod reports;
mod scope;
mod self_test;
mod serve;
mod setup;
mod waivers;
mod watch;

use std::process::ExitCode;

use arguments::Command;
use configuration::{Invocation, Stop};

/// Exit code of a wrong flag, file or configuration.
const USAGE: u8 = 2;

/// Exit code where nothing was selected.
const NOTHING_SELECTED: u8 = 4;

/// Exit code after Ctrl-C.
const INTERRUPTED: u8 = 130;

/// Something that the user has to mend before anything can be sent.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

/// Parses the arguments of the process, does what they say and returns its exit code.
pub fn main() -> ExitCode {
    let invocation = match configuration::read(std::env::args_os().collect()) {
        Ok(invocation) => invocation,
        Err(Stop::Usage(usage)) => return fail(usage),
        Err(Stop::Parser { error, notes }) => {
            // A reader that closed the pipe has read enough.
            let _ = error.print();
            if !notes.is_empty() {
                anstream::eprintln!("{notes}");
            }
            return u8::try_from(error.exit_code()).unwrap_or(USAGE).into();
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(Usage(format!("the program could not start its threads: {error}"))),
    };
    let done = runtime.block_on(async {
        match invocation {
            Invocation::Command(Command::List(options)) => list::run(options).await,
            Invocation::Command(Command::Explain(options)) => explain::run(options).await,
            Invocation::Command(Command::Diff(options)) => diff::run(options),
            Invocation::Command(Command::Report(options)) => report::run(*options),
            Invocation::Command(Command::Waivers(options)) => waivers::run(options),
            Invocation::Command(Command::Serve(options)) => serve::run(options).await,
            Invocation::Command(Command::SelfTest(options)) => self_test::run(options).await,
            Invocation::Command(Command::Check(options)) => check::run(*options).await,
            Invocation::Command(Command::Completions(options)) => completions::run(&options),
            Invocation::Command(Command::Man(options)) => man::run(&options),
            Invocation::Judge(jobs) => judge::run(jobs).await,
        }
    });
    // Reads that are under way are not waited for.
    runtime.shutdown_background();
    match done {
        Ok(code) => ExitCode::from(code),
        Err(usage) => fail(usage),
    }
}

fn fail(usage: Usage) -> ExitCode {
    anstream::eprintln!("error: {usage}");
    ExitCode::from(USAGE)
}
