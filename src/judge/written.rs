//! Judges the checks that stand in a scenario, each requirement and name of it as one check.

use super::assertion::{Subject, evaluate};
use super::evidence::{Evidence, ScenarioRecord, Scope};
use super::judgement::{Judgement, answered};
use crate::contract::Contract;
use crate::report::model::{FeatureState, Finding, SkipReason};
use crate::suite::{Assertion, Check, Condition, Given, Scenario, Step, StepRef};
use crate::wire::Exchange;

/// One check of a scenario with what all of its assertions came to.
pub(super) struct WrittenCheck<'s> {
    pub requirement: &'s str,
    pub name: Option<&'s str>,
    pub judgement: Judgement,
    pub exchanges: Vec<u64>,
    pub operation: Option<&'s str>,
    pub hint: Option<&'s str>,
}

/// Judges all checks of a scenario. `refused` says why the run that it needs could not be started, where that is so.
pub(super) fn judge_scenario<'s>(
    scenario: &'s Scenario,
    contract: &Contract,
    evidence: &Evidence,
    refused: Option<&str>,
) -> Vec<WrittenCheck<'s>> {
    let mut found: Vec<WrittenCheck<'s>> = Vec::new();
    for (step, check) in
        scenario.steps.iter().flat_map(|step| step.checks.iter().map(move |check| (step, check)))
    {
        let judgement = judge_check(scenario, step, check, contract, evidence, refused);
        let exchanges = exchanges_of(scenario, step, evidence);
        let (requirement, name) = (check.requirement.as_str(), check.name.as_deref());
        match found.iter_mut().find(|known| known.requirement == requirement && known.name == name) {
            Some(known) => {
                known.judgement = std::mem::replace(&mut known.judgement, Judgement::Pass).and(judgement);
                known.exchanges.extend(exchanges);
                known.hint = known.hint.or(check.hint.as_deref());
            }
            None => found.push(WrittenCheck {
                requirement,
                name,
                judgement,
                exchanges,
                operation: step.request.operation(),
                hint: check.hint.as_deref(),
            }),
        }
    }
    found
}

fn exchanges_of(scenario: &Scenario, step: &Step, evidence: &Evidence) -> Vec<u64> {
    let record = evidence.scenarios.get(&scenario.id).and_then(|record| record.step(&step.id));
    record.map(|step| step.exchanges.clone()).unwrap_or_default()
}

fn judge_check(
    scenario: &Scenario,
    step: &Step,
    check: &Check,
    contract: &Contract,
    evidence: &Evidence,
    refused: Option<&str>,
) -> Judgement {
    if let (Some(_), Some(why)) = (&evidence.facts.not_judged, &evidence.ended_early) {
        return Judgement::blocked(why.as_str());
    }
    if let Some(why) = does_not_apply(&scenario.when, evidence) {
        return why;
    }
    let Some(record) = evidence.scenarios.get(&scenario.id) else {
        let why = evidence.ended_early.as_deref().unwrap_or("the scenario did not run");
        return Judgement::blocked(why);
    };
    if let Some(not_run) = &record.not_run {
        return Judgement::Skip(not_run.reason, not_run.message.clone());
    }
    if let Some(words) = refused {
        return Judgement::blocked(format!("the gateway refuses every valid start: {words}"));
    }
    if let Some(control) = &scenario.control
        && let Some(why) = control_failed(&control.scenario, &control.step, evidence)
    {
        return Judgement::not_measured(format!(
            "the same request without the mistake was not accepted: {why}"
        ));
    }
    let view = View { scenario, record, contract, evidence };
    for premise in &check.applies {
        match view.premise(premise) {
            Judgement::Pass => {}
            Judgement::Fail(findings) => {
                let why = premise_failed(check, &premise.step, findings.first());
                return Judgement::Skip(SkipReason::NotApplicable, why);
            }
            other => return other,
        }
    }
    for given in &check.given {
        match view.premise(given) {
            Judgement::Pass => {}
            Judgement::Fail(findings) => {
                return Judgement::not_measured(premise_failed(check, &given.step, findings.first()));
            }
            other => return other,
        }
    }
    if !check.unless.is_empty() && check.unless.iter().all(|given| view.premise(given) == Judgement::Pass) {
        return Judgement::not_measured(otherwise(check, "the run ended before it could be measured"));
    }
    let mut judgement = view.judge(&check.assertion, step);
    if let Judgement::Skip(SkipReason::Blocked, why) = &mut judgement
        && !why.contains("step ")
    {
        *why = format!("step {}: {why}", step.id);
    }
    if let Judgement::Fail(findings) = &mut judgement {
        findings.iter_mut().for_each(|finding| finding.step = step.id.clone());
    }
    judgement
}

