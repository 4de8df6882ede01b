use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;

use super::change::{Chunks, Events, chunks};
use super::gzip::gzip;
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
    Events(Framing, Events),
    /// A body that is written already.
    Octets(Vec<u8>),
    /// A body of unknown length that is being written.
    Chunks(Chunks),
}

impl Content {
    /// The body where it can be written now: nothing for events and chunks.
    pub fn octets(&self) -> Option<Vec<u8>> {
        match self {
            Content::Empty => Some(Vec::new()),
            Content::Json(value) => Some(value.to_string().into_bytes()),
            Content::Octets(octets) => Some(octets.clone()),
            Content::Events(..) | Content::Chunks(_) => None,
        }
    }
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
    pub fn events(framing: Framing, events: Events) -> Self {
        let mut reply = Reply { content: Content::Events(framing, events), ..Reply::empty(StatusCode::OK) }
            .with_media_type(HeaderValue::from_static(framing.media_type()));
        reply.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        reply
    }

    fn with_media_type(mut self, media_type: HeaderValue) -> Self {
        self.headers.insert(CONTENT_TYPE, media_type);
        self
    }

    /// The content, with nothing left in its place.
    pub fn take_content(&mut self) -> Content {
        std::mem::replace(&mut self.content, Content::Empty)
    }

    /// Makes another stream of the events, where the answer is one.
    pub fn edit_events(&mut self, edit: impl FnOnce(Events) -> Events) {
        self.content = match self.take_content() {
            Content::Events(framing, events) => Content::Events(framing, edit(events)),
            content => content,
        };
    }

    /// Sends a body that is known with gzip, where a client with these headers takes it (RFC 9110, section 12.5.3).
    pub fn compress(&mut self, client: &HeaderMap) {
        let accepted = client.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        let takes_gzip = accepted.flat_map(|value| value.split(',')).any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            let is_refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
            name.trim().eq_ignore_ascii_case("gzip") && !is_refused
        });
        if takes_gzip && let Some(octets) = self.content.octets().filter(|octets| !octets.is_empty()) {
            self.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            self.content = Content::Octets(gzip(&octets));
        }
        self.headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    }

    /// The answer as it goes out. `head` leaves the body away, for HEAD (RFC 9110, section 9.3.2).
    pub fn render(self, head: bool) -> Response {
        let body = match self.content {
            Content::Empty => Body::empty(),
            Content::Json(value) => Body::from(value.to_string()),
            Content::Octets(octets) => Body::from(octets),
            Content::Events(framing, events) => Body::from_stream(chunks(framing, events)),
            Content::Chunks(chunks) => Body::from_stream(chunks),
        };
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        if !head {
            *response.body_mut() = body;
        } else if let Some(length) = body.size_hint().exact().filter(|length| *length > 0) {
            response.headers_mut().insert(CONTENT_LENGTH, length.into());
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
