//! Text that does something to a terminal, to an XML reader or to a person's eyes.

use crate::answer::{Right, going_on, once};
use crate::misbehaviour::Does::{Instead, Spoil};
use crate::misbehaviour::Misbehaviour;
use crate::misbehaviour::hits::{EVERY, HEALTH, LATER, RUN, VERSION};

/// Clears the screen, renames the window, links to elsewhere, writes from the right to the left, ends CDATA, and says
/// what neither XML nor a terminal takes.
const NASTY: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{1b}]8;;http://x\u{1b}\\\u{9b}31m\u{202e}fdp.exe\u{2066}\u{200f}\
    ]]>&<!--\u{0}\u{8}\u{7f}\u{85}\u{2028}\u{fffe}\u{ffff}\r\n\tend";

pub fn table() -> Vec<Misbehaviour> {
    let row = Misbehaviour::new;
    vec![
        row(
            "nasty-names",
            VERSION,
            Spoil(|_, right| {
                right
                    .edited(|body| {
                        body["service_name"] = NASTY.into();
                        body["service_version"] = NASTY.into();
                    })
                    .sent()
            }),
        )
        .any_verdict(),
        row(
            "nasty-members",
            HEALTH,
            Spoil(|_, right| {
                right
                    .edited(|body| {
                        body[NASTY] = 1.into();
                        body["status"] = NASTY.into();
                    })
                    .sent()
            }),
        )
        .fails("HEALTH-1", ""),
        row("nasty-states", RUN, Spoil(|_, right| right.edited(|body| body["state"] = NASTY.into()).sent()))
            .fails("LIFE-1", ""),
        row(
            "nasty-errors",
            LATER,
            Spoil(|_, right| match right.succeeded() {
                true => right.sent(),
                false => right
                    .edited(|body| {
                        body["error"]["code"] = NASTY.into();
                        body["error"]["message"] = NASTY.into();
                        body["error"][NASTY] = 1.into();
                    })
                    .sent(),
            }),
        )
        .fails("ERROR-1", ""),
        row(
            "nasty-refusals",
            EVERY,
            Instead(|_| {
                let envelope = serde_json::json!({"error": {"code": NASTY, "message": NASTY}});
                let right = Right::json(envelope.to_string()).with("www-authenticate", Some("Bearer"));
                Right { status_line: "HTTP/1.1 401 Unauthorized".into(), ..right }.sent()
            }),
        )
        .not_judged(),
        row("nasty-bodies-that-are-no-json", HEALTH, Spoil(|_, right| right.with_body(NASTY).sent()))
            .fails("MEDIA-2", ""),
        row(
            "nasty-media-types",
            HEALTH,
            Spoil(|_, right| right.with("content-type", Some("text/\u{9b}31m\u{202e}html")).sent()),
        )
        .fails("MEDIA-1", ""),
        row(
            "nasty-field-names",
            HEALTH,
            Spoil(|_, right| going_on(right.and("x-\u{1b}[31m\u{202e}", "1").octets())),
        )
        .fails("WIRE-1", ""),
        row(
            "nasty-reasons",
            HEALTH,
            Spoil(|_, right| {
                let status_line = "HTTP/1.1 200 \u{1b}[2J\u{202e}KO".into();
                going_on(Right { status_line, ..right }.octets())
            }),
        ),
        row("nasty-status-lines", HEALTH, Instead(|_| once("\u{1b}]0;owned\u{7}\u{202e} not HTTP\r\n\r\n")))
            .fails("WIRE-1", ""),
        row(
            "nasty-lengths",
            HEALTH,
            Spoil(|_, right| once(right.octets_with("content-length: \u{202e}\u{9b}31m5\r\n"))),
        )
        .fails("WIRE-1", ""),
        row(
            "nasty-chunk-sizes",
            HEALTH,
            Spoil(|_, right| {
                let head = right.head_with("transfer-encoding: chunked\r\n");
                once([head, "\u{1b}[2J\u{202e}\r\n".into(), right.body].concat())
            }),
        )
        .fails("WIRE-1", ""),
        row(
            "nasty-places",
            HEALTH,
            Instead(|_| {
                let right = Right::json("").with("location", Some("/\u{9b}2J\u{202e}/]]>"));
                Right { status_line: "HTTP/1.1 302 Found".into(), ..right }.sent()
            }),
        ),
        row(
            "nasty-content-codings",
            HEALTH,
            Spoil(|_, right| right.and("content-encoding", "\u{202e}\u{9b}31mpizg").sent()),
        ),
        row(
            "commands-of-a-build-server",
            LATER,
            Spoil(|_, right| match right.succeeded() {
                true => right.sent(),
                false => right
                    .edited(|body| body["error"]["code"] = "\n::error::owned\n##vso[task.complete]\n".into())
                    .sent(),
            }),
        )
        .any_verdict(),
    ]
}
