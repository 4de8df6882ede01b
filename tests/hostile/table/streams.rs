//! Event streams that do not end, end where they should not, or carry what is no event.

use crate::answer::{LAST_CHUNK, Right, chunk, endless, hang, once, reset, trickle};
use crate::misbehaviour::Does::Instead;
use crate::misbehaviour::hits::EVENTS;
use crate::misbehaviour::{Asked, Misbehaviour, Piece};

/// The head of a stream of server-sent events that is chunked.
fn sse() -> Vec<u8> {
    Right::json("")
        .with("content-type", Some("text/event-stream"))
        .head_with("transfer-encoding: chunked\r\n")
}

/// The head of an NDJSON stream that is chunked.
fn ndjson() -> Vec<u8> {
    Right::json("")
        .with("content-type", Some("application/x-ndjson"))
        .head_with("transfer-encoding: chunked\r\n")
}

/// The RunEvent of a Runtime that says a word.
fn event(asked: &Asked, seq: u64) -> String {
    let (run, _) = asked.run().unwrap_or_default();
    format!(
        r#"{{"run_id":"{run}","seq":{seq},"type":"token","time":"2026-01-01T00:00:00Z","data":{{"text":"word"}}}}"#
    )
}

fn sse_event(asked: &Asked, seq: u64) -> Vec<u8> {
    format!("data: {}\n\n", event(asked, seq)).into_bytes()
}

/// One event of a gateway's run, as a line.
fn line(asked: &Asked, seq: u64) -> Vec<u8> {
    format!("{}\n", event(asked, seq).replace("token", "run_started")).into_bytes()
}

/// The head, an event as it has to be, and these octets in a chunk.
fn then(asked: &Asked, octets: &[u8]) -> Vec<u8> {
    [sse(), chunk(&sse_event(asked, 1)), chunk(octets)].concat()
}

fn gateway_then(asked: &Asked, octets: &[u8]) -> Vec<u8> {
    [ndjson(), chunk(&line(asked, 1)), chunk(octets)].concat()
}

fn ended(octets: Vec<u8>) -> Vec<Piece> {
    once([octets.as_slice(), LAST_CHUNK].concat())
}

