//! Targets, each with the one thing that is wrong with it, and what is to come of it.

use arp_conformance::contract::Service;
use arp_conformance::report::model::{SkipReason, Verdict};
use serde_json::{Value, json};
use wiremock::{Request, ResponseTemplate};

use crate::service::{About, Canned, envelope, found, version};

/// A payload and a signature that nobody checks.
pub const TOKEN: &str = "eyJhbGciOiJub25lIn0.Y2FubmVkLXBheWxvYWQ.Y2FubmVkLXNpZ25hdHVyZQ";

/// A target and what is to come of it.
pub struct Case {
    pub name: &'static str,
    pub target: Service,
    pub answers: fn(&Canned, &Request) -> ResponseTemplate,
    /// What the user says that the target is; none for `auto`.
    pub service: Option<Service>,
    pub token: Option<&'static str>,
    pub verdict: Verdict,
    /// The requirements that fail, and those that are warned of: these and no others.
    pub failed: &'static [&'static str],
    pub warned: &'static [&'static str],
    /// What stands in the text for a person.
    pub says: &'static [&'static str],
    /// Checks by the beginning of their ids, how all of them are skipped, and what their messages say.
    pub skipped: &'static [(&'static str, SkipReason, &'static str)],
}

/// A gateway about which everything is right. Its runs end at once, so that cancelling is not measured.
pub const RIGHT: Case = Case {
    name: "nothing wrong",
    target: Service::RunGateway,
    answers: Canned::answer,
    service: None,
    token: None,
    verdict: Verdict::Partial,
    failed: &[],
    warned: &[],
    says: &[],
    skipped: &[],
};

const NOT_ARP: &str =
    "answers, but not as an ARP service: neither /v1/version nor /v1/health nor /v1/runs has its form";

/// Nothing wrong is sent where the same request without the mistake was refused.
const NOT_ACCEPTED: &str = "was not accepted, the same request without the mistake";

