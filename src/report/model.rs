//! The model that every rendering reads, and the JSON report itself (`arp-conformance/1`).

mod exchange;
mod words;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::summary::partial_for_waivers_alone;

pub use exchange::{EventRecord, ExchangeRecord, RequestRecord, ResponseRecord};

/// The version of the JSON report's form.
pub const FORMAT: &str = "arp-conformance/1";

/// The service of a target that could not be told.
pub(super) const UNKNOWN: &str = "unknown";

/// How the step of a finding begins that names an exchange by its id.
const EXCHANGE_STEP: &str = "exchange ";

/// What one run found.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Always `arp-conformance/1`.
    pub format: String,
    pub tool: Tool,
    pub target: TargetInfo,
    pub verdict: Verdict,
    /// Why the target was not judged, or what narrowed the verdict: one plain sentence and the next step to take.
    pub explanation: Option<Explanation>,
    /// RFC 3339, UTC.
    pub started_at: String,
    pub duration_ms: u64,
    /// Requests sent to the target, probes included.
    pub requests: u64,
    /// Of these, how many repeated one to which no answer came.
    #[serde(default)]
    pub retries: u64,
    /// Runs that the suite created at the target.
    pub runs_created: u64,
    pub counts: Counts,
    pub requirements: Vec<RequirementResult>,
    pub results: Vec<CheckResult>,
    /// Waivers that are no good, each a failure of its own: expired, for nothing, or for what passes now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<WaiverProblem>,
    pub exchanges: Vec<ExchangeRecord>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    pub name: String,
    pub version: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct TargetInfo {
    /// What the user calls it, where the configuration gives it a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub url: String,
    /// The service's name, or `unknown` where it could not be told.
    pub service: String,
    /// The release of the contract: `v0.3.7`.
    pub contract: String,
    pub service_name: Option<String>,
    pub service_version: Option<String>,
    pub auth: AuthMode,
    /// Optional features by name.
    pub features: BTreeMap<String, FeatureState>,
}

/// How the target treats requests without and with credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AuthMode {
    Off,
    Optional,
    Required,
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FeatureState {
    Implemented,
    Absent,
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every applicable must was measured and passed.
    Conformant,
    /// A must is violated.
    NonConformant,
    /// Nothing failed, but something of must level was out of scope, blocked or not measured.
    Partial,
    /// Unreachable, the wrong service, or credentials refused.
    NotJudged,
}

/// A plain sentence about the whole run, and what the user can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    pub what: String,
    pub next: String,
}

/// How strongly the standard asks for a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    Must,
    Should,
    May,
}

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Pass,
    Fail,
    Warn,
    Info,
    Skip,
    Error,
}

/// Why a check was skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SkipReason {
    NotApplicable,
    OutOfScope,
    Blocked,
    NotMeasured,
}

/// Outcomes counted by level; an outcome that did not occur is 0.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    pub must: MustCounts,
    pub should: ShouldCounts,
    pub may: MayCounts,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MustCounts {
    pub pass: u64,
    pub fail: u64,
    pub skip: u64,
    pub error: u64,
    /// Failures that a waiver lets pass; they are not in `fail`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub waived: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShouldCounts {
    pub pass: u64,
    pub warn: u64,
    pub skip: u64,
    pub error: u64,
    /// Violations that a waiver lets pass; they are not in `warn`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub waived: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MayCounts {
    pub info: u64,
    pub skip: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// One requirement with the worst outcome of its checks.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RequirementResult {
    pub id: String,
    pub level: Level,
    /// The requirement's sentence; empty where a report leaves it out.
    #[serde(default)]
    pub says: String,
    pub outcome: Outcome,
    /// Why, where the worst outcome is a skip.
    #[serde(default)]
    pub reason: Option<SkipReason>,
    pub checks: Vec<String>,
}

/// One judgement of exchanges against one requirement.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CheckResult {
    /// `run-gateway/events/replay#NDJSON-2` for a written check, `ERROR-1 GET /v1/runs/{run_id}` for an invariant.
    pub id: String,
    pub title: String,
    pub requirements: Vec<String>,
    pub level: Level,
    pub tier: Tier,
    /// The operation's label, where the check is about one.
    pub operation: Option<String>,
    pub outcome: Outcome,
    pub reason: Option<SkipReason>,
    /// One line: what was found, or why nothing was judged. Empty for a plain pass.
    pub message: String,
    pub findings: Vec<Finding>,
    /// Ids of the exchanges that were judged.
    pub exchanges: Vec<u64>,
    pub duration_ms: u64,
    /// A command line that sends the request of the first finding again; the token stands as `$ARP_TOKEN`.
    pub reproduce: Option<String>,
    pub hint: Option<String>,
    /// The waiver that lets this failure pass. The outcome stays what was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<Waived>,
}

