//! Wrong bodies derived from a schema: one edit each, every one a violation of exactly one statement.

use serde_json::{Map, Value, json};

/// What kind of statement an edit violates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MutationKind {
    /// A required member is left out.
    Required,
    /// A value has another JSON type, `null` included, or the body is no object.
    Type,
    /// A strict object has a member that it does not define.
    Unknown,
    /// A number or list is outside its bounds.
    Bounds,
    /// A value is none of those listed.
    Enum,
    /// A text does not have its format.
    Format,
    /// A key of `extensions` has no namespace.
    ExtensionKey,
}

impl MutationKind {
    pub const ALL: [(&'static str, MutationKind); 7] = [
        ("required", MutationKind::Required),
        ("type", MutationKind::Type),
        ("unknown", MutationKind::Unknown),
        ("bounds", MutationKind::Bounds),
        ("enum", MutationKind::Enum),
        ("format", MutationKind::Format),
        ("extension-key", MutationKind::ExtensionKey),
    ];

    /// The word that case files and check ids use.
    pub fn name(self) -> &'static str {
        // Every kind stands in the list above.
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// One edit of a valid body that makes it invalid.
#[derive(Debug, Clone, PartialEq)]
pub struct Mutation {
    pub kind: MutationKind,
    /// The JSON Pointer that names the row: the member that is missing, wrong or too much.
    pub at: String,
    /// Tells two edits of one kind at one place apart: `null`, `below`.
    pub variant: Option<&'static str>,
    pub edit: Edit,
    /// What is wrong with the body, as the end of "a body …".
    pub label: String,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    Set(String, Value),
    Remove(String),
}

impl Mutation {
    /// `required:/input/goal`, `type:/input=null`.
    pub fn id(&self) -> String {
        match self.variant {
            Some(variant) => format!("{}:{}={variant}", self.kind.name(), self.at),
            None => format!("{}:{}", self.kind.name(), self.at),
        }
    }
}

/// Every edit of `body` that violates `schema` in one place, at every depth that `body` reaches.
///
/// `schema` has its references resolved. Deterministic: the order is that of the schema.
pub fn mutations(schema: &Value, body: &Value) -> Vec<Mutation> {
    let mut found = Vec::new();
    walk(schema, body, "", &mut found);
    found
}

fn walk(schema: &Value, value: &Value, at: &str, found: &mut Vec<Mutation>) {
    types(schema, at, found);
    bounds(schema, at, found);
    if let Some(Value::Array(values)) = schema.get("enum")
        && values.iter().all(Value::is_string)
    {
        push(found, MutationKind::Enum, at, None, Edit::Set(at.into(), json!("arp-conformance-none")), {
            format!("has an unlisted value at {}", shown(at))
        });
    }
    if schema.get("format").and_then(Value::as_str) == Some("uri") {
        let edit = Edit::Set(at.into(), json!("not a uri"));
        push(found, MutationKind::Format, at, None, edit, format!("has no URI at {}", shown(at)));
    }
    match value {
        Value::Object(members) => object(schema, members, at, found),
        Value::Array(items) => {
            if let (Some(item_schema), Some(item)) = (schema.get("items"), items.first()) {
                walk(item_schema, item, &format!("{at}/0"), found);
            }
        }
        _ => {}
    }
}

fn object(schema: &Value, members: &Map<String, Value>, at: &str, found: &mut Vec<Mutation>) {
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        let Some(name) = name.as_str().filter(|name| members.contains_key(*name)) else { continue };
        let member = format!("{at}/{}", escape(name));
        let label = format!("lacks {}", shown(&member));
        push(found, MutationKind::Required, &member, None, Edit::Remove(member.clone()), label);
    }
    if schema.get("additionalProperties") == Some(&Value::Bool(false)) {
        let name = "arp_conformance_unknown";
        let member = format!("{at}/{name}");
        let (kind, label) = match schema.get("patternProperties") {
            Some(_) => {
                (MutationKind::ExtensionKey, format!("has a key without a namespace in {}", shown(at)))
            }
            None => (MutationKind::Unknown, format!("has an unknown member in {}", shown(at))),
        };
        push(found, kind, at, None, Edit::Set(member, json!(true)), label);
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        if let Some(value) = members.get(name) {
            walk(property, value, &format!("{at}/{}", escape(name)), found);
        }
    }
    if let Some(additional @ Value::Object(_)) = schema.get("additionalProperties")
        && let Some((name, value)) = members.iter().next()
    {
        walk(additional, value, &format!("{at}/{}", escape(name)), found);
    }
}

/// A value of another type, and `null`. A whole number becomes a text, never a fraction: `1.0` is an integer to
/// JSON Schema.
fn types(schema: &Value, at: &str, found: &mut Vec<Mutation>) {
    let Some(name) = schema.get("type").and_then(Value::as_str) else { return };
    let other = match name {
        "string" => json!(12345),
        // What a lenient parser takes for the right type.
        "integer" | "number" => json!("5"),
        "boolean" => json!("true"),
        "array" => json!({"0": "item"}),
        "object" if at.is_empty() => json!([]),
        "object" => json!("text"),
        _ => return,
    };
    let wanted = format!(
        "instead of {} {name}",
        if matches!(name, "integer" | "array" | "object") { "an" } else { "a" }
    );
    let label = |what: &str| format!("has {what} {wanted} at {}", shown(at));
    let what = match &other {
        Value::Number(_) => "a number",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
        _ => "a text",
    };
    push(found, MutationKind::Type, at, None, Edit::Set(at.into(), other.clone()), label(what));
    push(found, MutationKind::Type, at, Some("null"), Edit::Set(at.into(), Value::Null), label("null"));
}

fn bounds(schema: &Value, at: &str, found: &mut Vec<Mutation>) {
    let mut beyond = |keyword: &str, step: i64, variant: &'static str, word: &str| {
        if let Some(bound) = schema.get(keyword).and_then(Value::as_i64) {
            let label = format!("has a number {word} its bound at {}", shown(at));
            let edit = Edit::Set(at.into(), json!(bound + step));
            push(found, MutationKind::Bounds, at, Some(variant), edit, label);
        }
    };
    beyond("minimum", -1, "below", "below");
    beyond("maximum", 1, "above", "above");
    if schema.get("minItems").and_then(Value::as_u64).is_some_and(|items| items > 0) {
        let label = format!("has too few items at {}", shown(at));
        push(found, MutationKind::Bounds, at, Some("short"), Edit::Set(at.into(), json!([])), label);
    }
}

