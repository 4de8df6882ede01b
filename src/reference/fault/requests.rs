//! Requests for a run: what is accepted though it is wrong, and refused though it is right.

use std::borrow::Cow;

use axum::body::Bytes;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::Fault;
use super::row::{CREATE, both, envelope, gateway, runtime};
use crate::contract::{Service, Violation};
use crate::reference::change::Change::{Answer, Behave, Overlook, Request};
use crate::reference::change::{Asked, Edit, Incoming, Switch, on};

pub const FAULTS: &[Fault] = &[
    // ---- what a schema forbids is accepted
    both(
        "request/empty-object",
        "members that are missing at the top are overlooked, so {} starts a run",
        &["REQUEST-1"],
        &[Overlook(|wrong| wrong.keyword == "required" && wrong.at.is_empty())],
    ),
    runtime(
        "request/no-goal",
        "an input without a goal starts a run",
        &["REQUEST-1"],
        &[Overlook(|wrong| wrong.keyword == "required" && wrong.at == "/input")],
    ),
    gateway(
        "request/no-version",
        "a node type without a version starts a run",
        &["REQUEST-1"],
        &[Overlook(|wrong| wrong.keyword == "required" && wrong.at == "/root_node_type_ref")],
    ),
    gateway(
        "request/no-actor-id",
        "an actor without its required members is accepted",
        &["REQUEST-1"],
        &[Overlook(|wrong| wrong.keyword == "required" && wrong.at == "/run_context/actor")],
    ),
    both(
        "request/coerces-text",
        "a number or a boolean is taken for a text",
        &["REQUEST-2"],
        &[Overlook(|wrong| {
            wrong.keyword == "type" && wrong.expected == "a string" && is_scalar(&wrong.actual)
        })],
    ),
    both(
        "request/text-for-object",
        "an input that is no object is accepted",
        &["REQUEST-2"],
        &[Overlook(|wrong| wrong.keyword == "type" && wrong.at == "/input")],
    ),
    both(
        "request/null-for-absent",
        "null is taken for a member that is not there",
        &["REQUEST-2"],
        &[Overlook(|wrong| wrong.keyword == "type" && wrong.actual == "null")],
    ),
    both(
        "request/any-top",
        "a body that is no object starts a run",
        &["REQUEST-2"],
        &[Overlook(|wrong| wrong.keyword == "type" && wrong.at.is_empty())],
    ),
    both(
        "request/types-of-options",
        "the types of optional members are not looked at",
        &["REQUEST-2"],
        &[Overlook(|wrong| wrong.keyword == "type" && !is_of_the_smallest(wrong))],
    ),
    both(
        "request/unknown-members",
        "unknown members are ignored at every depth",
        &["REQUEST-3"],
        &[Overlook(is_unknown)],
    ),
    both(
        "request/unknown-inner-members",
        "unknown members are refused at the top and ignored below",
        &["REQUEST-3"],
        &[Overlook(|wrong| is_unknown(wrong) && depth(wrong) > 1 && !wrong.at.contains("/extensions/"))],
    ),
    both(
        "request/plain-extension-keys",
        "extensions take a key without a namespace",
        &["REQUEST-3"],
        &[Overlook(|wrong| is_unknown(wrong) && wrong.at.contains("/extensions/"))],
    ),
    both(
        "request/bounds",
        "minimums are not looked at",
        &["REQUEST-4"],
        &[Overlook(|wrong| wrong.keyword.to_ascii_lowercase().contains("min"))],
    ),
    gateway(
        "request/enum",
        "an unlisted side effect class is accepted",
        &["REQUEST-4"],
        &[Overlook(|wrong| wrong.keyword == "enum")],
    ),
    gateway(
        "request/format",
        "a text that is no URI is accepted as one",
        &["REQUEST-4"],
        &[Overlook(|wrong| wrong.keyword == "format")],
    ),
    both(
        "request/not-validated",
        "whatever is JSON starts a run",
        &["REQUEST-1", "REQUEST-2", "REQUEST-3"],
        &[Overlook(|_| true)],
    ),
    // ---- what is no JSON is accepted
    both(
        "malformed/nothing",
        "a request without a body starts a run",
        &["REQUEST-5"],
        &[Request(|request| {
            if request.body.is_empty() {
                take_for_good(request)
            }
        })],
    ),
    both(
        "malformed/cut-off",
        "JSON that is cut off is repaired",
        &["REQUEST-5"],
        &[Request(|request| {
            if parse_error(request).is_some_and(|error| error.is_eof()) {
                take_for_good(request)
            }
        })],
    ),
    both(
        "malformed/text-after",
        "the first JSON value counts, whatever follows it",
        &["REQUEST-5"],
        &[Request(|request| {
            if has_text_after(request) {
                take_for_good(request)
            }
        })],
    ),
    both(
        "malformed/nan",
        "NaN is taken for a number",
        &["REQUEST-5"],
        &[Request(|request| {
            if parse_error(request).is_some() && text(request).contains("NaN") {
                take_for_good(request)
            }
        })],
    ),
    both(
        "malformed/not-utf-8",
        "octets that are not UTF-8 are replaced",
        &["REQUEST-5"],
        &[Request(|request| {
            if std::str::from_utf8(request.body).is_err() {
                take_for_good(request)
            }
        })],
    ),
    // ---- the status of a refusal
    both(
        "request/422",
        "an invalid body answers 422",
        &["REQUEST-6"],
        &[Answer(on(CREATE).status(400), &[Edit::Status(422)])],
    ),
    both(
        "request/422-malformed",
        "malformed JSON answers 422",
        &["REQUEST-6"],
        &[Answer(
            on(CREATE).says("/error/message", &["the body is not well-formed JSON"]),
            &[Edit::Status(422)],
        )],
    ),
    both(
        "request/422-detail",
        "an invalid body answers 422 with a framework's list of details",
        &["REQUEST-6", "ERROR-1"],
        &[Answer(
            on(CREATE).status(400),
            &[Edit::Become(422, |_| {
                json!({
                    "detail": [{"type": "missing", "loc": ["body", "input"], "msg": "Field required"}],
                })
            })],
        )],
    ),
    both(
        "media/any",
        "a body is read as JSON whatever media type it was sent as",
        &["REQUEST-7"],
        &[Request(|request| {
            _ = request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"))
        })],
    ),
    both(
        "media/422",
        "a body of another media type answers 422",
        &["REQUEST-7"],
        &[Answer(on(CREATE).status(415), &[Edit::Status(422)])],
    ),
    both(
        "request/keeps-refused",
        "a run is stored before its request is checked",
        &["REQUEST-8"],
        &[Behave(Switch::KeepsRefused)],
    ),
    // ---- what is right is refused
    both(
        "request/refuses-metadata",
        "a request with metadata is refused",
        &["REQUEST-9"],
        &[Answer(on(CREATE).ok().asked(|asked| gives(asked, "/metadata")), UNKNOWN_MEMBER)],
    ),
    both(
        "request/refuses-extensions",
        "a request with extensions is refused",
        &["REQUEST-9"],
        &[Answer(on(CREATE).ok().asked(|asked| gives(asked, "/extensions")), UNKNOWN_MEMBER)],
    ),
    runtime(
        "request/refuses-context",
        "an input with a context is refused",
        &["REQUEST-9"],
        &[Answer(on(CREATE).ok().asked(|asked| gives(asked, "/input/context")), UNKNOWN_MEMBER)],
    ),
    runtime(
        "request/refuses-data",
        "an input with data fails with 500",
        &["REQUEST-9"],
        &[Answer(on(CREATE).ok().asked(|asked| gives(asked, "/input/data")), FAILS)],
    ),
    runtime(
        "request/refuses-limits",
        "a request with limits is refused",
        &["REQUEST-9"],
        &[Answer(on(CREATE).ok().asked(|asked| gives(asked, "/limits")), UNKNOWN_MEMBER)],
    ),
    runtime(
        "request/refuses-tool-policy",
        "a request with a tool policy is refused",
        &["REQUEST-9"],
        &[Answer(on(CREATE).ok().asked(|asked| gives(asked, "/tool_policy")), UNKNOWN_MEMBER)],
    ),
    gateway(
        "request/refuses-run-context",
        "a request with a run context is refused",
        &["REQUEST-9"],
        &[Answer(on(CREATE).ok().asked(|asked| gives(asked, "/run_context")), UNKNOWN_MEMBER)],
    ),
    gateway(
        "request/refuses-constraints",
        "a request with constraints fails with 500",
        &["REQUEST-9"],
        &[Answer(on(CREATE).ok().asked(|asked| gives(asked, "/constraints")), FAILS)],
    ),
    both(
        "request/ascii-alone",
        "text outside ASCII fails with 500",
        &["REQUEST-10"],
        &[Answer(on(CREATE).ok().asked(|asked| !asked.body.is_ascii()), FAILS)],
    ),
    both(
        "request/no-escapes",
        "text with JSON escapes is refused",
        &["REQUEST-10"],
        &[Answer(on(CREATE).ok().asked(|asked| asked.body.contains(&b'\\')), UNKNOWN_MEMBER)],
    ),
];

