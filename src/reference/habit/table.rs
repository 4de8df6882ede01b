use std::time::Duration;

use axum::body::Bytes;
use futures_util::{StreamExt, stream};
use jiff::tz::{Offset, TimeZone};
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use serde_json::{Value, json};

use super::Habit;
use crate::contract::Service;
use crate::reference::change::Change::{Answer, Behave, Busy, Compress, Delay, Request};
use crate::reference::change::{
    Asked, Change, Chunks, Edit, Events, Incoming, Switch, Which, anything, chunks, framed, on, set, with,
};
use crate::reference::options::Auth;
use crate::reference::reply::Framing;
use crate::reference::route::Operation;

const CANCEL: &[Operation] = &[Operation::CancelRun];
const CREATE: &[Operation] = &[Operation::CreateRun];
const EVENTS: &[Operation] = &[Operation::StreamEvents];
const HEALTH: &[Operation] = &[Operation::Health];
const READS: &[Operation] = &[Operation::ReadRun, Operation::ReadResult, Operation::StreamEvents];

pub const HABITS: &[Habit] = &[
    // ---- messages
    both(
        "charset",
        "media types have a charset parameter",
        &[Answer(anything(), &[Edit::Parameter("charset=UTF-8")])],
    ),
    both(
        "connection-close",
        "a connection is closed after each answer",
        &[Answer(anything(), &[Edit::Header("connection", "close")])],
    ),
    both(
        "chunked",
        "answers come in chunks of seven octets, which may split a letter",
        &[Answer(anything(), &[Edit::Pieces(7)])],
    ),
    both(
        "indented",
        "JSON is indented and ends with a newline",
        &[Answer(anything(), &[Edit::Octets(indented)])],
    ),
    both("latency", "every answer takes 200 ms", &[Delay(Duration::from_millis(200))]),
    both("busy", "every twentieth request is answered 429 with Retry-After", &[Busy(20)]),
    both("gzip", "answers are compressed for whoever takes gzip", &[Compress]),
    both(
        "degraded",
        "health is degraded",
        &[Answer(on(HEALTH).ok(), &[Edit::Json(set("/status", || json!("degraded")))])],
    ),
    // ---- times
    both(
        "whole-seconds",
        "times are whole seconds, so many are equal",
        &[
            TIMES,
            Answer(
                on(EVENTS).ok(),
                &[Edit::Event(Which::Every, with(|event, _| each_time(event, &whole_seconds)))],
            ),
        ],
    ),
    both(
        "offsets",
        "times have offsets and nine digits of a second",
        &[
            Answer(anything(), &[Edit::Json(with(|body, _| each_time(body, &with_offset)))]),
            Answer(
                on(EVENTS).ok(),
                &[Edit::Event(Which::Every, with(|event, _| each_time(event, &with_offset)))],
            ),
        ],
    ),
    // ---- runs
    both(
        "idempotent-create",
        "who creates a run under an id that is in use gets the run that exists",
        &[Behave(Switch::ReturnsExisting)],
    ),
    both(
        "plain-ids-alone",
        "ids other than letters, digits, '.', '_' and '-' are refused with 400",
        &[Request(plain_ids)],
    ),
    both(
        "odd-ids-400",
        "what is asked of an unknown run with an odd id is answered 400",
        &[Answer(
            on(READS).status(404).asked(|asked| asked.path.contains('%') || asked.path.len() > 300),
            &[Edit::Status(400)],
        )],
    ),
    both(
        "media-type-400",
        "a body of another media type is refused with 400",
        &[Answer(on(CREATE).status(415), &[Edit::Status(400)])],
    ),
    // ---- cancelling
    both(
        "cancel-ended-409",
        "cancelling a run that is over answers 409",
        &[Answer(on(CANCEL).ok().asked(Asked::is_over), NOT_CANCELABLE)],
    ),
    both(
        "cancel-says-running",
        "the answer to a cancel shows the run before it stops",
        &[Answer(
            on(CANCEL).ok().asked(Asked::lives),
            &[Edit::Json(with(|body, _| {
                body["state"] = json!("running");
                body.as_object_mut().map(|run| run.shift_remove("ended_at"));
            }))],
        )],
    ),
    both(
        "cancel-comes-late",
        "a run has always succeeded just before its cancel, which answers 409",
        &[Behave(Switch::WinsAgainstCancel), Answer(on(CANCEL).ok(), NOT_CANCELABLE)],
    ),
    // ---- seq
    both(
        "seq-from-0",
        "seq counts from 0",
        &[each_event(&[Edit::Event(Which::Every, with(|event, _| renumber(event, |seq| seq - 1)))])],
    ),
    both(
        "seq-with-gaps",
        "seq counts from 1000 in steps of 10",
        &[each_event(&[Edit::Event(Which::Every, with(|event, _| renumber(event, |seq| 990 + 10 * seq)))])],
    ),
    // ---- server-sent events
    runtime(
        "sse-crlf",
        "lines of server-sent events end with CR LF",
        &[each_event(&[Edit::Frames(|_, events| written(events, |event| format!("data: {event}\r\n\r\n")))])],
    ),
    runtime(
        "sse-cr",
        "lines of server-sent events end with CR",
        &[each_event(&[Edit::Frames(|_, events| written(events, |event| format!("data: {event}\r\r")))])],
    ),
    runtime(
        "sse-comments",
        "comments, empty lines and other fields stand between and in server-sent events",
        &[each_event(&[Edit::Frames(|_, events| {
            written(events, |event| {
                format!(
                    ": keep-alive\n\n\n:\nid: {}\nevent: {}\nretry: 1000\nunknown: x\ndata:{event}\n\n",
                    event["seq"],
                    event["type"].as_str().unwrap_or_default(),
                )
            })
        })])],
    ),
    runtime(
        "sse-data-lines",
        "the data of a server-sent event stands in several lines",
        &[each_event(&[Edit::Frames(|_, events| {
            written(events, |event| {
                let lines: String =
                    format!("{event:#}").lines().map(|line| format!("data: {line}\n")).collect();
                format!("{lines}\n")
            })
        })])],
    ),
    runtime(
        "sse-byte-order-mark",
        "the stream begins with a byte order mark",
        &[each_event(&[Edit::Frames(after_byte_order_mark)])],
    ),
    // ---- NDJSON
    gateway(
        "ndjson-crlf",
        "lines of NDJSON end with CR LF",
        &[each_event(&[Edit::Frames(|_, events| written(events, |event| format!("{event}\r\n")))])],
    ),
    gateway(
        "ndjson-blank-lines",
        "blank lines stand between lines of NDJSON",
        &[each_event(&[Edit::Frames(|_, events| written(events, |event| format!("\n{event}\n\n")))])],
    ),
    gateway(
        "ndjson-no-last-newline",
        "the last line of NDJSON ends without a newline",
        &[each_event(&[Edit::Frames(|_, events| {
            framed(events, |number, event| {
                format!("{}{event}", if number == 1 { "" } else { "\n" }).into_bytes()
            })
        })])],
    ),
    // ---- challenges
    both(
        "challenges-in-one-field",
        "a 401 lists several challenges in one field",
        &[Answer(
            anything().status(401),
            &[Edit::Header(
                "www-authenticate",
                "Negotiate, Basic realm=\"a, \\\"b\\\"\", Bearer realm=\"arp\", error=\"invalid_token\"",
            )],
        )],
    )
    .with_auth(),
    both(
        "challenges-in-fields",
        "a 401 has a field for each of several challenges",
        &[Answer(
            anything().status(401),
            &[
                Edit::Header("www-authenticate", "Basic realm=\"arp\""),
                Edit::MoreHeader("www-authenticate", "bearer"),
            ],
        )],
    )
    .with_auth(),
    both(
        "other-audience-403",
        "a token for another audience or from another issuer is answered 403",
        &[Answer(
            anything().says(
                "/error/message",
                &["the token is for another audience", "the token is from another issuer"],
            ),
            &[Edit::Status(403), Edit::NoHeader("www-authenticate")],
        )],
    )
    .with_auth(),
];

