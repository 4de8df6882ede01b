//! Where flags come from that are not typed, and which of the targets named there are judged.

use std::path::PathBuf;

use clap::Args;

// Read before there are arguments, by the module that makes them.
#[derive(Debug, Args)]
pub(in crate::cli) struct Configuration {
    /// Judge a target that the configuration file names
    #[arg(long, value_name = "NAME")]
    pub target_name: Option<String>,
    /// Judge every target that the configuration file names, side by side, in one report
    #[arg(long)]
    pub all_targets: bool,
    /// The configuration file; without it arp-conformance.toml is looked for here and in the folders above
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Read no configuration file
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
}
