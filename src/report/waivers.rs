//! Known failures: waivers let them pass, each for a reason and up to a day.
//!
//! A waiver that has expired, that is for nothing, or for what passes now is a failure of its own, so that a file of
//! waivers never holds more than what is wrong today. Nothing here reads a clock: the caller says which day it is.

mod apply;
mod read;
mod update;

use std::fmt;

use jiff::civil::Date;

use super::model::{CheckResult, TargetInfo};
use super::pattern::glob;
use crate::yaml::decode::list;
use crate::yaml::{Place, Trouble};

pub use read::day;
pub use update::{Dropped, Update};

/// The waivers of one file, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waivers {
    /// The file, as the user can find it.
    file: String,
    entries: Vec<Waiver>,
}

/// Lets the failures of some checks pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    pub waives: Waives,
    /// The name or the URL of the one target that it is for; none where it is for all.
    pub target: Option<String>,
    pub reason: String,
    /// The last day on which it holds.
    pub until: Date,
    /// Where the failure is being worked on.
    pub issue: Option<String>,
    place: Place,
}

/// What a waiver is for. In both ids `*` stands for any text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waives {
    /// Checks by their ids.
    Check(String),
    /// All checks of a requirement.
    Requirement(String),
}

/// Everything that is wrong with a file of waivers, in the order of places.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct WaiversError(pub Vec<Trouble>);

impl fmt::Display for WaiversError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        list(f, &self.0, "the waivers")
    }
}

impl fmt::Display for Waives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Waives::Check(id) => write!(f, "check {id}"),
            Waives::Requirement(id) => write!(f, "requirement {id}"),
        }
    }
}

impl Waives {
    /// Whether it is for a check with this id that decides these requirements.
    fn matches<'r>(&self, check: &str, requirements: impl IntoIterator<Item = &'r str>) -> bool {
        match self {
            Waives::Check(pattern) => glob(pattern, check),
            Waives::Requirement(pattern) => requirements.into_iter().any(|id| glob(pattern, id)),
        }
    }
}

impl Waiver {
    fn matches(&self, check: &CheckResult) -> bool {
        self.waives.matches(&check.id, check.requirements.iter().map(String::as_str))
    }

    /// Whether it is for this target.
    fn concerns(&self, target: &TargetInfo) -> bool {
        let plain = |url: &str| url.trim_end_matches('/').to_owned();
        self.target
            .as_ref()
            .is_none_or(|wanted| target.name.as_ref() == Some(wanted) || plain(&target.url) == plain(wanted))
    }
}

impl Waivers {
    /// Whether a failure of the check is let pass today, at the target with that name and URL.
    pub fn lets_pass(
        &self,
        check: &str,
        requirement: &str,
        name: Option<&str>,
        url: &str,
        today: Date,
    ) -> bool {
        let target = TargetInfo { name: name.map(str::to_owned), ..TargetInfo::unknown(url.to_owned()) };
        self.entries.iter().any(|waiver| {
            waiver.until >= today && waiver.concerns(&target) && waiver.waives.matches(check, [requirement])
        })
    }

    pub fn iter(&self) -> impl Iterator<Item = &Waiver> {
        self.entries.iter()
    }

    /// Refuses waivers of the same target that match the same check, for one of them would outlive the other.
    /// `checks` are the ids of all checks that there are, each with the requirements that it decides.
    ///
    /// # Errors
    ///
    /// One trouble for each waiver that another before it overlaps with.
    pub fn refuse_overlaps(&self, checks: &[(&str, Vec<&str>)]) -> Result<(), WaiversError> {
        let mut troubles = Vec::new();
        for (at, waiver) in self.entries.iter().enumerate() {
            let same_target = |other: &&Waiver| {
                other.target.is_none() || waiver.target.is_none() || other.target == waiver.target
            };
            let shared = self.entries[..at].iter().filter(same_target).find_map(|other| {
                let both = |(id, requirements): &&(&str, Vec<&str>)| {
                    [waiver, other].iter().all(|it| it.waives.matches(id, requirements.iter().copied()))
                };
                Some((other, checks.iter().find(both)?.0))
            });
            if let Some((other, id)) = shared {
                troubles.push(Trouble {
                    file: self.file.clone(),
                    place: waiver.place,
                    what: format!("this waiver and that of line {} both match {id}", other.place.line),
                    right: "keep one of them, or narrow their ids".into(),
                });
            }
        }
        match troubles.is_empty() {
            true => Ok(()),
            false => Err(WaiversError(troubles)),
        }
    }
}
