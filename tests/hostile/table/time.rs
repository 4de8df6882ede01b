//! Answers that come late, ever later or never, and users who do not wait for them.

use std::time::Duration;

use crate::answer::{Right, endless, hang, trickle};
use crate::misbehaviour::Does::{Instead, Spoil};
use crate::misbehaviour::hits::{EVENTS, EVERY, LATER, NONE, RUN, STARTS, VERSION_AGAIN};
use crate::misbehaviour::{Misbehaviour, Piece};

/// The pieces after a pause.
fn late(millis: u64, mut pieces: Vec<Piece>) -> Vec<Piece> {
    pieces.insert(0, Piece::Pause(Duration::from_millis(millis)));
    pieces
}

/// Asks for patience.
fn busy(retry_after: &str) -> Vec<Piece> {
    Right::error("429 Too Many Requests", "not now").with("retry-after", Some(retry_after)).sent()
}

pub fn table() -> Vec<Misbehaviour> {
    let row = Misbehaviour::new;
    vec![
        row("answer-comes-too-late", VERSION_AGAIN, Spoil(|_, right| late(3000, right.sent())))
            .flags(&["--timeout", "1"])
            .errs("WIRE-1", "1"),
        row("first-octet-comes-too-late", VERSION_AGAIN, Spoil(|_, right| late(3000, right.sent())))
            .flags(&["--first-byte-timeout", "1"])
            .errs("WIRE-1", "1"),
        row(
            "head-comes-octet-by-octet",
            VERSION_AGAIN,
            Spoil(|_, right| {
                right.octets().iter().flat_map(|octet| late(300, vec![Piece::Octets(vec![*octet])])).collect()
            }),
        )
        .errs("WIRE-1", ""),
        row(
            "gets-slower-with-every-request",
            EVERY,
            Spoil(|asked, right| late(20 * asked.number as u64, right.sent())),
        ),
        row(
            "gets-slower-inside-the-time-for-an-answer",
            EVERY,
            Spoil(|asked, right| late((20 * asked.number as u64).min(1500), right.sent())),
        )
        .flags(&["--deadline", "5"])
        .blocks("deadline")
        .within(20),
        row("retry-after-a-year", LATER, Instead(|_| busy("31536000"))).requests(300),
        row("retry-after-more-than-a-clock-holds", LATER, Instead(|_| busy("99999999999999999999999")))
            .requests(300),
        row("retry-after-a-date-far-away", LATER, Instead(|_| busy("Fri, 31 Dec 9999 23:59:59 GMT")))
            .requests(300),
        row("retry-after-no-time-again-and-again", LATER, Instead(|_| busy("0"))),
        row("retry-after-seconds-again-and-again", LATER, Instead(|_| busy("3"))),
        row(
            "unavailable-for-a-year",
            LATER,
            Instead(|_| {
                Right::error("503 Service Unavailable", "not now")
                    .with("retry-after", Some("31536000"))
                    .sent()
            }),
        ),
        row(
            "runs-never-end",
            RUN,
            Spoil(|_, right| match right.succeeded() {
                true => right
                    .edited(|body| {
                        body["state"] = "running".into();
                        body.as_object_mut().unwrap().remove("ended_at");
                    })
                    .sent(),
                false => right.sent(),
            }),
        )
        .flags(&["--poll-timeout", "2"])
        .fails("LIFE-3", ""),
        row("more-requests-than-were-allowed", NONE, Instead(|_| vec![]))
            .flags(&["--max-requests", "50"])
            .blocks("50")
            .requests(50),
        row("no-more-time-than-was-allowed", NONE, Instead(|_| vec![]))
            .flags(&["--deadline", "1"])
            .blocks("deadline")
            .within(15),
        // ---- Ctrl-C
        row("interrupted-before-any-answer", EVERY, Instead(|_| vec![Piece::Hang]))
            .flags(PATIENT)
            .interrupted(),
        row(
            "interrupted-in-a-head",
            LATER,
            Spoil(|_, right| trickle(right.head(), "x-more: of it\r\n", 300)),
        )
        .flags(PATIENT)
        .interrupted(),
        row(
            "interrupted-in-a-body",
            LATER,
            Spoil(|_, right| hang(right.octets_with("content-length: 4096\r\n"))),
        )
        .flags(PATIENT)
        .interrupted(),
        row(
            "interrupted-in-a-flood",
            LATER,
            Spoil(|_, right| endless(right.head_with("content-length: 4096000000\r\n"), " ")),
        )
        .flags(PATIENT)
        .interrupted(),
        row(
            "interrupted-in-a-stream",
            EVENTS,
            Instead(|_| hang(Right::json("").with("content-type", Some("text/event-stream")).head_with(""))),
        )
        .flags(PATIENT)
        .interrupted(),
        row("interrupted-in-the-start-of-a-run", STARTS, Instead(|_| vec![Piece::Hang]))
            .flags(PATIENT)
            .interrupted(),
        row("interrupted-while-it-is-patient", LATER, Instead(|_| busy("9"))).flags(PATIENT).interrupted(),
    ]
}

/// Limits that end nothing before the user does.
const PATIENT: &[&str] = &["--timeout", "600", "--poll-timeout", "600", "--deadline", "600"];
