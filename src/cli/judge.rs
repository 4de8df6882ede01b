//! The main job: run the suite against a target and report.

use std::collections::BTreeSet;

use super::arguments::Judge;
use super::reports::{Files, print};
use super::waivers::today;
use super::watch::Watch;
use super::{INTERRUPTED, NOTHING_SELECTED, Usage, dry_run, interrupt, scope, setup};
use crate::judge::possible_checks;
use crate::report::{ReportSet, visible};

pub(super) async fn run(arguments: Judge) -> Result<u8, Usage> {
    let run = setup::run(&arguments)?;
    if run.scope.checks.as_ref().is_some_and(BTreeSet::is_empty) {
        anstream::eprintln!(
            "nothing to run again: no check of the report failed, warned or ended in an error"
        );
        return Ok(0);
    }
    for check in scope::forgotten(&run) {
        anstream::eprintln!("not run again: the suite has no check {} any more", visible(check));
    }
    if !run.wants_anything() {
        anstream::eprintln!(
            "nothing was selected: no check of the service fits --only, --skip, --requirement, --rerun-failed and \
             --level together"
        );
        return Ok(NOTHING_SELECTED);
    }
    if arguments.selection.dry_run {
        return dry_run::run(&run, &arguments.output);
    }
    let waivers = arguments.known.waivers()?;
    if let Some(waivers) = &waivers {
        let checks = run.services.values().flat_map(|(contract, suite)| possible_checks(suite, contract));
        let checks: Vec<_> = checks.collect();
        let ids: Vec<_> = checks.iter().map(|it| (it.id.as_str(), vec![it.requirement.as_str()])).collect();
        waivers.refuse_overlaps(&ids).map_err(|error| Usage(error.to_string()))?;
    }
    let files = Files::open(&arguments.output)?;
    let interrupt = interrupt::listen();
    let watch = Watch::open(&arguments.output)?;
    let done = run.execute_observed(interrupt, watch.observer(1)).await;
    let done = done.map_err(|error| Usage(error.to_string()))?;
    let interrupted = done.interrupted;
    let mut reports = ReportSet::from(done.report);
    if let Some(waivers) = waivers {
        reports = waivers.apply(reports, today());
    }
    watch.close(&reports)?;
    files.write(&reports, &arguments.output)?;
    print(&reports, &arguments.output);
    Ok(if interrupted { INTERRUPTED } else { reports.exit_code(arguments.output.strict) })
}
