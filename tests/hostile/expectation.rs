//! What is expected of the program at a target, and what holds whatever the target is.

use std::time::Duration;

use arp_conformance::report::model::{CheckResult, Outcome, Report, SkipReason, Verdict};

use crate::memory;
use crate::program::{Done, secrets};
use crate::target::Target;

/// How long the program may take to end after it was interrupted. It is to be one second; the rest is the machine's.
pub const AFTER_INTERRUPT: Duration = Duration::from_secs(5);

/// How long it may take to end at all, where the trial says nothing else: the deadline of every trial, what is tidied up
/// after it, and the machine's part.
const WITHIN: Duration = Duration::from_secs(20);

/// More requests than any run sends.
const REQUESTS: usize = 1000;

/// Connections that may be opened and not used.
const SPARE_CONNECTIONS: usize = 16;

/// The largest report that is still a report.
const LARGEST_REPORT: usize = 24 << 20;

pub struct Expectation {
    /// One of these.
    pub verdicts: Vec<Verdict>,
    /// All of these.
    pub says: Vec<Says>,
    pub within: Duration,
    pub requests: usize,
    pub interrupted: bool,
    /// It asks the target at all.
    pub begins: bool,
}

/// A result that has to be there.
pub struct Says {
    /// None: whichever requirement it is.
    pub requirement: Option<&'static str>,
    pub outcome: Outcome,
    /// A part of its message or of a finding.
    pub text: &'static str,
}

impl Default for Expectation {
    /// Whatever is wrong with a target, it does not end conformant.
    fn default() -> Self {
        Expectation {
            verdicts: vec![Verdict::NonConformant, Verdict::Partial, Verdict::NotJudged],
            says: Vec::new(),
            within: WITHIN,
            requests: REQUESTS,
            interrupted: false,
            begins: true,
        }
    }
}

/// Everything that is not as it has to be, one a line.
#[derive(Default)]
pub struct Wrong(pub Vec<String>);

impl Wrong {
    fn unless(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.0.push(what());
        }
    }
}

impl Expectation {
    /// Holds what the program did against what is expected.
    pub fn judge(&self, done: &Done, target: &Target) -> Wrong {
        let mut wrong = Wrong::default();
        let Some(code) = done.code else {
            wrong.0.push(format!("it had not ended by itself after {:?}", done.took));
            return wrong;
        };
        if let Some(memory) = done.memory {
            wrong.unless(memory < memory::MOST, || format!("it took {} MiB of memory", memory >> 20));
        }
        kept_secrets(done, &mut wrong);
        shown_safely(done, &mut wrong);
        sent_nothing_astray(target, &mut wrong);
        if !self.begins {
            wrong.unless(code == 2, || format!("exit code {code} and not 2: {:?}", done.text("stderr")));
            return wrong;
        }
        let junit = done.text("report.xml").and_then(|xml| {
            quick_junit::Report::deserialize_from_str(xml).map_err(|error| format!("JUnit: {error}"))
        });
        wrong.0.extend(junit.err());
        let report = done.text("report.json").and_then(|json| {
            arp_conformance::report::read(json).map_err(|error| format!("JSON report: {error}"))
        });
        match report {
            Ok(report) => self.judge_report(&report, code, done, target, &mut wrong),
            Err(error) => {
                wrong.0.push(format!("{error}; exit code {code}, stderr {:?}", done.text("stderr")));
            }
        }
        wrong
    }

    fn judge_report(&self, report: &Report, code: i32, done: &Done, target: &Target, wrong: &mut Wrong) {
        let verdict = report.verdict;
        wrong.unless(self.verdicts.contains(&verdict), || {
            format!("the verdict is {} ({})", verdict.name(), why(report))
        });
        let may_be_right = self.verdicts.contains(&Verdict::Conformant);
        wrong.unless(may_be_right || report.results.iter().any(is_no_pass), || {
            format!("everything passed or did not apply ({})", why(report))
        });
        let wanted = if self.interrupted { 130 } else { i32::from(report.exit_code(false)) };
        wrong.unless(code == wanted, || format!("exit code {code} and not {wanted}"));
        for says in &self.says {
            wrong.unless(report.results.iter().any(|result| says.is_said_by(result)), || {
                let requirement = says.requirement.unwrap_or("any requirement");
                let found = found(report, says.requirement);
                format!("no {} of {requirement} says {:?}; {found}", says.outcome.name(), says.text)
            });
        }
        for result in report.results.iter().filter(|result| result.outcome == Outcome::Error) {
            wrong.unless(is_plain(&result.message), || {
                format!("{}: no plain sentence: {:?}", result.id, result.message)
            });
        }
        let (requests, connections) = (target.asked().len(), target.connections());
        wrong.unless(requests <= self.requests, || format!("{requests} requests"));
        wrong.unless(connections <= report.requests as usize + SPARE_CONNECTIONS, || {
            format!("{connections} connections for {} requests", report.requests)
        });
        for (name, octets) in &done.files {
            let length = octets.as_ref().map_or(0, Vec::len);
            wrong.unless(length <= LARGEST_REPORT, || format!("{name} has {} MiB", length >> 20));
        }
    }
}

