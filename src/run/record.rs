//! Exchanges as reports show them: cut to a readable size, with the step that sent each.

use std::collections::{BTreeMap, HashMap};

use crate::judge::ScenarioRecord;
use crate::report::Report;
use crate::report::model::{EventRecord, ExchangeRecord, RequestRecord, ResponseRecord};
use crate::wire::{Answer, Ending, Exchange, Redactor};

/// Octets of a body, or of all events of a stream, that a report shows.
const SHOWN_BODY: usize = 16 << 10;

/// Events of a stream that a report shows.
const SHOWN_EVENTS: usize = 200;

/// The exchanges of a run, each with the scenario and step that `scenarios` say sent it.
pub(super) fn records(
    exchanges: &[Exchange],
    scenarios: &BTreeMap<String, ScenarioRecord>,
) -> Vec<ExchangeRecord> {
    let mut senders: HashMap<u64, (&str, &str)> = HashMap::new();
    for (scenario, record) in scenarios {
        for step in &record.steps {
            senders.extend(step.exchanges.iter().map(|id| (*id, (scenario.as_str(), step.id.as_str()))));
        }
    }
    exchanges.iter().map(|exchange| record(exchange, senders.get(&exchange.id).copied())).collect()
}

/// The report without secrets. Exchanges lost theirs when they were recorded; what was read out of them may have been
/// written in another way there, as JSON can escape any character.
pub(super) fn redacted(mut report: Report, redactor: &Redactor) -> Report {
    let take_out = |text: &mut String| *text = redactor.text(text);
    if let Some(explanation) = &mut report.explanation {
        take_out(&mut explanation.what);
        take_out(&mut explanation.next);
    }
    for result in &mut report.results {
        take_out(&mut result.message);
        result.reproduce.iter_mut().for_each(take_out);
        for finding in &mut result.findings {
            [&mut finding.at, &mut finding.expected, &mut finding.actual].into_iter().for_each(take_out);
        }
    }
    report
}

/// One exchange, with the scenario and step that sent it.
pub(super) fn record(exchange: &Exchange, sender: Option<(&str, &str)>) -> ExchangeRecord {
    let failure = match &exchange.result {
        Err(failure) => Some(failure.to_string()),
        Ok(answer) => match &answer.ending {
            Ending::Broken(what) | Ending::Limit(what) => Some(what.clone()),
            Ending::TimedOut(after) => Some(format!("no end within {} s", after.as_secs_f64())),
            Ending::Complete | Ending::Left => None,
        },
    };
    ExchangeRecord {
        id: exchange.id,
        scenario: sender.map(|(scenario, _)| scenario.to_owned()),
        step: sender.map(|(_, step)| step.to_owned()),
        request: RequestRecord {
            method: exchange.sent.method.clone(),
            url: exchange.sent.url.clone(),
            headers: joined(&exchange.sent.headers),
            body: exchange.sent.body.as_deref().map(shown),
        },
        response: exchange.answer().map(response),
        failure,
        started_ms: exchange.started.as_millis() as u64,
        duration_ms: exchange.duration.as_millis() as u64,
    }
}

fn response(answer: &Answer) -> ResponseRecord {
    let mut left = SHOWN_BODY;
    let events = answer.events.iter().flat_map(|stream| &stream.events);
    let events = events.take(SHOWN_EVENTS).map_while(|event| {
        left = left.checked_sub(event.text.len())?;
        Some(EventRecord { arrived_ms: event.arrived.as_millis() as u64, data: event.text.clone() })
    });
    ResponseRecord {
        status: answer.status,
        headers: joined(&answer.headers),
        events: events.collect(),
        body: shown(&answer.body),
        truncated: answer.body.len() > SHOWN_BODY,
    }
}

fn shown(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(SHOWN_BODY)]).into_owned()
}

/// Fields of one name as one, as RFC 9110, section 5.3 joins them.
fn joined(headers: &[(String, String)]) -> BTreeMap<String, String> {
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        fields
            .entry(name.clone())
            .and_modify(|held| held.push_str(&format!(", {value}")))
            .or_insert(value.clone());
    }
    fields
}
