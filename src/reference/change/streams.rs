use std::io;

use axum::body::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use serde_json::Value;

use crate::reference::reply::Framing;

/// The events of a run, one JSON value each.
pub type Events = BoxStream<'static, Value>;

/// A body piece by piece; an error cuts the connection.
pub type Chunks = BoxStream<'static, io::Result<Bytes>>;

/// Which events of a stream a patch is about.
pub enum Which {
    Every,
    /// Counted from 1.
    Nth(u64),
    /// Those of these types.
    Of(&'static [&'static str]),
}

impl Which {
    /// `number` counts from 1.
    pub fn takes(&self, number: u64, event: &Value) -> bool {
        match self {
            Which::Every => true,
            Which::Nth(nth) => *nth == number,
            Which::Of(types) => event["type"].as_str().is_some_and(|kind| types.contains(&kind)),
        }
    }
}

/// The events as pieces of a body: `write` turns one event, with its number from 1, into octets.
pub fn framed(
    events: Events,
    write: impl Fn(u64, &Value) -> Vec<u8> + Send + 'static,
) -> BoxStream<'static, io::Result<Bytes>> {
    events.enumerate().map(move |(index, event)| Ok(write(index as u64 + 1, &event).into())).boxed()
}

/// The events as a right server writes them.
pub fn chunks(framing: Framing, events: Events) -> Chunks {
    events.map(move |event| Ok(framing.frame(&event))).boxed()
}
