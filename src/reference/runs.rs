//! Runs and their lives: a store in memory, and one task for each run that is not over yet.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::Value;
use tokio::sync::watch;

use super::change::{Switch, Switches};
use super::options::RunsEnd;

/// The standard's RunState, the same in both services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Queued,
    Running,
    Succeeded,
    Failed,
    Canceled,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Running => "running",
            State::Succeeded => "succeeded",
            State::Failed => "failed",
            State::Canceled => "canceled",
        }
    }

    pub fn is_terminal(self) -> bool {
        !matches!(self, State::Queued | State::Running)
    }
}

/// What kind of run a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Succeeds after some 40 ms.
    Ordinary,
    /// Succeeds after five seconds, with an event every 200 ms.
    Slow,
    /// Fails after some 40 ms.
    Failing,
}

/// Something that happens in a run's life; each is one event of its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Accepted,
    Begun,
    /// A piece of work is done; pieces count from 1.
    Worked(u32),
    Ended(State),
}

impl Plan {
    /// What happens after a run was accepted, and how long each moment takes to come.
    fn script(self) -> Vec<(Duration, Moment)> {
        let after = |ms, moment| (Duration::from_millis(ms), moment);
        let (pieces, pace, end) = match self {
            Plan::Ordinary => (1, 15, State::Succeeded),
            Plan::Slow => (24, 200, State::Succeeded),
            Plan::Failing => (1, 15, State::Failed),
        };
        let mut script = vec![after(10, Moment::Begun)];
        script.extend((1..=pieces).map(|piece| after(pace, Moment::Worked(piece))));
        script.push(after(pace, Moment::Ended(end)));
        script
    }
}

/// A run: what was asked for, and how far it has come.
pub struct Run {
    pub id: String,
    /// The id of the run's root node at the Run Gateway.
    pub root_node_run_id: String,
    /// The request's body, valid by the contract.
    pub request: Value,
    switches: Switches,
    progress: watch::Sender<Progress>,
}

/// How far a run has come.
#[derive(Debug, Clone)]
pub struct Progress {
    pub state: State,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// In the order in which they happened; their times do not run backwards.
    pub events: Vec<Event>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    pub moment: Moment,
    pub time: Timestamp,
}

impl Progress {
    /// Lets `moment` happen, unless the run is over: a terminal state never changes. Tells whether it happened.
    fn happen(&mut self, moment: Moment) -> bool {
        if self.state.is_terminal() {
            return false;
        }
        // The wall clock may be set back while a run goes on.
        let time = self.events.last().map_or(Timestamp::MIN, |event| event.time).max(Timestamp::now());
        match moment {
            Moment::Accepted | Moment::Worked(_) => {}
            Moment::Begun => {
                self.state = State::Running;
                self.started_at = Some(time);
            }
            Moment::Ended(state) => {
                self.state = state;
                self.ended_at = Some(time);
            }
        }
        self.events.push(Event { moment, time });
        true
    }

    /// The state is another one from now on, over or not.
    fn overwrite(&mut self, state: State) {
        self.state = state;
    }
}

impl Run {
    fn new(id: String, request: Value, switches: Switches) -> Self {
        let mut progress =
            Progress { state: State::Queued, started_at: None, ended_at: None, events: Vec::new() };
        progress.happen(Moment::Accepted);
        Run {
            id,
            root_node_run_id: random_id("node_run_"),
            request,
            switches,
            progress: watch::Sender::new(progress),
        }
    }

    /// How far the run has come by now.
    pub fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// The run's progress, and word of every change of it.
    pub fn watch(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Ends the run as canceled; one that is over stays as it is.
    pub fn cancel(&self) {
        if self.switches.has(Switch::IgnoresCancel) {
            return;
        }
        let end = if self.switches.has(Switch::CancelFails) {
            State::Failed
        } else if self.switches.has(Switch::WinsAgainstCancel) {
            State::Succeeded
        } else {
            State::Canceled
        };
        if !self.happen(Moment::Ended(end)) && self.switches.has(Switch::CancelsEnded) {
            self.progress.send_modify(|progress| progress.overwrite(end));
        }
    }

    fn happen(&self, moment: Moment) -> bool {
        self.progress.send_if_modified(|progress| progress.happen(moment))
    }

    /// Starts the run's life: a task that ends with the run, or once nobody knows of the run any more.
    fn live(self: &Arc<Self>, plan: Plan) {
        let run = Arc::downgrade(self);
        tokio::spawn(async move {
            for (wait, moment) in plan.script() {
                tokio::time::sleep(wait).await;
                let Some(run) = run.upgrade() else { return };
                if run.switches.has(Switch::NeverEnds) && matches!(moment, Moment::Ended(_)) {
                    return;
                }
                if run.happen(moment) {
                    continue;
                }
                if run.switches.has(Switch::SucceedsAfterCancel) {
                    run.progress.send_modify(|progress| progress.overwrite(State::Succeeded));
                }
                return;
            }
        });
    }
}

/// A run id that is in use.
#[derive(Debug)]
pub struct InUse;

/// All runs of one server, for as long as it lives.
#[derive(Default)]
pub struct Store {
    runs: Mutex<HashMap<String, Arc<Run>>>,
    switches: Switches,
}

impl Store {
    pub fn new(switches: Switches) -> Self {
        Store { switches, ..Store::default() }
    }

