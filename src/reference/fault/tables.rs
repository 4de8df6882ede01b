use super::{Fault, about, auth, cancel, errors, events, framing, messages, requests, results, runs};
use crate::contract::Service;

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
