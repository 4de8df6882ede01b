//! The reference server: a strict, minimal, in-memory Runtime and Run Gateway that follows the contract in everything
//! the requirement catalogue says. The suite tests itself against it.
//!
//! Which run a request makes, it says itself: at the Runtime a goal that begins with `slow` makes a run that lasts five
//! seconds unless it is cancelled, one that begins with `fail` a run that fails, and any other goal an ordinary run,
//! which succeeds. At the Run Gateway the root node types `reference.slow`, `reference.fail` and `reference.echo`, all
//! in version `1.0.0`, do the same; other node types are refused.
//!
//! Every answer is a [`Reply`](reply::Reply), data until the one place that renders it.
//!
//! A server can be started with [`Fault`]s, mistakes that the suite has to catch, and with [`Habit`]s, unusual ways that
//! it must not blame. Both are [changes](change) of the plain server, written as data.
//!
//! Nothing here knows of cases, checks or reports.

mod about;
mod auth;
mod change;
mod draft;
mod events;
mod fault;
mod gzip;
mod habit;
mod options;
mod refusal;
mod reply;
mod request;
mod route;
mod run_gateway;
mod runs;
mod runtime;
mod server;

pub use auth::Tokens;
pub use fault::{Fault, fault, faults};
pub use habit::{Habit, habit, habits};
pub use options::{Absent, Auth, Members, Options, RunsEnd, configurations};
pub use server::{Server, start};
