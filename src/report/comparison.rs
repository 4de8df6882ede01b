//! Two reports compared, check by check.

mod render;

use std::collections::BTreeSet;

use serde::Serialize;

use super::ReportSet;
use super::model::{CheckResult, Finding, Level, Outcome, Report, SkipReason, TargetInfo, Verdict};

/// The version of the JSON form of a comparison.
const FORMAT: &str = "arp-conformance-diff/1";

/// How reports name the service of a target that could not be told.
const UNKNOWN: &str = "unknown";

/// What changed between two reports, or two sets of them.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// Always `arp-conformance-diff/1`.
    pub format: &'static str,
    /// In the order of the new reports; targets that are gone follow.
    pub targets: Vec<TargetComparison>,
}

/// One service of one target. A side is missing where its reports do not have the target.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TargetComparison {
    pub old: Option<Side>,
    pub new: Option<Side>,
    /// Fails now and did not before: it held, was not judged, or was not there.
    pub newly_failing: Vec<Change>,
    /// Was violated before and holds now.
    pub newly_passing: Vec<Change>,
    /// Came to another outcome otherwise, or found something else.
    pub changed: Vec<Change>,
    /// In the old report alone.
    pub gone: Vec<Change>,
    /// In the new report alone, and no failure.
    pub new_checks: Vec<Change>,
}

/// Which report it is.
#[derive(Debug, Clone, Serialize)]
pub struct Side {
    pub target: TargetInfo,
    pub verdict: Verdict,
    pub started_at: String,
}

/// One check before and now; at least one of both is there.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    pub id: String,
    pub requirements: Vec<String>,
    pub level: Level,
    pub old: Option<State>,
    pub new: Option<State>,
}

/// What a check came to.
#[derive(Debug, Clone, Serialize)]
pub struct State {
    pub outcome: Outcome,
    pub reason: Option<SkipReason>,
    pub waived: bool,
    pub message: String,
    pub findings: Vec<Finding>,
}

impl Comparison {
    /// Compares the reports of the same targets. A target is the same by its name, else by its URL, else where only one
    /// of its service is left on both sides, for the port of a target often differs from run to run.
    ///
    /// With `strict`, a should that is not met is a failure too. A failure that is waived is none now; before, it was one, so
    /// that a check whose waiver is gone does not fail newly.
    pub fn of(old: &ReportSet, new: &ReportSet, strict: bool) -> Comparison {
        let (partners, gone) = pair(&old.reports, &new.reports);
        let mut targets: Vec<TargetComparison> = new
            .reports
            .iter()
            .zip(partners)
            .map(|(report, partner)| TargetComparison::of(partner, Some(report), strict))
            .collect();
        targets.extend(gone.into_iter().map(|report| TargetComparison::of(Some(report), None, strict)));
        Comparison { format: FORMAT, targets }
    }

    /// 1 where a check fails that did not before, or nothing can be said any more about a target, else 0.
    pub fn exit_code(&self) -> u8 {
        let is_judged = |side: &Option<Side>| side.as_ref().map(|side| side.verdict != Verdict::NotJudged);
        let is_worse = |target: &TargetComparison| {
            let lost = is_judged(&target.new) == Some(false) && is_judged(&target.old) != Some(false);
            lost || !target.newly_failing.is_empty()
        };
        u8::from(self.targets.iter().any(is_worse))
    }

    /// The comparison as `arp-conformance-diff/1`, indented, ending in a line break.
    pub fn json(&self) -> String {
        let text = serde_json::to_string_pretty(self)
            // As for a report: nothing in it that JSON cannot hold.
            .expect("a comparison is always representable in JSON");
        text + "\n"
    }
}

