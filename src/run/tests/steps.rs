//! One step: what it sends, and when it stops asking.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::*;
use crate::judge::StepRecord;
use crate::run::session::fresh;
use crate::run::step;
use crate::wire::Exchange;
use crate::wire::stub::Stub;

type Done = Vec<(StepRecord, Option<Exchange>)>;

/// Runs the steps of the scenario `t` one after the other.
async fn run_steps(session: &Arc<Session>) -> Done {
    let fresh = BTreeMap::from([("run_id".to_owned(), "fresh-1".to_owned())]);
    let mut done = Vec::new();
    for step in &session.suite.scenario("t/t").unwrap().steps {
        let one = step::run(session, "t/t", step, &done, &fresh).await;
        done.push(one);
    }
    done
}

/// What one step sends, and why it was not sent where it was not.
async fn sent(step: &str, token: Option<&str>) -> Result<String, String> {
    let stub = Stub::start(|_, _| run("a b/ü", "running")).await;
    let session = session(&stub.url, steps(&["id: before, call: runs.read, path: {run_id: x}", step]), token);
    match run_steps(&session).await.pop().unwrap().0.blocked {
        Some(missing) => Err(missing),
        None => Ok(stub.requests().pop().unwrap()),
    }
}

#[tokio::test]
async fn a_request_is_filled_in_from_what_is_known() {
    let request = sent(
        "id: it, call: create_run, body: {from: minimal, set: {/run_id: \"${fresh.run_id}\", /metadata/labels: {a: \"in ${before/state}\"}}}",
        None,
    );
    let request = request.await.unwrap();
    assert_eq!(first_line(&request), "POST /v1/runs");
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        body,
        json!({"input": {"goal": "say hello"}, "run_id": "fresh-1", "metadata": {"labels": {"a": "in running"}}})
    );
    for field in [
        "content-type: application/json",
        "accept: application/json",
        "accept-encoding: identity",
        "x-team: blue",
    ] {
        assert_eq!(head.matches(field).count(), 1, "{field} in {head}");
    }
    assert!(!head.contains("authorization"), "{head}");
    let removed =
        sent("id: it, call: create_run, body: {from: filled, remove: [/input/context, /metadata]}", None)
            .await
            .unwrap();
    assert!(removed.contains("\"data\"") && !removed.contains("\"context\"") && !removed.contains("labels"));
    let raw = sent(
        "id: it, call: create_run, body: {text: 'no \"JSON'}, headers: {Content-Type: text/plain}",
        None,
    )
    .await
    .unwrap();
    assert!(raw.ends_with("\r\n\r\nno \"JSON") && raw.matches("content-type: ").count() == 1, "{raw}");
    let stream = sent(
        "id: it, call: stream_run_events, path: {run_id: x}, stream: {stop: {idle: 1s, within: 1s}}",
        None,
    )
    .await
    .unwrap();
    assert!(stream.contains("accept: text/event-stream, application/json\r\n"), "{stream}");
}

/// An id of the target's is one segment of the path, whatever it holds.
#[tokio::test]
async fn ids_of_the_target_are_encoded_and_hostile_ones_are_not_sent() {
    let cancel = "id: it, call: cancel_run, path: {run_id: \"${before/run_id}\"}";
    assert_eq!(first_line(&sent(cancel, None).await.unwrap()), "POST /v1/runs/a%20b%2F%C3%BC:cancel");
    let with = |id: &str| {
        let (id, step) = (json!(id), steps(&["id: before, call: runs.read, path: {run_id: x}", cancel]));
        async move {
            let stub = Stub::start(move |_, _| said(json!({"run_id": id}))).await;
            let done = run_steps(&session(&stub.url, step, None)).await;
            (done[1].0.blocked.clone(), stub.requests().len())
        }
    };
    let wrong = Some("run_id is empty, over 1 KiB or holds control characters".to_owned());
    assert_eq!(with("").await, (wrong.clone(), 1));
    assert_eq!(with("a\r\nx-evil: 1").await, (wrong.clone(), 1));
    assert_eq!(with(&"x".repeat(1025)).await, (wrong, 1));
    assert_eq!(with("../../v1/health?x#y").await, (None, 2));
}

