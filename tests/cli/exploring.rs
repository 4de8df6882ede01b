//! What the suite has and would do: lists, explanations and plans, for which nothing is sent to anybody.

use std::io::ErrorKind;
use std::net::TcpListener;

use serde_json::Value;

use crate::program::{Session, program, run};

/// What the program prints, in a run that has to end well.
fn printed(arguments: &[&str]) -> String {
    let done = run(&mut program(arguments));
    assert_eq!((done.code, &*done.stderr), (Some(0), ""), "{arguments:?}");
    done.stdout
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&printed(arguments)).unwrap()
}

fn texts<'v>(list: &'v Value, member: &str) -> Vec<&'v str> {
    list.as_array().unwrap().iter().map(|row| row[member].as_str().unwrap()).collect()
}

#[test]
fn lists() {
    let mut session = Session::new();
    for arguments in [
        &["list", "--tier", "smoke"][..],
        &["list", "checks", "--service", "runtime", "--tier", "smoke", "--level", "should"],
        &["list", "requirements", "--service", "run-gateway", "--tier", "smoke", "--level", "must"],
        &["list", "checks", "--tier", "smoke", "--level", "must", "--service", "runtime", "--format", "json"],
        &["list", "checks", "--level", "most"],
        &["list", "everything"],
    ] {
        session.run(arguments);
    }
    session.assert("lists");
}

#[test]
fn lists_have_one_form_each() {
    assert_eq!(printed(&["list"]), printed(&["list", "scenarios"]));
    assert_eq!(printed(&["list", "--requirements"]), printed(&["list", "requirements"]));

    let scenarios = json(&["list", "--format", "json", "--service", "runtime"]);
    let checks = json(&["list", "checks", "--format", "json", "--service", "runtime"]);
    let requirements = json(&["list", "requirements", "--format", "json", "--service", "runtime"]);
    let ids = texts(&checks, "id");
    let scenario = &scenarios.as_array().unwrap()[0];
    for member in ["id", "service", "title", "tier", "effects", "checks"] {
        assert!(scenario.get(member).is_some(), "{member}");
    }
    for list in [&scenarios, &requirements] {
        for check in list.as_array().unwrap().iter().flat_map(|row| row["checks"].as_array().unwrap()) {
            assert!(ids.contains(&check.as_str().unwrap()), "{check}");
        }
    }
    let musts = json(&["list", "checks", "--format", "json", "--service", "runtime", "--level", "must"]);
    assert!(texts(&musts, "level").iter().all(|level| *level == "must"));
    assert!(musts.as_array().unwrap().len() < ids.len());
}

#[test]
fn explanations() {
    let mut session = Session::new();
    for id in [
        "RUN-3",
        "run-gateway/health/health#HEALTH-3",
        "runtime/requests/invalid[required:/input]#REQUEST-1",
        "ERROR-1 GET /v1/health",
        "runtime/events/live-run",
        "errors/robust:before",
        "runtime/health",
    ] {
        assert_eq!(session.run(&["explain", id]).code, Some(0), "{id}");
    }
    for arguments in [&["RUN-33"][..], &["finished-run"], &["RUN-4", "--service", "runtime"], &["?"], &[]] {
        assert_eq!(session.run(&[&["explain"], arguments].concat()).code, Some(2), "{arguments:?}");
    }
    session.assert("explanations");
}

#[test]
fn an_explanation_has_what_a_program_needs() {
    let page = json(&["explain", "VERSION-3", "--format", "json", "--service", "run-gateway"]);
    assert_eq!((page["kind"].as_str(), page["level"].as_str()), (Some("requirement"), Some("must")));
    let example = &page["example"];
    let fault = example["fault"].as_str().unwrap();
    assert_eq!(page["violations"][0]["fault"], fault);
    assert!(texts(&page["checks"], "id").contains(&example["check"].as_str().unwrap()));
    assert!(example["findings"][0]["expected"].is_string() && example["response"].is_string());
    assert_eq!(
        example["serve"],
        format!("arp-conformance serve --service run-gateway --fault {fault}").as_str()
    );

    let scenario = json(&["explain", "runtime/runs/smallest", "--format", "json"]);
    assert_eq!(scenario["kind"], "scenario");
    assert_eq!(scenario["steps"][0]["method"], "POST");
    assert_eq!(scenario["steps"][0]["path"], "/v1/runs");
}

#[test]
fn plans() {
    let target = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", target.local_addr().unwrap());
    let mut session = Session::new();
    let plan = |session: &mut Session, arguments: &[&str]| {
        session.run(&[&["--target", &url, "--dry-run"], arguments].concat()).code
    };
    assert_eq!(plan(&mut session, &["--service", "runtime", "--tier", "smoke"]), Some(0));
    assert_eq!(plan(&mut session, &["--only", "runtime/cancel/ended-run"]), Some(0));
    assert_eq!(plan(&mut session, &["--requirement", "RUN-3", "--tier", "smoke", "--quiet"]), Some(4));
    assert_eq!(plan(&mut session, &["--only", "RUN-4", "--service", "runtime"]), Some(4));
    assert_eq!(plan(&mut session, &["--format", "junit"]), Some(2));
    assert_eq!(plan(&mut session, &["--json", "report.json"]), Some(2));
    // Nobody looks the name up, for nothing is sent.
    let away =
        ["--target", "https://arp.example", "--dry-run", "--service", "runtime", "--auth", "off", "--quiet"];
    assert_eq!(session.run(&away).code, Some(0));

    let plans = json(&["--target", &url, "--dry-run", "--format", "json"]);
    assert_eq!(texts(&plans, "service"), ["runtime", "run-gateway"]);
    for plan in plans.as_array().unwrap() {
        let scenarios = plan["scenarios"].as_array().unwrap();
        let runs: u64 = scenarios.iter().map(|one| one["runs_at_most"].as_u64().unwrap()).sum();
        assert_eq!(plan["runs_at_most"], runs);
        let steps: usize = scenarios.iter().map(|one| one["steps"].as_array().unwrap().len()).sum();
        assert!(plan["requests_at_least"].as_u64().unwrap() >= steps as u64);
        assert!(texts(&plan["left_out"], "reason").iter().all(|reason| *reason == "not-applicable"));
    }

    target.set_nonblocking(true).unwrap();
    let nobody = target.accept().map(|_| ()).unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::WouldBlock, "something was sent");
    session.assert("plans");
}
