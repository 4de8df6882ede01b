//! What several tests need: the bundled suites, loaded once.

use std::sync::{Arc, LazyLock};

use arp_conformance::contract::{Contract, Service};
use arp_conformance::run::Bundled;
use arp_conformance::suite::Suite;

pub static BUNDLED: LazyLock<Bundled> = LazyLock::new(|| Bundled::load().unwrap());

/// The bundled contract and suite of a service.
pub fn suite(service: Service) -> &'static (Arc<Contract>, Arc<Suite>) {
    &BUNDLED.services()[&service]
}
