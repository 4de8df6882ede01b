//! What many results come to together: the verdict, the counts, the requirements.

use std::collections::HashMap;

use super::model::{CheckResult, Counts, Level, Outcome, RequirementResult, SkipReason, Verdict};

/// The one place that decides what a run as a whole came to; every report and the exit code read it from here.
///
/// In this order:
/// 1. `not_judged`, the word of the probes before the run (unreachable, wrong service, credentials refused), wins;
/// 2. any failed check that is not waived makes the target non-conformant, whatever else could not be measured;
/// 3. where checks ended in `error` and not one was answered, nothing is known about the target: not judged;
/// 4. any check of must level that is an error, or was skipped as out of scope, blocked or not measured, leaves a gap:
///    partial. So does a run in which no must was measured, for "every must passed" would say nothing, and so does a
///    waived failure of must level, for not every must holds;
/// 5. else conformant. Checks that do not apply take no part, and a should or may never changes the verdict.
pub fn verdict(results: &[CheckResult], not_judged: bool) -> Verdict {
    let any = |outcome| results.iter().any(|result| result.outcome == outcome);
    let answered = [Outcome::Pass, Outcome::Fail, Outcome::Warn, Outcome::Info].into_iter().any(any);
    if not_judged {
        Verdict::NotJudged
    } else if results.iter().any(|result| result.counts_as(Outcome::Fail)) {
        Verdict::NonConformant
    } else if any(Outcome::Error) && !answered {
        Verdict::NotJudged
    } else if every_must_was_measured(results) && !any(Outcome::Fail) {
        Verdict::Conformant
    } else {
        Verdict::Partial
    }
}

/// Whether a partial verdict would be conformant if what is waived held.
pub(super) fn partial_for_waivers_alone(results: &[CheckResult]) -> bool {
    every_must_was_measured(results) && results.iter().any(|result| result.outcome == Outcome::Fail)
}

/// Whether every must that applies was measured, and at least one.
fn every_must_was_measured(results: &[CheckResult]) -> bool {
    let musts = || results.iter().filter(|result| result.level == Level::Must);
    let measured = |result: &CheckResult| matches!(result.outcome, Outcome::Pass | Outcome::Fail);
    !musts().any(leaves_gap) && musts().any(measured)
}

/// Whether the check ought to have been judged and was not. At must level this keeps a verdict from being conformant.
pub(super) fn leaves_gap(result: &CheckResult) -> bool {
    match result.outcome {
        Outcome::Error => true,
        Outcome::Skip => result.reason != Some(SkipReason::NotApplicable),
        Outcome::Pass | Outcome::Fail | Outcome::Warn | Outcome::Info => false,
    }
}

/// What a requirement is about, as its id says: `NO-LEAK` of `NO-LEAK-12`.
pub(super) fn area(requirement: &str) -> &str {
    requirement.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-')
}

impl Counts {
    /// Counts checks, not requirements. An outcome that its level does not know is counted as the level's nearest:
    /// a violation as the level's violation, an observation as a pass. A violation that is waived is counted as that.
    pub fn of(results: &[CheckResult]) -> Counts {
        let mut counts = Counts::default();
        for CheckResult { level, outcome, waived, .. } in results {
            let (must, should, may) = (&mut counts.must, &mut counts.should, &mut counts.may);
            let count = match (level, outcome) {
                (Level::Must, Outcome::Fail | Outcome::Warn) if waived.is_some() => &mut must.waived,
                (Level::Should, Outcome::Fail | Outcome::Warn) if waived.is_some() => &mut should.waived,
                (Level::Must, Outcome::Pass | Outcome::Info) => &mut must.pass,
                (Level::Must, Outcome::Fail | Outcome::Warn) => &mut must.fail,
                (Level::Must, Outcome::Skip) => &mut must.skip,
                (Level::Must, Outcome::Error) => &mut must.error,
                (Level::Should, Outcome::Pass | Outcome::Info) => &mut should.pass,
                (Level::Should, Outcome::Fail | Outcome::Warn) => &mut should.warn,
                (Level::Should, Outcome::Skip) => &mut should.skip,
                (Level::Should, Outcome::Error) => &mut should.error,
                (Level::May, Outcome::Skip | Outcome::Error) => &mut may.skip,
                (Level::May, _) => &mut may.info,
            };
            *count += 1;
        }
        counts
    }
}

