use serde_json::{Map, Value, json};

use super::documents::Documents;
use super::schema::{self, Holds};
use super::schema_ref::SchemaRef;

/// The schema at `place` with every `$ref` replaced by what it refers to and the prose left out.
///
/// A schema that contains itself is cut off where it would begin again: there a `$ref` stays and names the place from
/// the tree's root. Where a `$ref` has keywords beside it, what it refers to stands in `allOf`.
pub(super) fn resolved(documents: &Documents, place: &SchemaRef) -> Value {
    inline(documents, place, &mut Vec::new())
}

fn inline(documents: &Documents, place: &SchemaRef, open: &mut Vec<SchemaRef>) -> Value {
    if open.contains(place) {
        return json!({"$ref": place.to_string()});
    }
    let Some(value) = documents.at(place) else { return Value::Bool(true) };
    open.push(place.clone());
    let inlined = rewrite(documents, place, value, open);
    open.pop();
    inlined
}

fn rewrite(documents: &Documents, place: &SchemaRef, value: &Value, open: &mut Vec<SchemaRef>) -> Value {
    let Value::Object(members) = value else { return value.clone() };
    let mut written = Map::new();
    let mut target = None;
    for (keyword, value) in members {
        let at = place.below(&super::schema_ref::step(keyword));
        let value = match (schema::holds(keyword), value) {
            (Some(Holds::Prose), _) => continue,
            (Some(Holds::Reference), Value::String(reference)) => {
                target = place.follow(reference).ok().map(|place| inline(documents, &place, open));
                continue;
            }
            (Some(Holds::Schema), inner) => rewrite(documents, &at, inner, open),
            (Some(Holds::SchemaList), Value::Array(list)) => {
                list.iter().map(|inner| rewrite(documents, &at, inner, open)).collect()
            }
            (Some(Holds::SchemaMap), Value::Object(named)) => Value::Object(
                named
                    .iter()
                    .map(|(name, inner)| (name.clone(), rewrite(documents, &at, inner, open)))
                    .collect(),
            ),
            (_, data) => data.clone(),
        };
        written.insert(keyword.clone(), value);
    }
    match target {
        Some(target) if written.is_empty() => target,
        Some(target) => {
            match written.get_mut("allOf").and_then(Value::as_array_mut) {
                Some(all) => all.push(target),
                None => drop(written.insert("allOf".to_owned(), json!([target]))),
            }
            Value::Object(written)
        }
        None => Value::Object(written),
    }
}
