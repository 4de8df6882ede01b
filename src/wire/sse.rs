//! Server-sent events, read by the letter of the WHATWG HTML standard, section 9.2.

/// What one line or block of the stream came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dispatched {
    /// The values of the block's `data` fields, joined by line feeds.
    pub data: Vec<u8>,
}

/// Reads blocks as octets come.
#[derive(Debug, Default)]
pub(super) struct EventReader {
    line: Vec<u8>,
    data: Option<Vec<u8>>,
    begun: bool,
    after_cr: bool,
    /// Octets of lines since the last dispatch.
    open: Vec<u8>,
    /// The first line that is not UTF-8.
    pub not_utf8: Option<String>,
    /// Lines that are neither a field of the standard nor a comment.
    pub unknown_lines: Vec<String>,
}

const BOM: &[u8] = b"\xEF\xBB\xBF";

impl EventReader {
    /// Takes the next octets and returns the events that they complete. Blocks without data dispatch nothing.
    pub fn push(&mut self, octets: &[u8]) -> Vec<Dispatched> {
        let mut found = Vec::new();
        for octet in octets {
            match (octet, std::mem::replace(&mut self.after_cr, *octet == b'\r')) {
                (b'\n', true) => {}
                (b'\n' | b'\r', _) => found.extend(self.end_line()),
                _ => self.line.push(*octet),
            }
        }
        found
    }

    /// Octets of the event that is not dispatched yet.
    pub fn open(&self) -> usize {
        self.open.len() + self.line.len()
    }

    /// What stands after the last blank line: a client drops it. A comment alone is nothing that could be dropped.
    pub fn rest(&self) -> Option<Vec<u8>> {
        let open = [&self.open[..], &self.line[..]].concat();
        let comment_only = self.data.is_none() && (self.line.is_empty() || self.line.starts_with(b":"));
        (!comment_only && !open.is_empty()).then_some(open)
    }

    fn end_line(&mut self) -> Option<Dispatched> {
        let line = std::mem::take(&mut self.line);
        let line = match self.begun {
            false => line.strip_prefix(BOM).unwrap_or(&line),
            true => &line,
        };
        self.begun = true;
        if line.is_empty() {
            self.open.clear();
            return self.data.take().map(|data| Dispatched { data });
        }
        if self.not_utf8.is_none() && std::str::from_utf8(line).is_err() {
            self.not_utf8 = Some(String::from_utf8_lossy(line).into_owned());
        }
        self.open.extend_from_slice(line);
        self.open.push(b'\n');
        let (name, value) = match line.iter().position(|octet| *octet == b':') {
            Some(0) => return None,
            Some(at) => (&line[..at], line[at + 1..].strip_prefix(b" ").unwrap_or(&line[at + 1..])),
            None => (line, &b""[..]),
        };
        match name {
            b"data" => match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => self.data = Some(value.to_vec()),
            },
            b"event" | b"id" | b"retry" => {}
            _ if self.unknown_lines.len() < 10 => {
                self.unknown_lines.push(String::from_utf8_lossy(line).into_owned());
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<String>, Option<String>) {
        let mut together = None;
        for size in 1..=text.len() {
            let mut reader = EventReader::default();
            let events: Vec<_> = text.as_bytes().chunks(size).flat_map(|chunk| reader.push(chunk)).collect();
            let events: Vec<_> =
                events.into_iter().map(|event| String::from_utf8(event.data).unwrap()).collect();
            let rest = reader.rest().map(|rest| String::from_utf8(rest).unwrap());
            let now = (events, rest);
            assert_eq!(together.get_or_insert(now.clone()), &now, "in pieces of {size}");
        }
        together.unwrap()
    }

    #[test]
    fn every_line_end_ends_a_line() {
        let events = vec!["{\"a\":1}".to_owned(), "{\"b\":\n2}".to_owned()];
        for end in ["\n", "\r", "\r\n"] {
            let text = ": hello\n\nid: 1\nevent: x\ndata: {\"a\":1}\n\nretry: 5\n\ndata:{\"b\":\ndata:2}\n\n";
            assert_eq!(read(&text.replace('\n', end)), (events.clone(), None), "{end:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_skipped_and_a_cut_event_is_not_dispatched() {
        assert_eq!(read("\u{FEFF}data: 1\n\ndata: 2\n"), (vec!["1".into()], Some("data: 2\n".into())));
        assert_eq!(read("data: 1\n\n: bye"), (vec!["1".into()], None));
    }

    #[test]
    fn lines_that_are_no_field_are_kept_as_a_sign() {
        let mut reader = EventReader::default();
        assert_eq!(reader.push(b"{\"run_id\":\"x\"}\n\n"), []);
        assert_eq!(reader.unknown_lines, ["{\"run_id\":\"x\"}"]);
        reader.push(b"event: \xFF\n");
        assert_eq!(reader.not_utf8.as_deref(), Some("event: \u{FFFD}"));
    }
}
