//! Tokens for an OAuth client's own credentials (RFC 6749, section 4.4).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::credentials::Tokens;
use crate::report::visible_value;
use crate::wire::{
    Authorities, Client, ClientError, Exchange, Limits, Outgoing, REDACTED, Recorder, Redactor, is_loopback,
};

/// Octets of a token endpoint's answer.
const LARGEST_ANSWER: usize = 1 << 20;

/// Characters that are shown of what a token endpoint says.
const SHOWN: usize = 200;

/// A confidential client and the token endpoint that knows it.
#[derive(Clone)]
pub struct OAuthClient {
    url: Url,
    id: String,
    secret: String,
    audience: Option<String>,
    scope: Option<String>,
}

/// Why a token endpoint gave no token. No message holds the secret or a token.
#[derive(Debug, thiserror::Error)]
pub enum OAuthError {
    #[error("the token URL {0}: {1}")]
    Url(Url, &'static str),
    #[error("the client secret is empty")]
    NoSecret,
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("the token endpoint {url} gave no answer: {why}")]
    NoAnswer { url: Url, why: String },
    #[error(
        "the token endpoint {url} refused the client: {said}; check the client's id, secret, audience and scope"
    )]
    Refused { url: Url, said: String },
    #[error("the token endpoint {url} gave no bearer token: {why}")]
    NoToken { url: Url, why: &'static str },
}

/// How a client says who it is (RFC 6749, section 2.3.1).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Post,
    Basic,
}

impl OAuthClient {
    /// A client that asks `url` for tokens.
    ///
    /// # Errors
    ///
    /// Where the secret would be sent in the clear over a network, or is empty, or where the URL has a part that a token
    /// endpoint cannot have.
    pub fn new(url: Url, id: &str, secret: &str) -> Result<Self, OAuthError> {
        if !url.username().is_empty() || url.password().is_some() {
            let mut shown = url;
            // Only a URL without a host refuses this, and such a one has no credentials.
            let _ = shown.set_username("").and_then(|()| shown.set_password(None));
            return Err(OAuthError::Url(
                shown,
                "it holds credentials; give the client's id and secret instead",
            ));
        }
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
        if !is_safe {
            return Err(OAuthError::Url(url, "it has to be https, or http on loopback"));
        }
        if url.fragment().is_some() {
            return Err(OAuthError::Url(url, "a token endpoint has no fragment"));
        }
        if secret.is_empty() {
            return Err(OAuthError::NoSecret);
        }
        Ok(OAuthClient { url, id: id.to_owned(), secret: secret.to_owned(), audience: None, scope: None })
    }

    /// The service that the token is to be for; not in the RFC, but many authorization servers ask for it.
    pub fn audience(mut self, audience: Option<String>) -> Self {
        self.audience = audience;
        self
    }

    /// What the token is to allow (RFC 6749, section 3.3): words with spaces between them.
    pub fn scope(mut self, scope: Option<String>) -> Self {
        self.scope = scope;
        self
    }

    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// Asks for a token, the client's secret in the body; where the endpoint does not take it there, in HTTP Basic.
    pub(super) async fn fetch(&self, limits: &Limits) -> Result<String, OAuthError> {
        let limits = Limits { body: LARGEST_ANSWER, ..limits.clone() };
        // Nothing of these exchanges is kept.
        let recorder = Arc::new(Recorder::default());
        let client = Client::new(&self.url, &Authorities::default(), limits, Redactor::default(), recorder)?;
        let mut exchange = client.send(self.request(Method::Post)).await;
        let says_invalid_client = exchange.json().is_some_and(|body| body["error"] == "invalid_client");
        // An endpoint that misses an Authorization says so with 401 and may say so with 400 (RFC 6749, section 5.2).
        if matches!(exchange.status(), Some(400 | 401)) && says_invalid_client {
            exchange = client.send(self.request(Method::Basic)).await;
        }
        self.token(&exchange)
    }

