//! The picture of a report: its requirements by area and level.

use super::area;
use super::place::Place;
use super::state::{State, told};
use crate::report::model::{CheckResult, Level, Report};

/// One area.
pub(super) struct Row<'r> {
    pub area: &'r str,
    pub title: &'r str,
    /// Cells of must, should and may.
    pub levels: [Vec<Cell<'r>>; 3],
}

/// One requirement.
pub(super) struct Cell<'r> {
    pub id: &'r str,
    /// What stands after the area in the id; the id itself where it has no other form.
    pub number: &'r str,
    pub state: State,
    /// `fail`, or for a skip its reason.
    pub told: String,
    pub level: &'static str,
    pub says: &'r str,
    pub href: String,
}

pub(super) fn rows<'r>(report: &'r Report, place: &Place) -> Vec<Row<'r>> {
    let mut rows: Vec<Row> = Vec::new();
    for requirement in &report.requirements {
        let (area, number) = area::split(&requirement.id);
        let known = rows.iter().position(|row| row.area == area).unwrap_or_else(|| {
            rows.push(Row { area, title: area::title(area), levels: Default::default() });
            rows.len() - 1
        });
        let state = state(report, &requirement.id);
        rows[known].levels[requirement.level as usize].push(Cell {
            id: &requirement.id,
            number: if number.is_empty() { area } else { number },
            state,
            told: told(state, requirement.reason),
            level: requirement.level.name(),
            says: &requirement.says,
            href: format!("#{}", place.requirement(&requirement.id)),
        });
    }
    rows
}

/// What a requirement of the report came to.
pub(super) fn state(report: &Report, requirement: &str) -> State {
    let Some(row) = report.requirements.iter().find(|row| row.id == requirement) else { return State::Skip };
    let decides = |check: &&CheckResult| check.requirements.contains(&row.id);
    State::of_requirement(row, &report.results.iter().filter(decides).collect::<Vec<_>>())
}

/// How many checks of a level came to what.
pub(super) struct Bar {
    pub level: &'static str,
    pub total: usize,
    pub parts: Vec<Part>,
}

pub(super) struct Part {
    pub state: State,
    pub count: usize,
    /// Percent of the bar, where it begins and how wide it is.
    pub from: String,
    pub width: String,
}

/// A bar for each level that has checks.
pub(super) fn bars(report: &Report) -> Vec<Bar> {
    let bar = |level: Level| {
        let states: Vec<_> =
            report.results.iter().filter(|check| check.level == level).map(State::of).collect();
        let (total, mut before) = (states.len(), 0);
        let percent = |count: usize| format!("{:.2}%", 100.0 * count as f64 / total.max(1) as f64);
        // What holds comes first, so that the bar reads as how far the target got.
        let order =
            [State::Pass, State::Info, State::Waived, State::Warn, State::Error, State::Fail, State::Skip];
        let part = |state: State| {
            let count = states.iter().filter(|found| **found == state).count();
            let from = percent(before);
            before += count;
            Part { state, count, from, width: percent(count) }
        };
        let parts = order.map(part).into_iter().filter(|part| part.count > 0).collect();
        Bar { level: level.name(), total, parts }
    };
    [Level::Must, Level::Should, Level::May].map(bar).into_iter().filter(|bar| bar.total > 0).collect()
}
