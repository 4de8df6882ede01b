use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;

use super::json::{Json, JsonProblem, read_json};
use super::witness::Witness;

/// One request and what came of it. Secrets are redacted before it is made.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Counts from 1 in the order in which requests were sent.
    pub id: u64,
    /// The `operationId`, for a request of the contract.
    pub operation: Option<String>,
    /// The raw path parameters of the request.
    pub parameters: BTreeMap<String, String>,
    pub sent: Sent,
    pub result: Result<Answer, Failure>,
    /// Since the run began.
    pub started: Duration,
    pub duration: Duration,
}

/// What was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Bytes>,
    /// The request carried an `Authorization`.
    pub authorized: bool,
}

/// What came back, as far as it came.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// In the order of the answer, names in lower case; octets outside UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    pub ending: Ending,
    /// What RFC 9112 forbids and could be read past.
    pub deviations: Vec<String>,
    /// The events, where the request asked for a stream and the answer was a success.
    pub events: Option<Arc<EventStream>>,
    /// The harness's clock when the head had come.
    pub received_at: Timestamp,
    /// The body held one of the secrets that the harness sends.
    pub echoes_secret: bool,
}

/// How a body ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    Complete,
    /// The connection ended or the framing broke inside the body (RFC 9112, sections 6 and 7).
    Broken(String),
    /// The harness stopped at one of its limits.
    Limit(String),
    /// Nothing more came in time.
    TimedOut(Duration),
    /// A stream that the harness left because its stop rule held.
    Left,
}

/// Why there is no answer to judge.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error("no connection: {0}")]
    Connect(String),
    #[error("no answer within {} s", .0.as_secs_f64())]
    TimedOut(Duration),
    /// The connection ended before or inside the answer's head, or the head is no HTTP.
    #[error("{0}")]
    Broken(String),
    /// The target took no more of the request and said nothing: it may have closed before its answer could be read.
    #[error("the connection was closed while the request was being sent")]
    Cut,
    /// The answer's head is past what the harness reads.
    #[error("the harness reads no further: {0}")]
    Limit(String),
    /// The request could not be made.
    #[error("not sent: {0}")]
    NotSent(String),
}

/// The events of a stream with the time of each.
#[derive(Debug, Clone, Default)]
pub struct EventStream {
    pub events: Vec<Event>,
    /// What came after the last whole event: text that a client never sees.
    pub rest: Option<String>,
    /// The first line that is not UTF-8, the octets outside it replaced.
    pub not_utf8: Option<String>,
    /// Lines that are no field of the framing, the first few.
    pub unknown_lines: Vec<String>,
    /// What an ordinary client makes of the same octets, for server-sent events.
    pub witness: Option<Witness>,
}

/// One event of a stream.
#[derive(Debug, Clone)]
pub struct Event {
    /// Since the request was sent.
    pub arrived: Duration,
    /// The payload as it came: an SSE event's data, or a line.
    pub text: String,
    /// Where a member is repeated, its last value.
    pub value: Result<Value, JsonProblem>,
    /// JSON Pointers of members that are repeated.
    pub repeated: Vec<String>,
}

impl Exchange {
    /// The answer, if one came.
    pub fn answer(&self) -> Option<&Answer> {
        self.result.as_ref().ok()
    }

    /// The answer's status, if one came.
    pub fn status(&self) -> Option<u16> {
        self.answer().map(|answer| answer.status)
    }

    /// Whether the answer is a success (2xx).
    pub fn succeeded(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }

    /// The body as JSON, leniently: what a case file's pointers look into.
    pub fn json(&self) -> Option<Value> {
        self.answer().and_then(|answer| answer.json().ok()).map(|json| json.value)
    }
}

impl Answer {
    /// The first header field of this name, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// All header fields of this name.
    pub fn header_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The media type without its parameters, in lower case.
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// The body read strictly as JSON (RFC 8259).
    pub fn json(&self) -> Result<Json, JsonProblem> {
        read_json(&self.body)
    }

    /// The body as text; octets outside UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
