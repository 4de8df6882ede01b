//! The command line, as a user meets it: the built program, what it prints and how it exits.

#[path = "../support/canned.rs"]
#[expect(dead_code, reason = "other tests need more of it")]
mod canned;
mod check;
mod configuration;
mod exploring;
mod known_failures;
mod program;
mod reports;
mod selecting;
mod stops;
mod usage;
mod words;
