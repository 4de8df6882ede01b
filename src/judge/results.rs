//! Puts invariants and written checks together as the results of a report.

use std::collections::{BTreeMap, BTreeSet};

use super::checks::{coordinator_id, invariant_id, written_id};
use super::evidence::Evidence;
use super::invariant::judge_operation;
use super::judgement::Judgement;
use super::preflight::{coordinator, feature, needs_an_ordinary_run, route, starts_refused};
use super::reproduce::curl;
use super::written::judge_scenario;
use crate::contract::{Contract, Operation};
use crate::report::model::{CheckResult, Explanation, Finding, Level, Outcome, SkipReason, Tier};
use crate::suite::{Requirement, Suite};

/// Which scenarios' checks are wanted; the others are told as out of scope.
pub trait Selection {
    /// Why a check is not wanted; none where it is.
    fn left_out(
        &self,
        check: &str,
        scenario: Option<&str>,
        requirement: &Requirement,
        tier: Tier,
    ) -> Option<String>;
}

/// Findings that one check tells at most; the rest are counted.
const MAX_FINDINGS: usize = 20;

/// Exchanges that one check names at most.
const MAX_EXCHANGES: usize = 20;

/// Judges a run: every check of the suite that applies to the service, in the order of the catalogue.
///
/// Beside the results, what has to be said once about the whole run.
pub fn judge(
    suite: &Suite,
    contract: &Contract,
    evidence: &Evidence,
    selection: &dyn Selection,
) -> (Vec<CheckResult>, Option<Explanation>) {
    let refused = match contract.service() {
        crate::contract::Service::RunGateway => starts_refused(suite, evidence),
        crate::contract::Service::Runtime => None,
    };
    let mut bench = Bench {
        suite,
        contract,
        evidence,
        selection,
        results: Vec::new(),
        names: evidence.steps_by_exchange(),
    };
    if evidence.facts.not_judged.is_none() {
        bench.invariants();
        bench.routes();
    }
    bench.gateway();
    bench.written(refused.as_deref());
    let mut results = bench.results;
    results.sort_by_cached_key(|result| {
        let first = result.requirements.first().map(|id| suite.catalogue.position(id));
        (first, result.id.contains('#'), result.id.clone())
    });
    let not_judged = evidence.facts.not_judged.as_ref().map(|not_judged| not_judged.explanation.clone());
    (results, not_judged.or_else(|| refused.map(refused_explanation)))
}

fn refused_explanation(words: String) -> Explanation {
    Explanation {
        what: format!("the gateway refuses every valid start, so nothing that needs a run was judged: {words}"),
        next: "name a node type that it has, with --set root_node_type_id=… --set root_node_type_version=… and, \
               if it wants one, --set input='{…}'"
            .into(),
    }
}

struct Bench<'b> {
    suite: &'b Suite,
    contract: &'b Contract,
    evidence: &'b Evidence,
    selection: &'b dyn Selection,
    results: Vec<CheckResult>,
    names: BTreeMap<u64, (&'b str, &'b str)>,
}

/// What goes into one result.
struct Entry<'e> {
    id: String,
    title: String,
    requirement: &'e Requirement,
    tier: Tier,
    operation: Option<String>,
    judgement: Judgement,
    exchanges: Vec<u64>,
    /// The exchanges that the findings are about; the first is the one to reproduce.
    guilty: Vec<u64>,
    hint: Option<String>,
}

impl<'b> Bench<'b> {
    fn invariants(&mut self) {
        let refusals = self.refusals();
        for operation in self.contract.operations() {
            let judged = judge_operation(self.suite, self.contract, self.evidence, operation, &refusals);
            let mut by_requirement: BTreeMap<&str, Vec<_>> = BTreeMap::new();
            for one in &judged {
                by_requirement.entry(&one.requirement).or_default().push(one);
            }
            for (id, judged) in by_requirement {
                let Some(requirement) = self.suite.catalogue.get(id) else { continue };
                let mut total: Option<Judgement> = None;
                let mut guilty = Vec::new();
                for one in &judged {
                    let mut judgement = one.judgement.clone();
                    if let Judgement::Fail(findings) = &mut judgement {
                        guilty.push(one.exchange.id);
                        let step = self.step_name(one.exchange.id);
                        // The same trouble in another exchange is counted, not told again.
                        let known = match &total {
                            Some(Judgement::Fail(known)) => known.as_slice(),
                            _ => &[],
                        };
                        findings.retain(|new| !known.iter().any(|old| same_trouble(old, new)));
                        findings.iter_mut().for_each(|finding| finding.step = step.clone());
                    }
                    total = Some(match total {
                        // One exchange that could not be judged does not outweigh those that could.
                        Some(Judgement::Pass) if matches!(judgement, Judgement::Skip(..)) => Judgement::Pass,
                        Some(Judgement::Skip(..)) if judgement == Judgement::Pass => Judgement::Pass,
                        Some(known) => known.and(judgement),
                        None => judgement,
                    });
                }
                let exchanges = judged.iter().map(|one| one.exchange.id).collect();
                let title = title_of(requirement, operation);
                self.push(Entry {
                    id: invariant_id(id, operation),
                    title,
                    requirement,
                    tier: Tier::Smoke,
                    operation: Some(operation.label()),
                    judgement: total.unwrap_or(Judgement::Pass),
                    exchanges,
                    guilty,
                    hint: None,
                });
            }
        }
    }

