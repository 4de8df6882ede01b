//! Targets that are broken or hostile, on raw sockets: whatever they send, the program ends within its limits, stays
//! small, judges rightly, sends nothing astray, shows nothing raw and keeps its secrets.
//!
//! Each misbehaviour is a line of a table (`table/`) and a trial of its own: the right answers are those of the reference
//! server, and a server without any HTTP library stands in front of it and spoils them.

mod answer;
mod expectation;
mod memory;
mod misbehaviour;
mod packed;
mod program;
mod table;
mod target;
mod trial;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// Trials mostly wait for their target, so there may be more of them than processors.
const TRIALS_AT_ONCE: usize = 5;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(TRIALS_AT_ONCE);
    let mut trials = vec![
        Trial::test("names-are-unique", trial::names_are_unique),
        Trial::test("bombs-explode", packed::bombs_explode),
    ];
    trials.extend(table::all().into_iter().map(|(concern, misbehaviour)| {
        Trial::test(misbehaviour.name, move || trial::run(&misbehaviour)).with_kind(concern)
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}
