//! The one place that fixes how YAML is read: the core schema of YAML 1.2, no repeated keys, bounded size, and
//! every value with its place in the file.

pub(crate) mod decode;

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_yaml::{Options, Spanned};

pub use decode::Trouble;

/// A place in a file; both numbers count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    pub line: u64,
    pub column: u64,
}

/// A YAML value and where it stands.
#[derive(Debug, Clone)]
pub struct Node {
    pub place: Place,
    pub kind: Kind,
}

#[derive(Debug, Clone)]
pub enum Kind {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Debug, Clone)]
pub struct Key {
    pub place: Place,
    pub name: String,
}

/// Text that is no YAML document, or one past the limits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    pub place: Place,
    pub message: String,
}

/// The options of every parse: `no`, `012` and `1_000` are text as in YAML 1.2, a repeated key is an error as by
/// default, and a file that unfolds beyond any sensible size is refused.
fn options() -> Options {
    serde_yaml::options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
        budget: serde_yaml::budget! {
            max_depth: 64,
            max_nodes: 250_000,
            max_events: 1_000_000,
            max_total_scalar_bytes: 8 << 20,
        },
    }
}

/// Reads one document.
pub fn parse(text: &str) -> Result<Node, YamlError> {
    let spanned: Spanned<Kind> = serde_yaml::from_str_with_options(text, options()).map_err(|error| {
        let place = error
            .location()
            .map(|location| Place { line: location.line(), column: location.column() })
            .unwrap_or(Place { line: 1, column: 1 });
        let message = error.without_snippet().to_string();
        // The parser's own text ends with the place, which is told separately here, or with advice to programmers.
        let message = message.split(" at line ").next().unwrap_or_default();
        let message = message.split(", set DuplicateKeyPolicy").next().unwrap_or_default().trim().to_owned();
        YamlError { place, message }
    })?;
    Ok(spanned.into())
}

/// Reads one document whose places do not matter.
pub fn value(text: &str) -> Result<Value, YamlError> {
    parse(text).map(|node| node.to_value())
}

impl Node {
    /// The value without its places.
    pub fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(value) => Value::Number(value.clone()),
            Kind::Text(value) => Value::String(value.clone()),
            Kind::List(items) => items.iter().map(Node::to_value).collect(),
            Kind::Map(entries) => {
                Value::Object(entries.iter().map(|(key, node)| (key.name.clone(), node.to_value())).collect())
            }
        }
    }

    /// What kind of value it is, as messages say it.
    pub fn describe(&self) -> String {
        match &self.kind {
            Kind::Null => "nothing".into(),
            Kind::Bool(value) => format!("the boolean {value}"),
            Kind::Number(value) => format!("the number {value}"),
            Kind::Text(value) => format!("the text {value:?}"),
            Kind::List(_) => "a list".into(),
            Kind::Map(_) => "a mapping".into(),
        }
    }
}

impl From<Spanned<Kind>> for Node {
    fn from(spanned: Spanned<Kind>) -> Self {
        let at = spanned.referenced;
        Node { place: Place { line: at.line(), column: at.column() }, kind: spanned.value }
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_none<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        Deserialize::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Kind, E> {
        Ok(Kind::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Kind, E> {
        Ok(Kind::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Kind, E> {
        serde_json::Number::from_f64(value)
            .map(Kind::Number)
            .ok_or_else(|| E::custom("a number that JSON cannot hold"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Kind, E> {
        Ok(Kind::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Kind, E> {
        Ok(Kind::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Kind, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element::<Spanned<Kind>>()? {
            items.push(item.into());
        }
        Ok(Kind::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Kind, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = access.next_key::<Spanned<String>>()? {
            let place = Place { line: key.referenced.line(), column: key.referenced.column() };
            let node = access.next_value::<Spanned<Kind>>()?.into();
            entries.push((Key { place, name: key.value }, node));
        }
        Ok(Kind::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_and_key_has_its_place() {
        let node = parse("a: 1\nb:\n  - x\n  - {c: true, d: ~}\n").unwrap();
        let Kind::Map(entries) = &node.kind else { panic!("{node:?}") };
        assert_eq!(entries[1].0.place, Place { line: 2, column: 1 });
        let Kind::List(items) = &entries[1].1.kind else { panic!("{node:?}") };
        assert_eq!(items[0].place, Place { line: 3, column: 5 });
        let Kind::Map(inner) = &items[1].kind else { panic!("{node:?}") };
        assert_eq!(inner[0].1.place, Place { line: 4, column: 9 });
        assert_eq!(node.to_value(), serde_json::json!({"a": 1, "b": ["x", {"c": true, "d": null}]}));
    }

    #[test]
    fn only_true_and_false_are_booleans() {
        let read = value("[no, on, 012, 1_000, 1.5, -3, '7', \"\", null]").unwrap();
        assert_eq!(read, serde_json::json!(["no", "on", "012", "1_000", 1.5, -3, "7", "", null]));
    }

    #[test]
    fn a_repeated_key_is_refused_at_its_line() {
        let error = parse("a:\n  b: 1\n  b: 2\n").unwrap_err();
        assert_eq!((error.place.line, error.message.contains("duplicate")), (3, true), "{error:?}");
    }

    #[test]
    fn broken_text_is_refused_with_a_place() {
        let error = parse("a: [1, 2\nb: 3\n").unwrap_err();
        assert!(error.place.line >= 1 && !error.message.contains("line"), "{error:?}");
    }
}
