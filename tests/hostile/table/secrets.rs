//! Targets that tell what they were told, in every place and form that they have.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::answer::{LAST_CHUNK, Right, chunk, going_on, once};
use crate::misbehaviour::Does::{Instead, Spoil};
use crate::misbehaviour::hits::{EVENTS, EVERY, HEALTH, LATER, NONE, VERSION};
use crate::misbehaviour::{Asked, Misbehaviour, Piece};
use crate::packed::Coding;
use crate::program::{CLIENT_SECRET, KEY, TEAM, TOKEN};

/// What a target may have learnt from anybody who gave it a token and a key.
const ALL: [&str; 2] = [TOKEN, KEY];

/// A text as JSON may spell it too.
fn escaped(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
}

/// A health that has this for its status, as JSON has it.
fn health(right: Right, status: &str) -> Vec<Piece> {
    let body = String::from_utf8(right.body.clone()).unwrap().replace("\"ok\"", &format!("\"{status}\""));
    right.with_body(body).sent()
}

/// An error that says this.
fn refusal(message: &str) -> Vec<Piece> {
    Right::error("400 Bad Request", message).sent()
}

pub fn table() -> Vec<Misbehaviour> {
    let row = Misbehaviour::new;
    vec![
        row(
            "echoes-the-request",
            LATER,
            Instead(|asked: &Asked| {
                let fields = asked.fields.iter().filter(|(name, _)| name != "x-team");
                let fields: Vec<String> = fields.map(|(name, value)| format!("{name}: {value}")).collect();
                refusal(&fields.join("; "))
            }),
        ),
        row(
            "echoes-secrets-in-a-value-that-is-shown",
            HEALTH,
            Spoil(|_, right| health(right, &ALL.join(" "))),
        )
        .fails("HEALTH-1", ""),
        row("echoes-a-field-whose-name-tells-nothing", HEALTH, Spoil(|_, right| health(right, TEAM)))
            .fails("HEALTH-1", ""),
        row(
            "echoes-secrets-in-base64",
            HEALTH,
            Spoil(|_, right| {
                let forms = ALL.map(|it| format!("{} {}", STANDARD.encode(it), URL_SAFE_NO_PAD.encode(it)));
                health(right, &forms.join(" "))
            }),
        )
        .fails("HEALTH-1", ""),
        row(
            "echoes-whole-fields-in-base64",
            HEALTH,
            Spoil(|_, right| {
                let forms = ALL.map(|it| STANDARD.encode(format!("Bearer {it}")));
                health(right, &forms.join(" "))
            }),
        )
        .fails("HEALTH-1", ""),
        row(
            "echoes-secrets-percent-encoded",
            HEALTH,
            Spoil(|_, right| {
                let forms = ALL.map(|it| utf8_percent_encode(it, NON_ALPHANUMERIC).to_string());
                health(right, &forms.join(" "))
            }),
        )
        .fails("HEALTH-1", ""),
        row(
            "echoes-secrets-as-a-url-has-them",
            HEALTH,
            Spoil(|_, right| {
                let upper = KEY.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
                let lower = KEY.replace('/', "%2f").replace('+', "%2b").replace('=', "%3d");
                health(right, &format!("{TOKEN} {upper} {lower}"))
            }),
        )
        .fails("HEALTH-1", ""),
        row(
            "echoes-secrets-with-json-escapes",
            HEALTH,
            Spoil(|_, right| health(right, &escaped(&ALL.join(" ")))),
        )
        .fails("HEALTH-1", ""),
        row(
            "echoes-secrets-in-names-of-members",
            HEALTH,
            Spoil(|_, right| {
                right.edited(|body| ALL.into_iter().for_each(|secret| body[secret] = 1.into())).sent()
            }),
        )
        .fails("HEALTH-1", ""),
        row(
            "echoes-secrets-compressed",
            HEALTH,
            Spoil(|_, right| {
                let body = String::from_utf8(right.body.clone())
                    .unwrap()
                    .replace("\"ok\"", &format!("\"{}\"", ALL.join(" ")));
                right.and("content-encoding", "gzip").with_body(Coding::Gzip.pack(body.as_bytes())).sent()
            }),
        )
        .fails("HEALTH-1", ""),
        row(
            "echoes-secrets-in-small-chunks",
            HEALTH,
            Spoil(|_, right| {
                let body = String::from_utf8(right.body.clone())
                    .unwrap()
                    .replace("\"ok\"", &format!("\"{}\"", ALL.join(" ")));
                let chunks: Vec<u8> = body.as_bytes().chunks(7).flat_map(chunk).collect();
                going_on(
                    [right.head_with("transfer-encoding: chunked\r\n"), chunks, LAST_CHUNK.to_vec()].concat(),
                )
            }),
        )
        .fails("HEALTH-1", ""),
        row(
            "echoes-secrets-in-fields",
            LATER,
            Spoil(|_, right| {
                let right = right.and("x-request-id", TOKEN).and("x-you-sent", KEY);
                right.and("server", &ALL.join(" ")).sent()
            }),
        )
        .any_verdict(),
        row(
            "echoes-secrets-in-the-place-it-redirects-to",
            HEALTH,
            Instead(|asked| {
                let place = format!(
                    "{}/login?token={TOKEN}&key={KEY}&back={}",
                    asked.elsewhere,
                    STANDARD.encode(TOKEN)
                );
                let right = Right::json("").with("location", Some(&place));
                Right { status_line: "HTTP/1.1 302 Found".into(), ..right }.sent()
            }),
        ),
        row(
            "echoes-secrets-in-the-media-type",
            HEALTH,
            Spoil(|_, right| right.with("content-type", Some(&format!("text/{TOKEN}"))).sent()),
        )
        .fails("MEDIA-1", ""),
        row(
            "echoes-secrets-in-its-name",
            VERSION,
            Spoil(|_, right| right.edited(|body| body["service_name"] = ALL.join(" ").into()).sent()),
        )
        .any_verdict(),
        row(
            "echoes-secrets-in-the-status-line",
            HEALTH,
            Instead(|_| once(format!("Bearer {TOKEN}\r\n\r\n"))),
        )
        .fails("WIRE-1", ""),
        row(
            "echoes-secrets-in-the-reason",
            HEALTH,
            Spoil(|_, right| {
                once(Right { status_line: format!("HTTP/1.1 20 {TOKEN} {KEY}"), ..right }.octets())
            }),
        )
        .fails("WIRE-1", ""),
        row(
            "echoes-secrets-in-a-broken-field",
            HEALTH,
            Spoil(|_, right| once(right.octets_with(&format!("{KEY} {TOKEN}\r\n")))),
        )
        .fails("WIRE-1", ""),
        row(
            "echoes-secrets-in-a-chunk-size",
            HEALTH,
            Spoil(|_, right| {
                let head = right.head_with("transfer-encoding: chunked\r\n");
                once([head, format!("{TOKEN}\r\n").into_bytes(), right.body].concat())
            }),
        )
        .fails("WIRE-1", ""),
        row(
            "echoes-secrets-in-a-content-coding",
            HEALTH,
            Spoil(|_, right| right.and("content-encoding", KEY).sent()),
        ),
        row(
            "echoes-secrets-in-events",
            EVENTS,
            Instead(|_| {
                let head = Right::json("").with("content-type", Some("text/event-stream"));
                let event = format!("data: {}\nid: {TOKEN}\n\n{KEY}: {TOKEN}\n\n", ALL.join(" "));
                let chunks: Vec<u8> = event.as_bytes().chunks(9).flat_map(chunk).collect();
                once([head.head_with("transfer-encoding: chunked\r\n"), chunks, LAST_CHUNK.to_vec()].concat())
            }),
        ),
        row(
            "refuses-and-echoes",
            EVERY,
            Instead(|_| {
                let right = Right::error("401 Unauthorized", &format!("nobody knows {}", ALL.join(" ")));
                right.with("www-authenticate", Some(&format!("Bearer realm=\"{TOKEN}\""))).sent()
            }),
        )
        .not_judged(),
        // ---- endpoints that give tokens
        row("tokens-are-elsewhere", NONE, Instead(|_| vec![]))
            .issuer(|asked| {
                let place = format!("{}/token", asked.elsewhere);
                let right = Right::json("").with("location", Some(&place));
                Right { status_line: "HTTP/1.1 307 Temporary Redirect".into(), ..right }.sent()
            })
            .refuses_to_begin(),
        row("token-endpoint-echoes", NONE, Instead(|_| vec![]))
            .issuer(|_| {
                let said = format!("{CLIENT_SECRET} {}", STANDARD.encode(CLIENT_SECRET));
                let body = serde_json::json!({"error": "invalid_client", "error_description": said});
                Right { status_line: "HTTP/1.1 400 Bad Request".into(), ..Right::json(body.to_string()) }
                    .sent()
            })
            .refuses_to_begin(),
        row("token-endpoint-floods", NONE, Instead(|_| vec![]))
            .issuer(|_| crate::answer::endless(Right::json("").head_with(""), " "))
            .refuses_to_begin(),
        row("token-endpoint-never-answers", NONE, Instead(|_| vec![]))
            .issuer(|_| vec![Piece::Hang])
            .refuses_to_begin()
            .within(20),
        row("token-endpoint-gives-a-token-that-is-none", NONE, Instead(|_| vec![]))
            .issuer(|_| {
                let token = format!("a\r\nX-Evil: {CLIENT_SECRET}");
                let body = serde_json::json!({"access_token": token, "token_type": "Bearer"});
                Right::json(body.to_string()).sent()
            })
            .refuses_to_begin(),
    ]
}
