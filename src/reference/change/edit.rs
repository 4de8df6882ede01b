use std::io;
use std::sync::Arc;

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
    /// A JSON body is changed.
    Json(Patch),
    /// The answer is this status with this JSON.
    Become(u16, fn(&Asked) -> Value),
    /// The body is this text, of this media type.
    Text(&'static str, &'static str),
    Empty,
    /// A body, if there is one, is written in other octets.
    Octets(fn(Vec<u8>) -> Vec<u8>),
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

impl Break {
    fn apply(self, reply: &mut Reply) {
        let cut = || io::Error::other("the connection is cut");
        let pieces: Chunks = match reply.take_content() {
            Content::Events(framing, events) => chunks(framing, events),
            Content::Chunks(chunks) => chunks,
            content => {
                let mut octets = content.octets().unwrap_or_default();
                match self {
                    Break::PromisesMore => {
                        _ = reply.headers.insert(CONTENT_LENGTH, (octets.len() + 8).into())
                    }
                    Break::Halfway => octets.truncate(octets.len() / 2),
                    Break::NoLastChunk => {}
                }
                stream::iter([Ok(octets.into())]).boxed()
            }
        };
        // Pieces are flushed one by one only where the next has to be waited for.
        let end = stream::once(tokio::task::yield_now().map(move |()| Err(cut())));
        reply.content = Content::Chunks(pieces.chain(end).boxed());
    }
}
