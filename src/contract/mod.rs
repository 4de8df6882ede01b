//! The contract: one release of the ARP Standard for one service, read from its OpenAPI document and JSON Schemas.
//!
//! Knows nothing of case files, runs or reports. Nothing here touches the network: documents come from the
//! binary or from a directory, and every `$ref` has to resolve inside them.

mod document;
mod documents;
mod error;
mod load;
mod operation;
mod resolve;
mod schema;
mod schema_ref;
mod service;
mod tree;
mod validate;
mod wording;

pub use error::ContractError;
pub use load::Contract;
pub use operation::{MediaType, Operation, Parameter, ParameterPlace, RequestBody, Response, StatusKey};
pub use schema_ref::SchemaRef;
pub use service::Service;
pub use validate::{MAX_VIOLATIONS, Violation};

#[cfg(test)]
mod tests;
