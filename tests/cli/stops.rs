//! How the program ends when somebody ends it.

use std::process::Stdio;
#[cfg(unix)]
use std::{
    process::Command,
    sync::{Arc, mpsc},
    time::Duration,
};

#[cfg(unix)]
use arp_conformance::{
    contract::{Contract, Service},
    report::{ReportSet, model::Verdict},
};
#[cfg(unix)]
use serde_json::Value;
#[cfg(unix)]
use wiremock::MockServer;

#[cfg(unix)]
use crate::canned::{About, serve};
#[cfg(unix)]
use crate::program::Session;
use crate::program::{Serving, program};

/// A target that does not answer starts of runs, so that nothing but a signal ends a run against it; and what is ready
/// when the first start has come.
#[cfg(unix)]
async fn never_starts() -> (&'static MockServer, mpsc::Receiver<()>) {
    // Longer than a test may take.
    const NEVER: Duration = Duration::from_secs(600);
    let (started, starts) = mpsc::channel();
    let contract = Arc::new(Contract::bundled(Service::Runtime).unwrap());
    let target = serve(Service::Runtime, contract, move |canned, request| match canned.about(request) {
        // The first look asks with a body that no service accepts.
        About::Runs if request.body != b"{}" => {
            // Later starts find nobody who waits for them.
            let _ = started.send(());
            canned.answer(request).set_delay(NEVER)
        }
        _ => canned.answer(request),
    })
    .await;
    (target, starts)
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupted_run_still_writes_its_reports() {
    let (target, starts) = never_starts().await;
    let session = Session::new();
    let url = target.uri();
    let files = ["--json", "report.json", "--junit", "report.xml", "--events", "run.ndjson"];
    let child = program(&[&["--target", &url, "--timeout", "600"], &files[..]].concat())
        .current_dir(session.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    starts.recv_timeout(Duration::from_secs(60)).unwrap();
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());

    let done = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(done.stderr).unwrap();
    assert_eq!((done.status.code(), &*stderr), (Some(130), ""), "{}", done.status);
    let page = String::from_utf8(done.stdout).unwrap();
    assert!(page.starts_with("partial:") && page.contains("the run was interrupted"), "{page}");
    assert!(session.read("report.xml").ends_with("</testsuites>\n"));
    let log = ReportSet::read(&session.read("run.ndjson")).unwrap();
    assert!(log.json() == session.read("report.json"), "the log tells another story");
    let report: Value = serde_json::from_str(&session.read("report.json")).unwrap();
    assert_eq!(report["verdict"], "partial");
    let mut blocked = report["results"].as_array().unwrap().iter().filter(|it| it["reason"] == "blocked");
    assert!(blocked.any(|it| it["message"] == "the run was interrupted"), "{page}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_run_that_was_cut_off_leaves_a_log_that_reads_like_a_report() {
    let (target, starts) = never_starts().await;
    let session = Session::new();
    let mut child = program(&["--target", &target.uri(), "--timeout", "600", "--events", "run.ndjson"])
        .current_dir(session.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    starts.recv_timeout(Duration::from_secs(60)).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();

    let set = ReportSet::read(&session.read("run.ndjson")).unwrap();
    let [report] = &set.reports[..] else { panic!("one report") };
    assert_eq!((report.verdict, &*report.target.service), (Verdict::NotJudged, "runtime"));
    assert!(report.exchanges.iter().any(|exchange| exchange.request.url.ends_with("/v1/version")));
    let told = &report.explanation.as_ref().unwrap().what;
    assert!(told.starts_with("the run was cut off after ") && told.contains(" scenarios done"), "{told}");
}

#[test]
fn nobody_has_to_read_to_the_end() {
    let server = Serving::start(&[]);
    let run = ["--target", &server.url, "--requirement", "VERSION-1", "--format", "json"];
    for arguments in [&run[..], &["--help"], &["--version"]] {
        let mut child = program(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let done = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(done.stderr).unwrap();
        assert_eq!((done.status.code(), &*stderr), (Some(0), ""), "{arguments:?}");
    }
}
