//! The HTTP client: sends one request, follows nothing, retries nothing, and records what came.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use url::Url;

use super::exchange::{Answer, Ending, Exchange, Failure, Sent};
use super::limits::Limits;
use super::recorder::Recorder;
use super::redact::Redactor;
use super::stream::{StopWhen, StreamFormat, StreamReader};
use super::witness;

/// What the HTTP library says where an answer's head is past its own limits.
const HEAD_LIMITS: [&str; 2] = ["message head is too large", "too many headers"];

/// Speaks with one target.
pub struct Client {
    http: reqwest::Client,
    base: String,
    limits: Limits,
    /// Replaced as a whole where a secret is added, so that whoever reads it is not held up.
    redactor: RwLock<Arc<Redactor>>,
    recorder: Arc<Recorder>,
}

/// A client that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("no certificate authorities could be read from this machine: {0}")]
    NoRoots(String),
    #[error("the HTTP client could not be made: {0}")]
    Build(#[from] reqwest::Error),
}

/// A request about to be sent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub operation: Option<String>,
    pub parameters: BTreeMap<String, String>,
    pub method: Method,
    /// Below the target's URL, percent-encoded.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Bytes>,
}

impl Client {
    /// A client for `target`, whose path is a prefix of every request's.
    ///
    /// # Errors
    ///
    /// For an `https` target on a machine without certificate authorities.
    pub fn new(
        target: &Url,
        limits: Limits,
        redactor: Redactor,
        recorder: Arc<Recorder>,
    ) -> Result<Self, ClientError> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(target.scheme() == "https")?)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(limits.connect)
            .tcp_nodelay(true)
            // Common servers close what was idle for 2 to 5 s: a request must not meet a connection that just ends.
            .pool_idle_timeout(Duration::from_secs(1))
            .build()?;
        let base = target.as_str().trim_end_matches('/').to_owned();
        let redactor = RwLock::new(Arc::new(redactor));
        Ok(Client { http, base, limits, redactor, recorder })
    }

    /// What was recorded so far.
    pub fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    /// Takes these secrets too out of whatever is recorded from now on.
    pub fn add_secrets(&self, secrets: &[String]) {
        let mut held = self.redactor.write().unwrap_or_else(PoisonError::into_inner);
        let mut redactor = Redactor::clone(&held);
        secrets.iter().for_each(|secret| redactor.add_secret(secret));
        *held = Arc::new(redactor);
    }

    fn redactor(&self) -> Arc<Redactor> {
        self.redactor.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends a request, reads the whole answer, records and returns the exchange.
    pub async fn send(&self, outgoing: Outgoing) -> Exchange {
        self.exchange(outgoing, None).await
    }

    /// Sends a request and reads a successful answer as a stream until it ends or `stop` holds.
    pub async fn stream(&self, outgoing: Outgoing, format: StreamFormat, stop: StopWhen<'_>) -> Exchange {
        self.exchange(outgoing, Some((format, stop))).await
    }

    async fn exchange(&self, outgoing: Outgoing, stream: Option<(StreamFormat, StopWhen<'_>)>) -> Exchange {
        let (id, started) = self.recorder.begin();
        let begun = Instant::now();
        let limit = self.limits.answer;
        let result = match tokio::time::timeout(limit, self.head(&outgoing)).await {
            Err(_) => Err(Failure::TimedOut(limit)),
            Ok(Err(failure)) => Err(failure),
            Ok(Ok(response)) => Ok(match stream {
                Some((format, stop)) if response.status().is_success() => {
                    self.read_stream(response, begun, format, stop).await
                }
                _ => self.read_body(response, limit.saturating_sub(begun.elapsed())).await,
            }),
        };
        self.keep(id, started, begun, outgoing, result)
    }

    /// Sends and waits for the answer's head.
    async fn head(&self, outgoing: &Outgoing) -> Result<reqwest::Response, Failure> {
        let url = format!("{}{}", self.base, outgoing.path);
        let url = Url::parse(&url).map_err(|error| Failure::NotSent(format!("{url}: {error}")))?;
        let headers = headers(&outgoing.headers)?;
        let mut request = self.http.request(outgoing.method.clone(), url).headers(headers);
        if let Some(body) = &outgoing.body {
            request = request.body(body.clone());
        }
        request.send().await.map_err(|error| self.failure(&error))
    }

    async fn read_body(&self, mut response: reqwest::Response, limit: Duration) -> Answer {
        let mut answer = begin_answer(&response);
        let declared = response.content_length();
        let mut body = Vec::new();
        let reading = async {
            loop {
                match response.chunk().await {
                    Ok(Some(chunk)) if body.len() + chunk.len() > self.limits.body => {
                        return Ending::Limit(format!("a body over {} octets", self.limits.body));
                    }
                    Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                    Ok(None) => return Ending::Complete,
                    Err(error) => return Ending::Broken(broken_body(&error, body.len(), declared)),
                }
            }
        };
        answer.ending = tokio::time::timeout(limit, reading).await.unwrap_or(Ending::TimedOut(limit));
        answer.body = body.into();
        answer
    }

    async fn read_stream(
        &self,
        mut response: reqwest::Response,
        begun: Instant,
        format: StreamFormat,
        stop: StopWhen<'_>,
    ) -> Answer {
        let mut answer = begin_answer(&response);
        let redactor = self.redactor();
        let mut reader = StreamReader::new(format, &redactor);
        let mut body = Vec::new();
        answer.ending = loop {
            let left = stop.within.saturating_sub(begun.elapsed());
            if left.is_zero() {
                break Ending::Left;
            }
            let chunk = match tokio::time::timeout(left.min(stop.idle), response.chunk()).await {
                Err(_) => break Ending::Left,
                Ok(Err(error)) => break Ending::Broken(broken_body(&error, body.len(), None)),
                Ok(Ok(None)) => break Ending::Complete,
                Ok(Ok(Some(chunk))) => chunk,
            };
            if body.len() + chunk.len() > self.limits.stream {
                break Ending::Limit(format!("a stream over {} octets", self.limits.stream));
            }
            body.extend_from_slice(&chunk);
            let events = reader.push(&chunk, begun.elapsed());
            let met = events.iter().any(|event| event.value.as_ref().is_ok_and(|value| (stop.on)(value)));
            if met || stop.events.is_some_and(|events| reader.count() >= events) {
                break Ending::Left;
            }
            if reader.count() >= self.limits.events {
                break Ending::Limit(format!("a stream over {} events", self.limits.events));
            }
        };
        let mut events = reader.finish(begun.elapsed(), answer.ending == Ending::Complete);
        answer.body = body.into();
        if format == StreamFormat::ServerSentEvents {
            events.witness = Some(witness::read(answer.body.clone()).await);
        }
        answer.events = Some(events);
        answer
    }

    fn keep(
        &self,
        id: u64,
        started: Duration,
        begun: Instant,
        outgoing: Outgoing,
        result: Result<Answer, Failure>,
    ) -> Exchange {
        let redactor = self.redactor();
        let redact = |headers: &[(String, String)]| -> Vec<(String, String)> {
            headers.iter().map(|(name, value)| (name.clone(), redactor.header(name, value))).collect()
        };
        let exchange = Exchange {
            id,
            operation: outgoing.operation,
            parameters: outgoing.parameters,
            sent: Sent {
                method: outgoing.method.to_string(),
                url: redactor.text(&format!("{}{}", self.base, outgoing.path)),
                authorized: outgoing.headers.iter().any(|(name, _)| name == "authorization"),
                headers: redact(&outgoing.headers),
                body: outgoing.body.map(|body| redactor.body(body)),
            },
            result: result.map(|answer| Answer {
                echoes_secret: redactor.finds(&answer.body),
                headers: redact(&answer.headers),
                body: redactor.body(answer.body),
                ..answer
            }),
            started,
            duration: begun.elapsed(),
        };
        self.recorder.record(exchange.clone());
        exchange
    }

    fn failure(&self, error: &reqwest::Error) -> Failure {
        let cause = self.redactor().text(&root_cause(error));
        if error.is_connect() {
            Failure::Connect(cause)
        } else if error.is_timeout() {
            Failure::TimedOut(self.limits.connect)
        } else if error.is_builder() {
            Failure::NotSent(cause)
        } else if HEAD_LIMITS.iter().any(|limit| cause.contains(limit)) {
            Failure::Limit(cause)
        } else {
            Failure::Broken(format!("the connection gave no HTTP answer: {cause}"))
        }
    }
}

/// Whether a URL's host is this machine, by its name or address.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

fn begin_answer(response: &reqwest::Response) -> Answer {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Answer {
        status: response.status().as_u16(),
        headers: response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect(),
        body: Bytes::new(),
        ending: Ending::Complete,
        events: None,
        received_at: Timestamp::now(),
        echoes_secret: false,
    }
}

fn headers(fields: &[(String, String)]) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        // The value may be a secret, so the message names the field alone.
        let wrong = || Failure::NotSent(format!("the header field {name:?} cannot be sent"));
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        headers.append(name.clone(), HeaderValue::from_str(value).map_err(|_| wrong())?);
    }
    Ok(headers)
}

fn broken_body(error: &reqwest::Error, read: usize, declared: Option<u64>) -> String {
    match declared {
        Some(declared) if (read as u64) < declared => {
            format!("the answer ended after {read} of {declared} octets")
        }
        _ => format!("the answer broke off after {read} octets: {}", root_cause(error)),
    }
}

/// The innermost cause: the outer ones repeat the URL and say little.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// Certificate authorities are read only where they are needed: it takes time, and a machine may have none.
fn tls(with_roots: bool) -> Result<rustls::ClientConfig, ClientError> {
    let mut roots = rustls::RootCertStore::empty();
    if with_roots {
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            let why = found.errors.first().map_or("none are installed".to_owned(), ToString::to_string);
            return Err(ClientError::NoRoots(why));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        // The provider above is complete, which is all that can be wrong here.
        .expect("ring supports the default protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
