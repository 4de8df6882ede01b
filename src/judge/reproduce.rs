//! A command line that sends a recorded request again.

use crate::wire::{Exchange, REDACTED};

/// Header fields that curl sends anyway, or that say nothing about the finding.
const LEFT_OUT: [&str; 3] = ["user-agent", "accept-encoding", "content-length"];

/// The `curl` line of an exchange. A token stands as `$ARP_TOKEN`; other secrets stay redacted.
pub(super) fn curl(exchange: &Exchange) -> String {
    let sent = &exchange.sent;
    let streaming = exchange.answer().is_some_and(|answer| answer.events.is_some());
    let mut line = String::from(if streaming { "curl -isS -N" } else { "curl -isS" });
    if sent.method != "GET" {
        line.push_str(&format!(" -X {}", sent.method));
    }
    for (name, value) in &sent.headers {
        if LEFT_OUT.contains(&name.as_str()) || (name == "accept" && !streaming) {
            continue;
        }
        let field = format!("{name}: {value}");
        line.push_str(&match name.as_str() {
            "authorization" if value.contains(REDACTED) => {
                let scheme = value.split(' ').next().unwrap_or("Bearer");
                format!(" -H \"authorization: {scheme} $ARP_TOKEN\"")
            }
            _ => format!(" -H {}", quoted(&field)),
        });
    }
    if let Some(body) = &sent.body {
        line.push_str(&match std::str::from_utf8(body) {
            Ok(text) => format!(" --data-binary {}", quoted(text)),
            Err(_) => format!(" --data-binary \"$(printf '{}')\"", octal(body)),
        });
    }
    line.push(' ');
    line.push_str(&quoted(&sent.url));
    line
}

/// In single quotes, as a POSIX shell takes it literally.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn octal(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("\\{octet:03o}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Failure, Sent};

    fn exchange(method: &str, headers: &[(&str, &str)], body: Option<&'static [u8]>) -> Exchange {
        Exchange {
            id: 1,
            operation: None,
            parameters: Default::default(),
            sent: Sent {
                method: method.into(),
                url: "http://127.0.0.1:1/v1/runs".into(),
                headers: headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
                body: body.map(Into::into),
                authorized: false,
            },
            result: Err(Failure::Connect("refused".into())),
            started: Default::default(),
            duration: Default::default(),
        }
    }

    #[test]
    fn the_line_sends_the_same_request_without_the_secret() {
        let headers =
            [("content-type", "application/json"), ("authorization", "Bearer [redacted]"), ("accept", "*/*")];
        assert_eq!(
            curl(&exchange("POST", &headers, Some(br#"{"goal": "it's"}"#))),
            r#"curl -isS -X POST -H 'content-type: application/json' -H "authorization: Bearer $ARP_TOKEN" --data-binary '{"goal": "it'\''s"}' 'http://127.0.0.1:1/v1/runs'"#
        );
        assert_eq!(curl(&exchange("GET", &[], None)), "curl -isS 'http://127.0.0.1:1/v1/runs'");
        assert!(curl(&exchange("POST", &[], Some(b"\xFF"))).contains(r"printf '\377'"));
    }
}
