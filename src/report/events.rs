//! What happens in a run, told as it happens, and the log that holds it: `arp-conformance-events/1`, one event a line.
//! A log renders like a report, also one that ends in the middle because the run was cut off.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ReportSet;
use super::json::{ReadError, escaped};
use super::model::*;

/// The version of the log's form, told in its first line.
pub const EVENTS_FORMAT: &str = "arp-conformance-events/1";

/// One thing that happens in a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// Before anything is sent.
    RunStarted {
        /// Always [`EVENTS_FORMAT`].
        format: String,
        tool: Tool,
        /// The target.
        url: String,
        /// RFC 3339, UTC.
        started_at: String,
    },
    /// The first look is over, and the target is going to be judged.
    TargetKnown {
        target: TargetInfo,
        /// How many scenarios are planned.
        scenarios: u64,
    },
    /// A request was answered, or found no answer. What is told later of the same id takes the place of what was told
    /// before.
    Exchange { exchange: Box<ExchangeRecord> },
    /// Every step of a scenario was run, or it was left out.
    ScenarioFinished { scenario: String },
    /// What a check came to. Everything is judged at the end.
    Check { check: Box<CheckResult> },
    /// The end: the report without its results and exchanges, which the lines before it tell.
    RunFinished { report: Box<Report> },
    /// An event of a later version.
    #[serde(other)]
    Unknown,
}

impl Event {
    /// The first event of a run.
    pub fn run_started(url: &str, started_at: &str) -> Self {
        let (url, started_at) = (url.to_owned(), started_at.to_owned());
        Event::RunStarted { format: EVENTS_FORMAT.to_owned(), tool: Tool::this(), url, started_at }
    }

    /// The last events of a run that ended with this report: its checks, then the end.
    pub fn closing(report: &Report) -> impl Iterator<Item = Self> {
        let checks = report.results.iter().map(|check| Event::Check { check: Box::new(check.clone()) });
        let rest = Report { results: Vec::new(), exchanges: Vec::new(), ..report.clone() };
        checks.chain([Event::RunFinished { report: Box::new(rest) }])
    }
}

/// A line of a log. One log holds the runs against several targets, also where they went on side by side.
#[derive(Serialize, Deserialize)]
struct Line<E> {
    /// The run that it happens in, which yields the report of that number. Counts from 1.
    run: u64,
    #[serde(flatten)]
    event: E,
}

/// The event as a line of a log, with its line break. `run` counts the runs of the log from 1.
///
/// What a reader would not see is escaped, so that a log can be looked at in a terminal.
pub fn event_line(run: u64, event: &Event) -> String {
    let text = serde_json::to_string(&Line { run, event })
        // As for a report: nothing in it that JSON cannot hold.
        .expect("an event is always representable in JSON");
    escaped(&text) + "\n"
}

/// Whether a text is an event log, of this version or another.
pub(super) fn is_log(text: &str) -> bool {
    format_of(text).is_some_and(|format| format.starts_with("arp-conformance-events/"))
}

fn format_of(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Head {
        format: String,
    }
    serde_json::from_str(text.lines().next()?).ok().map(|Head { format }| format)
}