const UNKNOWN_MEMBER: &[Edit] =
    &[Edit::Become(400, |_| envelope("invalid_request", "the body does not follow its schema"))];
const FAILS: &[Edit] = &[Edit::Become(500, |_| envelope("internal", "something went wrong"))];

fn is_scalar(shown: &str) -> bool {
    !shown.starts_with(['{', '[', '"']) && shown != "null"
}

/// Whether a violation is about what the smallest valid request has: the body itself, the input, the goal, the node type.
fn is_of_the_smallest(wrong: &Violation) -> bool {
    matches!(&*wrong.at, "" | "/input" | "/input/goal" | "/run_id")
        || wrong.at.starts_with("/root_node_type_ref")
}

fn is_unknown(wrong: &Violation) -> bool {
    matches!(&*wrong.keyword, "additionalProperties" | "unevaluatedProperties")
}

fn depth(wrong: &Violation) -> usize {
    wrong.at.matches('/').count()
}

fn gives(asked: &Asked, pointer: &str) -> bool {
    serde_json::from_slice::<Value>(&asked.body).is_ok_and(|body| body.pointer(pointer).is_some())
}

fn text<'a>(request: &'a Incoming) -> Cow<'a, str> {
    String::from_utf8_lossy(request.body)
}

/// What is wrong with a body that is not empty.
fn parse_error(request: &Incoming) -> Option<serde_json::Error> {
    if request.body.is_empty() { None } else { serde_json::from_slice::<Value>(request.body).err() }
}

fn has_text_after(request: &Incoming) -> bool {
    let mut values = serde_json::Deserializer::from_slice(request.body).into_iter::<Value>();
    values.next().is_some_and(|first| first.is_ok()) && parse_error(request).is_some()
}

/// The request is the smallest valid one, with the run id that it names.
fn take_for_good(request: &mut Incoming) {
    let mut body = match request.service {
        Service::Runtime => json!({"input": {"goal": ""}}),
        Service::RunGateway => {
            json!({"root_node_type_ref": {"node_type_id": "reference.echo", "version": "1.0.0"}, "input": {}})
        }
    };
    let text = text(request);
    let id = text.split_once("\"run_id\"").and_then(|(_, rest)| rest.split('"').nth(1)).map(str::to_owned);
    if let Some(id) = id {
        body["run_id"] = id.into();
    }
    *request.body = Bytes::from(body.to_string());
    request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
}
