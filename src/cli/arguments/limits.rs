//! How long, how much and how often.

use std::time::Duration;

use clap::Args;

use super::values::{parse_octets, parse_seconds};
use crate::wire;

#[derive(Debug, Args)]
pub(in crate::cli) struct Limits {
    /// How long one answer may take
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = parse_seconds)]
    pub timeout: f64,
    /// How long a connection may take to stand
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = parse_seconds)]
    pub connect_timeout: f64,
    /// How long the head of an answer may take; --timeout where that is shorter
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = parse_seconds)]
    pub first_byte_timeout: f64,
    /// How long an event stream may say nothing, whatever a case file allows
    #[arg(long, value_name = "SECONDS", default_value = "15", value_parser = parse_seconds)]
    pub stream_idle_timeout: f64,
    /// How long an event stream is read, whatever a case file allows
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = parse_seconds)]
    pub stream_timeout: f64,
    /// How long a run may take to reach its end
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = parse_seconds)]
    pub poll_timeout: f64,
    /// How long everything together may take
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = parse_seconds)]
    pub deadline: f64,
    /// Scenarios that run at the same time
    #[arg(long, value_name = "N", default_value = "8", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
    /// Requests of the whole run
    #[arg(long, value_name = "N", default_value = "2000", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_requests: u64,
    /// How much of an answer's head is read
    #[arg(long, value_name = "OCTETS", default_value = "65536", value_parser = parse_octets)]
    pub max_head: usize,
    /// How much of a body is read, after its content coding is undone
    #[arg(long, value_name = "OCTETS", default_value = "8388608", value_parser = parse_octets)]
    pub max_body: usize,
    /// How much of an event stream is read
    #[arg(long, value_name = "OCTETS", default_value = "16777216", value_parser = parse_octets)]
    pub max_stream: usize,
    /// How much of one event or line of a stream is read
    #[arg(long, value_name = "OCTETS", default_value = "1048576", value_parser = parse_octets)]
    pub max_event: usize,
    /// How many events of a stream are read
    #[arg(long, value_name = "N", default_value = "10000", value_parser = parse_octets)]
    pub max_events: usize,
    /// How often a request is sent again to which no answer came: a read, or one that no connection came about for
    #[arg(long, value_name = "N", default_value = "0", value_parser = clap::value_parser!(u8).range(0..=20))]
    pub retries: u8,
    /// Begin no further scenario once a must is violated, with --strict a should too
    #[arg(long)]
    pub fail_fast: bool,
    /// How much of all answers together is kept for judging
    #[arg(long, value_name = "OCTETS", default_value = "33554432", value_parser = parse_octets)]
    pub max_kept: usize,
}

impl Limits {
    /// What a target may cost at most.
    pub fn of_a_target(&self) -> wire::Limits {
        wire::Limits {
            connect: Duration::from_secs_f64(self.connect_timeout),
            first_byte: Duration::from_secs_f64(self.first_byte_timeout),
            answer: Duration::from_secs_f64(self.timeout),
            stream_idle: Duration::from_secs_f64(self.stream_idle_timeout),
            stream_time: Duration::from_secs_f64(self.stream_timeout),
            head: self.max_head,
            body: self.max_body,
            stream: self.max_stream,
            events: self.max_events,
            event: self.max_event,
            kept: self.max_kept,
            requests: self.max_requests,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        limits: Limits,
    }

    #[test]
    fn the_defaults_are_those_of_the_library() {
        assert_eq!(Program::parse_from(["x"]).limits.of_a_target(), wire::Limits::default());
    }
}
