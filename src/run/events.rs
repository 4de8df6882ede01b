//! Telling what happens in a run to whoever follows it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::record::record;
use crate::report::Event;
use crate::report::model::ExchangeRecord;
use crate::wire::Exchange;

/// Is told every event of a run, one after the other, from any thread, and holds the run up until it returns.
pub type Observer = Arc<dyn Fn(&Event) + Send + Sync>;

/// The events of one run. Where nobody listens, they are not even made.
#[derive(Default)]
pub(super) struct Events {
    observer: Option<Observer>,
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    /// The exchanges by id, and whether they were told with their sender.
    exchanges: BTreeMap<u64, bool>,
    /// Scenarios are over, also those that were stopped and do not know yet.
    closed: bool,
}

impl Events {
    pub fn new(observer: Option<Observer>) -> Self {
        Events { observer, told: Mutex::default() }
    }

    pub fn tell(&self, event: impl FnOnce() -> Event) {
        let Some(observer) = &self.observer else { return };
        let told = self.told();
        if !told.closed {
            observer(&event());
        }
    }

    /// Tells of an exchange of a step, once.
    pub fn tell_exchange(&self, exchange: &Exchange, scenario: &str, step: &str) {
        let Some(observer) = &self.observer else { return };
        let mut told = self.told();
        if !told.closed && told.exchanges.insert(exchange.id, true) != Some(true) {
            let exchange = Box::new(record(exchange, Some((scenario, step))));
            observer(&Event::Exchange { exchange });
        }
    }

    /// From now on, scenarios that were stopped tell nothing more.
    pub fn close(&self) {
        self.told().closed = true;
    }

    /// Tells of all exchanges of a report that were not told before as they stand there.
    pub fn tell_rest(&self, exchanges: &[ExchangeRecord]) {
        let Some(observer) = &self.observer else { return };
        let mut told = self.told();
        for exchange in exchanges {
            let has_sender = exchange.scenario.is_some();
            if told.exchanges.insert(exchange.id, has_sender) != Some(has_sender) {
                observer(&Event::Exchange { exchange: Box::new(exchange.clone()) });
            }
        }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        // What is told is whole between any two statements.
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
