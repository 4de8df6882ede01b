//! Connections that do not come about, or end where they should not.

use crate::answer::{Right, hang, once};
use crate::misbehaviour::Does::{Greet, Instead, NeverAccept, NotThere, Spoil};
use crate::misbehaviour::hits::{ALL_BUT_THE_FIRST, EVERY, LATER, VERSION_AGAIN, everything};
use crate::misbehaviour::{Hits, Misbehaviour, Piece};

/// Every fifth request after the first look.
const NOW_AND_THEN: Hits = everything(|asked| asked.number > 30 && asked.number % 5 == 0);

pub fn table() -> Vec<Misbehaviour> {
    let row = Misbehaviour::new;
    vec![
        row("nobody-listens", EVERY, NotThere).not_judged(),
        row("never-accepts", EVERY, NeverAccept).flags(&["--connect-timeout", "1"]).not_judged().within(10),
        row("resets-every-connection", EVERY, Greet(|| vec![Piece::Reset])).not_judged(),
        row("closes-every-connection", EVERY, Greet(Vec::new)).not_judged(),
        row(
            "answers-before-it-is-asked",
            EVERY,
            Greet(|| hang(Right::error("408 Request Timeout", "nobody asked").octets())),
        ),
        row("closes-in-place-of-an-answer", EVERY, Instead(|_| vec![])).not_judged(),
        row("closes-in-place-of-one-answer", VERSION_AGAIN, Instead(|_| vec![])),
        row("never-answers", EVERY, Instead(|_| vec![Piece::Hang])).not_judged().within(15),
        row("never-answers-but-the-version", ALL_BUT_THE_FIRST, Instead(|_| vec![Piece::Hang])),
        row(
            "closes-in-the-head",
            VERSION_AGAIN,
            Spoil(|_, right| once(right.octets().into_iter().take(30).collect::<Vec<u8>>())),
        )
        .fails("WIRE-1", ""),
        row(
            "closes-in-the-body",
            VERSION_AGAIN,
            Spoil(|_, right| once([right.head_with("content-length: 4096\r\n"), vec![b' '; 120]].concat())),
        )
        .fails("WIRE-1", "after 120 of 4096"),
        row(
            "resets-in-the-body",
            VERSION_AGAIN,
            Spoil(|_, right| {
                let part = [right.head_with("content-length: 4096\r\n"), vec![b' '; 120]].concat();
                vec![Piece::Octets(part), Piece::Pause(std::time::Duration::from_millis(100)), Piece::Reset]
            }),
        )
        .fails("WIRE-1", "after 120 of 4096"),
        row("closes-and-comes-back", NOW_AND_THEN, Instead(|_| vec![])),
        row("resets-and-comes-back", NOW_AND_THEN, Instead(|_| vec![Piece::Reset])),
        row("breaks-for-good", LATER, Instead(|_| vec![])).blocks("").requests(300),
        row("hangs-for-good", LATER, Instead(|_| vec![Piece::Hang]))
            .flags(&["--timeout", "1", "--deadline", "90"])
            .blocks("")
            .within(30),
    ]
}
