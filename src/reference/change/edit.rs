use std::io;
use std::sync::Arc;

use axum::body::Bytes;
use futures_util::stream;
use futures_util::{FutureExt, StreamExt};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use super::{Asked, Chunks, Events, Patch, Which, chunks};
use crate::reference::reply::{Content, Framing, Reply};

/// A small change of an answer.
pub enum Edit {
    Status(u16),
    /// The header has this value alone.
    Header(&'static str, &'static str),
    /// The header stands there once more.
    MoreHeader(&'static str, &'static str),
    NoHeader(&'static str),
    /// The media type has this parameter.
    Parameter(&'static str),
    /// A JSON body is changed.
    Json(Patch),
    /// The answer is this status with this JSON.
    Become(u16, fn(&Asked) -> Value),
    /// The body is this text, of this media type.
    Text(&'static str, &'static str),
    Empty,
    /// A body, if there is one, is written in other octets.
    Octets(fn(Vec<u8>) -> Vec<u8>),
    /// A body of unknown length that comes so many octets at a time.
    Pieces(usize),
    /// The framing is broken.
    Break(Break),
    /// Events of a stream are changed.
    Event(Which, Patch),
    /// The stream is another one: of fewer, more or other events.
    Events(fn(Events, &Asked) -> Events),
    /// The stream is written in another way.
    Frames(fn(Framing, Events) -> Chunks),
}

/// How a message ends before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// Content-Length promises more than comes.
    PromisesMore,
    /// The connection ends amid a chunked body.
    Halfway,
    /// A chunked body comes whole, but not its last chunk.
    NoLastChunk,
}

impl Edit {
    pub fn apply(&'static self, asked: &Arc<Asked>, reply: &mut Reply) {
        match self {
            Edit::Status(status) => set_status(*status, reply),
            Edit::Header(name, value) => {
                reply.headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            Edit::MoreHeader(name, value) => {
                reply.headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            Edit::NoHeader(name) => _ = reply.headers.remove(*name),
            Edit::Parameter(parameter) => {
                let media_type = reply.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
                let value = media_type.map(|media_type| format!("{media_type}; {parameter}"));
                if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
                    reply.headers.insert(CONTENT_TYPE, value);
                }
            }
            Edit::Json(patch) => {
                if let Content::Json(body) = &mut reply.content {
                    patch.apply(body, asked);
                }
            }
            Edit::Become(status, body) => {
                set_status(*status, reply);
                reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                reply.content = Content::Json(body(asked));
            }
            Edit::Text(media_type, text) => {
                reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
                reply.content = Content::Octets(text.as_bytes().to_vec());
            }
            Edit::Empty => {
                reply.headers.remove(CONTENT_TYPE);
                reply.content = Content::Empty;
            }
            Edit::Octets(write) => {
                if let Some(octets) = reply.content.octets().filter(|octets| !octets.is_empty()) {
                    reply.content = Content::Octets(write(octets));
                }
            }
            Edit::Pieces(size) => reply.content = Content::Chunks(pieces(reply.take_content(), *size)),
            Edit::Break(how) => how.apply(reply),
            Edit::Event(which, patch) => {
                let asked = Arc::clone(asked);
                reply.edit_events(move |events| {
                    let patched = events.enumerate().map(move |(index, mut event)| {
                        if which.takes(index as u64 + 1, &event) {
                            patch.apply(&mut event, &asked);
                        }
                        event
                    });
                    patched.boxed()
                });
            }
            Edit::Events(edit) => reply.edit_events(|events| edit(events, asked)),
            Edit::Frames(write) => {
                if let Content::Events(framing, events) = reply.take_content() {
                    reply.content = Content::Chunks(write(framing, events));
                }
            }
        }
    }
}

fn set_status(status: u16, reply: &mut Reply) {
    // A number that is no status stands in no table.
    reply.status = StatusCode::from_u16(status).unwrap_or(reply.status);
}

/// A body in pieces of at most `size` octets.
fn pieces(content: Content, size: usize) -> Chunks {
    let whole: Chunks = match content {
        Content::Events(framing, events) => chunks(framing, events),
        Content::Chunks(chunks) => chunks,
        content => stream::iter(content.octets().map(|octets| Ok(octets.into()))).boxed(),
    };
    if size == usize::MAX {
        return whole;
    }
    let split = move |piece: io::Result<Bytes>| {
        let pieces = piece.map(|piece| piece.chunks(size).map(Bytes::copy_from_slice).collect::<Vec<_>>());
        match pieces {
            Ok(pieces) => stream::iter(pieces).map(Ok).left_stream(),
            Err(error) => stream::iter([Err(error)]).right_stream(),
        }
    };
    whole.flat_map(split).boxed()
}

impl Break {
    fn apply(self, reply: &mut Reply) {
        if let Some(mut octets) = reply.content.octets() {
            match self {
                Break::PromisesMore => _ = reply.headers.insert(CONTENT_LENGTH, (octets.len() + 8).into()),
                Break::Halfway => octets.truncate(octets.len() / 2),
                Break::NoLastChunk => {}
            }
            reply.content = Content::Octets(octets);
        }
        let pieces = pieces(reply.take_content(), usize::MAX);
        // Pieces are flushed one by one only where the next has to be waited for.
        let end = tokio::task::yield_now().map(|()| Err(io::Error::other("the connection is cut")));
        reply.content = Content::Chunks(pieces.chain(stream::once(end)).boxed());
    }
}
