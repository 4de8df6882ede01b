//! The JSON report, written and read back.

use serde::{Deserialize, Serialize};

use super::model::{FORMAT, Report};
use super::visible::is_hidden;

/// Why a text is not a report that this version reads.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("not a JSON report of arp-conformance: {0}")]
    Malformed(#[from] serde_json::Error),
    #[error(
        "the report's form is `{found}` and this version reads `{read}`; make the report again with this version"
    )]
    OtherFormat { found: String, read: &'static str },
    #[error("not an event log of arp-conformance: line {line}: {what}")]
    Event { line: usize, what: String },
}

/// The report as `arp-conformance/1`: indented, members in the model's order, ending in a line break.
pub fn json(report: &Report) -> String {
    written(report)
}

/// A value of the model as JSON, indented, ending in a line break, and [`escaped`].
pub(super) fn written(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value)
        // The model has string keys alone and no map or number that JSON cannot hold.
        .expect("a report is always representable in JSON");
    escaped(&text) + "\n"
}

/// A JSON text that can be looked at in a terminal: what a reader would not see stands as `\u202e`, so that it is read back
/// the same and moves no cursor.
pub(super) fn escaped(json: &str) -> String {
    let mut shown = String::with_capacity(json.len() + 1);
    for c in json.chars() {
        // Below U+007F, JSON escapes by itself; above it, everything stands in a string.
        if c >= '\u{7f}' && is_hidden(c) {
            let units =
                c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
            shown.push_str(&units);
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Reads what [`json`] wrote. Members that this version does not know are passed over, for the form may grow.
pub fn read(text: &str) -> Result<Report, ReadError> {
    #[derive(Deserialize)]
    struct Head {
        format: String,
    }
    let Head { format } = serde_json::from_str(text)?;
    if format != FORMAT {
        return Err(ReadError::OtherFormat { found: super::visible(&format).into_owned(), read: FORMAT });
    }
    Ok(serde_json::from_str(text)?)
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for (name, report) in samples::all() {
            let text = json(&report);
            assert!(text.ends_with("}\n"), "{name}");
            assert_eq!(json(&read(&text).unwrap()), text, "{name}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_escaped_and_read_back() {
        let hostile = samples::sample("hostile");
        let text = json(&hostile);
        assert!(text.lines().all(|line| crate::report::visible(line) == line), "{text}");
        assert!(text.contains(r"\u009b1m") && text.contains(r"\u202e"), "{text}");
        assert_eq!(read(&text).unwrap().results[0].message, hostile.results[0].message);
        // Beyond U+FFFF an escape takes two code units.
        assert_eq!(written(&"\u{e0041}\u{7f}Ω\u{1b}"), "\"\\udb40\\udc41\\u007fΩ\\u001b\"\n");
    }

    /// Programs that write or keep reports in the published form rely on it, whatever was added since.
    #[test]
    fn the_published_form_is_read() {
        let report = read(include_str!("../../fixtures/reports/published-form.json")).unwrap();
        assert_eq!(report.results[0].findings[0].at, "/0");
        assert_eq!(report.requirements[0].says, "");
        assert_eq!(report.explanation, None);
    }

    #[test]
    fn another_form_is_refused_by_name() {
        let error = read(r#"{"format": "arp-conformance/2\u001b", "verdicts": []}"#).unwrap_err();
        insta::assert_snapshot!(error, @r"the report's form is `arp-conformance/2\u{1b}` and this version reads `arp-conformance/1`; make the report again with this version");
    }

    #[test]
    fn what_is_no_report_is_refused_with_the_place() {
        let errors: Vec<_> = ["{\"format\": \"arp-conformance/1\",\n \"tool\": 3}", "<html>", "{}"]
            .map(|text| read(text).unwrap_err().to_string())
            .into();
        insta::assert_snapshot!(errors.join("\n"), @r"
        not a JSON report of arp-conformance: invalid type: integer `3`, expected struct Tool at line 2 column 10
        not a JSON report of arp-conformance: expected value at line 1 column 1
        not a JSON report of arp-conformance: missing field `format` at line 1 column 2
        ");
    }
}
