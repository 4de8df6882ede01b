//! One run from the first look to the report.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;

use super::bundled::{BundleError, Bundled};
use super::events::{Events, Observer};
use super::plan::{Plan, Scope};
use super::preflight::{self, Preflight};
use super::record::{records, redacted};
use super::session::{Session, Settings, Target, with_json};
use super::source::SourceError;
use super::{cleanup, execute};
use crate::contract::{Contract, Service};
use crate::judge::{Evidence, Facts, NotJudged, Scope as References, judge};
use crate::report::model::*;
use crate::report::{Event, Report, requirements, verdict};
use crate::suite::{Credentials, Shape, Suite};
use crate::wire::{Client, ClientError, Recorder};

/// How long runs that go on may take to be cancelled at the end.
const CLEANUP: Duration = Duration::from_secs(5);

/// The same where the user is waiting for the program to end.
const CLEANUP_INTERRUPTED: Duration = Duration::from_millis(500);

/// A suite, a target and how the one is run against the other.
pub struct Run {
    /// What is known of each service: the contract and the suite that goes with it.
    pub services: BTreeMap<Service, (Arc<Contract>, Arc<Suite>)>,
    pub target: Target,
    /// What the target is, where the user says so.
    pub service: Option<Service>,
    pub settings: Settings,
    pub scope: Scope,
}

/// Who speaks with the target, and with the coordinator behind it where one was named.
struct Clients {
    target: Client,
    coordinator: Option<Client>,
}

/// What a run leaves behind.
#[derive(Debug)]
pub struct Done {
    pub report: Report,
    pub interrupted: bool,
    /// The most requests that had to be sent one after the other.
    pub longest_chain: u64,
}

/// Why a run could not begin.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Token(#[from] SourceError),
}

impl Run {
    /// A run of everything that is bundled, with default settings, against a target that is found out to be one service or
    /// another. Runs may be created.
    pub fn bundled(target: Target) -> Result<Self, BundleError> {
        let services = Bundled::load()?.services().clone();
        Ok(Run { services, target, service: None, settings: Settings::default(), scope: Scope::default() })
    }

    /// Whether the scope leaves any check of any service to judge.
    pub fn wants_anything(&self) -> bool {
        self.services.values().any(|(contract, suite)| self.scope.wants_anything(suite, contract))
    }

    /// Runs the suite. When `interrupt` is ready, the run ends and what was seen until then is judged.
    pub async fn execute(self, interrupt: impl Future<Output = ()>) -> Result<Done, RunError> {
        self.execute_observed(interrupt, None).await
    }

