//! Runs the planned scenarios side by side, each after those that it waits for.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::plan::Plan;
use super::session::{Session, fresh};
use super::step;
use crate::judge::{Evidence, NotRun, ScenarioRecord, StepRecord, feature_state, violated};
use crate::report::Event;
use crate::report::model::{FeatureState, SkipReason};
use crate::suite::{Reference, Scenario, StepRef, Template};
use crate::wire::Exchange;

/// Runs every scenario of the plan and returns when all are done, or where the run is to fail fast, when those are done
/// that had begun before a check was violated. Dropping the future stops them all; what they saw until then stays
/// recorded.
pub(super) async fn scenarios(session: Arc<Session>, plan: Arc<Plan>) {
    let is_last = |id: &&String| session.suite.scenario(id).is_some_and(|scenario| scenario.at_the_end);
    let (last, first): (Vec<&String>, Vec<&String>) = plan.scenarios.iter().partition(is_last);
    side_by_side(&session, &plan, first).await;
    side_by_side(&session, &plan, last).await;
}

async fn side_by_side(session: &Arc<Session>, plan: &Arc<Plan>, ids: Vec<&String>) {
    let permits = Arc::new(Semaphore::new(session.settings.jobs.max(1)));
    let mut tasks = JoinSet::new();
    for id in ids {
        let (session, plan, permits, id) = (session.clone(), plan.clone(), permits.clone(), id.clone());
        tasks.spawn(async move {
            let Some(scenario) = session.suite.scenario(&id) else { return };
            let _done = Done { session: &session, id: &id };
            wait_for_others(&session, scenario).await;
            // The semaphore is never closed.
            let _permit = permits.acquire().await;
            if session.stopped_by.get().is_some() {
                return;
            }
            run(&session, scenario).await;
            stop_where_violated(&session, &plan, scenario);
            session.events.tell(|| Event::ScenarioFinished { scenario: id.clone() });
        });
    }
    while tasks.join_next().await.is_some() {}
}

/// Tells those that wait for a scenario that it is over, however it came to its end.
struct Done<'s> {
    session: &'s Session,
    id: &'s str,
}

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.session.done.get(self.id).into_iter().for_each(|done| _ = done.send_replace(true));
    }
}

/// Keeps further scenarios from beginning where the run is to fail fast and this one violates a check.
fn stop_where_violated(session: &Session, plan: &Plan, scenario: &Scenario) {
    let Some(weakest) = session.settings.fail_fast else { return };
    let evidence = Evidence {
        exchanges: session.client.recorder().exchanges(),
        scenarios: session.records().clone(),
        facts: session.facts().clone(),
        variables: session.variables.clone(),
        ended_early: None,
    };
    let is_known = |check: &str, requirement: &str| session.settings.known_failures.hold(check, requirement);
    let found = violated(&session.suite, &session.contract, &evidence, plan, scenario, weakest, &is_known);
    if let Some(check) = found {
        // Where two are violated at the same time, the first one told is as good as the other.
        let _ = session.stopped_by.set(check);
    }
}

async fn wait_for_others(session: &Session, scenario: &Scenario) {
    let mut needed: Vec<StepRef> = scenario.depends_on();
    if let Some(feature) = &scenario.when.feature {
        needed.extend(session.suite.probe(feature));
    }
    for step in needed.into_iter().filter(|step| step.scenario != scenario.id) {
        let Some(done) = session.done.get(&step.scenario) else { continue };
        // The sender lives as long as the session.
        let _ = done.subscribe().wait_for(|done| *done).await;
    }
}

async fn run(session: &Session, scenario: &Scenario) {
    let mut record = ScenarioRecord { fresh: fresh_values(scenario), ..ScenarioRecord::default() };
    record.not_run = keeps_from_running(session, scenario);
    let keep = |record: &ScenarioRecord| _ = session.records().insert(scenario.id.clone(), record.clone());
    keep(&record);
    if record.not_run.is_some() {
        return;
    }
    let mut steps: Vec<(StepRecord, Option<Exchange>)> = Vec::new();
    for step in &scenario.steps {
        let (done, last) = step::run(session, &scenario.id, step, &steps, &record.fresh).await;
        if let Some(feature) = &step.probes {
            note_feature(session, feature, last.as_ref());
        }
        for exchange in done.exchanges.iter().filter_map(|id| session.client.recorder().exchange(*id)) {
            session.events.tell_exchange(&exchange, &scenario.id, &step.id);
        }
        record.steps.push(done.clone());
        keep(&record);
        steps.push((done, last));
        let absent = |feature: &String| session.facts().features.get(feature) == Some(&FeatureState::Absent);
        if step.probes.as_ref().is_some_and(absent) {
            // What follows is about the feature: nothing of it would be judged.
            break;
        }
    }
}

/// Scenarios whose control failed or whose condition cannot hold are not sent, except the one that probes for it.
fn keeps_from_running(session: &Session, scenario: &Scenario) -> Option<NotRun> {
    let not_applicable = |message: String| Some(NotRun { reason: SkipReason::NotApplicable, message });
    if let Some(control) = &scenario.control
        && !accepted(session, control)
    {
        // What is refused with and without a mistake says nothing about the mistake, and a target that was not to be
        // written to gets no wrong writes either.
        let message = format!(
            "{}:{} was not accepted, the same request without the mistake",
            control.scenario, control.step
        );
        return Some(NotRun { reason: SkipReason::NotMeasured, message });
    }
    let facts = session.facts();
    let when = &scenario.when;
    if let Some(feature) = &when.feature {
        let probes = scenario.steps.iter().any(|step| step.probes.as_ref() == Some(feature));
        if facts.features.get(feature) == Some(&FeatureState::Absent) && !probes {
            return not_applicable(format!("the target does not implement {feature}"));
        }
    }
    facts.unfulfilled(when).and_then(not_applicable)
}

/// Whether the last answer of a step was a success.
fn accepted(session: &Session, step: &StepRef) -> bool {
    let record = session.step(&step.scenario, &step.step);
    let last = record.and_then(|record| record.exchanges.last().copied());
    last.and_then(|id| session.client.recorder().exchange(id)).is_some_and(|exchange| exchange.succeeded())
}

fn note_feature(session: &Session, feature: &str, answer: Option<&Exchange>) {
    if session.settings.features.contains_key(feature) {
        return;
    }
    let mut facts = session.facts();
    let state =
        answer.map_or(FeatureState::Unknown, |exchange| feature_state(exchange, facts.unknown_path.as_ref()));
    facts.features.insert(feature.to_owned(), state);
}

/// A new text for every `${fresh.…}` that the scenario names anywhere.
fn fresh_values(scenario: &Scenario) -> BTreeMap<String, String> {
    let mut names = Vec::new();
    let mut note = |template: &Template| {
        names.extend(template.references().into_iter().filter_map(|reference| match reference {
            Reference::Fresh(name) => Some(name),
            _ => None,
        }));
    };
    for step in &scenario.steps {
        step.request.templates(&mut note);
        for check in &step.checks {
            check.assertion.templates(&mut note);
            check.premises().for_each(|given| given.assertion.templates(&mut note));
        }
    }
    names.into_iter().map(|name| (name, fresh())).collect()
}
