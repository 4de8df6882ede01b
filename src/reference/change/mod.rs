//! What makes a server another one than the plain reference server: small changes of requests, answers and behaviour,
//! written as data.
//!
//! A fault is a change that breaks a requirement, a habit one that the standard leaves open. Both are made of
//! the same parts, and the server asks [`Changes`] at the few places where they bite.

mod asked;
mod changes;
mod edit;
mod patch;
mod streams;
mod switch;

pub use asked::{Asked, When, anything, on, outside};
pub use changes::{Change, Changes, Incoming};
pub use edit::{Break, Edit};
pub use patch::{Patch, fill, remove, rename, set, with};
pub use streams::{Chunks, Events, Which, chunks, framed};
pub use switch::{Switch, Switches};