#[tokio::test]
async fn a_step_that_lacks_something_is_not_sent() {
    for (step, missing) in [
        (
            "id: it, call: runs.read, path: {run_id: \"${before/nothing}\"}",
            "step before answered 200 without a value at /nothing",
        ),
        ("id: it, call: create_run, body: {json: \"${fresh.other}\"}", "no fresh value \"other\""),
        (
            "id: it, call: create_run, body: {from: minimal, set: {/input/goal/deeper: 1}}",
            "the body \"minimal\" has no place /input/goal/deeper",
        ),
        (
            "id: it, call: runs.read, path: {run_id: x}, poll: {until: {at: /a, equals: 1}, within: \"${before/state}\"}",
            "\"running\" is no number of seconds to poll for",
        ),
        (
            "id: it, call: runs.read, path: {run_id: x}, poll: {until: {at: /a, equals: 1}, within: -1}",
            "-1 is no number of seconds to poll for",
        ),
    ] {
        assert_eq!(sent(step, None).await, Err(missing.into()), "{step}");
    }
    let stub = Stub::start(|_, _| refused(503, "busy")).await;
    let chain = [
        "id: a, call: runs.read, path: {run_id: x}",
        "id: b, call: runs.read, path: {run_id: \"${a/run_id}\"}",
        "id: c, call: runs.read, path: {run_id: \"${b/run_id}\"}",
    ];
    let done = run_steps(&session(&stub.url, steps(&chain), None)).await;
    let blocked: Vec<_> = done.iter().map(|(record, _)| record.blocked.as_deref()).collect();
    assert_eq!(
        blocked,
        [None, Some("step a answered 503"), Some("step a answered 503")],
        "the first cause is told"
    );
    assert_eq!(stub.requests().len(), 1);
}

