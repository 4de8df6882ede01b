//! The events of a run as a stream of JSON values.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use serde_json::Value;

use super::runs::{Event, Run};

/// The events of `run` from its first one on: what has happened at once, the rest as it happens. Ends with the run.
///
/// `render` makes the JSON value of the event with the sequence number that it is given; numbers count from 1.
pub fn feed(
    run: Arc<Run>,
    render: impl Fn(&Run, u64, &Event) -> Value + Send + 'static,
) -> BoxStream<'static, Value> {
    let watch = run.watch();
    let happened = stream::unfold((watch, 0), async |(mut watch, seen)| {
        loop {
            {
                let progress = watch.borrow_and_update();
                if let Some(&event) = progress.events.get(seen) {
                    drop(progress);
                    return Some((event, (watch, seen + 1)));
                }
                if progress.state.is_terminal() {
                    return None;
                }
            }
            watch.changed().await.ok()?;
        }
    });
    happened.enumerate().map(move |(index, event)| render(&run, index as u64 + 1, &event)).boxed()
}
