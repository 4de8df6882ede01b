//! The report as Markdown, for the summary page of a CI job or a comment on a change.
//!
//! The verdict comes first, what failed is folded, and whatever came from a target is escaped for Markdown and HTML at
//! once. GitHub takes 1 MiB for the summary of a step and shows nothing of one that is longer, so the details end
//! long before.

mod escape;

use super::model::{CheckResult, Outcome, Report, UNKNOWN, Verdict};
use super::summary::area;
use super::text::{failures, skips};
use super::visible::cut;
use super::wording::{self, duration, quantity};
use super::{ReportSet, visible};
use escape::{block, escape};

/// Characters in a line of the details. A code block scrolls; it does not wrap.
const WIDTH: usize = 110;
/// Bytes of folded details in all.
const DETAILS: usize = 256 * 1024;
/// Characters of one value from the target, and of a sentence.
const VALUE: usize = 200;
const SENTENCE: usize = 1_000;
/// Rows of a list before the rest is only counted.
const ROWS: usize = 50;

/// The reports as Markdown of some 300 KiB at most: for several an overview, then for each the verdict, the counts by
/// area, everything that failed, what is waived and what was skipped.
///
/// `strict` says what the verdict means for the run, as in [`ReportSet::exit_code`].
pub fn markdown(set: &ReportSet, strict: bool) -> String {
    let mut out = String::new();
    if set.reports.len() > 1 {
        overview(&mut out, set, strict);
    }
    let mut room = DETAILS;
    for report in &set.reports {
        head(&mut out, report, strict);
        areas(&mut out, report);
        failed(&mut out, report, &mut room);
        waived(&mut out, report);
        skipped(&mut out, report, &mut room);
        let Report { tool, started_at, .. } = report;
        out += &format!(
            "<sub>Judged by {} {}, {}</sub>\n\n",
            escape(&tool.name),
            escape(&tool.version),
            escape(started_at)
        );
    }
    out.truncate(out.trim_end().len());
    out + "\n"
}

fn overview(out: &mut String, set: &ReportSet, strict: bool) {
    *out += "| target | verdict | checks |\n|---|---|---|\n";
    for report in &set.reports {
        let (sign, verdict) = (sign(report, strict), report.verdict.name());
        let counts = wording::counts(&report.counts);
        *out += &format!("| {} | {sign} {verdict} | {counts} |\n", name(report));
    }
    *out += "\n";
}

/// What the user calls the target, else its service, else its URL.
fn name(report: &Report) -> String {
    let target = &report.target;
    let unnamed = if target.service == UNKNOWN { &target.url } else { &target.service };
    escape(&cut(target.name.as_ref().unwrap_or(unnamed), VALUE))
}

fn sign(report: &Report, strict: bool) -> char {
    match report.exit_code(strict) {
        0 if report.verdict == Verdict::Conformant => '✅',
        0 | 4 => '🟡',
        3 => '⛔',
        _ => '❌',
    }
}

fn head(out: &mut String, report: &Report, strict: bool) {
    let verdict = report.verdict.name();
    *out += &format!("## {} {verdict}: {}\n\n", sign(report, strict), name(report));
    let mut sentence = wording::verdict_sentence(report);
    if strict && report.exit_code(true) != report.exit_code(false) {
        sentence.push_str("; --strict counts this as a failure");
    }
    *out += &format!("**{verdict}**: {}\n\n", escape(&cut(&sentence, SENTENCE)));
    if let Some(explanation) = &report.explanation {
        let [what, next] = [&explanation.what, &explanation.next].map(|text| escape(&cut(text, SENTENCE)));
        *out += &format!("> **Why** {what}\n>\n> **Next** {next}\n\n");
    }
    let target = &report.target;
    let answers_as = [&target.service_name, &target.service_version].into_iter().flatten();
    let answers_as: Vec<String> = answers_as.map(|text| cut(text, VALUE).into_owned()).collect();
    let answers_as =
        if answers_as.is_empty() { String::new() } else { format!(" ({})", answers_as.join(" ")) };
    let sent = quantity(report.requests, "request", "requests");
    let created = quantity(report.runs_created, "run", "runs");
    *out += "| | |\n|---|---|\n";
    for (label, value) in [
        ("target", cut(&target.url, VALUE).into_owned()),
        ("service", format!("{}{answers_as}, contract {}", target.service, target.contract)),
        ("auth", target.auth.name().to_owned()),
        ("checks", wording::counts(&report.counts)),
        ("sent", format!("{sent}, {created} created, {}", duration(report.duration_ms))),
    ] {
        *out += &format!("| {label} | {} |\n", escape(&value));
    }
    *out += "\n";
}

