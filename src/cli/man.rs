//! Prints manual pages.

use std::io::Write;

use clap::Args;

use super::{Usage, arguments};

#[derive(Debug, Args)]
pub(super) struct Man {
    /// The page of this subcommand; without it the program's own
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}

pub(super) fn run(arguments: &Man) -> Result<u8, Usage> {
    let mut program = arguments::command(false);
    // Only then has a subcommand its whole name.
    program.build();
    let page = match &arguments.command {
        None => program,
        Some(name) => program.find_subcommand(name).cloned().ok_or_else(|| {
            let names: Vec<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
            Usage(format!("man {name}: no such command; known are {}", names.join(", ")))
        })?,
    };
    let name = page.get_display_name().unwrap_or(page.get_name()).to_owned();
    let mut text = Vec::new();
    let rendered = clap_mangen::Man::new(page).title(name).render(&mut text);
    // Memory takes everything.
    rendered.map_err(|error| Usage(format!("the page could not be written: {error}")))?;
    // A reader that closed the pipe has read enough.
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(&text).and_then(|()| stdout.flush());
    Ok(0)
}
