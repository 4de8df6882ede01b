//! The few styles of the text report. They only repeat what the words say.

use anstyle::{AnsiColor, Style};

use crate::report::model::Outcome;

pub(super) const PASS: Style = AnsiColor::Green.on_default().bold();
pub(super) const FAIL: Style = AnsiColor::Red.on_default().bold();
pub(super) const WARN: Style = AnsiColor::Yellow.on_default().bold();
pub(super) const INFO: Style = AnsiColor::Cyan.on_default();
pub(super) const LABEL: Style = Style::new().dimmed();
pub(super) const HEADING: Style = Style::new().bold();
pub(super) const EXPECTED: Style = AnsiColor::Green.on_default();
pub(super) const ACTUAL: Style = AnsiColor::Red.on_default();

pub(super) fn of(outcome: Outcome) -> Style {
    match outcome {
        Outcome::Pass => PASS,
        Outcome::Fail | Outcome::Error => FAIL,
        Outcome::Warn => WARN,
        Outcome::Info => INFO,
        Outcome::Skip => LABEL,
    }
}
