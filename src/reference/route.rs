//! From a path as it was sent to the operations that stand there.
//!
//! Routing is by the raw path, so an encoded slash stays inside its segment, and `{run_id}:cancel`, where an
//! action follows a parameter within one segment, can be told from an id.

use http::Method;
use percent_encoding::percent_decode_str;

use crate::contract::Service;

/// One operation of either service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Health,
    Version,
    CreateRun,
    ReadRun,
    ReadResult,
    CancelRun,
    StreamEvents,
}

impl Operation {
    /// The `operationId` in the service's OpenAPI document.
    pub fn id(self, service: Service) -> &'static str {
        match (self, service) {
            (Operation::Health, _) => "health",
            (Operation::Version, _) => "version",
            (Operation::CreateRun, Service::Runtime) => "create_run",
            (Operation::CreateRun, Service::RunGateway) => "start_run",
            (Operation::ReadRun, Service::Runtime) => "get_run_status",
            (Operation::ReadRun, Service::RunGateway) => "get_run",
            (Operation::ReadResult, _) => "get_run_result",
            (Operation::CancelRun, _) => "cancel_run",
            (Operation::StreamEvents, _) => "stream_run_events",
        }
    }

    /// Whether authentication applies: all but health and version are protected.
    pub fn is_protected(self) -> bool {
        !matches!(self, Operation::Health | Operation::Version)
    }
}

/// An operation at a path, the method it takes, and the run that the path names there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub method: Method,
    pub operation: Operation,
    /// Percent-decoded once. Empty where the path names no run, and where what it names is not UTF-8: no run has
    /// the empty id, so such a run is one that does not exist.
    pub run_id: String,
}

impl Endpoint {
    /// Whether the path names a run.
    pub fn names_run(&self) -> bool {
        !matches!(self.operation, Operation::Health | Operation::Version | Operation::CreateRun)
    }
}

/// The operations at `raw_path` (as sent, without the query); none where the path is outside the contract.
pub fn endpoints(service: Service, raw_path: &str) -> Vec<Endpoint> {
    let endpoint = |method: Method, operation, raw_id: &str| Endpoint {
        method,
        operation,
        run_id: percent_decode_str(raw_id).decode_utf8().map(String::from).unwrap_or_default(),
    };
    let Some(below) = raw_path.strip_prefix("/v1/") else { return vec![] };
    let segments: Vec<&str> = below.split('/').collect();
    match segments[..] {
        ["health"] => vec![endpoint(Method::GET, Operation::Health, "")],
        ["version"] => vec![endpoint(Method::GET, Operation::Version, "")],
        ["runs"] => vec![endpoint(Method::POST, Operation::CreateRun, "")],
        ["runs", "", ..] => vec![],
        ["runs", id] => {
            let read = endpoint(Method::GET, Operation::ReadRun, id);
            let cancel = id
                .strip_suffix(":cancel")
                .filter(|id| !id.is_empty())
                .map(|id| endpoint(Method::POST, Operation::CancelRun, id));
            [Some(read), cancel].into_iter().flatten().collect()
        }
        ["runs", id, "result"] if service == Service::Runtime => {
            vec![endpoint(Method::GET, Operation::ReadResult, id)]
        }
        ["runs", id, "events"] => vec![endpoint(Method::GET, Operation::StreamEvents, id)],
        _ => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str) -> Vec<(String, Operation, String)> {
        endpoints(Service::Runtime, path)
            .into_iter()
            .map(|endpoint| (endpoint.method.to_string(), endpoint.operation, endpoint.run_id))
            .collect()
    }

    fn get(operation: Operation, run_id: &str) -> (String, Operation, String) {
        ("GET".into(), operation, run_id.into())
    }

    #[test]
    fn an_id_is_one_segment_decoded_once() {
        assert_eq!(at("/v1/runs/a%2Fb"), [get(Operation::ReadRun, "a/b")]);
        assert_eq!(at("/v1/runs/a%2Fb/result"), [get(Operation::ReadResult, "a/b")]);
        assert_eq!(at("/v1/runs/%C3%BC%20x/events"), [get(Operation::StreamEvents, "ü x")]);
        assert_eq!(at("/v1/runs/a%252Fb"), [get(Operation::ReadRun, "a%2Fb")]);
        assert_eq!(at("/v1/runs/%FF"), [get(Operation::ReadRun, "")]);
    }

    #[test]
    fn the_last_cancel_of_the_raw_segment_is_the_action() {
        let cancel = |id: &str| ("POST".to_owned(), Operation::CancelRun, id.to_owned());
        assert_eq!(at("/v1/runs/x:cancel"), [get(Operation::ReadRun, "x:cancel"), cancel("x")]);
        assert_eq!(at("/v1/runs/x:cancel:cancel")[1], cancel("x:cancel"));
        assert_eq!(at("/v1/runs/x%3Acancel:cancel")[1], cancel("x:cancel"));
        assert_eq!(at("/v1/runs/x%3Acancel"), [get(Operation::ReadRun, "x:cancel")]);
        assert_eq!(at("/v1/runs/:cancel"), [get(Operation::ReadRun, ":cancel")]);
    }

    #[test]
    fn other_paths_are_outside_the_contract() {
        for path in [
            "/",
            "/v1",
            "/v1/",
            "/v1/health/",
            "/v2/health",
            "/v1/runs/",
            "/v1/runs//result",
            "/v1/runs/a/b",
            "*",
        ] {
            assert_eq!(at(path), [], "{path}");
        }
        assert_eq!(endpoints(Service::RunGateway, "/v1/runs/a/result"), []);
    }
}
