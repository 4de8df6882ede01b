//! Bearer tokens: JSON Web Tokens (RFC 7519) signed with HS256 under a key that lives and dies with the server.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use ring::hmac;
use ring::rand::SystemRandom;
use serde_json::{Value, json};

use super::options::Auth;
use super::refusal::Refusal;

const ISSUER: &str = "https://issuer.arp-reference.example";
const HOUR: i64 = 3600;

/// Tokens that tell whether a client and a server agree on who may come in.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Accepted for one hour from the server's start.
    pub valid: String,
    /// Right but for its time, which ended an hour before the start.
    pub expired: String,
    /// Right but for its `aud`.
    pub wrong_audience: String,
    /// Right but for its `iss`.
    pub wrong_issuer: String,
}

/// The key and the claims that one server takes.
pub struct Gate {
    mode: Auth,
    audience: String,
    key: hmac::Key,
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("this operation needs a bearer token")]
    Missing,
    #[error("the credentials are no bearer token")]
    Scheme,
    #[error("the bearer token is empty")]
    Empty,
    #[error("the token is not a signed JSON Web Token")]
    Malformed,
    /// `none`, in exactly these letters.
    #[error("the token is not signed")]
    Unsigned,
    #[error("the token's algorithm is not accepted")]
    Algorithm,
    #[error("the token's signature is wrong")]
    Signature,
    #[error("the token is expired or not valid yet")]
    Time,
    #[error("the token is from another issuer")]
    Issuer,
    #[error("the token is for another audience")]
    Audience,
}

impl From<TokenError> for Refusal {
    /// 401 with a challenge; one without an error code where no credentials were sent (RFC 6750, section 3.1).
    fn from(error: TokenError) -> Self {
        let message = error.to_string();
        match error {
            TokenError::Missing => Refusal::unauthorized("missing_token", &message, ""),
            _ => {
                let parameters = format!(", error=\"invalid_token\", error_description=\"{message}\"");
                Refusal::unauthorized("invalid_token", &message, &parameters)
            }
        }
    }
}