/// The requirements that `results` speak of, each with the worst outcome of its checks.
///
/// `catalogue` gives id, level and sentence; its order is kept, and rows without a check are left out. A requirement
/// that only the results know follows at the end, with its check's level and no sentence, so that nothing is lost.
pub fn requirements<'a>(
    results: &[CheckResult],
    catalogue: impl IntoIterator<Item = (&'a str, Level, &'a str)>,
) -> Vec<RequirementResult> {
    let mut checks: HashMap<&str, Vec<&CheckResult>> = HashMap::new();
    for result in results {
        for id in &result.requirements {
            checks.entry(id).or_default().push(result);
        }
    }
    let mut rows = Vec::new();
    for (id, level, says) in catalogue {
        if let Some(checks) = checks.remove(id) {
            rows.extend(requirement(id, level, says, &checks));
        }
    }
    for result in results {
        for id in &result.requirements {
            if let Some(checks) = checks.remove(id.as_str()) {
                rows.extend(requirement(id, result.level, "", &checks));
            }
        }
    }
    rows
}

fn requirement(id: &str, level: Level, says: &str, checks: &[&CheckResult]) -> Option<RequirementResult> {
    let worst = checks.iter().min_by_key(|result| severity(result))?;
    Some(RequirementResult {
        id: id.to_owned(),
        level,
        says: says.to_owned(),
        outcome: worst.outcome,
        reason: worst.reason,
        checks: checks.iter().map(|result| result.id.clone()).collect(),
    })
}

