//! What a run hands over to be judged.

use std::collections::BTreeMap;

use serde_json::Value;

use super::refusal::Refusal;
use crate::report::model::{AuthMode, Explanation, FeatureState, SkipReason};
use crate::suite::{Condition, Lookup, Reference, TokenKind};
use crate::wire::Exchange;

/// Everything that a run saw.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// By id, the first being 1.
    pub exchanges: Vec<Exchange>,
    /// By scenario id; a scenario that did not begin is missing.
    pub scenarios: BTreeMap<String, ScenarioRecord>,
    pub facts: Facts,
    /// The values of the cases' variables.
    pub variables: BTreeMap<String, Value>,
    /// Why scenarios are missing, where the run ended early.
    pub ended_early: Option<String>,
}

/// What the probes told of the target.
#[derive(Debug, Clone)]
pub struct Facts {
    pub service_name: Option<String>,
    pub service_version: Option<String>,
    pub auth: AuthMode,
    /// The tokens that the harness holds.
    pub tokens: Vec<TokenKind>,
    /// The harness knows the Run Coordinator behind the gateway.
    pub coordinator: bool,
    pub features: BTreeMap<String, FeatureState>,
    /// How the target answers a path that nobody has.
    pub unknown_path: Option<Refusal>,
    /// Why nothing could be judged.
    pub not_judged: Option<NotJudged>,
}

/// A target that cannot be judged, and what the user can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotJudged {
    pub explanation: Explanation,
    /// The gateway says that it lacks its coordinator (FORWARD-2).
    pub coordinator_missing: bool,
}

impl Default for Facts {
    fn default() -> Self {
        Facts {
            service_name: None,
            service_version: None,
            auth: AuthMode::Unknown,
            tokens: Vec::new(),
            coordinator: false,
            features: BTreeMap::new(),
            unknown_path: None,
            not_judged: None,
        }
    }
}

impl Facts {
    /// Why a condition does not hold, optional features aside.
    pub fn unfulfilled(&self, when: &Condition) -> Option<String> {
        if !when.auth.is_empty() && !when.auth.contains(&self.auth) {
            return Some(format!("authentication is {}", self.auth.name()));
        }
        if let Some(lacking) = when.tokens.iter().find(|kind| !self.tokens.contains(kind)) {
            return Some(lacking.lacking().to_owned());
        }
        (when.coordinator && !self.coordinator)
            .then(|| "the Run Coordinator is not known; name it with --coordinator".to_owned())
    }
}

/// What became of one scenario.
#[derive(Debug, Clone, Default)]
pub struct ScenarioRecord {
    pub steps: Vec<StepRecord>,
    /// The values of `${fresh.…}`.
    pub fresh: BTreeMap<String, String>,
    /// Set where the scenario was left out as a whole.
    pub not_run: Option<NotRun>,
}

/// Why a scenario or step was not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotRun {
    pub reason: SkipReason,
    pub message: String,
}

/// What became of one step.
#[derive(Debug, Clone, Default)]
pub struct StepRecord {
    pub id: String,
    /// Ids of its exchanges, in order.
    pub exchanges: Vec<u64>,
    /// For a poll: whether its condition was fulfilled in time.
    pub reached: Option<bool>,
    /// For a step that could not be sent: what it lacks.
    pub blocked: Option<String>,
}

impl ScenarioRecord {
    pub fn step(&self, id: &str) -> Option<&StepRecord> {
        self.steps.iter().find(|step| step.id == id)
    }
}

impl Evidence {
    pub fn exchange(&self, id: u64) -> Option<&Exchange> {
        self.exchanges.binary_search_by_key(&id, |exchange| exchange.id).ok().map(|at| &self.exchanges[at])
    }

    /// The exchanges of a step.
    pub fn of_step<'e>(&'e self, step: &'e StepRecord) -> impl Iterator<Item = &'e Exchange> {
        step.exchanges.iter().filter_map(|id| self.exchange(*id))
    }

    /// The step that a scenario's exchange belongs to, as `suite/scenario:step`.
    pub fn steps_by_exchange(&self) -> BTreeMap<u64, (&str, &str)> {
        let mut found = BTreeMap::new();
        for (scenario, record) in &self.scenarios {
            for step in &record.steps {
                found.extend(step.exchanges.iter().map(|id| (*id, (scenario.as_str(), step.id.as_str()))));
            }
        }
        found
    }
}

/// Fills in references from what a run saw so far.
pub struct Scope<'s> {
    pub variables: &'s BTreeMap<String, Value>,
    pub fresh: &'s BTreeMap<String, String>,
    /// The answers of the scenario's own steps: the last exchange of each.
    pub answer: &'s dyn Fn(&str) -> Result<Exchange, String>,
    /// The same for a step of another scenario.
    pub other_answer: &'s dyn Fn(&str, &str) -> Result<Exchange, String>,
}

impl Lookup for Scope<'_> {
    fn lookup(&self, reference: &Reference) -> Result<Value, String> {
        match reference {
            Reference::Variable(name) => {
                self.variables.get(name).cloned().ok_or_else(|| format!("no variable {name:?}"))
            }
            Reference::Fresh(name) => {
                let value = self.fresh.get(name).cloned();
                value.map(Value::String).ok_or_else(|| format!("no fresh value {name:?}"))
            }
            Reference::Answer { step, pointer } => at_answer(&(self.answer)(step)?, step, pointer),
            Reference::OtherAnswer { step, pointer } => {
                let exchange = (self.other_answer)(&step.scenario, &step.step)?;
                at_answer(&exchange, &format!("{}:{}", step.scenario, step.step), pointer)
            }
        }
    }
}

fn at_answer(exchange: &Exchange, step: &str, pointer: &str) -> Result<Value, String> {
    let answer = exchange.result.as_ref().map_err(|failure| format!("step {step}: {failure}"))?;
    if !exchange.succeeded() {
        return Err(format!("step {step} answered {}", answer.status));
    }
    let value = exchange.json().and_then(|body| body.pointer(pointer).cloned());
    value.ok_or_else(|| format!("step {step} answered {} without a value at {pointer}", answer.status))
}