/// Why a failure is known and let pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waived {
    pub reason: String,
    /// The last day on which it is let pass, `2026-12-31`.
    pub until: String,
    /// Where the failure is being worked on.
    pub issue: Option<String>,
}

/// A waiver that has to be mended or removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaiverProblem {
    /// The check or requirement that the waiver names.
    pub waives: String,
    /// What is wrong with it, and what to do.
    pub what: String,
}

/// How far a run may go.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Reads of health and version.
    Smoke,
    /// No valid writes.
    Surface,
    /// One run's life.
    Core,
    /// Everything.
    Deep,
}

/// What a failed check has to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The step, or for an invariant `exchange 12`.
    pub step: String,
    /// JSON Pointer into the body, `header content-type`, `status`, or empty for the whole answer.
    pub at: String,
    pub expected: String,
    pub actual: String,
}

impl Report {
    /// The report of this program on a target of which nothing was judged, and why; nothing of it was measured yet.
    pub fn not_judged(target: TargetInfo, explanation: Option<Explanation>, started_at: String) -> Self {
        let results: Vec<CheckResult> = explanation.iter().map(CheckResult::preflight).collect();
        Report {
            format: FORMAT.into(),
            tool: Tool::this(),
            target,
            verdict: Verdict::NotJudged,
            explanation,
            started_at,
            duration_ms: 0,
            requests: 0,
            retries: 0,
            runs_created: 0,
            counts: Counts::of(&results),
            requirements: Vec::new(),
            results,
            waivers: Vec::new(),
            exchanges: Vec::new(),
        }
    }

    /// The exit code of a run that ended with this report:
    ///
    /// - 0 conformant or partial
    /// - 1 non-conformant, or a waiver is no good; when `strict`, also where a should is not met or the verdict is
    ///   partial, unless that is waived
    /// - 3 not judged
    /// - 4 nothing was selected, so there is nothing to say either way
    pub fn exit_code(&self, strict: bool) -> u8 {
        let warned = || self.results.iter().any(|result| result.counts_as(Outcome::Warn));
        match self.verdict {
            Verdict::NotJudged => 3,
            _ if self.results.is_empty() => 4,
            Verdict::NonConformant => 1,
            _ if !self.waivers.is_empty() => 1,
            Verdict::Partial if strict && !partial_for_waivers_alone(&self.results) => 1,
            Verdict::Conformant | Verdict::Partial => u8::from(strict && warned()),
        }
    }
}

impl Tool {
    /// This program.
    pub fn this() -> Self {
        Tool { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() }
    }
}

impl TargetInfo {
    /// A target of which nothing is known but its URL.
    pub fn unknown(url: String) -> Self {
        TargetInfo {
            name: None,
            url,
            service: "unknown".into(),
            contract: "none".into(),
            service_name: None,
            service_version: None,
            auth: AuthMode::Unknown,
            features: BTreeMap::new(),
        }
    }
}

impl CheckResult {
    /// Whether the check came to `outcome` and no waiver lets it pass: what verdict, counts and exit code go by.
    pub fn counts_as(&self, outcome: Outcome) -> bool {
        self.outcome == outcome && self.waived.is_none()
    }

    /// The one result that says why nothing was judged.
    pub fn preflight(explanation: &Explanation) -> Self {
        CheckResult {
            id: "preflight".into(),
            title: "The target can be judged".into(),
            requirements: Vec::new(),
            level: Level::Must,
            tier: Tier::Smoke,
            operation: None,
            outcome: Outcome::Error,
            reason: None,
            message: explanation.what.clone(),
            findings: Vec::new(),
            exchanges: Vec::new(),
            duration_ms: 0,
            reproduce: None,
            hint: Some(explanation.next.clone()),
            waived: None,
        }
    }

