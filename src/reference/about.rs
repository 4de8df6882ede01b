//! What either service tells about itself.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::draft::Draft;
use super::options::Members;
use crate::contract::Service;

/// The answer of `GET /v1/health`, a Health.
pub fn health(members: Members) -> Value {
    let checks = json!([{
        "name": "run-store",
        "status": "ok",
        "message": "runs are kept in memory",
        "details": {"durable": false},
    }]);
    Draft::new(members)
        .always("status", "ok")
        .always("time", rfc3339(Timestamp::now()))
        .rare("checks", checks)
        .extensible()
}

/// The answer of `GET /v1/version`, a VersionInfo.
pub fn version(service: Service, members: Members) -> Value {
    let build = json!({
        "commit": "0123456789abcdef0123456789abcdef01234567",
        "built_at": "2026-01-01T00:00:00Z",
        "dirty": false,
    });
    Draft::new(members)
        .always("service_name", service_name(service))
        .always("service_version", env!("CARGO_PKG_VERSION"))
        .always("supported_api_versions", json!(["v1"]))
        .rare("build", build)
        .extensible()
}

/// The name that the server goes by, and the audience of its tokens.
pub fn service_name(service: Service) -> String {
    format!("arp-reference-{service}")
}

/// A time as every answer writes it: RFC 3339 in UTC, to the millisecond.
pub fn rfc3339(time: Timestamp) -> String {
    format!("{time:.3}")
}