fn push(
    found: &mut Vec<Mutation>,
    kind: MutationKind,
    at: &str,
    variant: Option<&'static str>,
    edit: Edit,
    label: String,
) {
    found.push(Mutation { kind, at: at.to_owned(), variant, edit, label });
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn shown(at: &str) -> &str {
    if at.is_empty() { "the top" } else { at }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(schema: Value, body: Value) -> Vec<String> {
        mutations(&schema, &body).iter().map(Mutation::id).collect()
    }

    #[test]
    fn one_row_per_statement_at_every_depth() {
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["input"],
            "properties": {
                "input": {"type": "object", "additionalProperties": true, "required": ["goal"],
                          "properties": {"goal": {"type": "string"}}},
                "limits": {"type": "object", "additionalProperties": false,
                           "properties": {"max_steps": {"type": "integer", "minimum": 1}}},
                "extensions": {"type": "object", "additionalProperties": false, "patternProperties": {"^a\\.": {}}},
            }
        });
        let body = json!({"input": {"goal": "x"}, "limits": {"max_steps": 3}, "extensions": {"a.b": 1}});
        assert_eq!(
            ids(schema.clone(), body),
            [
                "type:",
                "type:=null",
                "required:/input",
                "unknown:",
                "type:/input",
                "type:/input=null",
                "required:/input/goal",
                "type:/input/goal",
                "type:/input/goal=null",
                "type:/limits",
                "type:/limits=null",
                "unknown:/limits",
                "type:/limits/max_steps",
                "type:/limits/max_steps=null",
                "bounds:/limits/max_steps=below",
                "type:/extensions",
                "type:/extensions=null",
                "extension-key:/extensions",
            ]
        );
        assert_eq!(ids(schema, json!({"input": {"goal": "x"}})).len(), 9, "only what the body reaches");
    }
}
