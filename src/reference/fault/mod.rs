//! The mistakes that the server can be started with: each is one that real services make, and each breaks requirements
//! of the catalogue, so a suite that is worth its name catches every one of them.

mod about;
mod auth;
mod cancel;
mod errors;
mod events;
mod framing;
mod messages;
mod requests;
mod results;
mod row;
mod runs;

use std::fmt;

use super::change::Change;
use super::options::{Auth, Options};
use crate::contract::Service;

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
    pub(super) changes: &'static [Change],
}

const TABLES: &[&[Fault]] = &[
    about::FAULTS,
    messages::FAULTS,
    errors::FAULTS,
    requests::FAULTS,
    runs::FAULTS,
    results::FAULTS,
    cancel::FAULTS,
    events::FAULTS,
    framing::FAULTS,
    auth::FAULTS,
];

/// Every fault that `service` can have.
pub fn faults(service: Service) -> impl Iterator<Item = &'static Fault> {
    all().filter(move |fault| fault.services.contains(&service))
}

/// The fault with this id, of whichever service.
pub fn fault(id: &str) -> Option<&'static Fault> {
    all().find(|fault| fault.id == id)
}

fn all() -> impl Iterator<Item = &'static Fault> {
    TABLES.iter().copied().flatten()
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
