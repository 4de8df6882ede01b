//! What a user has to mend before anything is sent.

use std::io::ErrorKind;
use std::net::TcpListener;

use crate::program::{Done, Session, program, run};

/// A session whose commands all end as wrong usage, without a request to the target that they name.
struct Wrong {
    session: Session,
    target: TcpListener,
}

impl Wrong {
    fn new() -> Self {
        Wrong { session: Session::new(), target: TcpListener::bind("127.0.0.1:0").unwrap() }
    }

    fn url(&self) -> String {
        format!("http://{}", self.target.local_addr().unwrap())
    }

    /// Runs the program with arguments beside the target.
    fn run(&mut self, arguments: &[&str]) {
        let url = self.url();
        self.run_plain(&[&["--target", &url], arguments].concat());
    }

    fn run_plain(&mut self, arguments: &[&str]) {
        let done = self.session.run(arguments);
        assert_eq!(done.code, Some(2), "{arguments:?}");
        assert_eq!(done.stdout, "", "{arguments:?}");
    }

    fn assert(self, name: &str) {
        self.target.set_nonblocking(true).unwrap();
        let nobody = self.target.accept().map(|_| ()).unwrap_err();
        assert_eq!(nobody.kind(), ErrorKind::WouldBlock, "something was sent");
        self.session.assert(name);
    }
}

#[test]
fn help_says_all_there_is() {
    let mut session = Session::new();
    for arguments in [
        &["--help"][..],
        &["list", "--help"],
        &["explain", "--help"],
        &["serve", "--help"],
        &["self-test", "--help"],
    ] {
        assert_eq!(session.run(arguments).code, Some(0));
    }
    session.assert("help");
}

#[test]
fn the_version_is_the_package_s() {
    let Done { stdout, stderr, code } = run(&mut program(&["--version"]));
    assert_eq!(stdout, concat!("arp-conformance ", env!("CARGO_PKG_VERSION"), "\n"));
    assert_eq!((&*stderr, code), ("", Some(0)));
}

#[test]
fn wrong_arguments() {
    let mut wrong = Wrong::new();
    wrong.run_plain(&[]);
    wrong.run(&["--formatt", "json"]);
    wrong.run(&["--format", "yaml"]);
    wrong.run(&["--tier", "deepest"]);
    wrong.run(&["--service", "rutime"]);
    wrong.run(&["--jobs", "0"]);
    wrong.run(&["--timeout", "0"]);
    wrong.run(&["--poll-timeout", "soon"]);
    wrong.run(&["--quiet", "--verbose"]);
    wrong.run(&["--feature", "cancel=maybe"]);
    wrong.run(&["--feature", "rewind=absent"]);
    wrong.run(&["serve"]);
    wrong.run_plain(&["serve", "--auth", "maybe"]);
    wrong.assert("wrong_arguments");
}

#[test]
fn wrong_targets() {
    let mut wrong = Wrong::new();
    let address = wrong.url().replace("http://", "");
    wrong.run_plain(&["--target", &address]);
    wrong.run_plain(&["--target", "localhost:8081"]);
    wrong.run_plain(&["--target", &format!("ftp://{address}")]);
    wrong.run_plain(&["--target", "http://"]);
    wrong.run_plain(&["--target", ""]);
    wrong.run_plain(&["--target", &format!("http://{address}/v1?verbose")]);
    wrong.run_plain(&["--target", &format!("http://me:secret@{address}")]);
    wrong.assert("wrong_targets");
}

#[test]
fn wrong_credentials_and_variables() {
    let mut wrong = Wrong::new();
    wrong.session.write("empty", "\n");
    wrong.run(&["--token", "two words"]);
    wrong.run(&["--token", "one", "--token-file", "another"]);
    wrong.run(&["--token-file", "nowhere"]);
    wrong.run(&["--token-file", "empty"]);
    wrong.run(&["--header", "x-team"]);
    wrong.run(&["--header", "x team: blue"]);
    wrong.run(&["--set", "goal"]);
    wrong.run(&["--set", "goul=say hello"]);
    wrong.run(&["--set", "input={goal: 1}"]);
    wrong.run(&["--set", "slow_input="]);
    wrong.run(&["--requirement", "RUN-99"]);
    wrong.assert("wrong_credentials_and_variables");
}

#[test]
fn wrong_waivers() {
    let mut wrong = Wrong::new();
    wrong.session.write("torn.yaml", "- {check: RUN-1, reason: [known\n");
    wrong.session.write("one.yaml", "check: RUN-1\n");
    wrong
        .session
        .write("keys.yaml", "- {check: RUN-1, requirement: RUN-1, reason: known, untill: 2026-12-31}\n");
    wrong.session.write("days.yaml", "- {check: RUN-1, reason: '', until: 31.12.2026}\n- known\n");
    let both = "- {requirement: HEALTH-1, reason: known, until: 2999-12-31}\n\
                - {check: HEALTH-* GET /v1/health, reason: known, until: 2999-12-31}\n";
    wrong.session.write("overlap.yaml", both);
    for file in ["nowhere.yaml", "torn.yaml", "one.yaml", "keys.yaml", "days.yaml", "overlap.yaml"] {
        wrong.run(&["--waivers", file]);
    }
    wrong.assert("wrong_waivers");
}

