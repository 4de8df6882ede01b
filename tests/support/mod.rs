//! What several tests need: the bundled suites, loaded once, and a run of one of them against a target.

use std::sync::{Arc, LazyLock};

use arp_conformance::contract::{Contract, Service};
use arp_conformance::report::Report;
use arp_conformance::run::{Run, Scope, Settings, Target, Tokens};
use arp_conformance::self_test::Bundled;
use arp_conformance::suite::Suite;
use url::Url;

pub static BUNDLED: LazyLock<Bundled> = LazyLock::new(|| Bundled::load().unwrap());

/// The bundled contract and suite of a service.
pub fn suite(service: Service) -> &'static (Arc<Contract>, Arc<Suite>) {
    &BUNDLED.services()[&service]
}

/// Judges what stands at `url` as the command line does: everything may run. `service` is none for `auto`.
pub async fn judge(url: &str, service: Option<Service>, tokens: Tokens) -> Report {
    let run = Run {
        services: BUNDLED.services().clone(),
        target: Target { url: Url::parse(url).unwrap(), tokens, coordinator: None, headers: Vec::new() },
        service,
        settings: Settings::default(),
        scope: Scope::default(),
    };
    run.execute(std::future::pending()).await.unwrap().report
}
