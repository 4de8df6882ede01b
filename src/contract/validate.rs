use serde::{Deserialize, Serialize};

/// Names one schema inside a contract: a document of the tree and a JSON Pointer into it
/// (`schemas/core/run.schema.json#`, `openapi/runtime.openapi.yaml#/components/schemas/Health`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchemaRef(pub(super) String);

/// One way in which a value does not follow its schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// JSON Pointer (RFC 6901) to the offending value; for a missing or unknown member, to the object.
    pub at: String,
    /// The schema keyword that was violated: `required`, `type`, `enum`, …
    pub keyword: String,
    /// What the schema wants there, one line: `a string`, `one of "queued", "running"`, `the member "state"`.
    pub expected: String,
    /// What stands there, one line, cut to a readable length: `null`, `"done"`, `no such member`.
    pub actual: String,
}
