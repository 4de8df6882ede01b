//! What the Run Gateway says of its runs (contract v0.3.7).

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::about::rfc3339;
use super::draft::Draft;
use super::options::Members;
use super::refusal::Refusal;
use super::runs::{Event, Moment, Plan, Run};

/// The one version of every node type that the server knows.
const VERSION: &str = "1.0.0";

/// The run that a RunStartRequest makes, by its root node type; 400 for a node type that the server does not know.
pub fn plan(request: &Value) -> Result<Plan, Refusal> {
    let node_type = &request["root_node_type_ref"];
    let plan = match node_type["node_type_id"].as_str() {
        Some("reference.echo") => Plan::Ordinary,
        Some("reference.slow") => Plan::Slow,
        Some("reference.fail") => Plan::Failing,
        _ => return Err(unknown_node_type()),
    };
    if node_type["version"] == VERSION { Ok(plan) } else { Err(unknown_node_type()) }
}

fn unknown_node_type() -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "unknown_node_type", "there is no such node type in this version")
        .with_details(json!({
            "known": ["reference.echo", "reference.slow", "reference.fail"],
            "version": VERSION,
        }))
}

/// A Run.
pub fn run(run: &Run, members: Members) -> Value {
    let progress = run.progress();
    Draft::new(members)
        .always("run_id", run.id.as_str())
        .always("state", progress.state.name())
        .always("root_node_run_id", run.root_node_run_id.as_str())
        .common("run_context", run_context(&run.request, members))
        .common("started_at", progress.started_at.map(rfc3339))
        .common("ended_at", progress.ended_at.map(rfc3339))
        .extensible()
}

/// The RunContext of the request as it came; where every member is wanted, with those that the client left out.
fn run_context(request: &Value, members: Members) -> Option<Value> {
    let given = request.get("run_context").and_then(Value::as_object);
    if members < Members::All {
        return given.map(|given| Value::Object(given.clone()));
    }
    let mut context: Map<String, Value> = given.cloned().unwrap_or_default();
    let actor = Draft::new(members)
        .always("type", "user")
        .always("id", "anonymous")
        .rare("uri", "https://users.arp-reference.example/anonymous")
        .extensible();
    let whole = Draft::new(members)
        .always("tenant_id", "reference")
        .always("actor", actor)
        .always("identity", json!({"kind": "anonymous"}))
        .always("trace", json!({"trace_id": "trace-1", "span_id": "span-1", "request_id": "request-1"}))
        .always("policy", json!({"sample": true}))
        .always("budgets", json!({"sample": 1}))
        .extensible();
    if let Value::Object(whole) = whole {
        for (name, value) in whole {
            context.entry(name).or_insert(value);
        }
    }
    Some(Value::Object(context))
}

/// A RunEvent.
pub fn run_event(run: &Run, seq: u64, event: &Event, members: Members) -> Value {
    let (kind, data) = match event.moment {
        Moment::Accepted => ("run_started", json!({"root_node_type_ref": run.request["root_node_type_ref"]})),
        Moment::Begun => ("node_run_assigned", json!({"executor": "reference-1"})),
        Moment::Worked(piece) => ("atomic_executed", json!({"piece": piece})),
        Moment::Ended(state) => ("run_completed", json!({"state": state.name()})),
    };
    Draft::new(members)
        .always("run_id", run.id.as_str())
        .common("node_run_id", Some(run.root_node_run_id.as_str()))
        .always("seq", seq)
        .always("type", kind)
        .always("time", rfc3339(event.time))
        .common("data", Some(data))
        .extensible()
}
