//! How the tables of faults are written: `both(id, sentence, requirements).answer(which, what)`.

use serde_json::{Value, json};

use super::Fault;
use crate::contract::Service;
use crate::reference::change::Change;
use crate::reference::options::Auth;
use crate::reference::route::Operation;

pub const HEALTH: &[Operation] = &[Operation::Health];
pub const VERSION: &[Operation] = &[Operation::Version];
pub const CREATE: &[Operation] = &[Operation::CreateRun];
pub const READ: &[Operation] = &[Operation::ReadRun];
pub const RESULT: &[Operation] = &[Operation::ReadResult];
pub const CANCEL: &[Operation] = &[Operation::CancelRun];
pub const EVENTS: &[Operation] = &[Operation::StreamEvents];
/// The operations that answer with where a run stands.
pub const RUNS: &[Operation] = &[Operation::CreateRun, Operation::ReadRun, Operation::CancelRun];
/// Everything but health and version; these are the operations that ask for a token.
pub const EVERY_RUN: &[Operation] = &[
    Operation::CreateRun,
    Operation::ReadRun,
    Operation::ReadResult,
    Operation::CancelRun,
    Operation::StreamEvents,
];

/// The operations that ask for no token.
pub const OPEN: &[Operation] = &[Operation::Health, Operation::Version];
pub const EVERYTHING: &[Operation] = &[
    Operation::Health,
    Operation::Version,
    Operation::CreateRun,
    Operation::ReadRun,
    Operation::ReadResult,
    Operation::CancelRun,
    Operation::StreamEvents,
];

/// The states of a run that goes on.
pub const LIVE: &[&str] = &["queued", "running"];
/// The states of a run that is over.
pub const OVER: &[&str] = &["succeeded", "failed", "canceled"];

/// An ErrorEnvelope.
pub fn envelope(code: &str, message: &str) -> Value {
    json!({"error": {"code": code, "message": message}})
}

/// A mistake of either service.
pub const fn both(
    id: &'static str,
    says: &'static str,
    requirements: &'static [&'static str],
    changes: &'static [Change],
) -> Fault {
    Fault { id, says, services: &Service::ALL, requirements, auth: Auth::Off, changes }
}

/// A mistake that only a Runtime can make.
pub const fn runtime(
    id: &'static str,
    says: &'static str,
    requirements: &'static [&'static str],
    changes: &'static [Change],
) -> Fault {
    Fault { services: &[Service::Runtime], ..both(id, says, requirements, changes) }
}

/// A mistake that only a Run Gateway can make.
pub const fn gateway(
    id: &'static str,
    says: &'static str,
    requirements: &'static [&'static str],
    changes: &'static [Change],
) -> Fault {
    Fault { services: &[Service::RunGateway], ..both(id, says, requirements, changes) }
}

impl Fault {
    /// Seen where a token is required.
    pub const fn with_auth(mut self) -> Self {
        self.auth = Auth::Required;
        self
    }

    /// Seen where a token is looked at, but not required.
    pub const fn with_optional_auth(mut self) -> Self {
        self.auth = Auth::Optional;
        self
    }
}
