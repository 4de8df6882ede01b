//! The main job: run the suite against a target and report.

use super::arguments::Judge;
use super::reports::{Files, print};
use super::watch::Watch;
use super::{INTERRUPTED, NOTHING_SELECTED, Usage, interrupt, setup};
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
    let files = Files::open(&arguments.output)?;
    let interrupt = interrupt::listen();
    let watch = Watch::open(&arguments.output)?;
    let done = run.execute_observed(interrupt, watch.observer(1)).await;
    let done = done.map_err(|error| Usage(error.to_string()))?;
    let interrupted = done.interrupted;
    let reports = ReportSet::from(done.report);
    watch.close(&reports)?;
    files.write(&reports, &arguments.output)?;
    print(&reports, &arguments.output);
    Ok(if interrupted { INTERRUPTED } else { reports.exit_code(arguments.output.strict) })
}
