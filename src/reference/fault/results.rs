//! The results of a Runtime's runs.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Fault;
use super::row::{RESULT, envelope, runtime};
use crate::reference::change::Change::Answer;
use crate::reference::change::{Asked, Edit, Patch, When, fill, on, remove, set};
use crate::reference::runs::State;

pub const FAULTS: &[Fault] = &[
    runtime(
        "result/no-ok",
        "a result lacks ok",
        &["RESULT-1"],
        &[Answer(on(RESULT).ok(), &[Edit::Json(remove("/ok"))])],
    ),
    runtime(
        "result/no-run-id",
        "a result lacks the run_id",
        &["RESULT-1"],
        &[Answer(on(RESULT).ok(), &[Edit::Json(remove("/run_id"))])],
    ),
    runtime(
        "result/another-run",
        "a result bears another run's id",
        &["RESULT-1"],
        &[Answer(on(RESULT).ok(), &[Edit::Json(set("/run_id", || json!("run-of-somebody-else")))])],
    ),
    runtime(
        "result/null-error",
        "the result of a run that succeeded says null in place of leaving error out",
        &["RESULT-1"],
        &[Answer(on(RESULT).ok(), &[Edit::Json(fill("/error", || json!(null)))])],
    ),
    runtime(
        "result/null-output",
        "the result of a run that failed says null in place of leaving output out",
        &["RESULT-1"],
        &[Answer(on(RESULT).ok().asked(failed), &[Edit::Json(fill("/output", || json!(null)))])],
    ),
    runtime(
        "result/error-as-text",
        "the error of a run that failed is a text",
        &["RESULT-1"],
        &[Answer(
            on(RESULT).ok().asked(failed),
            &[Edit::Json(set("/error", || json!("the goal cannot be done")))],
        )],
    ),
    runtime(
        "result/404-failed",
        "a run that failed has no result",
        &["RESULT-1"],
        &[Answer(on(RESULT).ok().asked(failed), &[Edit::Become(404, no_result)])],
    ),
    runtime(
        "result/500-failed",
        "the result of a run that failed answers 500 with the run's error",
        &["RESULT-1"],
        &[Answer(
            on(RESULT).ok().asked(failed),
            &[Edit::Become(500, |_| envelope("goal_failed", "the run failed"))],
        )],
    ),
    runtime(
        "result/ok-where-failed",
        "ok is true for a run that failed",
        &["RESULT-2"],
        &[Answer(ended(failed), &[Edit::Json(set("/ok", || json!(true)))])],
    ),
    runtime(
        "result/not-ok-where-succeeded",
        "ok is false for a run that succeeded",
        &["RESULT-2"],
        &[Answer(ended(succeeded), &[Edit::Json(set("/ok", || json!(false)))])],
    ),
    runtime(
        "result/no-error",
        "the result of a run that failed carries no error",
        &["RESULT-3"],
        &[Answer(ended(failed), &[Edit::Json(remove("/error"))])],
    ),
    runtime(
        "result/error-where-ok",
        "the result of a run that succeeded carries an error that says none",
        &["RESULT-3"],
        &[Answer(
            ended(succeeded),
            &[Edit::Json(set("/error", || json!({"code": "none", "message": "no error"})))],
        )],
    ),
    runtime(
        "result/no-output",
        "the result of a run that succeeded carries nothing",
        &["RESULT-3"],
        &[Answer(ended(succeeded), &[Edit::Json(remove("/output"))])],
    ),
    runtime(
        "result/output-changes",
        "the output tells when it was read",
        &["RESULT-4"],
        &[Answer(on(RESULT).ok(), &[Edit::Json(SET_TIME)])],
    ),
    runtime(
        "result/unknown-200",
        "the result of an unknown run is answered 200 with one that is not ok",
        &["RESULT-5"],
        &[Answer(
            on(RESULT).status(404),
            &[Edit::Become(200, |asked| {
                json!({
                    "run_id": asked.run_id, "ok": false, "error": {"code": "run_not_found", "message": "no such run"},
                })
            })],
        )],
    ),
    runtime(
        "result/unknown-409",
        "the result of an unknown run is answered 409",
        &["RESULT-6"],
        &[Answer(on(RESULT).status(404), &[Edit::Status(409)])],
    ),
    runtime(
        "result/early",
        "a run that goes on has a result that is not ok",
        &["RESULT-7"],
        &[Answer(
            on(RESULT).status(409),
            &[Edit::Become(200, |asked| {
                json!({
                    "run_id": asked.run_id, "ok": false, "error": {"code": "running", "message": "not finished"},
                })
            })],
        )],
    ),
    runtime(
        "result/404-canceled",
        "a canceled run has no result",
        &["RESULT-8"],
        &[Answer(ended(canceled), &[Edit::Become(404, no_result)])],
    ),
    runtime(
        "result/ok-where-canceled",
        "ok is true for a canceled run",
        &["RESULT-8"],
        &[Answer(ended(canceled), &[Edit::Json(set("/ok", || json!(true)))])],
    ),
];

const SET_TIME: Patch = set("/output", || json!({"read_at": Timestamp::now().as_nanosecond().to_string()}));

/// The results of runs of which `state` holds.
const fn ended(state: fn(&Asked) -> bool) -> When {
    on(RESULT).ok().asked(state)
}

fn succeeded(asked: &Asked) -> bool {
    asked.before == Some(State::Succeeded)
}

fn failed(asked: &Asked) -> bool {
    asked.before == Some(State::Failed)
}

fn canceled(asked: &Asked) -> bool {
    asked.before == Some(State::Canceled)
}

fn no_result(_: &Asked) -> Value {
    envelope("no_result", "the run has no result")
}