/// Reads an event log. A finished log yields the very reports that the runs ended with; a run that was cut off yields
/// a report that is not judged, with the exchanges until then.
///
/// # Errors
///
/// Where a line other than a last, torn one is no event, or the log is of another version.
pub fn read_events(text: &str) -> Result<ReportSet, ReadError> {
    match format_of(text) {
        Some(format) if format != EVENTS_FORMAT => {
            let found = super::visible(&format).into_owned();
            return Err(ReadError::OtherFormat { found, read: EVENTS_FORMAT });
        }
        _ => {}
    }
    let mut runs: BTreeMap<u64, Seen> = BTreeMap::new();
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty()).peekable();
    while let Some((index, line)) = lines.next() {
        let wrong = |what: String| ReadError::Event { line: index + 1, what };
        let Line { run, event } = match serde_json::from_str::<Line<Event>>(line) {
            Ok(line) => line,
            // Who is cut off leaves half a line.
            Err(_) if index > 0 && lines.peek().is_none() && !text.ends_with('\n') => break,
            // To the reader of JSON, every line is the first.
            Err(error) => return Err(wrong(error.to_string().replace(" at line 1 column ", " at column "))),
        };
        match (runs.get_mut(&run), event) {
            (_, Event::RunStarted { tool, url, started_at, .. }) => {
                _ = runs.insert(run, Seen::new(tool, url, started_at));
            }
            (Some(seen), event) => seen.add(event),
            (None, _) => {
                return Err(wrong(format!("run {run} has not begun with an event `run-started`")));
            }
        }
    }
    if runs.is_empty() {
        return Err(ReadError::Event { line: 1, what: "it is empty".into() });
    }
    Ok(ReportSet { reports: runs.into_values().map(Seen::report).collect() })
}

/// What a log tells of one run.
struct Seen {
    tool: Tool,
    url: String,
    started_at: String,
    known: Option<(TargetInfo, u64)>,
    scenarios: u64,
    exchanges: BTreeMap<u64, ExchangeRecord>,
    checks: Vec<CheckResult>,
    end: Option<Report>,
}

impl Seen {
    fn new(tool: Tool, url: String, started_at: String) -> Self {
        let (known, exchanges, checks) = (None, BTreeMap::new(), Vec::new());
        Seen { tool, url, started_at, known, scenarios: 0, exchanges, checks, end: None }
    }

    fn add(&mut self, event: Event) {
        match event {
            Event::TargetKnown { target, scenarios } => self.known = Some((target, scenarios)),
            Event::Exchange { exchange } => _ = self.exchanges.insert(exchange.id, *exchange),
            Event::ScenarioFinished { .. } => self.scenarios += 1,
            Event::Check { check } => self.checks.push(*check),
            Event::RunFinished { report } => self.end = Some(*report),
            Event::RunStarted { .. } | Event::Unknown => {}
        }
    }

