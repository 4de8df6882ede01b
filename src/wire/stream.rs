//! Reading a body as a stream of events, and when to leave it.

use std::time::Duration;

use serde_json::Value;

use super::exchange::{Event, EventStream};
use super::json::read_json_up_to;
use super::ndjson::LineReader;
use super::redact::Redactor;
use super::sse::EventReader;

/// How a stream frames its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamFormat {
    ServerSentEvents,
    Ndjson,
}

/// When the harness leaves a stream that has not ended.
pub struct StopWhen<'a> {
    /// When no octet came for this long.
    pub idle: Duration,
    /// After this long in any case.
    pub within: Duration,
    /// After this many events.
    pub events: Option<usize>,
    /// After an event that fulfils this.
    pub on: &'a (dyn Fn(&Value) -> bool + Sync),
}

impl StreamFormat {
    /// The format that a media type names.
    pub fn of(media_type: &str) -> Option<Self> {
        match media_type {
            "text/event-stream" => Some(StreamFormat::ServerSentEvents),
            "application/x-ndjson" => Some(StreamFormat::Ndjson),
            _ => None,
        }
    }
}

enum Framing {
    ServerSentEvents(EventReader),
    Ndjson(LineReader),
}

/// Turns octets into events.
pub(super) struct StreamReader<'r> {
    framing: Framing,
    stream: EventStream,
    redactor: &'r Redactor,
    /// Octets of one event.
    longest: usize,
    too_long: bool,
    /// Values that may still be kept.
    values: usize,
}

/// JSON values of all events of a stream that are kept.
const MOST_VALUES: usize = 250_000;

impl<'r> StreamReader<'r> {
    /// A reader of a stream whose events are at most `longest` octets.
    pub fn new(format: StreamFormat, redactor: &'r Redactor, longest: usize) -> Self {
        let framing = match format {
            StreamFormat::ServerSentEvents => Framing::ServerSentEvents(EventReader::default()),
            StreamFormat::Ndjson => Framing::Ndjson(LineReader::default()),
        };
        StreamReader {
            framing,
            stream: EventStream::default(),
            redactor,
            longest,
            too_long: false,
            values: MOST_VALUES,
        }
    }

    /// Takes octets that came `arrived` after the request and returns the events that they complete.
    pub fn push(&mut self, octets: &[u8], arrived: Duration) -> &[Event] {
        let before = self.stream.events.len();
        let payloads: Vec<Vec<u8>> = match &mut self.framing {
            Framing::ServerSentEvents(reader) => {
                reader.push(octets).into_iter().map(|event| event.data).collect()
            }
            Framing::Ndjson(reader) => reader.push(octets),
        };
        let open = match &self.framing {
            Framing::ServerSentEvents(reader) => reader.open(),
            Framing::Ndjson(reader) => reader.open(),
        };
        self.too_long |= open > self.longest || payloads.iter().any(|payload| payload.len() > self.longest);
        for payload in payloads {
            let event = self.event(payload, arrived);
            self.stream.events.push(event);
        }
        &self.stream.events[before..]
    }

    /// Whether an event was, or one that is still to be completed is, longer than the limit.
    pub fn is_too_long(&self) -> bool {
        self.too_long
    }

    fn event(&mut self, payload: Vec<u8>, arrived: Duration) -> Event {
        let payload = self.redactor.body(payload.into());
        let (value, repeated) = match read_json_up_to(&payload, self.values) {
            Ok(json) => {
                self.values = self.values.saturating_sub(json.values);
                (Ok(json.value), json.repeated)
            }
            Err(problem) => (Err(problem), Vec::new()),
        };
        Event { arrived, text: String::from_utf8_lossy(&payload).into_owned(), value, repeated }
    }

    pub fn count(&self) -> usize {
        self.stream.events.len()
    }

    /// What the stream came to. `ended`: by itself, so that a last line without its end is a whole line.
    pub fn finish(mut self, arrived: Duration, ended: bool) -> EventStream {
        let redactor = self.redactor;
        let text = |octets: Vec<u8>| redactor.text(&String::from_utf8_lossy(&octets));
        match std::mem::replace(&mut self.framing, Framing::Ndjson(LineReader::default())) {
            Framing::ServerSentEvents(reader) => {
                let stream = &mut self.stream;
                stream.rest = reader.rest().map(text);
                stream.not_utf8 = reader.not_utf8.map(|line| redactor.text(&line));
                stream.unknown_lines = reader.unknown_lines.iter().map(|line| redactor.text(line)).collect();
            }
            Framing::Ndjson(reader) => match reader.finish() {
                Some(line) if ended => {
                    let event = self.event(line, arrived);
                    self.stream.events.push(event);
                }
                rest => self.stream.rest = rest.map(text),
            },
        }
        self.stream
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_line_counts_only_where_the_stream_ended() {
        let redactor = Redactor::default();
        let read = |ended| {
            let mut reader = StreamReader::new(StreamFormat::Ndjson, &redactor, 1000);
            assert_eq!(reader.push(b"{\"seq\":1}\n{\"seq\":2}", Duration::ZERO).len(), 1);
            let stream = reader.finish(Duration::ZERO, ended);
            (stream.events.len(), stream.rest)
        };
        assert_eq!(read(true), (2, None));
        assert_eq!(read(false), (1, Some("{\"seq\":2}".into())));
    }

    #[test]
    fn a_payload_that_is_no_json_stays_as_text_without_secrets() {
        let mut redactor = Redactor::default();
        redactor.add_secret("hunter22");
        let mut reader = StreamReader::new(StreamFormat::ServerSentEvents, &redactor, 1000);
        let events = reader.push(b"data: [DONE] hunter22\n\n", Duration::ZERO);
        assert_eq!((events[0].text.as_str(), events[0].value.is_err()), ("[DONE] [redacted]", true));
    }
}