    /// Makes a run under the client's id, or under one of the server's own.
    pub fn create(
        &self,
        id: Option<String>,
        request: Value,
        plan: Plan,
        end: RunsEnd,
    ) -> Result<Arc<Run>, InUse> {
        let run = {
            let mut runs = self.runs();
            let is_assigned = id.is_none() || self.switches.has(Switch::IgnoresRunId);
            let mut id = id.filter(|_| !is_assigned).unwrap_or_else(|| self.assign());
            if let Some(existing) = runs.get(&id) {
                if is_assigned || self.switches.has(Switch::ReturnsExisting) {
                    return Ok(Arc::clone(existing));
                }
                if self.switches.has(Switch::Renames) {
                    id = random_id("run_");
                } else if !self.switches.has(Switch::Overwrites) {
                    return Err(InUse);
                }
            }
            let run = Arc::new(Run::new(id.clone(), request, self.switches));
            if end == RunsEnd::InThePost && plan != Plan::Slow {
                // Before the store knows of the run, so that nobody can cancel it in between.
                for (_, moment) in plan.script() {
                    run.happen(moment);
                }
            }
            runs.insert(id, Arc::clone(&run));
            run
        };
        if !run.progress.borrow().state.is_terminal() {
            run.live(plan);
        }
        Ok(run)
    }

    pub fn find(&self, id: &str) -> Option<Arc<Run>> {
        self.runs().get(id).cloned()
    }

    fn assign(&self) -> String {
        if self.switches.has(Switch::EmptyIds) {
            String::new()
        } else if self.switches.has(Switch::IdsFromTheClock) {
            format!("run_{}", Timestamp::now().as_second())
        } else {
            random_id("run_")
        }
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<String, Arc<Run>>> {
        // Nothing between lock and unlock leaves the map half changed.
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `prefix` and 16 random bytes; two are never the same in practice.
fn random_id(prefix: &str) -> String {
    let mut bytes = [0; 16];
    // The system's generator does not fail once it is seeded, and the server drew its key from it before.
    SystemRandom::new().fill(&mut bytes).expect("the system gives random bytes");
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_slow_run_lasts_five_seconds_and_works_all_the_while() {
        let store = Store::default();
        let run = store.create(None, Value::Null, Plan::Slow, RunsEnd::InThePost).unwrap();
        let begin = tokio::time::Instant::now();
        let mut watch = run.watch();
        let end = watch.wait_for(|progress| progress.state.is_terminal()).await.unwrap().clone();
        assert_eq!(begin.elapsed().as_secs(), 5);
        assert_eq!(end.state, State::Succeeded);
        assert_eq!(end.events.len(), 27);
        assert!(end.events.is_sorted_by_key(|event| event.time));
        assert!(end.started_at.unwrap() <= end.ended_at.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_over_stays_over() {
        let store = Store::default();
        let run = store.create(Some("a".into()), Value::Null, Plan::Ordinary, RunsEnd::AfterAMoment).unwrap();
        run.cancel();
        let over = run.progress();
        assert_eq!(over.state, State::Canceled);
        tokio::time::sleep(Duration::from_secs(1)).await;
        run.cancel();
        assert_eq!(run.progress().events, over.events);
        assert!(store.create(Some("a".into()), Value::Null, Plan::Slow, RunsEnd::AfterAMoment).is_err());
        assert_eq!(store.find("a").unwrap().progress().events, over.events);
    }

    #[tokio::test]
    async fn a_run_can_end_before_it_is_answered() {
        let store = Store::default();
        let state =
            |plan| store.create(None, Value::Null, plan, RunsEnd::InThePost).unwrap().progress().state;
        assert_eq!(state(Plan::Ordinary), State::Succeeded);
        assert_eq!(state(Plan::Failing), State::Failed);
        assert_eq!(state(Plan::Slow), State::Queued);
    }
}
