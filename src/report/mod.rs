//! Reports: one model of what a run found, and its renderings. Nothing here knows how a run is made.

mod junit;
pub mod model;
mod text;

pub use junit::junit;
pub use model::Report;
pub use text::{TextOptions, text};
