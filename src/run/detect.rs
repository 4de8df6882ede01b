//! Tells which service stands at the target from what it says of itself and from how routes answer that only one of
//! the services has. Nothing here writes.

use serde_json::Value;

use crate::contract::Service;
use crate::judge::Refusal;
use crate::wire::Exchange;

/// Routes of services that the suite does not judge, with what they are.
pub(super) const ELSEWHERE: [(&str, &str); 4] = [
    ("/v1/node-runs/", "a Run Coordinator"),
    ("/v1/node-types", "a Node Registry"),
    ("/v1/instances", "a Daemon"),
    ("/v1/tools", "a Tool Registry"),
];

/// What only a gateway says: it lacks its Run Coordinator, or does not reach it.
const COORDINATOR_CODES: [&str; 2] = ["run_coordinator_missing", "run_coordinator_unavailable"];

/// What the reads of the preflight came to.
pub(super) struct Look<'l> {
    pub service_name: Option<&'l str>,
    /// A path that nobody has.
    pub unknown_path: &'l Exchange,
    /// GET of a run that does not exist.
    pub run: &'l Exchange,
    /// GET of that run's result, which only a Runtime has.
    pub result: &'l Exchange,
    /// GET of the routes of [`ELSEWHERE`], in its order.
    pub elsewhere: &'l [Exchange],
    /// OPTIONS of the first three, asked only where their answers are alike.
    pub options: Option<&'l [Exchange; 3]>,
}

/// What the target seems to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Service(Service),
    /// A service that the suite does not judge.
    Other(&'static str),
    /// Neither the routes nor the name tell.
    Unclear(&'static str),
}

impl Look<'_> {
    /// Whether the answers to a run that does not exist and to a path that nobody has are so alike that only other
    /// methods can tell the routes apart.
    pub fn is_ambiguous(&self) -> bool {
        self.has(self.run) == Some(false) && self.has(self.result) == Some(false)
    }

    pub fn found(&self) -> Found {
        let code = Refusal::of(self.run).and_then(|refusal| refusal.code);
        if code.is_some_and(|code| COORDINATOR_CODES.contains(&code.as_str())) {
            return Found::Service(Service::RunGateway);
        }
        if self.unknown_path.succeeded() {
            return self.by_name("it answers every path with success, so its routes tell nothing");
        }
        let elsewhere = ELSEWHERE.iter().zip(self.elsewhere);
        let others: Vec<&str> = elsewhere
            .filter(|(_, exchange)| self.has(exchange) == Some(true))
            .map(|((_, what), _)| *what)
            .collect();
        let (run, result) = match self.options {
            Some(options) => by_options(options),
            None => (self.has(self.run), self.has(self.result)),
        };
        match (run, result, others.first()) {
            (_, Some(true), None) => Found::Service(Service::Runtime),
            (Some(true), Some(false), None) => Found::Service(Service::RunGateway),
            (Some(false), Some(false), None) => {
                self.by_name("it has no route for runs that can be told from others")
            }
            (_, _, None) => self.by_name("its routes cannot be seen"),
            (_, Some(true), Some(_)) => self.by_name("it has routes of more than one service"),
            (_, _, Some(what)) => Found::Other(what),
        }
    }

    /// Whether a route is there; none where the answer does not tell.
    fn has(&self, exchange: &Exchange) -> Option<bool> {
        let unknown = Refusal::of(self.unknown_path);
        match (exchange.status()?, Refusal::of(exchange)) {
            // Somebody else's trouble, or refused before any route.
            (401 | 403 | 500..600, _) => None,
            (_, None) => Some(true),
            (_, Some(refusal)) => Some(!refusal.says_no_route(unknown.as_ref())),
        }
    }

    fn by_name(&self, why: &'static str) -> Found {
        let name = self.service_name.unwrap_or_default().to_lowercase();
        match (name.contains("gateway"), name.contains("runtime")) {
            (true, false) => Found::Service(Service::RunGateway),
            (false, true) => Found::Service(Service::Runtime),
            _ => Found::Unclear(why),
        }
    }
}

