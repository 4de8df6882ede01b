//! Messages: media types, JSON texts and framing, and what the server has left after a bad request.

use serde_json::{Map, Value, json};

use super::Fault;
use super::row::{
    CANCEL, CREATE, EVENTS, EVERY_RUN, EVERYTHING, HEALTH, READ, RESULT, VERSION, both, runtime,
};
use crate::reference::change::Change::{Answer, Poison};
use crate::reference::change::{Asked, Break, Edit, on, set};

pub const FAULTS: &[Fault] = &[
    // ---- media types of successes
    both(
        "media/health-as-text",
        "health is JSON that is sent as text/plain",
        &["MEDIA-1"],
        &[Answer(on(HEALTH).ok(), AS_TEXT)],
    ),
    both(
        "media/version-as-text",
        "version is JSON that is sent as text/plain",
        &["MEDIA-1"],
        &[Answer(on(VERSION).ok(), AS_TEXT)],
    ),
    both(
        "media/create-as-text",
        "a created run is JSON that is sent as text/plain",
        &["MEDIA-1"],
        &[Answer(on(CREATE).ok(), AS_TEXT)],
    ),
    both(
        "media/read-as-html",
        "a run that is read is JSON that is sent as text/html",
        &["MEDIA-1"],
        &[Answer(on(READ).ok(), &[Edit::Header("content-type", "text/html; charset=utf-8")])],
    ),
    runtime(
        "media/result-as-octets",
        "a result is sent as application/octet-stream",
        &["MEDIA-1"],
        &[Answer(on(RESULT).ok(), &[Edit::Header("content-type", "application/octet-stream")])],
    ),
    both(
        "media/cancel-as-text-json",
        "the answer to a cancel is sent as text/json",
        &["MEDIA-1"],
        &[Answer(on(CANCEL).ok(), &[Edit::Header("content-type", "text/json")])],
    ),
    both(
        "media/all-as-text",
        "every success is sent as text/plain",
        &["MEDIA-1"],
        &[Answer(on(EVERYTHING).ok(), AS_TEXT)],
    ),
    // ---- JSON texts
    both(
        "json/bom",
        "JSON begins with a byte order mark",
        &["MEDIA-2"],
        &[Answer(on(EVERYTHING).ok(), &[Edit::Octets(|json| [b"\xef\xbb\xbf", &json[..]].concat())])],
    ),
    both(
        "json/text-after",
        "something stands behind the JSON of a run",
        &["MEDIA-2"],
        &[Answer(on(READ).ok(), &[Edit::Octets(|json| [&json[..], b"\n<!-- 12 ms -->"].concat())])],
    ),
    both(
        "json/twice",
        "a run that is read is written twice",
        &["MEDIA-2"],
        &[Answer(on(READ).ok(), &[Edit::Octets(|json| json.repeat(2))])],
    ),
    both(
        "json/cut-off",
        "the JSON of a created run lacks its last octets, since Content-Length counts letters",
        &["MEDIA-2"],
        &[Answer(on(CREATE).ok(), &[Edit::Octets(|json| without_end(json, 2))])],
    ),
    both(
        "json/single-quotes",
        "a run is a Python dictionary turned into text",
        &["MEDIA-2"],
        &[Answer(
            on(READ).ok(),
            &[Edit::Octets(|json| json.iter().map(|&c| if c == b'"' { b'\'' } else { c }).collect())],
        )],
    ),
    both(
        "json/as-text",
        "a run is JSON inside a JSON string",
        &["LIFE-1"],
        &[Answer(
            on(READ).ok(),
            &[Edit::Octets(|json| json!(String::from_utf8_lossy(&json)).to_string().into_bytes())],
        )],
    ),
    both(
        "json/nan",
        "an extension of version is NaN",
        &["MEDIA-2"],
        &[Answer(
            on(VERSION).ok(),
            &[
                Edit::Json(set("/extensions", || json!({"org.example.load": "NaN"}))),
                Edit::Octets(|json| String::from_utf8_lossy(&json).replace("\"NaN\"", "NaN").into_bytes()),
            ],
        )],
    ),
    both(
        "json/latin-1",
        "an extension of version is written in Latin-1",
        &["MEDIA-2"],
        &[Answer(
            on(VERSION).ok(),
            &[
                Edit::Json(set("/extensions", || json!({"org.example.place": "Z@rich"}))),
                Edit::Octets(|json| json.iter().map(|&c| if c == b'@' { 0xfc } else { c }).collect()),
            ],
        )],
    ),
    both(
        "json/says-latin-1",
        "a run that is read says that it is written in Latin-1",
        &["MEDIA-2"],
        &[Answer(on(READ).ok(), &[Edit::Header("content-type", "application/json; charset=iso-8859-1")])],
    ),
    both(
        "json/utf-16",
        "a cancel is answered in UTF-16",
        &["MEDIA-2"],
        &[Answer(on(CANCEL).ok(), &[Edit::Octets(|json| json.iter().flat_map(|&c| [0, c]).collect())])],
    ),
    both(
        "json/error-text-after",
        "something stands behind the JSON of an error",
        &["MEDIA-2"],
        &[Answer(on(EVERY_RUN).refused(), &[Edit::Octets(|json| [&json[..], b"null"].concat())])],
    ),
    runtime(
        "json/result-trailing-comma",
        "the JSON of a result ends with a comma before its brace",
        &["MEDIA-2"],
        &[Answer(on(RESULT).ok(), &[Edit::Octets(|json| [&without_end(json, 1)[..], b",}"].concat())])],
    ),
    both(
        "json/repeats-member",
        "a run that is read says run_id twice",
        &["MEDIA-3"],
        &[Answer(on(READ).ok(), &[Edit::Octets(repeat)])],
    ),
    both(
        "json/health-repeats-member",
        "health says its time twice",
        &["MEDIA-3"],
        &[Answer(on(HEALTH).ok(), &[Edit::Octets(repeat)])],
    ),
    both(
        "json/error-repeats-member",
        "an error repeats the member error",
        &["MEDIA-3"],
        &[Answer(on(EVERY_RUN).refused(), &[Edit::Octets(repeat)])],
    ),
    both(
        "json/all-repeat-member",
        "every success says its first member twice",
        &["MEDIA-3"],
        &[Answer(on(EVERYTHING).ok(), &[Edit::Octets(repeat)])],
    ),
    both(
        "json/all-text-after",
        "something stands behind the JSON of every answer but health and version",
        &["MEDIA-2"],
        &[Answer(on(EVERY_RUN), &[Edit::Octets(|json| [&json[..], b"\0"].concat())])],
    ),
    // ---- statuses of successes
    both(
        "status/all-203",
        "every success is answered 203",
        &["STATUS-1"],
        &[Answer(on(EVERYTHING).ok(), &[Edit::Status(203)])],
    ),
    both(
        "status/read-203",
        "a run that is read is answered 203",
        &["STATUS-1"],
        &[Answer(on(READ).ok(), &[Edit::Status(203)])],
    ),
    both(
        "status/version-206",
        "version is answered 206",
        &["STATUS-1"],
        &[Answer(on(VERSION).ok(), &[Edit::Status(206)])],
    ),
    runtime(
        "status/result-201",
        "a result is answered 201",
        &["STATUS-1"],
        &[Answer(on(RESULT).ok(), &[Edit::Status(201)])],
    ),
    both(
        "status/events-202",
        "events are answered 202",
        &["STATUS-1"],
        &[Answer(on(EVENTS).ok(), &[Edit::Status(202)])],
    ),
    // ---- framing
    both(
        "wire/promises-more",
        "the Content-Length of a run is larger than the run",
        &["WIRE-1"],
        &[Answer(on(READ).ok(), &[Edit::Break(Break::PromisesMore)])],
    ),
    both(
        "wire/cut",
        "the connection ends amid a created run",
        &["WIRE-1"],
        &[Answer(on(CREATE).ok(), &[Edit::Break(Break::Halfway)])],
    ),
    both(
        "wire/health-cut",
        "the connection ends amid the health",
        &["WIRE-1"],
        &[Answer(on(HEALTH).ok(), &[Edit::Break(Break::Halfway)])],
    ),
    both(
        "wire/version-cut",
        "the connection ends amid the version",
        &["WIRE-1"],
        &[Answer(on(VERSION).ok(), &[Edit::Break(Break::Halfway)])],
    ),
    both(
        "wire/error-cut",
        "the connection ends amid an error",
        &["WIRE-1"],
        &[Answer(on(EVERY_RUN).refused(), &[Edit::Break(Break::Halfway)])],
    ),
    both(
        "wire/no-last-chunk",
        "a run that is read is sent in chunks, without the last one",
        &["WIRE-1"],
        &[Answer(on(READ).ok(), &[Edit::Break(Break::NoLastChunk)])],
    ),
    both(
        "wire/cancel-no-last-chunk",
        "the answer to a cancel is sent in chunks, without the last one",
        &["WIRE-1"],
        &[Answer(on(CANCEL).ok(), &[Edit::Break(Break::NoLastChunk)])],
    ),
    runtime(
        "wire/result-cut",
        "the connection ends amid a result",
        &["WIRE-1"],
        &[Answer(on(RESULT).ok(), &[Edit::Break(Break::Halfway)])],
    ),
    both(
        "wire/events-no-last-chunk",
        "the connection ends after the last event, without the last chunk",
        &["WIRE-1"],
        &[Answer(on(EVENTS).ok(), &[Edit::Break(Break::NoLastChunk)])],
    ),
    both(
        "wire/all-cut",
        "the connection ends amid every answer but health and version",
        &["WIRE-1"],
        &[Answer(on(EVERY_RUN), &[Edit::Break(Break::Halfway)])],
    ),
    // ---- after a bad request
    both(
        "robust/large-body",
        "after a body of more than half a mebibyte every answer is a 500",
        &["ROBUST-1"],
        &[Poison(is_large)],
    ),
    both(
        "robust/deep-nesting",
        "after deeply nested JSON every answer is a 500",
        &["ROBUST-1"],
        &[Poison(is_deep)],
    ),
    both(
        "robust/odd-id",
        "after an id with encoded control characters or dots every answer is a 500",
        &["ROBUST-1"],
        &[Poison(|asked| {
            ["%00", "%0A", "%0a", "%2E", "%2e", "%FF", "%ff"].iter().any(|odd| asked.path.contains(odd))
        })],
    ),
    both(
        "robust/headers",
        "after a header too many every answer is a 500",
        &["ROBUST-1"],
        &[Poison(|asked| asked.headers.len() > 40 || asked.headers.values().any(|value| value.len() > 4000))],
    ),
];

const AS_TEXT: &[Edit] = &[Edit::Header("content-type", "text/plain; charset=utf-8")];

fn without_end(mut json: Vec<u8>, octets: usize) -> Vec<u8> {
    json.truncate(json.len().saturating_sub(octets));
    json
}

/// The object with its first member once more.
fn repeat(json: Vec<u8>) -> Vec<u8> {
    let object: Map<String, Value> = serde_json::from_slice(&json).unwrap_or_default();
    match object.iter().next() {
        Some((name, value)) => [format!("{{{}:{value},", json!(name)).as_bytes(), &json[1..]].concat(),
        None => json,
    }
}

/// Whether the body is of more than half a mebibyte; of one that is too large to be read nothing is left.
fn is_large(asked: &Asked) -> bool {
    let announced = asked.header("content-length").parse().unwrap_or(asked.body.len());
    announced > 1 << 19 || (asked.body.is_empty() && asked.header("transfer-encoding") == "chunked")
}

/// Whether more than 32 brackets are open at once, whatever stands between them.
fn is_deep(asked: &Asked) -> bool {
    let mut depth = 0;
    asked.body.iter().any(|octet| {
        match octet {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth -= 1,
            _ => {}
        }
        depth > 32
    })
}
