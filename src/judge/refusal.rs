//! Telling a router's own "no such path" from an answer about the resource.

use serde_json::Value;

use crate::report::model::FeatureState;
use crate::wire::Exchange;

/// How a target refused one request, without what differs from path to path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    /// `error.code`, where the body is an envelope.
    pub code: Option<String>,
    /// `error.message` with the request's own path and ids taken out.
    pub message: Option<String>,
}

impl Refusal {
    /// The refusal in an exchange, if it is answered outside 2xx.
    pub fn of(exchange: &Exchange) -> Option<Self> {
        let status = exchange.status().filter(|status| !(200..300).contains(status))?;
        let error = exchange.json().and_then(|body| body.get("error").cloned());
        let text = |name: &str| error.as_ref().and_then(|error| error.get(name)).and_then(Value::as_str);
        Some(Refusal {
            status,
            code: text("code").map(str::to_owned),
            message: text("message").map(|message| without_own_words(message, exchange)),
        })
    }

    /// Whether the target says that it has no such route: 405, 501, a 404 without an envelope, or a 404 that is
    /// worded as that of a path nobody has.
    pub fn says_no_route(&self, unknown_path: Option<&Refusal>) -> bool {
        match self.status {
            405 | 501 => true,
            404 => self.code.is_none() || unknown_path.is_some_and(|unknown| unknown == self),
            _ => false,
        }
    }
}

/// Whether an optional feature is there, told by the answer to its operation on a run that exists.
pub fn feature_state(exchange: &Exchange, unknown_path: Option<&Refusal>) -> FeatureState {
    match (exchange.status(), Refusal::of(exchange)) {
        (None, _) => FeatureState::Unknown,
        (Some(401 | 403 | 429), _) => FeatureState::Unknown,
        (_, Some(refusal)) if refusal.says_no_route(unknown_path) => FeatureState::Absent,
        // The run is there, so a 404 that bears the code of an unknown path is about the route, whatever its words.
        (Some(404), Some(refusal)) if unknown_path.is_some_and(|unknown| unknown.code == refusal.code) => {
            FeatureState::Absent
        }
        _ => FeatureState::Implemented,
    }
}

fn without_own_words(message: &str, exchange: &Exchange) -> String {
    let path = exchange.sent.url.split_once("://").map_or("", |(_, rest)| rest);
    let path = path.find('/').map_or("", |at| &path[at..]);
    let mut plain = message.replace(path, "…").replace(&exchange.sent.method, "…");
    for value in exchange.parameters.values().filter(|value| !value.is_empty()) {
        plain = plain.replace(value.as_str(), "…");
    }
    for segment in path.split('/').filter(|segment| segment.len() > 6) {
        plain = plain.replace(segment, "…");
    }
    plain
}