fn premise_failed(check: &Check, step: &str, finding: Option<&Finding>) -> String {
    let premise = finding.map_or_else(
        || format!("step {step} was not as it has to be"),
        |finding| {
            let place = if finding.at.is_empty() { "the answer" } else { finding.at.as_str() };
            format!("step {step}: {place} was {}, not {}", finding.actual, finding.expected)
        },
    );
    otherwise(check, &premise)
}

fn otherwise(check: &Check, premise: &str) -> String {
    match &check.otherwise {
        Some(text) => format!("{premise}; {text}"),
        None => premise.to_owned(),
    }
}

/// Whether a scenario's condition keeps it from being judged.
fn does_not_apply(when: &Condition, evidence: &Evidence) -> Option<Judgement> {
    let facts = &evidence.facts;
    let not_applicable = |why: String| Some(Judgement::Skip(SkipReason::NotApplicable, why));
    if let Some(feature) = &when.feature {
        match facts.features.get(feature) {
            Some(FeatureState::Implemented) => {}
            Some(FeatureState::Absent) => {
                return not_applicable(format!("the target does not implement {feature}"));
            }
            _ => {
                let why = format!("whether the target implements {feature} could not be told");
                return Some(Judgement::not_measured(format!(
                    "{why}; say so with --feature {feature}=implemented"
                )));
            }
        }
    }
    facts.unfulfilled(when).and_then(not_applicable)
}

/// Why the control of a negative check was not accepted; none where it was.
fn control_failed(scenario: &str, step: &str, evidence: &Evidence) -> Option<String> {
    let record = evidence.scenarios.get(scenario).and_then(|record| record.step(step));
    let Some(record) = record else { return Some(format!("{scenario}:{step} did not run")) };
    if let Some(missing) = &record.blocked {
        return Some(missing.clone());
    }
    match evidence.of_step(record).last() {
        Some(exchange) if exchange.succeeded() => None,
        Some(exchange) => Some(answered(exchange)),
        None => Some(format!("{scenario}:{step} did not run")),
    }
}

/// One scenario with what it saw.
struct View<'v> {
    scenario: &'v Scenario,
    record: &'v ScenarioRecord,
    contract: &'v Contract,
    evidence: &'v Evidence,
}

impl View<'_> {
    fn premise(&self, given: &Given) -> Judgement {
        match self.scenario.step(&given.step) {
            Some(step) => self.judge(&given.assertion, step),
            None => Judgement::blocked(format!("no step {}", given.step)),
        }
    }

    fn judge(&self, assertion: &Assertion, step: &Step) -> Judgement {
        let Some(record) = self.record.step(&step.id) else {
            let why = self.evidence.ended_early.as_deref().unwrap_or("the step did not run");
            return Judgement::blocked(why);
        };
        let other = |id: &str| -> Vec<&Exchange> {
            let record = match StepRef::read(id) {
                Some(other) => {
                    let scenario = self.evidence.scenarios.get(&other.scenario);
                    scenario.and_then(|record| record.step(&other.step))
                }
                None => self.record.step(id),
            };
            record.map(|step| self.evidence.of_step(step).collect()).unwrap_or_default()
        };
        let answer = |id: &str| -> Result<Exchange, String> {
            let record = self.record.step(id).ok_or_else(|| format!("step {id} did not run"))?;
            if let Some(missing) = &record.blocked {
                return Err(missing.clone());
            }
            self.evidence.of_step(record).last().cloned().ok_or_else(|| format!("step {id} did not run"))
        };
        let other_answer = |scenario: &str, step: &str| -> Result<Exchange, String> {
            let record = self.evidence.scenarios.get(scenario).and_then(|record| record.step(step));
            let exchange = record.and_then(|record| self.evidence.of_step(record).last());
            exchange.cloned().ok_or_else(|| format!("{scenario}:{step} did not run"))
        };
        let scope = Scope {
            variables: &self.evidence.variables,
            fresh: &self.record.fresh,
            answer: &answer,
            other_answer: &other_answer,
        };
        let subject = Subject {
            contract: self.contract,
            step,
            record,
            exchanges: self.evidence.of_step(record).collect(),
            other: &other,
            lookup: &scope,
        };
        evaluate(assertion, &subject)
    }
}
