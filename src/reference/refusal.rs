use http::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::draft::Draft;
use super::options::Members;
use super::reply::Reply;
use super::route::Endpoint;

/// Why a request gets no success: becomes an ErrorEnvelope.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    error: Box<ErrorDetail>,
    header: Option<(HeaderName, HeaderValue)>,
}

/// The standard's Error: what went wrong, in an ErrorEnvelope and in the result of a run that failed.
#[derive(Debug, Clone)]
pub struct ErrorDetail {
    /// Machine-readable, in snake case.
    pub code: &'static str,
    pub message: String,
    pub details: Option<Value>,
    /// Whether the same request may succeed later.
    pub retryable: bool,
}

impl Refusal {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Refusal { status, error: Box::new(ErrorDetail::new(code, message)), header: None }
    }

    /// 400 for a body that does not follow the contract. `violations` are objects of `at` (JSON Pointer) and `expected`.
    pub fn invalid_request(message: impl Into<String>, violations: Vec<Value>) -> Self {
        let refusal = Refusal::new(StatusCode::BAD_REQUEST, "invalid_request", message);
        if violations.is_empty() {
            refusal
        } else {
            refusal.with_details(json!({ "violations": violations }))
        }
    }

    /// 401 with the challenge that RFC 6750, section 3, asks for; `parameters` follow the realm.
    pub fn unauthorized(code: &'static str, message: &str, parameters: &str) -> Self {
        let challenge = format!("Bearer realm=\"arp\"{parameters}");
        Refusal {
            // Challenges are put together from texts of this program, all of them visible ASCII.
            header: HeaderValue::from_str(&challenge).ok().map(|value| (WWW_AUTHENTICATE, value)),
            ..Refusal::new(StatusCode::UNAUTHORIZED, code, message)
        }
    }

    /// 404 for a path outside the contract.
    pub fn no_such_path() -> Self {
        Refusal::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this path")
    }

    /// 404 for a run that does not exist.
    pub fn no_such_run() -> Self {
        Refusal::new(StatusCode::NOT_FOUND, "run_not_found", "there is no run with this id")
    }

    /// 409 for the result of a run that is not over.
    pub fn run_not_finished() -> Self {
        let mut refusal = Refusal::new(
            StatusCode::CONFLICT,
            "run_not_finished",
            "the run is not over, so it has no result yet",
        );
        refusal.error.retryable = true;
        refusal
    }

    /// 429 for a request that comes when there are too many; the same may be asked again after a second.
    pub fn busy() -> Self {
        let mut refusal =
            Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "ask again in a second");
        refusal.error.retryable = true;
        refusal.header = Some((RETRY_AFTER, HeaderValue::from_static("1")));
        refusal
    }

    /// 405 with the methods of the endpoints that the path has (RFC 9110, section 15.5.6); there may be none.
    pub fn method_not_allowed<'a>(allowed: impl Iterator<Item = &'a Endpoint>) -> Self {
        let mut names = Vec::new();
        for endpoint in allowed {
            names.push(endpoint.method.as_str());
            if endpoint.method == Method::GET {
                names.push(Method::HEAD.as_str());
            }
        }
        Refusal {
            header: HeaderValue::from_str(&names.join(", ")).ok().map(|value| (ALLOW, value)),
            ..Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "this path does not take this method",
            )
        }
    }

    pub fn with_details(mut self, details: Value) -> Self {
        self.error.details = Some(details);
        self
    }

    /// The answer: an ErrorEnvelope.
    pub fn into_reply(self, members: Members) -> Reply {
        let envelope = Draft::new(members).always("error", self.error.to_json(members)).extensible();
        let mut reply = Reply::json(self.status, envelope);
        reply.headers.extend(self.header);
        reply
    }
}

impl ErrorDetail {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        ErrorDetail { code, message: message.into(), details: None, retryable: false }
    }

    pub fn to_json(&self, members: Members) -> Value {
        let cause = Draft::new(members)
            .always("message", "the reference server was asked for it")
            .rare("code", "sample_cause");
        Draft::new(members)
            .always("code", self.code)
            .always("message", self.message.as_str())
            .rare("details", json!({"sample": true}))
            .common("details", self.details.clone())
            .rare("retryable", self.retryable)
            .rare("cause", cause.rare("details", json!({"sample": true})).extensible())
            .extensible()
    }
}
