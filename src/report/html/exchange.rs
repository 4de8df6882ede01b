//! An exchange as the page shows it, with the places marked that findings name.

use std::collections::BTreeMap;

use http::StatusCode;

use super::body::{self, Mark, Shown};
use super::locate::event;
use crate::report::model::{EventRecord, ExchangeRecord, Finding, ResponseRecord};
use crate::report::visible::cut;
use crate::report::wording::duration;

/// How much of an exchange is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Lines of a body, and rows of a stream, before the middle is left out.
    pub lines: usize,
    pub events: usize,
}

impl Room {
    /// Beside a finding: what surrounds the marked places.
    pub const EXCERPT: Room = Room { lines: 40, events: 12 };
    /// On its own.
    pub const WHOLE: Room = Room { lines: 400, events: usize::MAX };
}

/// Lines around a marked one that stay when a body is folded, and rows around a marked event.
const AROUND: usize = 8;
const EVENTS_AROUND: usize = 2;

/// Characters of an event that is not marked, and of what is said beside a place.
const EVENT: usize = 600;
const NOTE: usize = 160;

pub(super) struct ExchangeView {
    pub id: u64,
    pub method: String,
    pub url: String,
    /// `suite/scenario, step read`, where that is known.
    pub sender: Option<String>,
    pub started: String,
    pub took: String,
    pub headers: Vec<Field>,
    pub body: Vec<Shown>,
    pub answer: Option<AnswerView>,
    pub failure: Option<String>,
    /// What findings say about the answer as a whole, or about places that are not shown.
    pub notes: Vec<String>,
}

pub(super) struct AnswerView {
    pub status: u16,
    pub phrase: &'static str,
    pub status_notes: Vec<String>,
    pub headers: Vec<Field>,
    pub body: Vec<Shown>,
    pub truncated: bool,
    pub events: Vec<Row>,
    /// So many events came.
    pub event_count: usize,
}

/// A header field. One that is missing has no value.
pub(super) struct Field {
    pub name: String,
    pub value: Option<String>,
    pub notes: Vec<String>,
}

/// A row of the table of events.
pub(super) enum Row {
    Event {
        /// As places name it: the first is 0.
        index: usize,
        arrived: String,
        lines: Vec<Shown>,
        /// What is said about the event as a whole.
        notes: Vec<String>,
        marked: bool,
    },
    Gap(usize),
}

/// What a finding says about a place of an exchange.
pub(super) struct Said<'f> {
    pub at: &'f str,
    note: String,
}

impl<'f> Said<'f> {
    /// `requirement` stands in front where several may speak.
    pub fn of(finding: &'f Finding, requirement: Option<&str>) -> Self {
        let who = requirement.map(|id| format!("{id}: ")).unwrap_or_default();
        let note = format!("{who}expected {}", cut(&finding.expected, NOTE));
        Said { at: &finding.at, note }
    }
}

impl PartialEq for Said<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.at, &self.note) == (other.at, &other.note)
    }
}

impl ExchangeView {
    pub fn of(exchange: &ExchangeRecord, said: &[Said], room: Room) -> Self {
        let request = &exchange.request;
        let sender = exchange.scenario.as_ref().map(|scenario| match &exchange.step {
            Some(step) => format!("{scenario}, step {step}"),
            None => scenario.clone(),
        });
        let (answer, notes) = match &exchange.response {
            Some(response) => {
                let (answer, notes) = answer(response, said, room);
                (Some(answer), notes)
            }
            None => (None, said.iter().map(|said| said.note.clone()).collect()),
        };
        let request_body = request.body.as_deref().unwrap_or_default();
        ExchangeView {
            id: exchange.id,
            method: request.method.clone(),
            url: request.url.clone(),
            sender,
            started: duration(exchange.started_ms),
            took: duration(exchange.duration_ms),
            headers: fields(&request.headers, &[]),
            body: body::fold(body::lines(request_body, false, &[]), room.lines, AROUND),
            answer,
            failure: exchange.failure.clone(),
            notes,
        }
    }
}

