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

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use http::HeaderMap;
    use serde_json::json;

    use super::*;

    fn patched(patch: Patch) -> Value {
        let asked = Asked {
            operation: None,
            run_id: String::new(),
            before: None,
            path: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        };
        let mut value = json!({"a": {"b": 1}, "c": 2});
        patch.apply(&mut value, &asked);
        value
    }

    #[test]
    fn a_patch_changes_members_of_objects_that_are_there() {
        assert_eq!(patched(set("/a/x", || json!(3))), json!({"a": {"b": 1, "x": 3}, "c": 2}));
        assert_eq!(patched(set("/c", || json!(null))), json!({"a": {"b": 1}, "c": null}));
        assert_eq!(patched(set("", || json!([]))), json!([]));
        assert_eq!(patched(fill("/c", || json!(3))), patched(remove("/z")));
        assert_eq!(patched(remove("/a/b")), json!({"a": {}, "c": 2}));
        assert_eq!(patched(rename("/a/b", "d")), json!({"a": {"d": 1}, "c": 2}));
        assert_eq!(patched(with(|value, _| value["c"] = json!(4))), json!({"a": {"b": 1}, "c": 4}));
        for elsewhere in [set("/z/y", || json!(1)), set("/c/y", || json!(1)), rename("/y", "z")] {
            assert_eq!(patched(elsewhere), json!({"a": {"b": 1}, "c": 2}));
        }
    }
}
