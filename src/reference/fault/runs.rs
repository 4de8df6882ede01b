//! Runs: their creation, their ids, and where they stand.

use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use serde_json::{Value, json};

use super::Fault;
use super::row::{CREATE, LIVE, OVER, READ, RUNS, both, envelope, gateway};
use crate::reference::about::rfc3339;
use crate::reference::change::Change::{Answer, Behave, Path};
use crate::reference::change::{Asked, Edit, Switch, fill, on, remove, rename, set, with};

pub const FAULTS: &[Fault] = &[
    // ---- the answer of a creation
    both(
        "create/201",
        "a created run is answered 201 with its Location",
        &["STATUS-1", "RUN-1", "RUN-2"],
        &[Answer(on(CREATE).ok(), &[Edit::Status(201), Edit::Header("location", "/v1/runs/new")])],
    ),
    both(
        "create/500",
        "a valid request answers 500",
        &["RUN-1", "RUN-2"],
        &[Answer(on(CREATE).ok(), &[Edit::Become(500, |_| envelope("internal", "something went wrong"))])],
    ),
    both(
        "create/no-state",
        "a created run lacks its state",
        &["RUN-1", "RUN-2"],
        &[Answer(on(CREATE).ok(), &[Edit::Json(remove("/state"))])],
    ),
    both(
        "create/pending",
        "a created run is pending in place of queued",
        &["RUN-1", "RUN-2"],
        &[Answer(on(CREATE).ok(), &[Edit::Json(set("/state", || json!("pending")))])],
    ),
    both(
        "create/null-start",
        "a created run that has not started says null in place of leaving started_at out",
        &["RUN-1", "RUN-2"],
        &[Answer(on(CREATE).ok(), &[Edit::Json(fill("/started_at", || json!(null)))])],
    ),
    both(
        "create/extra-member",
        "a created run tells created_at",
        &["RUN-1", "RUN-2"],
        &[Answer(on(CREATE).ok(), &[Edit::Json(set("/created_at", || json!("2026-01-01T00:00:00Z")))])],
    ),
    both(
        "create/wrapped",
        "a created run is wrapped in the member run",
        &["RUN-1", "RUN-2"],
        &[Answer(on(CREATE).ok(), &[Edit::Json(with(|body, _| *body = json!({"run": body.take()})))])],
    ),
    both(
        "create/camel-case",
        "a created run writes runId",
        &["RUN-1", "RUN-2"],
        &[Answer(on(CREATE).ok(), &[Edit::Json(rename("/run_id", "runId"))])],
    ),
    // ---- ids
    both(
        "id/ignored",
        "the run_id of the client is ignored",
        &["RUN-3", "RUN-4"],
        &[Behave(Switch::IgnoresRunId)],
    ),
    both(
        "id/answered-otherwise",
        "the answer of a creation bears another run_id than the run",
        &["RUN-3", "RUN-4"],
        &[Answer(on(CREATE).ok().asked(names_run), &[Edit::Json(set("/run_id", || json!("run-1")))])],
    ),
    both("id/empty", "an assigned run_id is empty", &["RUN-5"], &[Behave(Switch::EmptyIds)]),
    both(
        "id/from-the-clock",
        "assigned run_ids are the time in seconds, so two of one second are the same run",
        &["RUN-5"],
        &[Behave(Switch::IdsFromTheClock)],
    ),
    both(
        "id/overwrites",
        "a run under an id that is in use takes the place of the one before",
        &["RUN-6"],
        &[Behave(Switch::Overwrites)],
    ),
    both(
        "id/renames",
        "a run under an id that is in use gets another id",
        &["RUN-6"],
        &[Behave(Switch::Renames)],
    ),
    both(
        "id/in-use-500",
        "a run_id that is in use answers 500, as a key that a database refuses",
        &["RUN-6"],
        &[Answer(on(CREATE).status(409), &[Edit::Become(500, |_| envelope("internal", "duplicate key"))])],
    ),
    gateway(
        "root/empty",
        "root_node_run_id is empty",
        &["RUN-7"],
        &[Answer(on(RUNS).ok(), &[Edit::Json(set("/root_node_run_id", || json!("")))])],
    ),
    gateway(
        "root/empty-at-first",
        "root_node_run_id is empty in the answer of a creation",
        &["RUN-7"],
        &[Answer(on(CREATE).ok(), &[Edit::Json(set("/root_node_run_id", || json!("")))])],
    ),
    gateway(
        "root/changes",
        "root_node_run_id is another one in every answer",
        &["RUN-7"],
        &[Answer(
            on(RUNS).ok(),
            &[Edit::Json(set("/root_node_run_id", || {
                format!("node_{}", Timestamp::now().as_nanosecond()).into()
            }))],
        )],
    ),
    gateway(
        "root/missing",
        "a run lacks root_node_run_id when it is read",
        &["LIFE-1"],
        &[Answer(on(READ).ok(), &[Edit::Json(remove("/root_node_run_id"))])],
    ),
    gateway(
        "context/no-tenant",
        "the run_context that is told lacks the tenant_id that was given",
        &["RUN-8"],
        &[Answer(on(RUNS).ok(), &[Edit::Json(remove("/run_context/tenant_id"))])],
    ),
    gateway(
        "context/own-trace",
        "the run_context that is told has a trace of the service's own",
        &["RUN-8"],
        &[Answer(
            on(RUNS).ok(),
            &[Edit::Json(set("/run_context/trace", || json!({"trace_id": "t-1", "span_id": "s-1"})))],
        )],
    ),
    gateway(
        "context/null-actor",
        "a run_context that is told says null for the actor that was given",
        &["LIFE-1"],
        &[Answer(on(READ).ok(), &[Edit::Json(set("/run_context/actor", || json!(null)))])],
    ),
    both(
        "id/not-decoded",
        "the id in a path is not percent-decoded",
        &["RUN-9"],
        &[Path(|path| path.replace('%', "%25"))],
    ),
    both(
        "id/decoded-before-routing",
        "a path is percent-decoded before it is routed, so a slash inside an id splits it",
        &["RUN-9"],
        &[Path(|path| percent_decode_str(path).decode_utf8_lossy().into_owned())],
    ),
    both("id/latin-1", "the id in a path is read as Latin-1", &["RUN-9"], &[Path(latin_1)]),
    // ---- reading a run
    both(
        "read/no-state",
        "a run that is read lacks its state",
        &["LIFE-1"],
        &[Answer(on(READ).ok(), &[Edit::Json(remove("/state"))])],
    ),
    both(
        "read/extra-member",
        "a run that is read tells its progress in a member of its own",
        &["LIFE-1"],
        &[Answer(on(READ).ok(), &[Edit::Json(set("/progress", || json!(0.5)))])],
    ),
    both(
        "read/null-end",
        "a run that goes on says null in place of leaving ended_at out",
        &["LIFE-1"],
        &[Answer(on(READ).ok().says("/state", LIVE), &[Edit::Json(fill("/ended_at", || json!(null)))])],
    ),
    both(
        "read/completed",
        "a run that succeeded is completed in place of succeeded",
        &["LIFE-1"],
        &[Answer(
            on(READ).ok().says("/state", &["succeeded"]),
            &[Edit::Json(set("/state", || json!("completed")))],
        )],
    ),
    both(
        "read/cancelled",
        "a canceled run is cancelled, with two l, when it is read",
        &["LIFE-1"],
        &[Answer(
            on(READ).ok().says("/state", &["canceled"]),
            &[Edit::Json(set("/state", || json!("cancelled")))],
        )],
    ),
    both(
        "read/capitals",
        "states are written in capitals when a run is read",
        &["LIFE-1"],
        &[Answer(
            on(READ).ok(),
            &[Edit::Json(with(|body, _| {
                body["state"] = body["state"].as_str().unwrap_or_default().to_uppercase().into();
            }))],
        )],
    ),
    both(
        "read/bad-end",
        "ended_at of a run that is over has no T and no offset",
        &["LIFE-1"],
        &[Answer(
            on(READ).ok().says("/state", OVER),
            &[Edit::Json(set("/ended_at", || json!("2026-01-01 12:00:00")))],
        )],
    ),
    both(
        "read/another-run",
        "a run that is read bears another run's id",
        &["LIFE-1"],
        &[Answer(on(READ).ok(), &[Edit::Json(set("/run_id", || json!("run-of-somebody-else")))])],
    ),
    both(
        "read/forgets-ended",
        "a run that is over is not found any more",
        &["LIFE-1"],
        &[Answer(on(READ).ok().asked(Asked::is_over), &[Edit::Become(404, no_such_run)])],
    ),
    both(
        "read/500-failed",
        "reading a run that failed answers 500",
        &["LIFE-1"],
        &[Answer(
            on(READ).ok().says("/state", &["failed"]),
            &[Edit::Become(500, |_| envelope("internal", "run failed"))],
        )],
    ),
    // ---- the life of a run
    both(
        "life/over-at-once",
        "a run is told to have succeeded when it is created, whatever becomes of it",
        &["LIFE-2"],
        &[Answer(on(CREATE).ok(), &[Edit::Json(set("/state", || json!("succeeded")))])],
    ),
    both(
        "life/falls-back",
        "a run that was over for 300 ms is running again",
        &["LIFE-2"],
        &[Answer(
            on(READ).ok().says("/state", OVER),
            &[Edit::Json(with(|body, _| {
                if is_long_over(body) {
                    body["state"] = json!("running");
                }
            }))],
        )],
    ),
    both(
        "life/fails-later",
        "a run that succeeded 300 ms ago is failed",
        &["LIFE-2"],
        &[Answer(
            on(READ).ok().says("/state", &["succeeded"]),
            &[Edit::Json(with(|body, _| {
                if is_long_over(body) {
                    body["state"] = json!("failed");
                }
            }))],
        )],
    ),
    both(
        "life/never-ends",
        "runs never come to an end by themselves",
        &["LIFE-3", "LIFE-4"],
        &[Behave(Switch::NeverEnds)],
    ),
    both(
        "time/ends-before-start",
        "a run that is over ended an hour before it started",
        &["LIFE-5"],
        &[Answer(
            on(READ).ok().says("/state", OVER),
            &[Edit::Json(with(|body, _| {
                body["started_at"] = rfc3339(Timestamp::now() + SignedDuration::from_hours(1)).into();
            }))],
        )],
    ),
    both(
        "time/ended-at-once",
        "a run that goes on has ended_at",
        &["LIFE-5"],
        &[Answer(on(RUNS).ok().says("/state", LIVE), &[Edit::Json(set("/ended_at", now))])],
    ),
    both(
        "time/end-moves",
        "ended_at is the time of the answer",
        &["LIFE-5"],
        &[Answer(on(READ).ok().says("/state", OVER), &[Edit::Json(set("/ended_at", now))])],
    ),
    both(
        "time/start-moves",
        "started_at of a run that is over is the time of the answer, as is ended_at",
        &["LIFE-5"],
        &[Answer(
            on(READ).ok().says("/state", OVER),
            &[Edit::Json(set("/started_at", now)), Edit::Json(set("/ended_at", now))],
        )],
    ),
    // ---- runs that do not exist
    both(
        "unknown/invented",
        "an unknown run is answered 200 with a queued one",
        &["LIFE-6"],
        &[Answer(
            on(READ).status(404),
            &[Edit::Become(
                200,
                |asked| json!({"run_id": asked.run_id, "state": "queued", "root_node_run_id": "node-1"}),
            )],
        )],
    ),
    both(
        "unknown/null",
        "an unknown run is answered 200 with null",
        &["LIFE-6"],
        &[Answer(on(READ).status(404), &[Edit::Become(200, |_| json!(null))])],
    ),
    both(
        "unknown/400",
        "an unknown run is answered 400",
        &["LIFE-7"],
        &[Answer(on(READ).status(404), &[Edit::Status(400)])],
    ),
    both(
        "unknown/odd-500",
        "an unknown run with an odd id is answered 500",
        &["LIFE-7"],
        &[Answer(
            on(READ).status(404).asked(is_odd),
            &[Edit::Become(500, |_| envelope("internal", "bad key"))],
        )],
    ),
];

