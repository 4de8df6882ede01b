//! Where the body of an answer ends (RFC 9112, sections 6 and 7).

use bytes::{Buf, Bytes, BytesMut};
use http::Method;

use super::deviations::Deviations;
use super::head::{self, Head};

/// Octets of a chunk's size line; the sizes themselves take 16.
const LONGEST_SIZE: usize = 4096;

/// Octets of all trailer fields.
const LONGEST_TRAILER: usize = 64 << 10;

/// How the end of a body is told, and how far it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Framing {
    Nothing,
    Length { declared: u64, left: u64 },
    Chunked(Chunk),
    UntilClose,
}

/// Where a chunked body stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk {
    Size,
    Data {
        size: u64,
        left: u64,
    },
    /// The line end after a chunk's data.
    DataEnd {
        size: u64,
    },
    Trailer {
        octets: usize,
    },
    Over,
}

/// What the next octets of a body are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Data(Bytes),
    /// More has to be read first.
    Missing,
    End,
}

/// Why a body cannot be read on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    #[error("different values of Content-Length: {0}")]
    Lengths(String),
    #[error("Content-Length is {0:?}, which is no number of octets")]
    Length(String),
    #[error("the answer ended after {read} of {declared} octets")]
    Short { read: u64, declared: u64 },
    #[error("the size of a chunk is {0:?}, which is no hexadecimal number")]
    ChunkSize(String),
    #[error("a chunk of {0} octets is not followed by a line end")]
    ChunkEnd(u64),
    #[error("the line with a chunk's size is longer than {LONGEST_SIZE} octets")]
    ChunkLine,
    #[error("the trailer is longer than {LONGEST_TRAILER} octets")]
    Trailer,
    #[error("the connection was closed before the last chunk")]
    NoLastChunk,
}

impl BodyError {
    /// Whether this is a limit of the harness, and no mistake of the target.
    pub fn is_limit(&self) -> bool {
        matches!(self, BodyError::ChunkLine | BodyError::Trailer)
    }
}

impl Framing {
    /// How the body after `head` is framed. What the standard forbids and can be read past goes to `deviations`.
    ///
    /// # Errors
    ///
    /// Where the lengths that the head tells contradict each other or are none.
    pub fn of(head: &Head, asked: &Method, deviations: &mut Deviations) -> Result<Self, BodyError> {
        let codings = head.list("transfer-encoding");
        let lengths = head.list("content-length");
        if asked == Method::HEAD || head.status == 304 {
            return Ok(Framing::Nothing);
        }
        if head.status == 204 {
            if !codings.is_empty() || lengths.iter().any(|length| length != "0") {
                deviations.note("a 204 announces content (RFC 9110, section 8.6)");
            }
            return Ok(Framing::Nothing);
        }
        if !codings.is_empty() {
            if !lengths.is_empty() {
                deviations.note("Content-Length beside Transfer-Encoding (RFC 9112, section 6.2)");
            }
            if !head.persistent {
                deviations.note("Transfer-Encoding in an HTTP/1.0 answer (RFC 9112, section 6.1)");
            }
            let chunked = |coding: &String| coding.eq_ignore_ascii_case("chunked");
            if !codings.iter().all(chunked) || codings.len() > 1 {
                let codings = codings.join(", ");
                deviations.note(format!(
                    "the transfer coding {codings:?}, which was not asked for (RFC 9112, section 7.4)"
                ));
            }
            return Ok(match codings.last().is_some_and(chunked) {
                true => Framing::Chunked(Chunk::Size),
                false => Framing::UntilClose,
            });
        }
        let told = head.fields.iter().filter(|(name, _)| name == "content-length").map(|(_, value)| value);
        let has_gap =
            |value: &&Vec<u8>| value.split(|octet| *octet == b',').any(|part| part.trim_ascii().is_empty());
        if let Some(value) = told.clone().find(has_gap) {
            return Err(BodyError::Length(String::from_utf8_lossy(value).into_owned()));
        }
        let Some(first) = lengths.first() else { return Ok(Framing::UntilClose) };
        if lengths.iter().any(|length| length != first) {
            return Err(BodyError::Lengths(lengths.join(", ")));
        }
        if lengths.len() > 1 {
            deviations
                .note(format!("Content-Length is told {} times (RFC 9110, section 8.6)", lengths.len()));
        }
        let digits = Some(first).filter(|first| first.bytes().all(|octet| octet.is_ascii_digit()));
        let declared =
            digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| BodyError::Length(first.clone()))?;
        Ok(Framing::Length { declared, left: declared })
    }

    /// Takes the next piece of the body out of `buffer`.
    pub fn next(&mut self, buffer: &mut BytesMut, deviations: &mut Deviations) -> Result<Piece, BodyError> {
        match self {
            Framing::Nothing | Framing::Length { left: 0, .. } => Ok(Piece::End),
            Framing::UntilClose => Ok(taken(buffer, u64::MAX).map_or(Piece::Missing, Piece::Data)),
            Framing::Length { left, .. } => Ok(match taken(buffer, *left) {
                Some(data) => {
                    *left -= data.len() as u64;
                    Piece::Data(data)
                }
                None => Piece::Missing,
            }),
            Framing::Chunked(chunk) => chunk.next(buffer, deviations),
        }
    }

    /// What it means that the connection ended after `read` octets of the body.
    pub fn closed(&self, read: u64) -> Result<(), BodyError> {
        match self {
            Framing::Nothing | Framing::UntilClose | Framing::Chunked(Chunk::Over) => Ok(()),
            Framing::Length { declared, left } => match left {
                0 => Ok(()),
                _ => Err(BodyError::Short { read, declared: *declared }),
            },
            Framing::Chunked(_) => Err(BodyError::NoLastChunk),
        }
    }
}

