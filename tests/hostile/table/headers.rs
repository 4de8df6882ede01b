//! Header fields that are none, too many, or say what is not so.

use crate::answer::{endless, going_on, once, trickle};
use crate::misbehaviour::Does::Spoil;
use crate::misbehaviour::Misbehaviour;
use crate::misbehaviour::hits::{EVERY, VERSION_AGAIN};

pub fn table() -> Vec<Misbehaviour> {
    let row = Misbehaviour::new;
    let version = |name, spoil| row(name, VERSION_AGAIN, Spoil(spoil));
    vec![
        version("space-before-the-colon", |_, right| going_on(right.and("x-odd ", "1").octets()))
            .fails("WIRE-1", ""),
        version("folded-field", |_, right| going_on(right.and("x-odd", "1\r\n\t2").octets()))
            .fails("WIRE-1", ""),
        version("control-character-in-a-field", |_, right| going_on(right.and("x-odd", "a\u{1}b").octets()))
            .fails("WIRE-1", ""),
        version("nul-in-a-field", |_, right| going_on(right.and("x-odd", "a\0b").octets()))
            .fails("WIRE-1", ""),
        version("carriage-return-in-a-field", |_, right| going_on(right.and("x-odd", "a\rb").octets()))
            .fails("WIRE-1", ""),
        version("escape-sequence-in-a-field", |_, right| {
            going_on(right.and("x-odd", "\u{1b}[2J\u{1b}]0;owned\u{7}").octets())
        })
        .fails("WIRE-1", ""),
        version("field-without-a-colon", |_, right| going_on(right.octets_with("just a line\r\n")))
            .fails("WIRE-1", ""),
        version("field-without-a-name", |_, right| going_on(right.and("", "1").octets())).fails("WIRE-1", ""),
        version("field-name-outside-ascii", |_, right| going_on(right.and("x-öl", "1").octets()))
            .fails("WIRE-1", ""),
        // ---- more than is read
        version("field-of-a-hundred-kibibytes", |_, right| {
            going_on(right.and("x-long", &"y".repeat(100 << 10)).octets())
        })
        .errs("WIRE-1", ""),
        version("ten-thousand-fields", |_, right| {
            let fields: String = (0..10_000).map(|number| format!("x-{number}: y\r\n")).collect();
            once(right.octets_with(&fields))
        })
        .errs("WIRE-1", ""),
        version("head-over-a-limit-that-was-set", |_, right| {
            going_on(right.and("x-long", &"y".repeat(3000)).octets())
        })
        .flags(&["--max-head", "2048"])
        .errs("WIRE-1", "2048"),
        version("head-never-ends", |_, right| endless(right.head(), "x-more: of it\r\n")),
        version("head-takes-an-hour", |_, right| trickle(right.head(), "x-more: of it\r\n", 300)),
        // ---- what the body is said to be
        version("no-media-type", |_, right| right.with("content-type", None).sent())
            .fails("MEDIA-1", "no such header"),
        version("another-media-type", |_, right| right.with("content-type", Some("text/html")).sent())
            .fails("MEDIA-1", "text/html"),
        version("two-media-types", |_, right| right.and("content-type", "text/html").sent())
            .fails("MEDIA-1", ""),
        version("media-type-of-ten-kibibytes", |_, right| {
            right.with("content-type", Some(&format!("text/{}", "x".repeat(10 << 10)))).sent()
        })
        .fails("MEDIA-1", "text/x"),
        version("says-utf-16-and-is-not", |_, right| {
            right.with("content-type", Some("application/json; charset=utf-16")).sent()
        }),
        version("says-latin-1-and-is", |_, right| {
            let body =
                [&right.body[..right.body.len() - 1], b",\"extensions\":{\"hostile.test/x\":\"caf\xe9\"}}"]
                    .concat();
            right.with("content-type", Some("application/json; charset=iso-8859-1")).with_body(body).sent()
        })
        .fails("MEDIA-2", "UTF-8"),
        // ---- what a browser would do
        row("sets-cookies", EVERY, Spoil(|_, right| right.and("set-cookie", "session=1; path=/").sent()))
            .any_verdict(),
        row(
            "names-other-places-in-its-fields",
            EVERY,
            Spoil(|asked, right| {
                let elsewhere = &asked.elsewhere;
                right
                    .and("content-location", elsewhere)
                    .and("refresh", &format!("0; url={elsewhere}"))
                    .and("link", &format!("<{elsewhere}>; rel=preload"))
                    .and("alt-svc", &format!("h2=\"{}\"", elsewhere.trim_start_matches("http://")))
                    .sent()
            }),
        )
        .any_verdict(),
    ]
}
