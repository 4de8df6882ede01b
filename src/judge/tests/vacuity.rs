//! No written check of the bundled suite is empty: among answers that targets could give, each finds some to pass and
//! some to fail.
//!
//! The answers are made up at random, from a fixed seed, out of few values each, so that they often agree.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::recording::*;
use crate::contract::{Operation, Service};
use crate::judge::judgement::Judgement;
use crate::judge::written::judge_scenario;
use crate::judge::{Evidence, ScenarioRecord, StepRecord, holds};
use crate::report::model::{AuthMode, FeatureState};
use crate::suite::{RequestTarget, Scenario, Shape, Source, Suite, TokenKind};
use crate::wire::{Ending, Exchange};

/// Tries for one scenario at most; it ends as soon as every check was seen both ways.
const TRIES: usize = 5_000;

/// The generator of Knuth's MMIX: all that is needed is a long sequence that is always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn one_of(&mut self, values: &[Value]) -> Value {
        values[self.below(values.len())].clone()
    }
}

/// An answer as an operation could give it, right or wrong.
fn roll(dice: &mut Dice, operation: Option<&Operation>) -> Exchange {
    let refused = || [400, 401, 404, 405, 409, 500];
    if operation.is_none_or(|operation| operation.id != "stream_run_events") && dice.below(4) == 0 {
        return roll_refusal(dice, &refused());
    }
    match operation.map(|operation| operation.id.as_str()) {
        None => roll_refusal(dice, &refused()),
        Some("stream_run_events") => roll_stream(dice),
        Some(_) => answer(200, roll_body(dice)),
    }
}

fn roll_refusal(dice: &mut Dice, statuses: &[u16]) -> Exchange {
    let exchange = envelope(statuses[dice.below(statuses.len())], "some_code");
    match dice.below(3) {
        0 => exchange.header("allow", "GET"),
        1 => exchange.with(|answer| answer.headers[0].1 = "text/plain".into()),
        _ => exchange.with(|answer| answer.body = "{}".into()),
    }
}

/// A body with the members of all answers: what is too much is no matter of written checks.
fn roll_body(dice: &mut Dice) -> Value {
    let (early, late) = ("2026-01-01T12:00:00Z", "2026-01-01T12:00:05Z");
    let trace = json!({"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7", "request_id": "arp-conformance-1"});
    let mut body = Map::new();
    for (name, values) in [
        ("run_id", vec![json!(FRESH), json!(RUN), json!("")]),
        ("state", ["queued", "running", "succeeded", "failed", "canceled"].map(Value::from).to_vec()),
        ("root_node_run_id", vec![json!("node-1"), json!("node-2"), json!("")]),
        ("started_at", vec![Value::Null, json!(early), json!(late)]),
        ("ended_at", vec![Value::Null, json!(early), json!(late)]),
        ("ok", vec![json!(true), json!(false)]),
        ("output", vec![Value::Null, json!({"x": 1})]),
        ("error", vec![Value::Null, json!({"code": "x", "message": "y"})]),
        ("time", vec![json!(early), json!(late), json!("2020-01-01T00:00:00Z")]),
        ("supported_api_versions", vec![json!(["v1"]), json!(["v2"])]),
        ("service_name", vec![json!("x"), json!("")]),
        ("service_version", vec![json!("1"), json!("")]),
        (
            "run_context",
            vec![Value::Null, json!({"tenant_id": "arp-conformance", "trace": trace}), json!({})],
        ),
    ] {
        let value = dice.one_of(&values);
        if !value.is_null() {
            body.insert(name.into(), value);
        }
    }
    Value::Object(body)
}

fn roll_stream(dice: &mut Dice) -> Exchange {
    match dice.below(4) {
        0 => roll_refusal(dice, &[404, 500]),
        1 => answer(200, json!([])).with(|answer| answer.headers[0].1 = "text/plain".into()),
        _ => {
            let (first, second) = (roll_event(dice), roll_event(dice));
            let media = ["text/event-stream", "application/x-ndjson"][dice.below(2)];
            let ending = [Ending::Complete, Ending::Left][dice.below(2)].clone();
            let exchange = match dice.below(4) {
                0 => stream(&[]),
                _ => stream(&[&first, &second]),
            };
            exchange.ending(ending).with(|answer| answer.headers[0].1 = media.into())
        }
    }
}

fn roll_event(dice: &mut Dice) -> String {
    let seq = dice.below(3);
    let time = ["2026-01-01T12:00:00Z", "2026-01-01T12:00:05Z"][dice.below(2)];
    let kind = ["run_started", "step", "final", "error", "run_completed"][dice.below(5)];
    json!({"run_id": RUN, "seq": seq, "type": kind, "time": time}).to_string()
}

/// The value of every `${fresh.…}`.
const FRESH: &str = "fresh-1";

