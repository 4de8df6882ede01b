//! Redaction: the one place between the wire and everything that is kept.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Stands where a secret stood.
pub const REDACTED: &str = "[redacted]";

/// Header fields whose values are never kept.
const SECRET_HEADERS: [&str; 5] =
    ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"];

/// Shorter values are not looked for in what a target sends: they stand in ordinary words, and taking those out would
/// change what is judged.
const SHORTEST: usize = 6;

/// Words in the names of header fields whose values are secrets, however they look.
const SECRET_NAMES: [&str; 7] = ["auth", "cookie", "credential", "key", "password", "secret", "token"];

/// Knows the secrets of a run and takes them out of what is recorded, by the header's name and by value.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    secrets: Vec<String>,
    headers: Vec<String>,
    /// Finds every secret in one pass, the longest where several begin. Made when it is first needed.
    search: OnceLock<AhoCorasick>,
}

impl Redactor {
    /// Adds a secret with the forms in which a target may echo it: its JWT parts, base64, percent-encoded.
    pub fn add_secret(&mut self, secret: &str) {
        let mut forms = vec![
            secret.to_owned(),
            STANDARD.encode(secret),
            URL_SAFE_NO_PAD.encode(secret),
            utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        ];
        // A JWT's payload and signature are as telling as the whole; its header is the same in every token.
        if let [_, claims, signature] = secret.split('.').collect::<Vec<_>>()[..] {
            forms.extend([claims.to_owned(), signature.to_owned()]);
        }
        self.secrets.extend(forms.into_iter().filter(|form| form.len() >= SHORTEST));
        self.search = OnceLock::new();
    }

    /// Adds a header field whose value the user gave: it is not kept where it is sent, and where its name says that it
    /// is a secret, nowhere else either.
    pub fn add_header(&mut self, name: &str, value: &str) {
        let name = name.to_ascii_lowercase();
        if SECRET_NAMES.iter().any(|word| name.contains(word)) {
            self.add_secret(value);
        }
        self.headers.push(name);
    }

    /// A header field's value as it may be kept. The scheme of an `Authorization` stays.
    pub fn header(&self, name: &str, value: &str) -> String {
        let name = name.to_ascii_lowercase();
        if SECRET_HEADERS.contains(&name.as_str()) || self.headers.contains(&name) {
            return match (name.as_str(), value.split_once(' ')) {
                ("authorization" | "proxy-authorization", Some((scheme, _))) => {
                    format!("{scheme} {REDACTED}")
                }
                _ => REDACTED.to_owned(),
            };
        }
        self.text(value)
    }

    /// Text as it may be kept.
    pub fn text(&self, text: &str) -> String {
        match self.replace(text.as_bytes()) {
            Some(octets) => String::from_utf8_lossy(&octets).into_owned(),
            None => text.to_owned(),
        }
    }

    /// Whether the octets hold a secret.
    pub fn finds(&self, octets: &[u8]) -> bool {
        self.replace(octets).is_some()
    }

    /// A body as it may be kept.
    pub fn body(&self, body: Bytes) -> Bytes {
        match self.replace(&body) {
            Some(octets) => octets.into(),
            None => body,
        }
    }

    /// The octets without secrets; none where there was none.
    fn replace(&self, octets: &[u8]) -> Option<Vec<u8>> {
        if self.secrets.is_empty() {
            return None;
        }
        let search = self.search.get_or_init(|| {
            let kind = AhoCorasickKind::ContiguousNFA;
            let builder = AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostLongest)
                .kind(Some(kind))
                .build(&self.secrets);
            // Only patterns of gigabytes cannot be built, and then nothing that is recorded could be trusted.
            builder.expect("tokens and header values are short")
        });
        search.find(octets)?;
        let mut kept = Vec::with_capacity(octets.len());
        search.replace_all_with_bytes(octets, &mut kept, |_, _, kept| {
            kept.extend_from_slice(REDACTED.as_bytes());
            true
        });
        Some(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor() -> Redactor {
        let mut redactor = Redactor::default();
        redactor.add_secret("head.payload.signature");
        redactor
    }

    #[test]
    fn a_secret_goes_in_every_form() {
        let redactor = redactor();
        assert_eq!(redactor.text("x head.payload.signature y"), "x [redacted] y");
        assert_eq!(redactor.text("signature and payload"), "[redacted] and [redacted]");
        assert_eq!(redactor.text(&STANDARD.encode("head.payload.signature")), "[redacted]");
        assert_eq!(redactor.text("?t=head%2Epayload%2Esignature"), "?t=[redacted]");
        assert_eq!(
            redactor.body(Bytes::from_static(b"\xFFsignature\xFF")),
            Bytes::from_static(b"\xFF[redacted]\xFF")
        );
        assert_eq!(redactor.text("head alone stays"), "head alone stays");
    }

    #[test]
    fn secret_headers_go_by_name() {
        let mut redactor = redactor();
        redactor.add_header("X-Team", "blue-7");
        redactor.add_header("X-Team-Key", "green-8");
        assert_eq!(redactor.header("Authorization", "Bearer abc"), "Bearer [redacted]");
        assert_eq!(redactor.header("set-cookie", "a=b"), "[redacted]");
        assert_eq!(redactor.header("x-team", "other"), "[redacted]");
        assert_eq!(redactor.header("server", "says blue-7, green-8"), "says blue-7, [redacted]");
        assert!(redactor.finds(b"a green-8") && !redactor.finds(b"a blue-7"));
    }
}