    /// Whether each exchange's request was meant to be refused.
    fn refusals(&self) -> BTreeMap<u64, bool> {
        let mut found = BTreeMap::new();
        for scenario in &self.suite.scenarios {
            let Some(record) = self.evidence.scenarios.get(&scenario.id) else { continue };
            for step in &scenario.steps {
                let ids = record.step(&step.id).map(|step| step.exchanges.as_slice()).unwrap_or_default();
                found.extend(ids.iter().map(|id| (*id, step.refusal)));
            }
        }
        found
    }

    fn routes(&mut self) {
        for operation in self.contract.operations() {
            let profile = self.suite.profile.operations.get(&operation.id);
            let optional = profile.and_then(|profile| profile.feature.as_deref());
            let (id, judged) = match optional {
                None => ("ROUTE-1", route(self.evidence, operation)),
                Some(name) => ("ROUTE-2", Some((feature(self.evidence, name), Vec::new()))),
            };
            let (Some(requirement), Some((judgement, exchanges))) = (self.suite.catalogue.get(id), judged)
            else {
                continue;
            };
            let guilty = exchanges.first().copied().into_iter().collect();
            self.push(Entry {
                id: invariant_id(id, operation),
                title: title_of(requirement, operation),
                requirement,
                tier: Tier::Surface,
                operation: Some(operation.label()),
                judgement,
                exchanges,
                guilty,
                hint: None,
            });
        }
    }

    fn gateway(&mut self) {
        if self.contract.service() != crate::contract::Service::RunGateway {
            return;
        }
        let Some(requirement) = self.suite.catalogue.get("FORWARD-2") else { return };
        self.push(Entry {
            id: coordinator_id(self.contract.service()),
            title: "Whether the gateway has its Run Coordinator".into(),
            requirement,
            tier: Tier::Surface,
            operation: None,
            judgement: coordinator(self.evidence),
            exchanges: Vec::new(),
            guilty: Vec::new(),
            hint: None,
        });
    }

    fn written(&mut self, refused: Option<&str>) {
        for scenario in &self.suite.scenarios {
            let refused = refused.filter(|_| needs_an_ordinary_run(self.suite, scenario));
            for check in judge_scenario(scenario, self.contract, self.evidence, refused) {
                let Some(requirement) = self.suite.catalogue.get(check.requirement) else { continue };
                let operation =
                    check.operation.and_then(|id| self.contract.operation(id)).map(Operation::label);
                let guilty = self.guilty(&scenario.id, &check.judgement);
                self.push_of(
                    Entry {
                        id: written_id(self.contract.service(), scenario, check.requirement, check.name),
                        title: scenario.title.clone(),
                        requirement,
                        tier: scenario.tier,
                        operation,
                        judgement: check.judgement,
                        exchanges: check.exchanges,
                        guilty,
                        hint: check.hint.map(str::to_owned),
                    },
                    Some(&scenario.id),
                );
            }
        }
    }

    /// The last exchanges of the steps that the findings name.
    fn guilty(&self, scenario: &str, judgement: &Judgement) -> Vec<u64> {
        let Judgement::Fail(findings) = judgement else { return Vec::new() };
        let record = self.evidence.scenarios.get(scenario);
        let steps = findings.iter().filter_map(|finding| record?.step(&finding.step));
        steps.filter_map(|step| step.exchanges.last().copied()).collect()
    }

    fn push(&mut self, entry: Entry) {
        self.push_of(entry, None);
    }

