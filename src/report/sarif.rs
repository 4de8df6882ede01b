//! The report as SARIF 2.1.0 (OASIS), for code scanning and the viewers of editors.
//!
//! A conformance report knows no file of the repository that it is uploaded to, and GitHub takes no result without one.
//! So the artifact of a result is a relative URI made of the service and the operation,
//! `run-gateway/GET/v1/runs/%7Brun_id%7D`: it names no file, is the same in every run, and groups the alerts of an operation. The
//! operation and the scenario stand as logical locations too.
//!
//! Text is plain. Braces in it stand single, because readers undouble them only in messages with arguments; what would
//! read as an embedded link is broken up.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::ReportSet;
use super::account::{account, summary};
use super::json::written;
use super::model::{CheckResult, Level, Outcome, Report, Waived};
use super::summary::area;

use super::visible::{cut, visible};
use super::wording;

/// The rule of waivers that have to be mended.
const WAIVERS: &str = "waivers";

/// Characters of a sentence.
const SENTENCE: usize = 1_000;

/// What a segment of a URI's path may hold as it is (RFC 3986, section 3.3), but for `:`, which GitHub reads as a line.
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/').remove(b'@');

/// The reports as SARIF, a run for each: its rules are the requirements, its results the checks that failed or warned.
/// A waived failure is a suppressed result; what could not be judged is a notification of the run.
///
/// With `strict`, a should that is not met is an error.
pub fn sarif(set: &ReportSet, strict: bool) -> String {
    // GitHub refuses a file in which two runs of one tool have the same category.
    let mut categories: Vec<String> = Vec::new();
    for report in &set.reports {
        let target = &report.target;
        let name = visible(target.name.as_deref().unwrap_or(&target.service)).replace('/', "-");
        let mut numbered =
            std::iter::once(name.clone()).chain((2..).map(|number| format!("{name}-{number}")));
        categories.extend(numbered.find(|name| !categories.contains(name)));
    }
    let runs = set.reports.iter().zip(&categories).map(|(report, category)| run(report, category, strict));
    written(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": runs.collect::<Vec<_>>(),
    }))
}

fn run(report: &Report, category: &str, strict: bool) -> Value {
    let rules = rules(report);
    let mut results = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for check in &report.results {
        let level = match check.outcome {
            Outcome::Fail => "error",
            Outcome::Warn if strict => "error",
            Outcome::Warn => "warning",
            _ => continue,
        };
        let rule = rule(check);
        let id = visible(&check.id);
        let logical = [Some(("operation", check.operation.as_deref())), Some(("scenario", scenario(check)))];
        let logical = logical.into_iter().flatten().filter_map(|(kind, name)| Some((kind, name?)));
        results.push(json!({
            "ruleId": visible(rule),
            "ruleIndex": rules.iter().position(|(id, _)| *id == rule),
            "level": level,
            "message": {"text": text(&account(report, check, &summary(check)))},
            "locations": [{
                "physicalLocation": place(report, check.operation.as_deref().unwrap_or_default()),
                "logicalLocations": logical.map(|(kind, name)| {
                    json!({"fullyQualifiedName": visible(name), "kind": kind})
                }).collect::<Vec<_>>(),
            }],
            "partialFingerprints": fingerprints(&id, seen.iter().filter(|known| **known == check.id).count() + 1),
            "suppressions": check.waived.iter().map(suppression).collect::<Vec<_>>(),
        }));
        seen.push(&check.id);
    }
    for problem in &report.waivers {
        results.push(json!({
            "ruleId": WAIVERS,
            "ruleIndex": rules.iter().position(|(id, _)| *id == WAIVERS),
            "level": "error",
            "message": {"text": text(&format!("{}: {}", visible(&problem.waives), visible(&problem.what)))},
            "locations": [{"physicalLocation": place(report, WAIVERS)}],
            "partialFingerprints": fingerprints(&visible(&format!("waiver of {}", problem.waives)), 1),
            "suppressions": [],
        }));
    }
    let target = &report.target;
    json!({
        "tool": {"driver": {
            "name": visible(&report.tool.name),
            "semanticVersion": visible(&report.tool.version),
            "rules": rules.into_iter().map(|(_, rule)| rule).collect::<Vec<_>>(),
        }},
        "automationDetails": {"id": format!("{}/{category}/", visible(&report.tool.name))},
        "invocations": [invocation(report, strict)],
        "results": results,
        "properties": {
            "target": visible(&target.url),
            "service": visible(&target.service),
            "contract": visible(&target.contract),
            "verdict": report.verdict.name(),
        },
    })
}

