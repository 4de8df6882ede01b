//! Events: which of them a stream holds, and what they say.

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Fault;
use super::row::{EVENTS, both, envelope, gateway, runtime};
use crate::reference::about::rfc3339;
use crate::reference::change::Change::Answer;
use crate::reference::change::{Asked, Edit, Events, Which, on, remove, set, with};

pub const FAULTS: &[Fault] = &[
    // ---- whether there is a stream
    both(
        "events/not-while-live",
        "the events of a run that goes on answer 409",
        &["SSE-1", "NDJSON-1"],
        &[Answer(
            on(EVENTS).ok().asked(Asked::lives),
            &[Edit::Become(409, |_| envelope("run_not_finished", "not over"))],
        )],
    ),
    both(
        "events/as-json",
        "events are sent as application/json",
        &["SSE-1", "NDJSON-1", "MEDIA-1"],
        &[Answer(on(EVENTS).ok(), &[Edit::Header("content-type", "application/json")])],
    ),
    runtime(
        "events/named-ndjson",
        "server-sent events are sent as application/x-ndjson",
        &["SSE-1", "MEDIA-1"],
        &[Answer(on(EVENTS).ok(), &[Edit::Header("content-type", "application/x-ndjson")])],
    ),
    gateway(
        "events/named-jsonl",
        "NDJSON is sent as application/jsonl",
        &["NDJSON-1", "MEDIA-1"],
        &[Answer(on(EVENTS).ok(), &[Edit::Header("content-type", "application/jsonl")])],
    ),
    runtime(
        "events/unknown-empty",
        "the events of an unknown run are an empty stream",
        &["SSE-8"],
        &[Answer(on(EVENTS).status(404), &[Edit::Status(200), Edit::Text("text/event-stream", "")])],
    ),
    gateway(
        "events/unknown-empty-lines",
        "the events of an unknown run are an empty stream",
        &["NDJSON-8"],
        &[Answer(on(EVENTS).status(404), &[Edit::Status(200), Edit::Text("application/x-ndjson", "")])],
    ),
    runtime(
        "events/unknown-error",
        "the events of an unknown run are a stream with an event of an error",
        &["SSE-8"],
        &[Answer(
            on(EVENTS).status(404),
            &[
                Edit::Status(200),
                Edit::Text("text/event-stream", "event: error\ndata: {\"error\": \"run not found\"}\n\n"),
            ],
        )],
    ),
    gateway(
        "events/unknown-error-line",
        "the events of an unknown run are a line with an error",
        &["NDJSON-8"],
        &[Answer(
            on(EVENTS).status(404),
            &[
                Edit::Status(200),
                Edit::Text(
                    "application/x-ndjson",
                    "{\"error\": {\"code\": \"run_not_found\", \"message\": \"no such run\"}}\n",
                ),
            ],
        )],
    ),
    both(
        "events/ended-404",
        "a run that is over has no events any more",
        &["SSE-10", "NDJSON-10"],
        &[Answer(
            on(EVENTS).ok().asked(Asked::is_over),
            &[Edit::Become(404, |_| envelope("no_events", "too late"))],
        )],
    ),
    both(
        "events/ended-empty",
        "the events of a run that is over are an empty stream",
        &["SSE-10", "NDJSON-10"],
        &[Answer(on(EVENTS).ok().asked(Asked::is_over), &[Edit::Events(|_, _| stream::empty().boxed())])],
    ),
    // ---- what an event says
    both(
        "event/no-time",
        "events lack the time",
        &["SSE-2", "NDJSON-2"],
        &every(&[Edit::Event(Which::Every, remove("/time"))]),
    ),
    both(
        "event/epoch-time",
        "the time of events is a number",
        &["SSE-2", "NDJSON-2"],
        &every(&[Edit::Event(Which::Every, set("/time", || json!(1_767_225_600)))]),
    ),
    both(
        "event/last-epoch-time",
        "the time of the last event is a number",
        &["SSE-2", "NDJSON-2"],
        &every(&[Edit::Event(LAST, set("/time", || json!(1_767_225_600)))]),
    ),
    both(
        "event/seq-as-text",
        "seq is a text",
        &["SSE-2", "NDJSON-2"],
        &every(&[Edit::Event(Which::Every, with(|event, _| event["seq"] = event["seq"].to_string().into()))]),
    ),
    both(
        "event/unknown-type",
        "the second event is of a type that the schema does not list",
        &["SSE-2", "NDJSON-2"],
        &every(&[Edit::Event(Which::Nth(2), set("/type", || json!("status")))]),
    ),
    both(
        "event/extra-member",
        "events carry an id beside seq",
        &["SSE-2", "NDJSON-2"],
        &every(&[Edit::Event(Which::Every, set("/id", || json!("evt-1")))]),
    ),
    both(
        "event/null-data",
        "an event without data says null in place of leaving it out",
        &["SSE-2", "NDJSON-2"],
        &every(&[Edit::Event(Which::Nth(1), set("/data", || json!(null)))]),
    ),
    gateway(
        "event/null-node",
        "an event of the run itself says null for node_run_id",
        &["NDJSON-2"],
        &every(&[Edit::Event(Which::Nth(1), set("/node_run_id", || json!(null)))]),
    ),
    both(
        "event/second-lacks-run",
        "the second event lacks the run_id",
        &["SSE-2", "NDJSON-2"],
        &every(&[Edit::Event(Which::Nth(2), remove("/run_id"))]),
    ),
    both(
        "event/pings",
        "a ping that is no RunEvent comes after the first event",
        &["SSE-2", "NDJSON-2"],
        &every(&[Edit::Events(|events, _| after_first(events, |_| json!({"type": "ping"})))]),
    ),
    both(
        "event/foreign-run",
        "events bear another run's id",
        &["SSE-3", "NDJSON-3"],
        &every(&[Edit::Event(Which::Every, set("/run_id", || json!("run-of-somebody-else")))]),
    ),
    both(
        "event/last-of-foreign-run",
        "the last event bears another run's id",
        &["SSE-3", "NDJSON-3"],
        &every(&[Edit::Event(LAST, set("/run_id", || json!("run-of-somebody-else")))]),
    ),
    both(
        "event/of-another-run",
        "an event of another run comes in between",
        &["SSE-3", "NDJSON-3"],
        &every(&[Edit::Events(|events, _| {
            after_first(events, |first| {
                let mut foreign = first.clone();
                foreign["run_id"] = json!("run-of-somebody-else");
                foreign
            })
        })]),
    ),
    // ---- seq
    both(
        "seq/third-repeats",
        "the third event repeats the seq of the second",
        &["SSE-4", "NDJSON-5"],
        &every(&[Edit::Event(Which::Nth(3), set("/seq", || json!(2)))]),
    ),
    both(
        "seq/zero",
        "seq is 0 in every event",
        &["SSE-4", "NDJSON-5"],
        &every(&[Edit::Event(Which::Every, set("/seq", || json!(0)))]),
    ),
    both(
        "seq/falls",
        "seq counts down",
        &["SSE-4", "NDJSON-4"],
        &every(&[Edit::Event(
            Which::Every,
            with(|event, _| {
                event["seq"] = (1000 - event["seq"].as_i64().unwrap_or_default()).into();
            }),
        )]),
    ),
    both(
        "seq/swapped",
        "the second and the third event come in each other's place",
        &["SSE-4", "NDJSON-4"],
        &every(&[
            Edit::Event(Which::Nth(2), set("/seq", || json!(3))),
            Edit::Event(Which::Nth(3), set("/seq", || json!(2))),
        ]),
    ),
    both(
        "seq/event-twice",
        "the third event is sent twice",
        &["SSE-4", "NDJSON-5"],
        &every(&[Edit::Events(|events, _| {
            events
                .flat_map(|event| {
                    let times = if event["seq"] == 3 { 2 } else { 1 };
                    stream::iter(vec![event; times])
                })
                .boxed()
        })]),
    ),
    // ---- beginning and end
    gateway(
        "events/no-start",
        "the stream lacks run_started",
        &["NDJSON-6"],
        &every(&[Edit::Events(|events, _| events.skip(1).boxed())]),
    ),
    both(
        "events/no-end",
        "the stream ends without its last event",
        &["SSE-6", "NDJSON-6"],
        &every(&[Edit::Events(|events, _| {
            events.filter(|event| std::future::ready(!is_last(event))).boxed()
        })]),
    ),
    both(
        "events/never-ends",
        "the stream of a run that is over stays open",
        &["SSE-6", "NDJSON-6"],
        &every(&[Edit::Events(|events, _| events.chain(stream::pending()).boxed())]),
    ),
    both(
        "events/after-the-end",
        "one more event comes after the last one",
        &["SSE-6", "NDJSON-6"],
        &every(&[Edit::Events(|events, _| {
            after_last(events, |last| {
                let mut more = last.clone();
                more["type"] = json!(if last["type"] == "run_completed" { "node_evaluated" } else { "step" });
                more
            })
        })]),
    ),
    runtime(
        "events/ends-twice",
        "the last event is followed by another last event",
        &["SSE-6"],
        &every(&[Edit::Events(|events, _| after_last(events, Value::clone))]),
    ),
    // ---- time
    both(
        "events/time-backwards",
        "the times of events run backwards",
        &["SSE-7", "NDJSON-7"],
        &every(&[Edit::Event(
            Which::Every,
            with(|event, _| earlier(event, event["seq"].as_i64().unwrap_or(1))),
        )]),
    ),
    both(
        "events/last-is-early",
        "the time of the last event is a minute before that of the others",
        &["SSE-7", "NDJSON-7"],
        &every(&[Edit::Event(LAST, with(|event, _| earlier(event, 60)))]),
    ),
    both(
        "events/held-back",
        "events are held back until the run has ended",
        &["SSE-9", "NDJSON-9"],
        &every(&[Edit::Events(|events, _| {
            stream::once(events.collect::<Vec<_>>()).flat_map(stream::iter).boxed()
        })]),
    ),
];