impl Gate {
    /// A gate with a new key. Its tokens are for `audience`, the service's name.
    pub fn new(mode: Auth, audience: &str) -> io::Result<Self> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
            .map_err(|_| io::Error::other("the system gave no random bytes for the signing key"))?;
        Ok(Gate { mode, audience: audience.to_owned(), key })
    }

    pub fn tokens(&self) -> Tokens {
        let now = Timestamp::now().as_second();
        let token = |issuer: &str, audience: &str, from: i64| {
            let header = json!({"alg": "HS256", "typ": "JWT"});
            let claims = json!({
                "iss": issuer,
                "aud": audience,
                "sub": "arp-conformance",
                "iat": from,
                "nbf": from,
                "exp": from + HOUR,
            });
            self.sign(&header, &claims)
        };
        Tokens {
            valid: token(ISSUER, &self.audience, now),
            expired: token(ISSUER, &self.audience, now - 2 * HOUR),
            wrong_audience: token(ISSUER, "another-service", now),
            wrong_issuer: token("https://issuer.another.example", &self.audience, now),
        }
    }

    /// Lets a request pass, or says why it may not. Only the Authorization header counts.
    pub fn admit(&self, headers: &HeaderMap) -> Result<(), TokenError> {
        if self.mode == Auth::Off {
            return Ok(());
        }
        self.ask(headers).or_else(|error| match (self.mode, error) {
            (Auth::Optional, TokenError::Missing) => Ok(()),
            _ => Err(error),
        })
    }

    /// Asks for a valid token, whatever the mode is.
    pub fn ask(&self, headers: &HeaderMap) -> Result<(), TokenError> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let credentials = values.next().ok_or(TokenError::Missing)?;
        if values.next().is_some() {
            return Err(TokenError::Malformed);
        }
        let token = credentials.to_str().ok().and_then(bearer_token).ok_or(TokenError::Scheme)?;
        if token.is_empty() { Err(TokenError::Empty) } else { self.verify(token) }
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let signature = encode(hmac::sign(&self.key, signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    /// Checks a token as RFC 7519, section 7.2, and RFC 8725 ask: the one algorithm, the signature before any claim is
    /// read, no critical extension (none is known here), then times, issuer and audience.
    fn verify(&self, token: &str) -> Result<(), TokenError> {
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        let header = decode_object(header).ok_or(TokenError::Malformed)?;
        if header["alg"] == "none" {
            return Err(TokenError::Unsigned);
        }
        if header["alg"] != "HS256" || header.get("crit").is_some() {
            return Err(TokenError::Algorithm);
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenError::Malformed)?;
        hmac::verify(&self.key, signed.as_bytes(), &signature).map_err(|_| TokenError::Signature)?;

        let claims = decode_object(claims).ok_or(TokenError::Malformed)?;
        let now = Timestamp::now().as_second() as f64;
        let from = claims.get("nbf").map_or(Some(f64::MIN), Value::as_f64);
        let until = claims["exp"].as_f64();
        if !from.zip(until).is_some_and(|(from, until)| from <= now && now < until) {
            return Err(TokenError::Time);
        }
        if claims["iss"] != ISSUER {
            return Err(TokenError::Issuer);
        }
        let is_meant = match &claims["aud"] {
            Value::Array(audiences) => audiences.contains(&self.audience.as_str().into()),
            audience => *audience == self.audience.as_str(),
        };
        if is_meant { Ok(()) } else { Err(TokenError::Audience) }
    }
}

/// The token of `Bearer TOKEN`, which may be empty, the scheme's name in any case (RFC 9110, section 11.1).
fn bearer_token(credentials: &str) -> Option<&str> {
    let (scheme, token) = credentials.split_once(' ').unwrap_or((credentials, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches(' '))
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode_object(part: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&bytes).ok().filter(Value::is_object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn gate(mode: Auth) -> Gate {
        Gate::new(mode, "arp-reference-runtime").unwrap()
    }

    fn admits(gate: &Gate, credentials: Option<&str>) -> bool {
        let value = credentials.map(|text| (AUTHORIZATION, HeaderValue::from_str(text).unwrap()));
        gate.admit(&value.into_iter().collect()).is_ok()
    }

    #[test]
    fn only_the_valid_token_is_verified() {
        let gate = gate(Auth::Required);
        let tokens = gate.tokens();
        assert_eq!(gate.verify(&tokens.valid), Ok(()));
        assert_eq!(gate.verify(&tokens.expired), Err(TokenError::Time));
        assert_eq!(gate.verify(&tokens.wrong_audience), Err(TokenError::Audience));
        assert_eq!(gate.verify(&tokens.wrong_issuer), Err(TokenError::Issuer));
        assert_eq!(self::gate(Auth::Required).verify(&tokens.valid), Err(TokenError::Signature));
        for text in ["", ".", "..", "a.b.c", "not-a-token", &tokens.valid[..tokens.valid.len() - 44]] {
            assert_eq!(gate.verify(text), Err(TokenError::Malformed), "{text}");
        }
    }

    #[test]
    fn every_single_change_of_the_token_is_noticed() {
        let gate = gate(Auth::Required);
        let token = gate.tokens().valid;
        for at in 0..token.len() {
            let mut altered = token.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            assert!(gate.verify(&altered).is_err(), "changed at {at}");
        }
    }

    #[test]
    fn the_header_cannot_choose_another_algorithm() {
        let gate = gate(Auth::Required);
        let token = gate.tokens().valid;
        let claims = token.split('.').nth(1).unwrap();
        let signature = token.split('.').nth(2).unwrap();
        for alg in ["none", "None", "NONE", "nOnE", "HS384", "hs256"] {
            let header = encode(json!({ "alg": alg }).to_string());
            for signature in ["", signature] {
                let forged = format!("{header}.{claims}.{signature}");
                let error = if alg == "none" { TokenError::Unsigned } else { TokenError::Algorithm };
                assert_eq!(gate.verify(&forged), Err(error), "{alg}");
            }
        }
        let critical = gate.sign(&json!({"alg": "HS256", "crit": ["x"]}), &json!({}));
        assert_eq!(gate.verify(&critical), Err(TokenError::Algorithm));
    }

    #[test]
    fn claims_take_the_forms_of_the_rfc() {
        let gate = gate(Auth::Required);
        let now = Timestamp::now().as_second();
        let verify = |claims: Value| gate.verify(&gate.sign(&json!({"alg": "HS256"}), &claims));
        let claims = |exp: Value| json!({"iss": ISSUER, "aud": ["x", "arp-reference-runtime"], "exp": exp});
        assert_eq!(verify(claims(json!(now + 60))), Ok(()));
        assert_eq!(verify(claims(json!((now + 60) as f64 + 0.5))), Ok(()));
        assert_eq!(verify(claims(json!("tomorrow"))), Err(TokenError::Time));
        assert_eq!(verify(json!({"iss": ISSUER, "aud": "arp-reference-runtime"})), Err(TokenError::Time));
        let early = json!({"iss": ISSUER, "aud": "arp-reference-runtime", "exp": now + 600, "nbf": now + 60});
        assert_eq!(verify(early), Err(TokenError::Time));
    }

    #[test]
    fn the_mode_decides_about_requests_without_credentials() {
        for (mode, anonymous, invalid) in
            [(Auth::Off, true, true), (Auth::Optional, true, false), (Auth::Required, false, false)]
        {
            let gate = gate(mode);
            let valid = gate.tokens().valid;
            assert_eq!(admits(&gate, None), anonymous, "{mode:?}");
            for credentials in ["Basic YTpi", "Bearer", "Bearer ", "Bearer x", &valid] {
                assert_eq!(admits(&gate, Some(credentials)), invalid, "{mode:?} {credentials}");
            }
            for scheme in ["Bearer", "bearer", "BEARER"] {
                assert!(admits(&gate, Some(&format!("{scheme} {valid}"))), "{mode:?} {scheme}");
            }
        }
        let gate = gate(Auth::Required);
        let valid = HeaderValue::from_str(&format!("Bearer {}", gate.tokens().valid)).unwrap();
        let twice = [(AUTHORIZATION, valid.clone()), (AUTHORIZATION, valid)];
        let mut headers = HeaderMap::new();
        twice.into_iter().for_each(|(name, value)| _ = headers.append(name, value));
        assert!(gate.admit(&headers).is_err());
    }
}
