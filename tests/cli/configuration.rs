//! Flags from the configuration file and from the environment.

use std::net::TcpListener;

use serde_json::Value;

use crate::program::{Done, Serving, Session, program, run};

const FILE: &str = "arp-conformance.toml";
const GUIDE: &str = include_str!("../../docs/configuration.md");

/// Two targets, and what holds for both.
fn targets(runtime: &Serving, gateway: &Serving) -> String {
    format!(
        r#"
requirement = ["VERSION-1"]
quiet = true

[targets.runtime]
url = "{}"
level = "must"

[targets.gateway]
url = "{}"
service = "run-gateway"
token-file = "secrets/token"
"#,
        runtime.url, gateway.url
    )
}

#[test]
fn named_targets_are_judged_one_or_all() {
    let runtime = Serving::start(&[]);
    let gateway = Serving::start(&["--service", "run-gateway", "--auth", "required"]);
    let mut session = Session::new();
    session.write(FILE, &targets(&runtime, &gateway));
    session.write("secrets/token", &gateway.token);
    assert_eq!(session.run(&["--target-name", "gateway"]).code, Some(0));
    let report = ["--all-targets", "--json", "all.json", "--junit", "all.xml"];
    assert_eq!(session.run(&report).code, Some(0));
    assert_eq!(session.run_with(&[("ARP_ALL_TARGETS", "yes")], &["--strict"]).code, Some(1));
    assert_eq!(session.run_with(&[("ARP_TARGET_NAME", "runtime")], &[]).code, Some(0));
    assert_eq!(session.run(&["--target", &runtime.url]).code, Some(0));

    let set: Value = serde_json::from_str(&session.read("all.json")).unwrap();
    assert_eq!(set["format"], "arp-conformance-set/1");
    let told = |place: &str| {
        let reports = set["reports"].as_array().unwrap();
        reports.iter().map(|report| report.pointer(place).unwrap().clone()).collect::<Vec<_>>()
    };
    assert_eq!(told("/target/name"), ["runtime", "gateway"], "in the order of the file");
    assert_eq!(told("/target/url"), [&*runtime.url, &*gateway.url]);
    assert!(session.read("all.xml").contains("gateway"));
    session.assert("named_targets");
}

#[test]
fn the_file_is_found_above_and_its_paths_are_relative_to_it() {
    let server = Serving::start(&["--auth", "required"]);
    let session = Session::new();
    let text = "requirement = [\"VERSION-1\"]\ntoken-file = \"token\"\njson = \"out/report.json\"\n";
    session.write(FILE, &format!("target = \"{}\"\n{text}", server.url));
    session.write("token", &server.token);
    session.write("deep/down/nothing", "");
    let there = |arguments: &[&str]| run(program(arguments).current_dir(session.path().join("deep/down")));
    let Done { stderr, code, .. } = there(&[]);
    assert_eq!((&*stderr, code), ("", Some(0)));
    assert!(session.read("out/report.json").contains("\"partial\""));
    assert_eq!(there(&["--no-config"]).code, Some(2));
    assert_eq!(there(&["--config", "../../arp-conformance.toml", "--quiet"]).code, Some(0));
    let below = program(&["list", "--service", "runtime"]).current_dir(session.path()).output().unwrap();
    assert!(below.status.success(), "subcommands read no file");
}

/// A target that nobody asks: what these commands say is wrong, they say first.
#[test]
fn whatever_is_wrong_is_told_with_its_place() {
    let target = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", target.local_addr().unwrap());
    let mut session = Session::new();
    session.write(
        "keys.toml",
        r#"timeout = "5"
tokne-file = "token"
target-name = "a"
url = "http://127.0.0.1:1"
tier = "deepest"
only = "RUN-1"
strict = 1
header = ["top secret"]
jobs = 0
colour = "auto"
targets.x = 5

[targets.y]
target = "http://127.0.0.1:1"
Timeout = 1
"#,
    );
    session.write("torn.toml", "target = \n[targets.a\n");
    session.write("nowhere.toml", &format!("target = \"{url}\"\ntoken-file = \"nowhere\"\n"));
    session.write("both.toml", &format!("target = \"{url}\"\ntoken-file = \"a\"\ntoken-command = \"b\"\n"));
    session.write("needy.toml", &format!("target = \"{url}\"\noauth-scope = \"read\"\n"));
    session.write("written.toml", &format!("target = \"{url}\"\njson = \"torn.toml/report.json\"\n"));
    session.write("named.toml", "targets.a.tier = \"core\"\n");
    session.write(
        "several.toml",
        &format!("[targets.a]\nurl = \"{url}\"\nformat = \"json\"\n[targets.b]\nurl = \"{url}\"\n"),
    );
    let files = ["keys", "torn", "nowhere", "both", "needy", "written", "named", "several"]
        .map(|it| format!("{it}.toml"));
    for file in &files {
        assert_eq!(session.run(&["--config", file]).code, Some(2), "{file}");
    }
    for arguments in [
        &["--config", "missing.toml"][..],
        &["--config", "several.toml", "--all-targets"],
        &["--config", "several.toml", "--target-name", "c"],
        &["--config", "several.toml", "--target-name", "a", "--all-targets"],
        &["--config", "several.toml", "--target", &url, "--target-name", "a"],
        &["--config", "both.toml", "--all-targets"],
        &["--target-name", "a"],
        &["--no-config", "--config", "several.toml"],
    ] {
        assert_eq!(session.run(arguments).code, Some(2), "{arguments:?}");
    }
    let wrong = [("ARP_TIMEOUT", "soon"), ("ARP_STRICT", "perhaps"), ("ARP_HEADER", "a: b\ntop secret")];
    assert_eq!(session.run_with(&wrong, &["--target", &url]).code, Some(2));
    target.set_nonblocking(true).unwrap();
    assert!(target.accept().is_err(), "something was sent");
    session.assert("wrong_configuration");
}

