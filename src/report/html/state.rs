//! What a check or requirement came to, as the page shows it.

use crate::report::model::{CheckResult, Level, Outcome, RequirementResult, SkipReason};

/// An outcome, or a failure that is known and let pass. In the order in which a reader wants to hear of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum State {
    Fail,
    Error,
    Warn,
    Waived,
    Skip,
    Info,
    Pass,
}

impl State {
    pub const ALL: [State; 7] =
        [State::Fail, State::Error, State::Warn, State::Waived, State::Skip, State::Info, State::Pass];

    pub fn of(check: &CheckResult) -> State {
        match check.outcome {
            Outcome::Fail | Outcome::Warn if check.waived.is_some() => State::Waived,
            outcome => State::measured(outcome),
        }
    }

    /// An outcome by itself.
    fn measured(outcome: Outcome) -> State {
        match outcome {
            Outcome::Fail => State::Fail,
            Outcome::Warn => State::Warn,
            Outcome::Error => State::Error,
            Outcome::Skip => State::Skip,
            Outcome::Info => State::Info,
            Outcome::Pass => State::Pass,
        }
    }

    /// A requirement is waived where every check that found it violated is.
    pub fn of_requirement(row: &RequirementResult, checks: &[&CheckResult]) -> State {
        let mut violated = checks.iter().filter(|check| check.outcome == row.outcome).peekable();
        match row.outcome {
            Outcome::Fail | Outcome::Warn
                if violated.peek().is_some() && violated.all(|check| check.waived.is_some()) =>
            {
                State::Waived
            }
            outcome => State::measured(outcome),
        }
    }

    /// The word for it; also its class in the style sheet and its value in a filter.
    pub fn name(self) -> &'static str {
        match self {
            State::Fail => "fail",
            State::Error => "error",
            State::Warn => "warn",
            State::Waived => "waived",
            State::Skip => "skip",
            State::Info => "info",
            State::Pass => "pass",
        }
    }

    /// A sign that tells it without colour.
    pub fn sign(self) -> &'static str {
        match self {
            State::Fail => "✕",
            State::Error => "?",
            State::Warn => "!",
            State::Waived => "~",
            State::Skip => "–",
            State::Info => "i",
            State::Pass => "✓",
        }
    }

    /// Whether somebody has to look at it.
    pub fn is_trouble(self) -> bool {
        matches!(self, State::Fail | State::Error | State::Warn)
    }
}

/// What is urgent first, a must before a should.
pub(super) fn urgency(state: State, level: Level) -> (u8, Level) {
    match state {
        State::Fail => (0, level),
        State::Error => (1, level),
        State::Warn => (2, level),
        State::Waived => (3, level),
        // The rest stays in the order of the catalogue.
        State::Skip | State::Info | State::Pass => (4, Level::Must),
    }
}

/// `skip: blocked`.
pub(super) fn told(state: State, reason: Option<SkipReason>) -> String {
    match (state, reason) {
        (State::Skip, Some(reason)) => reason.name().to_owned(),
        _ => state.name().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::Waived;
    use crate::report::samples::{check, report};
    use crate::report::verdict;

    #[test]
    fn a_requirement_is_waived_where_all_its_failures_are() {
        let waived = || {
            let mut check = check("A-1", Level::Must, Outcome::Fail);
            check.waived = Some(Waived { reason: "known".into(), until: "2026-12-31".into(), issue: None });
            check
        };
        let state = |results: Vec<CheckResult>| {
            let report = report(verdict(&results, false), results);
            let checks: Vec<_> = report.results.iter().collect();
            State::of_requirement(&report.requirements[0], &checks)
        };
        let failed = || check("A-1", Level::Must, Outcome::Fail);
        let passed = || check("A-1", Level::Must, Outcome::Pass);
        assert_eq!(state(vec![waived(), passed()]), State::Waived);
        assert_eq!(state(vec![waived(), failed()]), State::Fail);
        assert_eq!(state(vec![passed()]), State::Pass);
        assert_eq!(State::of(&waived()), State::Waived);
    }
}
