use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::error::ContractError;
use super::schema;
use super::schema_ref::SchemaRef;
use super::tree::Tree;
use crate::yaml;

/// The documents of a tree that have been read so far, by their place in it.
#[derive(Debug)]
pub(super) struct Documents {
    tree: Tree,
    files: BTreeMap<String, Arc<Value>>,
}

impl Documents {
    pub fn new(tree: Tree) -> Documents {
        Documents { tree, files: BTreeMap::new() }
    }

    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Arc<Value>)> {
        self.files.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The value at a place, if its document has been read and has one there.
    pub fn at(&self, place: &SchemaRef) -> Option<&Value> {
        self.files.get(place.file())?.pointer(place.pointer())
    }

    /// Reads a document unless it has been read; none where the tree has no such file.
    pub fn load(&mut self, name: &str) -> Result<Option<Arc<Value>>, ContractError> {
        if let Some(document) = self.files.get(name) {
            return Ok(Some(Arc::clone(document)));
        }
        let Some(bytes) = self.tree.read(name)? else { return Ok(None) };
        let document = Arc::new(self.parse(name, &bytes)?);
        self.files.insert(name.to_owned(), Arc::clone(&document));
        Ok(Some(document))
    }

    fn parse(&self, name: &str, bytes: &[u8]) -> Result<Value, ContractError> {
        let fault = |line, column, message| ContractError::Syntax {
            file: self.tree.path_of(name),
            line,
            column,
            message,
        };
        if name.ends_with(".json") {
            return serde_json::from_slice(bytes).map_err(|error| {
                let text = error.to_string();
                // The place stands in front of the message already.
                let message = text.split(" at line ").next().unwrap_or(&text).to_owned();
                fault(error.line() as u64, error.column() as u64, message)
            });
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let before = &bytes[..error.valid_up_to()];
            let line = before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
            fault(line, 0, "not UTF-8; save the file as UTF-8".to_owned())
        })?;
        yaml::value(text).map_err(|error| fault(error.place.line, error.place.column, error.message))
    }

    /// Reads every document that the schemas at `starts` reach, and checks every schema on the way.
    pub fn reach(&mut self, starts: impl IntoIterator<Item = SchemaRef>) -> Result<(), ContractError> {
        let mut waiting: Vec<SchemaRef> = starts.into_iter().collect();
        let mut seen: BTreeSet<SchemaRef> = BTreeSet::new();
        while let Some(place) = waiting.pop() {
            if !seen.insert(place.clone()) {
                continue;
            }
            let Some(document) = self.load(place.file())? else {
                return Err(self.missing(&place, "there is no such file"));
            };
            let Some(value) = document.pointer(place.pointer()) else {
                return Err(self.missing(&place, "the file has nothing at that place"));
            };
            self.visit(&place, value, &mut waiting)?;
            if self.tree.is_foreign() {
                self.check_against_meta_schema(&place, value)?;
            }
        }
        Ok(())
    }

    /// Checks `value` and the schemas inside it, and queues what they refer to.
    fn visit(
        &mut self,
        place: &SchemaRef,
        value: &Value,
        waiting: &mut Vec<SchemaRef>,
    ) -> Result<(), ContractError> {
        schema::check(value).map_err(|fault| self.invalid(place, fault.found, fault.wanted))?;
        let Some(members) = value.as_object() else { return Ok(()) };
        if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
            let target = self.follow(place, reference)?;
            waiting.push(target);
        }
        for (suffix, inner) in schema::subschemas(members) {
            self.visit(&place.below(&suffix), inner, waiting)?;
        }
        Ok(())
    }

    /// The place that the `$ref` at `place` means; it is an error if nothing stands there.
    fn follow(&mut self, place: &SchemaRef, reference: &str) -> Result<SchemaRef, ContractError> {
        let dangling = |documents: &Documents, why: String| ContractError::Reference {
            file: documents.tree.path_of(place.file()),
            at: place.pointer().to_owned(),
            reference: reference.to_owned(),
            why,
        };
        let target = place.follow(reference).map_err(|why| dangling(self, why))?;
        match self.load(target.file())? {
            None => Err(dangling(self, format!("there is no {}", self.tree.path_of(target.file())))),
            Some(document) if document.pointer(target.pointer()).is_none() => {
                Err(dangling(self, format!("{} has no {}", target.file(), target.pointer())))
            }
            Some(_) => Ok(target),
        }
    }

    /// The place where the schema at `place` is really written: a schema that only refers to another stands for that
    /// one. Only after [`Documents::reach`] has gone there. It is an error if the references go in a circle.
    pub fn settle(&self, place: SchemaRef) -> Result<SchemaRef, ContractError> {
        let mut here = place;
        let mut passed = BTreeSet::new();
        while let Some(reference) = self.at(&here).and_then(plain_reference) {
            if !passed.insert(here.clone()) {
                let wanted = "let one of them say what it is".to_owned();
                return Err(self.invalid(&here, "references that lead back here".to_owned(), wanted));
            }
            match here.follow(reference) {
                Ok(next) => here = next,
                Err(_) => break,
            }
        }
        Ok(here)
    }

    fn check_against_meta_schema(&self, place: &SchemaRef, schema: &Value) -> Result<(), ContractError> {
        jsonschema::draft202012::meta::validate(schema).map_err(|error| {
            let at = place.below(error.instance_path().as_str());
            let wanted = "the JSON Schema 2020-12 meta-schema does not allow it".to_owned();
            self.invalid(&at, error.to_string(), wanted)
        })
    }

    fn missing(&self, place: &SchemaRef, why: &str) -> ContractError {
        ContractError::Reference {
            file: self.tree.path_of(place.file()),
            at: place.pointer().to_owned(),
            reference: place.to_string(),
            why: why.to_owned(),
        }
    }

    pub fn invalid(&self, place: &SchemaRef, found: String, wanted: String) -> ContractError {
        ContractError::Invalid {
            file: self.tree.path_of(place.file()),
            at: place.pointer().to_owned(),
            found,
            wanted,
        }
    }
}

/// The `$ref` of a schema that says nothing else but prose.
fn plain_reference(schema: &Value) -> Option<&str> {
    let members = schema.as_object()?;
    let reference = members.get("$ref")?.as_str()?;
    let only = members.keys().all(|name| name == "$ref" || schema::holds(name) == Some(schema::Holds::Prose));
    only.then_some(reference)
}
