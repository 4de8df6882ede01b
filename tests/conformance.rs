//! The suite against the reference server.
//!
//! One trial per scenario, service and configuration of the server: every configuration is right, so nothing may be
//! found, and what is left out is exactly what does not apply.
//!
//! One trial per unusual way that is right and that keeps the suite from measuring everything: nothing is blamed.
//!
//! One trial per mistake that the server can be started with: a check of each requirement that it violates has to fail.
//! Every fourth mistake is tried, or all of them where the environment variable `ARP_ALL_FAULTS` is set; `self-test`
//! tries all in any case.

mod support;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::process::ExitCode;
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

use arp_conformance::contract::Service;
use arp_conformance::reference::{
    Auth, Fault, Habit, Members, Options, RunsEnd, configurations, faults, habits,
};
use arp_conformance::report::model::*;
use arp_conformance::report::{TextOptions, Verbosity, junit, text};
use arp_conformance::run::Settings;
use arp_conformance::self_test::{self, Caught, FaultTrial};
use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;

/// Trials mostly wait for their configuration's one run, so as many of them may wait as there are configurations.
const TRIALS_AT_ONCE: usize = 32;

/// Servers that are judged at the same time. More of them would take turns, and runs that are to last would end before
/// they are asked for.
const SERVERS_AT_ONCE: usize = 12;

/// How long a poll waits at a server with a fault; the reference server's ordinary runs take some 40 ms.
const POLL_TIMEOUT: Duration = Duration::from_secs(2);

/// Set to try every fault.
const ALL_FAULTS: &str = "ARP_ALL_FAULTS";

static SERVERS: Semaphore = Semaphore::const_new(SERVERS_AT_ONCE);

static TOKIO: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(TRIALS_AT_ONCE);
    let configurations: Vec<_> = Service::ALL.into_iter().flat_map(Configuration::all).collect();
    // The verdicts come first, so that all configurations are judged side by side.
    let mut trials: Vec<Trial> = Vec::new();
    trials.extend(configurations.iter().map(|it| it.trial("verdict", Configuration::verdict)));
    trials.extend(configurations.iter().map(|it| it.trial("invariants", Configuration::invariants)));
    for configuration in &configurations {
        let (_, suite) = support::suite(configuration.service);
        trials.extend(suite.scenarios.iter().map(|scenario| {
            let id = scenario.id.clone();
            configuration.trial(&scenario.id, move |configuration| configuration.scenario(&id))
        }));
    }
    for service in Service::ALL {
        let demanding = habits(service).filter(|habit| habit.is_demanding());
        trials.extend(demanding.map(|habit| habit_trial(service, habit)));
        trials.extend(tried(service).map(|fault| fault_trial(service, fault)));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The scenarios and single checks that do not apply to a configuration, the rows of a scenario left away. Whatever
/// else is left out measures nothing without anybody having meant it.
fn left_out(name: &str, options: &Options) -> BTreeSet<&'static str> {
    const NO_TOKENS: [&str; 8] = [
        "auth/no-token",
        "auth/bad-token",
        "auth/valid-token",
        "auth/forged-token",
        "auth/expired-token",
        "auth/foreign-audience",
        "auth/foreign-issuer",
        "auth/comes-first",
    ];
    /// Without a token a request is anonymous, and answered.
    const ANONYMOUS: [&str; 2] = ["auth/no-token", "auth/comes-first"];
    const NO_EVENTS: [&str; 6] = [
        "events/live-run",
        "events/ended-run",
        "events/whole-run",
        "events/unknown-run",
        "errors/wrong-method[POST /v1/runs/{run_id}/events]",
        "errors/wrong-method[DELETE /v1/runs/{run_id}/events]",
    ];
    const NO_CANCEL: [&str; 6] = [
        "cancel/live-run",
        "cancel/ended-run",
        "cancel/unknown-run",
        "results/canceled-run",
        "life/canceled-at-the-end",
        "errors/wrong-method[DELETE /v1/runs/{run_id}:cancel]",
    ];
    /// The Run's `run_context` is optional.
    const NO_CONTEXT: [&str; 1] = ["context/echoed"];
    /// Of a run that was over before its start was answered not even its being without an end is seen.
    const NO_TIMES: [&str; 4] = [
        "life/half-a-second-later#LIFE-5",
        "life/at-the-end#LIFE-5",
        "life/canceled-at-the-end#LIFE-5",
        "runs/finished-run#LIFE-5",
    ];
    /// The reference gateway needs no coordinator.
    const NO_COORDINATOR: [&str; 2] = ["forward/coordinator", "forward/same-run"];

    let tokens: &[&str] = match options.auth {
        Auth::Off => &NO_TOKENS,
        Auth::Optional => &ANONYMOUS,
        Auth::Required => &[],
    };
    let mut parts = vec![tokens];
    if !options.events {
        parts.push(&NO_EVENTS);
    }
    if !options.cancel {
        parts.push(&NO_CANCEL);
    }
    let is_gateway = options.service == Service::RunGateway;
    if is_gateway {
        parts.push(&NO_COORDINATOR);
    }
    if options.members == Members::Required {
        parts.push(if options.runs == RunsEnd::InThePost { &NO_TIMES } else { &NO_TIMES[..3] });
        parts.extend(is_gateway.then_some(&NO_CONTEXT[..]));
    }
    // The one habit that refuses what it may refuse.
    if name == "plain-ids-alone" {
        parts.push(&["runs/odd-id"]);
    }
    parts.into_iter().flatten().copied().collect()
}