/// The first requirement, or for a check that decides none its own id.
fn rule(check: &CheckResult) -> &str {
    check.requirements.first().unwrap_or(&check.id)
}

/// The requirements by id, in the report's order, and after them what the results know besides.
fn rules(report: &Report) -> Vec<(&str, Value)> {
    let known = report.requirements.iter().map(|row| (row.id.as_str(), row.level, row.says.as_str()));
    let others = report.results.iter().filter(|check| matches!(check.outcome, Outcome::Fail | Outcome::Warn));
    let others = others.map(|check| (rule(check), check.level, check.title.as_str()));
    let waivers = report
        .waivers
        .iter()
        .map(|_| (WAIVERS, Level::Must, "A waiver lets pass what fails, until a day that is yet to come."));
    let mut rules: Vec<(&str, Value)> = Vec::new();
    for (id, level, says) in known.chain(others).chain(waivers) {
        if rules.iter().any(|(known, _)| *known == id) {
            continue;
        }
        let says = text(&visible(if says.is_empty() { id } else { says }));
        let severity = match level {
            Level::Must => "error",
            Level::Should => "warning",
            Level::May => "note",
        };
        rules.push((
            id,
            json!({
                "id": visible(id),
                "shortDescription": {"text": says},
                "fullDescription": {"text": says},
                "help": {"text": format!("{says} ({})", level.name())},
                "defaultConfiguration": {"level": severity},
                "properties": {"tags": [level.name(), visible(area(id))]},
            }),
        ));
    }
    rules
}

/// How the run ended, and what it could not judge.
fn invocation(report: &Report, strict: bool) -> Value {
    let code = report.exit_code(strict);
    let mut told = vec![wording::verdict_sentence(report)];
    told.extend(
        report
            .explanation
            .iter()
            .flat_map(|explanation| [explanation.what.clone(), explanation.next.clone()]),
    );
    let level = if matches!(code, 1 | 3) { "error" } else { "note" };
    let verdict = json!({"level": level, "message": {"text": text(&visible(&told.join(". ")))}});
    let errors = report.results.iter().filter(|check| check.outcome == Outcome::Error);
    let errors = errors.map(|check| {
        let line = format!("{}: {}", check.id, summary(check));
        json!({"level": "error", "message": {"text": text(&visible(&line))}})
    });
    let mut invocation = json!({
        "executionSuccessful": code != 3,
        "exitCode": code,
        "toolExecutionNotifications": std::iter::once(verdict).chain(errors).collect::<Vec<_>>(),
    });
    // A report from elsewhere may say anything.
    if let Ok(started) = report.started_at.parse::<jiff::Timestamp>() {
        invocation["startTimeUtc"] = json!(started.to_string());
    }
    invocation
}

/// The scenario of a written check: what stands before the `#` of its id.
fn scenario(check: &CheckResult) -> Option<&str> {
    check.id.split_once('#').map(|(scenario, _)| scenario)
}

fn place(report: &Report, operation: &str) -> Value {
    let path = format!("{}/{}", report.target.service, operation.replace(" /", "/"));
    let uri = utf8_percent_encode(path.trim_matches('/'), PATH).to_string();
    json!({"artifactLocation": {"uri": uri}, "region": {"startLine": 1}})
}

/// By these an alert is known again. GitHub reads the first, whose form is sixteen hexadecimal digits and how often they
/// occurred in the run so far.
fn fingerprints(id: &str, occurrence: usize) -> Value {
    let digest = ring::digest::digest(&ring::digest::SHA256, id.as_bytes());
    let digits: String = digest.as_ref()[..8].iter().map(|octet| format!("{octet:02x}")).collect();
    json!({"primaryLocationLineHash": format!("{digits}:{occurrence}"), "arpCheckId/v1": id})
}

fn suppression(waived: &Waived) -> Value {
    let issue = waived.issue.as_deref().map_or_else(String::new, |issue| format!(" ({issue})"));
    let why = format!("until {}: {}{issue}", waived.until, waived.reason);
    json!({"kind": "external", "status": "accepted", "justification": cut(&visible(&why), SENTENCE)})
}

/// Visible text without embedded links, `[text](target)`.
fn text(visible: &str) -> String {
    visible.replace("](", "] (")
}

#[cfg(test)]
mod tests;
