//! Every exchange, as `curl -v` shows one.

use anstyle::Style;

use super::page::Page;
use super::style;
use super::wording::{duration, number};
use crate::report::model::{EventRecord, ExchangeRecord};
use crate::report::visible::{cut, visible_lines};

/// Characters of a body, and of one event.
const BODY: usize = 2_000;

/// Events of a stream.
const EVENTS: usize = 20;

pub(super) fn write(page: &mut Page, exchanges: &[ExchangeRecord]) {
    if exchanges.is_empty() {
        return;
    }
    page.blank();
    page.text(0, style::HEADING, &format!("every exchange ({})", number(exchanges.len())));
    for exchange in exchanges {
        exchange_of(page, exchange);
    }
}

fn exchange_of(page: &mut Page, exchange: &ExchangeRecord) {
    let sender = match (&exchange.scenario, &exchange.step) {
        (Some(scenario), Some(step)) => format!("{scenario}, step {step}, "),
        (Some(scenario), None) => format!("{scenario}, "),
        _ => String::new(),
    };
    let (after, took) = (duration(exchange.started_ms), duration(exchange.duration_ms));
    let heading = format!("{sender}at {after}, {took}");
    page.blank();
    page.labelled(2, (&format!("exchange {}", exchange.id), style::HEADING), 0, style::LABEL, &heading);

    let request = &exchange.request;
    let mut sent = Side { page, sign: ">" };
    sent.line(&format!("{} {}", request.method, request.url));
    request.headers.iter().for_each(|(name, value)| sent.line(&format!("{name}: {value}")));
    sent.body(request.body.as_deref().unwrap_or_default());

    let mut received = Side { page, sign: "<" };
    if let Some(response) = &exchange.response {
        received.line(&response.status.to_string());
        response.headers.iter().for_each(|(name, value)| received.line(&format!("{name}: {value}")));
        match response.events.as_slice() {
            [] => received.body(&response.body),
            events => received.events(events),
        }
        if response.truncated {
            received.note("the report holds no more of the body");
        }
    }
    if let Some(failure) = &exchange.failure {
        received.note(failure);
    }
}

/// One direction of an exchange.
struct Side<'p> {
    page: &'p mut Page,
    sign: &'static str,
}

impl Side<'_> {
    fn line(&mut self, text: &str) {
        self.page.labelled(4, (self.sign, style::LABEL), 2, Style::new(), text);
    }

    fn body(&mut self, body: &str) {
        if !body.is_empty() {
            self.line("");
            visible_lines(&cut(body, BODY)).for_each(|line| self.line(&line));
        }
    }

    fn events(&mut self, events: &[EventRecord]) {
        self.line("");
        for event in events.iter().take(EVENTS) {
            self.line(&format!("after {}: {}", duration(event.arrived_ms), cut(&event.data, BODY)));
        }
        if let Some(rest) = events.len().checked_sub(EVENTS).filter(|rest| *rest > 0) {
            self.note(&format!("and {} more events", number(rest)));
        }
    }

    /// Words of the harness, and not of the target.
    fn note(&mut self, text: &str) {
        self.page.labelled(4, ("!", style::WARN), 2, style::WARN, text);
    }
}
