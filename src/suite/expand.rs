//! Rows: one scenario written once and run for every violation of a schema, every protected operation, or every
//! entry of a list.

use http::Method;
use serde_json::Value;

use super::decode::Decoder;
use super::derive::{Edit, MutationKind, mutations};
use super::model::{Body, RequestTarget};
use super::profile::Profile;
use super::scenario::decode_body;
use super::template::{Lookup, Reference, Template};
use crate::contract::Contract;
use crate::yaml::{Kind, Node};

/// What one row puts in the places that its scenario leaves open.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    /// Stands in brackets behind the scenario's id.
    pub id: String,
    /// For `${row.label}` in the title.
    pub label: String,
    /// For `requirement: row`.
    pub requirement: Option<String>,
    /// For `call: row`.
    pub operation: Option<String>,
    /// For `request: row`.
    pub target: Option<RequestTarget>,
    /// For `body: row`.
    pub body: Option<Body>,
    /// The optional feature that the row's operation is.
    pub feature: Option<String>,
}

/// Reads `rows:` of a scenario.
pub(super) fn rows(decoder: &Decoder, node: &Node, contract: &Contract, profile: &Profile) -> Vec<Row> {
    match &node.kind {
        Kind::List(items) => items.iter().filter_map(|node| listed(decoder, node)).collect(),
        Kind::Text(word) if word == "protected-operations" => {
            let secured = contract.operations().iter().filter(|operation| operation.secured);
            secured
                .map(|operation| Row {
                    id: operation.id.clone(),
                    label: operation.label(),
                    operation: Some(operation.id.clone()),
                    feature: profile
                        .operations
                        .get(&operation.id)
                        .and_then(|profile| profile.feature.clone()),
                    body: operation.request.as_ref().map(|_| Body::From {
                        name: "minimal".into(),
                        set: Vec::new(),
                        remove: Vec::new(),
                    }),
                    ..Row::default()
                })
                .collect()
        }
        Kind::Text(word) if word == "undocumented-methods" => undocumented_methods(contract, profile),
        Kind::Map(_) => violations(decoder, node, contract, profile).unwrap_or_default(),
        _ => {
            decoder.wrong::<()>(
                node,
                "a list of rows, `protected-operations`, `undocumented-methods`, or a mapping with `violations-of`",
            );
            Vec::new()
        }
    }
}

/// One row per documented path and method that it lacks, of those that services commonly mistake for another. GET of an
/// action is left out: it reads as an id.
fn undocumented_methods(contract: &Contract, profile: &Profile) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for path in contract.operations().iter().map(|operation| operation.path.as_str()) {
        let own: Vec<_> = contract.operations().iter().filter(|operation| operation.path == path).collect();
        let is_action = path.rsplit('/').next().is_some_and(|last| last.contains(':'));
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let documented = own.iter().any(|operation| operation.method == method);
            let label = format!("{method} {path}");
            if documented || (is_action && method == Method::GET) || rows.iter().any(|row| row.label == label)
            {
                continue;
            }
            // A run that does not exist, so that nothing can be lost.
            let Ok(filled) = Template::text(&path.replace("{run_id}", "${fresh.run_id}")) else { continue };
            let feature =
                own.iter().find_map(|operation| profile.operations.get(&operation.id)?.feature.clone());
            rows.push(Row {
                id: label.clone(),
                label,
                target: Some(RequestTarget::Path { method, path: filled }),
                feature,
                ..Row::default()
            });
        }
    }
    rows
}

fn listed(decoder: &Decoder, node: &Node) -> Option<Row> {
    let fields = decoder.fields(node, "a row")?;
    let id = fields.need_text("id");
    let label = fields.need_text("label");
    let requirement = fields.text("requirement");
    let body = fields.get("body").and_then(|node| decode_body(decoder, node, None));
    fields.finish();
    Some(Row { id: id?, label: label?, requirement, body: body.flatten(), ..Row::default() })
}

/// One row per violation of an operation's request schema that its body `from` reaches.
fn violations(decoder: &Decoder, node: &Node, contract: &Contract, profile: &Profile) -> Option<Vec<Row>> {
    let fields = decoder.fields(node, "derived rows")?;
    let operation = fields.need_text("violations-of");
    let from = fields.need("from");
    let beyond = fields.get("beyond");
    let kinds = fields.need("kinds").and_then(|node| decoder.entries(node, "kinds of violation"));
    fields.finish();

    let schema = operation
        .as_deref()
        .and_then(|name| profile.operation(name))
        .and_then(|id| contract.operation(id))
        .and_then(|operation| operation.request.as_ref())
        .and_then(|request| request.media.first())
        .and_then(|media| media.schema.as_ref());
    let Some(schema) = schema else {
        let what = format!("{:?} has no request schema", operation.unwrap_or_default());
        decoder.trouble(node.place, what, "name an operation that takes a JSON body");
        return None;
    };
    let (name, base) = named_body(decoder, from?, profile)?;
    let beyond = beyond.and_then(|node| named_body(decoder, node, profile)).map(|(_, body)| body);
    let wanted: Vec<(MutationKind, String)> = kinds?
        .iter()
        .filter_map(|(key, node)| {
            let kind = MutationKind::ALL.iter().find(|(name, _)| *name == key.name).map(|(_, kind)| *kind);
            if kind.is_none() {
                let names: Vec<&str> = MutationKind::ALL.iter().map(|(name, _)| *name).collect();
                let what = format!("unknown kind of violation {:?}", key.name);
                decoder.trouble(key.place, what, super::decode::suggest(&key.name, &names));
            }
            Some((kind?, decoder.text(node, "a requirement's id")?.to_owned()))
        })
        .collect();

    let found = mutations(&contract.resolved(schema), &base).into_iter().filter_map(|mutation| {
        let (_, requirement) = wanted.iter().find(|(kind, _)| *kind == mutation.kind)?;
        if beyond.as_ref().is_some_and(|body| body.pointer(&mutation.at).is_some()) {
            return None;
        }
        let (mut set, mut remove) = (Vec::new(), Vec::new());
        match &mutation.edit {
            // Values of edits are constants: none of them holds a reference.
            Edit::Set(at, value) => set.push((at.clone(), Template::new(value.clone()).ok()?)),
            Edit::Remove(at) => remove.push(at.clone()),
        }
        Some(Row {
            id: mutation.id(),
            label: mutation.label.clone(),
            requirement: Some(requirement.clone()),
            body: Some(Body::From { name: name.clone(), set, remove }),
            ..Row::default()
        })
    });
    Some(found.collect())
}

/// A body of the profile with its variables' defaults in place: rows follow its shape, not its values.
fn named_body(decoder: &Decoder, node: &Node, profile: &Profile) -> Option<(String, Value)> {
    let name = decoder.text(node, "the name of a body of the profile")?;
    let Some(body) = profile.bodies.get(name) else {
        let names: Vec<&str> = profile.bodies.keys().map(String::as_str).collect();
        let what = format!("unknown body {name:?} of {}", profile.service);
        decoder.trouble(node.place, what, super::decode::suggest(name, &names));
        return None;
    };
    struct Defaults<'p>(&'p Profile);
    impl Lookup for Defaults<'_> {
        fn lookup(&self, reference: &Reference) -> Result<Value, String> {
            let Reference::Variable(name) = reference else { return Ok("example".into()) };
            let variable = self.0.variables.iter().find(|variable| variable.name == *name);
            Ok(variable.map_or("example".into(), |variable| variable.default.clone()))
        }
    }
    let value = body.fill(&Defaults(profile)).ok()?;
    Some((name.to_owned(), value))
}