#[tokio::test]
async fn credentials_are_those_that_the_step_asks_for() {
    for (kind, wanted) in [
        ("valid", Some("Bearer tok-1234")),
        ("lower-case-scheme", Some("bearer tok-1234")),
        ("upper-case-scheme", Some("BEARER tok-1234")),
        ("absent", None),
        ("other-scheme", Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")),
        ("empty-token", Some("Bearer")),
        ("not-a-jwt", Some("Bearer arp-conformance-is-no-jwt")),
    ] {
        let step = format!("id: it, call: runs.read, path: {{run_id: x}}, credentials: {kind}");
        let request = sent(&step, Some("tok-1234")).await.unwrap();
        let found: Vec<_> = request.lines().filter_map(|line| line.strip_prefix("authorization: ")).collect();
        assert_eq!(found.first().map(|value| value.trim()), wanted, "{kind}");
        assert!(found.len() <= 1, "{found:?}");
    }
    let open = sent("id: it, call: health", Some("tok-1234")).await.unwrap();
    assert!(!open.contains("authorization"), "health asks for no token: {open}");
    let none = sent("id: it, call: runs.read, path: {run_id: x}", None).await.unwrap();
    assert!(!none.contains("authorization"));
    let outside = sent("id: it, request: {method: DELETE, path: \"/v1/${fresh.run_id}\"}", Some("tok-1234"))
        .await
        .unwrap();
    assert_eq!(first_line(&outside), "DELETE /v1/fresh-1");
    assert!(outside.contains("authorization: Bearer tok-1234"), "{outside}");
}

const POLL: &str = "id: it, call: runs.read, path: {run_id: x}, poll: {until: {at: /state, equals: succeeded}, within: \"${poll_timeout}\"}";

async fn polled(
    answer: impl Fn(usize, &str) -> Vec<Piece> + Send + Sync + 'static,
) -> (StepRecord, usize, Duration) {
    let stub = Stub::start(answer).await;
    let session = session(&stub.url, steps(&[POLL]), None);
    let begun = Instant::now();
    let (record, last) = run_steps(&session).await.pop().unwrap();
    assert_eq!(record.exchanges.last().copied(), last.map(|exchange| exchange.id));
    assert_eq!(record.exchanges.len(), stub.requests().len());
    (record, stub.requests().len(), begun.elapsed())
}

#[tokio::test]
async fn a_poll_ends_where_it_has_to() {
    let (record, asked, _) =
        polled(|number, _| run("x", if number < 4 { "running" } else { "succeeded" })).await;
    assert_eq!((record.reached, asked), (Some(true), 4));
    let (record, asked, _) =
        polled(|number, _| if number < 3 { run("x", "running") } else { refused(500, "oops") }).await;
    assert_eq!((record.reached, asked), (Some(false), 3), "asking on would only hide it");
    let (record, asked, _) =
        polled(|_, _| vec![Piece::Octets(b"HTTP/1.1 200 X\r\ncontent-length: 1\r\n\r\nx".into())]).await;
    assert!(record.reached == Some(false) && asked > 1, "no JSON yet is no reason to stop");
}

/// 10 ms, then half as much again each time: a run that takes 300 ms is asked for some seven times.
#[tokio::test]
async fn a_poll_asks_ever_less_often_and_gives_up_in_time() {
    let (record, asked, took) = polled(|_, _| run("x", "running")).await;
    assert_eq!(record.reached, Some(false));
    assert!((2..=8).contains(&asked), "{asked} requests");
    assert!(took >= Duration::from_millis(300) && took < Duration::from_secs(3), "{took:?}");
}

#[tokio::test]
async fn requests_that_are_alike_go_side_by_side() {
    let stub = Stub::start(|number, _| run(&format!("run-{number}"), "running")).await;
    let session =
        session(&stub.url, steps(&["id: it, call: create_run, body: {from: minimal}, times: 3"]), None);
    let (record, last) = run_steps(&session).await.pop().unwrap();
    assert_eq!(record.exchanges, [1, 2, 3]);
    assert_eq!(last.unwrap().id, 3);
    let bodies: BTreeSet<String> = stub.requests().into_iter().collect();
    assert_eq!(bodies.len(), 1, "all the same");
}

#[tokio::test]
async fn a_step_waits_before_it_is_sent() {
    let stub = Stub::start(|_, _| run("x", "running")).await;
    let session = session(&stub.url, steps(&["id: it, call: health, pause: 120ms"]), None);
    let (_, last) = run_steps(&session).await.pop().unwrap();
    assert!(last.unwrap().started >= Duration::from_millis(120));
}

#[tokio::test]
async fn a_stream_is_read_in_the_format_of_its_operation() {
    let stub = Stub::start(|_, _| {
        let head = "HTTP/1.1 200 X\r\ncontent-type: text/event-stream\r\n\r\n";
        vec![
            Piece::Octets(
                format!("{head}data: {{\"type\":\"step\"}}\n\ndata: {{\"type\":\"final\"}}\n\n").into(),
            ),
            Piece::Hang,
        ]
    })
    .await;
    let step = "id: it, call: stream_run_events, path: {run_id: x}, stream: {stop: {on: {at: /type, equals: final}, idle: 5s, within: 5s}}";
    let (_, last) = run_steps(&session(&stub.url, steps(&[step]), None)).await.pop().unwrap();
    let answer = last.unwrap().result.unwrap();
    assert_eq!(answer.events.unwrap().events.len(), 2);
}

#[test]
fn fresh_texts_are_marked_and_never_the_same() {
    let all: BTreeSet<String> = (0..1000).map(|_| fresh()).collect();
    assert_eq!(all.len(), 1000);
    for text in all {
        let digits = text.strip_prefix("arp-conformance-").unwrap();
        assert!(digits.len() == 12 && digits.chars().all(|c| c.is_ascii_hexdigit()), "{text}");
    }
}

/// Asks with `step` where the connection ends without an answer `broken` times, and tells how often it was asked, how
/// often that was a repetition, and the last status.
async fn asked_again(step: &str, broken: usize, retries: u32) -> (usize, u64, Option<u16>) {
    let stub =
        Stub::start(move |number, _| if number <= broken { Vec::new() } else { run("x", "running") }).await;
    let mut session = session(&stub.url, steps(&[step]), None);
    Arc::get_mut(&mut session).unwrap().settings.retries = retries;
    let status = run_steps(&session).await.pop().unwrap().1.unwrap().status();
    (stub.requests().len(), session.retries.load(Ordering::Relaxed), status)
}

#[tokio::test]
async fn a_read_is_repeated_where_no_answer_came_and_a_write_is_not() {
    let read = "id: it, call: runs.read, path: {run_id: x}";
    assert_eq!(asked_again(read, 1, 0).await, (1, 0, None), "not unless it is asked for");
    assert_eq!(asked_again(read, 1, 3).await, (2, 1, Some(200)));
    assert_eq!(asked_again(read, 9, 2).await, (3, 2, None), "no more often than it is allowed");
    let write = "id: it, call: create_run, body: {from: minimal}";
    assert_eq!(asked_again(write, 1, 3).await, (1, 0, None), "it may have been received");
    let stream = "id: it, call: runs.events, path: {run_id: x}, stream: {stop: {idle: 1s, within: 1s}}";
    assert_eq!(asked_again(stream, 1, 1).await, (2, 1, Some(200)));
}

#[tokio::test]
async fn what_nobody_received_is_repeated_whatever_it_is() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{closed}").parse().unwrap();
    let mut session = session(&url, steps(&["id: it, call: create_run, body: {from: minimal}"]), None);
    Arc::get_mut(&mut session).unwrap().settings.retries = 2;
    let done = run_steps(&session).await;
    assert_eq!(session.retries.load(Ordering::Relaxed), 2);
    assert_eq!(done[0].0.exchanges.len(), 1, "the last alone is judged");
    assert_eq!(session.client.recorder().requests(), 3);
}
