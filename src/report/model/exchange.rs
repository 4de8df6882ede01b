//! What was sent and what came, as reports show it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One recorded exchange, as reports show it: redacted, and cut to a readable size.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ExchangeRecord {
    pub id: u64,
    /// The scenario and the step that sent it; none for what looks at the target before and tidies up after.
    #[serde(default)]
    pub scenario: Option<String>,
    #[serde(default)]
    pub step: Option<String>,
    pub request: RequestRecord,
    /// Missing where no answer came.
    pub response: Option<ResponseRecord>,
    /// Why no answer came, or why it broke off.
    pub failure: Option<String>,
    /// Since the start of the run.
    pub started_ms: u64,
    pub duration_ms: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RequestRecord {
    pub method: String,
    pub url: String,
    pub headers: BTreeMap<String, String>,
    pub body: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ResponseRecord {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    pub truncated: bool,
    /// The events of a stream, the first few.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventRecord>,
}

/// One event of a stream, as reports show it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct EventRecord {
    /// Since the request was sent.
    pub arrived_ms: u64,
    /// The payload: the data of a server-sent event, or a line.
    pub data: String,
}
