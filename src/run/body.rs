//! Makes the octets of a request's body.

use bytes::Bytes;

use crate::suite::{Body, Lookup, Profile, remove_pointer, set_pointer};

/// Fills in a body. The error says what is missing, one line.
pub(super) fn make(body: &Body, profile: &Profile, lookup: &dyn Lookup) -> Result<Bytes, String> {
    match body {
        Body::Raw(octets) => Ok(octets.clone().into()),
        Body::Nested(depth) => {
            let depth = *depth as usize;
            Ok(format!("{}{}", "[".repeat(depth), "]".repeat(depth)).into())
        }
        Body::Filler(size) => {
            let filler = "x".repeat((*size as usize).saturating_sub(r#"{"filler":""}"#.len()));
            Ok(format!(r#"{{"filler":"{filler}"}}"#).into())
        }
        Body::Json(template) => Ok(template.fill(lookup)?.to_string().into()),
        Body::FromEscaped { name, set } => {
            let plain = Body::From { name: name.clone(), set: set.clone(), remove: Vec::new() };
            let octets = make(&plain, profile, lookup)?;
            Ok(escaped(&String::from_utf8_lossy(&octets)).into())
        }
        Body::From { name, set, remove } => {
            let named = profile.bodies.get(name).ok_or_else(|| format!("no body {name:?}"))?;
            let mut value = named.fill(lookup)?;
            for (pointer, template) in set {
                if !set_pointer(&mut value, pointer, template.fill(lookup)?) {
                    return Err(format!("the body {name:?} has no place {pointer}"));
                }
            }
            for pointer in remove {
                remove_pointer(&mut value, pointer);
            }
            Ok(value.to_string().into())
        }
    }
}

/// Writes every character outside ASCII as JSON escapes (RFC 8259, section 7). They stand in strings alone.
fn escaped(json: &str) -> String {
    let mut written = String::with_capacity(json.len());
    for c in json.chars() {
        match c.is_ascii() {
            true => written.push(c),
            false => {
                let mut units = [0; 2];
                c.encode_utf16(&mut units)
                    .iter()
                    .for_each(|unit| written.push_str(&format!("\\u{unit:04x}")));
            }
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_stand_for_the_same_text() {
        let text = escaped(r#"{"note":"café 🙂"}"#);
        assert_eq!(text, r#"{"note":"caf\u00e9 \ud83d\ude42"}"#);
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["note"], "café 🙂");
    }
}
