use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jsonschema::{Draft, PatternOptions, Registry, ValidationError, Validator};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::documents::Documents;
use super::error::ContractError;
use super::schema_ref::SchemaRef;
use super::wording;

/// As many violations of one value are told; a value that a target made to hold millions is not worth more.
pub const MAX_VIOLATIONS: usize = 100;

/// One way in which a value does not follow its schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Violation {
    /// JSON Pointer (RFC 6901): for a missing member to the object that lacks it, else to the offending value, which
    /// for an unknown member is that member.
    pub at: String,
    /// The schema keyword that was violated: `required`, `type`, `enum`, …
    pub keyword: String,
    /// What the schema wants there, one line: `a string`, `one of "queued", "running"`, `the member "state"`.
    pub expected: String,
    /// What stands there, one line, cut to a readable length: `null`, `"done"`, `no such member`.
    pub actual: String,
}

/// The scheme under which documents refer to one another; nothing is ever fetched by it.
const BASE: &str = "arp-spec:///";

/// What a URI's fragment and path take as they are (RFC 3986, section 3.5), as far as names in documents need it.
const URI: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// The validators of a contract's schemas, each compiled when it is first asked.
pub(super) struct Validators {
    registry: Registry<'static>,
    compiled: BTreeMap<SchemaRef, OnceLock<Validator>>,
}

impl Validators {
    /// For `schemas`, out of documents that have all been reached.
    pub fn new(
        documents: &Documents,
        schemas: impl IntoIterator<Item = SchemaRef>,
    ) -> Result<Validators, ContractError> {
        let registry = documents
            .iter()
            .try_fold(Registry::new().draft(Draft::Draft202012), |registry, (name, document)| {
                registry.add(document_uri(name), Arc::clone(document))
            })
            .and_then(|registry| registry.prepare())
            .map_err(|error| {
                let whole = SchemaRef::new("", "");
                documents.invalid(
                    &whole,
                    error.to_string(),
                    "the documents have to refer to one another".into(),
                )
            })?;
        let compiled = schemas.into_iter().map(|schema| (schema, OnceLock::new())).collect();
        Ok(Validators { registry, compiled })
    }

    /// Compiles every schema now, so that one that cannot be compiled is found before anything is judged by it.
    pub fn compile_all(&self, documents: &Documents) -> Result<(), ContractError> {
        for (schema, slot) in &self.compiled {
            let validator = self.compile(schema).map_err(|error| {
                let wanted = "JSON Schema 2020-12 has to be able to compile it".to_owned();
                documents.invalid(schema, error.to_string(), wanted)
            })?;
            // Another thread cannot have been here: the contract is not shared yet.
            slot.get_or_init(|| validator);
        }
        Ok(())
    }

    fn compile(&self, schema: &SchemaRef) -> Result<Validator, ValidationError<'static>> {
        let pointer = utf8_percent_encode(schema.pointer(), URI);
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_registry(&self.registry)
            .offline()
            .should_validate_formats(true)
            .should_ignore_unknown_formats(false)
            // Patterns run on text that a target sends: matching has to stay linear in its length.
            .with_pattern_options(PatternOptions::regex())
            .build(&json!({"$ref": format!("{}#{pointer}", document_uri(schema.file()))}))
    }

    /// See [`Contract::violations`](super::Contract::violations); `documents` are those that the schemas came from.
    pub fn violations(&self, documents: &Documents, schema: &SchemaRef, value: &Value) -> Vec<Violation> {
        let Some(slot) = self.compiled.get(schema) else {
            panic!("{schema} is no schema of this contract");
        };
        let validator = slot.get_or_init(|| {
            // A directory's schemas were compiled when they were loaded, and a test compiles all the bundled ones.
            self.compile(schema)
                .unwrap_or_else(|error| panic!("the bundled {schema} does not compile: {error}"))
        });
        let mut violations: Vec<Violation> = validator
            .iter_errors(value)
            .flat_map(|error| wording::violations(&error, &patterns_beside(documents, &error)))
            .take(MAX_VIOLATIONS)
            .collect();
        violations.sort();
        violations.dedup();
        wording::drop_consequences(&mut violations);
        violations
    }
}

impl std::fmt::Debug for Validators {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.compiled.keys()).finish()
    }
}

/// The keys of the `patternProperties` that stand beside the keyword which the error is about.
fn patterns_beside<'d>(documents: &'d Documents, error: &ValidationError<'_>) -> Vec<&'d str> {
    let beside = || {
        let keyword = error.absolute_keyword_location()?.as_str().strip_prefix(BASE)?;
        let keyword = percent_decode_str(keyword).decode_utf8().ok()?;
        let (file, pointer) = keyword.split_once('#')?;
        let (schema, _) = pointer.rsplit_once('/')?;
        documents.at(&SchemaRef::new(file, schema))?.get("patternProperties")?.as_object()
    };
    beside().into_iter().flat_map(|patterns| patterns.keys().map(String::as_str)).collect()
}

fn document_uri(name: &str) -> String {
    format!("{BASE}{}", utf8_percent_encode(name, URI))
}
