//! Bodies that are larger than anybody reads, or not what was announced.

use crate::answer::{Right, endless, hang, trickle};
use crate::misbehaviour::Does::{Instead, Spoil};
use crate::misbehaviour::Misbehaviour;
use crate::misbehaviour::hits::{ALL_BUT_THE_FIRST, EVERY, LATER, VERSION_AGAIN};

/// Just below the most that is read of a body.
const LARGE: usize = (8 << 20) - 4096;

pub fn table() -> Vec<Misbehaviour> {
    let row = Misbehaviour::new;
    let version = |name, spoil| row(name, VERSION_AGAIN, Spoil(spoil));
    vec![
        version("body-floods", |_, right| endless(right.head_with("connection: close\r\n"), " "))
            .errs("WIRE-1", ""),
        row(
            "every-body-floods",
            EVERY,
            Spoil(|_, right| endless(right.head_with("connection: close\r\n"), " ")),
        ),
        version("body-over-the-limit", |_, right| {
            let body = [right.body.as_slice(), &vec![b' '; 9 << 20]].concat();
            right.with_body(body).sent()
        })
        .errs("WIRE-1", "8388608"),
        version("body-over-a-limit-that-was-set", |_, right| {
            let body = [right.body.as_slice(), &[b' '; 5000]].concat();
            right.with_body(body).sent()
        })
        .flags(&["--max-body", "4096"])
        .errs("WIRE-1", "4096"),
        version("promises-a-tebibyte", |_, right| {
            hang(right.octets_with(&format!("content-length: {}\r\n", 1u64 << 40)))
        }),
        version("body-takes-an-hour", |_, right| {
            trickle(right.head_with("content-length: 4096\r\n"), " ", 300)
        })
        .errs("WIRE-1", ""),
        version("body-stops-halfway", |_, right| {
            hang([right.head_with("content-length: 4096\r\n"), right.body].concat())
        })
        .errs("WIRE-1", ""),
        version("body-is-empty", |_, right| right.with_body("").sent()).fails("VERSION-1", ""),
        row(
            "every-body-is-large",
            ALL_BUT_THE_FIRST,
            Spoil(|_, right| {
                if right.is_head {
                    return right.sent();
                }
                let body = [right.body.as_slice(), &vec![b' '; LARGE]].concat();
                right.with_body(body).sent()
            }),
        )
        .any_verdict(),
        row(
            "every-error-is-large",
            LATER,
            Spoil(|_, right| match right.succeeded() {
                true => right.sent(),
                false => {
                    let long = "all work and no play ".repeat(100 << 10);
                    right.edited(|body| body["error"]["message"] = long.into()).sent()
                }
            }),
        )
        .any_verdict(),
        row(
            "a-page-for-people-on-every-path",
            EVERY,
            Instead(|_| {
                let page = "<!doctype html><title>Sign in</title><h1>Welcome</h1>";
                Right::json(page).with("content-type", Some("text/html; charset=utf-8")).sent()
            }),
        )
        .not_judged(),
        row("an-empty-success-on-every-path", EVERY, Instead(|_| Right::json("").sent())).not_judged(),
        row(
            "fails-on-every-path",
            EVERY,
            Instead(|_| Right::error("500 Internal Server Error", "we are sorry").sent()),
        ),
    ]
}
