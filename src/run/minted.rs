//! Tokens that the harness signs itself, with a key that the target trusts: JSON Web Tokens (RFC 7519).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use ring::{error, hmac};
use serde_json::json;

use super::credentials::Tokens;

/// How long a minted token is valid, in seconds.
const LIFETIME: i64 = 3600;

/// Seconds that a target's clock may be behind.
const CLOCK_SKEW: i64 = 60;

/// Stands behind the audience or issuer of a token that is not for the target.
const OTHER: &str = "-other";

/// What tokens say.
#[derive(Debug, Clone)]
pub struct Claims {
    pub issuer: String,
    pub audience: String,
    pub subject: String,
    /// The key's name at the target, `kid` (RFC 7515, section 4.1.4).
    pub key_id: Option<String>,
}

/// A key that signs tokens. Its content tells which algorithm (RFC 7518, RFC 8037).
pub enum SigningKey {
    Hs256(hmac::Key),
    Rs256(Box<RsaKeyPair>),
    Es256(Box<EcdsaKeyPair>),
    EdDsa(Box<Ed25519KeyPair>),
}

/// Why a key cannot sign.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("it is empty")]
    Empty,
    #[error(
        "it is PEM, but no PKCS#8 private key; `openssl pkcs8 -topk8 -nocrypt -in KEY` makes one of a private key"
    )]
    NotPkcs8,
    #[error("its private key is none of Ed25519, RSA of 2048 to 4096 bits, and EC P-256: {0}")]
    Unknown(error::KeyRejected),
    #[error("the key did not sign")]
    Signing,
}

impl SigningKey {
    /// Reads a key: PEM with a PKCS#8 private key (RFC 5958), which is Ed25519, RSA or EC P-256; any other text, without
    /// the space around it, is the secret of HS256.
    ///
    /// # Errors
    ///
    /// For an empty text, other PEM, and other kinds of key.
    pub fn read(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(KeyError::Empty);
        }
        if !text.contains("-----BEGIN ") {
            return Ok(SigningKey::Hs256(hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes())));
        }
        let body =
            text.split_once("-----BEGIN PRIVATE KEY-----").and_then(|(_, rest)| rest.split_once("-----END"));
        let (body, _) = body.ok_or(KeyError::NotPkcs8)?;
        let body: String = body.split_ascii_whitespace().collect();
        let der = STANDARD.decode(body).map_err(|_| KeyError::NotPkcs8)?;
        // OpenSSL writes Ed25519 keys without their public half, which ring calls unchecked.
        if let Ok(key) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der) {
            return Ok(SigningKey::EdDsa(Box::new(key)));
        }
        let random = SystemRandom::new();
        if let Ok(key) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der, &random) {
            return Ok(SigningKey::Es256(Box::new(key)));
        }
        RsaKeyPair::from_pkcs8(&der).map(|key| SigningKey::Rs256(Box::new(key))).map_err(KeyError::Unknown)
    }

    /// Fills in the tokens that are missing: a valid one, unless there is a source of them, an expired one, and one each
    /// for another audience and from another issuer. Each is wrong in one thing.
    ///
    /// # Errors
    ///
    /// Where the system gives no random numbers.
    pub fn fill_in(&self, tokens: &mut Tokens, claims: &Claims) -> Result<(), KeyError> {
        let now = Timestamp::now().as_second();
        let fill = |held: &mut Option<String>, issuer: &str, audience: &str, until: i64| {
            if held.is_none() {
                *held = Some(self.token(claims, issuer, audience, until)?);
            }
            Ok(())
        };
        let (issuer, audience) = (claims.issuer.as_str(), claims.audience.as_str());
        if tokens.source.is_none() {
            fill(&mut tokens.valid, issuer, audience, now + LIFETIME)?;
        }
        fill(&mut tokens.expired, issuer, audience, now - LIFETIME)?;
        fill(&mut tokens.wrong_audience, issuer, &format!("{audience}{OTHER}"), now + LIFETIME)?;
        fill(&mut tokens.wrong_issuer, &format!("{issuer}{OTHER}"), audience, now + LIFETIME)
    }

    fn token(&self, claims: &Claims, issuer: &str, audience: &str, until: i64) -> Result<String, KeyError> {
        let mut header = json!({"alg": self.algorithm(), "typ": "JWT"});
        if let Some(id) = &claims.key_id {
            header["kid"] = id.as_str().into();
        }
        let claims = json!({
            "iss": issuer,
            "aud": audience,
            "sub": claims.subject,
            "iat": until - LIFETIME - CLOCK_SKEW,
            "exp": until,
        });
        let encode = |octets: &[u8]| URL_SAFE_NO_PAD.encode(octets);
        let signed =
            format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
        let signature = self.sign(signed.as_bytes()).map_err(|_| KeyError::Signing)?;
        Ok(format!("{signed}.{}", encode(&signature)))
    }

    /// The `alg` of its tokens.
    fn algorithm(&self) -> &'static str {
        match self {
            SigningKey::Hs256(_) => "HS256",
            SigningKey::Rs256(_) => "RS256",
            SigningKey::Es256(_) => "ES256",
            SigningKey::EdDsa(_) => "EdDSA",
        }
    }

    fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, error::Unspecified> {
        let random = SystemRandom::new();
        Ok(match self {
            SigningKey::Hs256(key) => hmac::sign(key, octets).as_ref().to_vec(),
            SigningKey::Es256(key) => key.sign(&random, octets)?.as_ref().to_vec(),
            SigningKey::EdDsa(key) => key.sign(octets).as_ref().to_vec(),
            SigningKey::Rs256(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, octets, &mut signature)?;
                signature
            }
        })
    }
}

