//! The command line: arguments, and one file per subcommand.

mod arguments;
mod diff;
mod dry_run;
mod event_log;
mod explain;
mod interrupt;
mod judge;
mod list;
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

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

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
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(Usage(format!("the program could not start its threads: {error}"))),
    };
    let done = runtime.block_on(async {
        match arguments.command {
            Some(Command::List(options)) => list::run(options).await,
            Some(Command::Explain(options)) => explain::run(options).await,
            Some(Command::Serve(options)) => serve::run(options).await,
            Some(Command::SelfTest(options)) => self_test::run(options).await,
            Some(Command::Diff(options)) => diff::run(options),
            Some(Command::Report(options)) => report::run(options),
            Some(Command::Waivers(options)) => waivers::run(options),
            None => judge::run(arguments.judge).await,
        }
    });
    // Reads that are under way are not waited for.
    runtime.shutdown_background();
    match done {
        Ok(code) => ExitCode::from(code),
        Err(usage) => fail(usage),
    }
}

/// Prints to standard output. A reader that closed the pipe has read enough.
fn print(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

fn fail(usage: Usage) -> ExitCode {
    anstream::eprintln!("error: {usage}");
    ExitCode::from(USAGE)
}
