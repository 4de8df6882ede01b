//! Bodies and the rows derived from them, held against the contract.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::bundled;
use crate::contract::{Contract, SchemaRef, Service};
use crate::suite::derive::Edit;
use crate::suite::*;

/// Fills templates in with a profile's values for one target.
struct Values(BTreeMap<String, Value>);

impl Lookup for Values {
    fn lookup(&self, reference: &Reference) -> Result<Value, String> {
        match reference {
            Reference::Variable(name) => self.0.get(name).cloned().ok_or_else(|| format!("no {name}")),
            Reference::Fresh(name) => Ok(json!(format!("arp-conformance-{name}"))),
            _ => Ok(json!("arp-conformance-earlier")),
        }
    }
}

/// The values for a target nobody knows, and for each that is known.
fn values(profile: &Profile) -> Vec<Values> {
    let known = profile.known.iter().map(|known| Some(known.service_name.as_str()));
    let names = std::iter::once(None).chain(known);
    names.map(|name| Values(profile.variables_for(name, &BTreeMap::new()))).collect()
}

fn request_schema(contract: &Contract, profile: &Profile) -> SchemaRef {
    let start = contract.operation(&profile.roles["start"]).unwrap();
    start.request.as_ref().unwrap().media[0].schema.clone().unwrap()
}

/// The keywords that a violation of each kind breaks.
fn keywords(kind: MutationKind) -> &'static [&'static str] {
    match kind {
        MutationKind::Required => &["required"],
        MutationKind::Type => &["type"],
        MutationKind::Unknown | MutationKind::ExtensionKey => &["additionalProperties"],
        MutationKind::Bounds => &["minimum", "maximum", "minItems"],
        MutationKind::Enum => &["enum"],
        MutationKind::Format => &["format"],
    }
}

#[test]
fn every_body_is_valid_and_every_row_derived_from_it_breaks_one_statement() {
    for service in Service::ALL {
        let (contract, suite) = bundled(service);
        let schema = request_schema(&contract, &suite.profile);
        let mut rows = 0;
        for values in values(&suite.profile) {
            for (name, template) in &suite.profile.bodies {
                let body = template.fill(&values).unwrap();
                assert_eq!(contract.violations(&schema, &body), [], "{service} {name}: {body}");
                let mutations = mutations(&contract.resolved(&schema), &body);
                let ids: BTreeSet<String> = mutations.iter().map(Mutation::id).collect();
                assert_eq!(ids.len(), mutations.len(), "{service} {name}: ids are unique");
                for mutation in &mutations {
                    let mut wrong = body.clone();
                    match &mutation.edit {
                        Edit::Set(at, value) => assert!(set_pointer(&mut wrong, at, value.clone())),
                        Edit::Remove(at) => assert!(remove_pointer(&mut wrong, at).is_some()),
                    }
                    let violations = contract.violations(&schema, &wrong);
                    let said: Vec<&str> = violations.iter().map(|v| v.keyword.as_str()).collect();
                    let id = format!("{service} {name} {}", mutation.id());
                    assert!(
                        matches!(said[..], [one] if keywords(mutation.kind).contains(&one)),
                        "{id}: {violations:?}"
                    );
                    rows += 1;
                }
            }
        }
        assert!(rows > 80, "{service}: {rows}");
    }
}

/// What is sent in the end, the step's own edits included.
#[test]
fn what_is_to_be_refused_is_wrong_and_everything_else_is_valid() {
    for service in Service::ALL {
        let (contract, suite) = bundled(service);
        let schema = request_schema(&contract, &suite.profile);
        let start = suite.profile.roles["start"].as_str();
        let mut seen = (0, 0);
        for values in values(&suite.profile) {
            for scenario in &suite.scenarios {
                for step in scenario.steps.iter().filter(|step| step.request.operation() == Some(start)) {
                    let Some(Body::From { name, set, remove }) = &step.request.body else { continue };
                    let mut body = suite.profile.bodies[name].fill(&values).unwrap();
                    for (at, template) in set {
                        assert!(
                            set_pointer(&mut body, at, template.fill(&values).unwrap()),
                            "{}",
                            scenario.id
                        );
                    }
                    for at in remove {
                        assert!(remove_pointer(&mut body, at).is_some(), "{}: nothing at {at}", scenario.id);
                    }
                    // Sent as another media type, the body is wrong whatever it holds.
                    let wrong = step.request.headers.contains_key("content-type")
                        || !contract.violations(&schema, &body).is_empty();
                    assert_eq!(wrong, step.refusal, "{service} {}:{} {body}", scenario.id, step.id);
                    match wrong {
                        true => seen.0 += 1,
                        false => seen.1 += 1,
                    }
                }
            }
        }
        assert!(seen.0 > 30 && seen.1 > 5, "{service}: {seen:?}");
    }
}

#[test]
fn no_row_is_left_out_because_another_body_seems_to_have_it() {
    for service in Service::ALL {
        let (contract, suite) = bundled(service);
        let schema = contract.resolved(&request_schema(&contract, &suite.profile));
        let filled = suite.profile.bodies["filled"].fill(&values(&suite.profile)[0]).unwrap();
        let derived = |scenario: &str| -> BTreeSet<String> {
            let prefix = format!("{scenario}[");
            let ids = suite.scenarios.iter().filter_map(|scenario| scenario.id.strip_prefix(&prefix));
            ids.map(|id| id.trim_end_matches(']').to_owned()).collect()
        };
        let (minimal, optional) = (derived("requests/invalid"), derived("requests/invalid-option"));
        assert!(minimal.is_disjoint(&optional), "{service}: no row twice");
        let all: BTreeSet<String> =
            mutations(&schema, &filled).iter().map(|mutation| mutation.id()).collect();
        let covered: BTreeSet<String> = minimal.union(&optional).cloned().collect();
        assert_eq!(covered, all, "{service}");
    }
}

/// The members that the request's schema defines, as JSON Pointers; items of lists count as `/0`.
fn members(schema: &Value, at: &str, found: &mut BTreeSet<String>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let member = format!("{at}/{name}");
        members(property, &member, found);
        found.insert(member);
    }
    if let Some(items) = schema.get("items") {
        members(items, &format!("{at}/0"), found);
    }
}

/// REQUEST-9 names what is tried; whatever else the schema defines has to stand here by name.
#[test]
fn the_filled_body_has_every_optional_member_but_those_that_are_known_to_be_left_out() {
    let left_out = |service: Service| -> Vec<String> {
        let (contract, suite) = bundled(service);
        let mut all = BTreeSet::new();
        members(&contract.resolved(&request_schema(&contract, &suite.profile)), "", &mut all);
        let filled = suite.profile.bodies["filled"].fill(&values(&suite.profile)[0]).unwrap();
        all.into_iter().filter(|at| filled.pointer(at).is_none()).collect()
    };
    let selector = ["", "/instance_id", "/runtime_api_endpoint", "/runtime_name", "/runtime_profile"];
    let selector = selector.map(|member| format!("/runtime_selector{member}"));
    assert_eq!(left_out(Service::Runtime), [&["/run_id".to_owned()][..], &selector[..]].concat());
    assert_eq!(
        left_out(Service::RunGateway),
        ["/root_node_type_ref/extensions", "/run_context/actor/extensions", "/run_id"]
    );
}
