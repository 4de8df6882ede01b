//! A service of canned answers, as small as one can be that does nothing wrong: runs succeed before their start is
//! answered, and there are no events. Tests replace single answers of it by wrong ones.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use arp_conformance::contract::{Contract, Service};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// The answers of a right service, and the runs that it was asked for.
pub struct Canned {
    service: Service,
    contract: Arc<Contract>,
    /// By id: what the service tells of them.
    runs: Mutex<BTreeMap<String, Value>>,
}

/// What a request is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum About<'r> {
    Health,
    Version,
    /// The runs together: a new one is started.
    Runs,
    /// One run, by its id as the path has it, and what of it: nothing, `:cancel` or `/result`.
    Run(&'r str, &'r str),
    /// A path that the service does not have.
    Nothing,
}

/// Starts a server that answers with `answers`; what that does not care for, it leaves to [`Canned::answer`].
///
/// The server lasts as long as the process: to drop one inside a task that has used up its budget never ends.
pub async fn serve<A>(service: Service, contract: Arc<Contract>, answers: A) -> &'static MockServer
where
    A: Fn(&Canned, &Request) -> ResponseTemplate + Send + Sync + 'static,
{
    struct Responder<A>(Canned, A);
    impl<A: Fn(&Canned, &Request) -> ResponseTemplate + Send + Sync> Respond for Responder<A> {
        fn respond(&self, request: &Request) -> ResponseTemplate {
            self.1(&self.0, request)
        }
    }
    let server = MockServer::start().await;
    let canned = Canned { service, contract, runs: Mutex::default() };
    Mock::given(any()).respond_with(Responder(canned, answers)).mount(&server).await;
    Box::leak(Box::new(server))
}

impl Canned {
    pub fn about<'r>(&self, request: &'r Request) -> About<'r> {
        let path = request.url.path().strip_prefix("/v1/").unwrap_or_default();
        match (path, path.strip_prefix("runs/")) {
            ("health", _) => About::Health,
            ("version", _) => About::Version,
            ("runs", _) => About::Runs,
            (_, Some(run)) => match run.split_at(run.find([':', '/']).unwrap_or(run.len())) {
                (id, part @ ("" | ":cancel")) => About::Run(id, part),
                (id, part @ "/result") if self.service == Service::Runtime => About::Run(id, part),
                _ => About::Nothing,
            },
            _ => About::Nothing,
        }
    }

    /// Whether a request is about a run, which is what a service protects.
    pub fn is_protected(&self, request: &Request) -> bool {
        matches!(self.about(request), About::Runs | About::Run(..))
    }

    /// Whether a request reads a run that nobody started.
    pub fn reads_unknown_run(&self, request: &Request) -> bool {
        let About::Run(id, "") = self.about(request) else { return false };
        request.method.as_str() == "GET" && !self.runs.lock().unwrap().contains_key(&decoded(id))
    }

    /// What a right service answers.
    pub fn answer(&self, request: &Request) -> ResponseTemplate {
        let about = self.about(request);
        let allowed = match about {
            About::Health | About::Version | About::Run(_, "" | "/result") => "GET",
            About::Runs | About::Run(..) => "POST",
            About::Nothing => return envelope(404, "not_found", "there is no such path"),
        };
        if request.method.as_str() != allowed {
            let refusal = envelope(405, "method_not_allowed", "the path takes another method");
            return refusal.insert_header("allow", allowed);
        }
        match about {
            About::Health => found(json!({"status": "ok", "time": Timestamp::now().to_string()})),
            About::Version => version(&format!("canned-{}", self.service)),
            About::Run(id, part) => match (self.runs.lock().unwrap().get(&decoded(id)), part) {
                (None, _) => envelope(404, "run_not_found", "there is no such run"),
                (Some(run), "/result") => found(json!({"run_id": run["run_id"], "ok": true, "output": {}})),
                (Some(run), _) => found(run.clone()),
            },
            About::Runs | About::Nothing => self.start(request),
        }
    }

    fn start(&self, request: &Request) -> ResponseTemplate {
        let media = request.headers.get("content-type").and_then(|value| value.to_str().ok());
        if media
            .is_none_or(|media| media.split(';').next().is_none_or(|name| name.trim() != "application/json"))
        {
            return envelope(415, "unsupported_media_type", "the body has to be application/json");
        }
        let id = if self.service == Service::Runtime { "create_run" } else { "start_run" };
        let operation = self.contract.operation(id).unwrap();
        let schema = operation.request.as_ref().unwrap().media[0].schema.as_ref().unwrap();
        let body: Value = match request.body_json() {
            Ok(body) if self.contract.violations(schema, &body).is_empty() => body,
            _ => return envelope(400, "invalid_request", "the body is not as the schema says"),
        };
        let mut runs = self.runs.lock().unwrap();
        let assigned = format!("run-{}", runs.len());
        let run_id = body.get("run_id").and_then(Value::as_str).unwrap_or(&assigned);
        if runs.contains_key(run_id) {
            return envelope(409, "run_exists", "there is such a run already");
        }
        let mut run = json!({"run_id": run_id, "state": "succeeded"});
        if self.service == Service::RunGateway {
            run["root_node_run_id"] = format!("node-{run_id}").into();
        }
        runs.insert(run_id.to_owned(), run.clone());
        found(run)
    }
}

/// An id as it was before it was written into a path (RFC 3986, section 2.1).
fn decoded(id: &str) -> String {
    percent_decode_str(id).decode_utf8_lossy().into_owned()
}

pub fn found(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

pub fn version(service_name: &str) -> ResponseTemplate {
    found(json!({"service_name": service_name, "service_version": "1", "supported_api_versions": ["v1"]}))
}

/// An error in the standard's form.
pub fn envelope(status: u16, code: &str, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({"error": {"code": code, "message": message}}))
}
