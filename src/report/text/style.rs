//! The few styles of the text report. They only repeat what the words say.

use anstyle::{AnsiColor, Style};

use crate::report::model::Outcome;

pub(crate) const PASS: Style = AnsiColor::Green.on_default().bold();
pub(crate) const FAIL: Style = AnsiColor::Red.on_default().bold();
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const INFO: Style = AnsiColor::Cyan.on_default();
pub(crate) const LABEL: Style = Style::new().dimmed();
pub(crate) const HEADING: Style = Style::new().bold();
pub(crate) const EXPECTED: Style = AnsiColor::Green.on_default();
pub(crate) const ACTUAL: Style = AnsiColor::Red.on_default();

pub(super) fn of(outcome: Outcome) -> Style {
    match outcome {
        Outcome::Pass => PASS,
        Outcome::Fail | Outcome::Error => FAIL,
        Outcome::Warn => WARN,
        Outcome::Info => INFO,
        Outcome::Skip => LABEL,
    }
}
