//! The exchanges behind a failed check, for `system-out`.

use std::collections::BTreeMap;

use crate::report::model::{CheckResult, ExchangeRecord, Report};
use crate::report::visible::{visible, visible_lines};

/// Bytes of evidence in one test case.
const LIMIT: usize = 4_096;

/// What was sent and what came back, at most 4 KiB and a mark where that was not enough. `None` where nothing was
/// recorded.
///
/// The exchanges that findings name come alone: an invariant judges many, and most of them hold.
pub(super) fn of(report: &Report, check: &CheckResult) -> Option<String> {
    let mut ids: Vec<u64> = check.findings.iter().filter_map(|finding| finding.exchange()).collect();
    if ids.is_empty() {
        ids.clone_from(&check.exchanges);
    }
    ids.sort_unstable();
    ids.dedup();
    let known = ids.iter().filter_map(|id| report.exchanges.iter().find(|exchange| exchange.id == *id));
    let mut text = String::new();
    for exchange in known {
        write(&mut text, exchange);
        if text.len() > LIMIT {
            text.truncate(text.floor_char_boundary(LIMIT));
            text.push_str("\n[cut here; the JSON report has the whole]\n");
            break;
        }
    }
    // GitLab reads `[[ATTACHMENT|path]]` as an order to attach a file.
    (!text.is_empty()).then(|| text.replace("[[ATTACHMENT|", "[ [ATTACHMENT|"))
}

fn write(text: &mut String, exchange: &ExchangeRecord) {
    let request = &exchange.request;
    text.push_str(&format!("exchange {} ({} ms)\n", exchange.id, exchange.duration_ms));
    line(text, "> ", &format!("{} {}", request.method, request.url));
    headers(text, "> ", &request.headers);
    body(text, "> ", request.body.as_deref().unwrap_or_default());
    if let Some(response) = &exchange.response {
        line(text, "< ", &response.status.to_string());
        headers(text, "< ", &response.headers);
        body(text, "< ", &response.body);
        if response.truncated {
            text.push_str("[the body is longer than the report keeps]\n");
        }
    }
    if let Some(failure) = &exchange.failure {
        line(text, "* ", failure);
    }
}

fn headers(text: &mut String, mark: &str, headers: &BTreeMap<String, String>) {
    for (name, value) in headers {
        line(text, mark, &format!("{name}: {value}"));
    }
}

/// A body keeps its lines. One that alone is more than enough is not gone through to its end.
fn body(text: &mut String, mark: &str, body: &str) {
    let enough = &body[..body.floor_char_boundary(LIMIT + 1)];
    if !enough.is_empty() {
        text.push_str(mark.trim_end());
        text.push('\n');
    }
    for shown in visible_lines(enough) {
        text.push_str(mark);
        text.push_str(&shown);
        text.push('\n');
    }
}

fn line(text: &mut String, mark: &str, content: &str) {
    text.push_str(mark);
    text.push_str(&visible(content));
    text.push('\n');
}
