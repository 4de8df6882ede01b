//! A trial: a target that misbehaves, the program, and whether it did as it should.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use libtest_mimic::Failed;
use tokio::runtime::Runtime;

use crate::misbehaviour::Misbehaviour;
use crate::program;
use crate::table;
use crate::target::Target;

static TOKIO: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

pub fn run(misbehaviour: &Misbehaviour) -> Result<(), Failed> {
    TOKIO.block_on(async {
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
