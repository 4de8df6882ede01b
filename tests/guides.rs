//! The guides say what is so: their YAML loads, their example holds at the reference server, and their links lead
//! somewhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arp_conformance::contract::{Contract, Service};
use arp_conformance::reference;
use arp_conformance::report::Waivers;
use arp_conformance::report::model::Outcome;
use arp_conformance::run::{Run, Scope, Settings, Target};
use arp_conformance::suite::{Source, Suite};

const CASE_GUIDE: &str = include_str!("../docs/writing-a-case.md");
const KNOWN_FAILURES_GUIDE: &str = include_str!("../docs/known-failures.md");
const REQUIREMENT_GUIDE: &str = include_str!("../docs/adding-a-requirement.md");

/// The first block of that language in a Markdown text.
fn block<'t>(text: &'t str, language: &str) -> &'t str {
    let (_, rest) = text.split_once(&format!("\n```{language}\n")).expect("the guide has such a block");
    rest.split_once("\n```\n").expect("the block ends").0
}

fn suite(service: Service) -> (Arc<Contract>, Arc<Suite>) {
    let contract = Contract::bundled(service).unwrap();
    let source = Source::bundled()
        .with_file("writing-a-case.md", block(CASE_GUIDE, "yaml"))
        .with_file("adding-a-requirement.md", block(REQUIREMENT_GUIDE, "yaml"));
    let suite = Suite::load(&source, &contract).unwrap_or_else(|error| panic!("{error}"));
    (Arc::new(contract), Arc::new(suite))
}

#[test]
fn the_example_of_a_requirement_is_read() {
    let (_, suite) = suite(Service::Runtime);
    assert!(suite.catalogue.get("EXAMPLE-1").is_some());
}

#[test]
fn the_example_of_waivers_is_read() {
    let waivers = Waivers::read("known-failures.md", block(KNOWN_FAILURES_GUIDE, "yaml"));
    assert_eq!(waivers.unwrap().iter().count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_of_a_case_holds_at_the_reference_server() {
    for service in Service::ALL {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = reference::start(reference::Options::new(service), listener).await.unwrap();
        let run = Run {
            services: BTreeMap::from([(service, suite(service))]),
            target: Target::new(server.url().parse().unwrap()),
            service: Some(service),
            settings: Settings::default(),
            scope: Scope { only: vec![format!("{service}/own")], ..Scope::default() },
        };
        let report = run.execute(std::future::pending()).await.unwrap().report;
        let own: Vec<_> = report.results.iter().filter(|result| result.id.contains("/own/")).collect();
        assert!(own.len() > 8, "{service}: {} checks", own.len());
        for result in own {
            assert_eq!(result.outcome, Outcome::Pass, "{}: {}", result.id, result.message);
        }
        server.shutdown().await;
    }
}

#[test]
fn links_lead_to_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = ["README.md", "CHANGELOG.md"].map(|name| root.join(name)).into();
    let guides = std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    files.extend(guides.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    let mut broken = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            let path = target.split('#').next().unwrap_or_default();
            let elsewhere = path.is_empty() || path.contains("://");
            if !elsewhere && !file.parent().unwrap().join(path).exists() {
                broken.push(format!("{}: {target}", file.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
