//! Judging: exchanges in, outcomes out. Pure: no network and no clock, so that every check can be tested from
//! recorded exchanges.

mod assertion;
mod challenge;
mod checks;
mod early;
mod evidence;
mod internals;
mod invariant;
mod judgement;
mod preflight;
mod refusal;
mod reproduce;
mod results;
mod series;
mod stream;
mod written;

pub use assertion::holds;
pub use checks::{Origin, PossibleCheck, invariant_id, possible_checks, written_id};
pub use early::violated;
pub use evidence::{Evidence, Facts, NotJudged, NotRun, ScenarioRecord, Scope, StepRecord};
pub use judgement::Judgement;
pub use refusal::{Refusal, feature_state};
pub use results::{Selection, judge};

#[cfg(test)]
mod tests;
