//! What is unusual and right: the same server must not be blamed where it does nothing wrong.

use crate::answer::{LAST_CHUNK, chunk, going_on, once};
use crate::misbehaviour::Does::{Instead, Spoil};
use crate::misbehaviour::hits::{ALL_BUT_THE_FIRST, EVERY, NONE};
use crate::misbehaviour::{Misbehaviour, Piece};
use crate::packed::Coding;

pub fn table() -> Vec<Misbehaviour> {
    let row = Misbehaviour::new;
    vec![
        row("right-runtime", NONE, Instead(|_| vec![])).right(),
        row("right-gateway", NONE, Instead(|_| vec![])).at_a_gateway().right(),
        row(
            "informs-before-it-answers",
            EVERY,
            Spoil(|_, right| {
                let early = "HTTP/1.1 103 Early Hints\r\nlink: </x>; rel=preload\r\n\r\n".repeat(3);
                going_on([early.into_bytes(), right.octets()].concat())
            }),
        )
        .right(),
        row(
            "ends-bodies-by-closing",
            ALL_BUT_THE_FIRST,
            Spoil(|_, right| match right.is_head {
                true => right.sent(),
                false => once(right.octets_with("connection: close\r\n")),
            }),
        )
        .right(),
        row(
            "writes-octet-by-octet",
            EVERY,
            Spoil(|_, right| {
                let octets = right.octets().into_iter().map(|octet| Piece::Octets(vec![octet]));
                octets.chain([Piece::GoOn]).collect()
            }),
        )
        .right(),
        row(
            "sends-small-chunks-and-trailers",
            EVERY,
            Spoil(|_, right| {
                if right.is_head || right.status_line.contains(" 204 ") {
                    return right.sent();
                }
                let mut octets = right.head_with("transfer-encoding: chunked\r\n");
                right.body.chunks(5).for_each(|part| octets.extend(chunk(part)));
                octets.extend_from_slice(b"000;last=\"yes\"\r\nx-checksum: 0\r\n\r\n");
                going_on(octets)
            }),
        )
        .right(),
        row(
            "pads-with-whitespace-and-empty-reasons",
            EVERY,
            Spoil(|_, right| {
                let status = right.status_line.chars().take("HTTP/1.1 200 ".len()).collect();
                let body = [b" \r\n\t", right.body.as_slice(), b"\n\n"].concat();
                let right = crate::answer::Right { status_line: status, ..right };
                let content = if right.is_head { right } else { right.with_body(body) };
                going_on(content.and("X-Padded", "  \t wide \t ").octets())
            }),
        )
        .right(),
        row(
            "closes-after-every-answer-as-it-says",
            EVERY,
            Spoil(|_, right| once(right.and("connection", "close").octets())),
        )
        .right(),
        row(
            "compresses-unasked",
            EVERY,
            Spoil(|_, right| {
                if right.is_head || right.body.is_empty() {
                    return right.sent();
                }
                let packed = Coding::Gzip.pack(&right.body);
                right.and("content-encoding", "gzip").with_body(packed).sent()
            }),
        )
        .right(),
        row(
            "chunks-what-it-compresses",
            EVERY,
            Spoil(|_, right| {
                if right.is_head || right.body.is_empty() {
                    return right.sent();
                }
                let packed = Coding::Br.pack(&right.body);
                let head = right.and("content-encoding", "br").head_with("transfer-encoding: chunked\r\n");
                going_on([head, chunk(&packed), LAST_CHUNK.to_vec()].concat())
            }),
        )
        .right(),
    ]
}
