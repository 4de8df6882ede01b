//! What one run needs everywhere: the settings, the client, and what is known so far.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::Value;
use tokio::sync::watch;
use url::Url;

use super::credentials::Tokens;
use super::events::Events;
use crate::contract::{Contract, Operation};
use crate::judge::{Facts, ScenarioRecord, StepRecord};
use crate::report::model::{AuthMode, FeatureState, Level};
use crate::suite::{Credentials, Suite};
use crate::wire::{Authorities, Client, Limits, Outgoing, Redactor, StreamFormat};

/// Where the service under test stands, and how to speak with it.
#[derive(Debug, Clone)]
pub struct Target {
    /// The base URL; its path is a prefix of every request's.
    pub url: Url,
    pub tokens: Tokens,
    /// The Run Coordinator behind a gateway, for the forwarding checks. The token is not sent there.
    pub coordinator: Option<Url>,
    /// Header fields that every request carries.
    pub headers: Vec<(String, String)>,
    /// Certificate authorities to trust beside those of this machine.
    pub authorities: Authorities,
}

/// How a run is made.
#[derive(Debug, Clone)]
pub struct Settings {
    pub limits: Limits,
    /// How long a poll waits for a run to get where it has to.
    pub poll_timeout: Duration,
    /// How long the whole run may take.
    pub deadline: Duration,
    /// Scenarios that run at the same time.
    pub jobs: usize,
    /// How often a request to which no answer came is sent again, where that can do no harm.
    pub retries: u32,
    /// No scenario begins any more once a check of at least this level was violated.
    pub fail_fast: Option<Level>,
    /// Failures that end no run that is to fail fast.
    pub known_failures: KnownFailures,
    /// Variables that the user set.
    pub variables: BTreeMap<String, Value>,
    /// How the target treats credentials, where the user knows.
    pub auth: Option<AuthMode>,
    /// Optional features that the user knows.
    pub features: BTreeMap<String, FeatureState>,
}

/// Tells by a check's id and its requirement whether its failure is known and let pass.
#[derive(Clone, Default)]
pub struct KnownFailures(Option<Arc<LetsPass>>);

type LetsPass = dyn Fn(&str, &str) -> bool + Send + Sync;

impl KnownFailures {
    pub fn new(lets_pass: impl Fn(&str, &str) -> bool + Send + Sync + 'static) -> Self {
        KnownFailures(Some(Arc::new(lets_pass)))
    }

    pub(super) fn hold(&self, check: &str, requirement: &str) -> bool {
        self.0.as_ref().is_some_and(|lets_pass| lets_pass(check, requirement))
    }
}

impl std::fmt::Debug for KnownFailures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "some" } else { "none" })
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            limits: Limits::default(),
            poll_timeout: Duration::from_secs(30),
            deadline: Duration::from_secs(120),
            jobs: 8,
            retries: 0,
            fail_fast: None,
            known_failures: KnownFailures::default(),
            variables: BTreeMap::new(),
            auth: None,
            features: BTreeMap::new(),
        }
    }
}

impl Target {
    /// The target at a URL, of which nothing more is known.
    pub fn new(url: Url) -> Self {
        Target {
            url,
            tokens: Tokens::default(),
            coordinator: None,
            headers: Vec::new(),
            authorities: Authorities::default(),
        }
    }

    /// A request outside the contract.
    pub(super) fn other_request(
        &self,
        method: http::Method,
        path: String,
        credentials: Credentials,
    ) -> Outgoing {
        let mut outgoing = outgoing(method, path, "application/json", self);
        let value = self.tokens.authorization(credentials);
        outgoing.headers.extend(value.map(|value| ("authorization".to_owned(), value)));
        outgoing
    }

    /// What must never be kept of the exchanges with this target.
    pub(super) fn redactor(&self) -> Redactor {
        let mut redactor = Redactor::default();
        for token in self.tokens.secrets() {
            redactor.add_secret(&token);
        }
        for (name, value) in &self.headers {
            redactor.add_header(name, value);
        }
        redactor
    }
}

