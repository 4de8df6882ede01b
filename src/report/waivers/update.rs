//! A file of waivers brought to what a report found.

use jiff::civil::Date;
use serde::Serialize;

use super::apply::{Standing, is_violated};
use super::{Waiver, Waivers, Waives};
use crate::report::ReportSet;
use crate::report::model::{CheckResult, Outcome, Report, SkipReason};
use crate::yaml::Place;

/// A file of waivers as it should be, and what changed in it.
#[derive(Debug, Clone)]
pub struct Update {
    /// The text of the file.
    pub text: String,
    pub kept: Vec<Waiver>,
    pub dropped: Vec<Dropped>,
    pub added: Vec<Waiver>,
}

/// A waiver that is left out.
#[derive(Debug, Clone)]
pub struct Dropped {
    pub waiver: Waiver,
    pub why: &'static str,
}

impl Waivers {
    /// What the file has to be after `reports`: waivers of what holds now, and of nothing at all, are dropped, and what
    /// is violated and not waived gets new ones with `reason` and `until`. Waivers of what was not measured, and of
    /// targets that the reports are not about, are kept.
    ///
    /// `text` is what the waivers were read from. Entries that stay keep their lines, with the comments above them, where
    /// each begins a line of its own; else the file is written anew.
    pub fn update(&self, text: &str, reports: &ReportSet, reason: &str, until: Date) -> Update {
        let mut update =
            Update { text: String::new(), kept: Vec::new(), dropped: Vec::new(), added: Vec::new() };
        for waiver in &self.entries {
            let waiver = waiver.clone();
            match Standing::of(&waiver, &reports.reports) {
                Standing::Holds => update.dropped.push(Dropped { waiver, why: "what it waives holds now" }),
                Standing::Unmatched => update.dropped.push(Dropped { waiver, why: "there is no such id" }),
                Standing::Elsewhere | Standing::Violated | Standing::NotMeasured => update.kept.push(waiver),
            }
        }
        // Beside waivers of one target, one of all targets could overlap.
        let several = reports.reports.len() > 1 || update.kept.iter().any(|waiver| waiver.target.is_some());
        for report in &reports.reports {
            let target = several.then(|| report.target.name.clone().unwrap_or(report.target.url.clone()));
            for waives in unwaived(report, &update.kept) {
                update.added.push(Waiver {
                    waives,
                    target: target.clone(),
                    reason: reason.to_owned(),
                    until,
                    issue: None,
                    place: Place::default(),
                });
            }
        }
        update.text = self.edited(text, &update).unwrap_or_else(|| written(&update));
        update
    }

    /// The old text with the lines of what was dropped taken out and new entries at its end; none where that would not
    /// be the same waivers.
    fn edited(&self, text: &str, update: &Update) -> Option<String> {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let starts: Vec<usize> =
            self.entries.iter().map(|waiver| first_line(&lines, waiver.place)).collect::<Option<_>>()?;
        let ends = starts.iter().skip(1).copied().chain([lines.len()]);
        let head = starts.first().copied().unwrap_or(lines.len());
        let mut edited = lines.get(..head)?.concat();
        for (waiver, (start, end)) in self.entries.iter().zip(starts.iter().zip(ends)) {
            if update.kept.contains(waiver) {
                edited += &lines.get(*start..end)?.concat();
            }
        }
        if !edited.is_empty() && !edited.ends_with('\n') {
            edited.push('\n');
        }
        edited.extend(update.added.iter().map(entry));
        if edited.is_empty() {
            return None;
        }
        let wanted = update.kept.iter().chain(&update.added);
        let read = Waivers::read(&self.file, &edited).ok()?;
        read.entries.iter().map(without_place).eq(wanted.map(without_place)).then_some(edited)
    }
}

/// The line with which an entry begins, the comments directly above it included, counted from 0.
fn first_line(lines: &[&str], place: Place) -> Option<usize> {
    let at = usize::try_from(place.line).ok()?.checked_sub(1)?;
    let mut first = (0..=at).rev().find(|line| lines.get(*line).is_some_and(|it| it.starts_with('-')))?;
    while first > 0 && lines[first - 1].starts_with('#') {
        first -= 1;
    }
    Some(first)
}

fn without_place(waiver: &Waiver) -> Waiver {
    Waiver { place: Place::default(), ..waiver.clone() }
}

/// The whole file anew.
fn written(update: &Update) -> String {
    match update.kept.iter().chain(&update.added).map(entry).collect::<String>() {
        nothing if nothing.is_empty() => "[]\n".to_owned(),
        entries => entries,
    }
}

/// One entry as YAML.
fn entry(waiver: &Waiver) -> String {
    #[derive(Serialize)]
    struct Entry<'w> {
        #[serde(skip_serializing_if = "Option::is_none")]
        check: Option<&'w str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        requirement: Option<&'w str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        target: Option<&'w str>,
        reason: &'w str,
        #[serde(skip_serializing_if = "Option::is_none")]
        issue: Option<&'w str>,
    }
    let (check, requirement) = match &waiver.waives {
        Waives::Check(id) => (Some(id.as_str()), None),
        Waives::Requirement(id) => (None, Some(id.as_str())),
    };
    let (target, issue) = (waiver.target.as_deref(), waiver.issue.as_deref());
    let text = serde_yaml::to_string(&[Entry { check, requirement, target, reason: &waiver.reason, issue }])
        // Texts alone, and YAML holds every text.
        .expect("a waiver is always representable in YAML");
    // The writer would put quotes around a day, which no reader needs.
    format!("{}\n  until: {}\n", text.trim_end_matches('\n'), waiver.until)
}

