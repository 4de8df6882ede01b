//! The main job: run the suite against the targets and report.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::join_all;

use super::configuration::Job;
use super::reports::{Files, print};
use super::waivers::today;
use super::watch::Watch;
use super::{INTERRUPTED, NOTHING_SELECTED, Usage, dry_run, interrupt, scope, setup};
use crate::report::{ReportSet, Waivers, visible};
use crate::run::{KnownFailures, Run};

pub(super) async fn run(jobs: Vec<Job>) -> Result<u8, Usage> {
    let mut runs = prepare(&jobs)?;
    if runs.iter().all(|run| run.scope.checks.as_ref().is_some_and(BTreeSet::is_empty)) {
        anstream::eprintln!(
            "nothing to run again: no check of the report failed, warned or ended in an error"
        );
        return Ok(0);
    }
    for check in runs.iter().flat_map(scope::forgotten).collect::<BTreeSet<_>>() {
        anstream::eprintln!("not run again: the suite has no check {} any more", visible(check));
    }
    // All jobs share what is said of reports, and there is one at least.
    let (true, Some(first)) = (runs.iter().any(Run::wants_anything), jobs.first()) else {
        anstream::eprintln!(
            "nothing was selected: no check of the service fits --only, --skip, --requirement, --rerun-failed and \
             --level together"
        );
        return Ok(NOTHING_SELECTED);
    };
    let output = &first.arguments.output;
    if first.arguments.selection.dry_run {
        return dry_run::run(&runs, output);
    }
    let waivers = first.arguments.known.waivers().map_err(|usage| first.explain(usage))?.map(Arc::new);
    if let Some(waivers) = &waivers {
        take_note(waivers, &jobs, &mut runs)?;
    }
    let files = Files::open(output).map_err(|usage| first.explain(usage))?;
    let watch = Watch::open(output).map_err(|usage| first.explain(usage))?;
    let Done { mut reports, interrupted } = execute(&jobs, runs, Some(&watch)).await?;
    if let Some(waivers) = waivers {
        reports = waivers.apply(reports, today());
    }
    watch.close(&reports)?;
    files.write(&reports, output)?;
    print(&reports, output)?;
    Ok(if interrupted { INTERRUPTED } else { reports.exit_code(output.strict) })
}

/// Tells the runs which failures are known. Waivers that overlap are refused, as far as the suites tell.
fn take_note(waivers: &Arc<Waivers>, jobs: &[Job], runs: &mut [Run]) -> Result<(), Usage> {
    let checks = scope::possible(runs.iter().flat_map(|run| run.services.values()));
    let ids: BTreeMap<_, _> =
        checks.iter().map(|check| (check.id.as_str(), check.requirement.as_str())).collect();
    let ids: Vec<_> = ids.into_iter().map(|(id, requirement)| (id, vec![requirement])).collect();
    waivers.refuse_overlaps(&ids).map_err(|error| Usage(error.to_string()))?;
    let today = today();
    for (job, run) in jobs.iter().zip(runs) {
        let (waivers, name, url) = (waivers.clone(), job.name.clone(), run.target.url.to_string());
        run.settings.known_failures = KnownFailures::new(move |check, requirement| {
            waivers.lets_pass(check, requirement, name.as_deref(), &url, today)
        });
    }
    Ok(())
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

/// Executes the runs of the jobs side by side, each followed by `watch`.
///
/// # Errors
///
/// Where one could not begin. The others go on to their ends first, for runs that are open at a target have to be ended.
pub(super) async fn execute(jobs: &[Job], runs: Vec<Run>, watch: Option<&Watch>) -> Result<Done, Usage> {
    let interrupt = interrupt::listen().shared();
    let started = (1..).zip(runs).map(|(number, run)| {
        run.execute_observed(interrupt.clone(), watch.and_then(|watch| watch.observer(number)))
    });
    let done = join_all(started).await;
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
