//! Bodies that are no JSON as RFC 8259 has it, or more of it than anybody takes apart.

use crate::answer::Right;
use crate::misbehaviour::Does::Spoil;
use crate::misbehaviour::hits::{LATER, RUN, STARTS, VERSION_AGAIN};
use crate::misbehaviour::{Misbehaviour, Piece};

/// A version with these octets in place of the release.
fn release(right: Right, octets: &[u8]) -> Vec<Piece> {
    let body = String::from_utf8(right.body.clone()).unwrap();
    let (before, after) = body.split_once("\"v1\"").unwrap_or((&body, ""));
    let body = [before.as_bytes(), octets, after.as_bytes()].concat();
    right.with_body(body).sent()
}

/// What is repeated so often that it makes up some MiB.
fn megabytes(mebibytes: usize, what: &str) -> String {
    what.repeat((mebibytes << 20) / what.len())
}

pub fn table() -> Vec<Misbehaviour> {
    let row = Misbehaviour::new;
    let version = |name, spoil| row(name, VERSION_AGAIN, Spoil(spoil));
    let no_json = |name, spoil| row(name, VERSION_AGAIN, Spoil(spoil)).fails("MEDIA-2", "");
    vec![
        // ---- text
        no_json("octets-outside-utf-8", |_, right| release(right, b"\"v1\xff\xfe\"")),
        no_json("overlong-utf-8", |_, right| release(right, b"\"v1\xc0\xaf\"")),
        no_json("byte-order-mark", |_, right| {
            let body = [b"\xef\xbb\xbf", right.body.as_slice()].concat();
            right.with_body(body).sent()
        }),
        no_json("utf-16", |_, right| {
            let text = String::from_utf8(right.body.clone()).unwrap();
            let body: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            right.with_body(body).sent()
        }),
        no_json("lone-surrogate-escape", |_, right| right.extended(r#""\ud800""#).sent()),
        no_json("lone-surrogate-in-a-name", |_, right| right.extended(r#"{"\udfff": 1}"#).sent()),
        no_json("control-character-in-a-string", |_, right| right.extended("\"a\u{1b}[31mb\"").sent()),
        // ---- grammar
        no_json("text-after-the-value", |_, right| {
            let body = [right.body.as_slice(), b"{}"].concat();
            right.with_body(body).sent()
        }),
        no_json("cut-off-though-the-length-is-right", |_, right| {
            let body = right.body[..right.body.len() - 1].to_vec();
            right.with_body(body).sent()
        }),
        no_json("not-a-number", |_, right| right.extended("NaN").sent()),
        no_json("comma-at-the-end", |_, right| right.extended("[1,]").sent()),
        no_json("comment", |_, right| right.extended("1/*one*/").sent()),
        // ---- what programs read differently
        version("name-twice", |_, right| {
            let body = String::from_utf8(right.body.clone()).unwrap().replacen(
                '{',
                r#"{"service_name":"another","#,
                1,
            );
            right.with_body(body).sent()
        })
        .warns("MEDIA-3", "the member again"),
        row(
            "run-id-twice",
            RUN,
            Spoil(|_, right| {
                let body = String::from_utf8(right.body.clone()).unwrap().replacen(
                    '{',
                    r#"{"run_id":"another","#,
                    1,
                );
                right.with_body(body).sent()
            }),
        )
        .warns("MEDIA-3", "the member again"),
        version("number-out-of-range", |_, right| right.extended("1e999999").sent()),
        version("integer-beyond-64-bits", |_, right| right.extended("123456789012345678901234567890").sent())
            .any_verdict(),
        version("number-of-a-mebibyte", |_, right| right.extended(&megabytes(1, "7")).sent()),
        // ---- shapes
        version("body-is-null", |_, right| right.with_body("null").sent()).fails("VERSION-1", "null"),
        version("body-is-an-array", |_, right| {
            let body = [b"[", right.body.as_slice(), b"]"].concat();
            right.with_body(body).sent()
        })
        .fails("VERSION-1", ""),
        row(
            "every-value-is-null",
            LATER,
            Spoil(|_, right| {
                right
                    .edited(|body| {
                        body.as_object_mut().into_iter().flatten().for_each(|(_, value)| *value = ().into())
                    })
                    .sent()
            }),
        )
        .fails("VERSION-1", "null"),
        row(
            "state-of-nowhere",
            RUN,
            Spoil(|_, right| right.edited(|body| body["state"] = "limbo".into()).sent()),
        )
        .fails("LIFE-1", "limbo"),
        row(
            "state-is-an-essay",
            STARTS,
            Spoil(|_, right| right.edited(|body| body["state"] = "essay ".repeat(50_000).into()).sent()),
        )
        .fails("RUN-1", "essay"),
        // ---- more than anybody takes apart
        version("arrays-in-arrays", |_, right| right.with_body("[".repeat(1 << 20)).sent()),
        version("closed-arrays-in-arrays", |_, right| {
            right.extended(&["[".repeat(100_000), "]".repeat(100_000)].concat()).sent()
        }),
        version("a-million-objects", |_, right| {
            right.extended(&format!("[{}0]", megabytes(3, "{},"))).sent()
        })
        .any_verdict(),
        version("a-hundred-thousand-members", |_, right| {
            let members: String = (0..100_000).map(|number| format!("\"{number}\":1,")).collect();
            right.extended(&format!("{{{members}\"x\":1}}")).sent()
        })
        .any_verdict(),
        version("as-many-violations-as-members", |_, right| {
            let members: String = (0..50_000).map(|number| format!("\"x{number}\":1,")).collect();
            let body =
                String::from_utf8(right.body.clone()).unwrap().replacen('{', &format!("{{{members}"), 1);
            right.with_body(body).sent()
        })
        .fails("VERSION-1", ""),
        // Every item has a place, and every place begins with the name.
        version("many-items-below-a-long-name", |_, right| {
            right.extended(&format!("{{\"{}\":[{}0]}}", "n".repeat(256 << 10), "0,".repeat(100_000))).sent()
        })
        .any_verdict(),
        version("string-of-megabytes", |_, right| {
            right.extended(&format!("\"{}\"", megabytes(7, "\\u001b"))).sent()
        })
        .any_verdict(),
    ]
}
