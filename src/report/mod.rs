//! Reports: one model of what a run found, and its renderings. Nothing here knows how a run is made.

mod html;
mod json;
mod junit;
pub mod model;
#[cfg(test)]
mod samples;
mod set;
mod summary;
mod text;
mod visible;
mod wording;

pub use html::html;
pub use json::{ReadError, json, read};
pub use junit::junit;
pub use model::Report;
pub use set::ReportSet;
pub use summary::{requirements, verdict};
pub use text::{TextOptions, Verbosity, text};
pub use visible::{cut, visible, visible_lines, visible_value};
