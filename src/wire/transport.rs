//! How requests reach a target: HTTP/1.1 by the harness's own reader, HTTP/2 by a library where a target chooses it.

use std::error::Error;
use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use url::{Position, Url};

use super::client::ClientError;
use super::connect::{Authorities, Dialed, Dialer};
use super::exchange::{Ending, Failure};
use super::http1::{self, Connection, NoHead, SendError};
use super::limits::Limits;
use super::pool::Pool;

/// Sends requests to one target.
pub(super) struct Transport {
    dialer: Dialer,
    /// Scheme, host and port.
    origin: String,
    host: String,
    pool: Arc<Pool>,
    longest_head: usize,
    /// Speaks HTTP/2, once the target has chosen it.
    http2: OnceLock<reqwest::Client>,
}

/// An answer whose head has come.
pub(super) enum Incoming {
    Http1(Box<http1::Incoming>),
    Http2 { response: reqwest::Response, read: usize },
}

impl Transport {
    pub fn new(target: &Url, authorities: &Authorities, limits: &Limits) -> Result<Self, ClientError> {
        Ok(Transport {
            dialer: Dialer::new(target, authorities, limits.connect)?,
            origin: target[..Position::BeforePath].to_owned(),
            // The default port is left out by the URL (RFC 9110, section 7.2).
            host: target[Position::BeforeHost..Position::AfterPort].to_owned(),
            pool: Arc::default(),
            longest_head: limits.head,
            http2: OnceLock::new(),
        })
    }

    /// Sends a request for `path`, which begins with a slash, and waits for the head of the answer.
    pub async fn send(
        &self,
        method: &Method,
        path: &str,
        headers: &[(String, String)],
        body: Option<&Bytes>,
    ) -> Result<Incoming, Failure> {
        if let Some(client) = self.http2.get() {
            return self.send_http2(client, method, path, headers, body).await;
        }
        let request = self.written(method, path, headers, body);
        // What is not idempotent is not put at risk on a connection that the target may be closing (RFC 9112, section 9.3.1).
        if method.is_idempotent()
            && let Some(connection) = self.pool.take()
        {
            match self.send_on(connection, method, &request).await {
                Err(SendError::NoHead(NoHead::Closed | NoHead::Io(_)) | SendError::Cut) => {}
                sent => return sent.map(|incoming| Incoming::Http1(Box::new(incoming))).map_err(failure),
            }
        }
        match self.dialer.dial().await.map_err(|error| Failure::Connect(error.to_string()))? {
            Dialed::Http1(io) => {
                let sent = self.send_on(Connection::new(io), method, &request).await;
                sent.map(|incoming| Incoming::Http1(Box::new(incoming))).map_err(failure)
            }
            Dialed::Http2 => {
                let client = match self.http2.get() {
                    Some(client) => client,
                    None => {
                        let made =
                            self.http2_client().map_err(|error| Failure::Connect(root_cause(&error)))?;
                        self.http2.get_or_init(|| made)
                    }
                };
                self.send_http2(client, method, path, headers, body).await
            }
        }
    }

    async fn send_on(
        &self,
        connection: Connection,
        method: &Method,
        request: &[u8],
    ) -> Result<http1::Incoming, SendError> {
        http1::Incoming::send(connection, method, request, self.longest_head, self.pool.clone()).await
    }