/// The answer, and what is said about it that has no place of its own in it.
fn answer(response: &ResponseRecord, said: &[Said], room: Room) -> (AnswerView, Vec<String>) {
    let streamed = !response.events.is_empty();
    let kept = |index: usize| index < response.events.len();
    let (mut notes, mut status_notes, mut in_headers, mut in_body) = (vec![], vec![], vec![], vec![]);
    let mut in_events: BTreeMap<usize, Vec<Mark>> = BTreeMap::new();
    for said in said {
        let note = || said.note.clone();
        match (said.at, said.at.strip_prefix("header ")) {
            ("status", _) => status_notes.push(note()),
            (_, Some(name)) => in_headers.push((name, note())),
            ("", _) => notes.push(note()),
            (at, _) if streamed => match event(at) {
                Some((index, at)) if kept(index) => {
                    in_events.entry(index).or_default().push(Mark { at, note: &said.note });
                }
                _ => notes.push(format!("at {at}, {}", said.note)),
            },
            (at, _) if at.starts_with('/') => in_body.push(Mark { at, note: &said.note }),
            (at, _) => notes.push(format!("{at}: {}", said.note)),
        }
    }
    let lines = body::lines(&response.body, response.truncated, &in_body);
    if !in_body.is_empty() && lines.iter().all(|line| line.notes.is_empty()) {
        // The body is no JSON, or is cut before the place.
        notes.extend(in_body.iter().map(|mark| format!("at {}, {}", mark.at, mark.note)));
    }
    let status = StatusCode::from_u16(response.status).ok();
    let answer = AnswerView {
        status: response.status,
        phrase: status.and_then(|status| status.canonical_reason()).unwrap_or_default(),
        status_notes,
        headers: fields(&response.headers, &in_headers),
        body: body::fold(lines, room.lines, AROUND),
        truncated: response.truncated,
        events: rows(&response.events, &in_events, room),
        event_count: response.events.len(),
    };
    (answer, notes)
}

fn fields(headers: &BTreeMap<String, String>, said: &[(&str, String)]) -> Vec<Field> {
    let notes = |name: &str| -> Vec<String> {
        let here = said.iter().filter(|(place, _)| place.eq_ignore_ascii_case(name));
        here.map(|(_, note)| note.clone()).collect()
    };
    let field = |(name, value): (&String, &String)| Field {
        name: name.clone(),
        value: Some(value.clone()),
        notes: notes(name),
    };
    let mut fields: Vec<Field> = headers.iter().map(field).collect();
    for (name, _) in said {
        if !fields.iter().any(|field| field.name.eq_ignore_ascii_case(name)) {
            fields.push(Field { name: (*name).to_owned(), value: None, notes: notes(name) });
        }
    }
    fields
}

fn rows(events: &[EventRecord], said: &BTreeMap<usize, Vec<Mark>>, room: Room) -> Vec<Row> {
    let near = |index: usize| said.keys().any(|marked| marked.abs_diff(index) <= EVENTS_AROUND);
    let head = if said.is_empty() { room.events } else { EVENTS_AROUND };
    let mut rows = Vec::new();
    for (index, event) in events.iter().enumerate() {
        if events.len() > room.events && index >= head && !near(index) {
            match rows.last_mut() {
                Some(Row::Gap(count)) => *count += 1,
                _ => rows.push(Row::Gap(1)),
            }
            continue;
        }
        let arrived = duration(event.arrived_ms);
        let marks = said.get(&index).map(Vec::as_slice).unwrap_or_default();
        let inside: Vec<Mark> = marks.iter().filter(|mark| !mark.at.is_empty()).copied().collect();
        let lines = match inside.is_empty() {
            true => one_line(&event.data),
            false => body::lines(&event.data, false, &inside),
        };
        // What found no place inside is told of the whole.
        let placed = lines.iter().any(|line| !line.notes.is_empty());
        let told = marks.iter().filter(|mark| mark.at.is_empty() || !placed);
        let notes = told.map(|mark| mark.note.to_owned()).collect();
        let lines = body::fold(lines, room.lines, AROUND);
        rows.push(Row::Event { index, arrived, lines, notes, marked: !marks.is_empty() });
    }
    rows
}

fn one_line(text: &str) -> Vec<body::Line> {
    let piece = body::Piece { text: cut(text, EVENT).into_owned(), marked: false };
    vec![body::Line { pieces: vec![piece], ..body::Line::default() }]
}
