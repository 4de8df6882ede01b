//! Everything that touches the network: the client that sends one request and records what came, the limits that it
//! keeps, the redaction of secrets, and the strict readers of JSON, server-sent events and NDJSON.
//!
//! Knows nothing of case files, checks or reports.

mod client;
mod coding;
mod connect;
mod content;
mod endurance;
mod exchange;
mod http1;
mod json;
mod limits;
mod ndjson;
mod pool;
mod recorder;
mod redact;
mod sse;
mod stream;
mod transport;
mod witness;

pub use client::{Client, ClientError, Outgoing, is_loopback};
pub use connect::{Authorities, AuthoritiesError};
pub use exchange::{Answer, Ending, Event, EventStream, Exchange, Failure, Sent};
pub use json::{Json, JsonProblem, read_json};
pub use limits::Limits;
pub use recorder::Recorder;
pub use redact::{REDACTED, Redactor};
pub use stream::{StopWhen, StreamFormat};
pub use witness::Witness;

#[cfg(test)]
mod properties;
#[cfg(test)]
pub(crate) mod stub;
#[cfg(test)]
mod tests;
