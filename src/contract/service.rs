use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A service of the ARP Standard that the suite can judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    Runtime,
    RunGateway,
}

impl Service {
    /// Every service, in the order of the standard's generations.
    pub const ALL: [Service; 2] = [Service::Runtime, Service::RunGateway];

    /// The name that the command line, case files and reports use.
    pub fn name(self) -> &'static str {
        match self {
            Service::Runtime => "runtime",
            Service::RunGateway => "run-gateway",
        }
    }

    /// The name as prose writes it.
    pub fn title(self) -> &'static str {
        match self {
            Service::Runtime => "Runtime",
            Service::RunGateway => "Run Gateway",
        }
    }

    /// The bundled release whose contract the service follows unless the user names another.
    pub fn default_release(self) -> &'static str {
        match self {
            Service::Runtime => "v0.2.6",
            Service::RunGateway => "v0.3.7",
        }
    }

    /// The file name of the service's document below `openapi/`.
    pub fn document(self) -> &'static str {
        match self {
            Service::Runtime => "runtime.openapi.yaml",
            Service::RunGateway => "run-gateway.openapi.yaml",
        }
    }

    /// The schema of one event of a run, by its place in the tree: no operation's answer refers to it, since
    /// OpenAPI 3.0 describes a stream as a string.
    pub fn event_schema(self) -> &'static str {
        match self {
            Service::Runtime => "schemas/runtime/runs/run_event.schema.json",
            Service::RunGateway => "schemas/core/run_event.schema.json",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Service {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Service::ALL.into_iter().find(|service| service.name() == text).ok_or_else(|| {
            let names: Vec<_> = Service::ALL.iter().map(|service| service.name()).collect();
            format!("unknown service {text:?}: known are {}", names.join(", "))
        })
    }
}
