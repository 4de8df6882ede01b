//! What several tests need: the bundled suites, loaded once, and a run of one of them against a target.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use arp_conformance::contract::{Contract, Service};
use arp_conformance::report::Report;
use arp_conformance::run::{Run, Scope, Settings, Target};
use arp_conformance::suite::{Source, Suite};
use url::Url;

type Suites = BTreeMap<Service, (Arc<Contract>, Arc<Suite>)>;

static SUITES: LazyLock<Suites> = LazyLock::new(|| {
    let load = |service| {
        let contract = Contract::bundled(service).unwrap();
        let suite = Suite::load(&Source::bundled(), &contract).unwrap();
        (service, (Arc::new(contract), Arc::new(suite)))
    };
    Service::ALL.into_iter().map(load).collect()
});

/// The bundled contract and suite of a service.
pub fn suite(service: Service) -> &'static (Arc<Contract>, Arc<Suite>) {
    &SUITES[&service]
}

/// Judges what stands at `url` as the command line does: everything may run. `service` is none for `auto`.
pub async fn judge(url: &str, service: Option<Service>, token: Option<String>) -> Report {
    let run = Run {
        services: SUITES.clone(),
        target: Target { url: Url::parse(url).unwrap(), token, headers: Vec::new() },
        service,
        settings: Settings::default(),
        scope: Scope::default(),
    };
    run.execute(std::future::pending()).await.unwrap().report
}
