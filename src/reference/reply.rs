use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;

use super::route::Operation;

/// An answer while it is still data. Every answer of the server passes through [`Reply::render`].
pub struct Reply {
    /// What was asked for; nothing where path and method name no operation of the contract.
    pub operation: Option<Operation>,
    pub status: StatusCode,
    /// All but those of the framing, which the HTTP layer adds.
    pub headers: HeaderMap,
    pub content: Content,
}

/// What an answer says.
pub enum Content {
    Empty,
    Json(Value),
    /// Events one by one, until the run has ended.
    Events(Framing, BoxStream<'static, Value>),
}

/// How events are written in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events (WHATWG HTML, section 9.2): a `data` field and a blank line.
    Sse,
    /// One JSON value a line.
    Ndjson,
}

impl Reply {
    /// An answer without a body.
    pub fn empty(status: StatusCode) -> Self {
        Reply { operation: None, status, headers: HeaderMap::new(), content: Content::Empty }
    }

    pub fn json(status: StatusCode, body: Value) -> Self {
        Reply { content: Content::Json(body), ..Reply::empty(status) }
            .with_media_type(HeaderValue::from_static("application/json"))
    }

    /// A 200 that lasts as long as `events` do.
    pub fn events(framing: Framing, events: BoxStream<'static, Value>) -> Self {
        let mut reply = Reply { content: Content::Events(framing, events), ..Reply::empty(StatusCode::OK) }
            .with_media_type(HeaderValue::from_static(framing.media_type()));
        reply.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        reply
    }

    fn with_media_type(mut self, media_type: HeaderValue) -> Self {
        self.headers.insert(CONTENT_TYPE, media_type);
        self
    }

    /// The answer as it goes out. `head` leaves the body away, for HEAD (RFC 9110, section 9.3.2).
    pub fn render(self, head: bool) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        match self.content {
            Content::Empty => {}
            Content::Json(value) => {
                let bytes = value.to_string();
                if head {
                    response.headers_mut().insert(CONTENT_LENGTH, bytes.len().into());
                } else {
                    *response.body_mut() = Body::from(bytes);
                }
            }
            Content::Events(..) if head => {}
            Content::Events(framing, events) => {
                let chunks = events.map(move |event| Ok::<_, Infallible>(framing.frame(&event)));
                *response.body_mut() = Body::from_stream(chunks);
            }
        }
        response
    }
}

impl Framing {
    pub fn media_type(self) -> &'static str {
        match self {
            Framing::Sse => "text/event-stream",
            Framing::Ndjson => "application/x-ndjson",
        }
    }

    /// One event as it stands in the stream. JSON text of one value holds no line break.
    pub fn frame(self, event: &Value) -> Bytes {
        match self {
            Framing::Sse => format!("data: {event}\n\n").into(),
            Framing::Ndjson => format!("{event}\n").into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_is_framed_whatever_it_says() {
        let event = json!({"text": "a\nb\r\u{2028}"});
        assert_eq!(Framing::Ndjson.frame(&event), "{\"text\":\"a\\nb\\r\u{2028}\"}\n");
        assert_eq!(Framing::Sse.frame(&event), "data: {\"text\":\"a\\nb\\r\u{2028}\"}\n\n");
    }
}
