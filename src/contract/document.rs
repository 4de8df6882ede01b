//! Reads the operations out of an OpenAPI 3 document.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Map, Value};

use super::documents::Documents;
use super::error::ContractError;
use super::operation::{MediaType, Operation, Parameter, ParameterPlace, RequestBody, Response, StatusKey};
use super::schema_ref::{SchemaRef, step};

/// What an OpenAPI document declares. The schemas that it names are places still to be reached and settled.
#[derive(Debug)]
pub(super) struct Document {
    pub operations: Vec<Operation>,
    /// `components/schemas`, by name.
    pub schemas: BTreeMap<String, SchemaRef>,
    /// Every place where the document holds a schema.
    pub places: Vec<SchemaRef>,
}

const METHODS: [(&str, Method); 8] = [
    ("get", Method::GET),
    ("put", Method::PUT),
    ("post", Method::POST),
    ("delete", Method::DELETE),
    ("options", Method::OPTIONS),
    ("head", Method::HEAD),
    ("patch", Method::PATCH),
    ("trace", Method::TRACE),
];

/// Reads the document `name`, which has been loaded as `root`.
pub(super) fn read(documents: &Documents, name: &str, root: &Value) -> Result<Document, ContractError> {
    let mut reader = Reader { documents, name, root, places: Vec::new() };
    let start = reader.node(String::new(), root)?;
    match start.member("openapi").and_then(|(_, version)| version.as_str()) {
        Some(version) if version.starts_with("3.0.") || version.starts_with("3.1.") => {}
        found => {
            let found =
                found.map_or("no openapi version".to_owned(), |version| format!("openapi is {version:?}"));
            return Err(reader.invalid(&start.at, found, "the document has to be OpenAPI 3.0 or 3.1"));
        }
    }
    let operations = reader.operations(&start)?;
    let schemas = reader.components(&start)?;
    Ok(Document { operations, schemas, places: reader.places })
}

struct Reader<'a> {
    documents: &'a Documents,
    name: &'a str,
    root: &'a Value,
    places: Vec<SchemaRef>,
}

/// One object of the document and the JSON Pointer to it.
struct Node<'a> {
    at: String,
    members: &'a Map<String, Value>,
}

impl<'a> Node<'a> {
    fn member(&self, name: &str) -> Option<(String, &'a Value)> {
        self.members.get(name).map(|value| (self.at.clone() + &step(name), value))
    }

    fn flag(&self, name: &str) -> bool {
        self.members.get(name).and_then(Value::as_bool).unwrap_or(false)
    }
}

impl<'a> Reader<'a> {
    fn invalid(&self, at: &str, found: impl Into<String>, wanted: impl Into<String>) -> ContractError {
        self.documents.invalid(&SchemaRef::new(self.name, at), found.into(), wanted.into())
    }

