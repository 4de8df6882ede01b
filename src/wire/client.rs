//! The client: sends one request, follows nothing, retries nothing that a target could have seen, and records what came.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use url::{Position, Url};

use super::connect::Authorities;
use super::content::Content;
use super::endurance::Endurance;
use super::exchange::{Answer, Ending, Exchange, Failure, Sent};
use super::limits::Limits;
use super::recorder::Recorder;
use super::redact::Redactor;
use super::stream::{StopWhen, StreamFormat, StreamReader};
use super::transport::{Incoming, Transport};
use super::witness;

/// Characters of what a message says of an answer.
const TOLD: usize = 200;

/// How long the second witness may take.
const WITNESS: Duration = Duration::from_secs(2);

/// What a header field costs beside its octets.
const FIELD: usize = 64;

/// Octets of a stream that the second witness reads too.
const WITNESSED: usize = 1 << 20;

/// Speaks with one target.
pub struct Client {
    transport: Transport,
    /// The target's URL without a slash at its end.
    base: String,
    /// The path of the target's URL, the same way.
    prefix: String,
    limits: Limits,
    endurance: Endurance,
    /// Replaced as a whole where a secret is added, so that whoever reads it is not held up.
    redactor: RwLock<Arc<Redactor>>,
    recorder: Arc<Recorder>,
}

