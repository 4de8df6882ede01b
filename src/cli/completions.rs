//! Prints completions for shells.

use std::io::Write;

use clap::Args;
use clap_complete::Shell;

use super::{Usage, arguments};

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: Shell,
}

pub(super) fn run(arguments: &Completions) -> Result<u8, Usage> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut arguments::command(false), "arp-conformance", &mut script);
    // A reader that closed the pipe has read enough.
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(&script).and_then(|()| stdout.flush());
    Ok(0)
}
