//! The suite as a whole: what comes with the binary loads, what is wrong in case files is told, and every derived row
//! is wrong in the way that it says.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::*;
use crate::contract::{Contract, Service};

mod rows;

fn bundled(service: Service) -> (Contract, Suite) {
    let contract = Contract::bundled(service).unwrap();
    let suite = Suite::load(&Source::bundled(), &contract).unwrap_or_else(|error| panic!("{error}"));
    (contract, suite)
}

const CATALOGUE: &str = "requirements:
  - {id: ERROR-2, level: should, services: [all], says: x, source: [page]}
  - {id: LIFE-2, level: must, services: [runtime, run-gateway], says: x, source: [page]}
  - {id: NDJSON-4, level: must, services: [run-gateway], says: x, source: [page]}
  - {id: REQUEST-2, level: must, services: [all], says: x, source: [page]}
  - {id: RUN-2, level: must, services: [run-gateway], says: x, source: [page]}
  - {id: RUN-3, level: must, services: [runtime], says: x, source: [page]}
  - {id: RUN-5, level: must, services: [all], says: x, source: [page]}
";

/// A short catalogue and the bundled profile of the Run Gateway: what a case file needs beside it.
fn knowledge() -> Source {
    let profile = include_str!("../../cases/run-gateway/service.yaml");
    Source::default().with_file("requirements.yaml", CATALOGUE).with_file("service.yaml", profile)
}

fn load(source: &Source) -> Result<Suite, LoadError> {
    static CONTRACT: OnceLock<Contract> = OnceLock::new();
    Suite::load(source, CONTRACT.get_or_init(|| Contract::bundled(Service::RunGateway).unwrap()))
}

/// A case file that is right.
const RIGHT: &str = r#"suite: t
services: [all]
scenarios:
  - id: one
    title: A run starts, ends and tells its events
    tier: core
    effects: creates-runs
    when: {feature: events, auth: [off, optional], token: valid}
    control: t/two:create
    steps:
      - id: create
        call: runs.start
        credentials: valid
        body: {from: minimal, set: {/run_id: "${fresh.run_id}"}, remove: [/metadata]}
        checks:
          - {requirement: RUN-5, name: first, status: [200, 2xx]}
      - id: settle
        call: get_run
        path: {run_id: "${create/run_id}"}
        poll: {until: {at: /state, one-of: [succeeded]}, within: "${poll_timeout}"}
        pause: 10ms
        checks:
          - {requirement: LIFE-2, given: {step: create, status: 2xx}, at: /state, equals: succeeded}
      - id: events
        call: runs.events
        path: {run_id: "${create/run_id}"}
        probes: events
        stream: {stop: {events: 2, on: {at: /type, equals: run_completed}, idle: 2s, within: 10s}}
        checks:
          - {requirement: NDJSON-4, each: /seq, order: non-decreasing}
      - id: outside
        request: {method: GET, path: "/v1/${fresh.path}"}
        refusal: true
        checks:
          - {requirement: ERROR-2, schema: ErrorEnvelope}
  - id: two
    title: A run starts
    tier: core
    effects: creates-runs
    steps:
      - id: create
        call: start_run
        body: {json: {input: {}}}
        checks:
          - {requirement: RUN-2, status: 200}
"#;

/// What the loader says of the right file with one text in it replaced, one paragraph for each replacement.
fn edited(edits: &[(&str, &str)]) -> String {
    let mut said = String::new();
    for (from, to) in edits {
        assert_eq!(RIGHT.matches(from).count(), 1, "{from}");
        let source = knowledge().with_file("cases/t.yaml", &RIGHT.replace(from, to));
        let error = load(&source).err().map_or("NO ERROR".to_owned(), |error| error.to_string());
        said += &format!("{from}  =>  {}\n{error}\n\n", if to.is_empty() { "nothing" } else { to });
    }
    said
}

#[test]
fn the_bundled_suite_loads_for_every_service() {
    for service in Service::ALL {
        let (_, suite) = bundled(service);
        assert_eq!(suite.profile.service, service);
        assert!(suite.scenarios.len() > 50, "{service}: {}", suite.scenarios.len());
        for feature in suite.profile.features() {
            assert!(suite.probe(feature).is_some(), "{service} has no step that probes {feature}");
        }
    }
    let (_, runtime) = bundled(Service::Runtime);
    let (_, gateway) = bundled(Service::RunGateway);
    assert!(runtime.scenario("results/finished-run").is_some());
    assert!(gateway.scenario("results/finished-run").is_none(), "scenarios of other services stay out");
}

