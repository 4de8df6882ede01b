//! Ids with `*` in them.

/// Whether `text` is `pattern`, where each `*` of the pattern stands for any text, none included.
pub fn glob(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut rest = rest;
    while let Some((part, after)) = rest.split_once('*') {
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
        rest = after;
    }
    text.ends_with(rest)
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn a_star_stands_for_any_text() {
        for pattern in ["RUN-3", "RUN-*", "*", "*-3", "R*N*3", "RUN-3*", "**"] {
            assert!(glob(pattern, "RUN-3"), "{pattern}");
        }
        for pattern in ["RUN", "RUN-", "*-4", "UN-*", "RUN-3*3", ""] {
            assert!(!glob(pattern, "RUN-3"), "{pattern}");
        }
    }
}
