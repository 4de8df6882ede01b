//! What a run would send, and what not and why. Nothing is sent.

use std::collections::{BTreeMap, BTreeSet};

use anstyle::Style;
use serde::Serialize;

use super::arguments::{Format, Output};
use super::outline::Outline;
use super::{NOTHING_SELECTED, Usage, reports};
use crate::contract::{Contract, Service};
use crate::judge::{Facts, Origin, possible_checks};
use crate::report::model::{AuthMode, FeatureState, SkipReason, Tier};
use crate::report::{Page, style};
use crate::run::{Plan, Run};
use crate::suite::{Effects, Reference, Scenario, Shape, Step, StepRef, Suite, TokenKind};

/// The plan for one service.
#[derive(Debug, Serialize)]
struct ServicePlan {
    target: String,
    service: Service,
    contract: String,
    /// What is asked before any scenario.
    first_look: Vec<String>,
    /// Checks that would be judged, if everything that they need comes about.
    checks: usize,
    /// Requests of the scenarios; polls send more.
    requests_at_least: u64,
    /// Runs that a target creates which refuses what it has to refuse.
    runs_at_most: u64,
    scenarios: Vec<Planned>,
    left_out: Vec<LeftOut>,
}

#[derive(Debug, Serialize)]
struct Planned {
    #[serde(flatten)]
    outline: Outline,
    runs_at_most: u64,
}

#[derive(Debug, Serialize)]
struct LeftOut {
    id: String,
    /// As in reports: `out-of-scope`; `not-applicable` where it is known by now that its condition does not hold;
    /// `not-measured` and `blocked` where a request that it needs is left out.
    reason: &'static str,
    message: String,
}

/// Prints the plan of each run for each service that its target may be.
pub(super) fn run(runs: &[Run], output: &Output) -> Result<u8, Usage> {
    let plans: Vec<ServicePlan> = runs
        .iter()
        .flat_map(|run| run.services.values().map(|(contract, suite)| plan(run, contract, suite)))
        .collect();
    match output.format {
        Format::Json => reports::say_json(&plans)?,
        Format::Text => {
            let color = reports::color(output);
            let mut page = Page::new(reports::width(), color);
            if runs.iter().any(|run| run.service.is_none()) && plans.len() > 1 {
                let services: BTreeSet<Service> = plans.iter().map(|plan| plan.service).collect();
                let titles: Vec<&str> = services.into_iter().map(Service::title).collect();
                let which = titles.join(" or a ");
                page.text(
                    0,
                    Style::new(),
                    &format!("Whether the target is a {which} is found out first. The plan for each:"),
                );
                page.blank();
            }
            for (number, plan) in plans.iter().enumerate() {
                if number > 0 {
                    page.blank();
                }
                plan.write(&mut page, output.quiet);
            }
            reports::say(&page.finish())?;
        }
        _ => {
            return Err(Usage(
                "--dry-run prints text or JSON: leave --format out, or write --format json".into(),
            ));
        }
    }
    Ok(if plans.iter().all(|plan| plan.checks == 0) { NOTHING_SELECTED } else { 0 })
}