/// The algorithm alone: a key is a secret.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey").field(&self.algorithm()).finish()
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{
        ECDSA_P256_SHA256_FIXED, ED25519, KeyPair, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
        VerificationAlgorithm,
    };
    use serde_json::Value;

    use super::*;

    fn pem(der: &[u8]) -> String {
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der))
    }

    fn mint(key: &SigningKey, tokens: Tokens) -> Tokens {
        let claims = Claims {
            issuer: "https://issuer.example".into(),
            audience: "runs".into(),
            subject: "me".into(),
            key_id: Some("k1".into()),
        };
        let mut tokens = tokens;
        key.fill_in(&mut tokens, &claims).unwrap();
        tokens
    }

    fn part(token: &str, at: usize) -> Value {
        let part = token.split('.').nth(at).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    fn signature(token: &str) -> (&[u8], Vec<u8>) {
        let (signed, signature) = token.rsplit_once('.').unwrap();
        (signed.as_bytes(), URL_SAFE_NO_PAD.decode(signature).unwrap())
    }

    fn verify(token: &str, algorithm: &'static dyn VerificationAlgorithm, public: &[u8]) {
        let (signed, signature) = signature(token);
        UnparsedPublicKey::new(algorithm, public).verify(signed, &signature).unwrap();
    }

    #[test]
    fn each_token_is_wrong_in_one_thing() {
        let tokens = mint(&SigningKey::read("a shared secret\n").unwrap(), Tokens::default());
        let valid = tokens.valid.unwrap();
        let (signed, octets) = signature(&valid);
        hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, b"a shared secret"), signed, &octets).unwrap();
        assert_eq!(part(&valid, 0), json!({"alg": "HS256", "typ": "JWT", "kid": "k1"}));
        let now = Timestamp::now().as_second();
        let right = part(&valid, 1);
        assert_eq!((&right["sub"], right["iat"].as_i64() < Some(now)), (&json!("me"), true));
        assert!((now + LIFETIME - 10..=now + LIFETIME).contains(&right["exp"].as_i64().unwrap()));
        let differs = |token: Option<String>| {
            let claims = part(&token.unwrap(), 1);
            let names = ["iss", "aud", "sub", "exp"];
            names.into_iter().filter(|name| claims[name] != right[name]).collect::<Vec<_>>()
        };
        assert_eq!(differs(tokens.expired), ["exp"]);
        assert_eq!(differs(tokens.wrong_audience), ["aud"]);
        assert_eq!(differs(tokens.wrong_issuer), ["iss"]);
    }

    #[test]
    fn the_key_chooses_the_algorithm() {
        let random = SystemRandom::new();
        let ed25519 = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        let public = Ed25519KeyPair::from_pkcs8(ed25519.as_ref()).unwrap();
        let token =
            mint(&SigningKey::read(&pem(ed25519.as_ref())).unwrap(), Tokens::default()).valid.unwrap();
        assert_eq!(part(&token, 0)["alg"], "EdDSA");
        verify(&token, &ED25519, public.public_key().as_ref());

        let p256 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let public =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, p256.as_ref(), &random).unwrap();
        let token = mint(&SigningKey::read(&pem(p256.as_ref())).unwrap(), Tokens::default()).valid.unwrap();
        assert_eq!(part(&token, 0)["alg"], "ES256");
        verify(&token, &ECDSA_P256_SHA256_FIXED, public.public_key().as_ref());

        let key = SigningKey::read(include_str!("minted/rsa.pem")).unwrap();
        let token = mint(&key, Tokens::default()).valid.unwrap();
        let SigningKey::Rs256(pair) = &key else { panic!("{key:?}") };
        assert_eq!(part(&token, 0)["alg"], "RS256");
        verify(&token, &RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref());
    }

    #[test]
    fn what_was_given_stays() {
        let given = Tokens { expired: Some("given".into()), ..Tokens::default() };
        let source = super::super::TokenSource::command("true");
        let minted = mint(&SigningKey::read("s").unwrap(), Tokens { source: Some(source), ..given });
        assert_eq!((minted.valid, minted.expired.as_deref()), (None, Some("given")));
        assert!(minted.wrong_issuer.is_some());
    }

    #[test]
    fn other_keys_are_refused_with_what_to_do() {
        assert!(matches!(SigningKey::read(" \n"), Err(KeyError::Empty)));
        let other = SigningKey::read("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----");
        assert!(other.unwrap_err().to_string().contains("openssl pkcs8 -topk8"));
        assert!(matches!(SigningKey::read(&pem(b"no key")), Err(KeyError::Unknown(_))));
    }
}