/// Routes told by how they answer OPTIONS beside a path that nobody has.
fn by_options([unknown, run, result]: &[Exchange; 3]) -> (Option<bool>, Option<bool>) {
    let differs = |exchange: &Exchange| Some(exchange.status()? != unknown.status()?);
    (differs(run), differs(result))
}

/// Whether an answer bears any sign of an ARP service: a health, a version or an error in its forms.
pub(super) fn is_arp(exchange: &Exchange) -> bool {
    let Some(Value::Object(body)) = exchange.json() else { return false };
    let has = |name: &str| body.contains_key(name);
    let envelope =
        body.get("error").is_some_and(|error| error.get("code").is_some() && error.get("message").is_some());
    has("supported_api_versions") || has("service_name") || (has("status") && has("time")) || envelope
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Answer, Ending, Sent};

    fn answer(path: &str, status: u16, body: &str) -> Exchange {
        Exchange {
            id: 1,
            operation: None,
            parameters: Default::default(),
            sent: Sent {
                method: "GET".into(),
                url: format!("http://127.0.0.1:1{path}"),
                headers: vec![],
                body: None,
                authorized: false,
            },
            result: Ok(Answer {
                status,
                headers: vec![],
                body: body.to_owned().into(),
                ending: Ending::Complete,
                deviations: vec![],
                events: None,
                received_at: Default::default(),
                echoes_secret: false,
            }),
            started: Default::default(),
            duration: Default::default(),
        }
    }

    fn envelope(path: &str, code: &str) -> Exchange {
        answer(path, 404, &format!(r#"{{"error": {{"code": "{code}", "message": "no {path}"}}}}"#))
    }

    fn found(
        name: &str,
        unknown: Exchange,
        run: Exchange,
        result: Exchange,
        elsewhere: [Exchange; 4],
    ) -> Found {
        let look = Look {
            service_name: Some(name),
            unknown_path: &unknown,
            run: &run,
            result: &result,
            elsewhere: &elsewhere,
            options: None,
        };
        look.found()
    }

    fn nowhere() -> [Exchange; 4] {
        [0; 4].map(|_| envelope("/v1/elsewhere", "not_found"))
    }

    #[test]
    fn a_route_that_only_the_runtime_has_tells_it() {
        let unknown = || envelope("/v1/nowhere", "not_found");
        let run = || envelope("/v1/runs/x", "run_not_found");
        let runtime = found("x", unknown(), run(), envelope("/v1/runs/x/result", "run_not_found"), nowhere());
        assert_eq!(runtime, Found::Service(Service::Runtime));
        let gateway = found("x", unknown(), run(), envelope("/v1/runs/x/result", "not_found"), nowhere());
        assert_eq!(gateway, Found::Service(Service::RunGateway));
    }

    #[test]
    fn a_router_without_envelopes_tells_as_well() {
        let bare = |path: &str| answer(path, 404, r#"{"detail": "Not Found"}"#);
        let run = envelope("/v1/runs/x", "run_not_found");
        let gateway =
            found("x", bare("/v1/nowhere"), run, bare("/v1/runs/x/result"), [0; 4].map(|_| bare("/")));
        assert_eq!(gateway, Found::Service(Service::RunGateway));
    }

    #[test]
    fn other_services_are_named_and_doubt_is_said() {
        let unknown = || envelope("/v1/nowhere", "not_found");
        let run = || envelope("/v1/runs/x", "run_not_found");
        let mut elsewhere = nowhere();
        elsewhere[0] = envelope("/v1/node-runs/x", "node_run_not_found");
        let other = found("x", unknown(), run(), envelope("/v1/runs/x/result", "not_found"), elsewhere);
        assert_eq!(other, Found::Other("a Run Coordinator"));
        let hidden =
            |name| found(name, unknown(), answer("/v1/runs/x", 401, ""), answer("/", 401, ""), nowhere());
        assert!(matches!(hidden("x"), Found::Unclear(_)));
        assert_eq!(hidden("my-gateway"), Found::Service(Service::RunGateway));
    }
}
