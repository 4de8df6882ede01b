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
pub(super) fn violations(error: &ValidationError<'_>) -> Vec<Violation> {
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
                let actual = value.get(name).map_or_else(|| "a value".to_owned(), shown);
                say(format!("{at}{}", step(name)), format!("no member {} here", quoted(name)), actual)
            })
            .collect(),
        Kind::Required { property } => {
            vec![say(at.to_owned(), format!("the member {property}"), "no such member".to_owned())]
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
