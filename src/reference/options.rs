use clap::ValueEnum;

use super::fault::Fault;
use super::habit::{Habit, habits};
use crate::contract::Service;
use crate::report::model::AuthMode;

/// What a reference server is: which service, which of the ways that the standard leaves open it goes, and what is
/// wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    pub service: Service,
    pub auth: Auth,
    /// Whether the optional event stream is there.
    pub events: bool,
    /// Whether the Runtime's optional cancel is there; the Run Gateway always has it.
    pub cancel: bool,
    pub runs: RunsEnd,
    pub members: Members,
    pub absent: Absent,
    /// Unusual ways that are right.
    pub habits: Vec<&'static Habit>,
    /// Wrong ones; without any the server is conformant.
    pub faults: Vec<&'static Fault>,
}

/// How requests to protected operations are treated. Health and version are open in every mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Auth {
    /// No token is looked at
    #[default]
    Off,
    /// Without an Authorization header a request is anonymous; an invalid one answers 401
    Optional,
    /// A request without a valid token answers 401
    Required,
}

impl From<Auth> for AuthMode {
    fn from(auth: Auth) -> Self {
        match auth {
            Auth::Off => AuthMode::Off,
            Auth::Optional => AuthMode::Optional,
            Auth::Required => AuthMode::Required,
        }
    }
}

/// When runs end. Slow runs last some seconds in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum RunsEnd {
    /// Some 40 ms after they were created
    #[default]
    AfterAMoment,
    /// Before their creation is answered
    InThePost,
}

/// Which of the members that the schemas leave optional the answers carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, ValueEnum)]
pub enum Members {
    /// None but a result's output or error, which the standard asks for in prose
    Required,
    /// Those that an ordinary service sends: times, the run's context, the data of events, the details of errors
    #[default]
    Common,
    /// Every one, extensions included
    All,
}

/// How an optional endpoint that is not there answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Absent {
    /// 404 without a body, as a router answers by itself
    #[value(name = "bare-404")]
    Bare404,
    /// 404 with an ErrorEnvelope, code not_found
    #[default]
    #[value(name = "envelope-404")]
    Envelope404,
    /// 405 with an ErrorEnvelope
    #[value(name = "method-not-allowed-405")]
    MethodNotAllowed405,
    /// 501 with an ErrorEnvelope
    #[value(name = "not-implemented-501")]
    NotImplemented501,
}

impl Options {
    /// Everything implemented, no authentication, runs that end after a moment.
    pub fn new(service: Service) -> Self {
        Options {
            service,
            auth: Auth::default(),
            events: true,
            cancel: true,
            runs: RunsEnd::default(),
            members: Members::default(),
            absent: Absent::default(),
            habits: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Whether the server takes so long that a suite run against it takes many times as long as else.
    pub fn is_slow(&self) -> bool {
        self.habits.iter().any(|habit| habit.is_slow())
    }
}

impl Default for Options {
    fn default() -> Self {
        Options::new(Service::Runtime)
    }
}

/// Every way of being `service` that the suite tests itself against, each with its name; all are conformant.
pub fn configurations(service: Service) -> Vec<(&'static str, Options)> {
    let default = || Options::new(service);
    let mut configurations = vec![
        ("default", default()),
        ("auth-required", Options { auth: Auth::Required, ..default() }),
        ("auth-optional", Options { auth: Auth::Optional, ..default() }),
        ("runs-end-in-the-post", Options { runs: RunsEnd::InThePost, ..default() }),
        ("required-members-only", Options { members: Members::Required, ..default() }),
        ("all-members", Options { members: Members::All, ..default() }),
        ("no-events-bare-404", Options { events: false, absent: Absent::Bare404, ..default() }),
        ("no-events-envelope-404", Options { events: false, absent: Absent::Envelope404, ..default() }),
        ("no-events-405", Options { events: false, absent: Absent::MethodNotAllowed405, ..default() }),
        ("no-events-501", Options { events: false, absent: Absent::NotImplemented501, ..default() }),
    ];
    configurations.extend(match service {
        Service::Runtime => vec![
            ("no-cancel-bare-404", Options { cancel: false, absent: Absent::Bare404, ..default() }),
            ("no-cancel-envelope-404", Options { cancel: false, absent: Absent::Envelope404, ..default() }),
            ("no-cancel-405", Options { cancel: false, absent: Absent::MethodNotAllowed405, ..default() }),
            ("no-cancel-501", Options { cancel: false, absent: Absent::NotImplemented501, ..default() }),
        ],
        Service::RunGateway => vec![(
            "minimal",
            Options {
                events: false,
                absent: Absent::NotImplemented501,
                runs: RunsEnd::InThePost,
                members: Members::Required,
                ..default()
            },
        )],
    });
    let habits = habits(service).filter(|habit| !habit.is_demanding());
    configurations.extend(habits.map(|habit| (habit.name, habit.options(service))));
    configurations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_configuration_is_another_one() {
        for service in Service::ALL {
            let configurations = configurations(service);
            assert_eq!(configurations[0], ("default", Options::new(service)));
            for (i, (name, options)) in configurations.iter().enumerate() {
                assert_eq!(options.service, service);
                for (other, others) in &configurations[..i] {
                    assert_ne!(name, other);
                    assert_ne!(options, others, "{name} and {other}");
                }
            }
        }
    }
}
