//! What a run against a reference server prints and writes, and how it exits.

use arp_conformance::report::ReportSet;
use serde_json::{Value, json};

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
    let files = ["--json", "out/report.json", "--junit", "report.xml", "--html", "page.html"];
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
    let page = session.read("page.html");
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"), "{page}");
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
    let (page, code) = print(&["--format", "html"]);
    assert!(page.starts_with("<!doctype html>") && code == Some(0), "{page}");
    let (verbose, _) = print(&["--verbose"]);
    assert!(verbose.contains("pass   must    VERSION-1 GET /v1/version\n"), "{verbose}");
    assert!(!verbose.contains("every exchange"), "{verbose}");
    let (everything, _) = print(&["-vv"]);
    assert!(everything.contains("pass   must    VERSION-1 GET /v1/version\n"), "{everything}");
    let sent = format!("\n    > GET {}/v1/version\n    > accept: application/json\n", server.url);
    assert!(everything.contains(&sent), "{everything}");
    assert!(everything.contains("\n    < 200\n    < content-length: "), "{everything}");
}

#[test]
fn colours_are_as_the_terminal_and_the_user_want_them() {
    let server = Serving::start(&[]);
    let is_coloured = |arguments: &[&str], variables: &[(&str, &str)]| {
        let few = ["--target", &server.url, "--requirement", "VERSION-1"];
        let done = run(program(&[&few, arguments].concat()).envs(variables.iter().copied()));
        assert_eq!((done.code, &*done.stderr), (Some(0), ""), "{arguments:?}");
        done.stdout.contains('\x1b')
    };
    assert!(!is_coloured(&[], &[]), "nobody sees them in a pipe");
    assert!(is_coloured(&["--color", "always"], &[]));
    assert!(is_coloured(&["--color", "always"], &[("NO_COLOR", "1")]), "the flag was meant");
    assert!(is_coloured(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!is_coloured(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_the_way_to_see_it_again() {
    let faults = ["events/named-jsonl", "request/any-top", "route/no-version"];
    let faults: Vec<&str> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
    let server = Serving::start(&[&["--service", "run-gateway"], &faults[..]].concat());
    let mut session = Session::new();
    // Checks of one scenario each: whichever is the first to see an invariant broken differs from run to run.
    let wanted = ["NDJSON-1", "REQUEST-2", "ROUTE-1"].map(|id| ["--requirement", id]).concat();
    let few = ["--target", &server.url, "--no-progress"];
    assert_eq!(session.run(&[&few[..], &wanted].concat()).code, Some(1));
    session.assert("what_is_wrong");
}

#[test]
fn the_event_log_reads_like_the_report() {
    let server = Serving::start(&["--fault", "media/create-as-text"]);
    let session = Session::new();
    let files = ["--events", "out/run.ndjson", "--json", "report.json"];
    let arguments = [&["--target", &server.url, "--quiet"], &files[..]].concat();
    session.write("out/run.ndjson", &"what stood here before ".repeat(1 << 16));
    let done = run(program(&arguments).current_dir(session.path()));
    assert_eq!((done.code, &*done.stderr), (Some(1), ""));
    let log = session.read("out/run.ndjson");
    let first: Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["event"], &first["format"]),
        (&json!("run-started"), &json!("arp-conformance-events/1"))
    );
    assert!(log.contains(r#""event":"scenario-finished""#) && log.ends_with("}\n"));
    assert!(
        ReportSet::read(&log).unwrap().json() == session.read("report.json"),
        "the log tells another story"
    );
}

#[test]
fn a_folder_takes_every_form() {
    let server = Serving::start(&["--service", "run-gateway", "--fault", "version/empty-name"]);
    let session = Session::new();
    let arguments = ["--target", &server.url, "--requirement", "VERSION-4", "--quiet"];
    let files = ["--report", "out", "--badge", "badge.json", "--markdown", "own/summary.md"];
    let done = run(program(&[&arguments[..], &files].concat()).current_dir(session.path()));
    assert_eq!((done.code, &*done.stderr), (Some(0), ""));
    let report: Value = serde_json::from_str(&session.read("out/report.json")).unwrap();
    assert_eq!(report["verdict"], "partial");
    assert!(session.read("out/junit.xml").contains("<skipped"));
    let sarif: Value = serde_json::from_str(&session.read("out/report.sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "VERSION-4");
    assert!(session.read("out/badge.svg").starts_with("<svg "));
    let badge: Value = serde_json::from_str(&session.read("badge.json")).unwrap();
    assert_eq!(badge["message"], "partial");
    let summary = session.read("out/summary.md");
    assert!(summary.starts_with("## 🟡 partial: run-gateway\n"), "{summary}");
    assert!(summary.contains("<b>warn: VERSION-4 (should)</b>"), "{summary}");
    assert_eq!(session.read("own/summary.md"), summary);
    let printed = run(&mut program(&[&arguments[..4], &["--format", "markdown"]].concat()));
    assert!(printed.stdout.starts_with("## 🟡 partial: run-gateway\n"), "{}", printed.stdout);
}

#[test]
fn a_job_of_github_gets_its_summary_and_annotations() {
    let server = Serving::start(&["--service", "run-gateway", "--fault", "version/empty-name"]);
    let session = Session::new();
    let judge = |flags: &[&str], variable: Option<&str>| {
        let arguments = ["--target", &server.url, "--requirement", "VERSION-4", "--quiet"];
        let mut command = program(&[&arguments, flags].concat());
        command.current_dir(session.path()).env("GITHUB_STEP_SUMMARY", "step/summary.md");
        variable.map(|value| command.env("ARP_GITHUB", value));
        run(&mut command)
    };
    for variable in [None, Some("0"), Some("false"), Some("")] {
        assert_eq!(&*judge(&[], variable).stderr, "", "{variable:?}");
    }
    assert!(!session.path().join("step").exists(), "nothing is appended unless it is asked for");

    session.write("step/summary.md", "from another program");
    let done = judge(&["--github"], None);
    assert!(done.stdout.starts_with("partial: "), "{}", done.stdout);
    assert!(done.stderr.starts_with("::warning title=warn%3A VERSION-4 (should)::"), "{}", done.stderr);
    assert_eq!(done.stderr.lines().count(), 1);
    let strict = judge(&["--strict"], Some("1"));
    assert_eq!(strict.stderr.matches("::error title=").count(), 2, "{}", strict.stderr);
    let summary = session.read("step/summary.md");
    assert!(summary.starts_with("from another program\n## 🟡 partial"), "{summary}");
    assert!(summary.contains("\n## ❌ partial: run-gateway\n"), "{summary}");
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
