//! Strict JSON (RFC 8259): what a lenient parser lets pass is a finding here.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A JSON text that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Json {
    /// Where a member is repeated, its last value.
    pub value: Value,
    /// JSON Pointers of members that are repeated (RFC 8259, section 4).
    pub repeated: Vec<String>,
    /// How many values it holds, members and items included.
    pub values: usize,
}

/// JSON values of one text: what is more would take many times the memory of its octets.
const MOST_VALUES: usize = 100_000;

/// Repeated members of one text that are told.
const MOST_REPEATED: usize = 100;

/// Why octets are no JSON text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonProblem {
    #[error("no content")]
    Empty,
    #[error("a byte order mark before the JSON text")]
    ByteOrderMark,
    #[error("octets that are not UTF-8 at offset {0}")]
    NotUtf8(usize),
    #[error("no JSON: {0}")]
    Syntax(String),
    /// JSON that the harness does not read: nested too deep, or a number past what it holds.
    #[error("JSON beyond the harness's limits: {0}")]
    Limit(String),
}

/// Reads one JSON text and nothing after it.
pub fn read_json(octets: &[u8]) -> Result<Json, JsonProblem> {
    read_json_up_to(octets, MOST_VALUES)
}

/// The same, with `most` values or fewer.
pub(super) fn read_json_up_to(octets: &[u8], most: usize) -> Result<Json, JsonProblem> {
    if octets.is_empty() {
        return Err(JsonProblem::Empty);
    }
    if octets.starts_with(b"\xEF\xBB\xBF") {
        return Err(JsonProblem::ByteOrderMark);
    }
    let text = std::str::from_utf8(octets).map_err(|error| JsonProblem::NotUtf8(error.valid_up_to()))?;
    let found = Found { repeated: RefCell::default(), left: Cell::new(most) };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let seed = Seed { place: &Place::Root, found: &found };
    let value = seed.deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    match value {
        Ok(value) => {
            Ok(Json { value, repeated: found.repeated.into_inner(), values: most - found.left.get() })
        }
        Err(error) => {
            let message = error.to_string();
            let beyond = ["recursion limit", "number out of range", TOO_MANY];
            Err(match beyond.iter().any(|text| message.contains(text)) {
                true => JsonProblem::Limit(message),
                false => JsonProblem::Syntax(message),
            })
        }
    }
}

/// What is said where a text holds too many values.
const TOO_MANY: &str = "more values than are read";

/// What is noted while a text is read.
struct Found {
    repeated: RefCell<Vec<String>>,
    /// Values that may still come.
    left: Cell<usize>,
}

/// Characters of a member's name that a place tells.
const LONGEST_NAME: usize = 200;

/// Where a value stands. Written out only where it is told: a name of megabytes may have many values below it.
enum Place<'p> {
    Root,
    Item(&'p Place<'p>, usize),
    Member(&'p Place<'p>, &'p str),
}

impl Place<'_> {
    /// The place as a JSON Pointer (RFC 6901).
    fn pointer(&self) -> String {
        match self {
            Place::Root => String::new(),
            Place::Item(parent, index) => format!("{}/{index}", parent.pointer()),
            Place::Member(parent, name) => {
                let begin: String = name.chars().take(LONGEST_NAME).collect();
                let more = if begin.len() < name.len() { "…" } else { "" };
                format!("{}/{}{more}", parent.pointer(), begin.replace('~', "~0").replace('/', "~1"))
            }
        }
    }
}

/// Reads one value at a place and notes repeated members.
struct Seed<'r> {
    place: &'r Place<'r>,
    found: &'r Found,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let left = self.found.left.get().checked_sub(1).ok_or_else(|| D::Error::custom(TOO_MANY))?;
        self.found.left.set(left);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        loop {
            let place = Place::Item(self.place, items.len());
            match access.next_element_seed(Seed { place: &place, found: self.found })? {
                Some(item) => items.push(item),
                None => return Ok(Value::Array(items)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            let place = Place::Member(self.place, &name);
            let value = access.next_value_seed(Seed { place: &place, found: self.found })?;
            let mut repeated = self.found.repeated.borrow_mut();
            if members.contains_key(&name) && repeated.len() < MOST_REPEATED {
                repeated.push(place.pointer());
            }
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_json_text_is_one_value() {
        let read = read_json(br#" {"a": [1, 2.5, -3, "x", null, true]} "#).unwrap();
        assert_eq!(
            read,
            Json { value: json!({"a": [1, 2.5, -3, "x", null, true]}), repeated: vec![], values: 8 }
        );
    }

    #[test]
    fn repeated_members_are_told_with_their_place() {
        let read = read_json(br#"{"a": 1, "b/c": [{"d": 1, "d": 2}], "a": 3}"#).unwrap();
        assert_eq!(read.repeated, ["/b~1c/0/d", "/a"]);
        assert_eq!(read.value["a"], json!(3));
    }

    #[test]
    fn what_is_no_json_text_is_refused() {
        assert_eq!(read_json(b""), Err(JsonProblem::Empty));
        assert_eq!(read_json(b"\xEF\xBB\xBF{}"), Err(JsonProblem::ByteOrderMark));
        assert_eq!(read_json(b"{\"a\": \"\xFF\"}"), Err(JsonProblem::NotUtf8(7)));
        for text in ["{} {}", "{\"a\":", "{a: 1}", "NaN", "{'a': 1}", "[1,]", "\"\\ud800\""] {
            assert!(matches!(read_json(text.as_bytes()), Err(JsonProblem::Syntax(_))), "{text}");
        }
    }

    #[test]
    fn valid_json_past_the_limits_is_no_syntax_error() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        let many = format!("[{}0]", "0,".repeat(MOST_VALUES));
        for text in [deep.as_str(), "1e999", &many] {
            assert!(matches!(read_json(text.as_bytes()), Err(JsonProblem::Limit(_))), "{text}");
        }
    }
}
