//! The words for the values of the model, as JSON writes them.

use super::*;

impl Verdict {
    /// `non-conformant`, as JSON writes it.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Conformant => "conformant",
            Verdict::NonConformant => "non-conformant",
            Verdict::Partial => "partial",
            Verdict::NotJudged => "not-judged",
        }
    }
}

impl AuthMode {
    pub fn name(self) -> &'static str {
        match self {
            AuthMode::Off => "off",
            AuthMode::Optional => "optional",
            AuthMode::Required => "required",
            AuthMode::Unknown => "unknown",
        }
    }
}

impl FeatureState {
    pub fn name(self) -> &'static str {
        match self {
            FeatureState::Implemented => "implemented",
            FeatureState::Absent => "absent",
            FeatureState::Unknown => "unknown",
        }
    }
}

impl Level {
    pub fn name(self) -> &'static str {
        match self {
            Level::Must => "must",
            Level::Should => "should",
            Level::May => "may",
        }
    }
}

impl Tier {
    pub fn name(self) -> &'static str {
        match self {
            Tier::Smoke => "smoke",
            Tier::Surface => "surface",
            Tier::Core => "core",
            Tier::Deep => "deep",
        }
    }
}

impl Outcome {
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::Fail => "fail",
            Outcome::Warn => "warn",
            Outcome::Info => "info",
            Outcome::Skip => "skip",
            Outcome::Error => "error",
        }
    }
}

impl SkipReason {
    pub fn name(self) -> &'static str {
        match self {
            SkipReason::NotApplicable => "not-applicable",
            SkipReason::OutOfScope => "out-of-scope",
            SkipReason::Blocked => "blocked",
            SkipReason::NotMeasured => "not-measured",
        }
    }
}
