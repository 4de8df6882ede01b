//! A trial: a target that misbehaves, the program, and whether it did as it should.

use std::collections::BTreeSet;

use libtest_mimic::Failed;
use tokio::runtime::Builder;

use crate::misbehaviour::Misbehaviour;
use crate::program;
use crate::table;
use crate::target::Target;

/// Each trial has threads of its own, so that a target that floods keeps no other from answering.
pub fn run(misbehaviour: &Misbehaviour) -> Result<(), Failed> {
    let tokio = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    tokio.block_on(async {
        let target = Target::start(misbehaviour).await;
        let done = program::run(misbehaviour, &target).await;
        let wrong = misbehaviour.expected.judge(&done, &target).0;
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
    })
}

/// There are as many misbehaviours as there are names.
pub fn names_are_unique() -> Result<(), Failed> {
    let mut names = BTreeSet::new();
    let again: Vec<&str> =
        table::all().iter().map(|(_, it)| it.name).filter(|name| !names.insert(*name)).collect();
    if again.is_empty() { Ok(()) } else { Err(format!("twice: {}", again.join(", ")).into()) }
}
