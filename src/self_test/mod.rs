//! The suite tried on the bundled reference server: on every way of being right nothing may be found.

mod trial;

pub use trial::{Bundled, TrialError, judge};
