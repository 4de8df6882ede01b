//! Recorded exchanges to test with, and what judging them says.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::contract::{Contract, Service};
use crate::judge::{Evidence, NotRun, Selection, StepRecord, judge};
use crate::report::model::{CheckResult, Explanation, FeatureState, SkipReason, Tier};
use crate::suite::{Requirement, Source, Suite};
use crate::wire::{Answer, Ending, Event, EventStream, Exchange, Failure, JsonProblem, Sent, read_json};

/// The run that every recorded request asks for.
pub const RUN: &str = "run-1";

/// When every recorded answer came.
pub const NOW: &str = "2026-01-01T12:00:00Z";

pub fn exchange(result: Result<Answer, Failure>) -> Exchange {
    Exchange {
        id: 0,
        operation: None,
        parameters: BTreeMap::from([("run_id".to_owned(), RUN.to_owned())]),
        sent: Sent {
            method: "GET".into(),
            url: format!("http://127.0.0.1:1/v1/runs/{RUN}"),
            headers: vec![],
            body: None,
            authorized: false,
        },
        result,
        started: Duration::ZERO,
        duration: Duration::from_millis(2),
    }
}

/// An answer as it came, with its media type.
pub fn raw(status: u16, media: &str, body: impl Into<Vec<u8>>) -> Exchange {
    exchange(Ok(Answer {
        status,
        headers: vec![("content-type".into(), media.into())],
        body: body.into().into(),
        deviations: Vec::new(),
        ending: Ending::Complete,
        events: None,
        received_at: NOW.parse::<Timestamp>().unwrap(),
        echoes_secret: false,
    }))
}

/// A JSON answer.
pub fn answer(status: u16, body: Value) -> Exchange {
    raw(status, "application/json", body.to_string())
}

/// An error as the standard wants it.
pub fn envelope(status: u16, code: &str) -> Exchange {
    answer(status, json!({"error": {"code": code, "message": "in words"}}))
}

/// A stream of server-sent events with these payloads, left before its end.
pub fn stream(payloads: &[&str]) -> Exchange {
    let event = |(at, text): (usize, &&str)| Event {
        arrived: Duration::from_millis(at as u64),
        text: (*text).to_owned(),
        value: read_json(text.as_bytes()).map(|json| json.value),
        repeated: read_json(text.as_bytes()).map(|json| json.repeated).unwrap_or_default(),
    };
    let events = payloads.iter().enumerate().map(event).collect();
    raw(200, "text/event-stream", "").with(|answer| {
        answer.events = Some(EventStream { events, ..EventStream::default() }.into());
        answer.ending = Ending::Left;
    })
}

/// A valid event of the run, as text.
pub fn event(seq: u64) -> String {
    json!({"run_id": RUN, "seq": seq, "type": "step", "time": NOW}).to_string()
}

pub fn failed(failure: Failure) -> Exchange {
    exchange(Err(failure))
}

impl Exchange {
    /// The same exchange with its answer changed.
    pub fn with(mut self, change: impl FnOnce(&mut Answer)) -> Self {
        change(self.result.as_mut().expect("an answer to change"));
        self
    }

    pub fn header(self, name: &str, value: &str) -> Self {
        self.with(|answer| answer.headers.push((name.into(), value.into())))
    }

    pub fn ending(self, ending: Ending) -> Self {
        self.with(|answer| answer.ending = ending)
    }

    /// A stream whose events cannot all be read.
    pub fn event_problem(self, at: usize, problem: JsonProblem) -> Self {
        self.with(|answer| {
            Arc::make_mut(answer.events.as_mut().expect("events")).events[at].value = Err(problem)
        })
    }
}

/// A suite, its contract, and what a run of it saw.
pub struct Recording {
    pub suite: Suite,
    pub contract: &'static Contract,
    pub evidence: Evidence,
    /// The level and the reason of what is left out, for selections.
    pub left_out: Option<(&'static str, &'static str)>,
}

pub fn contract(service: Service) -> &'static Contract {
    static CONTRACTS: OnceLock<Vec<Contract>> = OnceLock::new();
    let all = CONTRACTS.get_or_init(|| {
        Service::ALL.into_iter().map(|service| Contract::bundled(service).unwrap()).collect()
    });
    all.iter().find(|contract| contract.service() == service).unwrap()
}

const PROFILES: [&str; 2] = [
    include_str!("../../../cases/runtime/service.yaml"),
    include_str!("../../../cases/run-gateway/service.yaml"),
];

