//! The model that every rendering reads, and the JSON report itself (`arp-conformance/1`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The version of the JSON report's form.
pub const FORMAT: &str = "arp-conformance/1";

/// What one run found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// Always [`FORMAT`].
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
    /// Runs that the suite created at the target.
    pub runs_created: u64,
    pub counts: Counts,
    pub requirements: Vec<RequirementResult>,
    pub results: Vec<CheckResult>,
    pub exchanges: Vec<ExchangeRecord>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tool {
    pub name: String,
    pub version: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TargetInfo {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthMode {
    Off,
    Optional,
    Required,
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeatureState {
    Implemented,
    Absent,
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    pub what: String,
    pub next: String,
}

/// How strongly the standard asks for a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    Must,
    Should,
    May,
}

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkipReason {
    NotApplicable,
    OutOfScope,
    Blocked,
    NotMeasured,
}

/// Outcomes counted by level; an outcome that did not occur is 0.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub must: MustCounts,
    pub should: ShouldCounts,
    pub may: MayCounts,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MustCounts {
    pub pass: u64,
    pub fail: u64,
    pub skip: u64,
    pub error: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShouldCounts {
    pub pass: u64,
    pub warn: u64,
    pub skip: u64,
    pub error: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MayCounts {
    pub info: u64,
    pub skip: u64,
}

/// One requirement with the worst outcome of its checks.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequirementResult {
    pub id: String,
    pub level: Level,
    /// The requirement's sentence.
    pub says: String,
    pub outcome: Outcome,
    pub checks: Vec<String>,
}

/// One judgement of exchanges against one requirement.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
}

/// How far a run may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The step, or for an invariant `exchange 12`.
    pub step: String,
    /// JSON Pointer into the body, `header content-type`, `status`, or empty for the whole answer.
    pub at: String,
    pub expected: String,
    pub actual: String,
}

/// One recorded exchange, as reports show it: redacted, and cut to a readable size.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExchangeRecord {
    pub id: u64,
    pub request: RequestRecord,
    /// Missing where no answer came.
    pub response: Option<ResponseRecord>,
    /// Why no answer came, or why it broke off.
    pub failure: Option<String>,
    /// Since the start of the run.
    pub started_ms: u64,
    pub duration_ms: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestRecord {
    pub method: String,
    pub url: String,
    pub headers: BTreeMap<String, String>,
    pub body: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ResponseRecord {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    pub truncated: bool,
}

impl Verdict {
    /// `non-conformant`, as JSON writes it.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Conformant => "conformant",
            Verdict::NonConformant => "non-conformant",
            Verdict::Partial => "partial",
            Verdict::NotJudged => "not-judged",
        }
    }
}

impl Level {
    pub fn name(self) -> &'static str {
        match self {
            Level::Must => "must",
            Level::Should => "should",
            Level::May => "may",
        }
    }
}

impl Outcome {
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::Fail => "fail",
            Outcome::Warn => "warn",
            Outcome::Info => "info",
            Outcome::Skip => "skip",
            Outcome::Error => "error",
        }
    }
}

impl SkipReason {
    pub fn name(self) -> &'static str {
        match self {
            SkipReason::NotApplicable => "not-applicable",
            SkipReason::OutOfScope => "out-of-scope",
            SkipReason::Blocked => "blocked",
            SkipReason::NotMeasured => "not-measured",
        }
    }
}