    fn report(self) -> Report {
        let exchanges: Vec<ExchangeRecord> = self.exchanges.into_values().collect();
        if let Some(end) = self.end {
            return Report { results: self.checks, exchanges, ..end };
        }
        let requests = exchanges.len() as u64;
        let done = match &self.known {
            Some((_, planned)) => format!(", with {} of {planned} scenarios done", self.scenarios),
            None => ", in the first look at the target".to_owned(),
        };
        let sent = if requests == 1 { "1 request".to_owned() } else { format!("{requests} requests") };
        let explanation = Explanation {
            what: format!("the run was cut off after {sent}{done}, before anything was judged"),
            next:
                "run it again; what was sent and answered until then is in this report, and runs that were \
                   started may still go on"
                    .into(),
        };
        let target = self.known.map_or_else(|| TargetInfo::unknown(self.url), |(target, _)| target);
        Report {
            tool: self.tool,
            duration_ms: exchanges.iter().map(|it| it.started_ms + it.duration_ms).max().unwrap_or(0),
            requests,
            exchanges,
            ..Report::not_judged(target, Some(explanation), self.started_at)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{json, samples};
    use super::*;

    /// The log of a run that ended with this report.
    fn log(number: u64, report: &Report) -> String {
        let exchange = |record: &ExchangeRecord| Event::Exchange { exchange: Box::new(record.clone()) };
        let known = Event::TargetKnown { target: report.target.clone(), scenarios: 3 };
        let scenario = Event::ScenarioFinished { scenario: "runtime/health/health".into() };
        [Event::run_started(&report.target.url, &report.started_at), known]
            .into_iter()
            .chain(report.exchanges.iter().map(exchange))
            .chain([scenario])
            .chain(Event::closing(report))
            .map(|event| event_line(number, &event))
            .collect()
    }

    /// Up to the end of the last line that tells of an exchange.
    fn cut_off(log: &str) -> String {
        let lines = log.lines().take_while(|line| !line.contains(r#""event":"check""#));
        lines.map(|line| format!("{line}\n")).collect()
    }

    #[test]
    fn a_finished_log_yields_the_report() {
        for (name, report) in samples::all() {
            let set = ReportSet::read(&log(1, &report)).unwrap();
            assert_eq!(set.json(), json(&report), "{name}");
        }
    }

    #[test]
    fn one_log_holds_runs_that_went_on_side_by_side() {
        let (one, other) = (samples::sample("conformant"), samples::sample("partial"));
        let (first, second) = (log(1, &one), log(2, &other));
        let mut lines: Vec<&str> = Vec::new();
        let mut second = second.lines();
        for line in first.lines() {
            lines.push(line);
            lines.extend(second.next());
        }
        lines.extend(second);
        let set = ReportSet::read(&lines.join("\n")).unwrap();
        assert_eq!(set.json(), ReportSet { reports: vec![one, other] }.json());
    }

    #[test]
    fn a_run_that_was_cut_off_is_not_judged_and_keeps_its_exchanges() {
        let whole = samples::sample("every-outcome");
        let text = cut_off(&log(1, &whole)) + r#"{"run":1,"event":"chec"#;
        let set = ReportSet::read(&text).unwrap();
        let [report] = &set.reports[..] else { panic!("one report") };
        assert_eq!((report.verdict, report.exit_code(false)), (Verdict::NotJudged, 3));
        assert_eq!(report.exchanges.len(), whole.exchanges.len());
        assert_eq!(report.target.service, whole.target.service);
        insta::assert_snapshot!(report.explanation.as_ref().unwrap().what, @"the run was cut off after 12 requests, with 1 of 3 scenarios done, before anything was judged");
        let first = text.lines().next().unwrap();
        let report = ReportSet::read(first).unwrap().reports.remove(0);
        assert_eq!((report.target.url, report.requests), (whole.target.url, 0));
        insta::assert_snapshot!(report.explanation.unwrap().what, @"the run was cut off after 0 requests, in the first look at the target, before anything was judged");
    }

    #[test]
    fn later_versions_may_tell_more_and_what_is_told_last_counts() {
        let report = samples::sample("every-outcome");
        let mut late = report.exchanges[0].clone();
        late.scenario = Some("runtime/runs/finished-run".into());
        let more = event_line(1, &Event::Exchange { exchange: Box::new(late) });
        let text = log(1, &report) + "{\"run\":1,\"event\":\"lunch\",\"for\":[1]}\n" + &more;
        let read = ReportSet::read(&text).unwrap().reports.remove(0);
        assert_eq!(read.exchanges[0].scenario.as_deref(), Some("runtime/runs/finished-run"));
    }

    #[test]
    fn what_is_no_log_is_refused_with_the_line() {
        let good = log(1, &samples::sample("every-outcome"));
        let torn = good.replacen(r#""event":"exchange","#, r#""event":"exchange""#, 1);
        let headless = event_line(1, &Event::ScenarioFinished { scenario: "a/b".into() });
        let other = good.replace(EVENTS_FORMAT, "arp-conformance-events/2");
        let errors: Vec<String> =
            [&torn, &headless, &other, ""].map(|text| read_events(text).unwrap_err().to_string()).into();
        insta::assert_snapshot!(errors.join("\n"), @"
        not an event log of arp-conformance: line 3: expected `,` or `}` at column 28
        not an event log of arp-conformance: line 1: run 1 has not begun with an event `run-started`
        the report's form is `arp-conformance-events/2` and this version reads `arp-conformance-events/1`; make the report again with this version
        not an event log of arp-conformance: line 1: it is empty
        ");
        assert!(ReportSet::read(&other).unwrap_err().to_string().contains("events/2"));
    }

    #[test]
    fn a_log_can_be_looked_at() {
        for (name, report) in samples::all() {
            for line in log(1, &report).lines() {
                assert_eq!(crate::report::visible(line), line, "{name}");
            }
        }
    }
}
