//! The main job: run the suite against the targets and report.

use futures_util::FutureExt;
use futures_util::future::join_all;

use super::configuration::Job;
use super::reports::{Files, print};
use super::{INTERRUPTED, NOTHING_SELECTED, Usage, interrupt, setup};
use crate::report::ReportSet;
use crate::run::Run;

pub(super) async fn run(jobs: Vec<Job>) -> Result<u8, Usage> {
    let runs = prepare(&jobs)?;
    // All jobs share what is said of reports, and there is one at least.
    let (true, Some(first)) = (runs.iter().any(Run::wants_anything), jobs.first()) else {
        anstream::eprintln!(
            "nothing was selected: no check fits --only, --skip, --requirement and --level; \
             a pattern is a check's id, the beginning of one up to / # or [, or has * for any text"
        );
        return Ok(NOTHING_SELECTED);
    };
    let output = &first.arguments.output;
    let files = Files::open(output).map_err(|usage| first.explain(usage))?;
    let Done { reports, interrupted } = execute(&jobs, runs).await?;
    files.write(&reports, output)?;
    print(&reports, output);
    Ok(if interrupted { INTERRUPTED } else { reports.exit_code(output.strict) })
}

/// What the jobs came to.
pub(super) struct Done {
    /// In the order of the jobs.
    pub reports: ReportSet,
    pub interrupted: bool,
}

/// The runs of the jobs, in their order. Nothing is sent yet.
pub(super) fn prepare(jobs: &[Job]) -> Result<Vec<Run>, Usage> {
    jobs.iter().map(|job| setup::run(&job.arguments).map_err(|usage| job.explain(usage))).collect()
}

/// Executes the runs of the jobs side by side.
///
/// # Errors
///
/// Where one could not begin. The others go on to their ends first, for runs that are open at a target have to be ended.
pub(super) async fn execute(jobs: &[Job], runs: Vec<Run>) -> Result<Done, Usage> {
    let interrupt = interrupt::listen().shared();
    let done = join_all(runs.into_iter().map(|run| run.execute(interrupt.clone()))).await;
    let mut reports = Vec::new();
    let mut interrupted = false;
    for (job, done) in jobs.iter().zip(done) {
        let mut done = done.map_err(|error| job.explain(Usage(error.to_string())))?;
        interrupted |= done.interrupted;
        done.report.target.name.clone_from(&job.name);
        reports.push(done.report);
    }
    Ok(Done { reports: ReportSet { reports }, interrupted })
}
