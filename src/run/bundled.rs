//! What comes with the program: a contract and a suite for every service.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::contract::{Contract, ContractError, Service};
use crate::suite::{LoadError, Source, Suite};

/// The bundled contract and suite of every service, loaded once. Clones share them.
#[derive(Clone)]
pub struct Bundled(BTreeMap<Service, (Arc<Contract>, Arc<Suite>)>);

/// Why the bundled contracts and suites could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error(transparent)]
    Contract(#[from] ContractError),
    #[error(transparent)]
    Suite(#[from] LoadError),
}

impl Bundled {
    /// Loads what comes with the binary.
    pub fn load() -> Result<Self, BundleError> {
        let mut services = BTreeMap::new();
        for service in Service::ALL {
            let contract = Contract::bundled(service)?;
            let suite = Suite::load(&Source::bundled(), &contract)?;
            services.insert(service, (Arc::new(contract), Arc::new(suite)));
        }
        Ok(Bundled(services))
    }

    pub fn services(&self) -> &BTreeMap<Service, (Arc<Contract>, Arc<Suite>)> {
        &self.0
    }
}
