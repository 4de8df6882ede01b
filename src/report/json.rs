//! The JSON report, written and read back.

use serde::Deserialize;

use super::model::{FORMAT, Report};

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
    let mut text = serde_json::to_string_pretty(report)
        // The model has string keys alone and no map or number that JSON cannot hold.
        .expect("a report is always representable in JSON");
    text.push('\n');
    text
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
