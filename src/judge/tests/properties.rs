//! Whatever a target sends, it is judged: no panic, and what is no answer of the contract never passes for one.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::invariants::recorded;
use super::recording::*;
use crate::judge::challenge::offers_scheme;
use crate::report::model::Outcome;

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => prop::sample::select(vec![
            "{", "}", "[", "]", "\"", ":", ",", "\"error\"", "\"code\"", "\"message\"", "\"run_id\"", "\"state\"", "\"run-1\"",
            "\"seq\"", "1", "null", "\"queued\"", "\\u0000", " ", "Traceback (most recent call last)", "at x.rs:1",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

/// A right body with one member replaced by anything.
fn twisted(body: Value) -> impl Strategy<Value = Value> {
    let names: Vec<String> = body.as_object().unwrap().keys().cloned().collect();
    let anything = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
        vec(any::<u8>(), 0..5).prop_map(|items| json!(items)),
        any::<String>().prop_map(|name| json!({name: {}})),
    ];
    (prop::sample::select(names), anything).prop_map(move |(name, value)| {
        let mut body = body.clone();
        body[name] = value;
        body
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_text_is_judged(status in (200u16..600).prop_filter("given before any operation", |status| ![413, 414, 431].contains(status)), media in text(), body in text()) {
        let media = if media.len() % 2 == 0 { "application/json".to_owned() } else { media };
        let is_error = body.parse::<Value>().is_ok_and(|body| body["error"]["code"].is_string());
        let judged = recorded().saw("t:read", [raw(status, &media, body)]).judge().0;
        let failed = |id: &str| judged.iter().any(|result| result.id.starts_with(id) && result.outcome == Outcome::Fail);
        prop_assert!(is_error || failed("ERROR-1") || failed("LIFE-1") || failed("STATUS-1") || failed("MEDIA-1"), "{:?}", judged);
    }

    #[test]
    fn any_error_envelope_is_judged(error in twisted(json!({"code": "run_not_found", "message": "in words"}))) {
        let judged = recorded().saw("t:read", [answer(404, json!({"error": error}))]).judge().0;
        let right = error["code"].is_string() && error["message"].is_string();
        let failed = judged.iter().any(|result| result.id.starts_with("ERROR-1") && result.outcome == Outcome::Fail);
        prop_assert!(right || failed, "{:?}", error);
    }

    #[test]
    fn any_event_is_judged(
        event in twisted(json!({"run_id": RUN, "seq": 1, "type": "step", "time": NOW})),
        other in text(),
    ) {
        let judged = recorded().saw("t:events", [stream(&[&event.to_string(), &other])]).judge().0;
        let failed = judged.iter().any(|result| result.id.starts_with("SSE-2") && result.outcome == Outcome::Fail);
        prop_assert!(failed || other.parse::<Value>().is_ok_and(|value| value["type"].is_string()), "{:?}", event);
    }

    #[test]
    fn any_challenge_is_read(before in any::<String>(), after in "[ -~]{0,40}") {
        offers_scheme([before.as_str()].into_iter(), "Bearer");
        let after = format!("Bearer realm=\"{}\"", after.replace(['"', '\\'], ""));
        prop_assert!(offers_scheme([after.as_str()].into_iter(), "bearer"));
        let quoted = format!("Basic realm=\"{after}\"").replace("\"Bearer realm=\"", "\"Bearer realm=");
        prop_assert!(!offers_scheme([quoted.as_str()].into_iter(), "bearer") || quoted.matches('"').count() != 2, "{}", quoted);
    }
}

#[test]
fn ten_thousand_wrong_events_are_told_by_some() {
    let wrong: Vec<String> =
        (0..10_000).map(|seq| json!({"seq": seq.to_string(), "x": 1}).to_string()).collect();
    let wrong: Vec<&str> = wrong.iter().map(String::as_str).collect();
    let result =
        recorded().saw("t:events", [stream(&wrong)]).result("SSE-2 GET /v1/runs/{run_id}/events").unwrap();
    assert_eq!((result.outcome, result.findings.len()), (Outcome::Fail, 20));
}