    fn push_of(&mut self, entry: Entry, scenario: Option<&str>) {
        let level = entry.requirement.level;
        let left_out = self.selection.left_out(&entry.id, scenario, entry.requirement, entry.tier);
        let judgement = match left_out {
            Some(why) => Judgement::Skip(SkipReason::OutOfScope, why),
            None => entry.judgement,
        };
        let (outcome, reason, message, mut findings) = match judgement {
            Judgement::Pass if level == Level::May => (Outcome::Info, None, String::new(), Vec::new()),
            Judgement::Pass => (Outcome::Pass, None, String::new(), Vec::new()),
            Judgement::Fail(findings) => {
                let outcome = match level {
                    Level::Must => Outcome::Fail,
                    Level::Should => Outcome::Warn,
                    Level::May => Outcome::Info,
                };
                (outcome, None, summary(&findings), findings)
            }
            Judgement::Skip(reason, message) => (Outcome::Skip, Some(reason), message, Vec::new()),
            Judgement::Error(message) => (Outcome::Error, None, message, Vec::new()),
        };
        findings.truncate(MAX_FINDINGS);
        // Guilty exchanges first: they are the evidence.
        let mut exchanges: Vec<u64> = entry.guilty.clone();
        let seen: BTreeSet<u64> = exchanges.iter().copied().collect();
        if findings.is_empty() {
            exchanges.extend(entry.exchanges.iter().filter(|id| !seen.contains(id)));
        }
        exchanges.dedup();
        exchanges.truncate(MAX_EXCHANGES);
        let exchange = exchanges.first().and_then(|id| self.evidence.exchange(*id));
        let reproduce = exchange.filter(|_| !findings.is_empty()).map(curl);
        let judged = entry.exchanges.iter().filter_map(|id| self.evidence.exchange(*id));
        let duration_ms = judged.map(|exchange| exchange.duration.as_millis() as u64).sum();
        let hint = entry.hint.filter(|_| !findings.is_empty()).or_else(|| hint_for(&findings));
        self.results.push(CheckResult {
            id: entry.id,
            title: entry.title,
            requirements: vec![entry.requirement.id.clone()],
            level,
            tier: entry.tier,
            operation: entry.operation,
            outcome,
            reason,
            message,
            findings,
            exchanges,
            duration_ms,
            reproduce,
            hint,
            waived: None,
        });
    }

    fn step_name(&self, exchange: u64) -> String {
        match self.names.get(&exchange) {
            Some((scenario, step)) => format!("{scenario}:{step}"),
            None => format!("exchange {exchange}"),
        }
    }
}

fn title_of(requirement: &Requirement, operation: &Operation) -> String {
    let sentence = requirement.says.split_once(". ").map_or(requirement.says.as_str(), |(first, _)| first);
    format!("{}: {}", operation.label(), sentence.trim_end_matches('.'))
}

/// The same place, or the same place of another item, with the same trouble.
fn same_trouble(a: &Finding, b: &Finding) -> bool {
    let place = |at: &str| -> String {
        at.split('/')
            .map(|token| if token.parse::<u64>().is_ok() { "*" } else { token })
            .collect::<Vec<_>>()
            .join("/")
    };
    place(&a.at) == place(&b.at)
        && (a.expected == b.expected || a.at.ends_with("run_id"))
        && kind(&a.actual) == kind(&b.actual)
}

/// What an actual value is, without its content: two different wrong texts are the same trouble.
fn kind(actual: &str) -> &str {
    match actual.chars().next() {
        Some('"') => "text",
        Some('0'..='9' | '-') if actual.len() > 3 => "number",
        _ => actual,
    }
}

fn summary(findings: &[Finding]) -> String {
    let Some(first) = findings.first() else { return String::new() };
    let place = if first.at.is_empty() { String::new() } else { format!("{}: ", first.at) };
    let more = match findings.len() {
        1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    format!("{place}expected {}, found {}{more}", first.expected, first.actual)
}

/// What mends the mistakes that are seen most often.
fn hint_for(findings: &[Finding]) -> Option<String> {
    let any = |test: &dyn Fn(&Finding) -> bool| findings.iter().any(test);
    if any(&|finding| finding.actual == "null") {
        return Some("leave an optional member out where it has no value; the schemas allow no null".into());
    }
    if any(&|finding| finding.actual.starts_with("a JSON string")) {
        return Some("write each event as a line of its own, not the whole stream as one JSON string".into());
    }
    None
}