pub const CASES: &[Case] = &[
    Case {
        says: &["nothing failed, but 1 must check was not judged", "name a run that lasts some seconds"],
        skipped: &[("run-gateway/cancel/live-run#CANCEL-1", SkipReason::NotMeasured, "was \"succeeded\"")],
        ..RIGHT
    },
    Case { name: "nothing wrong at a Runtime", target: Service::Runtime, ..RIGHT },
    Case {
        name: "HTML for everything",
        answers: |_, _| ResponseTemplate::new(200).set_body_raw("<html>Welcome!</html>", "text/html"),
        verdict: Verdict::NotJudged,
        says: &[NOT_ARP, "check the URL, and add the path prefix if the service stands below one"],
        ..RIGHT
    },
    Case {
        name: "a file server",
        answers: |_, request| match request.method.as_str() {
            "GET" => ResponseTemplate::new(404).set_body_raw("<p>File not found.</p>", "text/html"),
            _ => ResponseTemplate::new(501).set_body_raw("<p>Unsupported method.</p>", "text/html"),
        },
        verdict: Verdict::NotJudged,
        says: &[NOT_ARP],
        ..RIGHT
    },
    Case {
        name: "a version with nulls",
        target: Service::Runtime,
        answers: |canned, request| match (canned.about(request), request.method.as_str()) {
            (About::Version, "GET") => found(json!({
                "service_name": "canned-runtime", "service_version": "1", "supported_api_versions": ["v1"],
                "build": null, "extensions": null,
            })),
            _ => canned.answer(request),
        },
        verdict: Verdict::NonConformant,
        failed: &["VERSION-1"],
        says: &[
            "1 must is violated (VERSION-1)",
            "GET /v1/version, step health/version:version, at /build",
            "leave an optional member out where it has no value; the schemas allow no null",
        ],
        ..RIGHT
    },
    Case {
        name: "a service that is down",
        answers: |canned, request| match (canned.about(request), request.method.as_str()) {
            (About::Health, "GET") => envelope(503, "unavailable", "the store is away"),
            _ => canned.answer(request),
        },
        verdict: Verdict::NonConformant,
        failed: &["HEALTH-1"],
        warned: &[],
        says: &["expected  200\n          actual  503", "curl -isS 'http://127.0.0.1:"],
        skipped: &[("run-gateway/health/health#HEALTH-3", SkipReason::Blocked, "answered 503")],
        ..RIGHT
    },
    Case {
        name: "401 without a challenge, and no token to give",
        answers: |canned, request| match canned.is_protected(request) {
            true => envelope(401, "unauthorized", "a token is required"),
            false => canned.answer(request),
        },
        verdict: Verdict::NotJudged,
        says: &["requires a token and none was given", "give one with --token, --token-file or ARP_TOKEN"],
        skipped: &[("run-gateway/runs/", SkipReason::Blocked, "requires a token and none was given")],
        ..RIGHT
    },
    Case {
        name: "a token that is refused",
        token: Some(TOKEN),
        answers: |canned, request| match canned.is_protected(request) {
            true => envelope(401, "unauthorized", "the token has expired")
                .insert_header("www-authenticate", "Bearer"),
            false => canned.answer(request),
        },
        verdict: Verdict::NotJudged,
        says: &[
            "refuses the token that was given: 401 unauthorized: the token has expired",
            "check that the token is not expired and is meant for this service",
        ],
        ..RIGHT
    },
    Case {
        name: "a token that may not use runs",
        token: Some(TOKEN),
        answers: |canned, request| match canned.is_protected(request) {
            true => envelope(403, "forbidden", "the subject may not use runs"),
            false => canned.answer(request),
        },
        service: Some(Service::RunGateway),
        verdict: Verdict::NotJudged,
        says: &[
            "the target forbids what the suite has to do: 403 forbidden: the subject may not use runs",
            "give a token whose subject may start and read runs, with --token",
        ],
        ..RIGHT
    },
    Case {
        name: "a gateway that lacks its coordinator",
        answers: |canned, request| match canned.is_protected(request) {
            true => envelope(503, "run_coordinator_missing", "no Run Coordinator is set"),
            false => canned.answer(request),
        },
        verdict: Verdict::NotJudged,
        says: &[
            "the gateway has no Run Coordinator: 503 run_coordinator_missing: no Run Coordinator is set",
            "start the Run Coordinator and tell the gateway its URL, then run this again",
        ],
        skipped: &[("run-gateway/runs/", SkipReason::Blocked, "the gateway has no Run Coordinator")],
        ..RIGHT
    },
    Case {
        name: "a gateway whose coordinator is down",
        answers: |canned, request| match canned.is_protected(request) {
            true => envelope(502, "run_coordinator_unreachable", "connection refused"),
            false => canned.answer(request),
        },
        verdict: Verdict::NotJudged,
        says: &[
            "the gateway does not reach its Run Coordinator: 502 run_coordinator_unreachable",
            "start the Run Coordinator",
        ],
        ..RIGHT
    },
    Case {
        name: "a gateway that takes an unknown run for trouble with its coordinator",
        answers: |canned, request| match canned.reads_unknown_run(request) {
            true => envelope(502, "run_coordinator_error", "the coordinator answered 404"),
            false => canned.answer(request),
        },
        warned: &["ERROR-6", "LIFE-7"],
        ..RIGHT
    },
    Case {
        name: "a gateway that refuses every start",
        answers: |canned, request| match starts(canned, request) {
            true => envelope(400, "unknown_node_type", "there is no node type reference.echo"),
            false => canned.answer(request),
        },
        says: &[
            "the gateway refuses every valid start, so nothing that needs a run was judged: \
             400 unknown_node_type: there is no node type reference.echo",
            "--set root_node_type_id=… --set root_node_type_version=…",
        ],
        skipped: &[
            ("run-gateway/runs/smallest#", SkipReason::Blocked, "400 unknown_node_type: there is no"),
            ("run-gateway/runs/finished-run#", SkipReason::Blocked, "refuses every valid start"),
            ("run-gateway/requests/invalid[", SkipReason::NotMeasured, NOT_ACCEPTED),
            ("run-gateway/requests/invalid-option[", SkipReason::NotMeasured, NOT_ACCEPTED),
            ("run-gateway/requests/malformed[", SkipReason::NotMeasured, NOT_ACCEPTED),
        ],
        ..RIGHT
    },
    Case {
        name: "a gateway that takes the filled start alone",
        answers: |canned, request| match starts(canned, request) && !is_filled(request) {
            true => envelope(400, "run_context_required", "a run needs its context"),
            false => canned.answer(request),
        },
        verdict: Verdict::NonConformant,
        failed: &["RUN-2"],
        warned: &["RUN-4"],
        says: &["run-gateway/runs/smallest#RUN-2", "expected  200\n          actual  400"],
        skipped: &[("run-gateway/requests/invalid[", SkipReason::NotMeasured, NOT_ACCEPTED)],
        ..RIGHT
    },
    Case {
        name: "a Runtime that refuses every start",
        target: Service::Runtime,
        answers: |canned, request| match starts(canned, request) {
            true => envelope(400, "invalid_request", "no"),
            false => canned.answer(request),
        },
        verdict: Verdict::NonConformant,
        failed: &["RUN-1", "RUN-3", "REQUEST-9"],
        warned: &[],
        says: &["runtime/runs/smallest#RUN-1", r#"--data-binary '{"input":{"goal":"say hello"}}'"#],
        skipped: &[
            ("runtime/requests/invalid[", SkipReason::NotMeasured, NOT_ACCEPTED),
            ("runtime/requests/invalid-option[", SkipReason::NotMeasured, NOT_ACCEPTED),
            ("runtime/requests/malformed[", SkipReason::NotMeasured, NOT_ACCEPTED),
            ("runtime/results/finished-run#", SkipReason::Blocked, "runs/finished-run:create answered 400"),
        ],
        ..RIGHT
    },
    Case {
        name: "500 for everything",
        target: Service::Runtime,
        answers: |_, _| envelope(500, "internal", "something went wrong"),
        service: Some(Service::Runtime),
        verdict: Verdict::NonConformant,
        failed: &["HEALTH-1", "VERSION-1", "RUN-1", "RUN-3", "REQUEST-9"],
        warned: &["ERROR-2", "ERROR-3", "LIFE-7", "RESULT-6"],
        skipped: &[("runtime/requests/invalid[", SkipReason::NotMeasured, NOT_ACCEPTED)],
        ..RIGHT
    },
    Case {
        name: "a router without envelopes",
        answers: |canned, request| match canned.about(request) {
            About::Nothing => ResponseTemplate::new(404).set_body_raw("404 page not found", "text/plain"),
            _ => canned.answer(request),
        },
        warned: &["ERROR-2"],
        says: &["1 should is not met (ERROR-2)"],
        ..RIGHT
    },
    Case {
        name: "a Run Coordinator",
        answers: |canned, request| match request.url.path() {
            path if path.starts_with("/v1/node-runs/") => {
                envelope(404, "node_run_not_found", "there is no such node run")
            }
            path if path.starts_with("/v1/runs") => envelope(404, "not_found", "there is no such path"),
            _ => canned.answer(request),
        },
        verdict: Verdict::NotJudged,
        says: &["looks like a Run Coordinator, which this suite does not judge", "--service"],
        ..RIGHT
    },
    Case {
        name: "a service that does not tell what it is",
        answers: |canned, request| match canned.about(request) {
            About::Health => canned.answer(request),
            About::Version => version("acme"),
            _ => envelope(404, "not_found", "there is nothing here"),
        },
        verdict: Verdict::NotJudged,
        says: &[
            "is a Runtime or a Run Gateway could not be told: it has no route for runs",
            "say what it is with --service runtime or --service run-gateway",
        ],
        ..RIGHT
    },
];

fn starts(canned: &Canned, request: &Request) -> bool {
    request.method.as_str() == "POST" && canned.about(request) == About::Runs
}

fn is_filled(request: &Request) -> bool {
    request.body_json().is_ok_and(|body: Value| body.get("run_context").is_some())
}