/// For each new report the old one of its target, and the old ones that are left.
fn pair<'r>(old: &'r [Report], new: &[Report]) -> (Vec<Option<&'r Report>>, Vec<&'r Report>) {
    type Same = fn(&TargetInfo, &TargetInfo) -> bool;
    let same_name: Same = |a, b| a.name.is_some() && a.name == b.name;
    let same_url: Same = |a, b| a.url.trim_end_matches('/') == b.url.trim_end_matches('/');
    let mut left: Vec<&Report> = old.iter().collect();
    let mut partners: Vec<Option<&Report>> = vec![None; new.len()];
    for same in [same_name, same_url] {
        for (report, partner) in new.iter().zip(&mut partners).filter(|(_, partner)| partner.is_none()) {
            let fits = |other: &&Report| {
                is_same_service(&other.target, &report.target) && same(&other.target, &report.target)
            };
            *partner = left.iter().position(fits).map(|at| left.remove(at));
        }
    }
    for at in 0..new.len() {
        let fits = |other: &Report| is_same_service(&other.target, &new[at].target);
        let open = (0..new.len()).filter(|other| partners[*other].is_none() && fits(&new[*other]));
        let mut candidates = (0..left.len()).filter(|other| fits(left[*other]));
        if let (true, Some(only), None) = (open.eq([at]), candidates.next(), candidates.next()) {
            partners[at] = Some(left.remove(only));
        }
    }
    (partners, left)
}

impl TargetComparison {
    fn of(old: Option<&Report>, new: Option<&Report>, strict: bool) -> TargetComparison {
        let mut found = TargetComparison {
            old: old.map(Side::of),
            new: new.map(Side::of),
            ..TargetComparison::default()
        };
        let mut before: Vec<&CheckResult> = old.into_iter().flat_map(|report| &report.results).collect();
        for check in new.into_iter().flat_map(|report| &report.results) {
            let old = before.iter().position(|other| other.id == check.id).map(|at| before.remove(at));
            let failed = |check: &CheckResult| {
                check.outcome == Outcome::Fail || strict && check.outcome == Outcome::Warn
            };
            let violated = |check: &CheckResult| matches!(check.outcome, Outcome::Fail | Outcome::Warn);
            let changes = match old {
                _ if failed(check) && check.waived.is_none() && !old.is_some_and(failed) => {
                    &mut found.newly_failing
                }
                None => &mut found.new_checks,
                Some(old) if violated(old) && matches!(check.outcome, Outcome::Pass | Outcome::Info) => {
                    &mut found.newly_passing
                }
                Some(old) if is_same(old, check) => continue,
                Some(_) => &mut found.changed,
            };
            changes.push(Change::of(old, Some(check), check));
        }
        found.gone = before.into_iter().map(|check| Change::of(Some(check), None, check)).collect();
        found
    }
}

/// What a target is cannot always be told, and that is no reason to take it for another one.
fn is_same_service(a: &TargetInfo, b: &TargetInfo) -> bool {
    a.service == b.service || [a, b].iter().any(|target| target.service == UNKNOWN)
}

impl Side {
    fn of(report: &Report) -> Side {
        let Report { target, verdict, started_at, .. } = report;
        Side { target: target.clone(), verdict: *verdict, started_at: started_at.clone() }
    }
}

impl Change {
    /// `check` is the one of both sides that names it.
    fn of(old: Option<&CheckResult>, new: Option<&CheckResult>, check: &CheckResult) -> Change {
        let state = |check: &CheckResult| State {
            outcome: check.outcome,
            reason: check.reason,
            waived: check.waived.is_some(),
            message: check.message.clone(),
            findings: check.findings.clone(),
        };
        Change {
            id: check.id.clone(),
            requirements: check.requirements.clone(),
            level: check.level,
            old: old.map(state),
            new: new.map(state),
        }
    }
}

/// Whether both came to the same. Messages are not compared: they repeat the findings, or tell why nothing was judged,
/// which need not be the same words for the same reason.
fn is_same(old: &CheckResult, new: &CheckResult) -> bool {
    let kind = |check: &CheckResult| (check.outcome, check.reason, check.waived.is_some());
    kind(old) == kind(new) && lasting(old) == lasting(new)
}

