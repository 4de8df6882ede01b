//! Known failures and kept reports: waivers, comparisons, and reports rendered again.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use crate::program::{Serving, Session, program, run};

const CONFORMANT: &str = include_str!("../../fixtures/reports/conformant.json");
const EVERY_OUTCOME: &str = include_str!("../../fixtures/reports/every-outcome.json");
const PARTIAL: &str = include_str!("../../fixtures/reports/partial.json");
const NOT_JUDGED: &str = include_str!("../../fixtures/reports/not-judged.json");

/// A session with kept reports.
fn kept() -> Session {
    let session = Session::new();
    session.write("good.json", CONFORMANT);
    session.write("bad.json", EVERY_OUTCOME);
    session.write("elsewhere.json", PARTIAL);
    session.write("not-judged.json", NOT_JUDGED);
    session
}

#[test]
fn help_of_what_works_on_kept_reports() {
    let mut session = Session::new();
    for arguments in [&["diff"][..], &["report"], &["report", "merge"], &["waivers"], &["waivers", "update"]]
    {
        assert_eq!(session.run(&[arguments, &["--help"]].concat()).code, Some(0));
    }
    session.assert("help_of_kept_reports");
}

#[test]
fn failures_are_waived_until_they_are_mended() {
    let right = Serving::start(&["--service", "runtime"]);
    let wrong = Serving::start(&["--fault", "health/status-up", "--fault", "version/empty-name"]);
    let mut session = Session::new();
    let judge = |session: &mut Session, server: &Serving, more: &[&str], code: i32| {
        let done = session.run(&[&["--target", &server.url, "--service", "runtime"], more].concat());
        assert_eq!(done.code, Some(code), "{more:?}: {}", done.stdout);
    };
    let update = ["waivers", "update", "--waivers", "known/waivers.yaml", "--from"];
    let new = ["--until", "2999-12-31", "--reason", "the framework's own health page"];

    judge(&mut session, &wrong, &["--json", "found.json", "--quiet"], 1);
    assert_eq!(session.run(&[&update[..], &["found.json"], &new].concat()).code, Some(0));
    let known = session.read("known/waivers.yaml");
    judge(&mut session, &wrong, &["--waivers", "known/waivers.yaml", "--strict", "--json", "waived.json"], 0);
    judge(&mut session, &right, &["--waivers", "known/waivers.yaml", "--json", "mended.json"], 1);
    assert_eq!(session.run(&[&update[..], &["waived.json"]].concat()).code, Some(0));
    assert_eq!(session.read("known/waivers.yaml"), known, "what is waived already stays as it is");
    assert_eq!(session.run(&[&update[..], &["mended.json"]].concat()).code, Some(0));
    assert_eq!(session.read("known/waivers.yaml"), "[]\n");

    let report: Value = serde_json::from_str(&session.read("waived.json")).unwrap();
    assert_eq!(report["verdict"], "partial");
    assert_eq!(report["counts"]["must"]["fail"], 0);
    assert_eq!(report["counts"]["must"]["waived"], 1);
    let results = report["results"].as_array().unwrap();
    let check = results.iter().find(|it| it["id"] == "HEALTH-1 GET /v1/health").unwrap();
    assert_eq!(check["outcome"], "fail", "what was measured stays");
    assert_eq!(check["waived"]["until"], "2999-12-31");
    insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("waivers_file", known);
    });
    session.assert("waivers");
}

#[test]
fn waivers_that_are_no_good_fail_the_run() {
    let server = Serving::start(&["--fault", "health/status-up"]);
    let mut session = Session::new();
    let mut judge = |file: &str, text: &str, code| {
        session.write(file, text);
        let part = ["--target", &server.url, "--requirement", "HEALTH-1", "--requirement", "VERSION-1"];
        let done = session.run(&[&part[..], &["--quiet", "--waivers", file]].concat());
        assert_eq!(done.code, Some(code), "{text}");
        let done = run(program(&[&part[..], &["--format", "json", "--waivers", file]].concat())
            .current_dir(session.path()));
        let report: Value = serde_json::from_str(&done.stdout).unwrap();
        report["waivers"].as_array().map_or(0, Vec::len)
    };
    let one = |id: &str, more: &str| format!("- {{{id}, reason: known, {more}}}\n");
    let known = one("requirement: HEALTH-1", "until: 2999-12-31");
    assert_eq!(judge("good.yaml", &known, 0), 0);
    assert_eq!(judge("expired.yaml", &one("requirement: HEALTH-1", "until: 2020-12-31"), 1), 1);
    let more = one("check: VERSION-1 GET /v1/version", "until: 2999-12-31");
    assert_eq!(judge("holds.yaml", &(known.clone() + &more), 1), 1);
    let more = one("check: '*/nothing#HEALTH-1'", "until: 2999-12-31");
    assert_eq!(judge("for-nothing.yaml", &(known.clone() + &more), 1), 1);
    let more = one("requirement: RUN-1", "until: 2999-12-31");
    assert_eq!(judge("not-measured.yaml", &(known.clone() + &more), 0), 0);
    let more = one("requirement: RUN-99", "until: 2020-12-31, target: http://elsewhere");
    assert_eq!(judge("elsewhere.yaml", &(known + &more), 0), 0);
    let other = one("requirement: HEALTH-1", "until: 2999-12-31, target: staging");
    assert_eq!(judge("for-another.yaml", &other, 1), 0);
    session.assert("bad_waivers");
}

