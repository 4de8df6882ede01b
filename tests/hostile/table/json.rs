//! Bodies that are no JSON as RFC 8259 has it, or more of it than anybody takes apart.

use crate::answer::Right;
use crate::misbehaviour::Does::Spoil;
use crate::misbehaviour::hits::{HEALTH, LATER, RUN, STARTS};
use crate::misbehaviour::{Misbehaviour, Piece};

/// A health with these octets in place of the value of `status`.
fn status(right: Right, octets: &[u8]) -> Vec<Piece> {
    let body = String::from_utf8(right.body.clone()).unwrap();
    let (before, after) = body.split_once("\"ok\"").unwrap_or((&body, ""));
    let body = [before.as_bytes(), octets, after.as_bytes()].concat();
    right.with_body(body).sent()
}

/// What is repeated so often that it makes up some MiB.
fn megabytes(mebibytes: usize, what: &str) -> String {
    what.repeat((mebibytes << 20) / what.len())
}

pub fn table() -> Vec<Misbehaviour> {
    let row = Misbehaviour::new;
    let health = |name, spoil| row(name, HEALTH, Spoil(spoil));
    let no_json = |name, spoil| row(name, HEALTH, Spoil(spoil)).fails("MEDIA-2", "");
    vec![
        // ---- text
        no_json("octets-outside-utf-8", |_, right| status(right, b"\"ok\xff\xfe\"")),
        no_json("overlong-utf-8", |_, right| status(right, b"\"ok\xc0\xaf\"")),
        no_json("surrogates-in-utf-8", |_, right| status(right, b"\"ok\xed\xa0\x80\"")),
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
        no_json("surrogate-escapes-in-the-wrong-order", |_, right| right.extended(r#""\udc00\ud800""#).sent()),
        no_json("lone-surrogate-in-a-name", |_, right| right.extended(r#"{"\udfff": 1}"#).sent()),
        no_json("control-character-in-a-string", |_, right| right.extended("\"a\u{1b}[31mb\"").sent()),
        // ---- grammar
        no_json("text-after-the-value", |_, right| {
            let body = [right.body.as_slice(), b"{}"].concat();
            right.with_body(body).sent()
        }),
        no_json("nul-after-the-value", |_, right| {
            let body = [right.body.as_slice(), b"\0"].concat();
            right.with_body(body).sent()
        }),
        no_json("cut-off-though-the-length-is-right", |_, right| {
            let body = right.body[..right.body.len() - 1].to_vec();
            right.with_body(body).sent()
        }),
        no_json("not-a-number", |_, right| right.extended("NaN").sent()),
        no_json("infinity", |_, right| right.extended("-Infinity").sent()),
        no_json("comma-at-the-end", |_, right| right.extended("[1,]").sent()),
        no_json("comment", |_, right| right.extended("1/*one*/").sent()),
        no_json("single-quotes", |_, right| right.extended("'1'").sent()),
        no_json("leading-zero", |_, right| right.extended("01").sent()),
        no_json("two-plus-signs-and-a-dot", |_, right| right.extended("[+1, 1., .5]").sent()),
        // ---- what programs read differently
        health("name-twice", |_, right| {
            let body = String::from_utf8(right.body.clone()).unwrap().replacen('{', r#"{"status":"down","#, 1);
            right.with_body(body).sent()
        })
        .warns("MEDIA-3", "the member again"),
        row("run-id-twice", RUN, Spoil(|_, right| {
            let body = String::from_utf8(right.body.clone()).unwrap().replacen('{', r#"{"run_id":"another","#, 1);
            right.with_body(body).sent()
        }))
        .warns("MEDIA-3", "the member again"),
        health("number-out-of-range", |_, right| right.extended("1e999999").sent()),
        health("negative-number-out-of-range", |_, right| right.extended("-1e400").sent()),
        health("integer-beyond-64-bits", |_, right| right.extended("123456789012345678901234567890").sent())
            .any_verdict(),
        health("number-of-a-mebibyte", |_, right| right.extended(&megabytes(1, "7")).sent()),
        health("exponent-of-a-mebibyte", |_, right| right.extended(&format!("1e{}", megabytes(1, "9"))).sent()),
        // ---- shapes
        health("body-is-null", |_, right| right.with_body("null").sent()).fails("HEALTH-1", "null"),
        health("body-is-a-string", |_, right| right.with_body("\"ok\"").sent()).fails("HEALTH-1", ""),
        health("body-is-an-array", |_, right| {
            let body = [b"[", right.body.as_slice(), b"]"].concat();
            right.with_body(body).sent()
        })
        .fails("HEALTH-1", ""),
        row("every-value-is-null", LATER, Spoil(|_, right| {
            right
                .edited(|body| body.as_object_mut().into_iter().flatten().for_each(|(_, value)| *value = ().into()))
                .sent()
        }))
        .fails("HEALTH-1", "null"),
        row("state-of-nowhere", RUN, Spoil(|_, right| right.edited(|body| body["state"] = "limbo".into()).sent()))
            .fails("LIFE-1", "limbo"),
        row("state-is-an-essay", STARTS, Spoil(|_, right| {
            right.edited(|body| body["state"] = megabytes(2, "essay ").into()).sent()
        }))
        .fails("RUN-1", "essay"),
        // ---- more than anybody takes apart
        health("arrays-in-arrays", |_, right| right.with_body("[".repeat(1 << 20)).sent()),
        health("closed-arrays-in-arrays", |_, right| {
            right.extended(&["[".repeat(100_000), "]".repeat(100_000)].concat()).sent()
        }),
        health("objects-in-objects", |_, right| right.with_body(r#"{"a":"#.repeat(1 << 18)).sent()),
        health("millions-of-numbers", |_, right| right.extended(&format!("[{}0]", megabytes(7, "0,"))).sent())
            .any_verdict(),
        health("millions-of-objects", |_, right| right.extended(&format!("[{}0]", megabytes(7, "{},"))).sent())
            .any_verdict(),
        health("hundreds-of-thousands-of-members", |_, right| {
            let members: String = (0..400_000).map(|number| format!("\"{number}\":1,")).collect();
            right.extended(&format!("{{{members}\"x\":1}}")).sent()
        })
        .any_verdict(),
        health("as-many-violations-as-members", |_, right| {
            let members: String = (0..200_000).map(|number| format!("\"x{number}\":1,")).collect();
            let body = String::from_utf8(right.body.clone()).unwrap().replacen('{', &format!("{{{members}"), 1);
            right.with_body(body).sent()
        })
        .fails("HEALTH-1", ""),
        health("as-many-violations-as-items", |_, right| {
            let checks = vec![1; 500_000];
            right.edited(|body| body["checks"] = checks.into()).sent()
        })
        .fails("HEALTH-1", ""),
        health("string-of-megabytes", |_, right| {
            right.extended(&format!("\"{}\"", megabytes(7, "\\u001b"))).sent()
        })
        .any_verdict(),
    ]
}
