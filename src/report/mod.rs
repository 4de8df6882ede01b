//! Reports: one model of what a run found, and its renderings. Nothing here knows how a run is made.

mod json;
mod junit;
pub mod model;
#[cfg(test)]
mod samples;
mod set;
mod summary;
mod text;
mod visible;

pub use json::{ReadError, json, read};
pub use junit::junit;
pub use model::Report;
pub use set::ReportSet;
pub use summary::{requirements, verdict};
pub(crate) use text::{Page, style};
pub use text::{TextOptions, Verbosity, text};
pub use visible::{cut, visible, visible_lines, visible_value};
