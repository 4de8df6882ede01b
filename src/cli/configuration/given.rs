//! A flag with its values, and where they stand.

use std::ffi::OsString;
use std::fmt;
use std::rc::Rc;

use clap::builder::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::flag::{Flag, Kind};

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    CommandLine,
    Variable(String),
    File { name: Rc<str>, line: usize, column: usize },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::CommandLine => f.write_str("the command line"),
            Place::Variable(name) => f.write_str(name),
            Place::File { name, line, column } => write!(f, "{name}:{line}:{column}"),
        }
    }
}

/// Something wrong, told with its place. It never holds a value that may be a secret.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {what}")]
pub(super) struct Wrong {
    pub place: Place,
    pub what: String,
}

#[derive(Debug, Clone)]
pub(super) struct Given<'f> {
    pub flag: &'f Flag,
    /// As they are typed; a switch that is on has the one value `true`, one that is off has none.
    pub values: Vec<String>,
    pub place: Place,
}

impl<'f> Given<'f> {
    /// Checks each value as if it were typed.
    ///
    /// # Errors
    ///
    /// Where the flag does not take a value, in the words of the flag's own parser.
    pub fn new(flag: &'f Flag, values: Vec<String>, place: Place, command: &Command) -> Result<Self, Wrong> {
        let given = Given { flag, values, place };
        match command.clone().try_get_matches_from(given.command_line()) {
            Ok(_) => Ok(given),
            Err(error) => {
                let what = format!("{}: {}", flag.name, why(&error));
                Err(Wrong { place: given.place, what })
            }
        }
    }

    /// Something is given, and not a switch that is off.
    pub fn is_on(&self) -> bool {
        !self.values.is_empty()
    }

    /// The flag and its values as somebody types them. Written with `=`, for a value may begin with a dash.
    pub fn typed(&self) -> impl Iterator<Item = OsString> {
        self.values.iter().map(|value| match self.flag.kind {
            Kind::Switch => format!("--{}", self.flag.name).into(),
            _ => format!("--{}={value}", self.flag.name).into(),
        })
    }

    /// The program with this flag alone.
    pub fn command_line(&self) -> Vec<OsString> {
        std::iter::once(OsString::from("arp-conformance")).chain(self.typed()).collect()
    }
}

/// Why a value is not taken. Values are told only where the flag's are few and known, so none of them is a secret.
fn why(error: &clap::Error) -> String {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) if !texts.is_empty() => Some(texts.join(", ")),
        _ => None,
    };
    match (error.kind(), std::error::Error::source(error), text(ContextKind::ValidValue)) {
        (ErrorKind::ValueValidation, Some(source), _) => source.to_string(),
        (ErrorKind::InvalidValue, _, Some(known)) => {
            let value = text(ContextKind::InvalidValue).unwrap_or_default();
            format!("{value:?} is none of {known}")
        }
        (ErrorKind::InvalidValue, ..) => "a value has to stand here".to_owned(),
        (kind, ..) => kind.to_string(),
    }
}
