//! Health, version, and the routes.

use std::sync::OnceLock;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Fault;
use super::row::{
    CANCEL, CREATE, EVERY_RUN, HEALTH, READ, RESULT, VERSION, both, envelope, gateway, runtime,
};
use crate::reference::about::rfc3339;
use crate::reference::change::Change::{Answer, Demand};
use crate::reference::change::{Asked, Edit, on, remove, rename, set};

pub const FAULTS: &[Fault] = &[
    both(
        "health/no-status",
        "health lacks its status",
        &["HEALTH-1"],
        &[Answer(on(HEALTH), &[Edit::Json(remove("/status"))])],
    ),
    both(
        "health/status-up",
        "health says UP, as the actuator of a framework does, in place of ok",
        &["HEALTH-1"],
        &[Answer(on(HEALTH), &[Edit::Json(set("/status", || json!("UP")))])],
    ),
    both(
        "health/extra-member",
        "health tells its uptime in a member of its own",
        &["HEALTH-1"],
        &[Answer(on(HEALTH), &[Edit::Json(set("/uptime_s", || json!(12.5)))])],
    ),
    both(
        "health/null-checks",
        "health without checks says null in place of leaving the member out",
        &["HEALTH-1"],
        &[Answer(on(HEALTH), &[Edit::Json(set("/checks", || json!(null)))])],
    ),
    both(
        "health/epoch-time",
        "the time of health is a number of seconds",
        &["HEALTH-1"],
        &[Answer(on(HEALTH), &[Edit::Json(set("/time", || json!(Timestamp::now().as_second())))])],
    ),
    both(
        "health/plain-ok",
        "health is the text OK",
        &["MEDIA-1"],
        &[Answer(on(HEALTH), &[Edit::Text("text/plain", "OK")])],
    ),
    both(
        "health/503",
        "health that says ok is sent with 503",
        &["HEALTH-1"],
        &[Answer(on(HEALTH), &[Edit::Status(503)])],
    ),
    both(
        "health/no-content",
        "health answers 204",
        &["HEALTH-1", "STATUS-1"],
        &[Answer(on(HEALTH), &[Edit::Status(204), Edit::Empty])],
    ),
    both(
        "health/local-time",
        "the time of health is that of a zone two hours east, sent as UTC",
        &["HEALTH-3"],
        &[Answer(on(HEALTH), &[Edit::Json(set("/time", two_hours_ahead))])],
    ),
    both(
        "health/cached-time",
        "the time of health is that of the first answer",
        &["HEALTH-3"],
        &[Answer(on(HEALTH), &[Edit::Json(set("/time", first_time))])],
    ),
    both("health/needs-token", "health asks for a token", &["HEALTH-2"], &[Demand(HEALTH)]).with_auth(),
    both("version/needs-token", "version asks for a token", &["VERSION-2"], &[Demand(VERSION)]).with_auth(),
    both(
        "version/no-v1",
        "the supported API versions list 1 in place of v1",
        &["VERSION-3"],
        &[Answer(on(VERSION), &[Edit::Json(set("/supported_api_versions", || json!(["1"])))])],
    ),
    both(
        "version/no-list",
        "the supported API versions are one text",
        &["VERSION-1"],
        &[Answer(on(VERSION), &[Edit::Json(set("/supported_api_versions", || json!("v1")))])],
    ),
    both(
        "version/empty-list",
        "the supported API versions are an empty list",
        &["VERSION-1", "VERSION-3"],
        &[Answer(on(VERSION), &[Edit::Json(set("/supported_api_versions", || json!([])))])],
    ),
    both(
        "version/no-name",
        "version lacks the service's name",
        &["VERSION-1"],
        &[Answer(on(VERSION), &[Edit::Json(remove("/service_name"))])],
    ),
    both(
        "version/camel-case",
        "version writes serviceName",
        &["VERSION-1"],
        &[Answer(on(VERSION), &[Edit::Json(rename("/service_name", "serviceName"))])],
    ),
    both(
        "version/date-alone",
        "the time of the build is a date without a time of day",
        &["VERSION-1"],
        &[Answer(on(VERSION), &[Edit::Json(set("/build", || json!({"built_at": "2026-01-01"})))])],
    ),
    both(
        "version/empty-name",
        "the service's name is empty",
        &["VERSION-4"],
        &[Answer(on(VERSION), &[Edit::Json(set("/service_name", || json!("")))])],
    ),
    both(
        "version/changes",
        "the service's version is another one in every answer",
        &["VERSION-4"],
        &[Answer(on(VERSION), &[Edit::Json(set("/service_version", now_in_nanoseconds))])],
    ),
    both(
        "route/no-version",
        "there is no version: the router's own 404 answers",
        &["ROUTE-1", "VERSION-1"],
        &[Answer(on(VERSION), NOT_THERE)],
    ),
    both(
        "route/no-health",
        "there is no health: the router's own 404 answers",
        &["ROUTE-1", "HEALTH-1"],
        &[Answer(on(HEALTH), NOT_THERE)],
    ),
    both(
        "route/no-create",
        "runs cannot be created: 405 answers",
        &["ROUTE-1", "RUN-1", "RUN-2"],
        &[Answer(on(CREATE), &[Edit::Become(405, not_allowed)])],
    ),
    both(
        "route/no-read",
        "runs cannot be read: the router's own 404 answers",
        &["ROUTE-1", "LIFE-1"],
        &[Answer(on(READ), NOT_THERE)],
    ),
    runtime(
        "route/no-result",
        "results cannot be read: 501 answers",
        &["ROUTE-1", "RESULT-1"],
        &[Answer(on(RESULT), &[Edit::Become(501, not_implemented)])],
    ),
    gateway(
        "route/no-cancel",
        "the router does not know an action after a colon, so cancel is not there",
        &["ROUTE-1", "CANCEL-1"],
        &[Answer(on(CANCEL), NOT_THERE)],
    ),
    both(
        "route/stubs",
        "everything but health and version answers 501",
        &["ROUTE-1"],
        &[Answer(on(EVERY_RUN), &[Edit::Become(501, not_implemented)])],
    ),
    both(
        "route/all-500",
        "everything but health and version answers 500, with a good envelope",
        &["RUN-1", "RUN-2"],
        &[Answer(on(EVERY_RUN), &[Edit::Become(500, internal)])],
    ),
];

/// What a router of a web framework says by itself.
const NOT_THERE: &[Edit] = &[Edit::Become(404, |_| json!({"detail": "Not Found"}))];

fn two_hours_ahead() -> Value {
    rfc3339(Timestamp::now() + SignedDuration::from_hours(2)).into()
}

fn first_time() -> Value {
    static FIRST: OnceLock<String> = OnceLock::new();
    FIRST.get_or_init(|| rfc3339(Timestamp::now())).as_str().into()
}

fn now_in_nanoseconds() -> Value {
    format!("0.1.0+{}", Timestamp::now().as_nanosecond()).into()
}

fn not_allowed(_: &Asked) -> Value {
    envelope("method_not_allowed", "this path does not take this method")
}

fn not_implemented(_: &Asked) -> Value {
    envelope("not_implemented", "this operation is not implemented")
}

fn internal(_: &Asked) -> Value {
    envelope("internal", "something went wrong")
}
