//! Running a suite against a target: what may run is planned, the target is looked at, scenarios run side by side,
//! what they saw is judged and becomes a report.

mod body;
mod bundled;
mod cleanup;
mod credentials;
mod detect;
mod engine;
mod events;
mod execute;
mod minted;
mod oauth;
mod plan;
mod preflight;
mod record;
mod session;
mod source;
mod step;

pub use bundled::{BundleError, Bundled};
pub use credentials::{NotAToken, Tokens};
pub use engine::{Done, Run, RunError};
pub use events::Observer;
pub use minted::{Claims, KeyError, SigningKey};
pub use oauth::{OAuthClient, OAuthError};
pub use plan::{Plan, Scope, matches};
pub use session::{KnownFailures, Settings, Target};
pub use source::{SourceError, TokenSource};

#[cfg(test)]
mod tests;
