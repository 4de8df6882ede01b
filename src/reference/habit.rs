//! Ways of answering that are unusual and right: a suite that blames one of them is wrong.

use std::fmt;

use super::change::Change;
use super::options::Options;
use crate::contract::Service;

/// One unusual way.
pub struct Habit {
    /// Stable, in words joined by hyphens.
    pub name: &'static str,
    /// What is unusual, in one sentence.
    pub says: &'static str,
    pub services: &'static [Service],
    pub(super) changes: &'static [Change],
}

const HABITS: &[Habit] = &[];

/// Every habit that `service` can have.
pub fn habits(service: Service) -> impl Iterator<Item = &'static Habit> {
    HABITS.iter().filter(move |habit| habit.services.contains(&service))
}

/// The habit with this name, of whichever service.
pub fn habit(name: &str) -> Option<&'static Habit> {
    HABITS.iter().find(|habit| habit.name == name)
}

impl Habit {
    /// A server that has this habit alone.
    pub fn options(&'static self, service: Service) -> Options {
        Options { habits: vec![self], ..Options::new(service) }
    }

    /// Whether a client has to do more than read answers: to decompress them, or to ask again.
    pub fn is_demanding(&self) -> bool {
        self.changes.iter().any(|change| matches!(change, Change::Busy(_) | Change::Compress))
    }

    /// Whether answers take much longer than a plain server's.
    pub fn is_slow(&self) -> bool {
        self.changes.iter().any(|change| matches!(change, Change::Delay(_)))
    }
}

impl PartialEq for Habit {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Habit {}

impl fmt::Debug for Habit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
