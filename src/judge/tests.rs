//! Judging from recorded exchanges: every kind of assertion, every invariant and every reason not to judge, each seen
//! to pass and seen to fail.

mod assertions;
mod gates;
mod invariants;
mod properties;
mod recording;
mod reports;
mod routes;
mod series;
mod vacuity;
