//! An exchange as the page shows it, with the places marked that findings name.

use std::borrow::Cow;
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
    at: Cow<'f, str>,
    note: String,
}

impl<'f> Said<'f> {
    /// `requirement` stands in front where several may speak.
    pub fn of(finding: &'f Finding, requirement: Option<&str>) -> Self {
        let who = requirement.map(|id| format!("{id}: ")).unwrap_or_default();
        let note = format!("{who}expected {}", cut(&finding.expected, NOTE));
        Said { at: place(finding), note }
    }
}

/// Where a finding has its mark. One that misses a member stands at the object that should have it, and names the
/// member in `expected`; the mark goes to where the member would be.
fn place(finding: &Finding) -> Cow<'_, str> {
    let missing = finding.expected.strip_prefix("the member ").filter(|_| finding.actual == "no such member");
    match missing.and_then(|name| serde_json::from_str::<String>(name).ok()) {
        Some(name) => Cow::Owned(format!("{}/{}", finding.at, name.replace('~', "~0").replace('/', "~1"))),
        None => Cow::Borrowed(&finding.at),
    }
}

impl PartialEq for Said<'_> {
    fn eq(&self, other: &Self) -> bool {
        (&self.at, &self.note) == (&other.at, &other.note)
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
        match (said.at.as_ref(), said.at.strip_prefix("header ")) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_member_is_marked_where_it_would_be() {
        let finding = |at: &str, expected: &str, actual: &str| Finding {
            step: String::new(),
            at: at.into(),
            expected: expected.into(),
            actual: actual.into(),
        };
        for (at, expected, actual, marked) in [
            ("/error", "the member \"a/b\"", "no such member", "/error/a~1b"),
            ("", "the member \"error\"", "no such member", "/error"),
            ("/state", "\"running\"", "no such member", "/state"),
            ("/state", "the member \"a\"", "null", "/state"),
        ] {
            assert_eq!(place(&finding(at, expected, actual)), marked);
        }
    }

    fn event(data: &str) -> EventRecord {
        EventRecord { arrived_ms: 1, data: data.to_owned() }
    }

    /// Each row as `index lines notes`, a gap as `..count`.
    fn told(rows: &[Row]) -> Vec<String> {
        let row = |row: &Row| match row {
            Row::Event { index, lines, notes, .. } => format!("{index} {} {notes:?}", lines.len()),
            Row::Gap(count) => format!("..{count}"),
        };
        rows.iter().map(row).collect()
    }

    #[test]
    fn the_marked_events_of_a_long_stream_are_shown_with_their_neighbours() {
        let events: Vec<_> = (0..100).map(|seq| event(&format!(r#"{{"seq":{seq}}}"#))).collect();
        let said = BTreeMap::from([(50, vec![Mark { at: "/seq", note: "above 50" }])]);
        let rows = rows(&events, &said, Room::EXCERPT);
        let shown =
            ["0 1 []", "1 1 []", "..46", "48 1 []", "49 1 []", "50 3 []", "51 1 []", "52 1 []", "..47"];
        assert_eq!(told(&rows), shown);
    }

    #[test]
    fn what_is_said_of_an_event_that_is_no_json_is_told_beside_it() {
        let said =
            BTreeMap::from([(0, vec![Mark { at: "", note: "JSON" }, Mark { at: "/seq", note: "a number" }])]);
        assert_eq!(told(&rows(&[event("ping")], &said, Room::WHOLE)), [r#"0 1 ["JSON", "a number"]"#]);
    }

    #[test]
    fn header_fields_are_marked_and_missing_ones_told() {
        let headers = BTreeMap::from([("allow".to_owned(), "GET".to_owned())]);
        let fields = fields(&headers, &[("Allow", "HEAD too".into()), ("vary", "the field".into())]);
        let told: Vec<_> = fields
            .iter()
            .map(|field| (field.name.as_str(), field.value.is_some(), field.notes.len()))
            .collect();
        assert_eq!(told, [("allow", true, 1), ("vary", false, 1)]);
    }
}