    /// As [`Run::execute`], and tells the observer what happens, up to the last exchange. The last events are those of
    /// the report, [`Event::closing`]; they are the caller's, who has it.
    pub async fn execute_observed(
        mut self,
        interrupt: impl Future<Output = ()>,
        observer: Option<Observer>,
    ) -> Result<Done, RunError> {
        let begun = Instant::now();
        let started_at = Timestamp::now();
        let events = Events::new(observer);
        events.tell(|| Event::run_started(base_of(&self.target), &started_at.to_string()));
        tokio::pin!(interrupt);
        let deadline = tokio::time::sleep(self.settings.deadline);
        tokio::pin!(deadline);
        let mut interrupted = false;
        let recorder = Arc::new(Recorder::new(self.settings.limits.kept));
        let looked = tokio::select! {
            biased;
            () = &mut interrupt => {
                interrupted = true;
                None
            }
            () = &mut deadline => None,
            looked = self.look(&recorder) => Some(looked?),
        };
        let (clients, looked) = match looked {
            Some((clients, looked)) => (Some(clients), looked),
            None if interrupted => (
                None,
                stopped_early("the run was interrupted before the target could be looked at", "run it again"),
            ),
            None => {
                let next = "raise --deadline, or see why the target is so slow";
                (None, stopped_early("the run's deadline passed before the target could be looked at", next))
            }
        };
        let Preflight { service, mut facts, suspicion } = looked;
        events.tell_rest(&records(&recorder.exchanges(), &BTreeMap::new()));
        facts.auth = self.settings.auth.unwrap_or(facts.auth);
        let known = service.filter(|service| self.services.contains_key(service));
        if let (Some(service), None) = (service, known) {
            facts.not_judged.get_or_insert(no_contract(service));
        }
        let service = known;
        let (Some(service), Some(clients)) = (service, clients) else {
            let report = self.without_service(facts, &recorder, started_at, begun);
            let report = redacted(report, &self.target.redactor());
            events.tell_rest(&report.exchanges);
            return Ok(Done { report, interrupted, longest_chain: 2 });
        };
        // Only a service with a suite got here.
        let (contract, suite) = self.services[&service].clone();
        let variables = self.variables(&suite, &facts);
        let plan = Arc::new(Plan::new(&suite, &contract, self.scope.clone()));
        for feature in suite.profile.features() {
            let told = self.settings.features.get(feature).copied().unwrap_or(FeatureState::Unknown);
            facts.features.insert(feature.to_owned(), told);
        }
        let session = Arc::new(Session {
            done: plan.scenarios.iter().map(|id| (id.clone(), watch::channel(false).0)).collect(),
            suite: suite.clone(),
            contract: contract.clone(),
            target: self.target.clone(),
            settings: self.settings.clone(),
            client: clients.target,
            coordinator: clients.coordinator,
            facts: Mutex::new(facts),
            variables,
            records: Mutex::default(),
            events,
            retries: AtomicU64::new(0),
            stopped_by: OnceLock::new(),
        });
        session.events.tell(|| Event::TargetKnown {
            target: target_info(&self.target, service.name(), contract.release(), &session.facts()),
            scenarios: plan.scenarios.len() as u64,
        });
        let scenarios = async {
            if let Some(suspicion) = suspicion {
                confirm(&session, suspicion, self.scope.mutations && self.scope.tier >= Tier::Core).await;
            }
            let judged = session.facts().not_judged.clone();
            match judged {
                Some(not_judged) => Some(not_judged.explanation.what),
                None => {
                    execute::scenarios(session.clone(), plan.clone()).await;
                    session.stopped_by.get().map(|check| format!("--fail-fast: {check} had failed"))
                }
            }
        };
        let ended_early = tokio::select! {
            ended = scenarios => ended,
            () = &mut deadline => {
                let seconds = self.settings.deadline.as_secs_f64();
                Some(format!("the run's deadline of {seconds} s had passed; raise it with --deadline"))
            }
            () = &mut interrupt => {
                interrupted = true;
                Some("the run was interrupted".to_owned())
            }
        };
        cleanup::cancel_open_runs(&session, if interrupted { CLEANUP_INTERRUPTED } else { CLEANUP }).await;

        session.events.close();
        let evidence = Evidence {
            exchanges: recorder.exchanges(),
            scenarios: session.records().clone(),
            facts: session.facts().clone(),
            variables: session.variables.clone(),
            ended_early,
        };
        let longest_chain = longest_chain(&suite, &evidence);
        let (mut results, explanation) = judge(&suite, &contract, &evidence, plan.as_ref());
        let not_judged = evidence.facts.not_judged.is_some();
        if let Some(explanation) = explanation.as_ref().filter(|_| not_judged) {
            results.insert(0, CheckResult::preflight(explanation));
        }
        let nothing = !results.iter().any(|result| result.reason != Some(SkipReason::OutOfScope));
        let results = if nothing { Vec::new() } else { results };
        let rows = suite.catalogue.of(service).map(|row| (row.id.as_str(), row.level, row.says.as_str()));
        let report = Report {
            format: FORMAT.into(),
            tool: Tool::this(),
            target: target_info(&self.target, service.name(), contract.release(), &evidence.facts),
            verdict: verdict(&results, not_judged),
            explanation,
            started_at: started_at.to_string(),
            duration_ms: begun.elapsed().as_millis() as u64,
            requests: recorder.requests(),
            retries: session.retries.load(Ordering::Relaxed),
            runs_created: cleanup::created(&session, &evidence.exchanges).len() as u64,
            counts: Counts::of(&results),
            requirements: requirements(&results, rows),
            results,
            waivers: Vec::new(),
            exchanges: records(&evidence.exchanges, &evidence.scenarios),
        };
        let report = redacted(report, &session.client.redactor());
        session.events.tell_rest(&report.exchanges);
        Ok(Done { report, interrupted, longest_chain })
    }

    /// Fetches the token where one is to be fetched, makes the clients and looks at the target.
    async fn look(&mut self, recorder: &Arc<Recorder>) -> Result<(Clients, Preflight), RunError> {
        if let (Some(source), None) = (&self.target.tokens.source, &self.target.tokens.valid) {
            self.target.tokens.valid = Some(source.fetch(&self.settings.limits).await?);
        }
        let client = |url| {
            let limits = self.settings.limits.clone();
            Client::new(url, &self.target.authorities, limits, self.target.redactor(), recorder.clone())
        };
        let target = client(&self.target.url)?;
        let coordinator = self.target.coordinator.as_ref().map(client).transpose()?;
        let looked =
            preflight::look(&target, &self.target, self.service, self.scope.tier > Tier::Smoke).await;
        Ok((Clients { target, coordinator }, looked))
    }

