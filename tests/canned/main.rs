//! Targets that answer wrongly, and what the suite makes of each: the verdict, what failed and nothing else, and the
//! sentences that a user needs.

mod cases;
#[path = "../support/canned.rs"]
mod service;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;

use arp_conformance::contract::Service;
use arp_conformance::report::model::*;
use arp_conformance::report::{TextOptions, Verbosity, json, junit, read, text};
use arp_conformance::run::{Run, Scope, Settings, Target, Tokens};
use cases::{CASES, Case, RIGHT, TOKEN};
use futures_util::future::join_all;
use service::{About, Canned, envelope, serve};
use url::Url;
use wiremock::{Request, ResponseTemplate};

#[tokio::test(flavor = "multi_thread")]
async fn every_case_is_judged_as_it_is() {
    let judged = join_all(CASES.iter().map(async |case| {
        let (contract, _) = support::suite(case.target);
        let server = serve(case.target, contract.clone(), case.answers).await;
        let report = judge(&server.uri(), case.service, tokens(case.token)).await;
        case.differences(&report)
    }));
    let wrong: Vec<String> = judged.await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let report = judge(&url, Some(Service::Runtime), Tokens::default()).await;
    let closed = Case {
        name: "a closed port",
        verdict: Verdict::NotJudged,
        says: &["could not be reached: ", "check that the service runs", "curl -i URL/v1/health"],
        skipped: &[("runtime/health/", SkipReason::Blocked, "could not be reached")],
        ..RIGHT
    };
    assert_eq!(closed.differences(&report).unwrap_or_default(), "");
    assert_eq!(report.requests, 1, "what does not answer is not asked again");
}

