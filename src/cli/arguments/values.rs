//! Values that are more than text.

use serde_json::Value;

use crate::contract::Service;
use crate::report::model::FeatureState;

/// What the user says that the target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Expected {
    Auto,
    Is(Service),
}

pub(super) fn parse_service(text: &str) -> Result<Expected, String> {
    match text {
        "auto" => Ok(Expected::Auto),
        name => name.parse().map(Expected::Is).map_err(|error: String| format!("{error}, auto")),
    }
}

pub(in crate::cli) fn parse_header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("write it as 'Name: value'")?;
    let (name, value) = (name.trim(), value.trim());
    if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
        return Err(format!("{name:?} is no header name"));
    }
    if http::HeaderValue::from_str(value).is_err() {
        return Err("the value holds characters that a header cannot carry".into());
    }
    Ok((name.to_owned(), value.to_owned()))
}

pub(super) fn parse_assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as name=value")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(super) fn parse_feature(text: &str) -> Result<(String, FeatureState), String> {
    let (name, state) = text.split_once('=').ok_or("write it as events=absent")?;
    let state = match state {
        "implemented" => FeatureState::Implemented,
        "absent" => FeatureState::Absent,
        other => return Err(format!("{other:?} is neither implemented nor absent")),
    };
    match name {
        "events" | "cancel" => Ok((name.to_owned(), state)),
        other => Err(format!("unknown feature {other:?}: known are events, cancel")),
    }
}

pub(in crate::cli) fn parse_seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("{text:?} is no number of seconds"))?;
    match (0.001..=86_400.0).contains(&seconds) {
        true => Ok(seconds),
        false => Err("it has to be between 0.001 and 86400 seconds".into()),
    }
}

/// A size that can be held.
pub(super) fn parse_octets(text: &str) -> Result<usize, String> {
    let most = 1 << 30;
    let number: usize = text.parse().map_err(|_| format!("{text:?} is no number"))?;
    match (1..=most).contains(&number) {
        true => Ok(number),
        false => Err(format!("it has to be between 1 and {most}")),
    }
}

/// The value of a variable: JSON where it names one that holds JSON, else text.
pub(in crate::cli) fn variable_value(name: &str, text: &str) -> Result<Value, String> {
    match name.ends_with("input") {
        true => {
            serde_json::from_str(text).map_err(|error| format!("--set {name}: its value is no JSON: {error}"))
        }
        false => Ok(Value::String(text.to_owned())),
    }
}
