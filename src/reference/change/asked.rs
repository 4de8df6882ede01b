use axum::body::Bytes;
use http::HeaderMap;

use crate::reference::reply::{Content, Reply};
use crate::reference::route::Operation;
use crate::reference::runs::State;

/// What an answer is an answer to.
pub struct Asked {
    /// Nothing where path and method name no operation of the contract.
    pub operation: Option<Operation>,
    /// The run that the path names; empty where it names none.
    pub run_id: String,
    /// That run's state before the operation; nothing where there is no such run.
    pub before: Option<State>,
    /// As it was sent, without the query.
    pub path: String,
    pub headers: HeaderMap,
    /// Empty where it was too large to be read.
    pub body: Bytes,
}

impl Asked {
    /// Whether the run went on when it was asked for.
    pub fn lives(&self) -> bool {
        self.before.is_some_and(|state| !state.is_terminal())
    }

    /// Whether the run was over when it was asked for.
    pub fn is_over(&self) -> bool {
        self.before.is_some_and(State::is_terminal)
    }

    /// The Authorization header, empty where there is none.
    pub fn authorization(&self) -> &str {
        self.header("authorization")
    }

    /// A header as text, empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// Which answers a change is about. Every condition that is named has to hold.
pub struct When {
    operations: Whose,
    status: Class,
    /// The text at this JSON Pointer of a JSON body is one of these.
    body: Option<(&'static str, &'static [&'static str])>,
    asked: Option<fn(&Asked) -> bool>,
}

enum Whose {
    Anything,
    These(&'static [Operation]),
    Outside,
}

#[derive(Clone, Copy)]
enum Class {
    Any,
    Success,
    Refusal,
    Is(u16),
}

/// Answers of these operations.
pub const fn on(operations: &'static [Operation]) -> When {
    When { operations: Whose::These(operations), ..anything() }
}

/// Answers to paths and methods that are no operation.
pub const fn outside() -> When {
    When { operations: Whose::Outside, ..anything() }
}

/// Every answer.
pub const fn anything() -> When {
    When { operations: Whose::Anything, status: Class::Any, body: None, asked: None }
}

impl When {
    /// Only with a status in 2xx.
    pub const fn ok(mut self) -> Self {
        self.status = Class::Success;
        self
    }

    /// Only with a status outside 2xx.
    pub const fn refused(mut self) -> Self {
        self.status = Class::Refusal;
        self
    }

    /// Only with this status.
    pub const fn status(mut self, status: u16) -> Self {
        self.status = Class::Is(status);
        self
    }

    /// Only where the text at `pointer` of a JSON body is one of `texts`.
    pub const fn says(mut self, pointer: &'static str, texts: &'static [&'static str]) -> Self {
        self.body = Some((pointer, texts));
        self
    }

    /// Only where this holds of the request.
    pub const fn asked(mut self, asked: fn(&Asked) -> bool) -> Self {
        self.asked = Some(asked);
        self
    }

    pub fn holds(&self, asked: &Asked, reply: &Reply) -> bool {
        let is_its_operation = match (&self.operations, reply.operation) {
            (Whose::Anything, _) => true,
            (Whose::These(operations), Some(operation)) => operations.contains(&operation),
            (Whose::Outside, operation) => operation.is_none(),
            (Whose::These(_), None) => false,
        };
        let is_its_status = match self.status {
            Class::Any => true,
            Class::Success => reply.status.is_success(),
            Class::Refusal => !reply.status.is_success(),
            Class::Is(status) => reply.status == status,
        };
        let says = self.body.is_none_or(|(pointer, texts)| match &reply.content {
            Content::Json(body) => body
                .pointer(pointer)
                .and_then(serde_json::Value::as_str)
                .is_some_and(|text| texts.contains(&text)),
            _ => false,
        });
        is_its_operation && is_its_status && says && self.asked.is_none_or(|which| which(asked))
    }
}
