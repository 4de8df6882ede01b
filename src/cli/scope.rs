//! What of the suite the user wants judged. Names that nothing bears are told before any request is sent.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::arguments::Selection;
use super::setup::Services;
use super::{Usage, names};
use crate::contract::Contract;
use crate::judge::{PossibleCheck, possible_checks};
use crate::report::ReportSet;
use crate::report::model::{Outcome, Verdict};
use crate::run::{Bundled, Run, Scope, matches};
use crate::suite::Suite;

/// The scope that the flags describe. `mutations` says whether valid writes are allowed.
pub(super) fn scope(selection: &Selection, services: &Services, mutations: bool) -> Result<Scope, Usage> {
    check_names(selection, services)?;
    Ok(Scope {
        tier: selection.tier,
        mutations,
        only: selection.only.clone(),
        skip: selection.skip.clone(),
        requirements: selection.requirement.clone(),
        checks: selection.rerun_failed.as_deref().map(failed_checks).transpose()?,
        level: selection.level.into(),
    })
}

/// Tells every pattern and requirement that names nothing. What another service has is no mistake: it selects nothing
/// here, which is told as such.
fn check_names(selection: &Selection, services: &Services) -> Result<(), Usage> {
    if selection.only.is_empty() && selection.skip.is_empty() && selection.requirement.is_empty() {
        return Ok(());
    }
    let mut checks: Vec<PossibleCheck> = possible(services.values());
    let patterns = selection.only.iter().map(|pattern| ("--only", pattern));
    let patterns = patterns.chain(selection.skip.iter().map(|pattern| ("--skip", pattern)));
    let is_known = |pattern: &str, checks: &[PossibleCheck]| {
        checks.iter().any(|check| matches(pattern, &check.id, &check.requirement))
    };
    let mut unknown: Vec<(&str, &str)> = patterns
        .filter(|(_, pattern)| !is_known(pattern, &checks))
        .map(|(flag, pattern)| (flag, pattern.as_str()))
        .collect();
    let catalogue = services.values().next().map(|(_, suite)| &suite.catalogue);
    let is_row = |id: &&String| catalogue.is_some_and(|catalogue| catalogue.get(id).is_some());
    let rows = selection.requirement.iter().filter(|id| !is_row(id));
    let wrong_rows: Vec<&str> = rows.map(String::as_str).collect();
    if unknown.is_empty() && wrong_rows.is_empty() {
        return Ok(());
    }
    let bundled = Bundled::load().map_err(|error| Usage(error.to_string()))?;
    checks = possible(bundled.services().values());
    unknown.retain(|(_, pattern)| !is_known(pattern, &checks));
    let known = names::all(services.iter().chain(bundled.services()));
    let mut lines: Vec<String> = Vec::new();
    for (flag, pattern) in unknown {
        let near = names::did_you_mean(pattern, known.iter().map(String::as_str));
        lines.push(format!("{flag} {pattern:?} names no check, scenario, suite or requirement{near}"));
    }
    for id in wrong_rows {
        let near = names::did_you_mean(id, catalogue.map(|catalogue| catalogue.ids()).unwrap_or_default());
        lines.push(format!("--requirement {id:?}: the catalogue has no such requirement{near}"));
    }
    match lines.is_empty() {
        true => Ok(()),
        false => Err(Usage(format!(
            "{}\n  `arp-conformance list checks` has every check, `list requirements` every requirement",
            lines.join("\n  ")
        ))),
    }
}

/// Every check that the suites of these services can come to.
pub(super) fn possible<'s>(
    services: impl IntoIterator<Item = &'s (Arc<Contract>, Arc<Suite>)>,
) -> Vec<PossibleCheck> {
    services.into_iter().flat_map(|(contract, suite)| possible_checks(suite, contract)).collect()
}

/// The checks of a kept report that failed, warned or ended in an error.
fn failed_checks(file: &Path) -> Result<BTreeSet<String>, Usage> {
    let wrong = |why: String| Usage(format!("--rerun-failed {}: {why}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    let set = ReportSet::read(&text).map_err(|error| wrong(error.to_string()))?;
    let failed = set.reports.iter().flat_map(|report| &report.results).filter(|result| {
        // What decides no requirement is the look at the target.
        matches!(result.outcome, Outcome::Fail | Outcome::Warn | Outcome::Error)
            && !result.requirements.is_empty()
    });
    let checks: BTreeSet<String> = failed.map(|result| result.id.clone()).collect();
    let not_judged = set.reports.iter().any(|report| report.verdict == Verdict::NotJudged);
    match checks.is_empty() && not_judged {
        true => Err(wrong("nothing was judged there; run it without --rerun-failed".into())),
        false => Ok(checks),
    }
}

/// The checks of a kept report that no suite has any more.
pub(super) fn forgotten(run: &Run) -> Vec<&str> {
    let known: BTreeSet<String> = possible(run.services.values()).into_iter().map(|check| check.id).collect();
    let wanted = run.scope.checks.iter().flatten();
    wanted.filter(|check| !known.contains(*check)).map(String::as_str).collect()
}
