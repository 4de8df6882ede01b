use std::collections::HashSet;

use super::*;
use crate::report::model::Verdict;
use crate::report::samples::{self, sample};

/// What the published schema of SARIF 2.1.0 asks of the members that are written here, and what GitHub asks besides: a
/// physical location, and texts for every rule.
const ESSENTIALS: &str = include_str!("essentials.schema.json");

fn every() -> Vec<(&'static str, ReportSet)> {
    let mut every: Vec<_> = samples::all().into_iter().map(|(name, report)| (name, report.into())).collect();
    every.push(("waived", samples::waived(Verdict::NonConformant).into()));
    every.push((
        "set",
        ReportSet { reports: ["conformant", "every-outcome", "hostile"].map(sample).to_vec() },
    ));
    every
}

#[test]
fn golden() {
    for (name, set) in every() {
        insta::assert_snapshot!(name, sarif(&set, false));
    }
}

#[test]
fn it_keeps_the_essential_rules_of_its_schema() {
    let schema: Value = serde_json::from_str(ESSENTIALS).unwrap();
    let validator =
        jsonschema::options().should_validate_formats(true).build(&schema).expect("the schema is a schema");
    for (name, set) in every() {
        for strict in [false, true] {
            let document: Value = serde_json::from_str(&sarif(&set, strict)).unwrap();
            let errors: Vec<String> = validator
                .iter_errors(&document)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{name}: {}", errors.join("\n"));
            let mut categories = HashSet::new();
            for run in document["runs"].as_array().unwrap() {
                assert!(categories.insert(run["automationDetails"]["id"].to_string()), "{name}");
                let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
                let ids: HashSet<String> = rules.iter().map(|rule| rule["id"].to_string()).collect();
                assert_eq!(ids.len(), rules.len(), "{name}: a rule stands twice");
                let mut known = HashSet::new();
                for result in run["results"].as_array().unwrap() {
                    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
                    assert_eq!(rules[index]["id"], result["ruleId"], "{name}");
                    let print = result["partialFingerprints"]["primaryLocationLineHash"].to_string();
                    assert!(known.insert(print), "{name}: two results of one fingerprint");
                }
            }
        }
    }
}

#[test]
fn a_result_is_known_again_by_its_check() {
    let first = |report: &Report| {
        let document: Value = serde_json::from_str(&sarif(&report.clone().into(), false)).unwrap();
        document["runs"][0]["results"][0]["partialFingerprints"].clone()
    };
    let mut report = sample("every-outcome");
    let before = first(&report);
    report.results[2].message = "another message".to_owned();
    report.started_at = "2026-02-02T00:00:00Z".to_owned();
    assert_eq!(first(&report), before);
    report.results[2].id.push('x');
    assert_ne!(first(&report), before);
}

#[test]
fn no_text_is_a_link() {
    for (name, set) in every() {
        assert!(!sarif(&set, false).contains("]("), "{name}");
    }
    assert_eq!(text("[a](http://b)"), "[a] (http://b)");
}
