//! Health, version, and the routes.

use serde_json::json;

use super::Fault;
use super::row::{HEALTH, VERSION, both};
use crate::reference::change::Change::Answer;
use crate::reference::change::{Edit, on, remove, set};

pub const FAULTS: &[Fault] = &[
    both(
        "health/no-status",
        "health lacks its status",
        &["HEALTH-1"],
        &[Answer(on(HEALTH), &[Edit::Json(remove("/status"))])],
    ),
    both(
        "version/no-v1",
        "the supported API versions list 1 in place of v1",
        &["VERSION-3"],
        &[Answer(on(VERSION), &[Edit::Json(set("/supported_api_versions", || json!(["1"])))])],
    ),
];
