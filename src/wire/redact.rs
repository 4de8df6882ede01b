//! Redaction: the one place between the wire and everything that is kept.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Stands where a secret stood.
pub const REDACTED: &str = "[redacted]";

/// Header fields whose values are never kept.
const SECRET_HEADERS: [&str; 5] =
    ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"];

/// What stays as it is in a URL (RFC 3986, section 2.3) is encoded by some and left by others.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Shorter values are not looked for in what a target sends: they stand in ordinary words, and taking those out would
/// change what is judged.
const SHORTEST: usize = 6;

/// The same for the value of a header field whose name does not say that it is a secret.
const SHORTEST_ELSEWHERE: usize = 8;

/// Header fields whose values are no secrets.
const PUBLIC_NAMES: [&str; 8] = [
    "accept",
    "accept-charset",
    "accept-language",
    "content-type",
    "host",
    "origin",
    "referer",
    "user-agent",
];

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
    /// Adds a secret with the forms in which a target may echo it: its JWT parts, and all of them in base64 wherever
    /// they begin there, percent-encoded, and as text in JSON.
    pub fn add_secret(&mut self, secret: &str) {
        let mut texts = vec![secret];
        // A JWT's payload and signature are as telling as the whole; its header is the same in every token.
        if let [_, claims, signature] = secret.split('.').collect::<Vec<_>>()[..] {
            texts.extend([claims, signature]);
        }
        let forms = texts.into_iter().filter(|text| text.len() >= SHORTEST).flat_map(forms);
        self.secrets.extend(forms.filter(|form| form.len() >= SHORTEST));
        self.secrets.sort_unstable();
        self.secrets.dedup();
        self.search = OnceLock::new();
    }

    /// Adds a header field whose value the user gave: it is not kept where it is sent, and nowhere else either unless
    /// it is too ordinary to be a secret. Taking ordinary words out of answers would change what is judged.
    pub fn add_header(&mut self, name: &str, value: &str) {
        let name = name.to_ascii_lowercase();
        let says_secret = SECRET_NAMES.iter().any(|word| name.contains(word));
        let is_word = value.bytes().all(|octet| octet.is_ascii_lowercase());
        let is_ordinary =
            is_word || value.len() < SHORTEST_ELSEWHERE || PUBLIC_NAMES.contains(&name.as_str());
        if says_secret || !is_ordinary {
            self.add_secret(value);
            // `X-Api-Auth: Basic dXNlcjpwYXNz`: what follows the scheme is the secret.
            value.split_once(' ').into_iter().for_each(|(_, rest)| self.add_secret(rest));
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

/// How a target may write a text.
fn forms(text: &str) -> Vec<String> {
    let mut forms = vec![text.to_owned()];
    for set in [NON_ALPHANUMERIC, UNRESERVED] {
        let encoded = utf8_percent_encode(text, set).to_string();
        forms.extend([lower_case_escapes(&encoded, '%', 2), encoded]);
    }
    let quoted = serde_json::Value::from(text).to_string();
    let quoted = &quoted[1..quoted.len() - 1];
    let cautious = quoted.replace('+', "\\u002B").replace('=', "\\u003D").replace('&', "\\u0026");
    forms.extend([
        quoted.replace('/', "\\/"),
        lower_case_escapes(&cautious, '\\', 5),
        cautious,
        quoted.to_owned(),
    ]);
    forms.extend([STANDARD, URL_SAFE].map(|engine| engine.encode(text)));
    for before in 0..3 {
        let octets = [&[0; 2][..before], text.as_bytes()].concat();
        // Characters that the octets before and behind have a part in say nothing of the text.
        let first = (before * 8).div_ceil(6);
        let last = octets.len() * 8 / 6;
        forms.extend([STANDARD, URL_SAFE].map(|engine| engine.encode(&octets)[first..last].to_owned()));
    }
    forms
}

/// The text with the hexadecimal digits of its escapes, `digits` octets after `mark`, in lower case.
fn lower_case_escapes(text: &str, mark: char, digits: usize) -> String {
    let mut octets = text.as_bytes().to_vec();
    for at in text.match_indices(mark).map(|(at, _)| at + 1) {
        let end = octets.len().min(at + digits);
        octets[at..end].make_ascii_lowercase();
    }
    String::from_utf8_lossy(&octets).into_owned()
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
    fn a_secret_goes_from_inside_other_forms() {
        let secret = "se/cret+to=ken";
        let mut redactor = Redactor::default();
        redactor.add_secret(secret);
        for before in ["", "u", "us", "user:"] {
            for behind in ["", "\n", "::", ":::"] {
                for engine in [STANDARD, URL_SAFE] {
                    let kept = redactor.text(&engine.encode(format!("{before}{secret}{behind}")));
                    assert!(
                        kept.contains(REDACTED) && kept.len() < REDACTED.len() + 15,
                        "{before:?} {behind:?}: {kept}"
                    );
                }
            }
        }
        for written in [
            r"a se\/cret+to=ken b",
            r"a se/cret\u002Bto\u003Dken b",
            r"a se/cret\u002bto\u003dken b",
            "a se%2Fcret%2Bto%3Dken b",
            "a se%2fcret%2bto%3dken b",
        ] {
            assert_eq!(redactor.text(written), "a [redacted] b");
        }
    }

    #[test]
    fn values_of_given_headers_go_unless_they_are_ordinary() {
        let mut redactor = Redactor::default();
        for (name, value) in
            [("X-Team", "blue-squad-7"), ("X-Env", "production"), ("Origin", "http://127.0.0.1:1")]
        {
            redactor.add_header(name, value);
        }
        redactor.add_header("X-Api-Auth", "Basic dXNlcjpwYXNz");
        let kept = redactor.text("blue-squad-7 production http://127.0.0.1:1 dXNlcjpwYXNz");
        assert_eq!(kept, "[redacted] production http://127.0.0.1:1 [redacted]");
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