/// One way of being the reference server, with the report of the one run against it.
struct Configuration {
    service: Service,
    name: &'static str,
    options: Options,
    left_out: BTreeSet<&'static str>,
    report: OnceLock<Report>,
}

impl Configuration {
    fn all(service: Service) -> Vec<Arc<Self>> {
        let configuration = |(name, options)| {
            let left_out = left_out(name, &options);
            Arc::new(Configuration { service, name, options, left_out, report: OnceLock::new() })
        };
        configurations(service).into_iter().map(configuration).collect()
    }

    fn trial(
        self: &Arc<Self>,
        name: &str,
        run: impl FnOnce(&Configuration) -> Result<(), Failed> + Send + 'static,
    ) -> Trial {
        let configuration = self.clone();
        Trial::test(name, move || run(&configuration)).with_kind(format!("{}/{}", self.service, self.name))
    }

    /// The report of this configuration's run; the first to ask makes it.
    fn report(&self) -> &Report {
        self.report.get_or_init(|| judge(self.options.clone(), Settings::default()))
    }

    /// Whether a check is one of those that do not apply.
    fn leaves_out(&self, result: &CheckResult) -> bool {
        let Some((scenario, requirement)) = self.written(result) else { return false };
        let family = scenario.split('[').next().unwrap_or(scenario);
        self.left_out.contains(family)
            || self.left_out.contains(scenario)
            || self.left_out.contains(&*format!("{family}#{requirement}"))
    }

    /// A written check's scenario and requirement; none for an invariant.
    fn written<'r>(&self, result: &'r CheckResult) -> Option<(&'r str, &'r str)> {
        let id = result.id.strip_prefix(self.service.name())?.strip_prefix('/')?;
        id.rsplit_once('#')
    }

    fn scenario(&self, id: &str) -> Result<(), Failed> {
        let results = self.report().results.iter();
        self.expect(results.filter(|result| self.written(result).is_some_and(|(scenario, _)| scenario == id)))
    }

    /// Every check holds, or does not apply and is known to; and there is one.
    fn expect<'r>(&self, results: impl Iterator<Item = &'r CheckResult>) -> Result<(), Failed> {
        let mut wrong = String::new();
        let mut checks = 0;
        for result in results {
            checks += 1;
            let holds = matches!(result.outcome, Outcome::Pass | Outcome::Info);
            let expected = match self.leaves_out(result) {
                false => holds,
                true => result.reason == Some(SkipReason::NotApplicable),
            };
            if !expected {
                tell(&mut wrong, result);
            }
            if holds && !expected {
                wrong.push_str("    it was to be left out\n");
            }
        }
        match (checks, wrong.is_empty()) {
            (0, _) => Err("no check in the report".into()),
            (_, true) => Ok(()),
            (_, false) => Err(wrong.into()),
        }
    }

    /// What no scenario says is judged of every operation, and holds.
    fn invariants(&self) -> Result<(), Failed> {
        let report = self.report();
        self.expect(report.results.iter().filter(|result| !result.id.contains('#')))?;
        let (contract, suite) = support::suite(self.service);
        for operation in contract.operations() {
            let profile = &suite.profile.operations[&operation.id];
            let feature = profile.feature.as_ref();
            let mut wanted = vec![if feature.is_some() { "ROUTE-2" } else { "ROUTE-1" }, "WIRE-1"];
            if feature.is_none_or(|feature| report.target.features[feature] != FeatureState::Absent) {
                wanted.extend(["STATUS-1", "MEDIA-1"]);
                wanted.extend(
                    [&profile.answers, &profile.identity, &profile.events, &profile.framing]
                        .into_iter()
                        .flatten()
                        .map(String::as_str),
                );
            }
            for requirement in wanted {
                let id = format!("{requirement} {}", operation.label());
                if !report.results.iter().any(|result| result.id == id) {
                    return Err(format!("no check {id}").into());
                }
            }
        }
        Ok(())
    }

    fn verdict(&self) -> Result<(), Failed> {
        let report = self.report();
        let mut wrong = String::new();
        for result in &report.results {
            if matches!(result.outcome, Outcome::Fail | Outcome::Warn | Outcome::Error) {
                tell(&mut wrong, result);
            }
        }
        let mut claim = |holds: bool, what: &str| {
            if !holds {
                let _ = writeln!(wrong, "{what}");
            }
        };
        claim(report.verdict == Verdict::Conformant, report.verdict.name());
        claim(report.explanation.is_none(), "there is something to explain");
        claim(report.exit_code(false) == 0 && report.exit_code(true) == 0, "the exit code is not 0");
        let page = TextOptions { color: false, width: 110, verbosity: Verbosity::Normal, strict: true };
        claim(text(report, &page).starts_with("conformant:"), "the text does not begin with the verdict");
        let xml = junit(&report.clone().into(), true);
        claim(xml.contains(r#"failures="0" errors="0""#), "JUnit counts failures or errors");
        claim(!xml.contains("<failure") && !xml.contains("<error"), "JUnit holds a failure or an error");

        let ids: BTreeSet<&str> = report.results.iter().map(|result| result.id.as_str()).collect();
        claim(ids.len() == report.results.len(), "an id stands twice");
        for family in &self.left_out {
            let begins = format!("{}/{family}", self.service);
            claim(ids.iter().any(|id| id.starts_with(&begins)), &format!("{family} is no check any more"));
        }

        let target = &report.target;
        claim(target.service == self.service.name(), &format!("taken for {}", target.service));
        let auth = match self.options.auth {
            Auth::Off => AuthMode::Off,
            Auth::Optional => AuthMode::Optional,
            Auth::Required => AuthMode::Required,
        };
        claim(target.auth == auth, &format!("authentication is said to be {}", target.auth.name()));
        for (feature, state) in &target.features {
            let is_there = if feature == "events" { self.options.events } else { self.options.cancel };
            let wanted = if is_there { FeatureState::Implemented } else { FeatureState::Absent };
            claim(*state == wanted, &format!("{feature} is said to be {}", state.name()));
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.into()) }
    }
}