#[tokio::test]
async fn a_redirect_is_reported_and_not_followed() {
    let (contract, _) = support::suite(Service::RunGateway);
    let elsewhere = serve(Service::RunGateway, contract.clone(), Canned::answer).await;
    let origin = elsewhere.uri();
    let answers = move |canned: &Canned, request: &Request| match canned.about(request) {
        About::Run(_, "") => {
            let location = format!("{origin}{}", request.url.path());
            ResponseTemplate::new(307).insert_header("location", location)
        }
        _ => canned.answer(request),
    };
    let server = serve(Service::RunGateway, contract.clone(), answers).await;
    let report = judge(&server.uri(), None, tokens(Some(TOKEN))).await;

    assert_eq!((report.verdict, report.exit_code(false)), (Verdict::NonConformant, 1));
    let check = report.results.iter().find(|it| it.id == "ERROR-1 GET /v1/runs/{run_id}").unwrap();
    assert_eq!(check.outcome, Outcome::Fail);
    let finding = &check.findings[0];
    assert_eq!((&*finding.at, &*finding.expected), ("status", "an answer of the operation"));
    assert!(finding.actual.starts_with(&format!("307 to {}/v1/runs/", elsewhere.uri())), "{finding:?}");
    assert_eq!(elsewhere.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_token_that_comes_back_is_told_and_kept_nowhere() {
    type Answers = fn(&Canned, &Request) -> ResponseTemplate;
    let echoes: [(Answers, Verdict); 2] = [
        (
            |canned, request| match canned.reads_unknown_run(request) {
                true => echo(404, request),
                false => canned.answer(request),
            },
            Verdict::Partial,
        ),
        (
            |canned, request| match canned.is_protected(request) {
                true => echo(401, request),
                false => canned.answer(request),
            },
            Verdict::NotJudged,
        ),
    ];
    let (contract, _) = support::suite(Service::RunGateway);
    for (answers, verdict) in echoes {
        let server = serve(Service::RunGateway, contract.clone(), answers).await;
        let report = judge(&server.uri(), None, tokens(Some(TOKEN))).await;
        assert_eq!(report.verdict, verdict);
        if verdict != Verdict::NotJudged {
            let check = report.results.iter().find(|it| it.id == "ERROR-5 GET /v1/runs/{run_id}").unwrap();
            assert_eq!(check.outcome, Outcome::Warn);
            assert_eq!(check.findings[0].actual, "the credentials that were sent");
        }
        let received = server.received_requests().await.unwrap();
        assert!(received.iter().any(|request| sent_token(request).contains(TOKEN)));
        for page in [json(&report), junit(&report.clone().into(), true), as_text(&report)] {
            for part in TOKEN.split('.').skip(1) {
                assert!(!page.contains(part), "{part} in {page}");
            }
        }
    }
}

/// The valid token, where there is one, and no other.
fn tokens(valid: Option<&str>) -> Tokens {
    Tokens { valid: valid.map(str::to_owned), ..Tokens::default() }
}

fn sent_token(request: &Request) -> &str {
    request.headers.get("authorization").map_or("", |value| value.to_str().unwrap())
}

/// An error that repeats the credentials of its request in all that it says.
fn echo(status: u16, request: &Request) -> ResponseTemplate {
    let sent = sent_token(request);
    envelope(status, "refused", &format!("{sent} is nobody"))
        .insert_header("www-authenticate", "Bearer")
        .insert_header("x-sent", sent)
}

impl Case {
    /// What the report says else than it is to.
    fn differences(&self, report: &Report) -> Option<String> {
        let page = as_text(report);
        let mut wrong = Vec::new();
        if report.verdict != self.verdict {
            wrong.push(format!("verdict {}", report.verdict.name()));
        }
        let code = match self.verdict {
            Verdict::Conformant | Verdict::Partial => 0,
            Verdict::NonConformant => 1,
            Verdict::NotJudged => 3,
        };
        if report.exit_code(false) != code {
            wrong.push(format!("exit code {}", report.exit_code(false)));
        }
        for (outcome, wanted) in [(Outcome::Fail, self.failed), (Outcome::Warn, self.warned)] {
            let found = requirements(report, outcome);
            if found != wanted.iter().copied().collect() {
                wrong.push(format!("{}: {found:?}", outcome.name()));
            }
        }
        wrong
            .extend(self.says.iter().filter(|text| !page.contains(*text)).map(|text| format!("no {text:?}")));
        for (begins, reason, says) in self.skipped {
            let mut checks = report.results.iter().filter(|result| result.id.starts_with(begins)).peekable();
            if checks.peek().is_none() {
                wrong.push(format!("no check {begins}"));
            }
            let others = checks.filter(|it| it.reason != Some(*reason) || !it.message.contains(says));
            wrong.extend(others.map(|it| format!("{}: {:?} {}", it.id, it.reason, it.message)));
        }
        // CI reads JUnit and nothing else, so it has to fail exactly where the exit code does.
        let xml = junit(&report.clone().into(), false);
        if (xml.contains("<failure") || xml.contains("<error")) != matches!(code, 1 | 3) {
            wrong.push("JUnit says otherwise than the exit code".to_owned());
        }
        if !read(&json(report)).is_ok_and(|read| read.verdict == report.verdict) {
            wrong.push("the JSON report cannot be read again".to_owned());
        }
        (!wrong.is_empty()).then(|| format!("{}:\n  {}\n\n{page}", self.name, wrong.join("\n  ")))
    }
}

fn requirements(report: &Report, outcome: Outcome) -> BTreeSet<&str> {
    let results = report.results.iter().filter(|result| result.outcome == outcome);
    results.flat_map(|result| &result.requirements).map(String::as_str).collect()
}

fn as_text(report: &Report) -> String {
    let verbosity = Verbosity::Normal;
    text(report, &TextOptions { color: false, width: usize::MAX, verbosity, strict: false })
}

/// Judges what stands at `url` as the command line does: everything may run. `service` is none for `auto`.
async fn judge(url: &str, service: Option<Service>, tokens: Tokens) -> Report {
    let run = Run {
        services: support::BUNDLED.services().clone(),
        target: Target { tokens, ..Target::new(Url::parse(url).unwrap()) },
        service,
        settings: Settings::default(),
        scope: Scope::default(),
    };
    run.execute(std::future::pending()).await.unwrap().report
}
