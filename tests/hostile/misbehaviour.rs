//! A misbehaviour as data: which requests it hits, what they get in place of an answer, and what is expected of the
//! program.

use std::time::Duration;

use arp_conformance::contract::Service;
use arp_conformance::report::model::{Outcome, Verdict};

use crate::answer::Right;
use crate::expectation::{Expectation, Says};

/// A part of what is sent on a connection. After the last one the connection is closed.
#[derive(Debug, Clone)]
pub enum Piece {
    Octets(Vec<u8>),
    /// The same octets, with a pause after each, until the client leaves.
    Endless(Vec<u8>, Duration),
    Pause(Duration),
    /// Nothing more, and the connection stays open until the client leaves.
    Hang,
    /// The connection is reset (RST) in place of being closed.
    Reset,
    /// The answer is whole: the connection takes another request.
    GoOn,
}

/// A request as the target got it.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    /// Names in lower case.
    pub fields: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Counts the requests from 1.
    pub number: usize,
    /// Counts those that the misbehaviour hits, from 1.
    pub hit: usize,
    /// The URL of a server that nobody has any business with.
    pub elsewhere: String,
}

/// Which requests are hit.
#[derive(Clone, Copy)]
pub struct Hits {
    pub are: fn(&Asked) -> bool,
    /// Flags that narrow a run to what sends such requests; without any, everything is judged.
    pub judging: &'static [&'static str],
}

/// What a request that is hit gets.
#[derive(Clone, Copy)]
pub enum Does {
    /// A connection gets this before any request is read, and is closed.
    Greet(fn() -> Vec<Piece>),
    /// The request gets this, and the right service never hears of it.
    Instead(fn(&Asked) -> Vec<Piece>),
    /// The right answer, made into something else. Streams stay as they are.
    Spoil(fn(&Asked, Right) -> Vec<Piece>),
    /// Nobody accepts connections: they wait to be accepted, and the queue of those that wait is full.
    NeverAccept,
    /// Nobody listens.
    NotThere,
}

/// What a target does wrong (or unusual, and right), and what is expected of the program there.
pub struct Misbehaviour {
    pub name: &'static str,
    pub service: Service,
    pub hits: Hits,
    pub does: Does,
    /// Flags of the program beside those of every trial.
    pub flags: Vec<String>,
    /// Where a token is fetched from: what the token endpoint answers. The secret is in the environment.
    pub issuer: Option<fn(&Asked) -> Vec<Piece>>,
    pub expected: Expectation,
}

impl Misbehaviour {
    /// A misbehaviour that is not to end `conformant`.
    pub fn new(name: &'static str, hits: Hits, does: Does) -> Self {
        let expected = Expectation::default();
        Misbehaviour {
            name,
            service: Service::Runtime,
            hits,
            does,
            flags: hits.judging.iter().map(|flag| (*flag).to_owned()).collect(),
            issuer: None,
            expected,
        }
    }

    pub fn at_a_gateway(self) -> Self {
        Misbehaviour { service: Service::RunGateway, ..self }
    }

    pub fn flags(mut self, flags: &[&str]) -> Self {
        self.flags.extend(flags.iter().map(|flag| (*flag).to_owned()));
        self
    }

    pub fn issuer(self, issuer: fn(&Asked) -> Vec<Piece>) -> Self {
        Misbehaviour { issuer: Some(issuer), ..self }
    }

    /// A check of the requirement fails, and says so with this text.
    pub fn fails(self, requirement: &'static str, text: &'static str) -> Self {
        self.verdicts(&[Verdict::NonConformant]).says(Some(requirement), Outcome::Fail, text)
    }

    /// A check fails, of whichever requirement.
    pub fn fails_somewhere(self) -> Self {
        self.verdicts(&[Verdict::NonConformant]).says(None, Outcome::Fail, "")
    }

    /// A check of the requirement, which is a should, is not met.
    pub fn warns(self, requirement: &'static str, text: &'static str) -> Self {
        self.any_verdict().says(Some(requirement), Outcome::Warn, text)
    }

    /// Nothing can be said of the requirement, and why is told.
    pub fn errs(self, requirement: &'static str, text: &'static str) -> Self {
        self.says(Some(requirement), Outcome::Error, text)
    }

    /// Checks were given up, and why is told.
    pub fn blocks(self, text: &'static str) -> Self {
        self.says(None, Outcome::Skip, text)
    }

