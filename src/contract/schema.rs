//! What the keywords of JSON Schema 2020-12 hold, and which schemas a contract may use.

use serde_json::{Map, Value};

use super::schema_ref::step;

/// What stands behind a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Schema,
    SchemaList,
    /// Schemas by member name or pattern.
    SchemaMap,
    Reference,
    /// A value that is no schema.
    Data,
    /// Words and examples for people, which nothing is judged by.
    Prose,
}

/// What `keyword` holds, or none for one that neither JSON Schema 2020-12 nor OpenAPI's Schema Object defines, or
/// whose meaning the harness does not carry out. Extensions (`x-…`) are prose.
pub(super) fn holds(keyword: &str) -> Option<Holds> {
    Some(match keyword {
        "$ref" => Holds::Reference,
        "additionalProperties" | "propertyNames" | "unevaluatedProperties" | "items" | "contains" => {
            Holds::Schema
        }
        "unevaluatedItems" | "not" | "if" | "then" | "else" => Holds::Schema,
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => Holds::SchemaList,
        "properties" | "patternProperties" | "dependentSchemas" | "$defs" => Holds::SchemaMap,
        "type" | "enum" | "const" | "format" | "pattern" | "required" | "dependentRequired" => Holds::Data,
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => Holds::Data,
        "minLength" | "maxLength" | "minItems" | "maxItems" | "uniqueItems" => Holds::Data,
        "minContains" | "maxContains" | "minProperties" | "maxProperties" => Holds::Data,
        "default" | "deprecated" | "readOnly" | "writeOnly" | "$schema" => Holds::Data,
        // A name that types are called by rather than prose.
        "title" => Holds::Data,
        "description" | "summary" | "example" | "examples" | "externalDocs" | "$comment" => Holds::Prose,
        _ if keyword.starts_with("x-") => Holds::Prose,
        _ => return None,
    })
}

/// The formats that are asserted: those of JSON Schema 2020-12, section 7.3, but for the internationalised ones.
const FORMATS: [&str; 16] = [
    "date-time",
    "date",
    "time",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "uri-template",
    "iri",
    "iri-reference",
    "uuid",
    "json-pointer",
    "regex",
];

/// The one dialect that schemas are read as, whether they say so or not.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schemas directly inside `schema`, each with the JSON Pointer that leads from one to the other.
pub(super) fn subschemas(schema: &Map<String, Value>) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (keyword, value) in schema {
        let at = step(keyword);
        match (holds(keyword), value) {
            (Some(Holds::Schema), inner) => found.push((at, inner)),
            (Some(Holds::SchemaList), Value::Array(list)) => {
                found.extend(list.iter().enumerate().map(|(i, inner)| (format!("{at}/{i}"), inner)));
            }
            (Some(Holds::SchemaMap), Value::Object(named)) => {
                found.extend(named.iter().map(|(name, inner)| (at.clone() + &step(name), inner)));
            }
            _ => {}
        }
    }
    found
}

/// What is wrong with a schema itself, its subschemas aside.
pub(super) struct Fault {
    pub found: String,
    pub wanted: String,
}

/// Refuses what would be read one way here and another way elsewhere: a keyword nobody defines (a misspelt one judges
/// nothing), a format that cannot be asserted, and what OpenAPI 3.0 writes differently from JSON Schema 2020-12.
pub(super) fn check(schema: &Value) -> Result<(), Fault> {
    let fault = |found: String, wanted: &str| Err(Fault { found, wanted: wanted.to_owned() });
    let members = match schema {
        Value::Bool(_) => return Ok(()),
        Value::Object(members) => members,
        _ => return fault("no schema stands here".into(), "a schema is an object, true or false"),
    };
    for (keyword, value) in members {
        match keyword.as_str() {
            "nullable" => {
                return fault(
                    "nullable is not supported".into(),
                    "JSON Schema 2020-12 writes \"type\": [\"string\", \"null\"]",
                );
            }
            "exclusiveMinimum" | "exclusiveMaximum" if value.is_boolean() => {
                return fault(
                    format!("{keyword} is {value}"),
                    "JSON Schema 2020-12 takes the bound itself, a number",
                );
            }
            "$ref" if !value.is_string() => {
                return fault(
                    "$ref is not a string".into(),
                    "write a relative path or a # and a JSON Pointer",
                );
            }
            "$schema" if value.as_str().map(|uri| uri.trim_end_matches('#')) != Some(DIALECT) => {
                return fault(
                    format!("the dialect {value} is not supported"),
                    "schemas are read as JSON Schema 2020-12",
                );
            }
            "format" if !value.as_str().is_some_and(|name| FORMATS.contains(&name)) => {
                return fault(
                    format!("the format {value} is unknown"),
                    &format!("known are {}", FORMATS.join(", ")),
                );
            }
            _ if holds(keyword).is_none() => {
                return fault(
                    format!("the keyword {keyword:?} is not supported"),
                    "use the keywords of JSON Schema 2020-12 that check values, or a name that begins with x-",
                );
            }
            _ => {}
        }
    }
    Ok(())
}