    /// A request as it goes over an HTTP/1.1 connection (RFC 9112, section 3).
    fn written(
        &self,
        method: &Method,
        path: &str,
        headers: &[(String, String)],
        body: Option<&Bytes>,
    ) -> Vec<u8> {
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        let mut line = |name: &str, value: &str| {
            // Writing to a text cannot fail.
            let _ = write!(head, "{name}: {value}\r\n");
        };
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            line("host", &self.host);
        }
        headers.iter().for_each(|(name, value)| line(name, value));
        let expects_body = [Method::POST, Method::PUT, Method::PATCH].contains(method);
        if body.is_some() || expects_body {
            line("content-length", &body.map_or(0, Bytes::len).to_string());
        }
        let mut octets = (head + "\r\n").into_bytes();
        octets.extend_from_slice(body.map_or(&[][..], |body| body));
        octets
    }

    /// A client that does nothing on its own account: no redirects, no proxies, and no second tries but of requests that
    /// the target says it has not looked at (RFC 9113, section 8.7).
    fn http2_client(&self) -> Result<reqwest::Client, reqwest::Error> {
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .http2_max_header_list_size(u32::try_from(self.longest_head).unwrap_or(u32::MAX))
            .tcp_nodelay(true);
        match self.dialer.tls() {
            Some(tls) => builder.tls_backend_preconfigured(tls).build(),
            None => builder.build(),
        }
    }

    async fn send_http2(
        &self,
        client: &reqwest::Client,
        method: &Method,
        path: &str,
        headers: &[(String, String)],
        body: Option<&Bytes>,
    ) -> Result<Incoming, Failure> {
        let url = format!("{}{path}", self.origin);
        let url = Url::parse(&url).map_err(|error| Failure::NotSent(format!("{url}: {error}")))?;
        let mut request = client.request(method.clone(), url).headers(header_map(headers));
        if let Some(body) = body {
            request = request.body(body.clone());
        }
        let response = request.send().await.map_err(|error| {
            let cause = root_cause(&error);
            match error.is_connect() {
                true => Failure::Connect(cause),
                false => Failure::Broken(format!("the connection gave no HTTP answer: {cause}")),
            }
        })?;
        Ok(Incoming::Http2 { response, read: 0 })
    }
}

impl Incoming {
    pub fn status(&self) -> u16 {
        match self {
            Incoming::Http1(incoming) => incoming.head.status,
            Incoming::Http2 { response, .. } => response.status().as_u16(),
        }
    }

    /// Names in lower case; octets outside UTF-8 are replaced.
    pub fn headers(&self) -> Vec<(String, String)> {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        match self {
            Incoming::Http1(incoming) => {
                incoming.head.fields.iter().map(|(name, value)| (name.clone(), text(value))).collect()
            }
            Incoming::Http2 { response, .. } => {
                let fields = response.headers().iter();
                fields.map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes()))).collect()
            }
        }
    }

    /// What Content-Encoding lists.
    pub fn content_codings(&self) -> Vec<String> {
        let fields = self.headers().into_iter().filter(|(name, _)| name == "content-encoding");
        let codings = fields.flat_map(|(_, value)| {
            value.split(',').map(|coding| coding.trim().to_owned()).collect::<Vec<_>>()
        });
        codings.filter(|coding| !coding.is_empty()).collect()
    }

    /// The next octets of the body; none at its end. The error says what ended it early.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Ending> {
        match self {
            Incoming::Http1(incoming) => incoming.chunk().await,
            Incoming::Http2 { response, read } => {
                let chunk = response.chunk().await;
                let chunk = chunk.map_err(|error| {
                    let cause = root_cause(&error);
                    Ending::Broken(format!("the answer broke off after {read} octets: {cause}"))
                })?;
                *read += chunk.as_ref().map_or(0, Bytes::len);
                Ok(chunk)
            }
        }
    }

    /// What the standard forbids and could be read past.
    pub fn into_deviations(self) -> Vec<String> {
        match self {
            Incoming::Http1(incoming) => incoming.deviations.into_vec(),
            Incoming::Http2 { .. } => Vec::new(),
        }
    }
}

fn failure(error: SendError) -> Failure {
    match error {
        SendError::NoHead(long @ (NoHead::Long(_) | NoHead::Interim)) => Failure::Limit(long.to_string()),
        SendError::Cut => Failure::Cut,
        broken => Failure::Broken(format!("the connection gave no HTTP answer: {broken}")),
    }
}

fn header_map(fields: &[(String, String)]) -> HeaderMap {
    let field = |(name, value): &(String, String)| {
        Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?))
    };
    let mut headers = HeaderMap::new();
    for (name, value) in fields.iter().filter_map(field) {
        headers.append(name, value);
    }
    headers
}

/// The innermost cause: the outer ones repeat the URL and say little.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
