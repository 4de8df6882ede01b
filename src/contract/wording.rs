//! Says in words what a schema wanted and what stood there instead.

use std::io::{self, Write};

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use super::schema_ref::step;
use super::validate::Violation;

/// As many bytes of a value are shown; the cut is marked by an ellipsis.
const SHOWN: usize = 80;

/// What one error of the validator says: one violation, but for unknown members one for each of them.
///
/// `patterns` are those that the names of an object's members may match, where the error is about unknown members.
pub(super) fn violations(error: &ValidationError<'_>, patterns: &[&str]) -> Vec<Violation> {
    let at = error.instance_path().as_str();
    let value = error.instance().as_ref();
    let say = |at: String, expected: String, actual: String| Violation {
        at,
        keyword: error.kind().keyword().to_owned(),
        expected,
        actual,
    };
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => unexpected
            .iter()
            .map(|name| {
                let at = format!("{at}{}", step(name));
                if patterns.is_empty() {
                    let actual = value.get(name).map_or_else(|| "a value".to_owned(), shown);
                    say(at, format!("no member {} here", quoted(name)), actual)
                } else {
                    say(at, format!("a name that matches {}", patterns.join(" or ")), quoted(name))
                }
            })
            .collect(),
        Kind::Required { property } => {
            vec![say(at.to_owned(), format!("the member {property}"), "no such member".to_owned())]
        }
        // The validator's shortcut where `additionalProperties: false` stands alone: it names no member.
        Kind::FalseSchema if error.schema_path().as_str().ends_with("/additionalProperties") => {
            let said = say(at.to_owned(), "no members here".to_owned(), "a member".to_owned());
            vec![Violation { keyword: "additionalProperties".to_owned(), ..said }]
        }
        kind => vec![say(at.to_owned(), expected(kind), actual(kind, value))],
    }
}

/// Drops what only follows from a wrong type: that `null` is none of the listed strings either.
pub(super) fn drop_consequences(violations: &mut Vec<Violation>) {
    let mistyped: Vec<String> =
        violations.iter().filter(|violation| violation.keyword == "type").map(|v| v.at.clone()).collect();
    violations.retain(|violation| {
        !matches!(violation.keyword.as_str(), "enum" | "const") || !mistyped.contains(&violation.at)
    });
}

fn expected(kind: &Kind) -> String {
    match kind {
        Kind::Type { kind: TypeKind::Single(one) } => type_name(*one).to_owned(),
        Kind::Type { kind: TypeKind::Multiple(several) } => {
            several.iter().map(type_name).collect::<Vec<_>>().join(" or ")
        }
        Kind::Enum { options } => match options.as_array().map(Vec::as_slice) {
            Some([only]) => shown(only),
            Some(options) => format!("one of {}", options.iter().map(shown).collect::<Vec<_>>().join(", ")),
            None => "one of the listed values".to_owned(),
        },
        Kind::Constant { expected_value } => shown(expected_value),
        Kind::Minimum { limit } => format!("at least {limit}"),
        Kind::Maximum { limit } => format!("at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("less than {limit}"),
        Kind::MultipleOf { multiple_of } => format!("a multiple of {multiple_of}"),
        Kind::MinItems { limit } => format!("at least {}", counted(*limit, "item")),
        Kind::MaxItems { limit } => format!("at most {}", counted(*limit, "item")),
        Kind::MinLength { limit } => format!("at least {}", counted(*limit, "character")),
        Kind::MaxLength { limit } => format!("at most {}", counted(*limit, "character")),
        Kind::MinProperties { limit } => format!("at least {}", counted(*limit, "member")),
        Kind::MaxProperties { limit } => format!("at most {}", counted(*limit, "member")),
        Kind::UniqueItems => "no item twice".to_owned(),
        Kind::Format { format } => match format.as_str() {
            "date-time" => "an RFC 3339 date-time with its offset".to_owned(),
            "uri" => "an absolute URI".to_owned(),
            other => format!("text of the format {other:?}"),
        },
        Kind::Pattern { pattern } => format!("text that matches {pattern}"),
        Kind::FalseSchema => "nothing here".to_owned(),
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } => "what one of the alternatives allows".to_owned(),
        Kind::OneOfMultipleValid { .. } => "what only one of the alternatives allows".to_owned(),
        other => format!("what {:?} of the schema allows", other.keyword()),
    }
}

fn actual(kind: &Kind, value: &Value) -> String {
    let count = |list: Option<usize>, what| list.map(|n| counted(n as u64, what));
    let counted = match kind {
        Kind::MinItems { .. } | Kind::MaxItems { .. } => count(value.as_array().map(Vec::len), "item"),
        Kind::MinProperties { .. } | Kind::MaxProperties { .. } => {
            count(value.as_object().map(|members| members.len()), "member")
        }
        _ => None,
    };
    counted.unwrap_or_else(|| shown(value))
}

fn counted(n: u64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

fn type_name(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Array => "an array",
        JsonType::Boolean => "a boolean",
        JsonType::Integer => "an integer",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "an object",
        JsonType::String => "a string",
    }
}

fn quoted(name: &str) -> String {
    shown(&Value::String(name.to_owned()))
}