    /// The option that selects this check alone: `--only 'run-gateway/events/replay#NDJSON-2'`, quoted for a POSIX
    /// shell. `None` for what decides no requirement, like the probes before a run: nobody can select that.
    pub fn selection(&self) -> Option<String> {
        let selectable = !self.requirements.is_empty();
        selectable.then(|| format!("--only '{}'", self.id.replace('\'', r"'\''")))
    }
}

impl Finding {
    /// Where it was found, in words: `POST /v1/runs, step create, at /run_id`.
    pub fn place(&self, operation: Option<&str>) -> String {
        let mut parts = Vec::from_iter(operation.map(str::to_owned));
        match self.step.as_str() {
            "" => {}
            exchange if exchange.starts_with(EXCHANGE_STEP) => parts.push(exchange.to_owned()),
            step => parts.push(format!("step {step}")),
        }
        parts.push(match self.at.as_str() {
            "" => "the whole answer".to_owned(),
            at => format!("at {at}"),
        });
        parts.join(", ")
    }

    /// The exchange that the finding names in place of a step, as those of invariants do.
    pub fn exchange(&self) -> Option<u64> {
        self.step.strip_prefix(EXCHANGE_STEP)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{check, report, skipped};
    use super::*;

    #[test]
    fn exit_codes_follow_the_verdict() {
        let passed = || vec![check("A-1", Level::Must, Outcome::Pass)];
        let warned =
            || vec![check("A-1", Level::Must, Outcome::Pass), check("B-1", Level::Should, Outcome::Warn)];
        for (verdict, results, lenient, strict) in [
            (Verdict::Conformant, passed(), 0, 0),
            (Verdict::Conformant, warned(), 0, 1),
            (Verdict::Partial, passed(), 0, 1),
            (Verdict::NonConformant, passed(), 1, 1),
            (Verdict::NotJudged, passed(), 3, 3),
            (Verdict::NotJudged, vec![], 3, 3),
            (Verdict::Partial, vec![], 4, 4),
        ] {
            let report = report(verdict, results);
            assert_eq!((report.exit_code(false), report.exit_code(true)), (lenient, strict), "{verdict:?}");
        }
    }

    #[test]
    fn what_is_waived_does_not_fail_a_strict_run_and_a_bad_waiver_fails_every_run() {
        let waived = |requirement, level, outcome| CheckResult {
            waived: Some(Waived { reason: "known".into(), until: "2026-12-31".into(), issue: None }),
            ..check(requirement, level, outcome)
        };
        let results = vec![
            check("A-1", Level::Must, Outcome::Pass),
            waived("B-1", Level::Must, Outcome::Fail),
            waived("C-1", Level::Should, Outcome::Warn),
        ];
        let mut report = report(Verdict::Partial, results);
        assert_eq!((report.exit_code(false), report.exit_code(true)), (0, 0));
        report.results.push(skipped("D-1", Level::Must, SkipReason::NotMeasured));
        assert_eq!((report.exit_code(false), report.exit_code(true)), (0, 1));
        report.waivers.push(WaiverProblem { waives: "E-1".into(), what: "it has expired".into() });
        for (verdict, code) in [
            (Verdict::Partial, 1),
            (Verdict::Conformant, 1),
            (Verdict::NonConformant, 1),
            (Verdict::NotJudged, 3),
        ] {
            report.verdict = verdict;
            assert_eq!(report.exit_code(false), code, "{verdict:?}");
        }
    }

    #[test]
    fn a_place_names_what_there_is() {
        let finding = |step: &str, at: &str| Finding {
            step: step.into(),
            at: at.into(),
            expected: String::new(),
            actual: String::new(),
        };
        assert_eq!(finding("", "").place(None), "the whole answer");
        assert_eq!(finding("create", "/run_id").place(None), "step create, at /run_id");
        let by_exchange = finding("exchange 3", "status");
        assert_eq!(by_exchange.place(Some("GET /v1/health")), "GET /v1/health, exchange 3, at status");
        assert_eq!(by_exchange.exchange(), Some(3));
        assert_eq!(finding("create", "").exchange(), None);
    }

    #[test]
    fn a_selection_survives_a_shell() {
        let mut check = check("A-1", Level::Must, Outcome::Pass);
        check.id = "it's".to_owned();
        assert_eq!(check.selection().as_deref(), Some(r"--only 'it'\''s'"));
        check.requirements.clear();
        assert_eq!(check.selection(), None);
    }
}
