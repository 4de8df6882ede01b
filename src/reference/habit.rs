//! Ways of answering that are unusual and right: a suite that blames one of them is wrong.

mod table;

use std::fmt;

use super::change::{Change, Switch};
use super::options::{Auth, Options};
use crate::contract::Service;
use table::HABITS;

/// One unusual way.
pub struct Habit {
    /// Stable, in words joined by hyphens: what `--habit` takes.
    pub name: &'static str,
    /// What is unusual, in one sentence.
    pub says: &'static str,
    pub services: &'static [Service],
    /// How the server has to treat tokens for the habit to be seen.
    pub auth: Auth,
    pub(super) changes: &'static [Change],
}

/// Every habit that `service` can have.
pub fn habits(service: Service) -> impl Iterator<Item = &'static Habit> {
    HABITS.iter().filter(move |habit| habit.services.contains(&service))
}

/// The habit with this name, of whichever service.
pub fn habit(name: &str) -> Option<&'static Habit> {
    HABITS.iter().find(|habit| habit.name == name)
}

impl Habit {
    /// A server that has this habit alone, and treats tokens so that the habit can be seen.
    pub fn options(&'static self, service: Service) -> Options {
        Options { auth: self.auth, habits: vec![self], ..Options::new(service) }
    }

    /// Whether a suite cannot measure everything unless it does more than ask once and read the answer: it has to
    /// decompress, to ask again, or to cancel a run that cannot be cancelled.
    pub fn is_demanding(&self) -> bool {
        let demands = |change: &Change| {
            matches!(change, Change::Busy(_) | Change::Compress | Change::Behave(Switch::WinsAgainstCancel))
        };
        self.changes.iter().any(demands)
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