struct Made {
    evidence: Evidence,
    next: u64,
}

impl Made {
    fn new(suite: &Suite) -> Self {
        let mut evidence = Evidence::default();
        evidence.facts.auth = AuthMode::Required;
        evidence.facts.tokens = vec![
            TokenKind::Valid,
            TokenKind::Jwt,
            TokenKind::Expired,
            TokenKind::WrongAudience,
            TokenKind::WrongIssuer,
        ];
        evidence.facts.coordinator = true;
        let features = suite.profile.features().map(|name| (name.to_owned(), FeatureState::Implemented));
        evidence.facts.features = features.collect();
        Made { evidence, next: 1 }
    }

    fn keep(&mut self, mut exchange: Exchange) -> u64 {
        exchange.id = self.next;
        self.next += 1;
        self.evidence.exchanges.push(exchange);
        self.next - 1
    }

    /// What a run of `scenario` could have seen.
    fn roll(&mut self, suite: &Suite, scenario: &Scenario, dice: &mut Dice) {
        for needed in scenario.depends_on() {
            let id = self.keep(answer(200, roll_body(dice)));
            let record = StepRecord { id: needed.step, exchanges: vec![id], ..StepRecord::default() };
            self.evidence.scenarios.entry(needed.scenario).or_default().steps.push(record);
        }
        let contract = contract(suite.profile.service);
        let fresh = ["run_id", "path"].map(|name| (name.to_owned(), FRESH.to_owned()));
        let mut record = ScenarioRecord { fresh: BTreeMap::from(fresh), ..ScenarioRecord::default() };
        for step in &scenario.steps {
            let operation = match &step.request.target {
                RequestTarget::Operation { id, .. } => contract.operation(id),
                RequestTarget::Path { .. } => None,
            };
            let mut done = StepRecord { id: step.id.clone(), ..StepRecord::default() };
            let times = if let Shape::Once { times } = step.shape { times } else { 1 };
            for _ in 0..times {
                // Targets repeat themselves more often than dice do.
                let repeats = !self.evidence.exchanges.is_empty() && dice.below(3) == 0;
                let earlier = repeats.then(|| {
                    let exchanges = &self.evidence.exchanges;
                    exchanges[dice.below(exchanges.len())].clone()
                });
                let exchange = earlier.unwrap_or_else(|| roll(dice, operation));
                done.exchanges.push(self.keep(exchange));
            }
            if let Shape::Poll { until, .. } = &step.shape {
                let last = self.evidence.exchanges.last().unwrap();
                done.reached = Some(last.succeeded() && last.json().is_some_and(|body| holds(until, &body)));
            }
            record.steps.push(done);
        }
        self.evidence.scenarios.insert(scenario.id.clone(), record);
    }
}

/// The scenario once for each of its checks, with all others taken out.
fn each_check_alone(scenario: &Scenario) -> Vec<Scenario> {
    let mut found = Vec::new();
    for (at, step) in scenario.steps.iter().enumerate() {
        for check in &step.checks {
            let mut alone = scenario.clone();
            alone.steps.iter_mut().for_each(|step| step.checks.clear());
            alone.steps[at].checks.push(check.clone());
            found.push(alone);
        }
    }
    found
}

#[test]
fn every_written_check_can_pass_and_can_fail() {
    for service in Service::ALL {
        let contract = contract(service);
        let suite = Suite::load(&Source::bundled(), contract).unwrap();
        let mut judged = Vec::new();
        for scenario in &suite.scenarios {
            // Rows of one scenario differ in their request, which judging does not see.
            let family = scenario.id.split('[').next().unwrap();
            if judged.contains(&family) {
                continue;
            }
            judged.push(family);
            let alone = each_check_alone(scenario);
            let mut seen = vec![(false, false); alone.len()];
            let mut dice = Dice(1);
            for _ in 0..TRIES {
                let mut made = Made::new(&suite);
                made.roll(&suite, scenario, &mut dice);
                for (scenario, seen) in alone.iter().zip(&mut seen).filter(|(_, seen)| **seen != (true, true))
                {
                    for check in judge_scenario(scenario, contract, &made.evidence, None) {
                        seen.0 |= check.judgement == Judgement::Pass;
                        seen.1 |= matches!(check.judgement, Judgement::Fail(_));
                    }
                }
                if seen.iter().all(|both| *both == (true, true)) {
                    break;
                }
            }
            for (scenario, (passed, failed)) in alone.iter().zip(seen) {
                let checks: Vec<_> = scenario.steps.iter().flat_map(|step| &step.checks).collect();
                assert!(passed, "{service} {} never passes: {checks:#?}", scenario.id);
                assert!(failed, "{service} {} never fails: {checks:#?}", scenario.id);
            }
        }
        assert!(judged.len() > 15, "{service}: {}", judged.len());
    }
}
