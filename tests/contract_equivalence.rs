//! The bundled contracts say what the standard's own files say: compared document by document and as a whole, with
//! references resolved and prose dropped, in both directions.
//!
//! The official files are read from the directory that `ARP_OFFICIAL_SPEC` names: it holds `v0.2.6` and `v0.3.7`, each
//! with the standard's `spec/v1` folder as `v1`. Without the variable nothing is compared, and the test says so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use arp_conformance::contract::{Contract, Service};
use serde_json::{Map, Value, json};

/// The documents of one side, by their place in the tree.
type Side<'a> = BTreeMap<&'a str, &'a Value>;

#[test]
fn the_bundled_contracts_say_what_the_official_ones_say() {
    let Some(official) = std::env::var_os("ARP_OFFICIAL_SPEC").map(PathBuf::from) else {
        println!("contract equivalence: not run, ARP_OFFICIAL_SPEC is unset");
        return;
    };
    let mut compared = Vec::new();
    for service in Service::ALL {
        let release = service.default_release();
        let bundled = Contract::bundled(service).unwrap();
        let official =
            Contract::from_tree(service, &official.join(release)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(official.release(), release);
        let differences = compare(&bundled.documents().collect(), &official.documents().collect());
        assert!(differences.is_empty(), "{release} {service}:\n{}", differences.join("\n"));
        assert_eq!(reading(&bundled), reading(&official), "{release} {service} is read differently");
        compared.push(format!("{release} {service}"));
    }
    println!("contract equivalence: compared {}", compared.join(", "));
}

/// What the loader makes of a contract: operations and the schemas that it hands out, in one piece.
fn reading(contract: &Contract) -> Vec<String> {
    let mut read = Vec::new();
    let mut tell = |what: String, schema| {
        let schema = set_like(&contract.resolved(schema));
        read.push(format!("{what}: {schema}"));
    };
    tell("event".to_owned(), contract.event_schema());
    for operation in contract.operations() {
        let label = format!("{} {:?} {}", operation.label(), operation.parameters, operation.secured);
        let request = operation.request.iter().flat_map(|body| &body.media);
        let media = request.map(|media| ("request".to_owned(), media)).chain(
            operation.responses.iter().flat_map(|response| {
                let key = format!("{:?} {:?}", response.status, response.headers);
                response.media.iter().map(move |media| (key.clone(), media))
            }),
        );
        for (key, media) in media {
            let schema = media.schema.as_ref().unwrap();
            tell(format!("{label} {key} {}", media.name), schema);
        }
    }
    read
}

/// Every difference, one line each: the file, the place, and what each side says there.
fn compare(bundled: &Side, official: &Side) -> Vec<String> {
    let mut differences = Vec::new();
    let names: BTreeSet<&str> = bundled.keys().chain(official.keys()).copied().collect();
    for name in names {
        match (bundled.get(name), official.get(name)) {
            (Some(ours), Some(theirs)) => {
                // As written: what is only reached through other schemas, and how the documents refer to one another.
                differ(
                    &format!("{name}#"),
                    &bare(ours, Names::No),
                    &bare(theirs, Names::No),
                    &mut differences,
                );
                // In one piece: that the references lead to the same things.
                let whole = |side: &Side, document| bare(&inlined(side, name, document, 0), Names::No);
                let (ours, theirs) = (whole(bundled, ours), whole(official, theirs));
                differ(&format!("{name} (resolved)#"), &ours, &theirs, &mut differences);
            }
            (ours, _) => differences
                .push(format!("{name}: only {}", if ours.is_some() { "bundled" } else { "official" })),
        }
    }
    differences
}

fn differ(at: &str, ours: &Value, theirs: &Value, differences: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
            for name in names {
                let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                match (ours.get(name), theirs.get(name)) {
                    (Some(ours), Some(theirs)) => differ(&at, ours, theirs, differences),
                    (Some(ours), None) => differences.push(format!("{at}: only bundled: {ours}")),
                    (_, theirs) => differences.push(format!("{at}: only official: {}", json!(theirs))),
                }
            }
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            for (i, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                differ(&format!("{at}/{i}"), ours, theirs, differences);
            }
        }
        _ if ours != theirs => differences.push(format!("{at}: bundled {ours}, official {theirs}")),
        _ => {}
    }
}

/// Whether the keys of an object are names that the document gives (members, statuses, components) or keywords.
#[derive(Clone, Copy, PartialEq)]
enum Names {
    Yes,
    No,
}

/// Objects whose keys are names.
const NAMED: [&str; 12] = [
    "properties",
    "patternProperties",
    "$defs",
    "paths",
    "responses",
    "headers",
    "content",
    "schemas",
    "securitySchemes",
    "parameters",
    "requestBodies",
    "examples",
];

const PROSE: [&str; 3] = ["description", "summary", "$comment"];

/// The value without its prose; lists of words are sorted, since their order says nothing (`required`, `enum`, `tags`).
fn bare(value: &Value, names: Names) -> Value {
    match value {
        Value::Object(members) => {
            let kept =
                members.iter().filter(|(name, _)| names == Names::Yes || !PROSE.contains(&name.as_str()));
            let inner = |name: &str| match names {
                Names::No if NAMED.contains(&name) => Names::Yes,
                _ => Names::No,
            };
            kept.map(|(name, value)| (name.clone(), bare(value, inner(name)))).collect::<Map<_, _>>().into()
        }
        Value::Array(_) => set_like(value),
        other => other.clone(),
    }
}

