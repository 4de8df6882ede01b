//! The contract: one release of the ARP Standard for one service, read from its OpenAPI document and JSON Schemas.
//!
//! Knows nothing of case files, runs or reports. Nothing here touches the network: documents come from the
//! binary or from a directory, and every `$ref` has to resolve inside them.

mod load;
mod operation;
mod service;
mod validate;

pub use load::{Contract, ContractError};
pub use operation::{MediaType, Operation, Parameter, ParameterPlace, RequestBody, Response, StatusKey};
pub use service::Service;
pub use validate::{SchemaRef, Violation};