/// A value as JSON on one line, cut to a readable length.
fn shown(value: &Value) -> String {
    let mut line = Line(Vec::new());
    let complete = serde_json::to_writer(&mut line, value).is_ok();
    let text = String::from_utf8_lossy(&line.0);
    // The cut may have gone through a character.
    if complete { text.into_owned() } else { format!("{}…", text.trim_end_matches('\u{FFFD}')) }
}

/// Takes so many bytes and refuses the rest, so that showing the start of a large value does not write all of it.
struct Line(Vec<u8>);

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = SHOWN.saturating_sub(self.0.len());
        if room == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        let taken = room.min(bytes.len());
        self.0.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// `at keyword: expected / actual`, a line for each violation.
    fn said(schema: Value, value: Value) -> Vec<String> {
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .build(&schema)
            .unwrap();
        let mut all: Vec<_> = validator.iter_errors(&value).flat_map(|e| violations(&e, &[])).collect();
        drop_consequences(&mut all);
        all.iter().map(|v| format!("{} {}: {} / {}", v.at, v.keyword, v.expected, v.actual)).collect()
    }

    #[test]
    fn every_keyword_has_its_words() {
        for (schema, value, line) in [
            (json!({"type": "string"}), json!(null), " type: a string / null"),
            (json!({"type": "integer"}), json!(1.5), " type: an integer / 1.5"),
            (json!({"type": ["object", "null"]}), json!([1]), " type: null or an object / [1]"),
            (json!({"required": ["state"]}), json!({}), " required: the member \"state\" / no such member"),
            (json!({"enum": ["ok", "down"]}), json!("up"), " enum: one of \"ok\", \"down\" / \"up\""),
            (json!({"enum": ["ok"]}), json!("up"), " enum: \"ok\" / \"up\""),
            (json!({"const": 1}), json!(2), " const: 1 / 2"),
            (json!({"minimum": 0}), json!(-1), " minimum: at least 0 / -1"),
            (json!({"maximum": 1}), json!(1.25), " maximum: at most 1 / 1.25"),
            (json!({"exclusiveMinimum": 0}), json!(0), " exclusiveMinimum: more than 0 / 0"),
            (json!({"exclusiveMaximum": 5}), json!(5), " exclusiveMaximum: less than 5 / 5"),
            (json!({"multipleOf": 2}), json!(3), " multipleOf: a multiple of 2 / 3"),
            (json!({"minItems": 1}), json!([]), " minItems: at least 1 item / 0 items"),
            (json!({"maxItems": 1}), json!([1, 2]), " maxItems: at most 1 item / 2 items"),
            (json!({"minLength": 1}), json!(""), " minLength: at least 1 character / \"\""),
            (json!({"maxProperties": 0}), json!({"a": 1}), " maxProperties: at most 0 members / 1 member"),
            (json!({"uniqueItems": true}), json!([1, 1]), " uniqueItems: no item twice / [1,1]"),
            (json!({"pattern": "^a"}), json!("b"), " pattern: text that matches ^a / \"b\""),
            (
                json!({"format": "date-time"}),
                json!("2026-01-01"),
                " format: an RFC 3339 date-time with its offset / \"2026-01-01\"",
            ),
            (json!({"format": "uri"}), json!("a/b"), " format: an absolute URI / \"a/b\""),
            (json!({"format": "ipv4"}), json!("a"), " format: text of the format \"ipv4\" / \"a\""),
            (
                json!({"additionalProperties": false}),
                json!({"a": 1}),
                " additionalProperties: no members here / a member",
            ),
            (json!({"properties": {"a": false}}), json!({"a": 1}), "/a falseSchema: nothing here / 1"),
            (
                json!({"anyOf": [{"type": "string"}]}),
                json!(1),
                " anyOf: what one of the alternatives allows / 1",
            ),
            (json!({"not": {}}), json!(1), " not: what \"not\" of the schema allows / 1"),
        ] {
            assert_eq!(said(schema, value), [line]);
        }
    }

    #[test]
    fn an_unknown_member_is_pointed_at() {
        let schema =
            json!({"properties": {"build": {"properties": {"x": {}}, "additionalProperties": false}}});
        assert_eq!(
            said(schema, json!({"build": {"a/b": {"c": 1}, "d": null}})),
            [
                "/build/a~1b additionalProperties: no member \"a/b\" here / {\"c\":1}",
                "/build/d additionalProperties: no member \"d\" here / null",
            ]
        );
    }

    #[test]
    fn what_follows_from_a_wrong_type_is_not_told() {
        let schema = json!({"properties": {"state": {"type": "string", "enum": ["queued"]}}});
        assert_eq!(said(schema.clone(), json!({"state": null})), ["/state type: a string / null"]);
        assert_eq!(said(schema, json!({"state": "done"})), ["/state enum: \"queued\" / \"done\""]);
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        let said = said(json!({"type": "integer"}), json!("ü".repeat(1000)));
        let actual = said[0].split(" / ").nth(1).unwrap();
        assert_eq!(actual, format!("\"{}…", "ü".repeat(39)));
        assert!(said[0].len() < 2 * SHOWN);
    }
}
