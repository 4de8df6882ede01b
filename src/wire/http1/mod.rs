//! HTTP/1.1 as a judge reads it (RFC 9112): what a forgiving client passes over is kept as a deviation, and what no client
//! can read is told with its place.

mod body;
mod connection;
mod deviations;
pub(super) mod head;
mod incoming;

#[cfg(test)]
pub(super) use body::{Framing, Piece};
pub(super) use connection::{Connection, NoHead, Stream};
#[cfg(test)]
pub(super) use deviations::Deviations;
pub(super) use incoming::{Incoming, SendError};
