//! What holds for every stream of events, beside what holds for every answer.

use serde_json::Value;

use super::judgement::{Judgement, cut, finding, shown};
use crate::contract::Contract;
use crate::report::model::Finding;
use crate::wire::{Ending, Event, EventStream, JsonProblem};

/// An ordinary client has to see every event: WHATWG HTML, section 9.2.6. What the second witness read is told beside
/// what is wrong, and is never wrong by itself.
pub(super) fn stream_framing(stream: &EventStream, ending: &Ending) -> Judgement {
    let seen = match &stream.witness {
        Some(witness) => format!(" (an ordinary client reads {} events)", witness.events.len()),
        None => String::new(),
    };
    let wanted = "events that an ordinary client dispatches";
    let not_utf8 = |event: &Event| matches!(event.value, Err(JsonProblem::NotUtf8(_)));
    if let (Some(rest), Ending::Complete) = (&stream.rest, ending) {
        let actual = format!("an end without a blank line, after {}{seen}", cut(&format!("{rest:?}"), 80));
        return Judgement::fail("", wanted, actual);
    }
    if let Some(line) = &stream.not_utf8 {
        let actual = format!("a line that is not: {}{seen}", cut(&format!("{line:?}"), 80));
        return Judgement::fail("", "text in UTF-8", actual);
    }
    if let Some(index) = stream.events.iter().position(not_utf8) {
        return Judgement::fail(
            &format!("/{index}"),
            "text in UTF-8",
            format!("octets that are not UTF-8{seen}"),
        );
    }
    match stream.unknown_lines.first() {
        // Unknown fields are ignored by the standard; where they are all that there is, nothing is ever dispatched.
        Some(line) if stream.events.is_empty() => Judgement::fail(
            "",
            wanted,
            format!("a line that is no field: {}{seen}", cut(&format!("{line:?}"), 80)),
        ),
        _ if stream.events.is_empty() => no_events(),
        _ => Judgement::Pass,
    }
}

/// For a stream of which nothing can be said.
pub(super) fn no_events() -> Judgement {
    Judgement::not_measured("the stream carried no event while it was read")
}

/// The event at `index` is JSON that is valid against the schema of events.
pub(super) fn event_valid(
    contract: &Contract,
    index: usize,
    event: &Result<Value, JsonProblem>,
) -> Judgement {
    let at = |pointer: &str| format!("/{index}{pointer}");
    match event {
        Err(JsonProblem::Limit(what)) => Judgement::Error(format!("the harness reads no further: {what}")),
        Err(problem) => Judgement::fail(&at(""), "one JSON value", problem.to_string()),
        Ok(Value::String(text)) => Judgement::fail(
            &at(""),
            "a JSON object",
            format!("a JSON string: {}", cut(&format!("{text:?}"), 80)),
        ),
        Ok(value) => {
            let violations = contract.violations(contract.event_schema(), value);
            Judgement::of(violations.iter().map(|v| finding(&at(&v.at), &v.expected, &v.actual)).collect())
        }
    }
}

/// Every event that can be read bears the id of the run that was asked for.
pub(super) fn events_bear<'v>(
    run_id: &str,
    events: impl Iterator<Item = &'v Result<Value, JsonProblem>>,
) -> Judgement {
    let mut findings: Vec<Finding> = Vec::new();
    let mut seen = false;
    for (index, event) in events.enumerate() {
        let Ok(Value::Object(members)) = event else { continue };
        seen = true;
        let found = members.get("run_id");
        if found.and_then(Value::as_str) != Some(run_id) {
            let actual = found.map_or("no such member".into(), shown);
            findings.push(finding(
                &format!("/{index}/run_id"),
                format!("{run_id:?}, the run that was asked for"),
                actual,
            ));
        }
    }
    match seen {
        true => Judgement::of(findings),
        false => Judgement::not_measured("the stream carried no event that could be read"),
    }
}
