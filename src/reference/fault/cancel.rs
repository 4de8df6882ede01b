//! Cancelling.

use serde_json::json;

use super::Fault;
use super::row::{CANCEL, OVER, both, envelope};
use crate::reference::change::Change::{Answer, Behave};
use crate::reference::change::{Asked, Edit, Switch, on, remove, set};
use crate::reference::runs::State;

pub const FAULTS: &[Fault] = &[
    // ---- the answer
    both(
        "cancel/500",
        "cancelling a run that goes on answers 500",
        &["CANCEL-1"],
        &[Answer(
            on(CANCEL).ok().asked(Asked::lives),
            &[Edit::Become(500, |_| envelope("internal", "cannot stop"))],
        )],
    ),
    both(
        "cancel/202",
        "a cancel is answered 202",
        &["STATUS-1", "CANCEL-1"],
        &[Answer(on(CANCEL).ok(), &[Edit::Status(202)])],
    ),
    both(
        "cancel/204",
        "a cancel is answered 204",
        &["STATUS-1", "CANCEL-1"],
        &[Answer(on(CANCEL).ok(), &[Edit::Status(204), Edit::Empty])],
    ),
    both(
        "cancel/ok-true",
        "a cancel is answered with ok true in place of the run",
        &["CANCEL-1"],
        &[Answer(on(CANCEL).ok(), &[Edit::Become(200, |_| json!({"ok": true}))])],
    ),
    both(
        "cancel/another-run",
        "the answer to a cancel bears another run's id",
        &["CANCEL-1"],
        &[Answer(on(CANCEL).ok(), &[Edit::Json(set("/run_id", || json!("run-of-somebody-else")))])],
    ),
    both(
        "cancel/no-state",
        "the answer to a cancel lacks the state",
        &["CANCEL-1"],
        &[Answer(on(CANCEL).ok(), &[Edit::Json(remove("/state"))])],
    ),
    both(
        "cancel/cancelled",
        "the answer to a cancel says cancelled, with two l",
        &["CANCEL-1"],
        &[Answer(
            on(CANCEL).ok().says("/state", &["canceled"]),
            &[Edit::Json(set("/state", || json!("cancelled")))],
        )],
    ),
    both(
        "cancel/refused",
        "cancelling a run that goes on is refused with 409",
        &["CANCEL-1"],
        &[
            Answer(
                on(CANCEL).ok().asked(Asked::lives),
                &[Edit::Become(409, |_| envelope("not_cancelable", "not now"))],
            ),
            Behave(Switch::IgnoresCancel),
        ],
    ),
    // ---- what becomes of the run
    both(
        "cancel/forgotten",
        "a cancel is accepted, and the run goes on to its end",
        &["CANCEL-2"],
        &[Behave(Switch::IgnoresCancel)],
    ),
    both(
        "cancel/fails",
        "a run that is cancelled ends as failed",
        &["CANCEL-2"],
        &[Behave(Switch::CancelFails)],
    ),
    both(
        "cancel/succeeds-later",
        "a canceled run turns succeeded when its worker is through",
        &["LIFE-2"],
        &[Behave(Switch::SucceedsAfterCancel)],
    ),
    both(
        "cancel/ended-turns-canceled",
        "cancelling a run that is over makes it canceled",
        &["CANCEL-3"],
        &[Behave(Switch::CancelsEnded)],
    ),
    both(
        "cancel/ended-says-canceled",
        "cancelling a run that is over says canceled and leaves the run as it is",
        &["CANCEL-3"],
        &[Answer(on(CANCEL).ok().says("/state", OVER), &[Edit::Json(set("/state", || json!("canceled")))])],
    ),
    // ---- runs that do not exist
    both(
        "cancel/unknown-invented",
        "cancelling an unknown run is answered 200 with a canceled one",
        &["CANCEL-4"],
        &[Answer(
            on(CANCEL).status(404),
            &[Edit::Become(
                200,
                |asked| json!({"run_id": asked.run_id, "state": "canceled", "root_node_run_id": "node-1"}),
            )],
        )],
    ),
    both(
        "cancel/unknown-409",
        "cancelling an unknown run is answered 409",
        &["CANCEL-5"],
        &[Answer(on(CANCEL).status(404), &[Edit::Status(409)])],
    ),
    // ---- twice
    both(
        "cancel/twice-404",
        "a canceled run is not found when it is cancelled again",
        &["CANCEL-6"],
        &[Answer(
            on(CANCEL).ok().asked(is_canceled),
            &[Edit::Become(404, |_| envelope("run_not_found", "no such run"))],
        )],
    ),
    both(
        "cancel/twice-500",
        "cancelling a canceled run answers 500",
        &["CANCEL-6"],
        &[Answer(
            on(CANCEL).ok().asked(is_canceled),
            &[Edit::Become(500, |_| envelope("internal", "no such worker"))],
        )],
    ),
];

fn is_canceled(asked: &Asked) -> bool {
    asked.before == Some(State::Canceled)
}
