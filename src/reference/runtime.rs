//! What the Runtime says of its runs (contract v0.2.6).

use serde_json::{Value, json};

use super::about::rfc3339;
use super::draft::Draft;
use super::options::Members;
use super::refusal::{ErrorDetail, Refusal};
use super::runs::{Event, Moment, Plan, Progress, Run, State};

/// The run that a RunRequest makes: `input.goal` tells, by how it begins.
pub fn plan(request: &Value) -> Plan {
    let goal = request["input"]["goal"].as_str().unwrap_or_default();
    match goal {
        _ if goal.starts_with("slow") => Plan::Slow,
        _ if goal.starts_with("fail") => Plan::Failing,
        _ => Plan::Ordinary,
    }
}

/// A RunStatus.
pub fn run_status(run: &Run, members: Members) -> Value {
    let progress = run.progress();
    Draft::new(members)
        .always("run_id", run.id.as_str())
        .always("state", progress.state.name())
        .common("started_at", progress.started_at.map(rfc3339))
        .common("ended_at", progress.ended_at.map(rfc3339))
        .rare("runtime_instance_id", "reference-1")
        .extensible()
}

/// The RunResult of a run that is over; 409 before.
pub fn run_result(run: &Run, members: Members) -> Result<Value, Refusal> {
    let progress = run.progress();
    if !progress.state.is_terminal() {
        return Err(Refusal::run_not_finished());
    }
    let result = Draft::new(members)
        .always("run_id", run.id.as_str())
        .always("ok", progress.state == State::Succeeded);
    let result = match failure(progress.state) {
        None => result.always("output", output(run)),
        // The standard lets a failed run tell how far it came.
        Some(error) => {
            result.always("error", error.to_json(members)).rare("output", json!({"text": "unfinished"}))
        }
    };
    Ok(result
        .rare("artifacts", json!([artifact(members)]))
        .rare("usage", json!({"steps": steps(&progress), "tokens": 7}))
        .extensible())
}

/// A RunEvent.
pub fn run_event(run: &Run, seq: u64, event: &Event, members: Members) -> Value {
    let (kind, data) = match event.moment {
        Moment::Accepted => ("step", json!({"name": "accepted"})),
        Moment::Begun => ("step", json!({"name": "started"})),
        Moment::Worked(piece) => ("token", json!({"text": format!("piece {piece}")})),
        Moment::Ended(state) => match failure(state) {
            None => ("final", json!({"output": output(run)})),
            Some(error) => ("error", json!({"code": error.code, "message": error.message})),
        },
    };
    Draft::new(members)
        .always("run_id", run.id.as_str())
        .always("seq", seq)
        .always("type", kind)
        .always("time", rfc3339(event.time))
        .common("data", Some(data))
        .extensible()
}

fn output(run: &Run) -> Value {
    json!({"text": "done", "goal": run.request["input"]["goal"]})
}

/// Why a run in this terminal state has no output.
fn failure(state: State) -> Option<ErrorDetail> {
    match state {
        State::Failed => Some(ErrorDetail::new("goal_failed", "the goal asked for a run that fails")),
        State::Canceled => Some(ErrorDetail::new("run_canceled", "the run was canceled")),
        State::Queued | State::Running | State::Succeeded => None,
    }
}

fn artifact(members: Members) -> Value {
    Draft::new(members)
        .always("type", "file")
        .always("id", "artifact-1")
        .rare("uri", "https://artifacts.arp-reference.example/artifact-1")
        .extensible()
}

fn steps(progress: &Progress) -> usize {
    progress.events.iter().filter(|event| matches!(event.moment, Moment::Worked(_))).count()
}
