//! Scenarios in words: what a step sends, when it applies, and what an assertion asks for.

use std::fmt;
use std::time::Duration;

use http::Method;
use serde_json::Value;

use super::assertion::{Assertion, Edge, Rule, SeriesRule};
use super::model::{Body, Breach, Condition, Credentials, Effects, Request, RequestTarget, Shape, TokenKind};
use super::template::Template;
use crate::contract::Contract;

impl Effects {
    /// `invalid-writes`, as case files write it.
    pub fn name(self) -> &'static str {
        match self {
            Effects::Reads => "reads",
            Effects::InvalidWrites => "invalid-writes",
            Effects::CreatesRuns => "creates-runs",
        }
    }
}

impl Condition {
    /// What has to hold, one clause for each part; empty where the condition always does.
    pub fn clauses(&self) -> Vec<String> {
        let mut clauses: Vec<String> = Vec::new();
        clauses.extend(self.feature.iter().map(|feature| format!("the target implements {feature}")));
        if !self.auth.is_empty() {
            let modes: Vec<&str> = self.auth.iter().map(|mode| mode.name()).collect();
            clauses.push(format!("authentication is {}", modes.join(" or ")));
        }
        clauses.extend(self.tokens.iter().map(|kind| format!("the harness holds {}", kind.title())));
        if self.coordinator {
            clauses.push("the Run Coordinator is named with --coordinator".into());
        }
        clauses
    }
}

impl TokenKind {
    fn title(self) -> &'static str {
        match self {
            TokenKind::Valid => "a valid token",
            TokenKind::Jwt => "a valid token that is a JWT",
            TokenKind::Expired => "an expired token",
            TokenKind::WrongAudience => "a token for another audience",
            TokenKind::WrongIssuer => "a token from another issuer",
        }
    }
}

impl Request {
    /// Method and path: `/v1/runs/{run_id}` for an operation, with references as they are written for any other request.
    /// None for an operation that the contract does not have.
    pub fn line(&self, contract: &Contract) -> Option<(Method, String)> {
        match &self.target {
            RequestTarget::Operation { id, .. } => {
                contract.operation(id).map(|operation| (operation.method.clone(), operation.path.clone()))
            }
            RequestTarget::Path { method, path } => Some((method.clone(), text(path.source()))),
        }
    }

    /// What is unusual about the request: its credentials, header fields and body.
    pub fn details(&self) -> Vec<String> {
        let mut details: Vec<String> = Vec::new();
        details.extend(self.credentials.title().map(str::to_owned));
        let header = |(name, value): (&String, &Template)| format!("{name}: {}", cut(&text(value.source())));
        details.extend(self.headers.iter().map(header));
        details.extend(self.body.as_ref().map(Body::title));
        details
    }
}

impl Credentials {
    /// None for the ordinary ones.
    fn title(self) -> Option<&'static str> {
        Some(match self {
            Credentials::Valid => return None,
            Credentials::LowerCaseScheme => "the scheme in lower case",
            Credentials::UpperCaseScheme => "the scheme in upper case",
            Credentials::Absent => "no Authorization",
            Credentials::OtherScheme => "the scheme Basic",
            Credentials::EmptyToken => "an empty token",
            Credentials::NotAJwt => "a token that is no JWT",
            Credentials::AlteredSignature => "the token with an altered signature",
            Credentials::AlgNone => "the token without a signature, alg none",
            Credentials::AlgNoneInAnotherCase => "the token without a signature, alg nOnE",
            Credentials::Expired => "an expired token",
            Credentials::WrongAudience => "a token for another audience",
            Credentials::WrongIssuer => "a token from another issuer",
        })
    }
}

impl Body {
    /// What is sent, in a few words.
    fn title(&self) -> String {
        let with = |set: &[(String, Template)]| -> Vec<String> {
            set.iter()
                .map(|(pointer, template)| format!("{pointer} = {}", short(template.source())))
                .collect()
        };
        let joined = |name: &str, edits: Vec<String>| match edits.is_empty() {
            true => format!("body {name}"),
            false => format!("body {name} with {}", edits.join(", ")),
        };
        match self {
            Body::From { name, set, remove } => {
                let removed = remove.iter().map(|pointer| format!("no {pointer}"));
                joined(name, with(set).into_iter().chain(removed).collect())
            }
            Body::FromEscaped { name, set } => {
                format!("{}, written in ASCII with JSON escapes", joined(name, with(set)))
            }
            Body::FromBroken { name, how } => format!("body {name}, {}", how.title()),
            Body::Json(template) => format!("body {}", short(template.source())),
            Body::Nested(depth) => format!("a body of {depth} nested lists"),
            Body::Filler(size) => format!("a body of {size} octets"),
            Body::Raw(octets) => format!("a body of the octets {:?}", String::from_utf8_lossy(octets)),
        }
    }
}

impl Breach {
    fn title(self) -> &'static str {
        match self {
            Breach::CutOff => "cut off",
            Breach::TextAfter => "followed by text",
            Breach::NotANumber => "with a NaN",
            Breach::NotUtf8 => "with an octet that is no UTF-8",
        }
    }
}

impl Shape {
    /// How often the request is sent and how its answer is read; none for once.
    pub fn title(&self) -> Option<String> {
        match self {
            Shape::Once { times: 1 } => None,
            Shape::Once { times } => Some(format!("{times} times, side by side")),
            Shape::Poll { until, .. } => Some(format!("again and again until {until}")),
            Shape::Stream(_) => Some("read as a stream".into()),
        }
    }
}

