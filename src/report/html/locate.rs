//! Which exchange a finding is about.

use std::collections::HashMap;

use serde_json::Value;

use crate::report::model::{CheckResult, ExchangeRecord, Finding, Report};

/// The exchanges of a report, by id and by sender.
pub(super) struct Exchanges<'r> {
    by_id: HashMap<u64, &'r ExchangeRecord>,
    by_sender: HashMap<(&'r str, &'r str), Vec<&'r ExchangeRecord>>,
}

impl<'r> Exchanges<'r> {
    pub fn of(report: &'r Report) -> Self {
        let mut by_sender: HashMap<_, Vec<_>> = HashMap::new();
        for exchange in &report.exchanges {
            if let (Some(scenario), Some(step)) = (&exchange.scenario, &exchange.step) {
                by_sender.entry((scenario.as_str(), step.as_str())).or_default().push(exchange);
            }
        }
        let by_id = report.exchanges.iter().map(|exchange| (exchange.id, exchange)).collect();
        Exchanges { by_id, by_sender }
    }

    pub fn get(&self, id: u64) -> Option<&'r ExchangeRecord> {
        self.by_id.get(&id).copied()
    }

    /// The exchange that the finding means: the one that it names, or that its step sent. Of several that a step sent,
    /// the last that shows what was found. `None` where that would be a guess.
    pub fn of_finding(&self, check: &CheckResult, finding: &Finding) -> Option<&'r ExchangeRecord> {
        if let Some(id) = finding.exchange() {
            return self.get(id);
        }
        let named = finding.step.rsplit_once(':').and_then(|sender| self.by_sender.get(&sender));
        let judged: Vec<_> = check.exchanges.iter().filter_map(|id| self.get(*id)).collect();
        let of_step = |exchange: &&&ExchangeRecord| exchange.step.as_deref() == Some(finding.step.as_str());
        let of_step: Vec<_> = judged.iter().filter(of_step).copied().collect();
        let (candidates, sure) = match named {
            Some(named) => (named, true),
            None if !of_step.is_empty() => (&of_step, true),
            None => (&judged, judged.len() == 1),
        };
        let showing = candidates.iter().rev().find(|exchange| shows(exchange, finding));
        showing.or_else(|| candidates.last().filter(|_| sure)).copied()
    }
}

/// Whether the exchange has at the place what the finding says was found.
fn shows(exchange: &ExchangeRecord, finding: &Finding) -> bool {
    let Some(response) = &exchange.response else { return false };
    if finding.at == "status" {
        return finding.actual.starts_with(&response.status.to_string());
    }
    if let Some(name) = finding.at.strip_prefix("header ") {
        return match response.headers.get(name) {
            Some(value) => *value == finding.actual,
            None => finding.actual == "no such header",
        };
    }
    let texts = response.events.iter().map(|event| event.data.as_str());
    let found = match event(&finding.at) {
        Some((index, pointer)) if !response.events.is_empty() => {
            texts.clone().nth(index).and_then(|text| value(text, pointer))
        }
        _ => value(&response.body, &finding.at),
    };
    found.map(|found| found.to_string()).as_ref() == Some(&finding.actual)
}

fn value(text: &str, pointer: &str) -> Option<Value> {
    serde_json::from_str::<Value>(text).ok()?.pointer(pointer).cloned()
}

/// The index of the event that a place in a stream names, and the place within it: `/3/seq` is 3 and `/seq`.
pub(super) fn event(at: &str) -> Option<(usize, &str)> {
    let rest = at.strip_prefix('/')?;
    let end = rest.find('/').unwrap_or(rest.len());
    Some((rest[..end].parse().ok()?, &rest[end..]))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::report::model::{EventRecord, Level, Outcome, RequestRecord, ResponseRecord, Verdict};
    use crate::report::samples::{check, report};

    fn exchange(id: u64, sender: Option<(&str, &str)>, body: &str) -> ExchangeRecord {
        ExchangeRecord {
            id,
            scenario: sender.map(|(scenario, _)| scenario.to_owned()),
            step: sender.map(|(_, step)| step.to_owned()),
            request: RequestRecord {
                method: "GET".into(),
                url: "http://127.0.0.1/".into(),
                headers: BTreeMap::new(),
                body: None,
            },
            response: Some(ResponseRecord {
                status: 200,
                headers: BTreeMap::from([("allow".into(), "GET".into())]),
                body: body.into(),
                truncated: false,
                events: Vec::new(),
            }),
            failure: None,
            started_ms: id,
            duration_ms: 1,
        }
    }

    fn found(
        exchanges: Vec<ExchangeRecord>,
        judged: &[u64],
        step: &str,
        at: &str,
        actual: &str,
    ) -> Option<u64> {
        let mut check = check("A-1", Level::Must, Outcome::Fail);
        check.exchanges = judged.to_vec();
        let finding =
            Finding { step: step.into(), at: at.into(), expected: "x".into(), actual: actual.into() };
        let mut report = report(Verdict::NonConformant, vec![]);
        report.exchanges = exchanges;
        Exchanges::of(&report).of_finding(&check, &finding).map(|exchange| exchange.id)
    }

    #[test]
    fn a_finding_names_an_exchange_a_sender_or_a_step() {
        let sender = Some(("s/a[b:c]", "read"));
        let all = || {
            vec![
                exchange(1, sender, r#"{"n":1}"#),
                exchange(2, sender, r#"{"n":2}"#),
                exchange(3, Some(("s/a", "read")), "{}"),
            ]
        };
        assert_eq!(found(all(), &[], "exchange 2", "", ""), Some(2));
        assert_eq!(found(all(), &[], "s/a[b:c]:read", "/n", "1"), Some(1));
        assert_eq!(found(all(), &[], "s/a[b:c]:read", "/m", "a number"), Some(2));
        assert_eq!(found(all(), &[1, 2], "read", "status", "404"), Some(2));
        assert_eq!(found(all(), &[1, 2], "read", "header allow", "GET"), Some(2));
        assert_eq!(found(all(), &[1, 2], "read", "header vary", "no such header"), Some(2));
        assert_eq!(found(all(), &[7], "gone", "status", "200"), None);
    }

    #[test]
    fn where_no_exchange_tells_its_sender_only_what_shows_it_is_taken() {
        let all = || vec![exchange(1, None, r#"{"n":1}"#), exchange(2, None, r#"{"n":2}"#)];
        assert_eq!(found(all(), &[1, 2], "read", "/n", "1"), Some(1));
        assert_eq!(found(all(), &[1, 2], "read", "/n", "3"), None);
        assert_eq!(found(all(), &[1], "read", "/n", "3"), Some(1));
    }

    #[test]
    fn places_in_streams_name_an_event() {
        let mut stream = exchange(1, None, "");
        let events =
            [r#"{"seq":1}"#, r#"{"seq":1}"#].map(|data| EventRecord { arrived_ms: 1, data: data.to_owned() });
        stream.response.as_mut().unwrap().events = events.to_vec();
        assert_eq!(found(vec![stream, exchange(2, None, "")], &[1, 2], "events", "/1/seq", "1"), Some(1));
        assert_eq!(event("/3/seq"), Some((3, "/seq")));
        assert_eq!(event("/0"), Some((0, "")));
        assert_eq!((event("/run_id"), event("status")), (None, None));
    }
}