fn plan(run: &Run, contract: &Contract, suite: &Suite) -> ServicePlan {
    let service = contract.service();
    let planning = Planning { run, suite, plan: Plan::new(suite, contract, run.scope.clone()) };
    let mut sent: BTreeMap<&str, Vec<&Step>> = BTreeMap::new();
    let mut scenarios = Vec::new();
    let mut left_out = Vec::new();
    for scenario in &suite.scenarios {
        match planning.steps(scenario) {
            Err((reason, message)) => {
                left_out.push(LeftOut {
                    id: format!("{service}/{}", scenario.id),
                    reason: reason.name(),
                    message,
                });
            }
            Ok(steps) => {
                let mut outline = Outline::of(scenario, contract);
                outline.steps.retain(|step| steps.iter().any(|sent| sent.id == step.id));
                scenarios.push(Planned { outline, runs_at_most: runs(scenario, &steps, suite) });
                sent.insert(&scenario.id, steps);
            }
        }
    }
    let is_sent =
        |operation: &str| sent.values().flatten().any(|step| step.request.operation() == Some(operation));
    let judged = possible_checks(suite, contract).into_iter().filter(|check| {
        run.scope.wants_check(check, suite)
            && match &check.origin {
                Origin::Scenario(id) => sent.contains_key(id.as_str()),
                Origin::Operation(id) => is_sent(id),
                Origin::Preflight => true,
            }
    });
    ServicePlan {
        target: run.target.url.as_str().trim_end_matches('/').to_owned(),
        service,
        contract: contract.release().to_owned(),
        first_look: first_look(run),
        checks: judged.count(),
        requests_at_least: sent.values().flatten().map(|step| times(&step.shape)).sum(),
        runs_at_most: scenarios.iter().map(|planned| planned.runs_at_most).sum(),
        scenarios,
        left_out,
    }
}

/// What is known of a run before it begins.
struct Planning<'r> {
    run: &'r Run,
    suite: &'r Suite,
    plan: Plan,
}

impl Planning<'_> {
    /// The steps of a scenario that can be sent if their turn comes, at least one, or why there is none.
    fn steps<'s>(&self, scenario: &'s Scenario) -> Result<Vec<&'s Step>, (SkipReason, String)> {
        if let Some(why) = self.plan.why_not(scenario) {
            return Err((SkipReason::OutOfScope, why));
        }
        if let Some(why) = does_not_apply(self.run, scenario) {
            return Err((SkipReason::NotApplicable, why));
        }
        if let Some(control) = scenario.control.as_ref().filter(|control| !self.is_sent(control)) {
            let StepRef { scenario, step } = control;
            let why = format!("{scenario}:{step} is not sent, the same request without the mistake");
            return Err((SkipReason::NotMeasured, why));
        }
        let mut steps: Vec<&Step> = Vec::new();
        let mut missing = String::new();
        for step in &scenario.steps {
            let mut lacks = None;
            step.request.templates(&mut |template| {
                lacks = lacks.take().or_else(|| {
                    template.references().into_iter().find_map(|reference| match reference {
                        Reference::Answer { step, .. } => {
                            (!steps.iter().any(|sent| sent.id == step)).then_some(step)
                        }
                        Reference::OtherAnswer { step, .. } => {
                            (!self.is_sent(&step)).then(|| format!("{}:{}", step.scenario, step.step))
                        }
                        Reference::Variable(_) | Reference::Fresh(_) => None,
                    })
                });
            });
            match lacks {
                None => steps.push(step),
                Some(what) => missing = what,
            }
        }
        match steps.is_empty() {
            true => Err((SkipReason::Blocked, format!("{missing} is not sent, whose answer it needs"))),
            false => Ok(steps),
        }
    }

    fn is_sent(&self, step: &StepRef) -> bool {
        let scenario = self.suite.scenario(&step.scenario);
        let steps = scenario.and_then(|scenario| self.steps(scenario).ok());
        steps.is_some_and(|steps| steps.iter().any(|sent| sent.id == step.step))
    }
}

/// Why it is known before the first look that a scenario's condition does not hold.
fn does_not_apply(run: &Run, scenario: &Scenario) -> Option<String> {
    let mut when = scenario.when.clone();
    let auth = run.settings.auth.unwrap_or(AuthMode::Unknown);
    if auth == AuthMode::Unknown {
        when.auth.clear();
    }
    if let Some(feature) = &when.feature
        && run.settings.features.get(feature) == Some(&FeatureState::Absent)
    {
        return Some(format!("the target does not implement {feature}"));
    }
    let mut tokens = run.target.tokens.kinds();
    if run.target.tokens.source.is_some() {
        // What will be fetched may be either.
        tokens.extend([TokenKind::Valid, TokenKind::Jwt]);
    }
    let facts = Facts { auth, tokens, coordinator: run.target.coordinator.is_some(), ..Facts::default() };
    facts.unfulfilled(&when)
}

