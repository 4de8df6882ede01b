use std::fmt;

use crate::contract::Service;
use crate::reference::change::Change;
use crate::reference::options::{Auth, Options};

/// One mistake.
pub struct Fault {
    /// Stable, `area/what-is-wrong`: what `--fault` takes.
    pub id: &'static str,
    /// What is wrong, in one sentence.
    pub says: &'static str,
    /// The services that can have it.
    pub services: &'static [Service],
    /// The requirements that it violates, by their ids in the catalogue. Those that bind other services than the one
    /// that has the fault do not count for it; a check of each of the others has to fail.
    pub requirements: &'static [&'static str],
    /// How the server has to treat tokens for the mistake to be seen.
    pub auth: Auth,
    pub(in crate::reference) changes: &'static [Change],
}

impl Fault {
    /// A server that has this fault alone, and treats tokens so that the fault can be seen.
    pub fn options(&'static self, service: Service) -> Options {
        Options { auth: self.auth, faults: vec![self], ..Options::new(service) }
    }
}

impl PartialEq for Fault {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Fault {}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}