impl Says {
    fn is_said_by(&self, result: &CheckResult) -> bool {
        let is_about = self.requirement.is_none_or(|id| result.requirements.iter().any(|found| found == id));
        let is_blocked = self.outcome != Outcome::Skip || result.reason == Some(SkipReason::Blocked);
        let words =
            result.findings.iter().flat_map(|finding| [&finding.actual, &finding.expected, &finding.at]);
        let is_told = [&result.message].into_iter().chain(words).any(|words| words.contains(self.text));
        is_about && is_blocked && is_told && result.outcome == self.outcome
    }
}

/// A finding, an error, or nothing where something was to be judged.
fn is_no_pass(result: &CheckResult) -> bool {
    match result.outcome {
        Outcome::Fail | Outcome::Warn | Outcome::Error => true,
        Outcome::Skip => matches!(result.reason, Some(SkipReason::Blocked | SkipReason::NotMeasured)),
        Outcome::Pass | Outcome::Info => false,
    }
}

/// What a run found, in a few words, for whoever reads why a trial failed.
fn why(report: &Report) -> String {
    let worst = report.results.iter().filter(|it| matches!(it.outcome, Outcome::Fail | Outcome::Error));
    let worst: Vec<String> = worst.take(3).map(in_short).collect();
    let explanation = report.explanation.as_ref().map(|explanation| explanation.what.as_str());
    format!("{} requests, {}; {}", report.requests, explanation.unwrap_or("no explanation"), worst.join("; "))
}

/// What was found of one requirement.
fn found(report: &Report, requirement: Option<&str>) -> String {
    let results = report.results.iter();
    let of = |it: &&CheckResult| requirement.is_none_or(|id| it.requirements.iter().any(|found| found == id));
    let told: Vec<String> = results
        .filter(of)
        .filter(|it| it.outcome != Outcome::Pass && it.reason != Some(SkipReason::NotApplicable))
        .take(4)
        .map(in_short)
        .collect();
    if told.is_empty() { "nothing but passes".into() } else { format!("there is {}", told.join("; ")) }
}

fn in_short(result: &CheckResult) -> String {
    let actual = result.findings.first().map(|finding| finding.actual.as_str()).unwrap_or_default();
    let said = format!("{} {} {} {actual}", result.outcome.name(), result.id, result.message);
    said.chars().take(200).collect()
}

/// A sentence for whoever runs the program, and not for whoever wrote it.
fn is_plain(message: &str) -> bool {
    !message.trim().is_empty()
        && !["::", "Error(", "Some(", "Err(", "{ "].iter().any(|sign| message.contains(sign))
}

fn kept_secrets(done: &Done, wrong: &mut Wrong) {
    let secrets = secrets();
    for (name, octets) in &done.files {
        let text = String::from_utf8_lossy(octets.as_deref().unwrap_or_default());
        if let Some(secret) = secrets.iter().find(|secret| text.contains(*secret)) {
            let at = text.find(secret).unwrap_or_default();
            let before: String = text[..at].chars().rev().take(60).collect();
            let before: String = before.chars().rev().collect();
            wrong.0.push(format!("{name} tells the secret {secret:?}, after {before:?}"));
        }
    }
}

/// Neither a terminal nor an XML reader meets a character that does something.
fn shown_safely(done: &Done, wrong: &mut Wrong) {
    for name in ["stdout", "stderr", "report.xml"] {
        let Ok(text) = done.text(name) else { continue };
        if let Some(raw) = text.chars().find(|c| is_raw(*c)) {
            wrong.0.push(format!("{name} holds {raw:?} as it is"));
        }
    }
}

/// Control characters but for line ends, bidirectional controls, and what XML forbids.
fn is_raw(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{fffe}' | '\u{ffff}')
}

fn sent_nothing_astray(target: &Target, wrong: &mut Wrong) {
    wrong.unless(target.astray() == 0, || format!("{} connections went elsewhere", target.astray()));
    for asked in target.asked() {
        wrong.unless(!is_stray(&asked.path), || format!("a request went to {:?}", asked.path));
        wrong.unless(asked.field("cookie").is_none(), || "a request carried a cookie".into());
        let own = asked.field("host").is_some_and(|host| target.url.ends_with(host));
        wrong.unless(own, || format!("a request was meant for {:?}", asked.field("host")));
    }
}

/// Paths that only an id can have made which is more than one segment, or none.
fn is_stray(path: &str) -> bool {
    let Some(rest) = path.strip_prefix("/v1/") else { return true };
    let segments: Vec<&str> = rest.split('/').collect();
    let parts = |part: &str| matches!(part, "events" | "result");
    match segments[..] {
        ["runs", id] => matches!(id, "" | "." | ".." | ":cancel"),
        ["runs", id, part] => id.is_empty() || !parts(part),
        [one] => one.is_empty() || parts(one) || one.len() > 64,
        ["node-runs", _] => false,
        _ => true,
    }
}
