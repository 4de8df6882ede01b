//! The loader as a whole: the bundled contracts, trees on disk, and what is refused.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

fn bundled(service: Service) -> Contract {
    Contract::bundled(service).unwrap()
}

fn fixtures(release: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/spec").join(release)
}

/// A tree in a fresh directory: the given files by their place in it, and an event schema unless one is given.
fn tree(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let event = (Service::RunGateway.event_schema(), "{}");
    let default = files.iter().all(|(name, _)| *name != event.0).then_some(&event);
    for (name, text) in files.iter().chain(default) {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

const DOCUMENT: &str = "openapi/run-gateway.openapi.yaml";

/// A document with one operation that answers 200 with `schema`, written in YAML's flow style.
fn answering(schema: &str) -> String {
    format!(
        "openapi: 3.0.3\npaths:\n  /v1/runs:\n    get:\n      operationId: get_run\n      responses:\n        \
         \"200\": {{content: {{application/json: {{schema: {schema}}}}}}}\n"
    )
}

fn load(files: &[(&str, &str)]) -> Result<Contract, ContractError> {
    let dir = tree(files);
    // The message must not depend on where the directory is.
    Contract::from_tree(Service::RunGateway, dir.path())
}

fn refusal(files: &[(&str, &str)]) -> String {
    let dir = tree(files);
    let error = Contract::from_tree(Service::RunGateway, dir.path()).unwrap_err();
    error.to_string().replace(&format!("{}/", dir.path().display()), "")
}

#[test]
fn a_contract_can_be_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<Contract>();
    shared::<ContractError>();
}

#[test]
fn the_bundled_operations_are_those_of_the_standard() {
    let labels = |service| {
        let contract = bundled(service);
        contract.operations().iter().map(|op| format!("{} {}", op.id, op.label())).collect::<Vec<_>>()
    };
    assert_eq!(
        labels(Service::Runtime),
        [
            "health GET /v1/health",
            "version GET /v1/version",
            "create_run POST /v1/runs",
            "get_run_status GET /v1/runs/{run_id}",
            "get_run_result GET /v1/runs/{run_id}/result",
            "cancel_run POST /v1/runs/{run_id}:cancel",
            "stream_run_events GET /v1/runs/{run_id}/events",
        ]
    );
    assert_eq!(
        labels(Service::RunGateway),
        [
            "health GET /v1/health",
            "version GET /v1/version",
            "start_run POST /v1/runs",
            "get_run GET /v1/runs/{run_id}",
            "cancel_run POST /v1/runs/{run_id}:cancel",
            "stream_run_events GET /v1/runs/{run_id}/events",
        ]
    );
}

#[test]
fn an_operation_is_read_whole() {
    let contract = bundled(Service::RunGateway);
    assert_eq!((contract.release(), contract.service()), ("v0.3.7", Service::RunGateway));

    let health = contract.operation("health").unwrap();
    assert!(!health.secured && health.request.is_none() && health.parameters.is_empty());

    let start = contract.operation("start_run").unwrap();
    assert!(start.secured);
    let body = start.request.as_ref().unwrap();
    assert!(body.required);
    assert_eq!(body.media[0].name, "application/json");
    assert_eq!(body.media[0].schema, contract.schema("RunStartRequest"));
    let keys: Vec<_> = start.responses.iter().map(|response| response.status).collect();
    assert_eq!(
        keys,
        [StatusKey::Exactly(200), StatusKey::Exactly(401), StatusKey::Exactly(403), StatusKey::Default]
    );
    let refused = start.response(401).unwrap();
    assert_eq!(refused.headers, ["WWW-Authenticate"]);
    assert_eq!(refused.media[0].schema, contract.schema("ErrorEnvelope"));

    let events = contract.operation("stream_run_events").unwrap();
    let run_id = Parameter { name: "run_id".into(), place: ParameterPlace::Path, required: true };
    assert_eq!(events.parameters, [run_id]);
    assert_eq!(events.response(200).unwrap().media[0].name, "application/x-ndjson");
    assert_eq!(contract.event_schema().to_string(), "schemas/core/run_event.schema.json#");
    assert_eq!(contract.schema("RunEvent").as_ref(), Some(contract.event_schema()));
    assert_eq!(contract.schema("Nothing"), None);
    assert!(contract.operation("nothing").is_none());
}

#[test]
fn every_bundled_schema_compiles() {
    for service in Service::ALL {
        // As a directory, a tree is checked and compiled as a whole.
        let contract = Contract::from_tree(service, &fixtures(service.default_release())).unwrap();
        assert_eq!(contract.release(), service.default_release());
        for response in contract.operations().iter().flat_map(|op| &op.responses) {
            for schema in response.media.iter().filter_map(|media| media.schema.as_ref()) {
                assert!(!contract.violations(schema, &Value::Null).is_empty(), "{schema} allows null");
            }
        }
    }
}

#[test]
fn only_what_the_service_reaches_is_read() {
    let contract = bundled(Service::RunGateway);
    let names: Vec<&str> = contract.documents().map(|(name, _)| name).collect();
    assert_eq!(names.len(), 18, "{names:?}");
    assert!(names.contains(&DOCUMENT) && names.contains(&"schemas/core/run_event_type.schema.json"));
}

#[test]
fn valid_bodies_have_no_violations() {
    let runtime = bundled(Service::Runtime);
    let status = runtime.schema("RunStatus").unwrap();
    let body = json!({"run_id": "r", "state": "running", "extensions": {"org.example.key": [1]}});
    assert_eq!(runtime.violations(&status, &body), []);
    let event = json!({"run_id": "r", "seq": 0, "type": "final", "time": "2026-01-01T00:00:00Z", "data": {}});
    assert_eq!(runtime.violations(runtime.event_schema(), &event), []);

    let gateway = bundled(Service::RunGateway);
    let request = json!({
        "root_node_type_ref": {"node_type_id": "n", "version": "1"}, "input": {},
        "constraints": {"budgets": {"max_cost": 0.5}},
    });
    assert_eq!(gateway.violations(&gateway.schema("RunStartRequest").unwrap(), &request), []);
}

#[test]
fn violations_are_found_behind_references_and_ordered_by_place() {
    let contract = bundled(Service::Runtime);
    let said = |name: &str, body: Value| {
        let violations = contract.violations(&contract.schema(name).unwrap(), &body);
        violations.into_iter().map(|v| format!("{}: {} / {}", v.at, v.expected, v.actual)).collect::<Vec<_>>()
    };
    assert_eq!(
        said("RunStatus", json!({"state": "done", "started_at": null, "x": 1})),
        [
            ": the member \"run_id\" / no such member",
            "/started_at: a string / null",
            "/state: one of \"queued\", \"running\", \"succeeded\", \"failed\", \"canceled\" / \"done\"",
            "/x: no member \"x\" here / 1",
        ]
    );
    // Extensions are open, but for names without an owner.
    let body = json!({"error": {"code": "c", "message": "m"}, "extensions": {"org.example": 1, "plain": 2}});
    assert_eq!(
        said("ErrorEnvelope", body),
        ["/extensions/plain: a name that matches ^[A-Za-z0-9][A-Za-z0-9_.-]*\\.[A-Za-z0-9_.-]+$ / \"plain\""]
    );
}

#[test]
fn no_more_violations_are_told_than_anyone_reads() {
    let contract = bundled(Service::Runtime);
    let schema = contract.schema("RunResult").unwrap();
    let body = json!({"run_id": "r", "ok": true, "artifacts": vec![1; 10_000]});
    assert_eq!(contract.violations(&schema, &body).len(), MAX_VIOLATIONS);
}

#[test]
fn a_resolved_schema_is_in_one_piece() {
    let contract = bundled(Service::RunGateway);
    let run = contract.resolved(&contract.schema("Run").unwrap());
    assert_eq!(run["title"], "Run");
    assert_eq!(run["properties"]["state"]["enum"][0], "queued");
    assert_eq!(run["properties"]["run_context"]["properties"]["actor"]["required"], json!(["type", "id"]));
    let text = run.to_string();
    assert!(!text.contains("$ref") && !text.contains("\"description\""), "{text}");
}

#[test]
fn a_member_called_like_a_keyword_stays() {
    let schema = "{properties: {description: {type: string, description: words}, $ref: {$ref: ../a.json}}}";
    let contract = load(&[(DOCUMENT, &answering(schema)), ("a.json", r#"{"const": 1}"#)]).unwrap();
    let place =
        contract.operation("get_run").unwrap().response(200).unwrap().media[0].schema.clone().unwrap();
    assert_eq!(
        contract.resolved(&place),
        json!({"properties": {"description": {"type": "string"}, "$ref": {"const": 1}}})
    );
}

#[test]
fn a_schema_that_contains_itself_is_cut_off() {
    let node = r#"{"type": "object", "properties": {"next": {"$ref": "node.json"}}}"#;
    let contract =
        load(&[(DOCUMENT, &answering("{$ref: ../schemas/node.json}")), ("schemas/node.json", node)]).unwrap();
    let media = &contract.operation("get_run").unwrap().response(200).unwrap().media[0];
    let place = media.schema.as_ref().unwrap();
    assert_eq!(place.to_string(), "schemas/node.json#");
    assert_eq!(
        contract.resolved(place),
        json!({"type": "object", "properties": {"next": {"$ref": "schemas/node.json#"}}})
    );
    assert_eq!(contract.violations(place, &json!({"next": {"next": 1}}))[0].at, "/next/next");
}

#[test]
fn keywords_beside_a_reference_count() {
    let schema = "{$ref: ../schemas/a.json, required: [b]}";
    let contract =
        load(&[(DOCUMENT, &answering(schema)), ("schemas/a.json", r#"{"type": "object"}"#)]).unwrap();
    let media = &contract.operation("get_run").unwrap().response(200).unwrap().media[0];
    let place = media.schema.as_ref().unwrap();
    assert_eq!(contract.resolved(place), json!({"required": ["b"], "allOf": [{"type": "object"}]}));
    assert_eq!(contract.violations(place, &json!({}))[0].keyword, "required");
}

#[test]
fn an_unknown_release_names_the_bundled_ones() {
    let error = Contract::bundled_release(Service::RunGateway, "v9.9.9").unwrap_err().to_string();
    assert!(error.contains("\"v9.9.9\"") && error.contains("bundled is v0.3.7;"), "{error}");
    // The release exists, but has no such service.
    let error = Contract::bundled_release(Service::RunGateway, "v0.2.6").unwrap_err().to_string();
    assert!(error.contains("bundled is v0.3.7;"), "{error}");
    assert!(Contract::bundled_release(Service::Runtime, "../spec/v0.2.6").is_err());
}

#[test]
fn a_tree_is_found_from_each_of_its_folders() {
    let document = answering("{type: string}");
    let event = Service::RunGateway.event_schema();
    for (inner, given) in [
        ("", ""),
        ("v1/", ""),
        ("v1/", "v1"),
        ("spec/v1/", ""),
        ("spec/v1/", "spec"),
        ("spec/v1/", "spec/v1"),
    ] {
        let dir = tree(&[
            (&format!("{inner}{DOCUMENT}"), &document),
            (&format!("{inner}{event}"), "{}"),
            ("VERSION", "0.4.0\n"),
        ]);
        let contract = Contract::from_tree(Service::RunGateway, &dir.path().join(given))
            .unwrap_or_else(|error| panic!("{inner:?} {given:?}: {error}"));
        assert_eq!(contract.release(), "v0.4.0", "{inner:?} {given:?}");
    }
}

#[test]
fn a_tree_without_a_version_is_called_custom_unless_its_folder_says() {
    let document = answering("{type: string}");
    assert_eq!(load(&[(DOCUMENT, &document)]).unwrap().release(), "custom");
    let event = Service::RunGateway.event_schema();
    let dir = tree(&[(&format!("v0.4.1/v1/{DOCUMENT}"), &document), (&format!("v0.4.1/v1/{event}"), "{}")]);
    let contract = Contract::from_tree(Service::RunGateway, &dir.path().join("v0.4.1")).unwrap();
    assert_eq!(contract.release(), "v0.4.1");
}

#[test]
fn a_tree_without_the_document_says_where_it_looked() {
    let dir = tempfile::tempdir().unwrap();
    let error = Contract::from_tree(Service::Runtime, dir.path()).unwrap_err().to_string();
    for place in ["", "v1/", "spec/v1/"] {
        let path = dir.path().join(format!("{place}openapi/runtime.openapi.yaml"));
        assert!(error.contains(&path.display().to_string()), "{error}");
    }
}

#[test]
fn a_dangling_reference_is_refused_with_its_place() {
    let at = "/paths/~1v1~1runs/get/responses/200/content/application~1json/schema";
    assert_eq!(
        refusal(&[(DOCUMENT, &answering("{$ref: ../schemas/gone.json}"))]),
        format!(
            "{DOCUMENT}#{at}: the reference \"../schemas/gone.json\" cannot be followed: there is no schemas/gone.json"
        )
    );
    // Behind another file, and in one that no operation's answer needs.
    let a = r##"{"items": {"$ref": "b.json#/$defs/x"}}"##;
    assert_eq!(
        refusal(&[
            (DOCUMENT, &answering("{$ref: ../schemas/a.json}")),
            ("schemas/a.json", a),
            ("schemas/b.json", "{}")
        ]),
        "schemas/a.json#/items: the reference \"b.json#/$defs/x\" cannot be followed: schemas/b.json has no /$defs/x"
    );
    let response = answering("{type: string}")
        + "components: {responses: {No: {$ref: '#/components/responses/Gone'}}}\n";
    assert_eq!(
        refusal(&[(DOCUMENT, &response)]),
        format!(
            "{DOCUMENT}#/components/responses/No: the reference \"#/components/responses/Gone\" cannot be followed: \
             the document has no /components/responses/Gone"
        )
    );
}

#[test]
fn references_in_a_circle_are_refused() {
    let error = refusal(&[
        (DOCUMENT, &answering("{$ref: ../schemas/a.json}")),
        ("schemas/a.json", r#"{"$ref": "b.json"}"#),
        ("schemas/b.json", r#"{"$ref": "a.json"}"#),
    ]);
    assert!(error.starts_with("schemas/a.json#: references that lead back here"), "{error}");
}

#[test]
fn a_document_that_does_not_parse_is_refused_with_line_and_column() {
    let error = refusal(&[(DOCUMENT, "openapi: 3.0.3\npaths:\n  a: 1\n  a: 2\n")]);
    assert!(error.starts_with(&format!("{DOCUMENT}:4:3: ")), "{error}");
    let error = refusal(&[
        (DOCUMENT, &answering("{$ref: ../schemas/a.json}")),
        ("schemas/a.json", "{\n  \"type\": strin\n}"),
    ]);
    assert!(error.starts_with("schemas/a.json:2:11: expected"), "{error}");
}

#[test]
fn what_cannot_be_judged_by_is_refused() {
    let at = format!("{DOCUMENT}#/paths/~1v1~1runs/get/responses/200/content/application~1json/schema");
    for (schema, found) in [
        ("{format: date-tiem}", "the format \"date-tiem\" is unknown"),
        ("{type: string, nullable: true}", "nullable is not supported"),
        ("{minimum: 0, exclusiveMinimum: true}", "exclusiveMinimum is true"),
        ("{requried: [a]}", "the keyword \"requried\" is not supported"),
        ("{$schema: 'http://json-schema.org/draft-07/schema#'}", "the dialect"),
        ("{$ref: 1}", "$ref is not a string"),
        ("[]", "no schema stands here"),
    ] {
        let error = refusal(&[(DOCUMENT, &answering(schema))]);
        assert!(error.starts_with(&format!("{at}: {found}")), "{error}");
    }
    let error = refusal(&[(DOCUMENT, &answering("{items: {minItems: few}}"))]);
    assert!(error.starts_with(&format!("{at}/items/minItems: ")), "{error}");
    let error = refusal(&[(DOCUMENT, &answering("{pattern: '('}"))]);
    assert!(error.starts_with(&at), "{error}");
}

#[test]
fn a_document_that_is_not_openapi_is_refused() {
    let whole = answering("{type: string}");
    for (text, message) in [
        ("{}".to_owned(), "#: no openapi version; the document has to be OpenAPI 3.0 or 3.1"),
        (whole.replace("3.0.3", "2.0.1"), "#: openapi is \"2.0.1\""),
        (whole.replace("operationId: get_run", "summary: x"), "#/paths/~1v1~1runs/get: no operationId"),
        (whole.replace("\"200\"", "\"20\""), "#/paths/~1v1~1runs/get/responses/20: the status \"20\""),
        ("openapi: 3.0.3\npaths: {}\n".to_owned(), "#/paths: no operations"),
        ("openapi: 3.0.3\npaths: {/v1: 1}\n".to_owned(), "#/paths/~1v1: no object stands here"),
    ] {
        let error = refusal(&[(DOCUMENT, &text)]);
        assert!(error.starts_with(&format!("{DOCUMENT}{message}")), "{error}");
    }
}

#[test]
fn security_is_inherited_lifted_or_optional() {
    let secured = |global: &str, own: &str| {
        let text = answering("{type: string}")
            .replace("paths:", &format!("{global}paths:"))
            .replace("      operationId", &format!("{own}      operationId"));
        load(&[(DOCUMENT, &text)]).unwrap().operations()[0].secured
    };
    let global = "security: [{Jwt: []}]\n";
    assert!(secured(global, ""));
    assert!(!secured(global, "      security: []\n"));
    assert!(!secured(global, "      security: [{Jwt: []}, {}]\n"));
    assert!(secured("", "      security: [{Jwt: []}]\n"));
    assert!(!secured("", ""));
}