    fn node(&self, at: String, value: &'a Value) -> Result<Node<'a>, ContractError> {
        match value.as_object() {
            Some(members) => Ok(Node { at, members }),
            None => Err(self.invalid(&at, "no object stands here", "OpenAPI asks for one")),
        }
    }

    /// The object at `at`, or the one of the same document that its `$ref` leads to.
    fn target(&self, at: String, value: &'a Value) -> Result<Node<'a>, ContractError> {
        let mut node = self.node(at, value)?;
        for _ in 0..16 {
            let Some(reference) = node.members.get("$ref") else { return Ok(node) };
            let reference = reference.as_str().unwrap_or_default();
            let fault = |why: String| ContractError::Reference {
                file: self.documents.tree().path_of(self.name),
                at: node.at.clone(),
                reference: reference.to_owned(),
                why,
            };
            let place = SchemaRef::new(self.name, &node.at).follow(reference).map_err(fault)?;
            if place.file() != self.name {
                return Err(fault("only schemas may stand in a file of their own".to_owned()));
            }
            let value = self.root.pointer(place.pointer());
            let value = value.ok_or_else(|| fault(format!("the document has no {}", place.pointer())))?;
            node = self.node(place.pointer().to_owned(), value)?;
        }
        Err(self.invalid(&node.at, "references without end", "let one of them say what it is"))
    }

    /// The members of the object `name` of `node`, each with its place; nothing where there is no such object.
    fn entries(
        &self,
        node: &Node<'a>,
        name: &str,
    ) -> Result<Vec<(&'a str, String, &'a Value)>, ContractError> {
        let Some((at, value)) = node.member(name) else { return Ok(Vec::new()) };
        let named = self.node(at, value)?;
        let entries = named.members.iter().filter(|(name, _)| !name.starts_with("x-"));
        Ok(entries.map(|(name, value)| (name.as_str(), named.at.clone() + &step(name), value)).collect())
    }

    fn operations(&mut self, start: &Node<'a>) -> Result<Vec<Operation>, ContractError> {
        let secured = self.security(start)?.unwrap_or(false);
        let mut operations: Vec<Operation> = Vec::new();
        for (path, at, value) in self.entries(start, "paths")? {
            let item = self.target(at, value)?;
            for (word, method) in METHODS {
                let Some((at, value)) = item.member(word) else { continue };
                let node = self.node(at, value)?;
                let operation = self.operation(&item, &node, path, method, secured)?;
                if operations.iter().any(|other| other.id == operation.id) {
                    let found = format!("a second operation is called {:?}", operation.id);
                    return Err(self.invalid(&node.at, found, "every operationId names one operation"));
                }
                operations.push(operation);
            }
        }
        if operations.is_empty() {
            return Err(self.invalid("/paths", "no operations", "the document has to declare some"));
        }
        Ok(operations)
    }

    fn operation(
        &mut self,
        item: &Node<'a>,
        node: &Node<'a>,
        path: &str,
        method: Method,
        secured: bool,
    ) -> Result<Operation, ContractError> {
        let Some(id) = node.members.get("operationId").and_then(Value::as_str) else {
            return Err(self.invalid(
                &node.at,
                "no operationId",
                "every operation needs one: cases call it by that",
            ));
        };
        let mut parameters = self.parameters(node)?;
        for shared in self.parameters(item)? {
            // An operation's own parameter takes the place of one that its whole path declares.
            if !parameters.iter().any(|own| own.name == shared.name && own.place == shared.place) {
                parameters.push(shared);
            }
        }
        let request = match node.member("requestBody") {
            Some((at, value)) => Some(self.request(at, value)?),
            None => None,
        };
        let mut responses = Vec::new();
        for (key, at, value) in self.entries(node, "responses")? {
            let status = status_key(key).ok_or_else(|| {
                self.invalid(&at, format!("the status {key:?}"), "write a code, 1XX to 5XX, or default")
            })?;
            responses.push(self.response(status, at, value)?);
        }
        if responses.is_empty() {
            return Err(self.invalid(&node.at, "no responses", "every operation declares at least one"));
        }
        let secured = self.security(node)?.unwrap_or(secured);
        Ok(Operation {
            id: id.to_owned(),
            method,
            path: path.to_owned(),
            parameters,
            request,
            responses,
            secured,
        })
    }

    /// Whether credentials are asked for, where the object says so: an empty list lifts the requirement, and an empty
    /// alternative makes it optional (OpenAPI 3.0.3, Operation Object and Security Requirement Object).
    fn security(&self, node: &Node<'a>) -> Result<Option<bool>, ContractError> {
        let Some((at, value)) = node.member("security") else { return Ok(None) };
        let Some(alternatives) = value.as_array() else {
            return Err(self.invalid(
                &at,
                "security is not a list",
                "write a list of requirements, or [] for none",
            ));
        };
        let lifted = |requirement: &Value| requirement.as_object().is_some_and(Map::is_empty);
        Ok(Some(!alternatives.is_empty() && !alternatives.iter().any(lifted)))
    }

    fn parameters(&mut self, node: &Node<'a>) -> Result<Vec<Parameter>, ContractError> {
        let Some((at, value)) = node.member("parameters") else { return Ok(Vec::new()) };
        let Some(list) = value.as_array() else {
            return Err(self.invalid(&at, "parameters is not a list", "OpenAPI asks for one"));
        };
        list.iter().enumerate().map(|(i, value)| self.parameter(format!("{at}/{i}"), value)).collect()
    }

    fn parameter(&mut self, at: String, value: &'a Value) -> Result<Parameter, ContractError> {
        let node = self.target(at, value)?;
        let text = |name: &str| node.members.get(name).and_then(Value::as_str);
        let place = match text("in") {
            Some("path") => ParameterPlace::Path,
            Some("query") => ParameterPlace::Query,
            Some("header") => ParameterPlace::Header,
            other => {
                let found = format!("a parameter in {:?}", other.unwrap_or("nothing"));
                return Err(self.invalid(&node.at, found, "supported are path, query and header"));
            }
        };
        let Some(name) = text("name") else {
            return Err(self.invalid(&node.at, "a parameter without a name", "every parameter needs one"));
        };
        let required = node.flag("required");
        if place == ParameterPlace::Path && !required {
            return Err(self.invalid(
                &node.at,
                format!("the path parameter {name:?} is optional"),
                "a path parameter is required: true",
            ));
        }
        let name = name.to_owned();
        self.schema(&node);
        Ok(Parameter { name, place, required })
    }

    fn request(&mut self, at: String, value: &'a Value) -> Result<RequestBody, ContractError> {
        let node = self.target(at, value)?;
        Ok(RequestBody { required: node.flag("required"), media: self.media(&node)? })
    }

    fn response(
        &mut self,
        status: StatusKey,
        at: String,
        value: &'a Value,
    ) -> Result<Response, ContractError> {
        let node = self.target(at, value)?;
        let mut headers = Vec::new();
        for (name, at, value) in self.entries(&node, "headers")? {
            let header = self.target(at, value)?;
            self.schema(&header);
            headers.push(name.to_owned());
        }
        Ok(Response { status, media: self.media(&node)?, headers })
    }

    fn media(&mut self, node: &Node<'a>) -> Result<Vec<MediaType>, ContractError> {
        let mut media = Vec::new();
        for (name, at, value) in self.entries(node, "content")? {
            let inner = self.node(at, value)?;
            let essence = name.split(';').next().unwrap_or(name).trim().to_ascii_lowercase();
            media.push(MediaType { name: essence, schema: self.schema(&inner) });
        }
        Ok(media)
    }

    /// The place of the object's own schema, noted among the document's.
    fn schema(&mut self, node: &Node<'a>) -> Option<SchemaRef> {
        let (at, _) = node.member("schema")?;
        let place = SchemaRef::new(self.name, &at);
        self.places.push(place.clone());
        Some(place)
    }

    /// The named schemas; the other components are read for the schemas inside them, whether an operation uses them
    /// or not.
    fn components(&mut self, start: &Node<'a>) -> Result<BTreeMap<String, SchemaRef>, ContractError> {
        let Some((at, value)) = start.member("components") else { return Ok(BTreeMap::new()) };
        let components = self.node(at, value)?;
        for (_, at, value) in self.entries(&components, "responses")? {
            self.response(StatusKey::Default, at, value)?;
        }
        for (_, at, value) in self.entries(&components, "parameters")? {
            self.parameter(at, value)?;
        }
        for (_, at, value) in self.entries(&components, "requestBodies")? {
            self.request(at, value)?;
        }
        let mut schemas = BTreeMap::new();
        for (name, at, _) in self.entries(&components, "schemas")? {
            let place = SchemaRef::new(self.name, &at);
            self.places.push(place.clone());
            schemas.insert(name.to_owned(), place);
        }
        Ok(schemas)
    }
}

fn status_key(key: &str) -> Option<StatusKey> {
    if key == "default" {
        return Some(StatusKey::Default);
    }
    let class = key.strip_suffix("XX").and_then(|digit| digit.parse().ok());
    match (class, key.parse()) {
        (Some(class @ 1..=5), _) => Some(StatusKey::Class(class)),
        (None, Ok(code @ 100..=599)) => Some(StatusKey::Exactly(code)),
        _ => None,
    }
}