/// The program's own words about a wrong variable show how far a value got.
#[test]
fn what_is_typed_comes_before_variables_and_they_before_the_file() {
    let mut session = Session::new();
    session.write(FILE, "target = \"file\"\ntoken-file = \"nowhere\"\nset = {goal = \"a\", goul = \"b\"}\n");
    let said = |session: &mut Session, variables: &[(&str, &str)], arguments: &[&str]| {
        let done = session.run_with(variables, arguments);
        assert_eq!((done.code, &*done.stdout), (Some(2), ""));
        done.stderr.lines().next().unwrap().replace("error: ", "")
    };
    let target =
        |of: &str| format!("--target {of:?}: a URL needs its scheme; write it as http://127.0.0.1:8081");
    assert_eq!(said(&mut session, &[], &[]), target("file"));
    assert_eq!(said(&mut session, &[("ARP_TARGET", "variable")], &[]), target("variable"));
    assert_eq!(said(&mut session, &[("ARP_TARGET", "variable")], &["--target", "typed"]), target("typed"));
    assert_eq!(said(&mut session, &[("ARP_TARGET", "")], &[]), target("file"), "empty says nothing");

    let url = "http://127.0.0.1:1";
    let at = |more: &[&'static str]| [&["--target", url], more].concat();
    let file = "--token-file nowhere: No such file or directory (os error 2)";
    assert_eq!(said(&mut session, &[], &at(&[])), file);
    // The token comes before the file's token-file, and so does an OAuth client in variables, of which each part is needed.
    let set = "--set goul: no such variable; known are goal";
    assert!(said(&mut session, &[], &at(&["--token", "t"])).starts_with(set));
    assert!(said(&mut session, &[("ARP_TOKEN", "t")], &at(&[])).starts_with(set));
    let oauth = [("ARP_OAUTH_TOKEN_URL", "http://127.0.0.1:1/t"), ("ARP_OAUTH_CLIENT_ID", "me")];
    assert!(said(&mut session, &oauth, &at(&[])).starts_with("--oauth-client-id needs its secret"));
    assert!(said(&mut session, &oauth, &at(&["--token", "t"])).starts_with(set), "none of its parts is left");
    // Names are merged: a typed goal leaves the file's other names as they are.
    let both = at(&["--token", "t", "--set", "goal=c"]);
    assert!(said(&mut session, &[], &both).starts_with(set));
    let own = at(&["--token", "t", "--set", "goul=c"]);
    let done = session.run(&own);
    assert!(!done.stderr.contains("stands in"), "{}", done.stderr);
}

#[test]
fn a_switch_of_the_file_can_be_off() {
    let server = Serving::start(&[]);
    let mut session = Session::new();
    let text = "strict = true\nverbose = true\nrequirement = [\"VERSION-1\"]\n";
    session.write(FILE, &format!("target = \"{}\"\n{text}", server.url));
    assert_eq!(session.run(&["--quiet"]).code, Some(1), "typed, --quiet comes before the file's verbose");
    assert_eq!(session.run_with(&[("ARP_STRICT", "false")], &["--quiet"]).code, Some(0));
}

/// The blocks of that language in the guide.
fn blocks(language: &str) -> Vec<&'static str> {
    let blocks = GUIDE.split(&format!("\n```{language}\n")).skip(1).collect::<Vec<_>>();
    blocks.into_iter().map(|block| block.split_once("\n```\n").unwrap().0).collect()
}

#[test]
fn the_guide_shows_what_is_printed() {
    let servers = ["runtime", "run-gateway"].map(|service| Serving::start(&["--service", service]));
    let (files, shown) = (blocks("toml"), blocks("text"));
    let several = files[2]
        .replace("http://127.0.0.1:8081", &servers[0].url)
        .replace("https://gateway.staging.example/arp", &servers[1].url)
        .replace("vault read -field=token secret/arp", "echo token");
    let named = [("wrong.toml", files[1]), (FILE, files[0]), (FILE, &several)];
    assert_eq!((named.len(), files.len()), (shown.len(), 3));
    for ((name, text), shown) in named.into_iter().zip(shown) {
        let session = Session::new();
        session.write(name, text);
        let (command, output) = shown.split_once('\n').unwrap();
        let arguments: Vec<&str> = command.split(' ').skip(2).collect();
        let done = run(program(&arguments).current_dir(session.path()));
        // How many checks there are changes with the suite.
        let without_counts = |text: &str| text.trim_end().replace(|letter: char| letter.is_ascii_digit(), "");
        let printed = (done.stdout + &done.stderr)
            .replace(&servers[0].url, "http://127.0.0.1:8081")
            .replace(&servers[1].url, "https://gateway.staging.example/arp");
        assert_eq!(without_counts(&printed), without_counts(output), "{command}");
    }
}
