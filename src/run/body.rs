//! Makes the octets of a request's body.

use bytes::Bytes;
use serde_json::Value;

use crate::suite::{Body, Breach, Lookup, Profile, remove_pointer, set_pointer};

/// Fills in a body. The error says what is missing, one line.
pub(super) fn make(body: &Body, profile: &Profile, lookup: &dyn Lookup) -> Result<Bytes, String> {
    match body {
        Body::Raw(octets) => Ok(octets.clone().into()),
        Body::FromBroken { name, how } => {
            let named = profile.bodies.get(name).ok_or_else(|| format!("no body {name:?}"))?;
            Ok(broken(named.fill(lookup)?, *how).into())
        }
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

/// A text that nothing else holds, so that what stands for it can be found again.
const HOLE: &str = "arp-conformance-hole";

/// Makes octets of a valid body that are no JSON text for one reason alone.
fn broken(mut body: Value, how: Breach) -> Vec<u8> {
    // An extension may have any value, so that nothing but the JSON is wrong.
    let place = "/extensions/org.arp-conformance.hole";
    let fill = |body: &mut Value| set_pointer(body, place, HOLE.into());
    match how {
        Breach::CutOff => {
            let text = body.to_string();
            text.as_bytes()[..text.len() - 1].to_vec()
        }
        Breach::TextAfter => format!("{body} and more").into_bytes(),
        Breach::NotANumber => {
            fill(&mut body);
            body.to_string().replace(&format!("{HOLE:?}"), "NaN").into_bytes()
        }
        Breach::NotUtf8 => {
            fill(&mut body);
            let text = body.to_string();
            let (before, after) = text.split_once(HOLE).unwrap_or((&text, ""));
            [before.as_bytes(), b"\xFF", after.as_bytes()].concat()
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
    fn a_broken_body_is_no_json_for_one_reason() {
        let body = || serde_json::json!({"input": {"goal": "x"}});
        let text = |how| String::from_utf8_lossy(&broken(body(), how)).into_owned();
        assert_eq!(text(Breach::CutOff), r#"{"input":{"goal":"x"}"#);
        assert_eq!(text(Breach::TextAfter), r#"{"input":{"goal":"x"}} and more"#);
        assert!(text(Breach::NotANumber).ends_with(r#""org.arp-conformance.hole":NaN}}"#));
        assert!(text(Breach::NotUtf8).ends_with("\"org.arp-conformance.hole\":\"\u{FFFD}\"}}"));
    }

    #[test]
    fn escapes_stand_for_the_same_text() {
        let text = escaped(r#"{"note":"café 🙂"}"#);
        assert_eq!(text, r#"{"note":"caf\u00e9 \ud83d\ude42"}"#);
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["note"], "café 🙂");
    }
}
