//! When every request of the run was sent and how long it took.

use std::collections::{BTreeMap, HashMap};

use super::exchange::{ExchangeView, Room, Said};
use super::locate::Exchanges;
use super::place::Place;
use super::state::State;
use crate::report::model::{ExchangeRecord, Report};
use crate::report::wording::{duration, quantity};

/// The least width of a bar, in percent of the whole: a request of a millisecond has to be seen.
const NARROWEST: f64 = 0.3;

/// Pixels between the tops of two tracks: where there are few, and where there are more than [`FEW`].
const WIDE: usize = 7;
const TIGHT: usize = 4;
const FEW: usize = 12;

pub(super) struct Timeline {
    pub ticks: Vec<Tick>,
    pub lanes: Vec<Lane>,
}

pub(super) struct Tick {
    pub at: String,
    pub label: String,
}

/// The requests of one suite.
pub(super) struct Lane {
    pub title: String,
    /// In words what the picture shows.
    pub told: String,
    /// `12 requests`
    pub count: String,
    pub troubled: usize,
    /// Pixels between the tops of two tracks, and of all.
    pub pitch: usize,
    pub height: usize,
    /// Each scenario from its first request to the end of its last.
    pub spans: Vec<Bar>,
    pub bars: Vec<Bar>,
    pub rows: Vec<Row>,
}

pub(super) struct Bar {
    /// Percent of the whole time.
    pub from: String,
    pub width: String,
    /// From the top, beginning with 0.
    pub track: usize,
    pub class: &'static str,
    /// The exchange in the list of all, and what is said of it.
    pub name: String,
    pub told: String,
}

/// One request in the list.
pub(super) struct Row {
    pub name: String,
    /// Without what all requests to the target begin with.
    pub path: String,
    /// The scenario, where the request before it was of another.
    pub scenario: Option<String>,
    pub bar: Bar,
    pub status: String,
    pub exchange: ExchangeView,
    /// Requirements that are violated there, with the names of their groups.
    pub blamed: Vec<(String, String)>,
}

/// What failed checks say about each exchange.
#[derive(Default)]
struct Blame<'r> {
    said: Vec<Said<'r>>,
    requirements: Vec<&'r str>,
}

pub(super) fn timeline(report: &Report, exchanges: &Exchanges, place: &Place) -> Timeline {
    let blame = blame(report, exchanges);
    let ends =
        report.exchanges.iter().map(|exchange| exchange.started_ms.saturating_add(exchange.duration_ms));
    let scale = Scale { whole: ends.max().unwrap_or(0).max(1) };

    let mut suites: Vec<(Option<&str>, Vec<&ExchangeRecord>)> = Vec::new();
    for exchange in &report.exchanges {
        let suite = exchange.scenario.as_deref().map(suite);
        match suites.iter_mut().find(|(known, _)| *known == suite) {
            Some((_, held)) => held.push(exchange),
            None => suites.push((suite, vec![exchange])),
        }
    }
    let base = report.target.url.trim_end_matches('/');
    let senders_are_known = suites.iter().any(|(suite, _)| suite.is_some());
    let lanes = suites.into_iter().map(|(suite, held)| {
        let title = match suite {
            Some(suite) => suite,
            None if senders_are_known => "before and after",
            None => "all requests",
        };
        lane((title, base), held, &blame, &scale, place)
    });
    Timeline { lanes: lanes.collect(), ticks: scale.ticks() }
}

fn blame<'r>(report: &'r Report, exchanges: &Exchanges) -> HashMap<u64, Blame<'r>> {
    let mut blame: HashMap<u64, Blame> = HashMap::new();
    for check in &report.results {
        let requirement = check.requirements.first().unwrap_or(&check.id);
        for finding in &check.findings {
            let Some(exchange) = exchanges.of_finding(check, finding) else { continue };
            let held = blame.entry(exchange.id).or_default();
            let said = Said::of(finding, Some(requirement));
            if !held.said.contains(&said) {
                held.said.push(said);
            }
            if State::of(check).is_trouble() && !held.requirements.contains(&requirement.as_str()) {
                held.requirements.push(requirement);
            }
        }
    }
    blame
}

