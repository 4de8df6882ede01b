//! What a request brings: its body, read within limits, and the JSON value in it.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use futures_util::StreamExt;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::refusal::Refusal;
use crate::contract::Violation;

/// A larger body is refused.
const BODY_LIMIT: usize = 1 << 20;
/// A refused body is still read so far, since a client that is cut off while it sends may never see its answer.
const DRAIN_LIMIT: usize = 16 << 20;
/// A body that is not there by then is refused.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// In characters.
const RUN_ID_LIMIT: usize = 256;

/// Reads the body whole: 413 beyond 1 MiB, 408 after ten seconds, 400 where it breaks off.
pub async fn receive(body: Body) -> Result<Bytes, Refusal> {
    let too_large = || {
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "the body is larger than 1 MiB")
            .with_details(json!({"limit_bytes": BODY_LIMIT}))
    };
    if body.size_hint().lower() > DRAIN_LIMIT as u64 {
        return Err(too_large());
    }
    let mut chunks = body.into_data_stream();
    let read = async {
        let mut bytes = Vec::new();
        let mut length = 0;
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Refusal::invalid_request("the body breaks off", vec![]))?;
            length += chunk.len();
            if length <= BODY_LIMIT {
                bytes.extend_from_slice(&chunk);
            } else if length > DRAIN_LIMIT {
                break;
            }
        }
        if length <= BODY_LIMIT { Ok(bytes.into()) } else { Err(too_large()) }
    };
    tokio::time::timeout(BODY_TIMEOUT, read).await.unwrap_or_else(|_| {
        Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", "the body did not arrive in time"))
    })
}

/// The JSON value of a body that was sent as JSON: 400 where there is none or it is malformed, 415 for another
/// media type.
pub fn json(headers: &HeaderMap, body: &Bytes) -> Result<Value, Refusal> {
    if body.is_empty() {
        return Err(Refusal::invalid_request("this operation needs a JSON body", vec![]));
    }
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "the body has to be sent as application/json",
        ));
    }
    serde_json::from_slice(body).map_err(|error| {
        let place = json!({"line": error.line(), "column": error.column()});
        Refusal::invalid_request("the body is not well-formed JSON", vec![]).with_details(place)
    })
}

/// 400 for a body that violates the contract, with each place and what is expected there.
pub fn invalid(violations: &[Violation]) -> Refusal {
    let violations = violations
        .iter()
        .map(|violation| json!({"at": violation.at, "expected": violation.expected}))
        .collect();
    Refusal::invalid_request("the body does not follow its schema", violations)
}

/// The `run_id` that the client specifies in a valid body, if it does.
///
/// Refused with 400 are ids that no client could use in a path: the empty one, `.` and `..` (URL parsers take them
/// away even when they are percent-encoded), control characters, and more than 256 characters.
pub fn run_id(body: &Value) -> Result<Option<String>, Refusal> {
    let Some(id) = body.get("run_id").and_then(Value::as_str) else { return Ok(None) };
    let usable = !matches!(id, "" | "." | "..")
        && !id.contains(char::is_control)
        && id.chars().count() <= RUN_ID_LIMIT;
    if usable {
        return Ok(Some(id.to_owned()));
    }
    let expected = "1 to 256 characters, no control characters, and not a dot segment";
    Err(Refusal::invalid_request(
        "this run_id cannot be used",
        vec![json!({"at": "/run_id", "expected": expected})],
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn parse(media_type: Option<&'static str>, body: &'static str) -> Result<Value, u16> {
        let headers =
            media_type.map(|value| (CONTENT_TYPE, HeaderValue::from_static(value))).into_iter().collect();
        json(&headers, &Bytes::from(body)).map_err(status)
    }

    fn status(refusal: Refusal) -> u16 {
        refusal.into_reply(Default::default()).status.as_u16()
    }

    #[test]
    fn only_json_sent_as_json_is_read() {
        for media_type in ["application/json", "Application/JSON; charset=utf-8", "application/json ;x=y"] {
            assert_eq!(parse(Some(media_type), "{}"), Ok(json!({})), "{media_type}");
        }
        for media_type in [None, Some("text/plain"), Some("application/json-patch+json"), Some("json")] {
            assert_eq!(parse(media_type, "{}"), Err(415), "{media_type:?}");
        }
        for body in
            ["", "{", "{} {}", "{}x", "{\"a\":NaN}", "\u{feff}{}", "{'a':1}", "{\"a\":1,}", "\"\\ud800\""]
        {
            assert_eq!(parse(Some("application/json"), body), Err(400), "{body}");
        }
        assert_eq!(parse(None, ""), Err(400));
    }

    #[test]
    fn a_run_id_is_what_a_path_can_carry() {
        let id = |text: &str| run_id(&json!({ "run_id": text })).map_err(status);
        let long = "ü".repeat(256);
        for text in ["a", "A-1_b.c", "a b", "a/b", "ü", "a:cancel", "...", &long] {
            assert_eq!(id(text), Ok(Some(text.to_owned())));
        }
        for text in ["", ".", "..", "a\nb", "\u{0}", "\u{85}", &format!("{long}x")] {
            assert_eq!(id(text), Err(400), "{text:?}");
        }
        assert_eq!(run_id(&json!({})).map_err(status), Ok(None));
    }

    #[tokio::test]
    async fn a_body_may_be_one_mebibyte() {
        assert_eq!(receive(Body::from(vec![b' '; BODY_LIMIT])).await.unwrap().len(), BODY_LIMIT);
        assert_eq!(status(receive(Body::from(vec![b' '; BODY_LIMIT + 1])).await.unwrap_err()), 413);
    }
}
