//! Connections that wait for another request.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::http1::Connection;

/// Common servers close what was idle for 2 to 5 s: a request must not meet a connection that just ends.
const LONGEST_IDLE: Duration = Duration::from_secs(1);

/// Connections that wait at the same time.
const MOST_IDLE: usize = 16;

/// Idle connections to one target.
#[derive(Default)]
pub struct Pool {
    idle: Mutex<Vec<(Connection, Instant)>>,
}

impl Pool {
    /// Keeps a connection for the next request.
    pub fn put(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(_, since)| since.elapsed() < LONGEST_IDLE);
        if idle.len() < MOST_IDLE {
            idle.push((connection, Instant::now()));
        }
    }

    /// A connection that was used a moment ago and that the target has not closed since.
    pub fn take(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((mut connection, since)) = idle.pop() {
            if since.elapsed() < LONGEST_IDLE && connection.is_quiet() {
                return Some(connection);
            }
        }
        None
    }
}