/// A short catalogue: one requirement of each level that nothing but written checks decide.
const CATALOGUE: &str = "requirements:
  - {id: T-1, level: must, services: [all], says: The first. And more, source: [page]}
  - {id: T-2, level: should, services: [all], says: The second., source: [page]}
  - {id: T-3, level: may, services: [all], says: The third., source: [page]}
";

impl Recording {
    /// A recording of one case file and a catalogue of T-1 (must), T-2 (should) and T-3 (may).
    pub fn of(service: Service, cases: &str) -> Self {
        Recording::with_catalogue(service, CATALOGUE, cases)
    }

    /// A recording of one case file and the bundled catalogue.
    pub fn with_invariants(service: Service, cases: &str) -> Self {
        Recording::with_catalogue(service, include_str!("../../../cases/requirements.yaml"), cases)
    }

    fn with_catalogue(service: Service, catalogue: &str, cases: &str) -> Self {
        let contract = contract(service);
        let source = Source::default()
            .with_file("requirements.yaml", catalogue)
            .with_file("runtime.yaml", PROFILES[0])
            .with_file("run-gateway.yaml", PROFILES[1])
            .with_file("t.yaml", cases);
        let suite = Suite::load(&source, contract).unwrap_or_else(|error| panic!("{error}\n{cases}"));
        Recording { suite, contract, evidence: Evidence::default(), left_out: None }
    }

    /// Notes what a step saw; `place` is `scenario:step` within the suite `t`.
    pub fn saw(mut self, place: &str, exchanges: impl IntoIterator<Item = Exchange>) -> Self {
        let (scenario, step) = place.split_once(':').unwrap();
        let scenario = format!("t/{scenario}");
        let operation = self.suite.scenario(&scenario).and_then(|scenario| scenario.step(step));
        let operation = operation.unwrap_or_else(|| panic!("{place}")).request.operation().map(str::to_owned);
        let mut ids = Vec::new();
        for mut exchange in exchanges {
            exchange.id = self.evidence.exchanges.len() as u64 + 1;
            exchange.operation = operation.clone();
            ids.push(exchange.id);
            self.evidence.exchanges.push(exchange);
        }
        let record = StepRecord { id: step.into(), exchanges: ids, ..StepRecord::default() };
        self.evidence.scenarios.entry(scenario).or_default().steps.push(record);
        self
    }

    /// Changes the record of the step that was noted last in the scenario `t`.
    pub fn last_step(mut self, change: impl FnOnce(&mut StepRecord)) -> Self {
        change(self.evidence.scenarios.get_mut("t/t").unwrap().steps.last_mut().unwrap());
        self
    }

    /// Whether the poll that was noted last got where it had to.
    pub fn reached(self, reached: bool) -> Self {
        self.last_step(|step| step.reached = Some(reached))
    }

    pub fn not_run(mut self, reason: SkipReason, message: &str) -> Self {
        let record = self.evidence.scenarios.entry("t/t".into()).or_default();
        record.not_run = Some(NotRun { reason, message: message.into() });
        self
    }

    pub fn feature(mut self, name: &str, state: FeatureState) -> Self {
        self.evidence.facts.features.insert(name.into(), state);
        self
    }

    /// Changes what a run saw in any other way.
    pub fn but(mut self, change: impl FnOnce(&mut Evidence)) -> Self {
        change(&mut self.evidence);
        self
    }

    pub fn judge(&self) -> (Vec<CheckResult>, Option<Explanation>) {
        judge(&self.suite, self.contract, &self.evidence, self)
    }

    /// What the check with this id came to; `T-1` stands for the written check of the scenario `t`.
    pub fn result(&self, id: &str) -> Option<CheckResult> {
        let id = match id.starts_with("T-") {
            true => format!("{}/t/t#{id}", self.contract.service()),
            false => id.to_owned(),
        };
        self.judge().0.into_iter().find(|result| result.id == id)
    }

    /// The same in one line: `pass`, `fail /state: expected "a", found "b"`, `skip blocked: why`; `none` where there is
    /// no such check.
    pub fn says(&self, id: &str) -> String {
        let Some(result) = self.result(id) else { return "none".into() };
        let reason = result.reason.map(|reason| format!(" {}", reason.name())).unwrap_or_default();
        let line = format!("{}{reason}: {}", result.outcome.name(), result.message);
        line.trim_end_matches(": ").to_owned()
    }
}

impl Selection for Recording {
    fn left_out(&self, _: &str, _: Option<&str>, requirement: &Requirement, _: Tier) -> Option<String> {
        self.left_out.filter(|(id, _)| *id == requirement.id).map(|(_, why)| why.to_owned())
    }
}