const TIMES: Change = Answer(anything(), &[Edit::Json(with(|body, _| each_time(body, &whole_seconds)))]);

const NOT_CANCELABLE: &[Edit] =
    &[Edit::Become(409, |_| json!({"error": {"code": "run_over", "message": "the run is over"}}))];

const fn both(name: &'static str, says: &'static str, changes: &'static [Change]) -> Habit {
    Habit { name, says, services: &Service::ALL, auth: Auth::Off, changes }
}

const fn runtime(name: &'static str, says: &'static str, changes: &'static [Change]) -> Habit {
    Habit { services: &[Service::Runtime], ..both(name, says, changes) }
}

const fn gateway(name: &'static str, says: &'static str, changes: &'static [Change]) -> Habit {
    Habit { services: &[Service::RunGateway], ..both(name, says, changes) }
}

impl Habit {
    const fn with_auth(mut self) -> Self {
        self.auth = Auth::Required;
        self
    }
}

/// A change of every stream of events.
const fn each_event(edits: &'static [Edit]) -> Change {
    Answer(on(EVENTS).ok(), edits)
}

fn written(events: Events, write: fn(&Value) -> String) -> Chunks {
    framed(events, move |_, event| write(event).into_bytes())
}

fn after_byte_order_mark(framing: Framing, events: Events) -> Chunks {
    stream::iter([Ok(Bytes::from_static(b"\xef\xbb\xbf"))]).chain(chunks(framing, events)).boxed()
}

fn indented(json: Vec<u8>) -> Vec<u8> {
    match serde_json::from_slice::<Value>(&json) {
        Ok(value) => format!("{value:#}\n").into_bytes(),
        Err(_) => json,
    }
}

fn renumber(event: &mut Value, number: fn(u64) -> u64) {
    if let Some(seq) = event["seq"].as_u64() {
        event["seq"] = number(seq).into();
    }
}

/// Writes every time in a value in another way.
fn each_time(value: &mut Value, write: &dyn Fn(Timestamp) -> String) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let time = member.as_str().and_then(|text| text.parse().ok());
                match time {
                    Some(time) if name == "time" || name.ends_with("_at") => *member = write(time).into(),
                    _ => each_time(member, write),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_time(item, write)),
        _ => {}
    }
}

fn whole_seconds(time: Timestamp) -> String {
    let down = TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Floor);
    // Only a time at the end of the calendar cannot be rounded.
    time.round(down).unwrap_or(time).to_string()
}

/// East of Greenwich or west of it by turns, so that neither texts nor their hours are in the order of the times.
fn with_offset(time: Timestamp) -> String {
    let minutes = if time.as_millisecond() % 2 == 0 { 330 } else { -480 };
    // Both are offsets of real zones.
    let offset = Offset::from_seconds(minutes * 60).unwrap_or(Offset::UTC);
    let time = time.to_zoned(TimeZone::fixed(offset));
    time.strftime("%Y-%m-%dT%H:%M:%S.%9f%:z").to_string()
}

/// A run_id with other letters becomes one that the server refuses.
fn plain_ids(request: &mut Incoming) {
    let Ok(mut body) = serde_json::from_slice::<Value>(request.body) else { return };
    let is_plain = |id: &str| id.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    if body["run_id"].as_str().is_some_and(|id| !is_plain(id)) {
        body["run_id"] = json!("");
        *request.body = Bytes::from(body.to_string());
    }
}