/// The findings without what differs from run to run: numbers of exchanges, ids of runs and times. Their order and
/// number depend on which scenario came first.
fn lasting(check: &CheckResult) -> BTreeSet<[String; 4]> {
    let finding = |finding: &Finding| {
        let step = if finding.exchange().is_some() { "" } else { &finding.step };
        [step.to_owned(), finding.at.clone(), lasting_text(&finding.expected), lasting_text(&finding.actual)]
    };
    check.findings.iter().map(finding).collect()
}

fn lasting_text(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.:+".contains(c);
    let mut lasting = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let word = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
        let between = &rest[word.len()..];
        let between = &between[..between.find(is_part).unwrap_or(between.len())];
        lasting += if differs_from_run_to_run(word) { "…" } else { word };
        lasting += between;
        rest = &rest[word.len() + between.len()..];
    }
    lasting
}

/// The id of a run that the suite named, a UUID, or a time: of RFC 3339, or a number as large as the seconds since 1970.
fn differs_from_run_to_run(word: &str) -> bool {
    let hexadecimal = |part: &str| part.chars().all(|c| c.is_ascii_hexdigit());
    let groups: Vec<&str> = word.split('-').collect();
    let is_uuid = groups.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|part| hexadecimal(part));
    let is_large_number = word.len() >= 10 && word.trim_end_matches('.').parse::<f64>().is_ok();
    let is_time = is_large_number || word.parse::<jiff::Timestamp>().is_ok();
    word.starts_with("arp-conformance-") || is_uuid || is_time
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::Waived;
    use crate::report::samples::{check, report, skipped};
    use Level::{Must, Should};
    use Outcome::{Error, Fail, Info, Pass, Warn};

    fn set(results: Vec<CheckResult>) -> ReportSet {
        report(Verdict::Partial, results).into()
    }

    fn compared(old: Vec<CheckResult>, new: Vec<CheckResult>, strict: bool) -> Comparison {
        Comparison::of(&set(old), &set(new), strict)
    }

    /// In which of the lists a check ends up: newly failing, newly passing, changed, gone, new.
    fn list(old: Option<CheckResult>, new: Option<CheckResult>, strict: bool) -> &'static str {
        let comparison = compared(old.into_iter().collect(), new.into_iter().collect(), strict);
        let TargetComparison { newly_failing, newly_passing, changed, gone, new_checks, .. } =
            &comparison.targets[0];
        let lists = [
            ("newly failing", newly_failing),
            ("newly passing", newly_passing),
            ("changed", changed),
            ("gone", gone),
            ("new", new_checks),
        ];
        let mut found = lists.iter().filter(|(_, changes)| !changes.is_empty());
        let name = found.next().map_or("same", |(name, _)| name);
        assert!(found.next().is_none());
        assert_eq!(comparison.exit_code() == 1, name == "newly failing");
        name
    }

    fn waived(check: CheckResult) -> CheckResult {
        let waived = Waived { reason: "known".into(), until: "2026-12-31".into(), issue: None };
        CheckResult { waived: Some(waived), ..check }
    }

    #[test]
    fn a_check_is_in_one_list() {
        let must = |outcome| Some(check("A-1", Must, outcome));
        let should = |outcome| Some(check("A-1", Should, outcome));
        let blocked = || Some(skipped("A-1", Must, SkipReason::Blocked));
        let known = || Some(waived(check("A-1", Must, Fail)));
        for (old, new, expected) in [
            (must(Pass), must(Fail), "newly failing"),
            (blocked(), must(Fail), "newly failing"),
            (must(Error), must(Fail), "newly failing"),
            (None, must(Fail), "newly failing"),
            (must(Fail), must(Pass), "newly passing"),
            (should(Warn), should(Pass), "newly passing"),
            (should(Pass), should(Warn), "changed"),
            (must(Fail), blocked(), "changed"),
            (must(Pass), must(Error), "changed"),
            (blocked(), Some(skipped("A-1", Must, SkipReason::NotMeasured)), "changed"),
            (must(Pass), known(), "changed"),
            (must(Fail), known(), "changed"),
            (known(), must(Fail), "changed"),
            (known(), must(Pass), "newly passing"),
            (None, known(), "new"),
            (None, must(Pass), "new"),
            (must(Fail), None, "gone"),
            (must(Fail), must(Fail), "same"),
            (should(Info), should(Info), "same"),
        ] {
            let what =
                format!("{:?} {:?}", old.as_ref().map(|it| it.outcome), new.as_ref().map(|it| it.outcome));
            assert_eq!(list(old, new, false), expected, "{what}");
        }
        for (old, new, expected) in [
            (should(Pass), should(Warn), "newly failing"),
            (None, should(Warn), "newly failing"),
            (should(Warn), should(Warn), "same"),
        ] {
            assert_eq!(list(old, new, true), expected);
        }
    }

    #[test]
    fn findings_are_compared_without_what_differs_from_run_to_run() {
        let failed = |step: &str, at: &str, actual: &str| {
            let (step, at, actual) = (step.into(), at.into(), actual.into());
            let finding = Finding { step, at, expected: "another".into(), actual };
            Some(CheckResult { findings: vec![finding], ..check("A-1", Must, Fail) })
        };
        for (old, new, expected) in [
            (failed("exchange 1", "/a", "x"), failed("exchange 2", "/a", "x"), "same"),
            (failed("a", "/a", "x"), failed("b", "/a", "x"), "changed"),
            (failed("a", "/a", "status 404"), failed("a", "/a", "status 500"), "changed"),
            (
                failed("a", "", "\"arp-conformance-0123456789ab\" at 2026-01-01T00:00:00.5Z"),
                failed("a", "", "\"arp-conformance-ab0123456789\" at 2026-01-02T00:00:00Z"),
                "same",
            ),
            (failed("a", "", "found 1795318474"), failed("a", "", "found 1795318476.25"), "same"),
            (
                failed("a", "", "run 9f2c1d34-1111-4222-8333-0123456789ab"),
                failed("a", "", "run 00000000-1111-4222-8333-0123456789ab"),
                "same",
            ),
        ] {
            assert_eq!(list(old.clone(), new, false), expected, "{old:?}");
        }
    }

    #[test]
    fn targets_are_the_same_by_name_then_by_url_then_as_the_last_of_their_service() {
        let of = |name: Option<&str>, url: &str, service: &str| {
            let mut report = report(Verdict::Partial, vec![]);
            report.target = TargetInfo {
                name: name.map(str::to_owned),
                url: url.into(),
                service: service.into(),
                ..report.target
            };
            report
        };
        let pairs = |old: Vec<Report>, new: Vec<Report>| -> Vec<(String, String)> {
            let url = |side: &Option<Side>| side.as_ref().map_or("-".into(), |it| it.target.url.clone());
            let comparison = Comparison::of(&ReportSet { reports: old }, &ReportSet { reports: new }, false);
            comparison.targets.iter().map(|it| (url(&it.old), url(&it.new))).collect()
        };
        let is = |found: Vec<(String, String)>, expected: &[(&str, &str)]| {
            let found: Vec<_> = found.iter().map(|(old, new)| (old.as_str(), new.as_str())).collect();
            assert_eq!(found, expected);
        };
        is(pairs(vec![of(None, "a", "x")], vec![of(None, "b", "x")]), &[("a", "b")]);
        is(pairs(vec![of(None, "a", "unknown")], vec![of(None, "a", "x")]), &[("a", "a")]);
        is(pairs(vec![of(None, "a", "x")], vec![of(None, "a", "y")]), &[("-", "a"), ("a", "-")]);
        is(
            pairs(
                vec![of(None, "a", "x"), of(Some("n"), "b", "x"), of(None, "c/", "x")],
                vec![of(None, "c", "x"), of(Some("n"), "a", "x"), of(None, "d", "x")],
            ),
            &[("c/", "c"), ("b", "a"), ("a", "d")],
        );
        is(
            pairs(vec![of(None, "a", "x")], vec![of(None, "b", "x"), of(None, "c", "x")]),
            &[("-", "b"), ("-", "c"), ("a", "-")],
        );
    }
}
