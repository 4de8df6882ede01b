//! The `Authorization` of a request, and the wrong tokens that are made from a valid one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::suite::{Credentials, TokenKind};

/// The tokens that the user gave, without the scheme.
#[derive(Debug, Clone, Default)]
pub struct Tokens {
    pub valid: Option<String>,
    pub expired: Option<String>,
    pub wrong_audience: Option<String>,
    pub wrong_issuer: Option<String>,
}

impl Tokens {
    /// What kinds of token there are.
    pub(super) fn kinds(&self) -> Vec<TokenKind> {
        let held = [
            (TokenKind::Valid, self.valid.is_some()),
            (TokenKind::Jwt, self.altered_signature().is_some()),
            (TokenKind::Expired, self.expired.is_some()),
            (TokenKind::WrongAudience, self.wrong_audience.is_some()),
            (TokenKind::WrongIssuer, self.wrong_issuer.is_some()),
        ];
        held.into_iter().filter(|(_, held)| *held).map(|(kind, _)| kind).collect()
    }

    /// Every token that may be sent: what must never be kept.
    pub(super) fn secrets(&self) -> Vec<String> {
        let given = [&self.valid, &self.expired, &self.wrong_audience, &self.wrong_issuer];
        let made = [self.altered_signature(), self.alg_none("none"), self.alg_none("nOnE")];
        given.into_iter().flatten().cloned().chain(made.into_iter().flatten()).collect()
    }

    /// The `Authorization` value that a step asks for; none where it is to be absent, or where there is no such token.
    pub(super) fn authorization(&self, credentials: Credentials) -> Option<String> {
        let with = |scheme: &str, token: Option<String>| token.map(|token| format!("{scheme} {token}"));
        match credentials {
            Credentials::Valid => with("Bearer", self.valid.clone()),
            Credentials::LowerCaseScheme => with("bearer", self.valid.clone()),
            Credentials::UpperCaseScheme => with("BEARER", self.valid.clone()),
            Credentials::Absent => None,
            // RFC 7617's own example, which opens nothing.
            Credentials::OtherScheme => Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==".into()),
            Credentials::EmptyToken => Some("Bearer".into()),
            Credentials::NotAJwt => Some("Bearer arp-conformance-is-no-jwt".into()),
            Credentials::AlteredSignature => with("Bearer", self.altered_signature()),
            Credentials::AlgNone => with("Bearer", self.alg_none("none")),
            Credentials::AlgNoneInAnotherCase => with("Bearer", self.alg_none("nOnE")),
            Credentials::Expired => with("Bearer", self.expired.clone()),
            Credentials::WrongAudience => with("Bearer", self.wrong_audience.clone()),
            Credentials::WrongIssuer => with("Bearer", self.wrong_issuer.clone()),
        }
    }

    /// The valid token with one bit of its signature turned, if it is a JWT in compact form (RFC 7515, section 3.1).
    fn altered_signature(&self) -> Option<String> {
        let (signed, signature) = self.valid.as_deref()?.rsplit_once('.')?;
        signed.contains('.').then_some(())?;
        let mut octets = URL_SAFE_NO_PAD.decode(signature).ok().filter(|octets| !octets.is_empty())?;
        octets[0] ^= 1;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(octets)))
    }

    /// The valid token's claims, unsigned. The other members of its header stay, so that a key is still found.
    fn alg_none(&self, word: &str) -> Option<String> {
        let mut parts = self.valid.as_deref()?.split('.');
        let (header, claims) = (parts.next()?, parts.next()?);
        let header = URL_SAFE_NO_PAD.decode(header).ok()?;
        let mut header: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&header).ok()?;
        header.insert("alg".into(), word.into());
        let header = URL_SAFE_NO_PAD.encode(serde_json::Value::Object(header).to_string());
        Some(format!("{header}.{claims}."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(valid: &str) -> Tokens {
        Tokens { valid: Some(valid.to_owned()), ..Tokens::default() }
    }

    #[test]
    fn wrong_tokens_differ_from_the_valid_one_in_one_thing() {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"k"}"#);
        let held = tokens(&format!("{header}.eyJhIjoxfQ.AAAA"));
        assert_eq!(held.altered_signature(), Some(format!("{header}.eyJhIjoxfQ.AQAA")));
        let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"nOnE","kid":"k"}"#);
        assert_eq!(held.alg_none("nOnE"), Some(format!("{unsigned}.eyJhIjoxfQ.")));
        assert_eq!(held.kinds(), [TokenKind::Valid, TokenKind::Jwt]);
        assert_eq!(held.secrets().len(), 4);
    }

    #[test]
    fn nothing_is_made_of_a_token_that_is_no_jwt() {
        let held = tokens("opaque");
        assert_eq!(held.kinds(), [TokenKind::Valid]);
        assert_eq!(held.authorization(Credentials::AlgNone), None);
        assert_eq!(held.authorization(Credentials::LowerCaseScheme), Some("bearer opaque".into()));
    }
}
