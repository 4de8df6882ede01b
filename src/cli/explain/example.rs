//! A violation as the suite finds it: the reference server with a fault, judged in this process.

use std::time::Duration;

use anstyle::Style;
use serde::Serialize;

use super::requirement::RequirementPage;
use crate::contract::Service;
use crate::reference;
use crate::report::model::{CheckResult, ExchangeRecord, Finding, Level, Report};
use crate::report::{Page, style, visible_value};
use crate::run::Bundled;
use crate::run::{Scope, Settings};
use crate::self_test::judge_within;

/// How long the example may take: a run that lasts takes five seconds. Without one the rest is told all the same.
const LIMIT: Duration = Duration::from_secs(8);

/// Findings that are shown, and characters of a value or body.
const FINDINGS: usize = 2;
const SHOWN: usize = 300;

#[derive(Debug, Serialize)]
pub(super) struct Example {
    service: Service,
    fault: &'static str,
    says: &'static str,
    check: String,
    operation: Option<String>,
    findings: Vec<Finding>,
    /// The request of the first finding and its answer.
    request: Option<String>,
    response: Option<String>,
    reproduce: Option<String>,
    pub hint: Option<String>,
    /// What starts the reference server so that it can be seen.
    serve: String,
}

/// The finding that the first of the requirement's violations comes to. None where it comes to none in time.
pub(super) async fn find(bundled: &Bundled, requirement: &RequirementPage) -> Option<Example> {
    let violation = requirement.violations.first()?;
    let service = *violation.services.first()?;
    let fault = reference::fault(violation.fault)?;
    let scope = Scope { requirements: vec![requirement.id.clone()], ..Scope::default() };
    let settings = Settings {
        poll_timeout: Duration::from_secs(2),
        deadline: LIMIT,
        fail_fast: Some(Level::May),
        ..Settings::default()
    };
    let judged = judge_within(bundled, fault.options(service), settings, scope);
    let report = tokio::time::timeout(LIMIT, judged).await.ok()?.ok()?;
    let result = report.results.iter().find(|result| !result.findings.is_empty())?;
    // The server is gone by now; the same one listens there once it is started as told.
    let url = |text: &str| text.replace(&report.target.url, "http://127.0.0.1:8081");
    let exchange = result.exchanges.first().and_then(|id| report.exchanges.iter().find(|one| one.id == *id));
    Some(Example {
        service,
        fault: fault.id,
        says: fault.says,
        check: result.id.clone(),
        operation: result.operation.clone(),
        findings: result.findings.clone(),
        request: exchange.map(|exchange| request(&report, exchange)),
        response: exchange.and_then(response),
        reproduce: reproduce(result).map(|line| url(&line)),
        hint: result.hint.clone(),
        serve: format!("arp-conformance serve --service {service} --fault {}", fault.id),
    })
}

/// A command that anybody can send: ids and tokens of the run that ended are none.
fn reproduce(result: &CheckResult) -> Option<String> {
    let line = result.reproduce.clone()?;
    (!line.contains("/v1/runs/")).then_some(line)
}

fn request(report: &Report, exchange: &ExchangeRecord) -> String {
    let sent = &exchange.request;
    let path = sent.url.strip_prefix(&report.target.url).unwrap_or(&sent.url);
    [Some(format!("{} {path}", sent.method)), sent.body.clone()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("  ")
}

fn response(exchange: &ExchangeRecord) -> Option<String> {
    let Some(answer) = &exchange.response else { return exchange.failure.clone() };
    let media = answer.headers.get("content-type").cloned().unwrap_or_default();
    Some(format!("{} {media}  {}", answer.status, answer.body))
}

impl Example {
    pub fn write(&self, page: &mut Page) {
        let plain = Style::new();
        page.blank();
        page.text(0, style::HEADING, "For example");
        page.text(
            2,
            plain,
            &format!("A {} that has the fault {}: {}.", self.service.title(), self.fault, self.says),
        );
        page.labelled(2, ("-->", style::LABEL), 4, plain, &self.check);
        if let Some(request) = &self.request {
            page.labelled(6, ("request", style::LABEL), 12, plain, &visible_value(request, SHOWN));
        }
        if let Some(response) = &self.response {
            page.labelled(6, ("answer", style::LABEL), 12, plain, &visible_value(response, SHOWN));
        }
        for finding in self.findings.iter().take(FINDINGS) {
            page.text(6, plain, &finding.place(self.operation.as_deref()));
            page.labelled(
                8,
                ("expected", style::LABEL),
                10,
                style::EXPECTED,
                &visible_value(&finding.expected, SHOWN),
            );
            page.labelled(
                8,
                ("  actual", style::LABEL),
                10,
                style::ACTUAL,
                &visible_value(&finding.actual, SHOWN),
            );
        }
        page.command(6, ("see it", style::LABEL), 12, &self.serve);
        if let Some(command) = &self.reproduce {
            page.command(6, ("reproduce", style::LABEL), 12, command);
        }
    }
}
