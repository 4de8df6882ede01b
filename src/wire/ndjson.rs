//! NDJSON: one JSON text a line.

/// Splits octets into lines as they come.
#[derive(Debug, Default)]
pub(super) struct LineReader {
    open: Vec<u8>,
}

impl LineReader {
    /// Takes the next octets and returns the lines that they complete, without their ends; blank ones are left out.
    pub fn push(&mut self, octets: &[u8]) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        for part in octets.split_inclusive(|octet| *octet == b'\n') {
            self.open.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.open.pop();
                if self.open.ends_with(b"\r") {
                    self.open.pop();
                }
                let line = std::mem::take(&mut self.open);
                if !line.iter().all(u8::is_ascii_whitespace) {
                    lines.push(line);
                }
            }
        }
        lines
    }

    /// Octets of the line that has no end yet.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// The last line, where it has no end.
    pub fn finish(self) -> Option<Vec<u8>> {
        (!self.open.iter().all(u8::is_ascii_whitespace)).then_some(self.open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole_however_they_are_cut() {
        let text = b"{\"a\":1}\r\n\n{\"b\":2}\n  \n{\"c\":3}";
        for size in 1..text.len() {
            let mut reader = LineReader::default();
            let lines: Vec<_> = text.chunks(size).flat_map(|chunk| reader.push(chunk)).collect();
            assert_eq!(lines, [b"{\"a\":1}".to_vec(), b"{\"b\":2}".to_vec()], "in pieces of {size}");
            assert_eq!(reader.finish(), Some(b"{\"c\":3}".to_vec()));
        }
    }
}
