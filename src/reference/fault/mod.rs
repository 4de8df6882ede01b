//! The mistakes that the server can be started with: each is one that real services make, and each breaks requirements
//! of the catalogue, so a suite that is worth its name catches every one of them.

mod about;
mod auth;
mod cancel;
mod errors;
mod events;
mod framing;
mod messages;
mod model;
mod requests;
mod results;
mod row;
mod runs;
mod tables;

pub use model::Fault;
pub use tables::{fault, faults};
