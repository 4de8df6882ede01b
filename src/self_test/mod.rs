//! The suite tried on the bundled reference server: on every way of being right nothing may be found, and every mistake
//! has to be caught by a check of the requirement that it violates.

mod score;
mod trial;

pub use score::{Caught, FaultTrial, RightTrial, Score};
pub use trial::{TrialError, judge, judge_within};
