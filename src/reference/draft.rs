use serde_json::{Map, Value, json};

use super::options::Members;

/// A JSON object of an answer in the making, with the optional members that [`Members`] asks for.
pub struct Draft {
    members: Members,
    object: Map<String, Value>,
}

impl Draft {
    pub fn new(members: Members) -> Self {
        Draft { members, object: Map::new() }
    }

    /// A member that every answer carries.
    pub fn always(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.object.insert(name.to_owned(), value.into());
        self
    }

    /// An optional member that ordinary services send, left out where there is no value yet.
    pub fn common(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) if self.members >= Members::Common => self.always(name, value),
            _ => self,
        }
    }

    /// An optional member that few services send.
    pub fn rare(self, name: &str, value: impl Into<Value>) -> Self {
        if self.members == Members::All { self.always(name, value) } else { self }
    }

    /// The finished object, with `extensions` where every member is wanted: all objects but the innermost ones
    /// of the contract have them.
    pub fn extensible(self) -> Value {
        Value::Object(self.rare("extensions", json!({"org.example.arp-reference": {"sample": true}})).object)
    }
}