#[test]
fn new_waivers_hold_for_90_days() {
    let day = || Timestamp::now().to_zoned(TimeZone::UTC).date() + 90.days();
    let mut session = kept();
    let before = day();
    let update = ["waivers", "update", "--from", "bad.json", "--waivers", "known.yaml"];
    assert_eq!(session.run(&update).code, Some(0));
    let text = session.read("known.yaml");
    let holds = |until| text.contains(&format!("  reason: \"TODO: say why\"\n  until: {until}\n"));
    assert!(holds(before) || holds(day()), "{text}");
    session.write("known.yaml", &text.replace("\"TODO: say why\"", "agreed # for now"));
    let edited = session.read("known.yaml");
    assert_eq!(session.run(&update).code, Some(0));
    assert_eq!(session.read("known.yaml"), edited);
    session.assert("waivers_update");
}

#[test]
fn two_reports_are_compared() {
    let mut session = kept();
    for (arguments, code) in [
        (&["good.json", "good.json"][..], 0),
        (&["good.json", "bad.json"], 1),
        (&["bad.json", "good.json"], 0),
        (&["elsewhere.json", "good.json"], 0),
        (&["elsewhere.json", "good.json", "--strict"], 1),
        (&["not-judged.json", "good.json", "--format", "markdown"], 0),
    ] {
        assert_eq!(session.run(&[&["diff"], arguments].concat()).code, Some(code), "{arguments:?}");
    }
    let done =
        run(program(&["diff", "good.json", "bad.json", "--format", "json"]).current_dir(session.path()));
    let diff: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!((diff["format"].as_str(), done.code), (Some("arp-conformance-diff/1"), Some(1)));
    let target = &diff["targets"][0];
    assert_eq!(target["old"]["verdict"], "conformant");
    let first = &target["newly_failing"][0];
    assert_eq!((first["level"].as_str(), first["new"]["outcome"].as_str()), (Some("must"), Some("fail")));
    session.assert("diff");
}

#[test]
fn kept_reports_are_rendered_again_as_the_run_did() {
    let server = Serving::start(&["--service", "run-gateway", "--fault", "health/status-up"]);
    let mut session = kept();
    let run_it =
        ["--target", &server.url, "--requirement", "HEALTH-1", "--json", "run.json", "--color", "always"];
    let of_run = run(program(&[&run_it[..], &["--junit", "run.xml"]].concat()).current_dir(session.path()));
    let again =
        ["report", "run.json", "--json", "again/run.json", "--junit", "again/run.xml", "--color", "always"];
    let again = run(program(&again).current_dir(session.path()));
    assert_eq!((&again.stdout, again.code), (&of_run.stdout, Some(1)), "{}", again.stderr);
    assert_eq!(session.read("again/run.json"), session.read("run.json"));
    assert_eq!(session.read("again/run.xml"), session.read("run.xml"));

    for (arguments, code) in [
        (&["good.json", "--quiet"][..], 0),
        (&["good.json", "--quiet", "--strict"], 1),
        (&["not-judged.json", "--quiet"], 3),
        (&["good.json", "elsewhere.json", "not-judged.json", "--quiet"], 3),
        (&["merge", "good.json", "elsewhere.json", "--json", "sets/set.json"], 0),
        (&["sets/set.json", "--quiet"], 0),
        (&["sets/set.json", "not-judged.json", "--json", "sets/more.json", "--quiet"], 3),
        (&["merge", "sets/set.json", "good.json"], 2),
        (&["bad.json", "good.json"], 2),
    ] {
        assert_eq!(session.run(&[&["report"], arguments].concat()).code, Some(code), "{arguments:?}");
    }
    let merged =
        run(program(&["report", "merge", "good.json", "elsewhere.json"]).current_dir(session.path()));
    assert_eq!((merged.stdout, merged.code), (session.read("sets/set.json"), Some(0)));
    let more: Value = serde_json::from_str(&session.read("sets/more.json")).unwrap();
    assert_eq!(more["format"], "arp-conformance-set/1");
    assert_eq!(more["reports"].as_array().unwrap().len(), 3);

    session.write("known.yaml", "- {requirement: 'HEALTH-*', reason: known, until: 2999-12-31}\n");
    let waived = ["report", "run.json", "--waivers", "known.yaml", "--quiet"];
    assert_eq!(session.run(&waived).code, Some(0));
    session.assert("report");
}

#[test]
fn files_that_are_none() {
    let mut session = kept();
    session.write("other.json", r#"{"format": "arp-conformance/9"}"#);
    session.write("empty.json", r#"{"format": "arp-conformance-set/1", "reports": []}"#);
    session.write("torn.yaml", "- {requirement: RUN-1, raison: known, until: soon}\n- check: RUN-1\n");
    for arguments in [
        &["diff", "good.json"][..],
        &["diff", "good.json", "nowhere.json"],
        &["diff", "other.json", "good.json"],
        &["report"],
        &["report", "empty.json"],
        &["report", "torn.yaml"],
        &["report", "good.json", "--json", "."],
        &["report", "good.json", "--waivers", "torn.yaml"],
        &["report", "merge"],
        &["waivers"],
        &["waivers", "update", "--from", "good.json", "--waivers", "torn.yaml"],
        &["waivers", "update", "--from", "torn.yaml", "--waivers", "new.yaml"],
        &["waivers", "update", "--from", "good.json", "--waivers", "new.yaml", "--until", "soon"],
        &["waivers", "update", "--from", "good.json", "--waivers", "new.yaml", "--until", "2020-01-01"],
        &["waivers", "update", "--from", "good.json", "--waivers", "new.yaml", "--reason", " "],
    ] {
        let done = session.run(arguments);
        assert_eq!((done.code, &*done.stdout), (Some(2), ""), "{arguments:?}");
    }
    assert!(!session.path().join("new.yaml").exists());
    session.assert("wrong_kept_reports");
}
