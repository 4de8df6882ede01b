//! Reports: one model of what a run found, and its renderings. Nothing here knows how a run is made.

mod events;
mod json;
mod junit;
pub mod model;
#[cfg(test)]
mod samples;
mod set;
mod summary;
mod text;
mod visible;

pub use events::{EVENTS_FORMAT, Event, event_line, read_events};
pub use json::{ReadError, json, read};
pub use junit::junit;
pub use model::Report;
pub use set::ReportSet;
pub use summary::{requirements, verdict};
pub use text::{TextOptions, Verbosity, text, text_of_all};
pub use visible::{cut, visible, visible_lines, visible_value};