/// How each area of the catalogue came out. A check counts once, in the area of its first requirement.
fn areas(out: &mut String, report: &Report) {
    type Column = (&'static str, fn(&CheckResult) -> bool);
    const COLUMNS: [Column; 7] = [
        ("fail", |check| check.outcome == Outcome::Fail && check.waived.is_none()),
        ("error", |check| check.outcome == Outcome::Error && check.waived.is_none()),
        ("warn", |check| check.outcome == Outcome::Warn && check.waived.is_none()),
        ("waived", |check| check.waived.is_some()),
        ("pass", |check| check.outcome == Outcome::Pass && check.waived.is_none()),
        ("info", |check| check.outcome == Outcome::Info && check.waived.is_none()),
        ("skip", |check| check.outcome == Outcome::Skip && check.waived.is_none()),
    ];
    let mut rows: Vec<(&str, Vec<&CheckResult>)> = Vec::new();
    for check in &report.results {
        // The probes before a run decide no requirement.
        let Some(id) = check.requirements.first() else { continue };
        match rows.iter_mut().find(|(known, _)| *known == area(id)) {
            Some((_, checks)) => checks.push(check),
            None => rows.push((area(id), vec![check])),
        }
    }
    if rows.is_empty() {
        return;
    }
    let occurs = |(_, fits): &&Column| report.results.iter().any(fits);
    let columns: Vec<&Column> = COLUMNS.iter().filter(occurs).collect();
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    *out += &format!("| area | {} |\n|---|{}\n", names.join(" | "), "---:|".repeat(columns.len()));
    rows.sort_unstable_by_key(|(area, _)| *area);
    for (area, checks) in rows {
        let count = |(_, fits): &&Column| match checks.iter().filter(|check| fits(check)).count() {
            0 => String::new(),
            some => some.to_string(),
        };
        let counts: Vec<String> = columns.iter().map(count).collect();
        *out += &format!("| {} | {} |\n", escape(area), counts.join(" | "));
    }
    *out += "\n";
}

fn failed(out: &mut String, report: &Report, room: &mut usize) {
    let mut left_out = Vec::new();
    for told in failures::told(report, WIDTH) {
        let checks = quantity(told.checks, "check", "checks");
        let (label, says) = (escape(&told.label), escape(&cut(&told.says, SENTENCE)));
        let summary = format!("<b>{label}</b> {says} <i>{checks}</i>");
        if !fold(out, &summary, &told.details, room) {
            left_out.push(told);
        }
    }
    if !left_out.is_empty() {
        let checks: usize = left_out.iter().map(|told| told.checks).sum();
        *out += &format!(
            "**{} with {} left out here**, to keep this page within what CI systems show; the JSON report has all.\n\n",
            quantity(left_out.len(), "more matter", "more matters"),
            quantity(checks, "check", "checks")
        );
    }
}

/// Adds folded lines, if there is room for them.
fn fold(out: &mut String, summary: &str, lines: &str, room: &mut usize) -> bool {
    let folded = format!("<details><summary>{summary}</summary>\n\n{}\n</details>\n\n", block(lines));
    let fits = folded.len() <= *room;
    if fits {
        *room -= folded.len();
        *out += &folded;
    }
    fits
}

/// Failures that are let pass, and waivers that have to be mended.
fn waived(out: &mut String, report: &Report) {
    let problems = report
        .waivers
        .iter()
        .map(|problem| [&problem.waives, &problem.what].map(|text| escape(&cut(text, VALUE))).join(" | "));
    rows(out, "Waivers to mend, each a failure of its own", "waives | what is wrong", problems.collect());
    let waived = report.results.iter().filter_map(|check| Some((check, check.waived.as_ref()?)));
    let waived = waived.map(|(check, waived)| {
        let issue = waived.issue.as_deref().unwrap_or_default();
        [&check.id, &waived.until, &waived.reason, issue].map(|text| escape(&cut(text, VALUE))).join(" | ")
    });
    rows(
        out,
        "Waived: failures that are known and let pass",
        "check | until | reason | issue",
        waived.collect(),
    );
}

fn rows(out: &mut String, title: &str, head: &str, rows: Vec<String>) {
    if rows.is_empty() {
        return;
    }
    let ruler = "---|".repeat(head.split('|').count());
    *out += &format!("**{title}**\n\n| {head} |\n|{ruler}\n");
    rows.iter().take(ROWS).for_each(|row| *out += &format!("| {row} |\n"));
    if let Some(more) = rows.len().checked_sub(ROWS).filter(|more| *more > 0) {
        *out += &format!("\nand {more} more, in the JSON report\n");
    }
    *out += "\n";
}

fn skipped(out: &mut String, report: &Report, room: &mut usize) {
    let told = skips::told(report, WIDTH);
    if let Some((heading, lines)) = told.split_once('\n')
        && !fold(out, &escape(heading), lines, room)
    {
        *out += &format!("**{}**\n\n", escape(&visible(heading)));
    }
}

#[cfg(test)]
mod tests;
