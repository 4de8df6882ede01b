use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use http::HeaderMap;

use crate::contract::{Service, Violation};
use crate::reference::auth::TokenError;
use crate::reference::reply::Reply;
use crate::reference::route::Operation;

use super::{Asked, Edit, Switch, Switches, When};

/// One change.
pub enum Change {
    /// Answers are edited, one edit after the other, where all of `When` holds.
    Answer(When, &'static [Edit]),
    /// The path is another one before it is routed.
    Path(fn(&str) -> String),
    /// The request is another one before it is read.
    Request(fn(&mut Incoming)),
    /// These violations of the request's schema do not count.
    Overlook(fn(&Violation) -> bool),
    /// Who would be turned away for one of these reasons comes in, at these operations.
    Admit(&'static [Operation], &'static [TokenError]),
    /// These open operations ask for a token too.
    Demand(&'static [Operation]),
    /// Once such a request came, every later answer is a 500.
    Poison(fn(&Asked) -> bool),
    /// Every answer waits so long.
    Delay(Duration),
    /// Every answer with this number, counted from 1, is a 429 instead.
    Busy(u32),
    /// Answers are sent with gzip to whoever takes it.
    Compress,
    /// The store or the gate goes another way.
    Behave(Switch),
}

/// A request that a [`Change::Request`] may edit.
pub struct Incoming<'a> {
    pub service: Service,
    pub headers: &'a mut HeaderMap,
    pub body: &'a mut Bytes,
}

/// All the changes of one server, in the order in which they apply.
#[derive(Default)]
pub struct Changes(Vec<&'static Change>);

impl Changes {
    pub fn new(changes: impl IntoIterator<Item = &'static Change>) -> Self {
        Changes(changes.into_iter().collect())
    }

    pub fn switches(&self) -> Switches {
        self.0
            .iter()
            .filter_map(|change| match change {
                Change::Behave(switch) => Some(*switch),
                _ => None,
            })
            .collect()
    }

    pub fn path(&self, path: &str) -> String {
        self.0.iter().fold(path.to_owned(), |path, change| match change {
            Change::Path(edit) => edit(&path),
            _ => path,
        })
    }

    pub fn receive(&self, mut incoming: Incoming) {
        for change in &self.0 {
            if let Change::Request(edit) = change {
                edit(&mut incoming);
            }
        }
    }

    pub fn overlooks(&self, violation: &Violation) -> bool {
        self.0.iter().any(|change| matches!(change, Change::Overlook(which) if which(violation)))
    }

    pub fn admits(&self, operation: Option<Operation>, lapse: TokenError) -> bool {
        self.0.iter().any(|change| match change {
            Change::Admit(operations, lapses) => {
                operation.is_some_and(|operation| operations.contains(&operation)) && lapses.contains(&lapse)
            }
            _ => false,
        })
    }

    pub fn demands_token(&self, operation: Operation) -> bool {
        self.0.iter().any(|change| matches!(change, Change::Demand(which) if which.contains(&operation)))
    }

    pub fn is_poison(&self, asked: &Asked) -> bool {
        self.0.iter().any(|change| matches!(change, Change::Poison(which) if which(asked)))
    }

    pub fn delay(&self) -> Duration {
        self.0
            .iter()
            .map(|change| match change {
                Change::Delay(delay) => *delay,
                _ => Duration::ZERO,
            })
            .sum()
    }

    /// Whether the answer with this number is a 429.
    pub fn is_busy(&self, number: u32) -> bool {
        self.0.iter().any(|change| matches!(change, Change::Busy(every) if number.is_multiple_of(*every)))
    }

    pub fn compresses(&self) -> bool {
        self.0.iter().any(|change| matches!(change, Change::Compress))
    }

    pub fn edit(&self, asked: &Arc<Asked>, reply: &mut Reply) {
        for change in &self.0 {
            if let Change::Answer(when, edits) = change
                && when.holds(asked, reply)
            {
                edits.iter().for_each(|edit| edit.apply(asked, reply));
            }
        }
    }
}
