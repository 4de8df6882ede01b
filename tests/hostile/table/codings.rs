//! Content codings that nobody asked for, and that decode to nothing or to far too much.

use crate::answer::{Right, chunk, endless, once};
use crate::misbehaviour::Does::{Instead, Spoil};
use crate::misbehaviour::Misbehaviour;
use crate::misbehaviour::hits::{EVENTS, EVERY, VERSION_AGAIN};
use crate::packed::Coding;

/// A zstd frame (RFC 8878, section 3.1.1) without a content size, whose window descriptor is this octet, and a block
/// that says to repeat a space 128 KiB long.
fn zstd_window(descriptor: u8) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, descriptor];
    let block = [0x02, 0x00, 0x10, b' '];
    frame.extend(block.repeat(64));
    frame
}

pub fn table() -> Vec<Misbehaviour> {
    let row = Misbehaviour::new;
    let version = |name, spoil| row(name, VERSION_AGAIN, Spoil(spoil));
    vec![
        version("gzip-bomb", |_, right| {
            right.and("content-encoding", "gzip").with_body(Coding::Gzip.bomb()).sent()
        })
        .errs("WIRE-1", ""),
        version("deflate-bomb", |_, right| {
            right.and("content-encoding", "deflate").with_body(Coding::Deflate.bomb()).sent()
        })
        .errs("WIRE-1", ""),
        version("br-bomb", |_, right| {
            right.and("content-encoding", "br").with_body(Coding::Br.bomb()).sent()
        })
        .errs("WIRE-1", ""),
        version("zstd-bomb", |_, right| {
            right.and("content-encoding", "zstd").with_body(Coding::Zstd.bomb()).sent()
        })
        .errs("WIRE-1", ""),
        row(
            "gzip-bombs-everywhere",
            EVERY,
            Spoil(|_, right| {
                if right.is_head {
                    return right.sent();
                }
                right.and("content-encoding", "gzip").with_body(Coding::Gzip.bomb()).sent()
            }),
        ),
        version("bomb-in-a-bomb", |_, right| {
            let packed = Coding::Gzip.pack(&Coding::Gzip.bomb());
            right.and("content-encoding", "gzip, gzip").with_body(packed).sent()
        }),
        row(
            "bomb-in-a-stream",
            EVENTS,
            Instead(|_| {
                let head = Right::json("")
                    .with("content-type", Some("text/event-stream"))
                    .and("content-encoding", "gzip");
                once([head.head_with("transfer-encoding: chunked\r\n"), chunk(&Coding::Gzip.bomb())].concat())
            }),
        ),
        version("zstd-window-of-half-a-gibibyte", |_, right| {
            right.and("content-encoding", "zstd").with_body(zstd_window(0x98)).sent()
        }),
        version("zstd-window-of-terabytes", |_, right| {
            right.and("content-encoding", "zstd").with_body(zstd_window(0xf8)).sent()
        }),
        version("gzip-with-endless-file-name", |_, right| {
            let start = [0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3];
            let head = right.and("content-encoding", "gzip").head_with("connection: close\r\n");
            endless([head, start.to_vec()].concat(), "name")
        }),
        // ---- codings that do not decode
        version("says-gzip-and-is-not", |_, right| right.and("content-encoding", "gzip").sent())
            .fails_somewhere(),
        version("gzip-cut-off", |_, right| {
            let packed = Coding::Gzip.pack(&right.body);
            right.and("content-encoding", "gzip").with_body(&packed[..packed.len() / 2]).sent()
        })
        .fails_somewhere(),
        version("gzip-with-a-wrong-checksum", |_, right| {
            let mut packed = Coding::Gzip.pack(&right.body);
            let checksum = packed.len() - 8;
            packed[checksum] ^= 0xff;
            right.and("content-encoding", "gzip").with_body(packed).sent()
        }),
        version("unknown-content-coding", |_, right| right.and("content-encoding", "rot13").sent()),
        version("fifty-content-codings", |_, right| {
            right.and("content-encoding", &vec!["gzip"; 50].join(", ")).sent()
        }),
    ]
}