impl Chunk {
    fn next(&mut self, buffer: &mut BytesMut, deviations: &mut Deviations) -> Result<Piece, BodyError> {
        loop {
            match self {
                Chunk::Over => return Ok(Piece::End),
                Chunk::Size => {
                    let Some(line) = taken_line(buffer, LONGEST_SIZE, deviations, BodyError::ChunkLine)?
                    else {
                        return Ok(Piece::Missing);
                    };
                    *self = match chunk_size(&line)? {
                        0 => Chunk::Trailer { octets: 0 },
                        size => Chunk::Data { size, left: size },
                    };
                }
                Chunk::Data { size, left: 0 } => *self = Chunk::DataEnd { size: *size },
                Chunk::Data { left, .. } => {
                    let Some(data) = taken(buffer, *left) else { return Ok(Piece::Missing) };
                    *left -= data.len() as u64;
                    return Ok(Piece::Data(data));
                }
                Chunk::DataEnd { size } => {
                    let size = *size;
                    match &buffer[..buffer.len().min(2)] {
                        b"\r\n" => buffer.advance(2),
                        b"" | b"\r" => return Ok(Piece::Missing),
                        [b'\n', ..] => {
                            buffer.advance(1);
                            bare_line_feed(deviations);
                        }
                        _ => return Err(BodyError::ChunkEnd(size)),
                    }
                    *self = Chunk::Size;
                }
                Chunk::Trailer { octets } => {
                    let left = LONGEST_TRAILER - *octets;
                    let Some(line) = taken_line(buffer, left, deviations, BodyError::Trailer)? else {
                        return Ok(Piece::Missing);
                    };
                    *octets = (*octets + line.len() + 2).min(LONGEST_TRAILER);
                    if line.is_empty() {
                        *self = Chunk::Over;
                    } else {
                        note_trailer(&line, deviations);
                    }
                }
            }
        }
    }
}

/// Up to `most` octets, if there is any.
fn taken(buffer: &mut BytesMut, most: u64) -> Option<Bytes> {
    let length = (buffer.len() as u64).min(most) as usize;
    (length > 0).then(|| buffer.split_to(length).freeze())
}

/// The next line without its end, if it is whole.
fn taken_line(
    buffer: &mut BytesMut,
    longest: usize,
    deviations: &mut Deviations,
    too_long: BodyError,
) -> Result<Option<Bytes>, BodyError> {
    let Some(length) = buffer.iter().take(longest + 1).position(|octet| *octet == b'\n') else {
        return if buffer.len() > longest { Err(too_long) } else { Ok(None) };
    };
    let mut line = buffer.split_to(length + 1).freeze();
    line.truncate(length);
    match line.last() {
        Some(b'\r') => line.truncate(length - 1),
        _ => bare_line_feed(deviations),
    }
    Ok(Some(line))
}

/// RFC 9112, section 7.1: hexadecimal digits, then perhaps extensions.
fn chunk_size(line: &[u8]) -> Result<u64, BodyError> {
    let size = line.split(|octet| *octet == b';').next().unwrap_or(line);
    // Blanks before an extension are tolerated (RFC 9112, section 7.1.1).
    let text = String::from_utf8_lossy(size.trim_ascii_end());
    let is_hex = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_hexdigit());
    let size = is_hex.then(|| u64::from_str_radix(&text, 16).ok()).flatten();
    size.ok_or_else(|| BodyError::ChunkSize(text.into_owned()))
}

/// A trailer has the fields of a head (RFC 9112, section 7.1.2).
fn note_trailer(line: &[u8], deviations: &mut Deviations) {
    let mut found = Deviations::default();
    head::field(line, &mut Vec::new(), &mut found);
    found.into_vec().into_iter().for_each(|what| deviations.note(format!("in the trailer: {what}")));
}

