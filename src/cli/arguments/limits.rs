//! How long, how much and how often.

use clap::Args;

use super::values::parse_seconds;

#[derive(Debug, Args)]
pub(in crate::cli) struct Limits {
    /// How long one answer may take
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = parse_seconds)]
    pub timeout: f64,
    /// How long a run may take to reach its end
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = parse_seconds)]
    pub poll_timeout: f64,
    /// How long everything together may take
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = parse_seconds)]
    pub deadline: f64,
    /// Scenarios that run at the same time
    #[arg(long, value_name = "N", default_value = "8", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
    /// How often a request is sent again to which no answer came: a read, or one that no connection came about for
    #[arg(long, value_name = "N", default_value = "0", value_parser = clap::value_parser!(u8).range(0..=20))]
    pub retries: u8,
    /// Begin no further scenario once a must is violated, with --strict a should too
    #[arg(long)]
    pub fail_fast: bool,
}
