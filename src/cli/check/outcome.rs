//! What a run means in the terms of the first checker.

use crate::report::ReportSet;
use crate::report::model::{CheckResult, Level, Outcome, SkipReason, Tier};

/// Exit code where anything failed.
pub(super) const FAILED: u8 = 1;

/// 0 where nothing failed up to the tier; 1 where something did, or nothing could be judged. What a tier leaves out is no
/// failure, and neither is what does not apply. When `strict`, it is one that a should is not met, or that a must of the
/// tier could not be measured.
pub(super) fn exit_code(set: &ReportSet, tier: Tier, strict: bool) -> u8 {
    let gap = |result: &CheckResult| match result.reason {
        None | Some(SkipReason::NotApplicable) => false,
        // Below core there is no run, without which nobody can tell whether an optional endpoint is there.
        Some(SkipReason::NotMeasured) if tier < Tier::Core => false,
        Some(_) => result.level == Level::Must && result.tier <= tier,
    };
    let strictly = |result: &CheckResult| match result.outcome {
        Outcome::Warn | Outcome::Error => true,
        Outcome::Skip => gap(result),
        _ => false,
    };
    let failed = set
        .reports
        .iter()
        .any(|report| report.exit_code(false) != 0 || strict && report.results.iter().any(strictly));
    if failed { FAILED } else { 0 }
}

/// The reports without the checks that the tier leaves out.
pub(super) fn in_tier(mut set: ReportSet, tier: Tier) -> ReportSet {
    for report in &mut set.reports {
        report.results.retain(|result| result.tier <= tier || result.outcome != Outcome::Skip);
    }
    set
}
