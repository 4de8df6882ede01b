//! The main job: run the suite against a target and report.

use super::arguments::Judge;
use super::reports::{Files, print};
use super::waivers::today;
use super::watch::Watch;
use super::{INTERRUPTED, NOTHING_SELECTED, Usage, interrupt, setup};
use crate::judge::possible_checks;
use crate::report::ReportSet;

pub(super) async fn run(arguments: Judge) -> Result<u8, Usage> {
    let run = setup::run(&arguments)?;
    if !run.wants_anything() {
        anstream::eprintln!(
            "nothing was selected: no check fits --only, --skip, --requirement and --level; \
             a pattern is a check's id, the beginning of one up to / # or [, or has * for any text"
        );
        return Ok(NOTHING_SELECTED);
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
