//! The one place that reads YAML and fixes what its plain words mean.

use serde::de::DeserializeOwned;
use serde_yaml::{Options, budget, options};

/// Why a text is not the YAML that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct YamlFault {
    /// Counted from 1; 0 where it is unknown.
    pub line: u64,
    /// Counted from 1; 0 where it is unknown.
    pub column: u64,
    /// One line.
    pub message: String,
}

/// YAML as its 1.2 core schema reads it: `no` and `on` are words, `012` and `1_000` are text, a repeated key is an
/// error, and a file that unfolds beyond any sensible size is refused.
pub(crate) fn reading() -> Options {
    options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
        budget: budget! {
            max_depth: 64,
            max_nodes: 250_000,
            max_events: 1_000_000,
            max_total_scalar_bytes: 8 << 20,
        },
    }
}

/// Reads one YAML document as a `T`.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, YamlFault> {
    serde_yaml::from_str_with_options(text, reading()).map_err(|error| {
        let (line, column) = error.location().map_or((0, 0), |place| (place.line(), place.column()));
        let message = error.to_string();
        let message = message.lines().next().unwrap_or_default().trim().to_owned();
        YamlFault { line, column, message }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn plain_words_are_text() {
        let value: Value = parse("a: no\nb: on\nc: 012\nd: 1_000\ne: true\nf: 12\n200: x\n").unwrap();
        assert_eq!(
            value,
            json!({"a": "no", "b": "on", "c": "012", "d": "1_000", "e": true, "f": 12, "200": "x"})
        );
    }

    #[test]
    fn a_fault_has_its_place() {
        let repeated = parse::<Value>("a: 1\nb:\n  c: 1\n  c: 2\n").unwrap_err();
        assert_eq!((repeated.line, repeated.column), (4, 3), "{repeated:?}");
        assert!(repeated.message.contains("duplicate"), "{repeated:?}");
        let broken = parse::<Value>("a: [1, 2\nb: 3\n").unwrap_err();
        assert!(broken.line > 0 && !broken.message.contains('\n'), "{broken:?}");
    }
}
