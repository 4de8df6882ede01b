//! Parts of a run: what failed before, as far as the first failure, and again where no answer came.

use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::Value;

use crate::program::{Serving, Session, closed_port, program, run};

fn checks<'r>(report: &'r Value, member: &str, value: &str) -> Vec<&'r str> {
    let results = report["results"].as_array().unwrap().iter();
    results.filter(|result| result[member] == value).map(|result| result["id"].as_str().unwrap()).collect()
}

#[test]
fn what_failed_is_run_again() {
    let wrong = Serving::start(&["--fault", "version/no-v1"]);
    let right = Serving::start(&[]);
    let mut session = Session::new();
    let few = ["--requirement", "VERSION-3", "--requirement", "VERSION-1"];
    let judge = |session: &mut Session, url: &str, more: &[&str]| {
        let code = session.run(&[&["--target", url], more].concat()).code;
        (
            code,
            more.contains(&"--json")
                .then(|| serde_json::from_str::<Value>(&session.read("report.json")).unwrap()),
        )
    };
    let kept = ["--json", "report.json", "--quiet"];
    let (code, report) = judge(&mut session, &wrong.url, &[&few[..], &kept].concat());
    let report = report.unwrap();
    let failed = checks(&report, "outcome", "fail");
    assert_eq!((code, failed.is_empty()), (Some(1), false));

    let again = ["--rerun-failed", "report.json", "--quiet"];
    session.write("failed.json", &report.to_string());
    let (code, report) = judge(
        &mut session,
        &right.url,
        &["--rerun-failed", "failed.json", "--json", "report.json", "--quiet"],
    );
    let report = report.unwrap();
    assert_eq!((code, checks(&report, "outcome", "pass")), (Some(0), failed), "these and no others");

    assert_eq!(judge(&mut session, &right.url, &again).0, Some(0), "nothing failed there");
    let with = ["--rerun-failed", "failed.json", "--level", "must", "--skip", "VERSION-3"];
    assert_eq!(judge(&mut session, &right.url, &with).0, Some(4), "it is combined with the rest");
    let forgotten = session.read("failed.json").replace("#VERSION-3", "#VERSION-99");
    session.write("forgotten.json", &forgotten);
    judge(&mut session, &right.url, &["--rerun-failed", "forgotten.json", "--quiet"]);
    let closed = format!("http://127.0.0.1:{}", closed_port());
    judge(&mut session, &closed, &kept);
    assert_eq!(judge(&mut session, &right.url, &again).0, Some(2), "nothing was judged there");
    session.assert("what_failed");
}

#[test]
fn a_run_ends_with_the_first_failure() {
    let server = Serving::start(&["--fault", "health/no-status"]);
    let judge = |more: &[&str]| -> Value {
        let arguments = ["--target", &server.url, "--jobs", "1", "--format", "json"];
        let done = run(&mut program(&[&arguments, more].concat()));
        assert_eq!(done.code, Some(1), "{}", done.stderr);
        serde_json::from_str(&done.stdout).unwrap()
    };
    let report = judge(&["--fail-fast"]);
    let results = report["results"].as_array().unwrap();
    let reasons = results.iter().filter_map(|result| result["message"].as_str());
    let reason = reasons.filter_map(|message| message.strip_prefix("--fail-fast: ")).next().unwrap();
    let failed = reason.strip_suffix(" had failed").unwrap();
    assert!(checks(&report, "outcome", "fail").contains(&failed), "{failed}");
    assert!(report["requests"].as_u64() < judge(&[])["requests"].as_u64());
}

#[test]
fn a_request_is_repeated_where_no_answer_came() {
    let server = Serving::start(&[]);
    let address = server.url.replace("http://", "");
    // Stands between: the first look sees the version, whoever asks next is hung up on, and all else is handed on.
    let between = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", between.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut versions = 0;
        for mut client in between.incoming().map_while(Result::ok) {
            let mut head = Vec::new();
            let mut octet = [0];
            while !head.ends_with(b"\r\n\r\n") && client.read(&mut octet).is_ok_and(|read| read == 1) {
                head.push(octet[0]);
            }
            let head = String::from_utf8_lossy(&head).replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
            versions += usize::from(head.starts_with("GET /v1/version"));
            if head.starts_with("GET /v1/version") && versions == 2 {
                continue;
            }
            let mut server = std::net::TcpStream::connect(&address).unwrap();
            let mut from_client = client.try_clone().unwrap();
            server.write_all(head.as_bytes()).unwrap();
            let mut to_server = server.try_clone().unwrap();
            std::thread::spawn(move || _ = std::io::copy(&mut from_client, &mut to_server));
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut server, &mut client);
                let _ = client.shutdown(std::net::Shutdown::Both);
            });
        }
    });
    let few = ["--target", &url, "--requirement", "VERSION-1", "--retries", "2"];
    let done = run(&mut program(&few));
    assert!(done.stdout.ends_with("1 request was repeated because no answer came\n"), "{}", done.stdout);
}