pub fn table() -> Vec<Misbehaviour> {
    let row = |name, pieces: fn(&Asked) -> Vec<Piece>| Misbehaviour::new(name, EVENTS, Instead(pieces));
    vec![
        row("stream-says-nothing", |_| hang(sse())),
        row("stream-stops-after-one-event", |asked| hang(then(asked, b": \n"))),
        row("stream-of-comments-never-ends", |_| trickle(sse(), chunk(b": still here\n\n"), 50)),
        row("stream-floods", |asked| endless(sse(), chunk(&sse_event(asked, 1)))).errs("WIRE-1", ""),
        row("stream-floods-with-large-events", |_| {
            endless(sse(), chunk(format!("data: \"{}\"\n\n", "x".repeat(1 << 20)).as_bytes()))
        }),
        row("stream-line-never-ends", |_| endless([sse(), chunk(b"data: ")].concat(), chunk(&[b'x'; 65536])))
            .errs("WIRE-1", ""),
        row("stream-event-never-ends", |_| endless(sse(), chunk(b"data: 1\n"))).errs("WIRE-1", ""),
        row("stream-over-events-that-were-set", |asked| endless(sse(), chunk(&sse_event(asked, 1))))
            .flags(&["--max-events", "5"])
            .errs("WIRE-1", "5"),
        row("stream-over-octets-that-were-set", |_| endless(sse(), chunk(b": comment\n\n")))
            .flags(&["--max-stream", "4096"])
            .errs("WIRE-1", "4096"),
        row("stream-over-an-event-that-was-set", |asked| {
            hang(then(asked, format!("data: \"{}\"\n\n", "x".repeat(5000)).as_bytes()))
        })
        .flags(&["--max-event", "4096"])
        .errs("WIRE-1", "4096"),
        row("stream-idle-longer-than-was-set", |asked| hang(then(asked, b": \n")))
            .flags(&["--stream-idle-timeout", "1"])
            .within(20),
        row("stream-lasts-longer-than-was-set", |asked| trickle(sse(), chunk(&sse_event(asked, 1)), 50))
            .flags(&["--stream-timeout", "1"])
            .within(20),
        // ---- ends
        row("stream-closed-inside-an-event", |asked| once(then(asked, b"data: {\"run_id\":")))
            .fails("WIRE-1", ""),
        row("stream-reset-inside-an-event", |asked| {
            let mut pieces = reset(then(asked, b"data: {\"run_id\":"));
            pieces.insert(1, Piece::Pause(std::time::Duration::from_millis(100)));
            pieces
        })
        .fails("WIRE-1", ""),
        row("stream-without-a-last-chunk", |asked| once(then(asked, &sse_event(asked, 2))))
            .fails("WIRE-1", ""),
        row("stream-ends-inside-an-event", |asked| ended(then(asked, b"data: {\"run_id\":")))
            .fails("SSE-5", ""),
        row("stream-with-a-bad-chunk", |asked| once([then(asked, b": \n"), b"xyz\r\n".to_vec()].concat()))
            .fails("WIRE-1", ""),
        // ---- what is no event
        row("stream-outside-utf-8", |asked| ended(then(asked, b"data: \"\xff\xfe\"\n\n"))).fails("SSE-5", ""),
        row("stream-of-html", |_| ended([sse(), chunk(b"<html>\n<body>no events\n\n")].concat()))
            .fails("SSE-5", ""),
        row("stream-of-no-json", |asked| ended(then(asked, b"data: [DONE]\n\n"))).fails("SSE-2", ""),
        row("stream-of-a-lone-surrogate", |asked| {
            ended(then(
                asked,
                event(asked, 2).replace("word", "\\ud800").replacen('{', "data: {", 1).as_bytes(),
            ))
        }),
        row("stream-of-nested-arrays", |asked| {
            ended(then(asked, format!("data: {}\n\n", "[".repeat(200_000)).as_bytes()))
        }),
        row("stream-of-escape-sequences", |asked| {
            ended(then(asked, "data: \u{1b}[2J\u{202e}owned\u{7}\nid: \u{1b}]0;x\u{7}\n\n".as_bytes()))
        })
        .fails("SSE-2", ""),
        row("stream-of-another-run", |asked| {
            let other = event(asked, 2).replace(asked.run().unwrap_or_default().0, "another-run");
            ended(then(asked, format!("data: {other}\n\n").as_bytes()))
        })
        .fails("SSE-3", "another-run"),
        row("stream-that-says-to-come-back-in-a-year", |asked| {
            ended(then(asked, b"retry: 31536000000\nid: 1\n\n"))
        }),
        row("stream-that-is-json", |_| Right::json("{}").sent()).fails("SSE-1", ""),
        row("stream-with-a-length-too-long", |asked| {
            let head = Right::json("").with("content-type", Some("text/event-stream"));
            once([head.head_with("content-length: 4096\r\n"), sse_event(asked, 1)].concat())
        })
        .fails("WIRE-1", "4096"),
        // ---- lines
        row("lines-flood", |asked| endless(ndjson(), chunk(&line(asked, 1))))
            .at_a_gateway()
            .errs("WIRE-1", ""),
        row("line-never-ends", |_| endless(ndjson(), chunk(&[b'x'; 65536])))
            .at_a_gateway()
            .errs("WIRE-1", ""),
        row("lines-closed-inside-one", |asked| once(gateway_then(asked, b"{\"run_id\":")))
            .at_a_gateway()
            .fails("WIRE-1", ""),
        row("lines-outside-utf-8", |asked| ended(gateway_then(asked, b"\"\xff\xfe\"\n")))
            .at_a_gateway()
            .fails("NDJSON-2", ""),
        row("lines-of-nested-objects", |asked| {
            ended(gateway_then(asked, format!("{}\n", r#"{"a":"#.repeat(50_000)).as_bytes()))
        })
        .at_a_gateway(),
        row("lines-with-a-huge-seq", |asked| {
            ended(gateway_then(
                asked,
                String::from_utf8(line(asked, 1)).unwrap().replace(":1,", ":1e400,").as_bytes(),
            ))
        })
        .at_a_gateway(),
        row("lines-with-byte-order-marks", |asked| {
            ended(gateway_then(asked, &[b"\xef\xbb\xbf", line(asked, 2).as_slice()].concat()))
        })
        .at_a_gateway()
        .fails("NDJSON-2", ""),
    ]
}
