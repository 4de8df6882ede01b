use std::io;

use super::service::Service;

/// Why a contract could not be loaded. Every message names the file and the place in it, and what would be right.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContractError {
    #[error(
        "release {release:?} of {service} is not bundled: bundled is {bundled}; \
         give any other release as an official spec tree on disk"
    )]
    UnknownRelease {
        service: Service,
        release: String,
        /// The releases that are bundled for the service, for reading.
        bundled: String,
    },

    #[error(
        "{path} holds no {document}: looked for {looked}; \
         give the standard's repository, its spec folder or one API version's folder"
    )]
    NoDocument {
        path: String,
        document: &'static str,
        /// The files that were looked for, for reading.
        looked: String,
    },

    #[error("{file} cannot be read: {source}")]
    Unreadable { file: String, source: io::Error },

    /// The file is not well-formed YAML or JSON. Line and column count from 1; both are 0 where they are unknown.
    #[error("{file}:{line}:{column}: {message}")]
    Syntax { file: String, line: u64, column: u64, message: String },

    /// A `$ref` that cannot be followed.
    #[error("{file}#{at}: the reference {reference:?} cannot be followed: {why}")]
    Reference {
        file: String,
        /// JSON Pointer to the object that holds the `$ref`.
        at: String,
        reference: String,
        why: String,
    },

    /// The document says something that OpenAPI or JSON Schema does not allow, or that the harness cannot judge by.
    #[error("{file}#{at}: {found}; {wanted}")]
    Invalid {
        file: String,
        /// JSON Pointer to the offending object.
        at: String,
        found: String,
        /// What would be right.
        wanted: String,
    },
}