impl fmt::Display for Assertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Assertion::Status(patterns) => {
                let patterns: Vec<String> = patterns.iter().map(|pattern| pattern.describe()).collect();
                write!(f, "the status is {}", patterns.join(" or "))
            }
            Assertion::Media(media) => write!(f, "the media type is {media}"),
            Assertion::Schema(name) => write!(f, "the body is a valid {name}"),
            Assertion::Header(name) => write!(f, "the answer has the header {name}"),
            Assertion::At { pointer, rule, if_present } => {
                let condition = if *if_present { ", if it is there," } else { "" };
                write!(f, "{}{condition} {rule}", place(pointer))
            }
            Assertion::Each { pointer, over, rule } => {
                let values = match pointer.as_str() {
                    "" => "the values".to_owned(),
                    pointer => format!("the values of {pointer}"),
                };
                let of = if over.is_empty() { String::new() } else { format!(" over {}", over.join(", ")) };
                write!(f, "{values}{of} {rule}")
            }
            Assertion::Edge { edge, pointer, rule } => {
                let edge = match edge {
                    Edge::First => "first",
                    Edge::Last => "last",
                };
                write!(f, "in the {edge} event {} {rule}", place(pointer))
            }
            Assertion::Events(1) => f.write_str("there is at least one event"),
            Assertion::Events(count) => write!(f, "there are at least {count} events"),
            Assertion::Ended => f.write_str("the stream ends by itself"),
            Assertion::Reached => f.write_str("what is polled for is reached in time"),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rule::Equals(template) => write!(f, "is {}", short(template.source())),
            Rule::OneOf(values) => write!(f, "is one of {}", listed(values)),
            Rule::Present(true) => f.write_str("is there"),
            Rule::Present(false) => f.write_str("is not there"),
            Rule::NotEmpty => f.write_str("is a text that is not empty"),
            Rule::Contains(value) => write!(f, "is a list that contains {}", short(value)),
            Rule::NearNow(within) => {
                write!(f, "is within {} of the moment of the answer", span(*within))
            }
            Rule::NotBefore(template) => write!(f, "is not before {}", short(template.source())),
            Rule::After(template) => write!(f, "is after {}", short(template.source())),
        }
    }
}

impl fmt::Display for SeriesRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SeriesRule::Increasing => f.write_str("increase"),
            SeriesRule::NonDecreasing => f.write_str("never decrease"),
            SeriesRule::Chronological => f.write_str("are in chronological order"),
            SeriesRule::Distinct => f.write_str("are all different"),
            SeriesRule::Settled => f.write_str("stay once they are there"),
            SeriesRule::Progress(groups) => {
                let groups: Vec<String> = groups.iter().map(|group| listed(group)).collect();
                write!(f, "go through {} and never back", groups.join(", then "))
            }
            SeriesRule::EndsWith(values) => {
                write!(f, "end with one of {} and have none before", listed(values))
            }
            SeriesRule::Every(rule) => write!(f, "follow the rule: each {rule}"),
        }
    }
}

fn place(pointer: &str) -> &str {
    if pointer.is_empty() { "the whole body" } else { pointer }
}

fn listed(values: &[Value]) -> String {
    let values: Vec<String> = values.iter().map(text).collect();
    values.join(", ")
}

/// A text as it is, any other value as JSON.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A value on one line, cut after 80 characters.
fn short(value: &Value) -> String {
    let text = match value {
        // A reference reads best without quotes, and so does nothing else.
        Value::String(text) if text.starts_with("${") => text.clone(),
        other => other.to_string(),
    };
    cut(&text)
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn span(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        seconds if seconds % 3600 == 0 => format!("{} h", seconds / 3600),
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::suite::StatusPattern;

    #[test]
    fn assertions_read_as_sentences() {
        let template = |value| Template::new(value).unwrap();
        let at =
            |pointer: &str, rule, if_present| Assertion::At { pointer: pointer.into(), rule, if_present };
        let each = |rule| Assertion::Each { pointer: "/state".into(), over: vec!["read".into()], rule };
        for (assertion, words) in [
            (
                Assertion::Status(vec![StatusPattern::Exactly(404), StatusPattern::NotClass(2)]),
                "the status is 404 or outside 2xx",
            ),
            (
                at("/run_id", Rule::Equals(template(json!("${fresh.run_id}"))), false),
                "/run_id is ${fresh.run_id}",
            ),
            (at("/ok", Rule::Equals(template(json!(false))), true), "/ok, if it is there, is false"),
            (at("", Rule::Present(true), false), "the whole body is there"),
            (
                at("/time", Rule::NearNow(Duration::from_secs(3600)), false),
                "/time is within 1 h of the moment of the answer",
            ),
            (
                each(SeriesRule::Progress(vec![
                    vec![json!("queued")],
                    vec![json!("failed"), json!("canceled")],
                ])),
                "the values of /state over read go through queued, then failed, canceled and never back",
            ),
            (
                Assertion::Edge { edge: Edge::Last, pointer: "/type".into(), rule: Rule::NotEmpty },
                "in the last event /type is a text that is not empty",
            ),
        ] {
            assert_eq!(assertion.to_string(), words);
        }
    }

    #[test]
    fn a_request_tells_what_is_unusual_about_it() {
        let body = Body::From {
            name: "minimal".into(),
            set: vec![("/run_id".into(), Template::text("${fresh.run_id}").unwrap())],
            remove: vec!["/input/goal".into()],
        };
        let request = Request {
            target: RequestTarget::Path { method: Method::PUT, path: Template::text("/v1/health").unwrap() },
            headers: [("accept".to_owned(), Template::text("text/plain").unwrap())].into(),
            credentials: Credentials::Absent,
            body: Some(body),
        };
        let details = [
            "no Authorization",
            "accept: text/plain",
            "body minimal with /run_id = ${fresh.run_id}, no /input/goal",
        ];
        assert_eq!(request.details(), details);
    }
}
