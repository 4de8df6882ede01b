//! The reference server: a strict, minimal, in-memory Runtime and Run Gateway that follows the contract in everything
//! the requirement catalogue says. The suite tests itself against it.
//!
//! Every answer is a [`Reply`](reply::Reply), data until the one place that renders it.
//! Nothing here knows of cases, checks or reports.

mod about;
mod auth;
mod draft;
mod events;
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
pub use options::{Absent, Auth, Members, Options, RunsEnd, configurations};
pub use server::{Server, start};
