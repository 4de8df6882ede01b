use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::exchange::Exchange;
use super::limits::Limits;

/// Keeps every exchange of a run, in the order in which the requests were sent.
#[derive(Debug)]
pub struct Recorder {
    begun: Instant,
    next: AtomicU64,
    exchanges: Mutex<BTreeMap<u64, Exchange>>,
    /// Octets that may still be kept.
    room: AtomicUsize,
}

impl Default for Recorder {
    fn default() -> Self {
        Recorder::new(Limits::default().kept)
    }
}

impl Recorder {
    /// A recorder that has room for answers of so many octets together.
    pub fn new(room: usize) -> Self {
        Recorder {
            begun: Instant::now(),
            next: AtomicU64::new(1),
            exchanges: Mutex::default(),
            room: AtomicUsize::new(room),
        }
    }

    /// Whether there is room for `octets` more, which is then taken.
    pub fn takes(&self, octets: usize) -> bool {
        let take = |room: usize| room.checked_sub(octets);
        self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// A new exchange's id and the moment since the run began.
    pub fn begin(&self) -> (u64, Duration) {
        (self.next.fetch_add(1, Ordering::Relaxed), self.begun.elapsed())
    }

    /// Requests that were begun so far.
    pub fn requests(&self) -> u64 {
        self.next.load(Ordering::Relaxed) - 1
    }

    pub fn record(&self, exchange: Exchange) {
        self.lock().insert(exchange.id, exchange);
    }

    /// The exchange with this id, once it is over.
    pub fn exchange(&self, id: u64) -> Option<Exchange> {
        self.lock().get(&id).cloned()
    }

    /// Every exchange so far, by id.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Exchange>> {
        // A panic while the lock is held leaves at worst a map without its newest exchange.
        self.exchanges.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