#[test]
fn the_right_file_is_right() {
    let suite = load(&knowledge().with_file("cases/t.yaml", RIGHT)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(suite.scenarios.len(), 2);
    assert_eq!(suite.scenario("t/one").unwrap().steps.len(), 4);
}

#[test]
fn unknown_keys_are_told_at_every_level() {
    let said = edited(&[
        ("suite: t", "suite: t\nservice: runtime"),
        ("    title: A run starts, ends and tells its events", "    titel: A run"),
        ("auth: [off, optional]", "autth: [off]"),
        ("credentials: valid", "credential: valid"),
        ("remove: [/metadata]", "removed: [/metadata]"),
        ("name: first", "names: first"),
        ("given: {step: create, status: 2xx}", "given: {step: create, status: 2xx, because: x}"),
        ("within: \"${poll_timeout}\"", "within: \"${poll_timeout}\", every: 1s"),
        ("stream: {stop: {events: 2", "stream: {then: x, stop: {events: 2"),
        ("idle: 2s", "idle: 2s, idel: 1s"),
        ("{method: GET, path", "{method: GET, query: x, path"),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn what_is_missing_or_too_much_is_told() {
    let said = edited(&[
        ("services: [all]\n", ""),
        ("    effects: creates-runs\n    when", "    when"),
        ("      - id: settle\n        call: get_run\n", "      - id: settle\n"),
        ("        call: get_run\n", "        call: get_run\n        request: {method: GET, path: /}\n"),
        ("path: {run_id: \"${create/run_id}\"}\n        poll", "poll"),
        (
            "        poll: {until: {at: /state, one-of: [succeeded]}, within: \"${poll_timeout}\"}\n",
            "        poll: {until: {at: /state, one-of: [succeeded]}}\n",
        ),
        (
            "stream: {stop: {events: 2, on: {at: /type, equals: run_completed}, idle: 2s, within: 10s}}",
            "stream: {}",
        ),
        ("idle: 2s, ", ""),
        ("requirement: RUN-5, name: first, ", ""),
        ("at: /state, equals: succeeded}", "}"),
        ("at: /state, equals: succeeded}", "at: /state}"),
        ("at: /state, equals: succeeded}", "at: /state, equals: succeeded, present: true}"),
        ("at: /state, equals: succeeded}", "at: /state, equals: succeeded, status: 200}"),
        ("each: /seq, order: non-decreasing", "each: /seq"),
        ("          - {requirement: RUN-2, status: 200}\n", "          []\n"),
        (
            "    tier: core\n    effects: creates-runs\n    when",
            "    tier: core\n    tier: deep\n    effects: creates-runs\n    when",
        ),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn unknown_names_are_told_with_the_nearest() {
    let said = edited(&[
        ("services: [all]", "services: [run-gatway]"),
        (
            "    tier: core\n    effects: creates-runs\n    when",
            "    tier: cor\n    effects: creates-runs\n    when",
        ),
        ("{feature: events,", "{feature: event,"),
        ("auth: [off, optional]", "auth: [of]"),
        ("control: t/two:create", "control: t/two:creates"),
        ("control: t/two:create", "control: two"),
        ("call: get_run\n", "call: get_runs\n"),
        ("call: runs.start", "call: runs.begin"),
        ("credentials: valid", "credentials: vaild"),
        ("from: minimal", "from: minimum"),
        ("requirement: RUN-5", "requirement: RUN-55"),
        ("requirement: RUN-5", "requirement: {gateway: RUN-5}"),
        ("requirement: RUN-5", "requirement: RUN-3"),
        ("requirement: RUN-5", "requirement: row"),
        ("given: {step: create", "given: {step: creat"),
        ("\"${poll_timeout}\"", "\"${poll_timeout}\"}\n        headers: {x-note: \"${root_node_type_idd}\""),
        ("/run_id: \"${fresh.run_id}\"", "/run_id: \"${settle/run_id}\""),
        ("/run_id: \"${fresh.run_id}\"", "/run_id: \"${t/two:made/run_id}\""),
        ("each: /seq, order: non-decreasing", "each: /seq, order: rising"),
        ("each: /seq, order: non-decreasing", "each: /seq, over: [event], order: increasing"),
        ("schema: ErrorEnvelope", "schema: Error"),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn wrong_values_are_told() {
    let said = edited(&[
        ("status: [200, 2xx]", "status: ok"),
        ("status: [200, 2xx]", "status: [200, 6xx, 99, not-200]"),
        ("status: [200, 2xx]", "status: true"),
        ("at: /state, equals: succeeded}", "at: state, equals: succeeded}"),
        ("each: /seq", "each: seq"),
        ("remove: [/metadata]", "remove: [metadata]"),
        ("idle: 2s", "idle: 2"),
        ("idle: 2s", "idle: 2 seconds"),
        ("pause: 10ms", "pause: soon"),
        ("events: 2", "events: 0"),
        ("refusal: true", "refusal: maybe"),
        ("token: valid", "token: no"),
        ("method: GET", "method: G ET"),
        ("/run_id: \"${fresh.run_id}\"", "/run_id: \"${fresh.run_id\""),
        ("/run_id: \"${fresh.run_id}\"", "/run_id: \"${}\""),
        ("body: {json: {input: {}}}", "body: {base64: \"?\"}"),
        ("body: {json: {input: {}}}", "body: {text: 1}"),
        ("body: {json: {input: {}}}", "body: minimal"),
        ("equals: succeeded}\n      - id: events", "not-empty: false}\n      - id: events"),
        ("equals: succeeded}\n      - id: events", "near-now: 1}\n      - id: events"),
        ("{at: /type, equals: run_completed}", "run_completed"),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn what_stands_twice_or_waits_for_itself_is_told() {
    let said = edited(&[
        ("id: two", "id: one"),
        ("id: settle", "id: create"),
        ("body: {json: {input: {}}}", "body: {json: {input: \"${t/one:create/run_id}\"}}"),
        ("control: t/two:create", "control: t/one:create"),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn rows_are_read_as_strictly() {
    let rows = |rows: &str, requirement: &str| {
        let text = format!(
            "suite: t\nservices: [all]\nscenarios:\n  - id: rows\n    title: A body that ${{row.label}}\n    tier: deep\n    \
             effects: invalid-writes\n    rows: {rows}\n    steps:\n      - id: send\n        call: runs.start\n        \
             body: row\n        checks:\n          - {{requirement: {requirement}, status: 4xx}}\n"
        );
        load(&knowledge().with_file("cases/t.yaml", &text)).err().map_or("NO ERROR".into(), |e| e.to_string())
    };
    let said = [
        rows("protected", "RUN-2"),
        rows("[{id: a}]", "RUN-2"),
        rows("[{id: a, label: b, bodi: {text: \"\"}}]", "RUN-2"),
        rows("[{id: a, label: b}, {id: a, label: c}]", "RUN-2"),
        rows("[{id: a, label: b}]", "row"),
        rows("{violations-of: runs.read, from: minimal, kinds: {type: REQUEST-2}}", "row"),
        rows("{violations-of: runs.start, from: minimum, kinds: {type: REQUEST-2}}", "row"),
        rows("{violations-of: runs.start, from: minimal, beyond: none, kinds: {typ: REQUEST-2}}", "row"),
        rows("{violations-of: runs.start, from: minimal}", "row"),
    ];
    let said = said.join("\n\n");
    insta::assert_snapshot!(said);
}

#[test]
fn the_catalogue_and_the_profiles_are_read_as_strictly() {
    let catalogue = "requirements:\n  - {id: A-1, level: most, services: [all], says: x, source: [page]}\n  \
                     - {id: A-2, level: must, services: [runtimes], says: x, source: [page], wen: y}\n  \
                     - {id: A-3, level: must, services: [all], says: x, source: page}\n  \
                     - {id: A-4, level: must, services: [all], says: x, source: []}\n  \
                     - {id: A-4, level: must, services: [all], says: \"\", source: []}\n";
    let profile = "service: run-gateway\noperations: {health: {answer: HEALTH-1}, helth: {}}\nroles: {start: begin}\n\
                   variables: {goal: {says: x}}\nbodies: {minimal: \"${goal\"}\nknown: [{service: x}]\n";
    let source =
        Source::default().with_file("requirements.yaml", catalogue).with_file("gateway.yaml", profile);
    insta::assert_snapshot!(load(&source).unwrap_err());
}

#[test]
fn a_suite_needs_the_profile_of_its_service() {
    let source = Source::default().with_file("cases/t.yaml", "suite: t\nservices: [all]\nscenarios: []\n");
    assert_eq!(
        load(&source).unwrap_err().to_string(),
        "1 error in the case files\n\n  cases:1:1: no service profile for run-gateway\n    \
         add a file with `service:` and `operations:`"
    );
}

#[test]
fn the_errors_of_all_files_are_told_together_in_order() {
    let source = knowledge()
        .with_file(
            "a.yaml",
            &RIGHT.replace("requirement: RUN-2", "requirement: RUN-99").replace("idle: 2s", "idle: 2"),
        )
        .with_file("b.yaml", "suite: b\nservices: [all\n")
        .with_file("c.yaml", &RIGHT.replace("suite: t", "suite: c").replace("t/two", "c/two"))
        .with_file("d.yaml", "suite: d\nservices: [all]\nscenarios:\n  - {id: x}\n")
        .with_file("e.yaml", "just a text");
    insta::assert_snapshot!(load(&source).unwrap_err());
}

#[test]
fn a_folder_of_case_files_is_read_in_the_order_of_its_paths() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("inner")).unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("inner/t.yaml", RIGHT);
    write("a.yaml", &RIGHT.replace("suite: t", "suite: a").replace("t/two", "a/two"));
    write("notes.txt", "no case file");
    let suite = load(&knowledge().with_dir(dir.path()).unwrap()).unwrap_or_else(|error| panic!("{error}"));
    let ids: Vec<&str> = suite.scenarios.iter().map(|scenario| scenario.id.as_str()).collect();
    assert_eq!(ids, ["a/one", "a/two", "t/one", "t/two"]);
    assert!(Source::default().with_dir(&dir.path().join("nowhere")).is_err());
}

/// Every step is there for something: it is judged, it shows a feature, or another step needs its answer.
#[test]
fn no_step_of_the_bundled_suite_is_for_nothing() {
    for service in Service::ALL {
        let (_, suite) = bundled(service);
        let mut named: BTreeSet<(&str, String)> = BTreeSet::new();
        let mut foreign: BTreeSet<StepRef> = BTreeSet::new();
        for scenario in &suite.scenarios {
            foreign.extend(scenario.depends_on());
            for step in &scenario.steps {
                let mut references = Vec::new();
                step.request.templates(&mut |template| references.extend(template.references()));
                for check in &step.checks {
                    named.extend(check.premises().map(|given| (scenario.id.as_str(), given.step.clone())));
                    if let Assertion::Each { over, .. } = &check.assertion {
                        named.extend(over.iter().map(|step| (scenario.id.as_str(), step.clone())));
                    }
                    check.assertion.templates(&mut |template| references.extend(template.references()));
                }
                named.extend(references.into_iter().filter_map(|reference| match reference {
                    Reference::Answer { step, .. } => Some((scenario.id.as_str(), step)),
                    _ => None,
                }));
            }
        }
        for scenario in &suite.scenarios {
            for step in &scenario.steps {
                let needed = named.contains(&(&scenario.id, step.id.clone()))
                    || foreign.contains(&StepRef { scenario: scenario.id.clone(), step: step.id.clone() });
                // A request outside the contract is there for what it does to the target.
                let outside = matches!(step.request.target, RequestTarget::Path { .. });
                let used = !step.checks.is_empty() || step.probes.is_some() || needed || outside;
                assert!(used, "{service} {}: step {} is for nothing", scenario.id, step.id);
            }
        }
    }
}

#[test]
fn edits_of_a_body_are_made_in_the_order_in_which_they_stand() {
    let text = RIGHT.replace("set: {/run_id: \"${fresh.run_id}\"}", "set: {/a: {}, /a/b: 1, /a/c: 2}");
    let suite = load(&knowledge().with_file("cases/t.yaml", &text)).unwrap_or_else(|error| panic!("{error}"));
    let Some(Body::From { set, .. }) = &suite.scenario("t/one").unwrap().steps[0].request.body else {
        panic!()
    };
    let places: Vec<&str> = set.iter().map(|(at, _)| at.as_str()).collect();
    assert_eq!(places, ["/a", "/a/b", "/a/c"]);
}
