use serde_json::Value;

use super::Asked;

/// A small change of a JSON value. Pointers are JSON Pointers (RFC 6901) to members of objects; where the object that
/// they lead into is not there, nothing changes.
pub enum Patch {
    /// The member has this value, whether it was there or not.
    Set(&'static str, fn() -> Value),
    /// The member has this value where it was not there.
    Fill(&'static str, fn() -> Value),
    Remove(&'static str),
    /// The member stands under another name, in the same object.
    Rename(&'static str, &'static str),
    /// Whatever the others cannot say, of an object.
    With(fn(&mut Value, &Asked)),
}

pub const fn set(pointer: &'static str, value: fn() -> Value) -> Patch {
    Patch::Set(pointer, value)
}

pub const fn fill(pointer: &'static str, value: fn() -> Value) -> Patch {
    Patch::Fill(pointer, value)
}

pub const fn remove(pointer: &'static str) -> Patch {
    Patch::Remove(pointer)
}

pub const fn rename(pointer: &'static str, name: &'static str) -> Patch {
    Patch::Rename(pointer, name)
}

pub const fn with(edit: fn(&mut Value, &Asked)) -> Patch {
    Patch::With(edit)
}

impl Patch {
    pub fn apply(&self, value: &mut Value, asked: &Asked) {
        match *self {
            Patch::Set("", new) => *value = new(),
            Patch::Set(pointer, new) => {
                if let Some((object, name)) = member(value, pointer) {
                    object.insert(name.to_owned(), new());
                }
            }
            Patch::Fill(pointer, new) => {
                if let Some((object, name)) = member(value, pointer) {
                    object.entry(name).or_insert_with(new);
                }
            }
            Patch::Remove(pointer) => {
                if let Some((object, name)) = member(value, pointer) {
                    object.shift_remove(name);
                }
            }
            Patch::Rename(pointer, new) => {
                if let Some((object, name)) = member(value, pointer)
                    && let Some(inner) = object.shift_remove(name)
                {
                    object.insert(new.to_owned(), inner);
                }
            }
            Patch::With(edit) if value.is_object() => edit(value, asked),
            Patch::With(_) => {}
        }
    }
}

/// The object that `pointer` leads into, and the name of the member there.
fn member<'v, 'p>(
    value: &'v mut Value,
    pointer: &'p str,
) -> Option<(&'v mut serde_json::Map<String, Value>, &'p str)> {
    let (parent, name) = pointer.rsplit_once('/')?;
    Some((value.pointer_mut(parent)?.as_object_mut()?, name))
}
