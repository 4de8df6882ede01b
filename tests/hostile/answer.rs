//! The right answer of the service behind, and the octets that it is written in.

use serde_json::Value;

use crate::misbehaviour::Piece;

/// An answer that has a known length.
#[derive(Debug, Clone)]
pub struct Right {
    /// `HTTP/1.1 200 OK`
    pub status_line: String,
    pub fields: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The request was a HEAD: the body is told of and not sent.
    pub is_head: bool,
}

impl Right {
    /// Reads an answer that is whole; none where it is a stream.
    pub fn read(octets: &[u8], is_head: bool) -> Option<Self> {
        let end = octets.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&octets[..end]).ok()?;
        let mut lines = head.split("\r\n");
        let status_line = lines.next()?.to_owned();
        let fields = lines.filter_map(|line| line.split_once(": "));
        // What concerns the connection to the service behind is no concern of the client.
        let fields = fields.filter(|(name, _)| *name != "connection");
        let fields: Vec<_> = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        if fields.iter().any(|(name, _)| name == "transfer-encoding") {
            return None;
        }
        Some(Right { status_line, fields, body: octets[end + 4..].to_vec(), is_head })
    }

    /// A success with a JSON body, as nobody would take amiss.
    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        let fields = vec![("content-type".to_owned(), "application/json".to_owned())];
        Right { status_line: "HTTP/1.1 200 OK".into(), fields, body: body.into(), is_head: false }
    }

    /// An error in the standard's form.
    pub fn error(status_line: &str, message: &str) -> Self {
        let body = serde_json::json!({"error": {"code": "unavailable", "message": message}});
        Right { status_line: format!("HTTP/1.1 {status_line}"), ..Right::json(body.to_string()) }
    }

    /// With another field of this name, or without one.
    pub fn with(mut self, name: &str, value: Option<&str>) -> Self {
        self.fields.retain(|(found, _)| found != name);
        self.fields.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        self
    }

    /// With one field more, whether or not there is one of this name.
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn with_body(self, body: impl Into<Vec<u8>>) -> Self {
        Right { body: body.into(), ..self }
    }

    /// With the JSON body changed.
    pub fn edited(self, edit: impl FnOnce(&mut Value)) -> Self {
        let mut body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        edit(&mut body);
        self.with_body(body.to_string())
    }

    /// With a JSON value, written as it is given here, as a member of the standard's `extensions`.
    pub fn extended(self, value: &str) -> Self {
        let body = String::from_utf8_lossy(&self.body);
        let open = body.trim_end().strip_suffix('}').unwrap_or_default();
        let body = format!("{open},\"extensions\":{{\"hostile.test/x\":{value}}}}}");
        self.with_body(body)
    }

    pub fn succeeded(&self) -> bool {
        self.status_line.starts_with("HTTP/1.1 2")
    }

    /// Status line and fields, without those that frame the body and without the empty line at the end.
    pub fn head(&self) -> String {
        let mut head = format!("{}\r\n", self.status_line);
        for (name, value) in self.fields.iter().filter(|(name, _)| name != "content-length") {
            head += &format!("{name}: {value}\r\n");
        }
        head
    }

    /// The head with these lines more, and its end.
    pub fn head_with(&self, lines: &str) -> Vec<u8> {
        format!("{}{lines}\r\n", self.head()).into_bytes()
    }

    /// The head with these lines more, then the body.
    pub fn octets_with(&self, lines: &str) -> Vec<u8> {
        [self.head_with(lines), self.body.clone()].concat()
    }

    /// The whole answer, framed by its length.
    pub fn octets(&self) -> Vec<u8> {
        let length = self.declared_length();
        match self.is_head {
            true => self.head_with(&length),
            false => self.octets_with(&length),
        }
    }

    /// The answer sent as it is; the connection goes on.
    pub fn sent(&self) -> Vec<Piece> {
        vec![Piece::Octets(self.octets()), Piece::GoOn]
    }

    /// The line that declares the body's length; empty where the answer has none (RFC 9110, section 8.6).
    fn declared_length(&self) -> String {
        let declared = self.fields.iter().find(|(name, _)| name == "content-length");
        match (self.is_head, declared) {
            (true, Some((_, length))) => format!("content-length: {length}\r\n"),
            _ if self.status_line.starts_with("HTTP/1.1 204") => String::new(),
            _ => format!("content-length: {}\r\n", self.body.len()),
        }
    }
}

/// One chunk of a chunked body (RFC 9112, section 7.1).
pub fn chunk(octets: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", octets.len()).as_bytes(), octets, b"\r\n"].concat()
}

/// The last chunk and the end of the trailers.
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Sends this, and closes the connection.
pub fn once(octets: impl Into<Vec<u8>>) -> Vec<Piece> {
    vec![Piece::Octets(octets.into())]
}

/// Sends this, and the connection takes another request.
pub fn going_on(octets: impl Into<Vec<u8>>) -> Vec<Piece> {
    vec![Piece::Octets(octets.into()), Piece::GoOn]
}

/// Sends this, and then the same again and again.
pub fn endless(octets: impl Into<Vec<u8>>, again: impl Into<Vec<u8>>) -> Vec<Piece> {
    vec![Piece::Octets(octets.into()), Piece::Endless(again.into(), std::time::Duration::ZERO)]
}

/// Sends this, and then the same again with a pause of so many milliseconds between.
pub fn trickle(octets: impl Into<Vec<u8>>, again: impl Into<Vec<u8>>, millis: u64) -> Vec<Piece> {
    let pause = std::time::Duration::from_millis(millis);
    vec![Piece::Octets(octets.into()), Piece::Pause(pause), Piece::Endless(again.into(), pause)]
}

/// Sends this, and then nothing.
pub fn hang(octets: impl Into<Vec<u8>>) -> Vec<Piece> {
    vec![Piece::Octets(octets.into()), Piece::Hang]
}

/// Sends this, and resets the connection.
pub fn reset(octets: impl Into<Vec<u8>>) -> Vec<Piece> {
    vec![Piece::Octets(octets.into()), Piece::Reset]
}
