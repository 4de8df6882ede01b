//! Answers that send the client elsewhere. It stays, and says where it was sent.

use crate::answer::Right;
use crate::misbehaviour::Does::{Instead, Spoil};
use crate::misbehaviour::hits::{EVERY, HEALTH, LATER, RUN, STARTS, VERSION};
use crate::misbehaviour::{Asked, Misbehaviour, Piece};

fn redirect(status_line: &str, location: &str) -> Vec<Piece> {
    let right = Right::json("").with("location", Some(location)).with("content-type", None);
    Right { status_line: format!("HTTP/1.1 {status_line}"), ..right }.sent()
}

fn elsewhere(asked: &Asked) -> String {
    format!("{}{}", asked.elsewhere, asked.path)
}

pub fn table() -> Vec<Misbehaviour> {
    let row = Misbehaviour::new;
    vec![
        row("health-is-elsewhere", HEALTH, Instead(|asked| redirect("302 Found", &elsewhere(asked))))
            .fails("HEALTH-1", ""),
        row(
            "health-is-elsewhere-for-good",
            HEALTH,
            Instead(|asked| redirect("308 Permanent Redirect", &elsewhere(asked))),
        )
        .fails("ERROR-1", "308 to http://127.0.0.1"),
        row(
            "version-is-elsewhere",
            VERSION,
            Instead(|asked| redirect("307 Temporary Redirect", &elsewhere(asked))),
        ),
        row(
            "runs-are-started-elsewhere",
            STARTS,
            Instead(|asked| redirect("307 Temporary Redirect", &elsewhere(asked))),
        )
        .fails("RUN-1", ""),
        row("runs-are-elsewhere", RUN, Instead(|asked| redirect("303 See Other", &elsewhere(asked))))
            .fails("LIFE-1", ""),
        row(
            "everything-is-elsewhere",
            EVERY,
            Instead(|asked| redirect("301 Moved Permanently", &elsewhere(asked))),
        )
        .not_judged(),
        row("redirects-to-itself", LATER, Instead(|asked| redirect("302 Found", &asked.path))),
        row(
            "redirects-without-a-scheme",
            LATER,
            Instead(|asked| redirect("302 Found", elsewhere(asked).trim_start_matches("http:"))),
        ),
        row("redirects-to-a-file", HEALTH, Instead(|_| redirect("302 Found", "file:///etc/passwd"))),
        row(
            "redirects-with-a-name-and-a-password",
            HEALTH,
            Instead(|asked| {
                redirect("302 Found", &elsewhere(asked).replace("http://", "http://user:password@"))
            }),
        ),
        row(
            "success-with-a-location",
            LATER,
            Spoil(|asked, right| right.and("location", &elsewhere(asked)).sent()),
        )
        .any_verdict(),
        row(
            "asks-for-credentials-from-elsewhere",
            EVERY,
            Instead(|asked| {
                let at = &asked.elsewhere;
                let challenge =
                    format!("Bearer realm=\"x\", authorization_uri=\"{at}\", resource_metadata=\"{at}\"");
                let right = Right::error("401 Unauthorized", "log in");
                right.with("www-authenticate", Some(&challenge)).sent()
            }),
        )
        .not_judged(),
        row(
            "wants-a-proxy-to-log-in",
            EVERY,
            Instead(|_| {
                let right = Right::error("407 Proxy Authentication Required", "log in");
                right.with("proxy-authenticate", Some("Basic")).sent()
            }),
        ),
    ]
}
