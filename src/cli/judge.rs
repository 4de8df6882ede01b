//! The main job: run the suite against a target and report.

use std::collections::BTreeSet;

use super::arguments::Judge;
use super::reports::{Files, print};
use super::{INTERRUPTED, NOTHING_SELECTED, Usage, dry_run, interrupt, scope, setup};
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
    let files = Files::open(&arguments.output)?;
    let interrupt = interrupt::listen();
    let done = run.execute(interrupt).await.map_err(|error| Usage(error.to_string()))?;
    let interrupted = done.interrupted;
    let reports = ReportSet::from(done.report);
    files.write(&reports, &arguments.output)?;
    print(&reports, &arguments.output);
    Ok(if interrupted { INTERRUPTED } else { reports.exit_code(arguments.output.strict) })
}