/// 0 is worst. A requirement holds only if all of it was measured, so whatever leaves a gap weighs more than a pass;
/// what does not apply weighs least, for it says nothing about the checks that do. An error comes after a failure
/// because a failure is certain, and before a skip because it was not foreseen.
fn severity(result: &CheckResult) -> u8 {
    match (result.outcome, result.reason) {
        (Outcome::Fail, _) => 0,
        (Outcome::Error, _) => 1,
        (Outcome::Warn, _) => 2,
        (Outcome::Skip, Some(SkipReason::Blocked)) => 3,
        (Outcome::Skip, Some(SkipReason::NotMeasured) | None) => 4,
        (Outcome::Skip, Some(SkipReason::OutOfScope)) => 5,
        (Outcome::Pass, _) => 6,
        (Outcome::Info, _) => 7,
        (Outcome::Skip, Some(SkipReason::NotApplicable)) => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::Waived;
    use super::super::samples::{check, skipped};
    use super::*;
    use Level::{May, Must, Should};
    use Outcome::{Error, Fail, Info, Pass, Warn};
    use SkipReason::{Blocked, NotApplicable, NotMeasured, OutOfScope};

    #[test]
    fn conformant_needs_every_must_that_applies() {
        let results =
            [check("A-1", Must, Pass), skipped("B-1", Must, NotApplicable), check("C-1", Should, Warn)];
        assert_eq!(verdict(&results, false), Verdict::Conformant);
        for reason in [OutOfScope, Blocked, NotMeasured] {
            let results = [check("A-1", Must, Pass), skipped("B-1", Must, reason)];
            assert_eq!(verdict(&results, false), Verdict::Partial, "{reason:?}");
            let results = [check("A-1", Must, Pass), skipped("B-1", Should, reason)];
            assert_eq!(verdict(&results, false), Verdict::Conformant, "{reason:?}");
        }
    }

    #[test]
    fn nothing_passed_is_not_everything_passed() {
        assert_eq!(verdict(&[], false), Verdict::Partial);
        assert_eq!(verdict(&[skipped("A-1", Must, NotApplicable)], false), Verdict::Partial);
        assert_eq!(verdict(&[check("A-1", Should, Pass)], false), Verdict::Partial);
    }

    #[test]
    fn a_failure_outweighs_gaps_and_not_judged_outweighs_a_failure() {
        let results = [check("A-1", Must, Fail), check("B-1", Must, Error), skipped("C-1", Must, Blocked)];
        assert_eq!(verdict(&results, false), Verdict::NonConformant);
        assert_eq!(verdict(&results, true), Verdict::NotJudged);
    }

    #[test]
    fn an_error_is_a_gap_unless_nothing_was_answered() {
        assert_eq!(verdict(&[check("A-1", Must, Pass), check("B-1", Must, Error)], false), Verdict::Partial);
        assert_eq!(
            verdict(&[check("A-1", Must, Pass), check("B-1", Should, Error)], false),
            Verdict::Conformant
        );
        assert_eq!(
            verdict(&[check("A-1", Must, Error), skipped("B-1", Must, Blocked)], false),
            Verdict::NotJudged
        );
    }

    #[test]
    fn a_waived_failure_is_no_violation_and_no_pass() {
        let waived = |requirement, level, outcome| CheckResult {
            waived: Some(Waived { reason: "known".into(), until: "2026-12-31".into(), issue: None }),
            ..check(requirement, level, outcome)
        };
        let failed = || waived("A-1", Must, Fail);
        assert_eq!(verdict(&[failed()], false), Verdict::Partial);
        assert_eq!(verdict(&[failed(), check("B-1", Must, Pass)], false), Verdict::Partial);
        assert_eq!(verdict(&[failed(), check("B-1", Must, Fail)], false), Verdict::NonConformant);
        assert_eq!(verdict(&[failed(), check("B-1", Must, Error)], false), Verdict::Partial);
        let warned = || waived("C-1", Should, Warn);
        assert_eq!(verdict(&[warned(), check("B-1", Must, Pass)], false), Verdict::Conformant);
        let Counts { must, should, .. } = Counts::of(&[failed(), warned(), check("B-1", Must, Fail)]);
        assert_eq!((must.waived, must.fail, should.waived, should.warn), (1, 1, 1, 0));
    }

    #[test]
    fn every_result_is_counted_once_at_its_level() {
        let results = [
            check("A-1", Must, Pass),
            check("A-2", Must, Fail),
            check("A-3", Must, Error),
            skipped("A-4", Must, Blocked),
            check("B-1", Should, Warn),
            check("B-2", Should, Error),
            check("C-1", May, Info),
            skipped("C-2", May, NotApplicable),
        ];
        let Counts { must, should, may } = Counts::of(&results);
        assert_eq!((must.pass, must.fail, must.skip, must.error), (1, 1, 1, 1));
        assert_eq!((should.pass, should.warn, should.skip, should.error), (0, 1, 0, 1));
        assert_eq!((may.info, may.skip), (1, 1));
    }

    #[test]
    fn a_requirement_has_its_worst_outcome_and_the_catalogue_s_order() {
        let mut shared = check("C-1", Must, Fail);
        shared.requirements = vec!["A-1".into(), "Z-9".into()];
        let results = [
            check("B-1", Must, Pass),
            skipped("B-1", Must, NotMeasured),
            check("A-1", Must, Pass),
            shared,
            check("N-1", Must, Pass),
            skipped("N-1", Must, NotApplicable),
        ];
        let catalogue = [("A-1", Must, "a"), ("B-1", Must, "b"), ("N-1", Must, "n"), ("X-1", Must, "unused")];
        let rows = requirements(&results, catalogue);
        let seen: Vec<_> = rows.iter().map(|row| (row.id.as_str(), row.outcome, row.reason)).collect();
        assert_eq!(
            seen,
            [
                ("A-1", Fail, None),
                ("B-1", Outcome::Skip, Some(NotMeasured)),
                ("N-1", Pass, None),
                ("Z-9", Fail, None)
            ]
        );
        assert_eq!(rows[0].checks.len(), 2);
        assert_eq!(rows[1].says, "b");
    }
}