fn set_like(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let sorted: BTreeMap<_, _> =
                members.iter().map(|(name, value)| (name, set_like(value))).collect();
            json!(sorted)
        }
        Value::Array(list) => {
            let mut list: Vec<Value> = list.iter().map(|value| set_like(&bare(value, Names::No))).collect();
            if list.iter().all(Value::is_string) {
                list.sort_by_key(Value::to_string);
            }
            list.into()
        }
        other => other.clone(),
    }
}

/// The value with every reference replaced by what it leads to: written apart from the loader, which is under test.
fn inlined(side: &Side, file: &str, value: &Value, depth: usize) -> Value {
    assert!(depth < 64, "{file}: references without end");
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                assert!(
                    members.keys().all(|key| key == "$ref" || PROSE.contains(&key.as_str())),
                    "{members:?}"
                );
                let (path, pointer) = reference.split_once('#').unwrap_or((reference, ""));
                let target = if path.is_empty() { file.to_owned() } else { beside(file, path) };
                let found = side.get(target.as_str()).and_then(|document| document.pointer(pointer));
                let found = found.unwrap_or_else(|| panic!("{file}: {reference} leads nowhere"));
                return inlined(side, &target, found, depth + 1);
            }
            let inner =
                members.iter().map(|(name, value)| (name.clone(), inlined(side, file, value, depth + 1)));
            Value::Object(inner.collect())
        }
        Value::Array(list) => list.iter().map(|value| inlined(side, file, value, depth + 1)).collect(),
        other => other.clone(),
    }
}

fn beside(file: &str, path: &str) -> String {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// The comparison is only worth something if it sees a difference: one of every kind is planted on either side.
#[test]
fn a_planted_difference_is_reported_with_its_place() {
    let contract = Contract::bundled(Service::RunGateway).unwrap();
    let documents: BTreeMap<&str, Value> =
        contract.documents().map(|(name, doc)| (name, doc.clone())).collect();
    let whole: Side = documents.iter().map(|(name, document)| (*name, document)).collect();
    assert_eq!(compare(&whole, &whole), Vec::<String>::new());

    let openapi = "openapi/run-gateway.openapi.yaml";
    let run = "schemas/core/run.schema.json";
    let start = "/paths/~1v1~1runs/post";
    let plants: [(&str, String, Option<Value>); 14] = [
        (openapi, "/paths/~1v1~1runs".into(), None),
        (openapi, format!("{start}/operationId"), Some(json!("begin_run"))),
        (openapi, format!("{start}/responses/403"), None),
        (openapi, format!("{start}/responses/404"), Some(json!({"description": "x"}))),
        (openapi, format!("{start}/requestBody/required"), None),
        (openapi, "/paths/~1v1~1health/get/security".into(), None),
        (openapi, "/components/responses/UnauthorizedError/headers/WWW-Authenticate".into(), None),
        (openapi, "/paths/~1v1~1runs~1{run_id}/get/parameters/0/required".into(), Some(json!(false))),
        (openapi, "/components/schemas/Run".into(), Some(json!({"type": "object"}))),
        (run, "/properties/state".into(), None),
        (run, "/required/0".into(), Some(json!("ended_at"))),
        (run, "/additionalProperties".into(), None),
        ("schemas/core/run_event_type.schema.json", "/enum/9".into(), Some(json!("run_ended"))),
        // Reached only through other schemas.
        ("schemas/common/error_cause.schema.json", "/properties/description".into(), Some(json!({}))),
    ];
    for (file, pointer, planted) in &plants {
        let mut changed = documents[file].clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let name = name.replace("~1", "/").replace("~0", "~");
        match (changed.pointer_mut(parent).unwrap(), planted) {
            (Value::Object(members), Some(value)) => drop(members.insert(name, value.clone())),
            (Value::Object(members), None) => assert!(members.remove(&name).is_some(), "{file}#{pointer}"),
            (Value::Array(list), Some(value)) => list[name.parse::<usize>().unwrap()] = value.clone(),
            (parent, _) => panic!("{file}#{pointer}: nothing to change in {parent}"),
        }
        let mut other = whole.clone();
        other.insert(file, &changed);
        // Lists of words are compared sorted, so the place of one of them is that of its list.
        let place = if pointer.rsplit('/').next().unwrap().parse::<u8>().is_ok() { parent } else { pointer };
        for (ours, theirs) in [(&other, &whole), (&whole, &other)] {
            let differences = compare(ours, theirs);
            let start = format!("{file}#{place}");
            assert!(
                differences.iter().any(|line| line.starts_with(&start)),
                "{start} not in {differences:#?}"
            );
        }
    }

    let mut fewer = whole.clone();
    fewer.remove("schemas/core/run_event.schema.json");
    assert_eq!(compare(&fewer, &whole), ["schemas/core/run_event.schema.json: only official"]);
    assert_eq!(compare(&whole, &fewer), ["schemas/core/run_event.schema.json: only bundled"]);
}

#[test]
fn prose_makes_no_difference() {
    let ours =
        json!({"description": "one", "properties": {"description": {"summary": "one"}}, "enum": ["a", "b"]});
    let theirs = json!({"properties": {"description": {}}, "enum": ["b", "a"]});
    assert_eq!(compare(&Side::from([("a", &ours)]), &Side::from([("a", &theirs)])), Vec::<String>::new());
    let without = json!({"properties": {}, "enum": ["b", "a"]});
    assert_eq!(compare(&Side::from([("a", &ours)]), &Side::from([("a", &without)])).len(), 2);
}