    fn variables(&self, suite: &Suite, facts: &Facts) -> BTreeMap<String, Value> {
        let mut variables =
            suite.profile.variables_for(facts.service_name.as_deref(), &self.settings.variables);
        variables.insert("poll_timeout".into(), self.settings.poll_timeout.as_secs_f64().into());
        variables
    }

    /// The report where not even the service could be told.
    fn without_service(
        &self,
        facts: Facts,
        recorder: &Recorder,
        started_at: Timestamp,
        begun: Instant,
    ) -> Report {
        let explanation = facts.not_judged.as_ref().map(|not_judged| not_judged.explanation.clone());
        let target = target_info(&self.target, "unknown", "none", &facts);
        Report {
            duration_ms: begun.elapsed().as_millis() as u64,
            requests: recorder.requests(),
            exchanges: records(&recorder.exchanges(), &BTreeMap::new()),
            ..Report::not_judged(target, explanation, started_at.to_string())
        }
    }
}

/// A start of a run that succeeds refutes a suspicion; where none may be sent, the suspicion stands.
async fn confirm(session: &Session, suspicion: NotJudged, mutations: bool) {
    let body = session.suite.profile.bodies.get("minimal").map(|body| {
        let nothing = |_: &str| Err(String::new());
        let no_other = |_: &str, _: &str| Err(String::new());
        let fresh = BTreeMap::new();
        let references = References {
            variables: &session.variables,
            fresh: &fresh,
            answer: &nothing,
            other_answer: &no_other,
        };
        body.fill(&references)
    });
    let start = session.suite.profile.roles.get("start").and_then(|id| session.contract.operation(id));
    if let (true, Some(operation), Some(Ok(body))) = (mutations, start, body) {
        let outgoing =
            with_json(session.request(operation, operation.path.clone(), Credentials::Valid), &body);
        if session.client.send(outgoing).await.succeeded() {
            return;
        }
    }
    session.facts().not_judged = Some(suspicion);
}

/// What is known of a target that the first look did not get to the end of.
fn stopped_early(what: &str, next: &str) -> Preflight {
    let explanation = Explanation { what: what.to_owned(), next: next.to_owned() };
    let not_judged = Some(NotJudged { explanation, coordinator_missing: false });
    Preflight { service: None, facts: Facts { not_judged, ..Facts::default() }, suspicion: None }
}

/// A service that the chosen contract does not have.
fn no_contract(service: Service) -> NotJudged {
    let explanation = Explanation {
        what: format!("the target is a {}, and the chosen contract has none", service.title()),
        next: format!("leave out --spec and --spec-path, or choose {}", service.default_release()),
    };
    NotJudged { explanation, coordinator_missing: false }
}

fn base_of(target: &Target) -> &str {
    target.url.as_str().trim_end_matches('/')
}

fn target_info(target: &Target, service: &str, contract: &str, facts: &Facts) -> TargetInfo {
    TargetInfo {
        name: None,
        url: base_of(target).to_owned(),
        service: service.to_owned(),
        contract: contract.to_owned(),
        service_name: facts.service_name.clone(),
        service_version: facts.service_version.clone(),
        auth: facts.auth,
        features: facts.features.clone(),
    }
}

/// The most requests that one scenario and those it waits for sent one after the other, with the first look's two
/// rounds before them.
fn longest_chain(suite: &Suite, evidence: &Evidence) -> u64 {
    fn chain(suite: &Suite, evidence: &Evidence, id: &str) -> u64 {
        let Some(scenario) = suite.scenario(id) else { return 0 };
        let record = evidence.scenarios.get(id);
        let own: u64 = scenario
            .steps
            .iter()
            .map(|step| {
                let sent =
                    record.and_then(|record| record.step(&step.id)).map_or(0, |step| step.exchanges.len());
                match step.shape {
                    Shape::Once { .. } => sent.min(1) as u64,
                    _ => sent as u64,
                }
            })
            .sum();
        let probe = scenario.when.feature.as_ref().and_then(|feature| suite.probe(feature));
        let needed = scenario.depends_on().into_iter().chain(probe).map(|step| step.scenario);
        let before = needed.filter(|needed| needed != id).map(|needed| chain(suite, evidence, &needed));
        own + before.max().unwrap_or(0)
    }
    let chains = suite.scenarios.iter().map(|scenario| chain(suite, evidence, &scenario.id));
    2 + chains.max().unwrap_or(0)
}
