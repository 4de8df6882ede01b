//! Reading a body as a stream of events, and when to leave it.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::exchange::{Event, EventStream};
use super::json::read_json;
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
}

impl<'r> StreamReader<'r> {
    pub fn new(format: StreamFormat, redactor: &'r Redactor) -> Self {
        let framing = match format {
            StreamFormat::ServerSentEvents => Framing::ServerSentEvents(EventReader::default()),
            StreamFormat::Ndjson => Framing::Ndjson(LineReader::default()),
        };
        StreamReader { framing, stream: EventStream::default(), redactor }
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
        for payload in payloads {
            self.stream.events.push(event(self.redactor.body(payload.into()), arrived));
        }
        &self.stream.events[before..]
    }

    pub fn count(&self) -> usize {
        self.stream.events.len()
    }

    /// What the stream came to. `ended`: by itself, so that a last line without its end is a whole line.
    pub fn finish(self, arrived: Duration, ended: bool) -> EventStream {
        let mut stream = self.stream;
        let redactor = self.redactor;
        let text = |octets: Vec<u8>| redactor.text(&String::from_utf8_lossy(&octets));
        match self.framing {
            Framing::ServerSentEvents(reader) => {
                stream.rest = reader.rest().map(text);
                stream.not_utf8 = reader.not_utf8.map(|line| redactor.text(&line));
                stream.unknown_lines = reader.unknown_lines.iter().map(|line| redactor.text(line)).collect();
            }
            Framing::Ndjson(reader) => match reader.finish() {
                Some(line) if ended => stream.events.push(event(self.redactor.body(line.into()), arrived)),
                rest => stream.rest = rest.map(text),
            },
        }
        stream
    }
}

fn event(payload: Bytes, arrived: Duration) -> Event {
    let (value, repeated) = match read_json(&payload) {
        Ok(json) => (Ok(json.value), json.repeated),
        Err(problem) => (Err(problem), Vec::new()),
    };
    Event { arrived, text: String::from_utf8_lossy(&payload).into_owned(), value, repeated }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_line_counts_only_where_the_stream_ended() {
        let redactor = Redactor::default();
        let read = |ended| {
            let mut reader = StreamReader::new(StreamFormat::Ndjson, &redactor);
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
        let mut reader = StreamReader::new(StreamFormat::ServerSentEvents, &redactor);
        let events = reader.push(b"data: [DONE] hunter22\n\n", Duration::ZERO);
        assert_eq!((events[0].text.as_str(), events[0].value.is_err()), ("[DONE] [redacted]", true));
    }
}
