//! The suite: the requirement catalogue, what is known of each service, and the scenarios of the case files.
//!
//! Everything here is data read from YAML, strictly: whatever the loader does not know is an error with file, line
//! and column, and all errors of all files are reported together. Nothing here runs or judges.

mod assertion;
mod bundled;
mod catalogue;
mod check;
mod derive;
mod expand;
mod load;
mod model;
mod profile;
mod scenario;
mod template;
mod wording;

pub use assertion::{Assertion, Edge, Rule, SeriesRule, StatusPattern};
pub use catalogue::{Catalogue, Requirement};
pub use derive::{Mutation, MutationKind, mutations};
pub use load::{LoadError, Source, Suite};
pub use model::*;
pub use profile::{Known, OperationProfile, Profile, Variable};
pub use template::{Lookup, Reference, Template, TemplateError};

pub use crate::yaml::Trouble;
use crate::yaml::decode;

#[cfg(test)]
mod tests;
