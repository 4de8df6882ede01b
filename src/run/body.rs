//! Makes the octets of a request's body.

use bytes::Bytes;

use crate::suite::{Body, Lookup, Profile, remove_pointer, set_pointer};

/// Fills in a body. The error says what is missing, one line.
pub(super) fn make(body: &Body, profile: &Profile, lookup: &dyn Lookup) -> Result<Bytes, String> {
    match body {
        Body::Raw(octets) => Ok(octets.clone().into()),
        Body::Json(template) => Ok(template.fill(lookup)?.to_string().into()),
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
