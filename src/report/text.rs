//! The report for a person at a terminal.

mod causes;
mod difference;
mod exchanges;
pub(super) mod failures;
mod page;
pub(super) mod skips;
pub(crate) mod style;
mod waived;

use anstyle::Style;

use super::ReportSet;
use super::model::{CheckResult, FeatureState, Level, Outcome, Report, Verdict};
use super::wording::{self, duration, number, quantity};
pub(crate) use page::Page;

/// How the text is laid out and how much it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextOptions {
    /// Style with ANSI escape sequences.
    pub color: bool,
    /// Columns of a line, at least 40; `usize::MAX` for no wrapping. Command lines are never wrapped.
    pub width: usize,
    pub verbosity: Verbosity,
    /// Whether the run was strict, which decides whether warnings and gaps are reported as failures of the run.
    pub strict: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// The verdict and the explanation.
    Quiet,
    /// Also everything that failed, and what was skipped in short.
    Normal,
    /// Also one line for each check, and nothing in short.
    Verbose,
    /// Also every exchange.
    Exchanges,
}

/// The column in which the values of the head begin.
const HEAD: usize = 10;

/// The report as text: the verdict first, then why, then each failure with the way to see it again, then what was
/// not judged. Ends in a line break.
pub fn text(report: &Report, options: &TextOptions) -> String {
    let mut page = Page::new(options.width, options.color);
    headline(&mut page, report, options.strict);
    if options.verbosity == Verbosity::Quiet {
        explanation(&mut page, report);
        return page.finish();
    }
    head(&mut page, report);
    if report.explanation.is_some() {
        page.blank();
        explanation(&mut page, report);
    }
    failures::write(&mut page, report, options);
    waived::problems(&mut page, report);
    waived::write(&mut page, report);
    skips::write(&mut page, report, options);
    if options.verbosity >= Verbosity::Verbose {
        every_check(&mut page, &report.results);
    }
    if options.verbosity >= Verbosity::Exchanges {
        exchanges::write(&mut page, &report.exchanges);
    }
    repeats(&mut page, report.retries);
    page.finish()
}

/// The reports of several targets one after the other, and at the end a line for each. One report is as [`text`].
pub fn text_of_all(set: &ReportSet, options: &TextOptions) -> String {
    let pages: Vec<String> = set.reports.iter().map(|report| text(report, options)).collect();
    let [_, _, ..] = &set.reports[..] else { return pages.concat() };
    let mut page = Page::new(options.width, options.color);
    page.text(0, style::HEADING, &wording::quantity(set.reports.len(), "target", "targets"));
    for report in &set.reports {
        let name = report.target.name.as_ref().map_or(String::new(), |name| format!("{name} "));
        let told = format!("{name}{}: {}", report.target.url, wording::verdict_sentence(report));
        let verdict = (report.verdict.name(), verdict_style(report, options.strict));
        // `non-conformant` is the longest verdict.
        page.labelled(2, verdict, 16, Style::new(), &told);
    }
    pages.join("\n") + "\n" + &page.finish()
}

fn headline(page: &mut Page, report: &Report, strict: bool) {
    let mut sentence = wording::verdict_sentence(report);
    if strict && report.exit_code(true) != report.exit_code(false) {
        sentence.push_str("; --strict counts this as a failure");
    }
    let verdict = format!("{}:", report.verdict.name());
    page.labelled(0, (&verdict, verdict_style(report, strict)), 2, Style::new(), &sentence);
}

fn verdict_style(report: &Report, strict: bool) -> Style {
    match report.exit_code(strict) {
        0 if report.verdict == Verdict::Conformant => style::PASS,
        0 | 4 => style::WARN,
        _ => style::FAIL,
    }
}

fn explanation(page: &mut Page, report: &Report) {
    if let Some(explanation) = &report.explanation {
        page.labelled(2, ("why", style::LABEL), HEAD, Style::new(), &explanation.what);
        page.labelled(2, ("next", style::LABEL), HEAD, Style::new(), &explanation.next);
    }
}

fn head(page: &mut Page, report: &Report) {
    let target = &report.target;
    let said = |text: &'_ Option<String>| text.clone().filter(|text| !text.is_empty());
    let answers_as = match (said(&target.service_name), said(&target.service_version)) {
        (Some(name), Some(version)) => format!(" ({name} {version})"),
        (Some(name), None) => format!(" ({name})"),
        (None, Some(version)) => format!(" (version {version})"),
        (None, None) => String::new(),
    };
    let name = target.name.as_ref().map_or(String::new(), |name| format!(" ({name})"));
    let mut fields = vec![
        ("target", format!("{}{name}", target.url)),
        ("service", format!("{}{answers_as}, contract {}", target.service, target.contract)),
        ("auth", target.auth.name().to_owned()),
    ];
    if !target.features.is_empty() {
        let feature = |(name, state): (&String, &FeatureState)| format!("{name} {}", state.name());
        fields.push(("features", target.features.iter().map(feature).collect::<Vec<_>>().join(", ")));
    }
    fields.push(("checks", wording::counts(&report.counts)));
    let mut sent = quantity(report.requests, "request", "requests");
    if report.retries > 0 {
        sent.push_str(&format!(" ({} sent again)", number(report.retries)));
    }
    let created = quantity(report.runs_created, "run", "runs");
    fields.push(("sent", format!("{sent}, {created} created, {}", duration(report.duration_ms))));
    for (label, value) in fields {
        page.labelled(2, (label, style::LABEL), HEAD, Style::new(), &value);
    }
}

fn repeats(page: &mut Page, retries: u64) {
    if retries > 0 {
        let repeated = quantity(retries, "request was", "requests were");
        page.blank();
        page.text(0, Style::new(), &format!("{repeated} repeated because no answer came"));
    }
}

fn every_check(page: &mut Page, results: &[CheckResult]) {
    if results.is_empty() {
        return;
    }
    page.blank();
    page.text(0, style::HEADING, &format!("every check ({})", number(results.len())));
    for result in results {
        let told = match (result.outcome, result.reason) {
            (Outcome::Skip, Some(reason)) => format!("  {}: {}", reason.name(), result.message),
            (Outcome::Info, _) => format!("  {}", result.message),
            _ if result.waived.is_some() => "  waived".to_owned(),
            _ => String::new(),
        };
        // `should` is the longest level.
        let line = format!("{:<6}  {}{told}", result.level.name(), result.id);
        page.labelled(2, (result.outcome.name(), style::of(result.outcome)), 7, Style::new(), &line);
    }
}

/// The order in which a reader wants to hear of things: what fails the target first, a must before a should.
fn urgency(outcome: Outcome, level: Level) -> (u8, Level) {
    let outcome = match outcome {
        Outcome::Fail => 0,
        Outcome::Error => 1,
        Outcome::Warn => 2,
        Outcome::Skip | Outcome::Info | Outcome::Pass => 3,
    };
    (outcome, level)
}

#[cfg(test)]
mod tests;
