//! The `Authorization` of a request, and the wrong tokens that are made from a valid one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::source::TokenSource;
use crate::suite::{Credentials, TokenKind};
use crate::wire::{Exchange, Limits};

/// The tokens that a run holds, without the scheme.
#[derive(Debug, Clone, Default)]
pub struct Tokens {
    pub valid: Option<String>,
    pub expired: Option<String>,
    pub wrong_audience: Option<String>,
    pub wrong_issuer: Option<String>,
    /// Where valid tokens are fetched. It is asked when the run begins, if no valid one was given.
    pub source: Option<TokenSource>,
}

/// A text that cannot stand in an `Authorization` as a token (RFC 6750, section 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it holds characters that a token cannot have")]
pub struct NotAToken;

impl Tokens {
    /// The token of a text, without the space around it; none where there is nothing else.
    ///
    /// # Errors
    ///
    /// Where a character cannot stand in a header field, or is a space.
    pub fn read(text: &str) -> Result<Option<String>, NotAToken> {
        let token = text.trim();
        match token.contains(|c: char| !c.is_ascii_graphic()) {
            true => Err(NotAToken),
            false => Ok(Some(token.to_owned()).filter(|token| !token.is_empty())),
        }
    }

    /// The token that is valid now: the one that was fetched anew, else the first.
    pub(super) fn valid(&self) -> Option<&str> {
        let renewed = self.source.as_ref().and_then(TokenSource::renewed);
        renewed.or(self.valid.as_deref())
    }

    /// Looks at the answer to a request with this `Authorization`. Where the first valid token was accepted before and
    /// now answers 401, a new one is fetched, once per run, told to `keep_secret` with what is made of it, and put in
    /// its place: the result is the `Authorization` to send the request again with.
    ///
    /// The error says why no new token came; such a 401 says nothing about the target.
    pub(super) async fn renew(
        &self,
        authorization: Option<&str>,
        exchange: &Exchange,
        limits: &Limits,
        keep_secret: impl FnOnce(&[String]),
    ) -> Result<Option<String>, String> {
        let (Some(source), Some(first)) = (&self.source, &self.valid) else { return Ok(None) };
        let Some((scheme, _)) =
            authorization.and_then(|value| value.split_once(' ')).filter(|(_, token)| token == first)
        else {
            return Ok(None);
        };
        if exchange.succeeded() {
            source.note_accepted();
        }
        if exchange.status() != Some(401) || !source.was_accepted() {
            return Ok(None);
        }
        let new = source
            .renew(limits, |new| {
                keep_secret(&Tokens { valid: Some(new.to_owned()), ..Tokens::default() }.secrets());
            })
            .await?;
        Ok((new != first).then(|| format!("{scheme} {new}")))
    }

    /// What kinds of token there are.
    pub fn kinds(&self) -> Vec<TokenKind> {
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
        let fetched_with = self.source.iter().filter_map(TokenSource::secret).map(str::to_owned);
        given.into_iter().flatten().cloned().chain(made.into_iter().flatten()).chain(fetched_with).collect()
    }

    /// The `Authorization` value that a step asks for; none where it is to be absent, or where there is no such token.
    pub(super) fn authorization(&self, credentials: Credentials) -> Option<String> {
        let with = |scheme: &str, token: Option<String>| token.map(|token| format!("{scheme} {token}"));
        match credentials {
            Credentials::Valid => with("Bearer", self.valid().map(str::to_owned)),
            Credentials::LowerCaseScheme => with("bearer", self.valid().map(str::to_owned)),
            Credentials::UpperCaseScheme => with("BEARER", self.valid().map(str::to_owned)),
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
        let (signed, signature) = self.valid()?.rsplit_once('.')?;
        signed.contains('.').then_some(())?;
        let mut octets = URL_SAFE_NO_PAD.decode(signature).ok().filter(|octets| !octets.is_empty())?;
        octets[0] ^= 1;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(octets)))
    }

    /// The valid token's claims, unsigned. The other members of its header stay, so that a key is still found.
    fn alg_none(&self, word: &str) -> Option<String> {
        let mut parts = self.valid()?.split('.');
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
