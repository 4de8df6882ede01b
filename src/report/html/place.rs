//! The names of places in the page. Those of requirements are also what the filters read from the address.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands for itself in a name.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// The part of a page that belongs to one report: its number, from 1, where there are several.
pub(super) struct Place {
    pub number: Option<usize>,
}

impl Place {
    /// `target=2`, for a whole report.
    pub fn report(&self) -> String {
        self.number.map(|number| format!("target={number}")).unwrap_or_default()
    }

    /// `req=RUN-3`, or `target=2&req=RUN-3`.
    pub fn requirement(&self, id: &str) -> String {
        let id = utf8_percent_encode(id, ENCODED);
        match self.number {
            Some(number) => format!("target={number}&req={id}"),
            None => format!("req={id}"),
        }
    }

    /// `x12`, or `t2-x12`: the exchange in the list of all.
    pub fn exchange(&self, id: u64) -> String {
        self.named(&format!("x{id}"))
    }

    /// A name of this report's own.
    pub fn named(&self, name: &str) -> String {
        match self.number {
            Some(number) => format!("t{number}-{name}"),
            None => name.to_owned(),
        }
    }
}
