//! What is known to fail.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Usage;
use crate::cli::reports::read;
use crate::report::Waivers;

#[derive(Debug, Args)]
pub(in crate::cli) struct KnownFailures {
    /// A YAML file of waivers: failures that are known and let pass, each for a reason and up to a day
    #[arg(long, value_name = "FILE")]
    pub waivers: Option<PathBuf>,
}

impl KnownFailures {
    /// The waivers of the file, if there is one.
    pub fn waivers(&self) -> Result<Option<Waivers>, Usage> {
        let Some(path) = &self.waivers else { return Ok(None) };
        let read = Waivers::read(&path.display().to_string(), &read(path)?);
        read.map(Some).map_err(|error| Usage(error.to_string()))
    }
}