/// Everything that the steps of a run share.
pub(super) struct Session {
    pub suite: Arc<Suite>,
    pub contract: Arc<Contract>,
    pub target: Target,
    pub settings: Settings,
    pub client: Client,
    /// Speaks with the coordinator, where one was named.
    pub coordinator: Option<Client>,
    pub facts: Mutex<Facts>,
    pub variables: BTreeMap<String, Value>,
    /// Tells when a scenario is done.
    pub done: BTreeMap<String, watch::Sender<bool>>,
    /// What scenarios saw so far, steps that are under way left out.
    pub records: Mutex<BTreeMap<String, ScenarioRecord>>,
    /// Who is told what happens.
    pub events: Events,
    /// Requests that were sent again because no answer came.
    pub retries: AtomicU64,
    /// The check whose violation lets no further scenario begin.
    pub stopped_by: OnceLock<String>,
}

impl Session {
    pub fn facts(&self) -> std::sync::MutexGuard<'_, Facts> {
        // Facts are replaced member by member, so a panic elsewhere leaves them whole.
        self.facts.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub fn records(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, ScenarioRecord>> {
        self.records.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The record of a step of a scenario, if it was run.
    pub fn step(&self, scenario: &str, step: &str) -> Option<StepRecord> {
        self.records().get(scenario).and_then(|record| record.step(step)).cloned()
    }

    /// A request of an operation. `path` is filled in and starts with a slash.
    pub fn request(&self, operation: &Operation, path: String, credentials: Credentials) -> Outgoing {
        let accepted =
            operation.successes().flat_map(|response| &response.media).map(|media| media.name.as_str());
        let mut accepted: Vec<&str> = accepted.collect();
        if !accepted.contains(&"application/json") {
            // Errors are JSON also where the success is a stream.
            accepted.push("application/json");
        }
        let mut outgoing = outgoing(operation.method.clone(), path, &accepted.join(", "), &self.target);
        outgoing.operation = Some(operation.id.clone());
        if operation.secured {
            let value = self.target.tokens.authorization(credentials);
            outgoing.headers.extend(value.map(|value| ("authorization".to_owned(), value)));
        }
        outgoing
    }

    /// A request outside the contract. It carries the token like any other: a target may ask for it first.
    pub fn other_request(&self, method: http::Method, path: String, credentials: Credentials) -> Outgoing {
        self.target.other_request(method, path, credentials)
    }
}

fn outgoing(method: http::Method, path: String, accept: &str, target: &Target) -> Outgoing {
    let mut headers = vec![
        ("user-agent".to_owned(), concat!("arp-conformance/", env!("CARGO_PKG_VERSION")).to_owned()),
        ("accept".to_owned(), accept.to_owned()),
        ("accept-encoding".to_owned(), "identity".to_owned()),
    ];
    for (name, value) in &target.headers {
        set_header(&mut headers, name, value);
    }
    Outgoing { operation: None, parameters: BTreeMap::new(), method, path, headers, body: None }
}

/// Sets a header field in place of those of the same name.
pub(super) fn set_header(headers: &mut Vec<(String, String)>, name: &str, value: &str) {
    let name = name.to_ascii_lowercase();
    headers.retain(|(found, _)| *found != name);
    headers.push((name, value.to_owned()));
}

/// Gives a request a JSON body.
pub(super) fn with_json(mut outgoing: Outgoing, body: &Value) -> Outgoing {
    set_header(&mut outgoing.headers, "content-type", "application/json");
    outgoing.body = Some(Bytes::from(body.to_string()));
    outgoing
}

/// The format in which an operation streams its success, if it does.
pub(super) fn stream_format(operation: &Operation) -> Option<StreamFormat> {
    let mut media = operation.successes().flat_map(|response| &response.media);
    media.find_map(|media| StreamFormat::of(&media.name))
}

/// A text that nobody has used: `arp-conformance-` and twelve hexadecimal digits. It marks what the suite makes.
pub(super) fn fresh() -> String {
    let mut octets = [0u8; 6];
    if SystemRandom::new().fill(&mut octets).is_err() {
        // Without the system's random numbers the clock has to tell runs apart.
        let now = jiff::Timestamp::now().as_nanosecond().to_be_bytes();
        octets.copy_from_slice(&now[10..]);
    }
    let digits: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    format!("arp-conformance-{digits}")
}
