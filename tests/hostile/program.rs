//! The program under test, what it is given to keep secret, and what it leaves behind.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tempfile::TempDir;

use crate::memory;
use crate::misbehaviour::Misbehaviour;
use crate::target::Target;

/// A JSON Web Token, as far as its form goes.
pub const TOKEN: &str =
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJob3N0aWxlLXRlc3QifQ.c2lnbmF0dXJlLW9mLXRoZS1ob3N0aWxlLXRlc3Q";

/// The value of a header field whose name says that it is a secret.
pub const KEY: &str = "key/of+the=hostile~test";

/// The value of a header field whose name does not say so.
pub const TEAM: &str = "team of the hostile-test";

/// The secret of an OAuth client.
pub const CLIENT_SECRET: &str = "client-secret+of/the-hostile-test";

/// What `encodeURIComponent` of a browser leaves as it is.
const COMPONENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'!').remove(b'*');

/// What every trial is limited by that says nothing else.
const LIMITS: [(&str, &str); 3] = [("--timeout", "3"), ("--poll-timeout", "4"), ("--deadline", "10")];

/// How often a process is looked at.
const LOOK: Duration = Duration::from_millis(4);

/// Every text that may stand nowhere in what the program leaves behind.
pub fn secrets() -> Vec<String> {
    let parts = TOKEN.split('.').skip(1);
    let mut secrets: Vec<String> = parts.map(str::to_owned).collect();
    for secret in [TOKEN, KEY, TEAM, CLIENT_SECRET] {
        let percent = utf8_percent_encode(secret, COMPONENT).to_string();
        secrets.extend([
            secret.to_owned(),
            STANDARD_NO_PAD.encode(secret),
            URL_SAFE_NO_PAD.encode(secret),
            STANDARD.encode(secret),
            URL_SAFE.encode(secret),
            lower_case_escapes(&percent),
            percent,
            utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
            base64_inside(&format!("Bearer {secret}")),
        ]);
    }
    secrets
}

/// A percent-encoded text with its hexadecimal digits in lower case.
fn lower_case_escapes(text: &str) -> String {
    let mut parts = text.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |shown, part| format!("{shown}%{}{}", part[..2].to_lowercase(), &part[2..]))
}

/// The base64 of a text that a secret ends, as far as no octet before or after has a part in it.
fn base64_inside(text: &str) -> String {
    let encoded = STANDARD_NO_PAD.encode(text);
    encoded[12..encoded.len() - 4].to_owned()
}

/// What the program did.
pub struct Done {
    /// None where it had to be killed.
    pub code: Option<i32>,
    pub took: Duration,
    /// Octets of resident memory; none where the system does not tell.
    pub memory: Option<usize>,
    /// What it printed and what it wrote, by name. Missing where it is not there.
    pub files: Vec<(&'static str, Option<Vec<u8>>)>,
}

impl Done {
    /// The text of what was printed or written.
    pub fn text(&self, name: &str) -> Result<&str, String> {
        let octets = self.files.iter().find(|(found, _)| *found == name);
        let octets = octets.and_then(|(_, octets)| octets.as_deref()).ok_or(format!("no {name}"))?;
        std::str::from_utf8(octets).map_err(|error| format!("{name} is not UTF-8: {error}"))
    }
}

/// Runs the program on a target, and ends it where it does not end within its limit.
pub async fn run(misbehaviour: &Misbehaviour, target: &Target) -> Done {
    let folder = TempDir::new().unwrap();
    let mut child = command(misbehaviour, target, folder.path()).spawn().unwrap();
    let (begun, limit) = (Instant::now(), misbehaviour.expected.within);
    let mut memory = None;
    let mut interrupted = None;
    let code = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        memory = memory::peak(child.id()).or(memory);
        let (since, limit) = match interrupted {
            Some(at) => (at, crate::expectation::AFTER_INTERRUPT),
            None => (begun, limit),
        };
        if since.elapsed() > limit {
            // It may end by itself in this moment.
            let _ = child.kill();
            let _ = child.wait();
            break None;
        }
        let wants_interrupt = misbehaviour.expected.interrupted && interrupted.is_none();
        tokio::select! {
            () = target.was_hit(), if wants_interrupt => {
                interrupt(&child);
                interrupted = Some(Instant::now());
            }
            () = tokio::time::sleep(LOOK) => {}
        }
    };
    let took = interrupted.unwrap_or(begun).elapsed();
    let files = ["stdout", "stderr", "report.json", "report.xml"]
        .map(|name| (name, std::fs::read(folder.path().join(name)).ok()))
        .into();
    Done { code, took, memory, files }
}

fn command(misbehaviour: &Misbehaviour, target: &Target, folder: &Path) -> Command {
    // The gate has a release build at hand, with which the trials take half the time.
    let program = std::env::var_os("ARP_HOSTILE_PROGRAM");
    let mut command = Command::new(program.unwrap_or_else(|| env!("CARGO_BIN_EXE_arp-conformance").into()));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ARP_")) {
        command.env_remove(name);
    }
    // Lines so long that nothing is wrapped inside a secret.
    command.env("COLUMNS", "10000").env("ARP_OAUTH_CLIENT_SECRET", CLIENT_SECRET);
    command.args(["--target", &target.url, "--service", misbehaviour.service.name(), "--verbose"]);
    command.args(["--header", &format!("X-Api-Key: {KEY}"), "--header", &format!("X-Team: {TEAM}")]);
    match &target.issuer {
        Some(issuer) => command.args(["--oauth-token-url", issuer, "--oauth-client-id", "hostile-test"]),
        None => command.args(["--token", TOKEN]),
    };
    for (flag, value) in LIMITS.iter().filter(|(flag, _)| !misbehaviour.flags.iter().any(|own| own == flag)) {
        command.args([flag, value]);
    }
    command.args(["--json", "report.json", "--junit", "report.xml"]).args(&misbehaviour.flags);
    let file = |name| File::create(folder.join(name)).unwrap();
    command.current_dir(folder).stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr"));
    command
}

/// Sends what Ctrl-C sends.
fn interrupt(child: &Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}
