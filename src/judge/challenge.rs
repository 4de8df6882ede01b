//! WWW-Authenticate (RFC 9110, section 11.6.1).

/// Whether one of the challenges in the fields has this scheme, in any case.
///
/// Several challenges may stand in one field, separated by commas like their parameters: a part that begins with a
/// token and a space, or is a token alone, begins a challenge.
pub(super) fn offers_scheme<'f>(fields: impl Iterator<Item = &'f str>, scheme: &str) -> bool {
    fields.flat_map(|field| split(field, ',')).any(|part| {
        let first = part.split([' ', '\t']).next().unwrap_or_default();
        !first.contains('=') && first.eq_ignore_ascii_case(scheme)
    })
}

/// Splits a field at the marks that stand outside quoted strings (RFC 9110, section 5.6.4).
pub(super) fn split(field: &str, mark: char) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut begin, mut quoted, mut escaped) = (0, false, false);
    for (at, c) in field.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if c == mark && !quoted => {
                found.push(field[begin..at].trim());
                begin = at + 1;
            }
            _ => {}
        }
    }
    found.push(field[begin..].trim());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_challenge_is_found_among_others() {
        let bearer = |fields: &[&str]| offers_scheme(fields.iter().copied(), "Bearer");
        assert!(bearer(&["Bearer"]));
        assert!(bearer(&["bearer realm=\"arp\", error=\"invalid_token\""]));
        assert!(bearer(&["Basic realm=\"a, Bearer b\", Bearer realm=\"c\""]));
        assert!(bearer(&["Negotiate", "Bearer"]));
        assert!(!bearer(&["Basic realm=\"a, Bearer b\""]));
        assert!(!bearer(&["realm=\"Bearer\""]));
        assert!(!bearer(&["Bearerish x=1", ""]));
        assert!(!bearer(&[]));
    }
}
