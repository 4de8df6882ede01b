//! Streams that are written in a way that no reader, or only a lenient one, takes apart.

use std::io;

use axum::body::Bytes;
use futures_util::StreamExt;
use futures_util::stream;
use serde_json::{Value, json};

use super::Fault;
use super::row::{EVENTS, gateway, runtime};
use crate::reference::change::Change::Answer;
use crate::reference::change::{Chunks, Edit, Events, framed, on};
use crate::reference::reply::Framing;

pub const FAULTS: &[Fault] = &[
    // ---- server-sent events
    runtime(
        "sse/json-string",
        "the whole stream is one JSON string, sent as application/json",
        &["SSE-1", "MEDIA-1"],
        &[Answer(
            on(EVENTS).ok(),
            &[Edit::Frames(json_string), Edit::Header("content-type", "application/json")],
        )],
    ),
    runtime(
        "sse/json-string-as-stream",
        "the whole stream is one JSON string",
        &["SSE-5"],
        &[Answer(on(EVENTS).ok(), &[Edit::Frames(json_string)])],
    ),
    runtime(
        "sse/no-blank-line",
        "no blank line stands between events",
        &["SSE-5"],
        &[Answer(
            on(EVENTS).ok(),
            &[Edit::Frames(|_, events| written(events, |event| format!("data: {event}\n")))],
        )],
    ),
    runtime(
        "sse/one-newline-at-the-end",
        "the last event is not followed by a blank line",
        &["SSE-5"],
        &[Answer(
            on(EVENTS).ok(),
            &[Edit::Frames(|_, events| {
                written(events, |event| {
                    let end = if is_last(event) { "\n" } else { "\n\n" };
                    format!("data: {event}{end}")
                })
            })],
        )],
    ),
    runtime(
        "sse/half-event",
        "the last event breaks off in its middle",
        &["SSE-5"],
        &[Answer(on(EVENTS).ok(), &[Edit::Frames(half_at_the_end)])],
    ),
    runtime(
        "sse/no-field",
        "the lines of a stream are JSON without a field name",
        &["SSE-5"],
        &[Answer(
            on(EVENTS).ok(),
            &[Edit::Frames(|_, events| written(events, |event| format!("{event}\n\n")))],
        )],
    ),
    runtime(
        "sse/escaped-newlines",
        "line ends are written as a backslash and an n",
        &["SSE-5"],
        &[Answer(
            on(EVENTS).ok(),
            &[Edit::Frames(|_, events| written(events, |event| format!("data: {event}\\n\\n")))],
        )],
    ),
    runtime(
        "sse/not-utf-8",
        "the name of an event is written in Latin-1",
        &["SSE-5"],
        &[Answer(
            on(EVENTS).ok(),
            &[Edit::Frames(|framing, events| {
                framed(events, move |_, event| [b"event: \xe9tape\n", &framing.frame(event)[..]].concat())
            })],
        )],
    ),
    runtime(
        "sse/indented",
        "JSON is indented, and only its first line has the field name",
        &["SSE-2"],
        &[Answer(
            on(EVENTS).ok(),
            &[Edit::Frames(|_, events| written(events, |event| format!("data: {event:#}\n\n")))],
        )],
    ),
    runtime(
        "sse/single-quotes",
        "the data of events is a Python dictionary turned into text",
        &["SSE-2"],
        &[Answer(
            on(EVENTS).ok(),
            &[Edit::Frames(|_, events| {
                written(events, |event| format!("data: {}\n\n", event.to_string().replace('"', "'")))
            })],
        )],
    ),
    runtime(
        "sse/string-in-data",
        "the data of events is JSON inside a JSON string",
        &["SSE-2"],
        &[Answer(
            on(EVENTS).ok(),
            &[Edit::Frames(|_, events| {
                written(events, |event| format!("data: {}\n\n", json!(event.to_string())))
            })],
        )],
    ),
    runtime(
        "sse/done",
        "the stream ends with the data [DONE]",
        &["SSE-2"],
        &[Answer(
            on(EVENTS).ok(),
            &[Edit::Frames(|_, events| {
                written(events, |event| {
                    let done = if is_last(event) { "data: [DONE]\n\n" } else { "" };
                    format!("data: {event}\n\n{done}")
                })
            })],
        )],
    ),
    // ---- NDJSON
    gateway(
        "ndjson/json-string",
        "the whole stream is one JSON string, sent as application/json",
        &["NDJSON-1", "MEDIA-1"],
        &[Answer(
            on(EVENTS).ok(),
            &[Edit::Frames(json_string), Edit::Header("content-type", "application/json")],
        )],
    ),
    gateway(
        "ndjson/json-string-as-stream",
        "the whole stream is one JSON string",
        &["NDJSON-2"],
        &[Answer(on(EVENTS).ok(), &[Edit::Frames(json_string)])],
    ),
    gateway(
        "ndjson/array",
        "the stream is a JSON array",
        &["NDJSON-2"],
        &[Answer(
            on(EVENTS).ok(),
            &[Edit::Frames(|_, events| {
                framed(events, |number, event| {
                    let (before, after) =
                        (if number == 1 { "[" } else { "," }, if is_last(event) { "]\n" } else { "" });
                    format!("{before}{event}{after}").into_bytes()
                })
            })],
        )],
    ),
    gateway(
        "ndjson/indented",
        "events are indented over several lines",
        &["NDJSON-2"],
        &[Answer(
            on(EVENTS).ok(),
            &[Edit::Frames(|_, events| written(events, |event| format!("{event:#}\n")))],
        )],
    ),
    gateway(
        "ndjson/sse",
        "the lines of the stream are those of server-sent events",
        &["NDJSON-2"],
        &[Answer(
            on(EVENTS).ok(),
            &[Edit::Frames(|_, events| written(events, |event| format!("data: {event}\n\n")))],
        )],
    ),
    gateway(
        "ndjson/no-newlines",
        "no newline stands between events",
        &["NDJSON-2"],
        &[Answer(on(EVENTS).ok(), &[Edit::Frames(|_, events| written(events, |event| event.to_string()))])],
    ),
    gateway(
        "ndjson/single-quotes",
        "lines are Python dictionaries turned into text",
        &["NDJSON-2"],
        &[Answer(
            on(EVENTS).ok(),
            &[Edit::Frames(|_, events| {
                written(events, |event| format!("{}\n", event.to_string().replace('"', "'")))
            })],
        )],
    ),
    gateway(
        "ndjson/half-event",
        "the last event breaks off in its middle",
        &["NDJSON-2"],
        &[Answer(on(EVENTS).ok(), &[Edit::Frames(half_at_the_end)])],
    ),
    gateway(
        "ndjson/null-line",
        "the stream ends with a line that is null",
        &["NDJSON-2"],
        &[Answer(
            on(EVENTS).ok(),
            &[Edit::Frames(|_, events| {
                written(events, |event| {
                    let end = if is_last(event) { "null\n" } else { "" };
                    format!("{event}\n{end}")
                })
            })],
        )],
    ),
];

fn is_last(event: &Value) -> bool {
    matches!(event["type"].as_str(), Some("final" | "error" | "run_completed"))
}

fn written(events: Events, write: fn(&Value) -> String) -> Chunks {
    framed(events, move |_, event| write(event).into_bytes())
}

/// Everything that a right server writes, as one JSON string.
fn json_string(framing: Framing, events: Events) -> Chunks {
    let quote = || stream::once(async { Ok::<_, io::Error>(Bytes::from_static(b"\"")) });
    let inside = framed(events, move |_, event| {
        let quoted = json!(String::from_utf8_lossy(&framing.frame(event))).to_string();
        quoted.as_bytes()[1..quoted.len() - 1].to_vec()
    });
    quote().chain(inside).chain(quote()).boxed()
}

fn half_at_the_end(framing: Framing, events: Events) -> Chunks {
    framed(events, move |_, event| {
        let mut frame = framing.frame(event).to_vec();
        if is_last(event) {
            frame.truncate(frame.len() / 2);
        }
        frame
    })
}