/// A client that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error(
        "no certificate authorities could be read from this machine: {0}; name a file of them with --cacert"
    )]
    NoRoots(String),
    #[error("{0} names no host")]
    NoHost(String),
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
    /// For an `https` target on a machine without certificate authorities where none are given.
    pub fn new(
        target: &Url,
        authorities: &Authorities,
        limits: Limits,
        redactor: Redactor,
        recorder: Arc<Recorder>,
    ) -> Result<Self, ClientError> {
        Ok(Client {
            transport: Transport::new(target, authorities, &limits)?,
            base: target.as_str().trim_end_matches('/').to_owned(),
            prefix: target[Position::BeforePath..].trim_end_matches('/').to_owned(),
            limits,
            endurance: Endurance::default(),
            redactor: RwLock::new(Arc::new(redactor)),
            recorder,
        })
    }

    /// Why no more requests are to be sent, where that is so: the target failed the same way too often, or the run's
    /// requests are used up.
    pub fn refuses(&self) -> Option<String> {
        let most = self.limits.requests;
        let used_up = || format!("the run's {most} requests are used up; allow more with --max-requests");
        self.endurance.given_up().or_else(|| (self.recorder.requests() >= most).then(used_up))
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

    /// What takes secrets out of whatever is kept.
    pub fn redactor(&self) -> Arc<Redactor> {
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
        let limit = self.limits.first_byte.min(self.limits.answer);
        let result = match tokio::time::timeout(limit, self.head(&outgoing)).await {
            Err(_) => Err(Failure::TimedOut(limit)),
            Ok(Err(failure)) => Err(self.redacted(failure)),
            Ok(Ok(incoming)) => Ok(match stream {
                Some((format, stop)) if (200..300).contains(&incoming.status()) => {
                    self.read_stream(incoming, begun, format, stop).await
                }
                _ => self.read_body(incoming, begun).await,
            }),
        };
        self.endurance.note(&result);
        self.keep(id, started, begun, outgoing, result)
    }

    /// Sends and waits for the answer's head.
    async fn head(&self, outgoing: &Outgoing) -> Result<Incoming, Failure> {
        let path = format!("{}{}", self.prefix, outgoing.path);
        let path = if path.is_empty() { "/".to_owned() } else { path };
        if !path.starts_with('/') || path.bytes().any(|octet| !octet.is_ascii_graphic() || octet == b'#') {
            return Err(Failure::NotSent(format!("{path:?} is no path of a request")));
        }
        check_headers(&outgoing.headers)?;
        self.transport.send(&outgoing.method, &path, &outgoing.headers, outgoing.body.as_ref()).await
    }

    async fn read_body(&self, incoming: Incoming, begun: Instant) -> Answer {
        let mut answer = begin_answer(&incoming);
        if !self.has_room_for_head(&mut answer) {
            return answer;
        }
        let mut content = Content::new(incoming, "body", self.limits.body);
        let mut body = Vec::new();
        let reading = async {
            loop {
                match content.next().await {
                    Ok(Some(octets)) if !self.recorder.takes(octets.len()) => return self.no_room(),
                    Ok(Some(octets)) => body.extend_from_slice(&octets),
                    Ok(None) => return Ending::Complete,
                    Err(ending) => return ending,
                }
            }
        };
        let limit = self.limits.answer;
        let in_time = tokio::time::timeout(limit.saturating_sub(begun.elapsed()), reading);
        answer.ending = in_time.await.unwrap_or(Ending::TimedOut(limit));
        answer.deviations = content.into_deviations();
        answer.body = body.into();
        answer
    }

    async fn read_stream(
        &self,
        incoming: Incoming,
        begun: Instant,
        format: StreamFormat,
        stop: StopWhen<'_>,
    ) -> Answer {
        let mut answer = begin_answer(&incoming);
        if !self.has_room_for_head(&mut answer) {
            return answer;
        }
        let redactor = self.redactor();
        let mut reader = StreamReader::new(format, &redactor, self.limits.event);
        let mut content = Content::new(incoming, "stream", self.limits.stream);
        let mut body = Vec::new();
        let (idle, within) =
            (stop.idle.min(self.limits.stream_idle), stop.within.min(self.limits.stream_time));
        answer.ending = loop {
            let left = within.saturating_sub(begun.elapsed());
            if left.is_zero() {
                break Ending::Left;
            }
            let octets = match tokio::time::timeout(left.min(idle), content.next()).await {
                Err(_) => break Ending::Left,
                Ok(Err(ending)) => break ending,
                Ok(Ok(None)) => break Ending::Complete,
                Ok(Ok(Some(octets))) => octets,
            };
            // Events are kept beside the octets that they came in, as text and as values.
            if !self.recorder.takes(3 * octets.len()) {
                break self.no_room();
            }
            body.extend_from_slice(&octets);
            let events = reader.push(&octets, begun.elapsed());
            let met = events.iter().any(|event| event.value.as_ref().is_ok_and(|value| (stop.on)(value)));
            if met || stop.events.is_some_and(|events| reader.count() >= events) {
                break Ending::Left;
            }
            if reader.count() >= self.limits.events {
                break Ending::Limit(format!("a stream over {} events", self.limits.events));
            }
            if reader.is_too_long() {
                break Ending::Limit(format!("an event over {} octets", self.limits.event));
            }
        };
        let mut events = reader.finish(begun.elapsed(), answer.ending == Ending::Complete);
        answer.deviations = content.into_deviations();
        answer.body = body.into();
        if format == StreamFormat::ServerSentEvents && answer.body.len() <= WITNESSED {
            events.witness = tokio::time::timeout(WITNESS, witness::read(answer.body.clone())).await.ok();
        }
        answer.events = Some(Arc::new(events));
        answer
    }

    /// Takes room for the header fields, which are left out where there is none.
    fn has_room_for_head(&self, answer: &mut Answer) -> bool {
        let octets = answer.headers.iter().map(|(name, value)| name.len() + value.len() + FIELD).sum();
        let has_room = self.recorder.takes(octets);
        if !has_room {
            answer.headers.clear();
            answer.ending = self.no_room();
        }
        has_room
    }

    fn no_room(&self) -> Ending {
        Ending::Limit(format!("answers over {} octets together (--max-kept)", self.limits.kept))
    }

    fn redacted(&self, failure: Failure) -> Failure {
        let redactor = self.redactor();
        match failure {
            Failure::Connect(what) => Failure::Connect(told(&redactor, &what)),
            Failure::Broken(what) => Failure::Broken(told(&redactor, &what)),
            Failure::Limit(what) => Failure::Limit(told(&redactor, &what)),
            Failure::NotSent(what) => Failure::NotSent(told(&redactor, &what)),
            Failure::TimedOut(_) | Failure::Cut => failure,
        }
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
                ending: match answer.ending {
                    Ending::Broken(what) => Ending::Broken(told(&redactor, &what)),
                    Ending::Limit(what) => Ending::Limit(told(&redactor, &what)),
                    other => other,
                },
                deviations: answer.deviations.iter().map(|what| told(&redactor, what)).collect(),
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
}

/// What a message says of an answer. It is cut only when secrets are out: a part of one would not be found.
fn told(redactor: &Redactor, what: &str) -> String {
    let text = redactor.text(what);
    match text.char_indices().nth(TOLD) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
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

fn begin_answer(incoming: &Incoming) -> Answer {
    Answer {
        status: incoming.status(),
        headers: incoming.headers(),
        body: Bytes::new(),
        ending: Ending::Complete,
        deviations: Vec::new(),
        events: None,
        received_at: Timestamp::now(),
        echoes_secret: false,
    }
}

/// The value may be a secret, so the message names the field alone.
fn check_headers(fields: &[(String, String)]) -> Result<(), Failure> {
    let sendable = |(name, value): &&(String, String)| {
        HeaderName::from_bytes(name.as_bytes()).is_ok() && HeaderValue::from_str(value).is_ok()
    };
    match fields.iter().find(|field| !sendable(field)) {
        Some((name, _)) => Err(Failure::NotSent(format!("the header field {name:?} cannot be sent"))),
        None => Ok(()),
    }
}