const LAST: Which = Which::Of(&["final", "error", "run_completed"]);

/// Every stream of events.
const fn every(edits: &'static [Edit]) -> [crate::reference::change::Change; 1] {
    [Answer(on(EVENTS).ok(), edits)]
}

fn is_last(event: &Value) -> bool {
    LAST.takes(0, event)
}

/// The events, and after the first one what `more` makes of it.
fn after_first(events: Events, more: fn(&Value) -> Value) -> BoxStream<'static, Value> {
    events
        .enumerate()
        .flat_map(move |(index, event)| {
            let more = (index == 0).then(|| more(&event));
            stream::iter([Some(event), more].into_iter().flatten())
        })
        .boxed()
}

/// The events, and after the last one what `more` makes of it, with the next seq.
fn after_last(events: Events, more: fn(&Value) -> Value) -> BoxStream<'static, Value> {
    events
        .flat_map(move |event| {
            let more = is_last(&event).then(|| {
                let mut more = more(&event);
                more["seq"] = (event["seq"].as_u64().unwrap_or_default() + 1).into();
                more
            });
            stream::iter([Some(event), more].into_iter().flatten())
        })
        .boxed()
}

/// Sets the time of an event so many seconds back.
fn earlier(event: &mut Value, seconds: i64) {
    let time: Option<Timestamp> = event["time"].as_str().and_then(|time| time.parse().ok());
    if let Some(time) = time {
        event["time"] = rfc3339(time - SignedDuration::from_secs(seconds)).into();
    }
}
