//! A comparison for people: as text and as Markdown.

use super::{Change, Comparison, Side, State, TargetComparison};
use crate::report::model::{SkipReason, Verdict};
use crate::report::visible::{cut, visible};

/// Changes that one list tells before it only counts. What fails newly is told whole.
const LISTED: usize = 20;

/// Characters of a message.
const MESSAGE: usize = 200;

impl TargetComparison {
    /// The lists that hold anything, each with its name and how many of its changes are told.
    fn lists(&self) -> impl Iterator<Item = (&'static str, &[Change], usize)> {
        let lists = [
            ("newly failing", &self.newly_failing, usize::MAX),
            ("newly passing", &self.newly_passing, LISTED),
            ("changed", &self.changed, LISTED),
            ("gone", &self.gone, LISTED),
            ("new", &self.new_checks, LISTED),
        ];
        let lists = lists.into_iter().map(|(name, changes, most)| (name, changes.as_slice(), most));
        lists.filter(|(_, changes, _)| !changes.is_empty())
    }

    fn is_unchanged(&self) -> bool {
        self.old.is_some() && self.new.is_some() && self.lists().next().is_none()
    }

    /// What is compared: `runtime at http://127.0.0.1:8081`. Where a side is missing, the other one speaks.
    fn name(&self) -> String {
        let side = self.new.as_ref().or(self.old.as_ref());
        side.map(|Side { target, .. }| {
            format!("{} at {}", target.service, target.name.as_ref().unwrap_or(&target.url))
        })
        .unwrap_or_default()
    }

    /// The verdicts before and now, the same one once.
    fn verdicts(&self) -> String {
        let name = |side: &Option<Side>| side.as_ref().map_or("not there", |side| side.verdict.name());
        let both: [Option<Verdict>; 2] = [&self.old, &self.new].map(|it| it.as_ref().map(|it| it.verdict));
        match both[0] == both[1] {
            true => format!("{}, as before", name(&self.new)),
            false => format!("{} -> {}", name(&self.old), name(&self.new)),
        }
    }
}

impl Change {
    /// `pass -> fail`; an outcome that stayed the same is said once.
    fn outcomes(&self) -> String {
        let name = |state: &Option<State>| {
            state.as_ref().map(|State { outcome, reason, waived, .. }| {
                let reason = reason.map(|reason| format!(" {}", SkipReason::name(reason)));
                let waived = if *waived { ", waived" } else { "" };
                format!("{}{}{waived}", outcome.name(), reason.unwrap_or_default())
            })
        };
        match (name(&self.old), name(&self.new)) {
            (Some(old), Some(new)) if old == new => format!("{new}, other findings"),
            (Some(old), Some(new)) => format!("{old} -> {new}"),
            (old, new) => old.or(new).unwrap_or_default(),
        }
    }

    /// What the check has to say now, in one line.
    fn message(&self) -> String {
        let message = self.new.as_ref().map_or("", |state| state.message.as_str());
        cut(&visible(message), MESSAGE).into_owned()
    }
}

impl Comparison {
    /// Lines for a terminal. What came from targets is made visible.
    pub fn text(&self) -> String {
        let mut lines = Vec::new();
        for target in &self.targets {
            if !lines.is_empty() {
                lines.push(String::new());
            }
            lines.push(visible(&format!("{}: {}", target.name(), target.verdicts())).into_owned());
            if target.is_unchanged() {
                lines.push("nothing changed".to_owned());
            }
            for (name, changes, most) in target.lists() {
                lines.push(format!("\n{name}: {}", checks(changes.len())));
                for change in changes.iter().take(most) {
                    lines.push(format!("  {}  {}", visible(&change.id), change.outcomes()));
                    let message = change.message();
                    lines.extend((!message.is_empty()).then(|| format!("      {message}")));
                }
                lines.extend(rest(changes, most).map(|rest| format!("  {rest}")));
            }
        }
        lines.join("\n") + "\n"
    }

    /// Markdown for a comment or a job summary. What came from targets stands in code spans, where nothing of it is
    /// a link, a mention or HTML.
    pub fn markdown(&self) -> String {
        let mut blocks = Vec::new();
        for target in &self.targets {
            blocks.push(format!("## {}", code(&target.name())));
            blocks.push(format!("**{}**", target.verdicts().replace("->", "→")));
            if target.is_unchanged() {
                blocks.push("Nothing changed.".to_owned());
            }
            for (name, changes, most) in target.lists() {
                blocks.push(format!("### {}{}: {}", name[..1].to_uppercase(), &name[1..], changes.len()));
                let row = |change: &Change| {
                    let (id, message) = (code(&change.id), code(&change.message()));
                    format!("| {id} | {} | {message} |", change.outcomes().replace("->", "→"))
                };
                let head = ["| check | outcome | |".to_owned(), "|---|---|---|".to_owned()];
                let rows = head.into_iter().chain(changes.iter().take(most).map(row));
                blocks.push(rows.collect::<Vec<_>>().join("\n"));
                blocks.extend(rest(changes, most));
            }
        }
        blocks.join("\n\n") + "\n"
    }
}

fn checks(count: usize) -> String {
    if count == 1 { "1 check".to_owned() } else { format!("{count} checks") }
}

fn rest(changes: &[Change], most: usize) -> Option<String> {
    let rest = changes.len().checked_sub(most).filter(|rest| *rest > 0)?;
    Some(format!("and {rest} more, listed by --format json"))
}

/// A code span that fits into a cell of a table; nothing for an empty text.
fn code(text: &str) -> String {
    let text = visible(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    match text.trim() {
        "" => String::new(),
        // Spaces keep a backtick at an end apart from the fence, and readers drop them.
        text if longest > 0 => format!("{fence} {} {fence}", text.replace('|', "\\|")),
        text => format!("{fence}{}{fence}", text.replace('|', "\\|")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ReportSet;
    use crate::report::model::{CheckResult, Level, Outcome};
    use crate::report::samples::{check, report};

    fn comparison() -> Comparison {
        let mut worse = check("A-1", Level::Must, Outcome::Fail);
        worse.message = "found `x|y` <b>\u{1b}[31m @someone".into();
        let old = vec![
            check("A-1", Level::Must, Outcome::Pass),
            check("B-1", Level::Must, Outcome::Fail),
            check("C-1", Level::Should, Outcome::Pass),
            check("D-1", Level::Must, Outcome::Pass),
        ];
        let mut new =
            vec![worse, check("B-1", Level::Must, Outcome::Pass), check("C-1", Level::Should, Outcome::Warn)];
        new.extend((1..=22).map(|number| CheckResult {
            id: format!("E-1 GET /v1/{number}"),
            ..check("E-1", Level::May, Outcome::Info)
        }));
        let mut elsewhere = report(Verdict::Partial, vec![]);
        elsewhere.target.service = "runtime".into();
        let mut gone = report(Verdict::NotJudged, vec![]);
        gone.target.url = "http://gone".into();
        let old = [report(Verdict::NonConformant, old), elsewhere.clone(), gone];
        let new = [report(Verdict::NonConformant, new), elsewhere];
        Comparison::of(&ReportSet { reports: old.into() }, &ReportSet { reports: new.into() }, false)
    }

    #[test]
    fn text_tells_every_list() {
        insta::assert_snapshot!(comparison().text());
    }

    #[test]
    fn markdown_keeps_what_a_target_sent_in_code_spans() {
        insta::assert_snapshot!(comparison().markdown());
    }
}