fn now() -> Value {
    rfc3339(Timestamp::now()).into()
}

fn no_such_run(_: &Asked) -> Value {
    envelope("run_not_found", "there is no run with this id")
}

fn names_run(asked: &Asked) -> bool {
    serde_json::from_slice::<Value>(&asked.body).is_ok_and(|body| body["run_id"].is_string())
}

/// Whether the path's id is percent-encoded or very long.
fn is_odd(asked: &Asked) -> bool {
    asked.path.contains('%') || asked.path.len() > 300
}

fn is_long_over(run: &Value) -> bool {
    let ended: Option<Timestamp> = run["ended_at"].as_str().and_then(|time| time.parse().ok());
    ended.is_some_and(|ended| ended + SignedDuration::from_millis(300) < Timestamp::now())
}

/// A path whose percent-encoded octets beyond ASCII are taken for letters of Latin-1.
fn latin_1(path: &str) -> String {
    let mut parts = path.split('%');
    let mut read = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let octet = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match octet.filter(|octet| !octet.is_ascii()) {
            Some(octet) => {
                let letter = char::from(octet).to_string();
                read.extend(percent_encode(letter.as_bytes(), NON_ALPHANUMERIC));
                read.push_str(&part[2..]);
            }
            None => read.extend(["%", part]),
        }
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_1_leaves_ascii_alone() {
        assert_eq!(latin_1("/v1/runs/a%20b%2Fc"), "/v1/runs/a%20b%2Fc");
        assert_eq!(latin_1("/%C3%BC:x"), "/%C3%83%C2%BC:x");
        for odd in ["%", "%z", "/%zz%4", "%é"] {
            assert_eq!(latin_1(odd), odd);
        }
    }
}
