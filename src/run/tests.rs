//! Planning, and running steps and scenarios against a server that says exactly what a test wants.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use url::Url;

use super::credentials::Tokens;
use super::events::Events;
use super::session::{Session, Settings, Target};
use crate::contract::{Contract, Service};
use crate::judge::Facts;
use crate::suite::{Source, Suite};
use crate::wire::stub::{Piece, json_answer};
use crate::wire::{Authorities, Client, Limits, Recorder};

mod cleaning;
mod events;
mod planning;
mod scenarios;
mod steps;

/// The runtime's contract, shared by all tests.
fn contract() -> Arc<Contract> {
    static CONTRACT: OnceLock<Arc<Contract>> = OnceLock::new();
    CONTRACT.get_or_init(|| Arc::new(Contract::bundled(Service::Runtime).unwrap())).clone()
}

const CATALOGUE: &str = "requirements: [{id: T-1, level: must, services: [all], says: x, source: [page]}]\n";

/// A suite of these scenarios, written as entries of the list.
fn suite(scenarios: &str) -> Arc<Suite> {
    let cases = format!("suite: t\nservices: [all]\nscenarios:\n{scenarios}");
    let source = Source::default()
        .with_file("requirements.yaml", CATALOGUE)
        .with_file("runtime.yaml", include_str!("../../cases/runtime/service.yaml"))
        .with_file("t.yaml", &cases);
    Arc::new(Suite::load(&source, &contract()).unwrap_or_else(|error| panic!("{error}\n{cases}")))
}

/// A scenario `t` with these steps, each written in YAML's flow style.
fn steps(steps: &[&str]) -> Arc<Suite> {
    let mut scenario = "  - id: t\n    title: T\n    tier: core\n    effects: reads\n    steps:\n".to_owned();
    for step in steps {
        scenario += &format!("      - {{{step}, checks: [{{requirement: T-1, status: 200}}]}}\n");
    }
    suite(&scenario)
}

fn session(url: &Url, suite: Arc<Suite>, token: Option<&str>) -> Arc<Session> {
    let target = Target {
        url: url.clone(),
        tokens: Tokens { valid: token.map(str::to_owned), ..Tokens::default() },
        coordinator: None,
        headers: vec![("X-Team".into(), "blue".into())],
        authorities: Authorities::default(),
    };
    let limits = Limits { answer: Duration::from_secs(5), ..Limits::default() };
    let client =
        Client::new(url, &target.authorities, limits, target.redactor(), Arc::new(Recorder::default()))
            .unwrap();
    let mut variables = suite.profile.variables_for(None, &BTreeMap::new());
    variables.insert("poll_timeout".into(), json!(0.3));
    Arc::new(Session {
        done: suite.scenarios.iter().map(|one| (one.id.clone(), watch::channel(false).0)).collect(),
        suite,
        contract: contract(),
        target,
        settings: Settings::default(),
        client,
        coordinator: None,
        facts: Mutex::new(Facts::default()),
        variables,
        records: Mutex::default(),
        events: Events::default(),
        retries: AtomicU64::new(0),
        stopped_by: OnceLock::new(),
    })
}

fn said(body: Value) -> Vec<Piece> {
    vec![Piece::Octets(json_answer(200, &body))]
}

fn refused(status: u16, code: &str) -> Vec<Piece> {
    vec![Piece::Octets(json_answer(status, &json!({"error": {"code": code, "message": "in words"}})))]
}

/// A run in this state.
fn run(id: &str, state: &str) -> Vec<Piece> {
    said(json!({"run_id": id, "state": state}))
}

/// The method and path of a request.
fn first_line(request: &str) -> &str {
    request.lines().next().unwrap().trim_end_matches(" HTTP/1.1")
}