    pub fn not_judged(self) -> Self {
        self.verdicts(&[Verdict::NotJudged])
    }

    /// What is unusual here is right, and nobody may be blamed. Limits are so far away that a slow machine is no reason.
    pub fn right(self) -> Self {
        let far = self.flags(&["--timeout", "20", "--poll-timeout", "30", "--deadline", "60"]);
        far.within(70).verdicts(&[Verdict::Conformant])
    }

    /// What is hostile here is no violation by itself.
    pub fn any_verdict(self) -> Self {
        use Verdict::*;
        self.verdicts(&[Conformant, NonConformant, Partial, NotJudged])
    }

    /// The program ends before it asks the target anything, with exit code 2.
    pub fn refuses_to_begin(mut self) -> Self {
        self.expected.begins = false;
        self
    }

    /// The user interrupts the program once a request was hit.
    pub fn interrupted(mut self) -> Self {
        self.expected.interrupted = true;
        self.any_verdict()
    }

    /// The target gets at most this many requests.
    pub fn requests(mut self, at_most: usize) -> Self {
        self.expected.requests = at_most;
        self
    }

    /// The program has ended after this many seconds.
    pub fn within(mut self, seconds: u64) -> Self {
        self.expected.within = Duration::from_secs(seconds);
        self
    }

    fn verdicts(mut self, verdicts: &[Verdict]) -> Self {
        self.expected.verdicts = verdicts.to_vec();
        self
    }

    fn says(mut self, requirement: Option<&'static str>, outcome: Outcome, text: &'static str) -> Self {
        self.expected.says.push(Says { requirement, outcome, text });
        self
    }
}

/// The requests that most misbehaviours hit.
pub mod hits {
    use super::{Asked, Hits};

    /// How many requests the first look sends where it knows the service.
    const FIRST_LOOK: usize = 12;

    pub const HEALTH: Hits =
        Hits { are: |asked| asked.is("GET", "/v1/health"), judging: &["--tier", "smoke"] };
    /// Reads of the version, that of the first look included.
    pub const VERSION: Hits = Hits { are: |asked| asked.is("GET", "/v1/version"), judging: VERSIONS };
    /// Reads of the version but the first one, which is to tell that the target is a service at all.
    pub const VERSION_AGAIN: Hits =
        Hits { are: |asked| asked.number > 1 && asked.is("GET", "/v1/version"), judging: VERSIONS };
    const VERSIONS: &[&str] = &["--only", "*/health/version*", "--only", "*GET /v1/version"];
    pub const NONE: Hits = everything(|_| false);
    pub const EVERY: Hits = everything(|_| true);
    pub const ALL_BUT_THE_FIRST: Hits = everything(|asked| asked.number > 1);
    /// Every request once some scenarios were tried.
    pub const LATER: Hits = everything(|asked| asked.number > 25);
    /// Starts of runs that may be accepted.
    pub const STARTS: Hits = Hits {
        are: |asked| asked.is("POST", "/v1/runs") && asked.body.starts_with(b"{") && asked.body != b"{}",
        judging: &["--only", "*/runs/*", "--only", "*POST /v1/runs"],
    };
    /// Reads of runs, once runs may have been started.
    pub const RUN: Hits = Hits {
        are: |asked| asks(asked, ""),
        judging: &["--only", "*/life/*", "--only", "*/runs/*", "--only", "*GET /v1/runs/{run_id}"],
    };
    /// Streams of runs, once runs may have been started.
    pub const EVENTS: Hits = Hits {
        are: |asked| asks(asked, "/events"),
        judging: &["--only", "*/events/*", "--only", "*GET /v1/runs/{run_id}/events"],
    };

    pub const fn everything(are: fn(&Asked) -> bool) -> Hits {
        Hits { are, judging: &[] }
    }

    fn asks(asked: &Asked, part: &str) -> bool {
        let is_about = asked.run().is_some_and(|(_, found)| found == part);
        asked.number > FIRST_LOOK && asked.method == "GET" && is_about
    }
}

impl Asked {
    pub fn is(&self, method: &str, path: &str) -> bool {
        self.method == method && self.path == path
    }

    /// The run that the path names, as the path has it, and what of it is asked for.
    pub fn run(&self) -> Option<(&str, &str)> {
        let rest = self.path.strip_prefix("/v1/runs/")?;
        Some(rest.split_at(rest.find(['/', ':']).unwrap_or(rest.len())))
    }

    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}
