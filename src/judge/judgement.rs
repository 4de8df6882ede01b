use std::io::{self, Write};

use crate::report::model::{Finding, SkipReason};
use crate::wire::{Exchange, Failure};

/// Findings of one check that are told; a stream of ten thousand wrong events is one matter.
pub(super) const MOST_FINDINGS: usize = 100;

/// What one assertion came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    Pass,
    Fail(Vec<Finding>),
    Skip(SkipReason, String),
    /// Nothing can be said.
    Error(String),
}

impl Judgement {
    /// One finding; the step is filled in by the caller, which knows it.
    pub fn fail(at: &str, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        Judgement::Fail(vec![finding(at, expected, actual)])
    }

    /// Pass where there is no finding.
    pub fn of(mut findings: Vec<Finding>) -> Self {
        findings.truncate(MOST_FINDINGS);
        if findings.is_empty() { Judgement::Pass } else { Judgement::Fail(findings) }
    }

    pub fn blocked(message: impl Into<String>) -> Self {
        Judgement::Skip(SkipReason::Blocked, message.into())
    }

    pub fn not_measured(message: impl Into<String>) -> Self {
        Judgement::Skip(SkipReason::NotMeasured, message.into())
    }

    /// For an exchange without an answer: broken HTTP is a finding of WIRE-1 and blocks everything else; without a
    /// connection, or in time, nothing can be said.
    pub fn without_answer(failure: &Failure) -> Self {
        match failure {
            Failure::Broken(what) => Judgement::blocked(format!("no answer to judge: {what}")),
            other => Judgement::Error(other.to_string()),
        }
    }

    /// The worse of two judgements of one check: a violation, then what kept it from being judged, then a pass.
    pub fn and(self, other: Judgement) -> Judgement {
        match (self, other) {
            (Judgement::Fail(mut first), Judgement::Fail(second)) => {
                for finding in second {
                    if first.len() < MOST_FINDINGS && !first.contains(&finding) {
                        first.push(finding);
                    }
                }
                Judgement::Fail(first)
            }
            (first, second) => {
                if first.rank() >= second.rank() {
                    first
                } else {
                    second
                }
            }
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Judgement::Fail(_) => 5,
            Judgement::Error(_) => 4,
            Judgement::Skip(SkipReason::NotApplicable, _) => 0,
            Judgement::Skip(SkipReason::NotMeasured, _) => 2,
            Judgement::Skip(..) => 3,
            Judgement::Pass => 1,
        }
    }
}

/// A finding whose step is still to be named.
pub(super) fn finding(at: &str, expected: impl Into<String>, actual: impl Into<String>) -> Finding {
    Finding { step: String::new(), at: at.to_owned(), expected: expected.into(), actual: actual.into() }
}

/// A JSON value as a finding shows it: one line, cut.
pub(super) fn shown(value: &serde_json::Value) -> String {
    let mut begin = Begin(Vec::new());
    // That it stops before the end of a long value is what it is for.
    let _ = serde_json::to_writer(&mut begin, value);
    cut(&String::from_utf8_lossy(&begin.0), SHOWN)
}

/// Characters of a value that a finding shows.
const SHOWN: usize = 120;

/// Takes the begin of what is written, enough for what is shown, and no more.
struct Begin(Vec<u8>);

impl Write for Begin {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        // No character takes more than four octets.
        let room = (SHOWN * 4 + 4).saturating_sub(self.0.len());
        self.0.extend_from_slice(&octets[..octets.len().min(room)]);
        if octets.len() > room { Err(io::Error::other("enough")) } else { Ok(octets.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Text of at most `length` characters, with a mark where it was cut.
pub(super) fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// How an exchange was answered, for messages: `answered 503`, or why not.
pub(super) fn answered(exchange: &Exchange) -> String {
    match &exchange.result {
        Ok(answer) => format!("answered {}", answer.status),
        Err(failure) => failure.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_outweighs_all_and_a_gap_outweighs_a_pass() {
        let fail = || Judgement::fail("/a", "b", "c");
        let blocked = || Judgement::blocked("x");
        let none = || Judgement::Skip(SkipReason::NotApplicable, "y".into());
        assert_eq!(Judgement::Pass.and(fail()).and(blocked()), fail());
        assert_eq!(fail().and(fail()), fail(), "the same finding is said once");
        assert_eq!(Judgement::Pass.and(blocked()), blocked());
        assert_eq!(none().and(Judgement::Pass), Judgement::Pass);
    }

    #[test]
    fn a_cut_text_says_so() {
        assert_eq!(cut("äöü", 2), "äö…");
        assert_eq!(cut("äöü", 3), "äöü");
    }
}
