//! `check`, with the words of the first checker.

use std::net::TcpListener;

use serde_json::Value;

use crate::program::{Serving, Session, closed_port, program, run};

const GUIDE: &str = include_str!("../../docs/moving-over.md");

/// The command lines of the guide, each with the exit code that it names.
fn documented() -> Vec<(String, i32)> {
    let joined = GUIDE.replace("\\\n", "");
    let lines = joined.lines().filter(|line| line.starts_with("arp-conformance check "));
    let read = |line: &str| {
        let (command, code) = line.split_once("  # exit ").expect(line);
        (command.to_owned(), code.split(':').next().unwrap().parse().expect(line))
    };
    lines.map(read).collect()
}

/// The words of a shell's line, without its quotes.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    let word = |(index, part): (usize, &str)| match index % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
        _ => vec![part.to_owned()],
    };
    parts.flat_map(word).collect()
}

#[test]
fn every_documented_command_does_what_is_said_of_it() {
    let runtime = Serving::start(&[]);
    let gateway = Serving::start(&["--service", "run-gateway"]);
    let guarded_runtime = Serving::start(&["--auth", "required"]);
    let guarded_gateway = Serving::start(&["--service", "run-gateway", "--auth", "required"]);
    let session = Session::new();
    let documented = documented();
    assert!(documented.len() > 12);
    for (command, code) in documented {
        let guarded = match command.contains("check run-gateway") {
            true => &guarded_gateway,
            false => &guarded_runtime,
        };
        session.write("headers.env", &format!("# for CI\nAuthorization=Bearer {}\n", guarded.token));
        let line = command
            .replace("http://localhost:8080", &gateway.url)
            .replace("http://localhost:8081", &runtime.url)
            .replace("https://example.com", &guarded.url)
            .replace("Bearer ...", &format!("Bearer {}", guarded.token));
        let words = words(&line);
        let arguments: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
        let done = run(program(&arguments).current_dir(session.path()));
        assert_eq!(done.code, Some(code), "{command}\n{}{}", done.stdout, done.stderr);
        assert_eq!(done.stderr.is_empty(), code == 0, "{command}\n{}", done.stderr);
        assert!(!done.stdout.contains(&guarded.token), "{command}");
    }
    let report: Value = serde_json::from_str(&session.read("arp-conformance.json")).unwrap();
    assert_eq!(report["format"], "arp-conformance/1");
    assert!(session.read("arp-conformance.xml").ends_with("</testsuites>\n"));
}

#[test]
fn what_fails_and_what_cannot_be_judged_is_red() {
    let closed = format!("http://127.0.0.1:{}", closed_port());
    let broken = Serving::start(&["--fault", "health/no-status"]);
    let mut session = Session::new();
    for url in [&closed, &broken.url] {
        for strict in [&["--strict"][..], &[]] {
            let few = ["check", "runtime", "--url", url, "--format", "junit", "--out", "report.xml"];
            let done = run(program(&[&few, strict].concat()).current_dir(session.path()));
            assert_eq!(
                (done.code, &*done.stdout),
                (Some(1), "Wrote report: report.xml\n"),
                "{}",
                done.stderr
            );
            let xml = session.read("report.xml");
            assert!(xml.contains("<failure") || xml.contains("<error"), "{xml}");
        }
    }
    assert_eq!(session.run(&["check", "runtime", "--url", &broken.url, "--tier", "deep"]).code, Some(1));
    session.assert("check_refused");
}

#[test]
fn a_strict_report_is_red_where_the_exit_code_is() {
    let [right, warned] = [&[][..], &["--fault", "version/empty-name"]].map(Serving::start);
    for (server, code) in [(&right, 0), (&warned, 1)] {
        for tier in ["smoke", "surface", "core", "deep"] {
            let few = ["check", "runtime", "--url", &server.url, "--tier", tier, "--allow-mutations"];
            let done = run(&mut program(&[&few[..], &["--strict", "--format", "junit"]].concat()));
            let red = done.stdout.contains("<failure") || done.stdout.contains("<error");
            assert_eq!((done.code, red), (Some(code), code == 1), "{tier}\n{}", done.stdout);
        }
    }
}

#[test]
fn all_judges_both_services_in_one_report() {
    let runtime = Serving::start(&[]);
    let gateway = Serving::start(&["--service", "run-gateway"]);
    let urls = ["check", "all", "--runtime-url", &runtime.url, "--run-gateway-url", &gateway.url];
    let done = run(&mut program(&[&urls[..], &["--format", "json"]].concat()));
    let set: Value = serde_json::from_str(&done.stdout).unwrap();
    let names = [0, 1].map(|index| set["reports"][index]["target"]["service"].as_str().unwrap().to_owned());
    assert_eq!((names, done.code), (["runtime", "run-gateway"].map(str::to_owned), Some(0)));
}

#[test]
fn neither_file_nor_variables_have_a_say() {
    let server = Serving::start(&[]);
    let session = Session::new();
    session.write("arp-conformance.toml", "timeout = \"broken\"\n");
    let few = ["check", "runtime", "--url", &server.url];
    let done = run(program(&few).env("ARP_TIER", "deepest").current_dir(session.path()));
    assert_eq!((done.code, &*done.stderr), (Some(0), ""));
}

#[test]
fn what_is_wrong_is_told_before_anything_is_sent() {
    let target = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", target.local_addr().unwrap());
    let mut session = Session::new();
    session.write("headers.env", "x-team=blue\ntop secret\n");
    for arguments in [
        &["check"][..],
        &["check", "runtime"],
        &["check", "rutime", "--url", &url],
        &["check", "daemon", "--url", &url],
        &["check", "all"],
        &["check", "all", "--url", &url],
        &["check", "all", "--runtime-url", &url, "--pdp-url", &url],
        &["check", "runtime", "--url", "localhost:8081"],
        &["check", "runtime", "--url", &url, "--tier", "deepest"],
        &["check", "runtime", "--url", &url, "--headers", "top secret"],
        &["check", "runtime", "--url", &url, "--headers", "Authorization=Basic top-secret"],
        &["check", "runtime", "--url", &url, "--headers-file", "headers.env"],
        &["check", "runtime", "--url", &url, "--headers-file", "nowhere"],
        &["check", "runtime", "--url", &url, "--out", "headers.env/report"],
        &["check", "runtime", "--url", &url, "--spec", "v2"],
    ] {
        let done = session.run(arguments);
        assert_eq!((done.code, &*done.stdout), (Some(2), ""), "{arguments:?}");
    }
    target.set_nonblocking(true).unwrap();
    assert!(target.accept().is_err(), "something was sent");
    session.assert("wrong_check");
}
