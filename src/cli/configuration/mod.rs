//! What the flags of the main job are: typed, in variables of the environment, or in `arp-conformance.toml`.

mod document;
mod environment;
mod file;
mod flag;
mod given;
mod invocation;
mod merge;

pub(super) use invocation::{Invocation, Job, Stop, read};
