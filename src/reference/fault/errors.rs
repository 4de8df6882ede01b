//! Errors: what an answer outside 2xx looks like, and which status it has.

use serde_json::{Value, json};

use super::Fault;
use super::row::{CANCEL, CREATE, EVENTS, EVERY_RUN, OPEN, READ, RESULT, both, envelope, runtime};
use crate::reference::change::Change::Answer;
use crate::reference::change::{Asked, Edit, fill, on, outside, remove, set, with};

pub const FAULTS: &[Fault] = &[
    // ---- one operation's error is no ErrorEnvelope
    both(
        "error/create-as-text",
        "a refused request for a run is answered in plain text",
        &["ERROR-1"],
        &[Answer(on(CREATE).refused(), &[Edit::Text("text/plain; charset=utf-8", "invalid request\n")])],
    ),
    both(
        "error/read-as-text",
        "the 404 of an unknown run is plain text",
        &["ERROR-1"],
        &[Answer(on(READ).refused(), NOT_FOUND_AS_TEXT)],
    ),
    runtime(
        "error/result-as-text",
        "the 404 of an unknown run's result is plain text",
        &["ERROR-1"],
        &[Answer(on(RESULT).refused(), NOT_FOUND_AS_TEXT)],
    ),
    both(
        "error/cancel-as-text",
        "the 404 of cancelling an unknown run is plain text",
        &["ERROR-1"],
        &[Answer(on(CANCEL).refused(), NOT_FOUND_AS_TEXT)],
    ),
    both(
        "error/events-as-text",
        "the 404 of an unknown run's events is plain text",
        &["ERROR-1"],
        &[Answer(on(EVENTS).refused(), NOT_FOUND_AS_TEXT)],
    ),
    both(
        "error/read-as-html",
        "the 404 of an unknown run is a proxy's HTML page",
        &["ERROR-1"],
        &[Answer(on(READ).refused(), &[Edit::Text("text/html", HTML)])],
    ),
    both(
        "error/create-as-detail-list",
        "a refused request for a run is answered with a framework's list of details",
        &["ERROR-1"],
        &[Answer(
            on(CREATE).status(400),
            &[Edit::Become(400, |_| {
                json!({
                    "detail": [{"loc": ["body", "input"], "msg": "field required", "type": "value_error.missing"}],
                })
            })],
        )],
    ),
    both(
        "error/read-as-detail",
        "the 404 of an unknown run is a framework's detail",
        &["ERROR-1"],
        &[Answer(on(READ).refused(), DETAIL)],
    ),
    both(
        "error/cancel-as-detail",
        "the 404 of cancelling an unknown run is a framework's detail",
        &["ERROR-1"],
        &[Answer(on(CANCEL).refused(), DETAIL)],
    ),
    both(
        "error/read-empty",
        "the 404 of an unknown run has no body",
        &["ERROR-1"],
        &[Answer(on(READ).refused(), &[Edit::Empty])],
    ),
    both(
        "error/open-as-text",
        "health and version fail with 500 in plain text",
        &["ERROR-1", "HEALTH-1", "VERSION-1"],
        &[Answer(on(OPEN), &[Edit::Status(500), Edit::Text("text/plain", "Internal Server Error")])],
    ),
    // ---- every error is a wrong envelope
    both(
        "error/no-wrapper",
        "errors are the code and message alone, without the member error",
        &["ERROR-1"],
        &[Answer(on(EVERY_RUN).refused(), &[Edit::Json(with(|body, _| *body = body["error"].take()))])],
    ),
    both(
        "error/text-in-error",
        "the member error is a text",
        &["ERROR-1"],
        &[Answer(on(EVERY_RUN).refused(), &[Edit::Json(set("/error", || json!("not found")))])],
    ),
    both(
        "error/no-code",
        "errors lack the code",
        &["ERROR-1"],
        &[Answer(on(EVERY_RUN).refused(), &[Edit::Json(remove("/error/code"))])],
    ),
    both(
        "error/no-message",
        "errors lack the message",
        &["ERROR-1"],
        &[Answer(on(EVERY_RUN).refused(), &[Edit::Json(remove("/error/message"))])],
    ),
    both(
        "error/code-of-status",
        "the code is the status as a number",
        &["ERROR-1"],
        &[Answer(on(EVERY_RUN).refused(), &[Edit::Json(set("/error/code", || json!(404)))])],
    ),
    both(
        "error/extra-member",
        "errors carry a request_id beside the member error",
        &["ERROR-1"],
        &[Answer(on(EVERY_RUN).refused(), &[Edit::Json(set("/request_id", || json!("req-1")))])],
    ),
    both(
        "error/null-details",
        "errors without details say null in place of leaving the member out",
        &["ERROR-1"],
        &[Answer(on(EVERY_RUN).refused(), &[Edit::Json(fill("/error/details", || json!(null)))])],
    ),
    both(
        "error/details-list",
        "the details of a refused request are a list",
        &["ERROR-1"],
        &[Answer(on(CREATE).status(400), &[Edit::Json(set("/error/details", || json!([{"at": "/input"}])))])],
    ),
    both(
        "error/envelope-as-html",
        "errors are good envelopes, sent as text/html",
        &["ERROR-1"],
        &[Answer(on(EVERY_RUN).refused(), &[Edit::Header("content-type", "text/html")])],
    ),
    both(
        "error/problem-json",
        "errors are sent as application/problem+json",
        &["ERROR-1"],
        &[Answer(on(EVERY_RUN).refused(), &[Edit::Header("content-type", "application/problem+json")])],
    ),
    both(
        "error/no-media-type",
        "errors are sent without a Content-Type",
        &["ERROR-1"],
        &[Answer(on(EVERY_RUN).refused(), &[Edit::NoHeader("content-type")])],
    ),
    // ---- outside the contract
    both(
        "outside/text",
        "a path outside the contract answers 404 in plain text",
        &["ERROR-2"],
        &[Answer(outside().status(404), NOT_FOUND_AS_TEXT)],
    ),
    both(
        "outside/200",
        "a path outside the contract answers 200 with the page of a web application",
        &["ERROR-2"],
        &[Answer(outside().status(404), &[Edit::Status(200), Edit::Text("text/html", HTML)])],
    ),
    both(
        "outside/400",
        "a path outside the contract answers 400",
        &["ERROR-2"],
        &[Answer(outside().status(404), &[Edit::Status(400)])],
    ),
    both(
        "method/no-allow",
        "a 405 lacks the Allow header",
        &["ERROR-3"],
        &[Answer(outside().status(405), &[Edit::NoHeader("allow")])],
    ),
    both(
        "method/404",
        "a method that a path does not have answers 404",
        &["ERROR-3"],
        &[Answer(outside().status(405), &[Edit::Status(404), Edit::NoHeader("allow")])],
    ),
    both("method/empty", "a 405 has no body", &["ERROR-3"], &[Answer(outside().status(405), &[Edit::Empty])]),
    both(
        "method/200",
        "DELETE is answered 200",
        &["ERROR-3"],
        &[Answer(outside().status(405), &[Edit::Become(200, |_| json!({}))])],
    ),
    // ---- what code and message say
    both(
        "error/empty-code",
        "the code of errors is empty",
        &["ERROR-4"],
        &[Answer(on(EVERY_RUN).refused(), &[Edit::Json(set("/error/code", || json!("")))])],
    ),
    both(
        "error/code-in-words",
        "the code of errors is the status in words",
        &["ERROR-4"],
        &[Answer(on(EVERY_RUN).refused(), &[Edit::Json(set("/error/code", || json!("Not Found!")))])],
    ),
    both(
        "error/empty-message",
        "the message of errors is empty",
        &["ERROR-4"],
        &[Answer(on(EVERY_RUN).refused(), &[Edit::Json(set("/error/message", || json!("")))])],
    ),
    // ---- internals
    both(
        "error/traceback",
        "the details of a refused request hold a Python traceback",
        &["ERROR-5"],
        &[Answer(on(CREATE).refused(), &[Edit::Json(set("/error/details", || json!({"trace": TRACEBACK})))])],
    ),
    both(
        "error/java-stack",
        "the message of an unknown run's 404 holds a Java stack trace",
        &["ERROR-5"],
        &[Answer(on(READ).refused(), &[Edit::Json(set("/error/message", || json!(JAVA_STACK)))])],
    ),
    both(
        "error/source-path",
        "the message of cancelling an unknown run names a source file's path",
        &["ERROR-5"],
        &[Answer(
            on(CANCEL).refused(),
            &[Edit::Json(set("/error/message", || {
                json!("called `Option::unwrap()` on a `None` value, /home/ci/build/src/store/runs.rs:114:22")
            }))],
        )],
    ),
    both(
        "error/echoes-token",
        "a 401 repeats the credentials that were sent",
        &["ERROR-5"],
        &[Answer(
            on(EVERY_RUN).status(401),
            &[Edit::Json(with(|body, asked| {
                if let Some(message) = body.pointer_mut("/error/message") {
                    *message = format!("not accepted: {}", asked.authorization()).into();
                }
            }))],
        )],
    )
    .with_auth(),
    // ---- 5xx for what the client did
    both(
        "error/500-malformed",
        "malformed JSON answers 500",
        &["ERROR-6"],
        &[Answer(on(CREATE).says("/error/message", MALFORMED), &[Edit::Status(500)])],
    ),
    both(
        "error/500-invalid",
        "a body that does not follow its schema answers 500",
        &["ERROR-6"],
        &[Answer(on(CREATE).says("/error/message", INVALID), &[Edit::Become(500, internal)])],
    ),
    both(
        "error/500-media-type",
        "a body of another media type answers 500",
        &["ERROR-6", "REQUEST-7"],
        &[Answer(on(CREATE).status(415), &[Edit::Become(500, internal)])],
    ),
    both(
        "error/500-unknown-run",
        "reading an unknown run answers 500",
        &["ERROR-6", "LIFE-7"],
        &[Answer(on(READ).status(404), &[Edit::Become(500, internal)])],
    ),
    runtime(
        "error/500-unknown-result",
        "the result of an unknown run answers 500",
        &["ERROR-6", "RESULT-6"],
        &[Answer(on(RESULT).status(404), &[Edit::Become(500, internal)])],
    ),
    both(
        "error/500-unknown-cancel",
        "cancelling an unknown run answers 500",
        &["ERROR-6", "CANCEL-5"],
        &[Answer(on(CANCEL).status(404), &[Edit::Become(500, internal)])],
    ),
    both(
        "error/500-unknown-events",
        "the events of an unknown run answer 500",
        &["ERROR-6"],
        &[Answer(on(EVENTS).status(404), &[Edit::Become(500, internal)])],
    ),
];

/// The messages of the server about bodies that are no JSON.
const MALFORMED: &[&str] = &["the body is not well-formed JSON", "this operation needs a JSON body"];
/// The message of the server about JSON that does not follow the contract.
const INVALID: &[&str] = &["the body does not follow its schema"];

const NOT_FOUND_AS_TEXT: &[Edit] = &[Edit::Text("text/plain; charset=utf-8", "404 page not found\n")];
const DETAIL: &[Edit] = &[Edit::Become(404, |_| json!({"detail": "Not Found"}))];
const HTML: &str =
    "<!DOCTYPE html>\n<html><head><title>Error</title></head><body><h1>Error</h1></body></html>\n";
const TRACEBACK: &str = "Traceback (most recent call last):\n  File \"/srv/app/runs/views.py\", line 87, in create\n    \
                         goal = body[\"input\"][\"goal\"]\nKeyError: 'input'\n";
const JAVA_STACK: &str = "java.lang.NullPointerException: run\n\tat org.example.runs.RunStore.get(RunStore.java:57)\n\t\
                          at org.example.runs.RunController.read(RunController.java:31)\n";

fn internal(_: &Asked) -> Value {
    envelope("internal", "something went wrong")
}
