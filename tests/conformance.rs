//! The suite against the reference server: one trial per scenario, service and configuration of the server. Every
//! configuration is right, so nothing may be found, and what is left out is exactly what does not apply.

mod support;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::process::ExitCode;
use std::sync::{Arc, LazyLock, OnceLock};

use arp_conformance::contract::Service;
use arp_conformance::reference::{Auth, Options, configurations};
use arp_conformance::report::model::*;
use arp_conformance::report::{TextOptions, Verbosity, junit, text};
use arp_conformance::run::Settings;
use arp_conformance::self_test;
use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Runtime;

/// Trials mostly wait for their configuration's one run, so as many of them may wait as there are configurations.
const TRIALS_AT_ONCE: usize = 32;

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
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The scenarios and single checks that do not apply to a configuration, the rows of a scenario left away. Whatever
/// else is left out measures nothing without anybody having meant it.
fn left_out(service: Service, configuration: &str) -> BTreeSet<&'static str> {
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
    /// Neither is a live state seen nor a time.
    const NO_TIMES: [&str; 4] = [
        "runs/finished-run#LIFE-5",
        "life/half-a-second-later#LIFE-5",
        "life/at-the-end#LIFE-5",
        "life/canceled-at-the-end#LIFE-5",
    ];

    let parts: &[&[&str]] = match (service, configuration) {
        (_, "auth-required") => &[],
        (_, "auth-optional") => &[&ANONYMOUS],
        (_, "default" | "runs-end-in-the-post" | "all-members") => &[&NO_TOKENS],
        (_, "no-events") => &[&NO_TOKENS, &NO_EVENTS],
        (Service::Runtime, "no-cancel") => &[&NO_TOKENS, &NO_CANCEL],
        (Service::Runtime, "required-members-only") => &[&NO_TOKENS, &NO_TIMES[1..]],
        (Service::RunGateway, "required-members-only") => &[&NO_TOKENS, &NO_CONTEXT, &NO_TIMES[1..]],
        (Service::RunGateway, "minimal") => &[&NO_TOKENS, &NO_EVENTS, &NO_CONTEXT, &NO_TIMES],
        _ => panic!("say here what does not apply to {service}/{configuration}"),
    };
    // The reference gateway needs no coordinator.
    let forward: &[&str] =
        if service == Service::RunGateway { &["forward/coordinator", "forward/same-run"] } else { &[] };
    parts.iter().copied().chain([forward]).flatten().copied().collect()
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
            let left_out = left_out(service, name);
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
        self.report.get_or_init(|| {
            TOKIO.block_on(async {
                self_test::judge(&support::BUNDLED, self.options.clone(), Settings::default()).await.unwrap()
            })
        })
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
        let xml = junit(report, true);
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
