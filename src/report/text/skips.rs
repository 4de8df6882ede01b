//! What was not judged, and why.

use anstyle::Style;

use super::page::Page;
use super::wording::{number, quantity};
use super::{TextOptions, Verbosity, style};
use crate::report::model::{CheckResult, Level, Outcome, Report, SkipReason};

/// Different messages for one reason before the rest is only counted, unless verbose.
const MESSAGES: usize = 8;

/// As in the text report: a heading line, and a line for each reason. Empty where nothing was skipped.
pub(in crate::report) fn told(report: &Report, width: usize) -> String {
    let options = TextOptions { color: false, width, verbosity: Verbosity::Normal, strict: false };
    let mut page = Page::new(width, false);
    write(&mut page, report, &options);
    page.finish().trim_start().to_owned()
}

pub(super) fn write(page: &mut Page, report: &Report, options: &TextOptions) {
    let verbose = options.verbosity >= Verbosity::Verbose;
    let skipped: Vec<_> = report.results.iter().filter(|check| check.outcome == Outcome::Skip).collect();
    if skipped.is_empty() {
        return;
    }
    page.blank();
    page.text(0, style::HEADING, &format!("skipped: {}", quantity(skipped.len(), "check", "checks")));
    // What somebody has to look into comes first; the rest is as it should be.
    let reasons = [
        (Some(SkipReason::Blocked), true),
        (Some(SkipReason::NotMeasured), true),
        (None, true),
        (Some(SkipReason::OutOfScope), verbose),
        (Some(SkipReason::NotApplicable), verbose),
    ];
    for (reason, told) in reasons {
        let checks: Vec<_> = skipped.iter().copied().filter(|check| check.reason == reason).collect();
        if checks.is_empty() {
            continue;
        }
        let name = reason.map_or("no reason", SkipReason::name);
        if !told {
            row(page, checks.len(), name, &musts(&checks));
            continue;
        }
        let messages = messages(&checks);
        let limit = if verbose || messages.len() == MESSAGES + 1 { usize::MAX } else { MESSAGES };
        for (message, count) in messages.iter().take(limit) {
            row(page, *count, name, message);
        }
        if let Some(rest) = messages.get(limit..).filter(|rest| !rest.is_empty()) {
            let count = rest.iter().map(|(_, count)| count).sum();
            row(
                page,
                count,
                name,
                &format!("for {} other reasons, listed with --verbose", number(rest.len())),
            );
        }
    }
}

fn row(page: &mut Page, count: usize, reason: &str, text: &str) {
    // `not-applicable` is the longest reason.
    page.labelled(0, (&format!("{:>6}  {reason}", number(count)), style::LABEL), 24, Style::new(), text);
}

/// Says how many of the checks stand between the target and a full verdict. What does not apply never does.
fn musts(checks: &[&CheckResult]) -> String {
    let applies = |check: &&&CheckResult| check.reason != Some(SkipReason::NotApplicable);
    match checks.iter().filter(applies).filter(|check| check.level == Level::Must).count() {
        0 => String::new(),
        all if all == checks.len() => "all of must level".to_owned(),
        some => format!("{} of must level", number(some)),
    }
}

/// Each distinct message with its count, most frequent first.
fn messages<'a>(checks: &[&'a CheckResult]) -> Vec<(&'a str, usize)> {
    let mut messages: Vec<(&str, usize)> = Vec::new();
    for check in checks {
        match messages.iter_mut().find(|(message, _)| *message == check.message) {
            Some((_, count)) => *count += 1,
            None => messages.push((&check.message, 1)),
        }
    }
    messages.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    messages
}
