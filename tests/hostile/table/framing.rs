//! Messages that are not framed as RFC 9112 says.

use crate::answer::{LAST_CHUNK, Right, chunk, endless, going_on, hang, once};
use crate::misbehaviour::Does::{Instead, Spoil};
use crate::misbehaviour::Misbehaviour;
use crate::misbehaviour::hits::{STARTS, VERSION, VERSION_AGAIN};

/// A head that promises chunks.
fn chunked(right: &Right) -> Vec<u8> {
    right.head_with("transfer-encoding: chunked\r\n")
}

pub fn table() -> Vec<Misbehaviour> {
    let row = Misbehaviour::new;
    let wire = |name, spoil| row(name, VERSION_AGAIN, Spoil(spoil)).fails("WIRE-1", "");
    vec![
        // ---- status lines
        wire("no-status-line", |_, right| once(right.body)),
        wire("another-protocol", |_, _| once("220 mail.example ESMTP\r\n")),
        wire("status-line-without-a-code", |_, right| {
            let length = right.body.len();
            once(
                Right { status_line: "HTTP/1.1 OK".into(), ..right }
                    .octets_with(&format!("content-length: {length}\r\n")),
            )
        }),
        wire("status-code-of-four-digits", |_, right| {
            once(Right { status_line: "HTTP/1.1 2000 OK".into(), ..right }.octets())
        }),
        row(
            "status-code-out-of-range",
            VERSION_AGAIN,
            Spoil(|_, right| once(Right { status_line: "HTTP/1.1 999 Whatever".into(), ..right }.octets())),
        ),
        wire("http-version-from-the-future", |_, right| {
            once(Right { status_line: "HTTP/9.7 200 OK".into(), ..right }.octets())
        }),
        row("status-line-never-ends", VERSION_AGAIN, Spoil(|_, _| endless("HTTP/1.1 200 ", "OK "))),
        row("http-2-unasked", VERSION_AGAIN, Spoil(|_, _| hang(*b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"))),
        // ---- heads
        wire("line-feeds-alone", |_, right| {
            let head =
                String::from_utf8(right.head_with(&format!("content-length: {}\r\n", right.body.len())));
            going_on([head.unwrap().replace("\r\n", "\n").as_bytes(), &right.body].concat())
        }),
        wire("carriage-returns-alone", |_, right| {
            let head =
                String::from_utf8(right.head_with(&format!("content-length: {}\r\n", right.body.len())));
            once([head.unwrap().replace("\r\n", "\r").as_bytes(), &right.body].concat())
        }),
        wire("length-and-chunks", |_, right| {
            let head = right.head_with("transfer-encoding: chunked\r\ncontent-length: 5\r\n");
            going_on([head, chunk(&right.body), LAST_CHUNK.to_vec()].concat())
        }),
        wire("two-lengths", |_, right| {
            going_on(
                right.octets_with(&format!("content-length: {}\r\ncontent-length: 7\r\n", right.body.len())),
            )
        }),
        wire("two-lengths-in-one-field", |_, right| {
            going_on(right.octets_with(&format!("content-length: {}, 7\r\n", right.body.len())))
        }),
        wire("negative-length", |_, right| once(right.octets_with("content-length: -5\r\n"))),
        wire("signed-length", |_, right| {
            going_on(right.octets_with(&format!("content-length: +{}\r\n", right.body.len())))
        }),
        wire("length-that-is-no-number", |_, right| once(right.octets_with("content-length: 49 octets\r\n"))),
        wire("length-beyond-64-bits", |_, right| {
            once(right.octets_with("content-length: 99999999999999999999999\r\n"))
        }),
        wire("length-too-long", |_, right| {
            once(right.octets_with(&format!("content-length: {}\r\n", right.body.len() + 1)))
        }),
        wire("length-too-short", |_, right| {
            going_on(right.octets_with(&format!("content-length: {}\r\n", right.body.len() - 1)))
        }),
        wire("two-answers-to-one-request", |_, right| going_on(right.octets().repeat(2))),
        wire("unknown-transfer-coding", |_, right| {
            once(right.octets_with("transfer-encoding: hocus-pocus\r\n"))
        }),
        wire("chunked-is-not-the-last-coding", |_, right| {
            once(
                [
                    right.head_with("transfer-encoding: chunked, gzip\r\n"),
                    chunk(&right.body),
                    LAST_CHUNK.to_vec(),
                ]
                .concat(),
            )
        }),
        // ---- chunks
        wire("chunk-size-is-no-number", |_, right| {
            once([chunked(&right), b"zz\r\n".to_vec(), right.body, b"\r\n0\r\n\r\n".to_vec()].concat())
        }),
        wire("chunk-size-beyond-64-bits", |_, right| {
            once([chunked(&right), b"fffffffffffffffff1\r\n".to_vec(), right.body].concat())
        }),
        wire("chunk-longer-than-its-size", |_, right| {
            once([chunked(&right), b"5\r\n".to_vec(), right.body, b"\r\n0\r\n\r\n".to_vec()].concat())
        }),
        wire("chunk-without-its-end", |_, right| {
            let size = format!("{:x}\r\n", right.body.len()).into_bytes();
            once([chunked(&right), size, right.body, LAST_CHUNK.to_vec()].concat())
        }),
        wire("chunks-with-line-feeds-alone", |_, right| {
            let size = format!("{:x}\n", right.body.len()).into_bytes();
            going_on([chunked(&right), size, right.body, b"\n0\n\n".to_vec()].concat())
        }),
        wire("no-last-chunk", |_, right| once([chunked(&right), chunk(&right.body)].concat())),
        row("chunk-size-never-ends", VERSION_AGAIN, Spoil(|_, right| endless(chunked(&right), "0"))),
        row(
            "chunk-extension-never-ends",
            VERSION_AGAIN,
            Spoil(|_, right| endless([chunked(&right), b"5;".to_vec()].concat(), "x=y;")),
        ),
        row(
            "trailers-never-end",
            VERSION_AGAIN,
            Spoil(|_, right| {
                endless(
                    [chunked(&right), chunk(&right.body), b"0\r\n".to_vec()].concat(),
                    "x-trailer: more\r\n",
                )
            }),
        ),
        row("empty-chunks-never-end", VERSION_AGAIN, Spoil(|_, right| endless(chunked(&right), chunk(b" ")))),
        // ---- answers that are none
        row(
            "content-with-204",
            STARTS,
            Spoil(|_, right| {
                let length = format!("content-length: {}\r\n", right.body.len());
                going_on(
                    Right { status_line: "HTTP/1.1 204 No Content".into(), ..right }.octets_with(&length),
                )
            }),
        )
        .fails("WIRE-1", "204"),
        row(
            "switches-protocols-unasked",
            VERSION_AGAIN,
            Instead(|_| {
                hang(
                    "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n\x01\x02",
                )
            }),
        ),
        row(
            "informs-and-never-answers",
            VERSION_AGAIN,
            Instead(|_| endless("", "HTTP/1.1 100 Continue\r\n\r\n")),
        ),
        row(
            "breaks-the-very-first-answer",
            VERSION,
            Spoil(|_, right| once([right.head_with("content-length: 4096\r\n"), right.body].concat())),
        ),
    ]
}
