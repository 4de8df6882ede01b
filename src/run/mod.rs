//! Running a suite against a target: what may run is planned, the target is looked at, scenarios run side by side,
//! what they saw is judged and becomes a report.

mod body;
mod cleanup;
mod credentials;
mod detect;
mod engine;
mod execute;
mod plan;
mod preflight;
mod session;
mod step;

pub use credentials::Tokens;
pub use engine::{Done, Run, RunError};
pub use plan::{Plan, Scope};
pub use session::{Settings, Target};

#[cfg(test)]
mod tests;
