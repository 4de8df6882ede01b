//! Every rule of a series, over several reads and over the events of a stream, kept and broken.

use serde_json::{Value, json};

use super::assertions::{around, ok, reading};
use super::recording::*;
use crate::wire::{Exchange, Failure};

/// What a rule says of the values that `/v` takes in three reads; `null` leaves the member out.
fn over(rule: &str, values: [Value; 3]) -> String {
    let mut recording = reading(&format!("each: /v, over: [before, it, after], {rule}"));
    for (step, value) in ["t:before", "t:it", "t:after"].into_iter().zip(values) {
        let body = if value.is_null() { json!({}) } else { json!({"v": value}) };
        recording = recording.saw(step, [ok(body)]);
    }
    recording.says("T-1")
}

#[test]
fn a_series_follows_its_rule_or_does_not() {
    let progress = "order: [queued, running, [done, failed]]";
    let (early, late) = ("2026-01-01T00:00:00+02:00", "2025-12-31T22:00:00.5Z");
    for (rule, right, wrong, said) in [
        ("order: increasing", json!([1, 2, 10]), json!([1, 2, 2]), "/v: expected a number above 2, found 2"),
        (
            "order: increasing",
            json!([-1, 0, 2.0]),
            json!([3, 2, 4]),
            "/v: expected a number above 3, found 2",
        ),
        (
            "order: non-decreasing",
            json!([1, 1, 2]),
            json!([1, 2, 1]),
            "/v: expected a number not below 2, found 1",
        ),
        (
            "order: chronological",
            json!([early, late, late]),
            json!([late, early, late]),
            "/v: expected a time not before \"2025-12-31T22:00:00.5Z\", found \"2026-01-01T00:00:00+02:00\"",
        ),
        (
            "distinct: true",
            json!([1, "1", 2]),
            json!(["a", "b", "a"]),
            "/v: expected a value of its own, found \"a\" again",
        ),
        (
            "settled: true",
            json!([null, "a", "a"]),
            json!(["a", "a", "b"]),
            "/v: expected \"a\", as before, found \"b\"",
        ),
        (
            "settled: true",
            json!(["a", "a", "a"]),
            json!(["a", null, "a"]),
            "/v: expected \"a\", as before, found no such member",
        ),
        (
            progress,
            json!(["queued", "running", "done"]),
            json!(["running", "queued", "done"]),
            "/v: expected \"running\" or what follows it, found \"queued\"",
        ),
        (
            progress,
            json!(["queued", "done", "done"]),
            json!(["queued", "done", "failed"]),
            "/v: expected \"done\", which is terminal, as before, found \"failed\"",
        ),
        (
            progress,
            json!(["running", "running", "failed"]),
            json!(["done", "running", "done"]),
            "/v: expected \"done\", which is terminal, as before, found \"running\"",
        ),
        ("equals: a", json!(["a", "a", "a"]), json!(["a", "b", "a"]), "/v: expected \"a\", found \"b\""),
        (
            "not-empty: true",
            json!(["a", "b", "c"]),
            json!(["a", null, "c"]),
            "/v: expected a text that is not empty, found no such member",
        ),
    ] {
        let three = |values: &Value| -> [Value; 3] { values.as_array().unwrap().clone().try_into().unwrap() };
        assert_eq!(over(rule, three(&right)), "pass", "{rule} {right}");
        assert_eq!(over(rule, three(&wrong)), format!("fail: {said}"), "{rule} {wrong}");
    }
}

#[test]
fn numbers_are_compared_exactly() {
    let from = |first: u64| [json!(first), json!(first + 1), json!(first + 2)];
    for first in [0, (1 << 53) - 1, 1_767_225_600_000_000_000, u64::MAX - 2] {
        assert_eq!(over("order: increasing", from(first)), "pass", "{first}");
        let [one, two, three] = from(first);
        assert!(over("order: non-decreasing", [one, three, two]).starts_with("fail"), "{first}");
    }
}

#[test]
fn a_series_that_cannot_be_compared_is_not_judged() {
    let too_few = "skip not-measured: fewer than two values to compare";
    for rule in ["order: increasing", "order: chronological", "distinct: true"] {
        assert_eq!(over(rule, [json!(null), json!("x"), json!(null)]), too_few, "{rule}");
    }
    assert_eq!(
        over("order: increasing", [json!("1"), json!("2"), json!("0")]),
        too_few,
        "texts are the schema's"
    );
    assert_eq!(
        over("settled: true", [json!(null), json!(null), json!(null)]),
        "skip not-applicable: the value never stood"
    );
    assert_eq!(
        over("order: [a, b]", [json!("x"), json!(null), json!("y")]),
        "skip blocked: step it: no state was read"
    );
    let refused = reading("each: /v, over: [before, it], distinct: true")
        .saw("t:before", [envelope(503, "busy")])
        .saw("t:it", [envelope(503, "busy")]);
    assert_eq!(refused.says("T-1"), "skip blocked: step it: answered 503");
    let gap = reading("each: /v, over: [before, it, after], order: increasing")
        .saw("t:before", [ok(json!({"v": 3}))])
        .saw("t:it", [envelope(503, "busy")])
        .saw("t:after", [ok(json!({"v": 2}))]);
    assert_eq!(
        gap.says("T-1"),
        "fail: /v: expected a number above 3, found 2",
        "a refused read hides nothing"
    );
    assert_eq!(
        reading("each: /v, distinct: true").saw("t:it", []).says("T-1"),
        "skip blocked: step it: no request was sent"
    );
}

#[test]
fn the_events_of_a_stream_are_a_series() {
    let streamed = |rule: &str, exchange: Exchange| {
        let step = "call: stream_run_events\n        stream: {stop: {idle: 1s, within: 1s}}";
        around(step, &format!("each: /seq, {rule}")).saw("t:it", [exchange]).says("T-1")
    };
    let (one, two) = (event(1), event(2));
    assert_eq!(streamed("order: increasing", stream(&[&one, "no JSON", "\"text\"", &two])), "pass");
    assert_eq!(
        streamed("order: increasing", stream(&[&two, "no JSON", &one])),
        "fail: /2/seq: expected a number above 2, found 1"
    );
    assert_eq!(
        streamed("distinct: true", stream(&[&one, &one])),
        "fail: /1/seq: expected a value of its own, found 1 again"
    );
    assert_eq!(streamed("equals: 1", stream(&[&one, &two])), "fail: /1/seq: expected 1, found 2");
    assert_eq!(
        streamed("distinct: true", stream(&[])),
        "skip blocked: step it: the stream carried no event that could be read"
    );
    assert_eq!(streamed("distinct: true", envelope(404, "gone")), "skip blocked: step it: answered 404");
    assert_eq!(
        streamed("distinct: true", failed(Failure::Connect("refused".into()))),
        "error: no connection: refused"
    );
    assert_eq!(
        streamed("distinct: true", failed(Failure::Broken("cut".into()))),
        "skip blocked: step it: no answer to judge: cut"
    );
}