    fn request(&self, method: Method) -> Outgoing {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        let optional = [("audience", &self.audience), ("scope", &self.scope)];
        for (name, value) in optional {
            value.iter().for_each(|value| _ = form.append_pair(name, value));
        }
        let mut headers = vec![
            ("user-agent", concat!("arp-conformance/", env!("CARGO_PKG_VERSION")).to_owned()),
            ("accept", "application/json".to_owned()),
            ("accept-encoding", "identity".to_owned()),
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
        ];
        match method {
            Method::Post => {
                form.append_pair("client_id", &self.id).append_pair("client_secret", &self.secret);
            }
            Method::Basic => {
                let encoded =
                    |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let pair = format!("{}:{}", encoded(&self.id), encoded(&self.secret));
                headers.push(("authorization", format!("Basic {}", STANDARD.encode(pair))));
            }
        }
        let text = self.url.as_str();
        Outgoing {
            operation: None,
            parameters: BTreeMap::new(),
            method: http::Method::POST,
            // The client puts paths behind a URL without the slashes at its end.
            path: text[text.trim_end_matches('/').len()..].to_owned(),
            headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            body: Some(Bytes::from(form.finish())),
        }
    }

    /// The token of an answer (RFC 6749, section 5.1).
    fn token(&self, exchange: &Exchange) -> Result<String, OAuthError> {
        let url = self.url.clone();
        let answer = match &exchange.result {
            Err(failure) => return Err(OAuthError::NoAnswer { url, why: failure.to_string() }),
            Ok(answer) => answer,
        };
        let body = exchange.json().unwrap_or_default();
        if !exchange.succeeded() {
            return Err(OAuthError::Refused { url, said: self.said(answer.status, &body) });
        }
        let no_token = |why| OAuthError::NoToken { url: url.clone(), why };
        // RFC 6749, section 5.1, asks for the type; endpoints that leave it out mean this one.
        let kind = body.get("token_type").map_or(Some("Bearer"), Value::as_str);
        if !kind.is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
            return Err(no_token("its answer's token_type is another"));
        }
        let token =
            body["access_token"].as_str().ok_or(no_token("its answer is no JSON with an access_token"))?;
        let token = Tokens::read(token).map_err(|_| no_token("its access_token holds odd characters"))?;
        token.ok_or(no_token("its access_token is empty"))
    }

    /// What an endpoint says in refusing, safe to be shown.
    fn said(&self, status: u16, body: &Value) -> String {
        let mut redactor = Redactor::default();
        redactor.add_secret(&self.secret);
        let words = ["error", "error_description"].into_iter().filter_map(|name| body[name].as_str());
        let words = words.map(|text| redactor.text(text).replace(&self.secret, REDACTED));
        let words: Vec<String> = words.map(|text| visible_value(&text, SHOWN)).collect();
        format!("{status} {}", words.join(": ")).trim_end().to_owned()
    }
}

impl fmt::Debug for OAuthClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthClient")
            .field("url", &self.url.as_str())
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(url: &str) -> Result<OAuthClient, OAuthError> {
        OAuthClient::new(url.parse().unwrap(), "me & you", "a secret/+")
    }

    #[test]
    fn a_secret_goes_where_nobody_listens() {
        for url in
            ["https://id.example/token", "http://127.0.0.1:1/t", "http://[::1]/t", "http://localhost/t"]
        {
            assert!(client(url).is_ok(), "{url}");
        }
        for url in ["http://id.example/token", "ftp://localhost/t", "https://id.example/t#x"] {
            assert!(client(url).is_err(), "{url}");
        }
        let error = client("https://me:hush-hush@id.example/t").unwrap_err().to_string();
        assert!(!error.contains("hush"), "{error}");
        assert!(!format!("{:?}", client("https://id.example/t")).contains("a secret"));
    }

    #[test]
    fn a_request_says_who_asks_once() {
        let client = client("http://localhost/token/").unwrap().scope(Some("a b".into()));
        let post = client.request(Method::Post);
        assert_eq!(
            post.body.unwrap(),
            "grant_type=client_credentials&scope=a+b&client_id=me+%26+you&client_secret=a+secret%2F%2B"
        );
        assert_eq!(post.path, "/");
        assert!(post.headers.iter().all(|(name, _)| name != "authorization"));
        let basic = client.audience(Some("x".into())).request(Method::Basic);
        assert_eq!(basic.body.unwrap(), "grant_type=client_credentials&audience=x&scope=a+b");
        let credentials = STANDARD.encode("me+%26+you:a+secret%2F%2B");
        assert!(basic.headers.contains(&("authorization".into(), format!("Basic {credentials}"))));
    }

    #[test]
    fn what_an_endpoint_says_is_shown_without_the_secret() {
        let body =
            serde_json::json!({"error": "invalid_client", "error_description": "no \u{1b}[2J: a secret/+"});
        let said = client("https://id.example/t").unwrap().said(401, &body);
        assert_eq!(said, r"401 invalid_client: no \u{1b}[2J: [redacted]");
    }
}