fn bare_line_feed(deviations: &mut Deviations) {
    deviations.note("a line of the chunked coding ends with a line feed alone (RFC 9112, section 7.1)");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framing(fields: &str) -> (Result<Framing, BodyError>, Vec<String>) {
        let head = head::parse(format!("HTTP/1.1 200 OK\r\n{fields}\r\n").as_bytes()).unwrap();
        let mut deviations = Deviations::default();
        let framing = Framing::of(&head, &Method::GET, &mut deviations);
        (framing, deviations.into_vec())
    }

    /// The body and what is left after it, the same in pieces of every size.
    fn read(framing: &Framing, octets: &[u8]) -> Result<(Vec<u8>, Vec<u8>, bool), BodyError> {
        let mut together = None;
        for size in 1..=octets.len().max(1) {
            let (mut framing, mut buffer, mut body) = (framing.clone(), BytesMut::new(), Vec::new());
            let (mut deviations, mut over, mut failed) = (Deviations::default(), false, None);
            for chunk in octets.chunks(size) {
                buffer.extend_from_slice(chunk);
                loop {
                    match framing.next(&mut buffer, &mut deviations) {
                        Ok(Piece::Data(data)) => body.extend_from_slice(&data),
                        Ok(Piece::Missing) => break,
                        Ok(Piece::End) => {
                            over = true;
                            break;
                        }
                        Err(error) => {
                            failed = Some(error);
                            break;
                        }
                    }
                }
                if failed.is_some() {
                    break;
                }
            }
            let failed = failed.or(framing.closed(body.len() as u64).err());
            let now = match failed {
                Some(error) => Err(error),
                None => Ok((body, buffer.to_vec(), over)),
            };
            assert_eq!(together.get_or_insert(now.clone()), &now, "in pieces of {size}");
        }
        together.unwrap()
    }

    #[test]
    fn a_length_counts_octets() {
        let (five, deviations) = framing("content-length: 5\r\n");
        assert_eq!((five.clone().unwrap(), deviations.len()), (Framing::Length { declared: 5, left: 5 }, 0));
        assert_eq!(
            read(&five.clone().unwrap(), b"hello, you"),
            Ok((b"hello".to_vec(), b", you".to_vec(), true))
        );
        assert_eq!(
            read(&five.unwrap(), b"hel").unwrap_err().to_string(),
            "the answer ended after 3 of 5 octets"
        );
    }

    #[test]
    fn chunks_are_read_by_the_letter() {
        let chunked = framing("transfer-encoding: chunked\r\n").0.unwrap();
        let whole = b"5;ext=1\r\nhello\r\n1 \r\n!\r\n0\r\nX-Trailer: a\r\n\r\nrest";
        assert_eq!(read(&chunked, whole), Ok((b"hello!".to_vec(), b"rest".to_vec(), true)));
        for (octets, said) in [
            (&b"5\r\nhello\r\n"[..], "the connection was closed before the last chunk"),
            (b"5\r\nhelloXX", "a chunk of 5 octets is not followed by a line end"),
            (b"zz\r\n", "the size of a chunk is \"zz\", which is no hexadecimal number"),
            (b"-1\r\n", "the size of a chunk is \"-1\", which is no hexadecimal number"),
            (b"\r\n", "the size of a chunk is \"\", which is no hexadecimal number"),
            (
                b"fffffffffffffffff\r\n",
                "the size of a chunk is \"fffffffffffffffff\", which is no hexadecimal number",
            ),
        ] {
            assert_eq!(read(&chunked, octets).unwrap_err().to_string(), said);
        }
        let (mut deviations, mut framing) = (Deviations::default(), chunked);
        let mut buffer = BytesMut::from(&b"1\na\n0\n\n"[..]);
        while !matches!(framing.next(&mut buffer, &mut deviations), Ok(Piece::End)) {}
        assert_eq!(deviations.into_vec().len(), 1);
    }

    #[test]
    fn what_the_head_tells_of_the_body_is_weighed() {
        for (fields, expected, deviations) in [
            ("", Framing::UntilClose, 0),
            ("content-length: 5\r\ncontent-length: 5\r\n", Framing::Length { declared: 5, left: 5 }, 1),
            ("content-length: 5\r\ntransfer-encoding: Chunked\r\n", Framing::Chunked(Chunk::Size), 1),
            ("transfer-encoding: gzip, chunked\r\n", Framing::Chunked(Chunk::Size), 1),
            ("transfer-encoding: gzip\r\n", Framing::UntilClose, 1),
        ] {
            let (found, noted) = framing(fields);
            assert_eq!((found, noted.len()), (Ok(expected), deviations), "{fields}: {noted:?}");
        }
        for fields in [
            "content-length: 5\r\ncontent-length: 6\r\n",
            "content-length: -5\r\n",
            "content-length: 5 5\r\n",
            "content-length:\r\n",
            "content-length: 5,\r\n",
            "content-length: 99999999999999999999\r\n",
        ] {
            assert!(framing(fields).0.is_err(), "{fields}");
        }
    }

    #[test]
    fn a_long_size_line_or_trailer_ends_the_reading() {
        let chunked = || Framing::Chunked(Chunk::Size);
        let next = |octets: &str| chunked().next(&mut BytesMut::from(octets), &mut Deviations::default());
        assert_eq!(next(&"1;".repeat(4000)), Err(BodyError::ChunkLine));
        assert_eq!(next(&format!("0\r\n{}", "x: y\r\n".repeat(20_000))), Err(BodyError::Trailer));
    }
}
