//! Ids that a target gives to runs: whatever they are, they are one segment of a path or are not sent at all.

use serde_json::Value;

use crate::answer::Right;
use crate::misbehaviour::Does::Spoil;
use crate::misbehaviour::hits::STARTS;
use crate::misbehaviour::{Asked, Misbehaviour, Piece};

/// A started run with another id than it has.
fn named(right: Right, id: impl Into<Value>) -> Vec<Piece> {
    match right.succeeded() {
        true => right.edited(|body| body["run_id"] = id.into()).sent(),
        false => right.sent(),
    }
}

pub fn table() -> Vec<Misbehaviour> {
    let row = |name, spoil: fn(&Asked, Right) -> Vec<Piece>| Misbehaviour::new(name, STARTS, Spoil(spoil));
    vec![
        row("id-is-a-url", |asked, right| named(right, format!("{}/v1/runs/x", asked.elsewhere)))
            .fails("RUN-3", "http://127.0.0.1"),
        row("id-is-a-host", |asked, right| {
            named(right, asked.elsewhere.trim_start_matches("http:").to_owned())
        })
        .fails("RUN-3", ""),
        row("id-climbs", |_, right| named(right, "../../admin")).fails("RUN-3", "admin"),
        row("id-is-two-dots", |_, right| named(right, "..")).fails("RUN-3", ""),
        row("id-is-one-dot", |_, right| named(right, ".")).fails("RUN-3", ""),
        row("id-is-two-encoded-dots", |_, right| named(right, "%2e%2e")).fails("RUN-3", ""),
        row("id-is-empty", |_, right| named(right, "")).fails("RUN-3", ""),
        row("id-is-two-kibibytes", |_, right| named(right, "x".repeat(2048))).fails("RUN-3", ""),
        row("id-is-a-hundred-kibibytes", |_, right| named(right, "x".repeat(100 << 10))).fails("RUN-3", ""),
        row("id-smuggles-a-header", |_, right| named(right, "x HTTP/1.1\r\nX-Evil: 1\r\n\r\n"))
            .fails("RUN-3", ""),
        row("id-holds-a-nul", |_, right| named(right, "a\0b")).fails("RUN-3", ""),
        row("id-holds-a-query", |_, right| named(right, "x?admin=1#top")).fails("RUN-3", ""),
        row("id-holds-backslashes", |_, right| named(right, "..\\..\\admin")).fails("RUN-3", ""),
        row("id-ends-in-an-action", |_, right| named(right, "x:cancel")).fails("RUN-3", ""),
        row("id-reads-from-the-right", |_, right| named(right, "\u{202e}nur")).fails("RUN-3", ""),
        row("id-is-a-number", |_, right| named(right, 7)).fails("RUN-1", ""),
        row("id-is-null", |_, right| named(right, Value::Null)).fails("RUN-1", "null"),
        row("every-run-has-the-same-id", |_, right| named(right, "the-one")).fails("RUN-5", ""),
        row("gateway-id-is-two-dots", |_, right| named(right, "..")).at_a_gateway(),
    ]
}