/// What it takes to waive all that is violated and that `kept` does not waive: one requirement where two checks or more
/// are violated and no other check of it says anything else, else checks one by one.
fn unwaived(report: &Report, kept: &[Waiver]) -> Vec<Waives> {
    let is_kept = |check: &CheckResult| {
        kept.iter().any(|waiver| waiver.concerns(&report.target) && waiver.matches(check))
    };
    let mut found: Vec<Waives> = Vec::new();
    for check in report.results.iter().filter(|check| is_violated(check) && !is_kept(check)) {
        let whole = match &check.requirements[..] {
            [requirement] => {
                let names = |other: &&CheckResult| other.requirements.contains(requirement);
                let own = || report.results.iter().filter(names);
                let fits = |other: &CheckResult| {
                    (is_violated(other) && other.requirements.len() == 1 || does_not_apply(other))
                        && !is_kept(other)
                };
                let many = own().filter(|other| is_violated(other)).count() > 1;
                (many && own().all(fits)).then(|| Waives::Requirement(requirement.clone()))
            }
            _ => None,
        };
        let waives = whole.unwrap_or_else(|| Waives::Check(check.id.clone()));
        if !found.contains(&waives) {
            found.push(waives);
        }
    }
    found
}

fn does_not_apply(check: &CheckResult) -> bool {
    check.outcome == Outcome::Skip && check.reason == Some(SkipReason::NotApplicable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::Level::{Must, Should};
    use crate::report::model::Outcome::{Fail, Pass, Warn};
    use crate::report::model::Verdict;
    use crate::report::samples::{check, report, skipped};

    const UNTIL: Date = jiff::civil::date(2026, 9, 13);

    fn named(id: &str, requirement: &str, outcome: Outcome) -> CheckResult {
        CheckResult { id: id.into(), ..check(requirement, Must, outcome) }
    }

    fn update(text: &str, results: Vec<CheckResult>) -> Update {
        let set = ReportSet::from(report(Verdict::NonConformant, results));
        let update = Waivers::read("w.yaml", text).unwrap().update(text, &set, "TODO: say why", UNTIL);
        let read = Waivers::read("w.yaml", &update.text).unwrap();
        assert_eq!(read.refuse_overlaps(&set.checks()), Ok(()));
        update
    }

    #[test]
    fn failures_are_waived_as_one_requirement_where_nothing_else_is_known_of_it() {
        let update = update(
            "",
            vec![
                named("A-1 GET /a", "A-1", Fail),
                named("A-1 GET /b", "A-1", Fail),
                CheckResult { id: "A-1 GET /c".into(), ..skipped("A-1", Must, SkipReason::NotApplicable) },
                named("B-1 GET /a", "B-1", Fail),
                named("B-1 GET /b", "B-1", Pass),
                named("runtime/c/d[x:/y]#C-1", "C-1", Fail),
                check("D-1", Should, Warn),
                CheckResult { id: "D-1 GET /b".into(), ..skipped("D-1", Should, SkipReason::OutOfScope) },
                check("E-1", Must, Pass),
            ],
        );
        insta::assert_snapshot!(update.text);
    }

    #[test]
    fn what_stays_keeps_its_lines_and_what_goes_takes_its_comments() {
        let text = "\
# Agreed with the team.

# The clock.
- check: A-1 GET /v1/health # for now
  reason:   known
  until:   2026-12-31
  issue: ABC-1

# This is gone.
- requirement: B-1
  reason: known
  until: 2026-12-31
- {requirement: Z-1, reason: known, until: 2026-12-31}
# Skipped here.
- {requirement: C-1, reason: known, until: 2020-12-31, target: http://127.0.0.1:8081/}
- {requirement: C-1, reason: known, until: 2026-12-31, target: elsewhere}";
        let update = update(
            text,
            vec![
                check("A-1", Must, Fail),
                check("B-1", Must, Pass),
                skipped("C-1", Must, SkipReason::Blocked),
                check("D-1", Must, Fail),
            ],
        );
        insta::assert_snapshot!(update.text);
        let dropped: Vec<String> =
            update.dropped.iter().map(|it| format!("{}: {}", it.waiver.waives, it.why)).collect();
        assert_eq!(
            dropped,
            ["requirement B-1: what it waives holds now", "requirement Z-1: there is no such id"]
        );
        assert_eq!((update.kept.len(), update.added.len()), (3, 1));
    }

    #[test]
    fn a_file_that_cannot_be_edited_by_lines_is_written_anew() {
        let results = || vec![check("A-1", Must, Fail), check("B-1", Must, Fail)];
        let text = "[{requirement: A-1, reason: 'a: b', until: 2026-12-31}]";
        insta::assert_snapshot!(update(text, results()).text);
        assert_eq!(update("[]\n", vec![check("A-1", Must, Pass)]).text, "[]\n");
        let text = "- {requirement: A-1, reason: known, until: 2026-12-31}\n";
        assert_eq!(update(text, vec![check("A-1", Must, Pass)]).text, "[]\n");
    }

    #[test]
    fn waivers_of_several_targets_name_theirs() {
        let mut reports = vec![report(Verdict::NonConformant, vec![check("A-1", Must, Fail)]); 2];
        reports[1].target.name = Some("staging".into());
        let update = Waivers::default().update("", &ReportSet { reports }, "known", UNTIL);
        let targets: Vec<_> = update.added.iter().map(|waiver| waiver.target.as_deref().unwrap()).collect();
        assert_eq!(targets, ["http://127.0.0.1:8081", "staging"]);
    }

    #[test]
    fn what_was_not_judged_changes_nothing() {
        let text = "- {requirement: A-1, reason: known, until: 2026-12-31}\n";
        let set = ReportSet::from(report(Verdict::NotJudged, vec![]));
        let update = Waivers::read("w.yaml", text).unwrap().update(text, &set, "known", UNTIL);
        assert_eq!(update.text, text);
    }
}
