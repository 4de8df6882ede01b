//! One check told in plain lines, for renderings that have one field for all of it.

use super::model::{CheckResult, Outcome, Report};
use super::visible::{cut, visible, visible_value};

/// Characters of one expected or actual value, and of a whole account. Readers cut long texts at places of their own.
const VALUE: usize = 800;
const TEXT: usize = 4_096;

/// What the check came to on one line, never empty.
pub(super) fn summary(check: &CheckResult) -> String {
    match check.findings.first() {
        _ if !check.message.is_empty() => check.message.clone(),
        Some(finding) => format!("expected {}, actual {}", finding.expected, finding.actual),
        None => check.title.clone(),
    }
}

/// The requirements, `summary`, what was found, and how to see it again: at most 4096 characters, all visible.
pub(super) fn account(report: &Report, check: &CheckResult, summary: &str) -> String {
    let mut lines = vec![check.requirements.join(", ")];
    let rows = report.requirements.iter().filter(|row| check.requirements.contains(&row.id));
    lines.extend(rows.filter(|row| !row.says.is_empty()).map(|row| row.says.clone()));
    lines.push(summary.to_owned());
    // What follows must not fall victim to long findings.
    let mut after = Vec::new();
    if check.outcome != Outcome::Skip {
        after.extend(check.reproduce.as_ref().map(|command| format!("reproduce: {command}")));
        after.extend(check.selection().map(|option| format!("only this: {option}")));
    }
    after.extend(check.hint.as_ref().map(|hint| format!("hint: {hint}")));
    for finding in &check.findings {
        lines.push(finding.place(check.operation.as_deref()));
        lines.push(format!("  expected: {}", visible_value(&finding.expected, VALUE)));
        lines.push(format!("    actual: {}", visible_value(&finding.actual, VALUE)));
    }
    let shown = |lines: &[String]| {
        let lines = lines.iter().filter(|line| !line.is_empty());
        lines.map(|line| visible(line).into_owned()).collect::<Vec<_>>().join("\n")
    };
    let after = shown(&after);
    let room = TEXT.saturating_sub(after.chars().count());
    let text = format!("{}\n{after}", cut(&shown(&lines), room));
    text.trim_end().to_owned()
}
