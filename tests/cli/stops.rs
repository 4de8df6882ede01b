//! How the program ends when somebody ends it.

use std::process::Stdio;

use crate::program::{Serving, program};

#[cfg(unix)]
#[tokio::test]
async fn an_interrupted_run_still_writes_its_reports() {
    use std::process::Command;
    use std::sync::{Arc, mpsc};
    use std::time::Duration;

    use arp_conformance::contract::{Contract, Service};
    use serde_json::Value;

    use crate::canned::{About, serve};
    use crate::program::Session;

    // Longer than the test may take, so that nothing but the signal ends the run.
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
    let session = Session::new();
    let url = target.uri();
    let child =
        program(&["--target", &url, "--timeout", "600", "--json", "report.json", "--junit", "report.xml"])
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
    let report: Value = serde_json::from_str(&session.read("report.json")).unwrap();
    assert_eq!(report["verdict"], "partial");
    let mut blocked = report["results"].as_array().unwrap().iter().filter(|it| it["reason"] == "blocked");
    assert!(blocked.any(|it| it["message"] == "the run was interrupted"), "{page}");
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
