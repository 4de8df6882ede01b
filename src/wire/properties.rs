//! What holds for every parser of what a target sends, whatever it sends: no panic, the same result however the octets are
//! cut, and time that grows with the input and no faster.

use std::time::{Duration, Instant};

use bytes::BytesMut;
use http::Method;
use proptest::collection::vec;
use proptest::prelude::*;

use super::coding::Decoder;
use super::http1::head;
use super::http1::{Deviations, Framing};
use super::json::read_json;
use super::redact::Redactor;
use super::stream::{StreamFormat, StreamReader};

/// Octets that lean towards what the parsers look for.
fn octets() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            &b"\r\n"[..], b"\n", b"\r", b":", b": ", b"data:", b"data: ", b"event:", b"id", b"retry: 1", b"{", b"}", b"[", b"]",
            b"\"", b"\\u", b"\\ud800", b"\\", b",", b"1e999", b"0", b"null", b"\xEF\xBB\xBF", b"\xFF", b"\xC3", b"\0", b" ", b";",
            b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 ", b"Content-Length: ", b"Transfer-Encoding: chunked", b"5\r\nhello\r\n", b"0\r\n\r\n",
            b"head.payload.signature", b"cGF5bG9hZA", b"%70", b"token",
        ]).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..20),
    ];
    vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn redactor() -> Redactor {
    let mut redactor = Redactor::default();
    redactor.add_secret("head.payload.signature");
    redactor
}

/// The events of a stream, and what is left at its end.
fn streamed(
    format: StreamFormat,
    octets: &[u8],
    size: usize,
) -> (Vec<(String, bool)>, Option<String>, Vec<String>) {
    let redactor = redactor();
    let mut reader = StreamReader::new(format, &redactor, 1 << 20);
    for chunk in octets.chunks(size.max(1)) {
        reader.push(chunk, Duration::ZERO);
    }
    let stream = reader.finish(Duration::ZERO, true);
    let events = stream.events.into_iter().map(|event| (event.text, event.value.is_ok())).collect();
    (events, stream.rest, stream.unknown_lines)
}

/// The body of a chunked answer and whether it could be read to its end.
fn unchunked(octets: &[u8], size: usize) -> (Vec<u8>, bool) {
    let head = head::parse(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
    let (mut buffer, mut body, mut deviations) = (BytesMut::new(), Vec::new(), Deviations::default());
    let mut framing = Framing::of(&head, &Method::GET, &mut deviations).unwrap();
    for chunk in octets.chunks(size.max(1)) {
        buffer.extend_from_slice(chunk);
        loop {
            match framing.next(&mut buffer, &mut deviations) {
                Ok(super::http1::Piece::Data(data)) => body.extend_from_slice(&data),
                Ok(super::http1::Piece::Missing) => break,
                Ok(super::http1::Piece::End) => return (body, true),
                Err(_) => return (body, false),
            }
        }
    }
    (body, false)
}

proptest! {
    #[test]
    fn streams_read_the_same_however_they_are_cut(octets in octets(), size in 1usize..40) {
        for format in [StreamFormat::ServerSentEvents, StreamFormat::Ndjson] {
            prop_assert_eq!(streamed(format, &octets, size), streamed(format, &octets, octets.len()));
        }
    }

    #[test]
    fn chunked_bodies_read_the_same_however_they_are_cut(octets in octets(), size in 1usize..40) {
        prop_assert_eq!(unchunked(&octets, size), unchunked(&octets, octets.len()));
    }

    #[test]
    fn heads_are_read_or_refused(octets in octets()) {
        let octets = [b"HTTP/1.1 200 OK\r\n", &octets[..]].concat();
        let mut line = 0;
        if let Ok(Some(end)) = head::end(&octets, &mut line) {
            let head = head::parse(&octets[..end]);
            if let Ok(head) = head {
                prop_assert!(head.fields.iter().all(|(name, _)| !name.is_empty()));
                let _ = Framing::of(&head, &Method::GET, &mut Deviations::default());
            }
        }
        let _ = head::parse(&octets);
    }

    #[test]
    fn json_agrees_with_a_lenient_reader(octets in octets()) {
        match read_json(&octets) {
            Ok(json) => prop_assert_eq!(Some(json.value), serde_json::from_slice(&octets).ok()),
            Err(_) => prop_assert!(serde_json::from_slice::<serde_json::Value>(&octets).is_err() || octets.starts_with(b"\xEF\xBB\xBF")),
        }
    }

    #[test]
    fn any_json_is_read_as_it_was_written(value in json()) {
        prop_assert_eq!(read_json(value.to_string().as_bytes()).map(|json| json.value), Ok(value));
    }

    #[test]
    fn no_secret_survives_redaction(before in octets(), after in octets()) {
        let redactor = redactor();
        for secret in [&b"head.payload.signature"[..], b"signature", b"cGF5bG9hZA=="] {
            let text = [&before[..], secret, &after].concat();
            let kept = redactor.body(text.into());
            prop_assert!(!kept.windows(9).any(|part| part == b"signature"));
            prop_assert!(!redactor.finds(&kept));
            prop_assert_eq!(redactor.body(kept.clone()), kept);
        }
    }

    #[test]
    fn codings_are_undone_or_refused(octets in vec(any::<u8>(), 0..300), size in 1usize..40) {
        for coding in ["gzip", "deflate", "br", "zstd"] {
            let mut decoder = Decoder::new(&[coding.to_owned()], 1000).unwrap().unwrap();
            let whole: Result<Vec<_>, _> = octets.chunks(size).map(|chunk| decoder.push(chunk)).collect();
            if let Ok(parts) = whole {
                prop_assert!(parts.concat().len() <= 1000);
                let _ = decoder.finish();
            }
        }
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The shortest of three tries: a machine that is busy with something else is not slower every time.
fn time(work: impl Fn()) -> Duration {
    let tries = (0..3).map(|_| {
        let begun = Instant::now();
        work();
        begun.elapsed()
    });
    tries.min().unwrap_or_default()
}

/// Sixteen times the input takes sixteen times as long where time grows with it, and 256 times where it grows with its
/// square; the bound lies far from both.
#[test]
fn no_parser_takes_more_time_than_grows_with_its_input() {
    type Parser = (&'static str, fn(&[u8]));
    let parsers: [Parser; 5] = [
        ("sse", |octets| _ = streamed(StreamFormat::ServerSentEvents, octets, 1000)),
        ("ndjson", |octets| _ = streamed(StreamFormat::Ndjson, octets, 1000)),
        ("json", |octets| _ = read_json(octets)),
        ("chunks", |octets| _ = unchunked(octets, 1000)),
        ("redaction", |octets| _ = redactor().body(octets.to_vec().into())),
    ];
    let patterns: [&[u8]; 10] = [
        b"a",
        b"\n",
        b"\r",
        b"data:\n",
        b"data: {}\n\n",
        b"{\"a\":",
        b"[",
        b"1\r\na\r\n",
        b"head.payload.signatur",
        b"\"\\u0041\",",
    ];
    for (name, parse) in parsers {
        for pattern in patterns {
            let of = |length: usize| pattern.repeat(length / pattern.len());
            let (short, long) = (of(16 << 10), of(256 << 10));
            let (short, long) = (time(|| parse(&short)), time(|| parse(&long)));
            let at_least = Duration::from_millis(1);
            assert!(
                long < short.max(at_least) * 100,
                "{name} {:?}: {short:?}, then {long:?}",
                String::from_utf8_lossy(pattern)
            );
        }
    }
}
