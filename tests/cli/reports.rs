//! What a run against a reference server prints and writes, and how it exits.

use serde_json::Value;

use crate::program::{Serving, Session, closed_port, program, run};

/// The members that the JSON report's form fixes, by their places in a report of a whole run.
const FIXED: [(&str, &[&str]); 13] = [
    (
        "",
        &[
            "format",
            "tool",
            "target",
            "verdict",
            "started_at",
            "duration_ms",
            "requests",
            "runs_created",
            "counts",
            "requirements",
            "results",
            "exchanges",
        ],
    ),
    ("/tool", &["name", "version"]),
    ("/target", &["url", "service", "contract", "service_name", "service_version", "auth", "features"]),
    ("/target/features", &["events", "cancel"]),
    ("/counts", &["must", "should", "may"]),
    ("/counts/must", &["pass", "fail", "skip", "error"]),
    ("/counts/should", &["pass", "warn", "skip", "error"]),
    ("/counts/may", &["info", "skip"]),
    ("/requirements/0", &["id", "level", "outcome", "checks"]),
    (
        "/results/0",
        &[
            "id",
            "title",
            "requirements",
            "level",
            "tier",
            "operation",
            "outcome",
            "reason",
            "message",
            "findings",
            "exchanges",
            "duration_ms",
            "reproduce",
            "hint",
        ],
    ),
    ("/exchanges/0", &["id", "request", "response", "started_ms", "duration_ms"]),
    ("/exchanges/0/request", &["method", "url", "headers", "body"]),
    ("/exchanges/0/response", &["status", "headers", "body", "truncated"]),
];

fn assert_fixed_form(report: &Value) {
    assert_eq!(report["format"], "arp-conformance/1");
    for (place, members) in FIXED {
        let held = report.pointer(place).and_then(Value::as_object).expect(place);
        for member in members {
            assert!(held.contains_key(*member), "no {place}/{member}");
        }
    }
}

#[test]
fn a_whole_run_in_every_form() {
    let server = Serving::start(&[]);
    let mut session = Session::new();
    session.write("report.xml", &"what stood here before ".repeat(1 << 16));
    let files = ["--json", "out/report.json", "--junit", "report.xml"];
    let done = session.run(&[&["--target", &server.url, "--strict"], &files[..]].concat());
    assert_eq!((done.code, &*done.stderr), (Some(0), ""));
    assert!(!done.stdout.contains('\x1b'), "no colours where there is no terminal");

    let report: Value = serde_json::from_str(&session.read("out/report.json")).unwrap();
    assert_fixed_form(&report);
    assert_eq!(report["verdict"], "conformant");
    assert_eq!(report["target"]["url"], *server.url);
    let xml = session.read("report.xml");
    assert!(xml.starts_with("<?xml") && xml.ends_with("</testsuites>\n"), "{xml}");
    let checks = report["results"].as_array().unwrap().len();
    assert!(xml.contains(&format!("tests=\"{checks}\" ")), "{checks} checks");
    session.assert("conformant_run");
}

#[test]
fn every_form_goes_to_standard_output() {
    let server = Serving::start(&["--service", "run-gateway"]);
    let print = |more: &[&str]| {
        let few = ["--target", &server.url, "--requirement", "VERSION-1"];
        let done = run(&mut program(&[&few, more].concat()));
        assert_eq!(&*done.stderr, "", "{more:?}");
        (done.stdout, done.code)
    };
    let (json, code) = print(&["--format", "json"]);
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((report["verdict"].as_str(), code), (Some("partial"), Some(0)));
    assert_eq!(report["target"]["service"], "run-gateway");
    let (xml, code) = print(&["--format", "junit", "--strict"]);
    assert!(xml.starts_with("<?xml") && xml.ends_with("</testsuites>\n"), "{xml}");
    assert_eq!(code, Some(1), "a partial verdict fails a strict run");
    let (coloured, _) = print(&["--color", "always"]);
    let (verbose, _) = print(&["--verbose"]);
    assert!(coloured.contains('\x1b') && !verbose.contains('\x1b'));
    assert!(verbose.contains("pass   must    VERSION-1 GET /v1/version\n"), "{verbose}");
}

#[test]
fn part_of_a_run() {
    let server = Serving::start(&[]);
    let mut session = Session::new();
    let part = ["--target", &server.url, "--requirement", "VERSION-1"];
    assert_eq!(session.run(&part).code, Some(0));
    assert_eq!(session.run(&[&part[..], &["--quiet"]].concat()).code, Some(0));
    assert_eq!(session.run(&[&part[..], &["--quiet", "--strict"]].concat()).code, Some(1));
    let of_another_service = ["--target", &server.url, "--service", "runtime", "--only", "run-gateway/runs"];
    assert_eq!(session.run(&of_another_service).code, Some(4));
    session.assert("part_of_a_run");
}

#[test]
fn what_cannot_be_judged() {
    let closed = format!("http://127.0.0.1:{}", closed_port());
    let server = Serving::start(&["--auth", "required"]);
    let mut session = Session::new();
    assert_eq!(session.run(&["--target", &closed, "--json", "report.json"]).code, Some(3));
    let report: Value = serde_json::from_str(&session.read("report.json")).unwrap();
    assert_eq!(report["verdict"], "not-judged");
    assert_eq!(session.run(&["--target", &server.url, "--quiet"]).code, Some(3));
    session.assert("not_judged");
}

#[test]
fn a_token_comes_from_anywhere_and_goes_nowhere_else() {
    let server = Serving::start(&["--auth", "required"]);
    let session = Session::new();
    session.write("token", &format!("{}\n", server.token));
    let secret = server.token.rsplit_once('.').unwrap().1;
    let judge = |more: &[&str], variable: Option<&str>| {
        let few =
            ["--target", &server.url, "--requirement", "AUTH-7", "--format", "json", "--junit", "report.xml"];
        let mut command = program(&[&few, more].concat());
        variable.map(|token| command.env("ARP_TOKEN", token));
        let done = run(command.current_dir(session.path()));
        let report: Value = serde_json::from_str(&done.stdout).expect(&done.stderr);
        let results = report["results"].as_array().unwrap();
        let check = results.iter().find(|it| it["id"] == "runtime/auth/valid-token#AUTH-7").unwrap();
        assert_eq!(check["outcome"], "pass", "{more:?}");
        for page in [done.stdout, done.stderr, session.read("report.xml")] {
            assert!(!page.contains(secret) && !page.contains("blue-seven"), "{page}");
        }
    };
    judge(&["--token", &server.token], None);
    judge(&["--token-file", "token"], None);
    judge(&["--header", "x-team: blue-seven"], Some(&server.token));
}