/// Judges a reference server, at most [`SERVERS_AT_ONCE`] at the same time.
fn judge(options: Options, settings: Settings) -> Report {
    TOKIO.block_on(async {
        // The semaphore is never closed.
        let _permit = SERVERS.acquire().await;
        self_test::judge(&support::BUNDLED, options, settings).await.unwrap()
    })
}

/// The mistakes of a service that are tried: every fourth, or all where [`ALL_FAULTS`] is set.
fn tried(service: Service) -> impl Iterator<Item = &'static Fault> {
    let step = if std::env::var_os(ALL_FAULTS).is_some() { 1 } else { 4 };
    faults(service).step_by(step)
}

/// A check of every requirement that a mistake violates fails.
fn fault_trial(service: Service, fault: &'static Fault) -> Trial {
    let run = move || {
        let settings = Settings { poll_timeout: POLL_TIMEOUT, ..Settings::default() };
        let report = judge(fault.options(service), settings);
        let trial = FaultTrial::of(service, fault, &report);
        if trial.caught == Caught::Yes {
            return Ok(());
        }
        let mut page = format!("{:?}: {}\n", trial.caught, trial.says);
        report.results.iter().filter(|result| !result.findings.is_empty()).for_each(|it| tell(&mut page, it));
        Err(page.into())
    };
    Trial::test(fault.id, run).with_kind(format!("{service}/fault"))
}

/// A habit that the suite cannot measure everything of is not blamed for it.
fn habit_trial(service: Service, habit: &'static Habit) -> Trial {
    let run = move || {
        let report = judge(habit.options(service), Settings::default());
        let blamed =
            |result: &&CheckResult| matches!(result.outcome, Outcome::Fail | Outcome::Warn | Outcome::Error);
        let mut wrong = String::new();
        report.results.iter().filter(blamed).for_each(|result| tell(&mut wrong, result));
        if !matches!(report.verdict, Verdict::Conformant | Verdict::Partial) {
            wrong.push_str(report.verdict.name());
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.into()) }
    };
    Trial::test(habit.name, run).with_kind(format!("{service}/habit"))
}

/// Adds a check with all that a person needs to see why it is wrong.
fn tell(page: &mut String, result: &CheckResult) {
    let reason = result.reason.map(|reason| format!(" ({})", reason.name())).unwrap_or_default();
    // Writing to a String does not fail.
    let _ = writeln!(page, "{}{reason} {}: {}", result.outcome.name(), result.id, result.message);
    for finding in &result.findings {
        let place = finding.place(result.operation.as_deref());
        let _ = writeln!(page, "    {place}: expected {}, found {}", finding.expected, finding.actual);
    }
}
