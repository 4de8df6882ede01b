//! Which scenarios run, and which checks are told as out of scope.

use std::collections::BTreeSet;

use super::*;
use crate::judge::Selection;
use crate::report::model::{Level, Tier};
use crate::run::{Plan, Scope};
use crate::suite::Effects;

fn bundled() -> &'static Suite {
    static SUITE: OnceLock<Suite> = OnceLock::new();
    SUITE.get_or_init(|| Suite::load(&Source::bundled(), &contract()).unwrap())
}

fn plan(change: impl FnOnce(&mut Scope)) -> Plan {
    let mut scope = Scope::default();
    change(&mut scope);
    Plan::new(bundled(), &contract(), scope)
}

fn planned(change: impl FnOnce(&mut Scope)) -> BTreeSet<String> {
    plan(change).scenarios.into_iter().collect()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn everything_runs_unless_it_is_told_otherwise() {
    let all: Vec<String> = bundled().scenarios.iter().map(|scenario| scenario.id.clone()).collect();
    assert_eq!(plan(|_| {}).scenarios, all, "in the order of the suite");
}

#[test]
fn a_tier_takes_those_below_it_along() {
    let of = |tier| planned(|scope| scope.tier = tier);
    let (smoke, surface, core, deep) = (of(Tier::Smoke), of(Tier::Surface), of(Tier::Core), of(Tier::Deep));
    assert_eq!(smoke, BTreeSet::from(["health/health".to_owned(), "health/version".to_owned()]));
    assert!(smoke.is_subset(&surface) && surface.is_subset(&core) && core.is_subset(&deep));
    assert!(surface.contains("runs/unknown-run") && !surface.contains("runs/finished-run"));
    assert!(core.contains("runs/finished-run") && !core.contains("runs/used-id"));
    let writes = |ids: &BTreeSet<String>| {
        ids.iter().any(|id| bundled().scenario(id).unwrap().effects == Effects::CreatesRuns)
    };
    assert!(!writes(&smoke) && !writes(&surface) && writes(&core), "the surface makes no runs");
}

#[test]
fn without_mutations_nothing_creates_a_run() {
    let ids = planned(|scope| scope.mutations = false);
    assert!(ids.contains("requests/malformed[empty]"), "writes that are wrong create nothing");
    for id in ids {
        assert_ne!(bundled().scenario(&id).unwrap().effects, Effects::CreatesRuns, "{id}");
    }
}

#[test]
fn a_selection_takes_along_what_it_needs() {
    let only = |ids: &[&str]| planned(|scope| scope.only = texts(ids));
    let set = |ids: &[&str]| texts(ids).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(only(&["runtime/runs/smallest"]), set(&["runs/smallest"]));
    assert_eq!(only(&["runtime/results/canceled-run"]), set(&["results/canceled-run", "cancel/live-run"]));
    assert_eq!(
        only(&["runtime/cancel/ended-run"]),
        set(&["cancel/ended-run", "runs/finished-run", "cancel/live-run"]),
        "the run that it reads, and the probe of its feature"
    );
    assert_eq!(only(&["RESULT-7"]), set(&["results/live-run", "events/live-run"]));
    assert_eq!(planned(|scope| scope.requirements = texts(&["HEALTH-3"])), set(&["health/health"]));
    let both = planned(|scope| {
        scope.only = texts(&["runtime/health"]);
        scope.skip = texts(&["*version*"]);
    });
    assert_eq!(both, set(&["health/health"]));
    let forbidden = planned(|scope| {
        scope.only = texts(&["runtime/cancel/ended-run"]);
        scope.tier = Tier::Surface;
        scope.mutations = false;
    });
    assert!(!forbidden.contains("cancel/ended-run"), "a selection allows nothing");
}

#[test]
fn a_selected_invariant_is_judged_on_everything_that_may_run() {
    /// Those of `all` that send a request of an operation, of a certain one or of any.
    fn asking(all: BTreeSet<String>, wanted: Option<&str>) -> BTreeSet<String> {
        let asks = |id: &String| {
            let mut sent =
                bundled().scenario(id).unwrap().steps.iter().filter_map(|step| step.request.operation());
            sent.any(|operation| wanted.is_none_or(|wanted| wanted == operation))
        };
        all.into_iter().filter(asks).collect()
    }
    let all = || planned(|_| {});
    let anywhere = planned(|scope| scope.requirements = texts(&["MEDIA-2"]));
    assert_eq!(
        anywhere,
        asking(all(), None),
        "what is outside the contract has no operation to be judged of"
    );
    assert!(anywhere.contains("runs/finished-run") && !anywhere.contains("errors/unknown-path"));
    let health = planned(|scope| scope.only = texts(&["ERROR-1 GET /v1/health"]));
    assert_eq!(health, asking(all(), Some("health")));
    assert!(health.contains("health/health") && !health.contains("runs/finished-run"));
    let surface = planned(|scope| scope.tier = Tier::Surface);
    let both = planned(|scope| (scope.tier, scope.requirements) = (Tier::Surface, texts(&["MEDIA-2"])));
    assert_eq!(both, asking(surface, None));
}

#[test]
fn a_level_leaves_out_what_is_weaker() {
    let must = planned(|scope| scope.level = Level::Must);
    assert!(must.contains("runs/finished-run"));
    assert!(!must.contains("errors/unknown-path"), "ERROR-2 is a should");
    assert!(planned(|scope| scope.level = Level::Should).contains("errors/unknown-path"));
}

#[test]
fn what_is_left_out_says_why() {
    let row = |id: &str| bundled().catalogue.get(id).unwrap();
    let surface = plan(|scope| {
        scope.tier = Tier::Surface;
        scope.skip = texts(&["HEALTH-3"]);
    });
    let why = |plan: &Plan, check: &str, scenario: Option<&str>, requirement: &str, tier| {
        plan.left_out(check, scenario, row(requirement), tier)
    };
    let run = ("runtime/runs/finished-run#RUN-3", Some("runs/finished-run"));
    assert_eq!(why(&surface, run.0, run.1, "RUN-3", Tier::Core).as_deref(), Some("beyond tier surface"));
    let health =
        why(&surface, "runtime/health/health#HEALTH-3", Some("health/health"), "HEALTH-3", Tier::Smoke);
    assert_eq!(health.as_deref(), Some("it was not selected"));
    assert_eq!(
        why(&surface, "runtime/health/health#HEALTH-1", Some("health/health"), "HEALTH-1", Tier::Smoke),
        None
    );
    assert_eq!(why(&surface, "MEDIA-2 GET /v1/health", None, "MEDIA-2", Tier::Smoke), None);
    let reads = plan(|scope| scope.mutations = false);
    assert_eq!(
        why(&reads, run.0, run.1, "RUN-3", Tier::Core).as_deref(),
        Some("it creates runs; allow it with --allow-mutations")
    );
}

#[test]
fn whether_anything_is_wanted_is_told_by_the_ids_of_checks() {
    let wants = |change: fn(&mut Scope)| {
        let mut scope = Scope::default();
        change(&mut scope);
        scope.wants_anything(bundled(), &contract())
    };
    assert!(wants(|_| {}));
    assert!(wants(|scope| scope.only = texts(&["RUN-3"])), "checks of scenarios");
    assert!(wants(|scope| scope.requirements = texts(&["MEDIA-2"])), "and invariants");
    assert!(wants(|scope| scope.only = texts(&["MEDIA-2 GET /v1/health"])));
    assert!(!wants(|scope| scope.only = texts(&["RUN-4"])), "the Run Gateway's");
    assert!(!wants(|scope| scope.only = texts(&["preflight"])), "the look at the target is no check");
    assert!(!wants(|scope| (scope.only, scope.skip) = (texts(&["RUN-3"]), texts(&["RUN-*", "*#RUN-3*"]))));
}