#[test]
fn wrong_selections() {
    let mut wrong = Wrong::new();
    wrong.session.write("not-json", "passed\n");
    wrong.session.write("other.json", "{\"format\": \"other/1\"}");
    wrong.run(&["--only", "runtime/runs/finishd-run"]);
    wrong.run(&["--only", "RUN-3", "--only", "finished-run", "--skip", "HELTH-1", "--requirement", "RUN-99"]);
    wrong.run(&["--only", "*#REQUST-1"]);
    wrong.run(&["--skip", ""]);
    wrong.run(&["--only", "preflight"]);
    wrong.run(&["--rerun-failed", "nowhere"]);
    wrong.run(&["--rerun-failed", "not-json"]);
    wrong.run(&["--rerun-failed", "other.json"]);
    wrong.run(&["--retries", "many"]);
    wrong.assert("wrong_selections");
}

#[test]
fn report_files_that_cannot_be_written() {
    let mut wrong = Wrong::new();
    wrong.session.write("file", "");
    wrong.run(&["--json", "."]);
    wrong.run(&["--junit", "file/report.xml"]);
    wrong.run(&["--report", "file"]);
    wrong.run(&["--json", "same", "--junit", "same"]);
    wrong.run(&["--open", "--json", "report.json"]);
    wrong.run(&["--events", "file/run.ndjson"]);
    wrong.assert("report_files");
}

#[test]
fn wrong_contracts() {
    let mut wrong = Wrong::new();
    std::fs::create_dir(wrong.session.path().join("empty")).unwrap();
    wrong.session.write("broken/openapi/runtime.openapi.yaml", "openapi: [\n");
    wrong.session.write("other/v1/openapi/runtime.openapi.yaml", "swagger: \"2.0\"\n");
    wrong.run(&["--spec-path", "nowhere"]);
    wrong.run(&["--spec-path", "empty", "--service", "run-gateway"]);
    wrong.run(&["--spec-path", "broken"]);
    wrong.run(&["--spec-path", "other"]);
    wrong.run(&["--spec", "v9.9.9"]);
    wrong.run(&["--spec", "v0.2.6", "--service", "run-gateway"]);
    wrong.run(&["--spec", "v0.2.6", "--spec-path", "empty"]);
    wrong.assert("wrong_contracts");
}

const WRONG_CASES: &str = r#"suite: mine
services: [runtime]
scenarios:
  - id: first
    title: An operation and a tier that nobody knows
    tier: deepest
    effects: reads
    steps:
      - id: read
        call: get_run_statsu
        path: {run_id: "${fresh.run_id}"}
        checks:
          - {requirement: LIFE-1, status: 200}
  - id: second
    title: A requirement that nobody knows, and a check without an assertion
    tier: deep
    effects: reads
    steps:
      - id: read
        call: health
        checks:
          - {requirement: HEALTH-99, status: 200}
          - {requirement: HEALTH-1}
"#;

const MORE_WRONG_CASES: &str = r#"suite: more
services: [runtime]
scenarios:
  - id: first
    title: A stream that never ends, a body that nobody knows, a step that is not there
    tier: deep
    effects: creates-runs
    steps:
      - id: create
        call: create_run
        body: {from: minimum}
        checks:
          - {requirement: RUN-1, status: 200}
      - id: events
        call: stream_run_events
        path: {run_id: "${created/run_id}"}
        stream: {}
        checks:
          - {requirement: SSE-1, status: 200}
    colour: green
"#;

#[test]
fn every_error_of_every_case_file_is_told() {
    let mut wrong = Wrong::new();
    wrong.session.write("file", "");
    wrong.session.write("mine/one.yaml", WRONG_CASES);
    wrong.session.write("mine/more/two.yaml", MORE_WRONG_CASES);
    wrong.session.write("torn/torn.yaml", "suite: [torn\n");
    wrong.run(&["--cases", "nowhere"]);
    wrong.run(&["--cases", "file"]);
    wrong.run(&["--cases", "mine", "--service", "runtime"]);
    wrong.run(&["--cases", "torn"]);
    wrong.assert("wrong_cases");
}

#[test]
fn a_port_that_is_taken() {
    let mut wrong = Wrong::new();
    let port = wrong.target.local_addr().unwrap().port().to_string();
    wrong.run_plain(&["serve", "--port", &port]);
    wrong.assert("taken_port");
}