/// `events` of `events/live-run`.
fn suite(scenario: &str) -> &str {
    scenario.split('[').next().and_then(|name| name.rsplit_once('/')).map_or(scenario, |(suite, _)| suite)
}

fn lane(
    (title, base): (&str, &str),
    mut held: Vec<&ExchangeRecord>,
    blame: &HashMap<u64, Blame>,
    scale: &Scale,
    place: &Place,
) -> Lane {
    // Scenarios in the order in which they began, each with its requests in order.
    let mut begins: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for exchange in &held {
        let Some(scenario) = exchange.scenario.as_deref() else { continue };
        let (start, end) = (exchange.started_ms, exchange.started_ms.saturating_add(exchange.duration_ms));
        let span = begins.entry(scenario).or_insert((start, end));
        *span = (span.0.min(start), span.1.max(end));
    }
    let begin = |exchange: &ExchangeRecord| {
        let span = exchange.scenario.as_deref().and_then(|scenario| begins.get(scenario));
        span.map_or(exchange.started_ms, |(start, _)| *start)
    };
    held.sort_by_key(|exchange| {
        (begin(exchange), exchange.scenario.clone(), exchange.started_ms, exchange.id)
    });

    let mut tracks = Tracks::default();
    let mut placed: HashMap<&str, usize> = HashMap::new();
    let (mut spans, mut bars, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    let mut before: Option<&str> = None;
    let mut troubled = 0;
    for exchange in &held {
        let own = (exchange.started_ms, exchange.started_ms.saturating_add(exchange.duration_ms));
        let scenario = exchange.scenario.as_deref();
        let known = scenario.and_then(|scenario| placed.get(scenario).copied());
        let track = known.unwrap_or_else(|| {
            let (start, end) = scenario.and_then(|scenario| begins.get(scenario).copied()).unwrap_or(own);
            let track = tracks.take(start, end.max(start.saturating_add(scale.whole / 200)));
            if let Some(scenario) = scenario {
                placed.insert(scenario, track);
                let told = format!("{scenario}, {} to {}", duration(start), duration(end));
                spans.push(scale.bar((start, end), track, "span", String::new(), told));
            }
            track
        });
        let blamed = blame.get(&exchange.id);
        let is_troubled = blamed.is_some_and(|blamed| !blamed.requirements.is_empty());
        troubled += usize::from(is_troubled);
        let class = match exchange.response {
            _ if is_troubled => "bad",
            None => "none",
            Some(_) => "fine",
        };
        let name = place.exchange(exchange.id);
        let told = told(exchange);
        bars.push(scale.bar(own, track, class, name.clone(), told.clone()));
        rows.push(Row {
            name: name.clone(),
            path: exchange.request.url.strip_prefix(base).unwrap_or(&exchange.request.url).to_owned(),
            scenario: scenario.filter(|_| before != scenario).map(str::to_owned),
            bar: scale.bar(own, 0, class, name, told),
            status: exchange
                .response
                .as_ref()
                .map_or("no answer".to_owned(), |answer| answer.status.to_string()),
            exchange: ExchangeView::of(
                exchange,
                blamed.map(|blamed| blamed.said.as_slice()).unwrap_or_default(),
                Room::WHOLE,
            ),
            blamed: blamed.map_or_else(Vec::new, |blamed| {
                let link = |id: &&str| (place.requirement(id), (*id).to_owned());
                blamed.requirements.iter().map(link).collect()
            }),
        });
        before = scenario;
    }
    let count = quantity(held.len(), "request", "requests");
    let scenarios = match begins.len() {
        0 => String::new(),
        count => format!(" of {}", quantity(count, "scenario", "scenarios")),
    };
    let pitch = if tracks.ends.len() > FEW { TIGHT } else { WIDE };
    let trouble = match troubled {
        0 => "no violation".to_owned(),
        count => format!("{count} with a violation"),
    };
    Lane {
        title: title.to_owned(),
        told: format!("{title}: {count}{scenarios}, {trouble}"),
        count,
        troubled,
        pitch,
        height: tracks.ends.len() * pitch + 4,
        spans,
        bars,
        rows,
    }
}

/// `POST /v1/runs: 200, at 1.2 s for 3 ms, runs/finished-run: create`
fn told(exchange: &ExchangeRecord) -> String {
    let status =
        exchange.response.as_ref().map_or("no answer".to_owned(), |answer| answer.status.to_string());
    let (at, took) = (duration(exchange.started_ms), duration(exchange.duration_ms));
    let sender = match (&exchange.scenario, &exchange.step) {
        (Some(scenario), Some(step)) => format!(", {scenario}: {step}"),
        (Some(scenario), None) => format!(", {scenario}"),
        _ => String::new(),
    };
    format!("{} {}: {status}, at {at} for {took}{sender}", exchange.request.method, exchange.request.url)
}

/// Rows of a lane, each with the moment from which it is free.
#[derive(Default)]
struct Tracks {
    ends: Vec<u64>,
}

impl Tracks {
    /// The first track that is free from `start`, taken until `end`.
    fn take(&mut self, start: u64, end: u64) -> usize {
        let free = self.ends.iter().position(|taken| *taken <= start);
        let track = free.unwrap_or_else(|| {
            self.ends.push(0);
            self.ends.len() - 1
        });
        self.ends[track] = end;
        track
    }
}

/// Milliseconds to percent of the whole time.
struct Scale {
    whole: u64,
}

impl Scale {
    fn percent(&self, milliseconds: u64) -> f64 {
        100.0 * milliseconds as f64 / self.whole as f64
    }

    fn bar(
        &self,
        (start, end): (u64, u64),
        track: usize,
        class: &'static str,
        name: String,
        told: String,
    ) -> Bar {
        let width = self.percent(end - start).max(NARROWEST);
        let from = self.percent(start).min(100.0 - width);
        Bar { from: format!("{from:.2}%"), width: format!("{width:.2}%"), track, class, name, told }
    }

    /// Four to nine round times.
    fn ticks(&self) -> Vec<Tick> {
        let magnitudes = (0..12).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u64.pow(power)));
        let step = magnitudes.into_iter().find(|step| self.whole / step <= 8).unwrap_or(self.whole);
        let times = (0..=self.whole / step).map(|count| count * step);
        // A label near the end would stand outside.
        let times = times.filter(|time| self.percent(*time) <= 94.0);
        times.map(|time| Tick { at: format!("{:.2}%", self.percent(time)), label: duration(time) }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_stands_on_tracks_of_its_own() {
        let mut tracks = Tracks::default();
        let taken = [(0, 10), (5, 8), (8, 9), (10, 12)].map(|(start, end)| tracks.take(start, end));
        assert_eq!((taken, tracks.ends.len()), ([0, 1, 1, 0], 2));
    }

    #[test]
    fn ticks_are_round_and_few() {
        let labels = |whole| Scale { whole }.ticks().into_iter().map(|tick| tick.label).collect::<Vec<_>>();
        assert_eq!(
            labels(40_191),
            ["0 ms", "5.0 s", "10.0 s", "15.0 s", "20.0 s", "25.0 s", "30.0 s", "35.0 s"]
        );
        assert_eq!(labels(9), ["0 ms", "2 ms", "4 ms", "6 ms", "8 ms"]);
        assert_eq!(labels(1), ["0 ms"]);
        assert!(!labels(u64::MAX).is_empty());
    }

    #[test]
    fn a_suite_is_what_stands_before_the_scenario() {
        assert_eq!(suite("events/live-run"), "events");
        assert_eq!(suite("requests/invalid[type:/input]"), "requests");
        assert_eq!(suite("alone"), "alone");
    }

    #[test]
    fn every_bar_can_be_seen_and_ends_inside() {
        let bar = Scale { whole: 10_000 }.bar((10_000, 10_000), 1, "fine", String::new(), String::new());
        assert_eq!((bar.from.as_str(), bar.width.as_str(), bar.track), ("99.70%", "0.30%", 1));
    }
}