/// The runs that these steps of a scenario create where everything that may start one does.
fn runs(scenario: &Scenario, steps: &[&Step], suite: &Suite) -> u64 {
    let start = suite.profile.roles.get("start").map(String::as_str);
    let starts = steps.iter().filter(|step| {
        step.request.operation() == start && start.is_some() && !step.refusal && !step.coordinator
    });
    match scenario.effects {
        Effects::CreatesRuns => starts.map(|step| times(&step.shape)).sum(),
        Effects::Reads | Effects::InvalidWrites => 0,
    }
}

fn times(shape: &Shape) -> u64 {
    match shape {
        Shape::Once { times } => (*times).into(),
        Shape::Poll { .. } | Shape::Stream(_) => 1,
    }
}

fn first_look(run: &Run) -> Vec<String> {
    let mut look = vec![
        "GET of /v1/version, /v1/health, a path that nobody has, and a run that does not exist with its result or events, \
         the last with, without and with a wrong token"
            .to_owned(),
    ];
    if run.service.is_none() {
        look.push("GET, and if need be OPTIONS, of routes that only one service has".into());
    }
    if run.scope.tier > Tier::Smoke {
        look.push("POST /v1/runs with the body {}, which no service accepts".into());
    }
    if run.scope.mutations {
        look.push("one start of a run, only where a gateway answers as if it had no coordinator".into());
    }
    look
}

impl ServicePlan {
    fn write(&self, page: &mut Page, quiet: bool) {
        let plain = Style::new();
        let count = |number: u64, one: &str| match number {
            1 => format!("1 {one}"),
            many => format!("{many} {one}s"),
        };
        let scenarios = count(self.scenarios.len() as u64, "scenario");
        let label = format!("{}:", self.service);
        let text = format!(
            "{scenarios}, at least {}, at most {} created, {} judged",
            count(self.requests_at_least, "request"),
            count(self.runs_at_most, "run"),
            count(self.checks as u64, "check"),
        );
        page.labelled(0, (&label, style::HEADING), 2, plain, &text);
        page.labelled(
            2,
            ("target", style::LABEL),
            12,
            plain,
            &format!("{}, nothing is sent to it now", self.target),
        );
        page.labelled(2, ("contract", style::LABEL), 12, plain, &self.contract);
        for (number, asked) in self.first_look.iter().enumerate() {
            page.labelled(2, (if number == 0 { "first look" } else { "" }, style::LABEL), 12, plain, asked);
        }
        if !quiet {
            for planned in &self.scenarios {
                planned.write(page);
            }
        }
        self.write_left_out(page);
    }

    fn write_left_out(&self, page: &mut Page) {
        if self.left_out.is_empty() {
            return;
        }
        let mut reasons: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for one in &self.left_out {
            *reasons.entry((one.reason, &one.message)).or_default() += 1;
        }
        page.blank();
        let count = self.left_out.len();
        let noun = if count == 1 { "scenario" } else { "scenarios" };
        page.text(0, style::HEADING, &format!("left out: {count} {noun}"));
        for ((reason, message), count) in reasons {
            page.labelled(0, (&format!("{count:>6}  {reason}"), style::LABEL), 24, Style::new(), message);
        }
    }
}

impl Planned {
    fn write(&self, page: &mut Page) {
        let outline = &self.outline;
        page.blank();
        page.text(0, style::HEADING, &outline.id);
        let mut about = vec![outline.tier.name().to_owned(), outline.effects.to_owned()];
        about.extend((!outline.when.is_empty()).then(|| format!("if {}", outline.when.join(" and "))));
        about.extend(outline.control.as_ref().map(|control| format!("if {control} is accepted")));
        about.extend(outline.at_the_end.then(|| "at the end".to_owned()));
        page.text(2, style::LABEL, &about.join(", "));
        outline.steps.iter().for_each(|step| page.text(2, Style::new(), &step.line()));
    }
}
