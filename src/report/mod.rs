//! Reports: one model of what a run found, and its renderings. Nothing here knows how a run is made.

mod account;
mod badge;
mod comparison;
mod events;
mod github;
mod html;
mod json;
mod junit;
mod markdown;
pub mod model;
mod pattern;
#[cfg(test)]
mod samples;
mod sarif;
mod schema;
mod set;
mod summary;
mod text;
mod visible;
mod waivers;
mod wording;

pub use badge::{badge, badge_endpoint};
pub use comparison::{Change, Comparison, Side, State, TargetComparison};
pub use events::{EVENTS_FORMAT, Event, event_line, read_events};
pub use github::annotations;
pub use html::html;
pub use json::{ReadError, json, read};
pub use junit::junit;
pub use markdown::markdown;
pub use model::Report;
pub use pattern::glob;
pub use sarif::sarif;
pub use schema::schema;
pub use set::ReportSet;
pub use summary::{requirements, verdict};
pub(crate) use text::{Page, style};
pub use text::{TextOptions, Verbosity, text, text_of_all};
pub use visible::{cut, visible, visible_lines, visible_value};
pub use waivers::{Dropped, Update, Waiver, Waivers, WaiversError, Waives, day};
