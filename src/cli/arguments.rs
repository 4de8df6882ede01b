use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde_json::Value;
use url::Url;

use crate::contract::Service;
use crate::reference;
use crate::report::model::{FeatureState, Level, Tier};

/// Finds out what stands at a URL, puts it through its paces, and says which requirements of the ARP Standard hold
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 110,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub judge: Judge,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the scenarios of the suite, or the requirements with their checks
    List(List),
    /// Start the bundled reference server
    Serve(Serve),
    /// Try the suite on the bundled reference server: right in every configuration, and wrong in every way it can be
    SelfTest(SelfTest),
}

#[derive(Debug, Args)]
pub(super) struct Judge {
    /// The base URL of the service under test
    #[arg(long, value_name = "URL", required = true)]
    pub target: Option<String>,
    /// What the target is
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = parse_service)]
    pub service: Expected,
    #[command(flatten, next_help_heading = "What is judged")]
    pub selection: Selection,
    #[command(flatten, next_help_heading = "Credentials")]
    pub credentials: Credentials,
    #[command(flatten, next_help_heading = "The target's runs and features")]
    pub knowledge: Knowledge,
    #[command(flatten, next_help_heading = "Limits")]
    pub limits: Limits,
    #[command(flatten, next_help_heading = "Reports")]
    pub output: Output,
}

#[derive(Debug, Args)]
pub(super) struct Selection {
    /// A bundled release of the contract, such as v0.3.7
    #[arg(long, value_name = "RELEASE", conflicts_with = "spec_path")]
    pub spec: Option<String>,
    /// A contract tree from disk: a repository root, its spec/ or v1/ folder
    #[arg(long, value_name = "DIR")]
    pub spec_path: Option<PathBuf>,
    /// A folder of more case files, beside the bundled ones
    #[arg(long, value_name = "DIR")]
    pub cases: Vec<PathBuf>,
    /// As far as the run may go
    #[arg(long, value_enum, default_value = "deep")]
    pub tier: Tier,
    /// Allow runs to be created on a target that is not loopback
    #[arg(long)]
    pub allow_mutations: bool,
    /// Judge only checks with this id, or of this scenario, suite or requirement; * stands for any text
    #[arg(long, value_name = "ID")]
    pub only: Vec<String>,
    /// Leave out checks, named as for --only
    #[arg(long, value_name = "ID")]
    pub skip: Vec<String>,
    /// Judge only the checks of this requirement
    #[arg(long, value_name = "ID")]
    pub requirement: Vec<String>,
    /// The weakest level to judge
    #[arg(long, value_enum, default_value = "may")]
    pub level: LevelName,
}

#[derive(Debug, Args)]
pub(super) struct Credentials {
    /// A bearer token for the target
    #[arg(
        long,
        value_name = "TOKEN",
        env = "ARP_TOKEN",
        hide_env_values = true,
        conflicts_with = "token_file"
    )]
    pub token: Option<String>,
    /// A file that holds the token
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// A command that prints the token; it is run again if the target stops accepting the first
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["token", "token_file"])]
    pub token_command: Option<String>,
    #[command(flatten)]
    pub oauth: OAuth,
    /// A token that has expired, for AUTH-5
    #[arg(long, value_name = "TOKEN", env = "ARP_EXPIRED_TOKEN", hide_env_values = true)]
    pub expired_token: Option<String>,
    /// A file that holds it
    #[arg(long, value_name = "FILE", conflicts_with = "expired_token")]
    pub expired_token_file: Option<PathBuf>,
    /// A token that is meant for another audience, for AUTH-6
    #[arg(long, value_name = "TOKEN", env = "ARP_WRONG_AUDIENCE_TOKEN", hide_env_values = true)]
    pub wrong_audience_token: Option<String>,
    /// A file that holds it
    #[arg(long, value_name = "FILE", conflicts_with = "wrong_audience_token")]
    pub wrong_audience_token_file: Option<PathBuf>,
    /// A token from another issuer, for AUTH-6
    #[arg(long, value_name = "TOKEN", env = "ARP_WRONG_ISSUER_TOKEN", hide_env_values = true)]
    pub wrong_issuer_token: Option<String>,
    /// A file that holds it
    #[arg(long, value_name = "FILE", conflicts_with = "wrong_issuer_token")]
    pub wrong_issuer_token_file: Option<PathBuf>,
    #[command(flatten)]
    pub minting: Minting,
    /// A header field that every request carries; its value appears in no report
    #[arg(long, value_name = "NAME: VALUE", value_parser = parse_header)]
    pub header: Vec<(String, String)>,
}

// A doc comment here would become the text of the whole --help. Client credentials are RFC 6749, section 4.4.
#[derive(Debug, Args)]
pub(super) struct OAuth {
    /// An OAuth token endpoint to fetch the token from with client credentials, and again if the target stops accepting it
    #[arg(
        long,
        value_name = "URL",
        requires = "oauth_client_id",
        conflicts_with_all = ["token", "token_file", "token_command"]
    )]
    pub oauth_token_url: Option<Url>,
    /// The OAuth client's id
    #[arg(long, value_name = "ID", requires = "oauth_token_url")]
    pub oauth_client_id: Option<String>,
    /// A file that holds the OAuth client's secret; without it ARP_OAUTH_CLIENT_SECRET is read
    #[arg(long, value_name = "FILE", requires = "oauth_token_url")]
    pub oauth_client_secret_file: Option<PathBuf>,
    /// The audience to ask a token for
    #[arg(long, value_name = "AUDIENCE", requires = "oauth_token_url")]
    pub oauth_audience: Option<String>,
    /// The scope to ask for
    #[arg(long, value_name = "SCOPE", requires = "oauth_token_url")]
    pub oauth_scope: Option<String>,
}

// What tokens are made from that were not given.
#[derive(Debug, Args)]
pub(super) struct Minting {
    /// A key that the target trusts, to sign the tokens that are not given: the text of an HS256 secret, or a PKCS#8 PEM
    /// private key (Ed25519, RSA, EC P-256)
    #[arg(long, value_name = "FILE", requires_all = ["issuer", "audience"])]
    pub signing_key: Option<PathBuf>,
    /// The issuer of signed tokens
    #[arg(long, value_name = "ISSUER", requires = "signing_key")]
    pub issuer: Option<String>,
    /// The audience of signed tokens
    #[arg(long, value_name = "AUDIENCE", requires = "signing_key")]
    pub audience: Option<String>,
    /// The subject of signed tokens
    #[arg(long, value_name = "SUBJECT", default_value = "arp-conformance")]
    pub subject: String,
    /// The name that the target knows the key by
    #[arg(long, value_name = "ID", requires = "signing_key")]
    pub key_id: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Knowledge {
    /// Set a variable of the cases: which runs the target can make. Runtime: goal, slow_goal, failing_goal.
    /// Run Gateway: root_node_type_id, root_node_type_version, input (JSON), and these with slow_ and failing_
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_assignment, verbatim_doc_comment)]
    pub set: Vec<(String, String)>,
    /// The Run Coordinator behind a gateway, for the forwarding checks; the token is not sent there
    #[arg(long, value_name = "URL")]
    pub coordinator: Option<String>,
    /// Say how the target treats credentials, where its answers do not tell
    #[arg(long, value_enum, value_name = "MODE")]
    pub auth: Option<reference::Auth>,
    /// Say whether an optional feature is there: events or cancel
    #[arg(long, value_name = "NAME=implemented|absent", value_parser = parse_feature)]
    pub feature: Vec<(String, FeatureState)>,
}

#[derive(Debug, Args)]
pub(super) struct Limits {
    /// How long one answer may take
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = parse_seconds)]
    pub timeout: f64,
    /// How long a run may take to reach its end
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = parse_seconds)]
    pub poll_timeout: f64,
    /// How long everything together may take
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = parse_seconds)]
    pub deadline: f64,
    /// Scenarios that run at the same time
    #[arg(long, value_name = "N", default_value = "8", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
}

#[derive(Debug, Args)]
pub(super) struct Output {
    /// What goes to standard output
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Write the JSON report to a file too
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write a JUnit report to a file too
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Take warnings and a partial verdict as failures
    #[arg(long)]
    pub strict: bool,
    /// Print the verdict alone
    #[arg(long, short, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print every check
    #[arg(long, short)]
    pub verbose: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto")]
    pub color: Color,
}

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The service to be
    #[arg(long, value_name = "NAME", default_value = "runtime", value_parser = |text: &str| text.parse::<Service>())]
    pub service: Service,
    /// The port on loopback; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value = "8081")]
    pub port: u16,
    /// How requests to protected operations are treated
    #[arg(long, value_enum, default_value = "off")]
    pub auth: reference::Auth,
    /// Leave the optional event stream out
    #[arg(long)]
    pub no_events: bool,
    /// Leave the Runtime's optional cancel out
    #[arg(long)]
    pub no_cancel: bool,
    /// When ordinary runs end
    #[arg(long, value_enum, default_value = "after-a-moment")]
    pub runs: reference::RunsEnd,
    /// Which optional members answers carry
    #[arg(long, value_enum, default_value = "common")]
    pub members: reference::Members,
    /// How an endpoint that is left out answers
    #[arg(long, value_enum, default_value = "envelope-404")]
    pub absent: reference::Absent,
    /// Have a mistake that the suite has to catch; --list-faults names them
    #[arg(long, value_name = "ID", value_parser = parse_fault)]
    pub fault: Vec<&'static reference::Fault>,
    /// Have an unusual way that is right
    #[arg(long, value_name = "NAME", value_parser = parse_habit)]
    pub habit: Vec<&'static reference::Habit>,
    /// Print every fault with the requirements that it violates, and exit
    #[arg(long)]
    pub list_faults: bool,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only this service
    #[arg(long, value_name = "NAME", value_parser = |text: &str| text.parse::<Service>())]
    pub service: Option<Service>,
    /// The requirements of the catalogue, each with its checks
    #[arg(long)]
    pub requirements: bool,
}

#[derive(Debug, Args)]
pub(super) struct SelfTest {
    /// Only this service
    #[arg(long, value_name = "NAME", value_parser = |text: &str| text.parse::<Service>())]
    pub service: Option<Service>,
    /// Only the service's default configuration, without faults
    #[arg(long)]
    pub quick: bool,
    /// Write the table to a file as JSON too
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// What the user says that the target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    Auto,
    Is(Service),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LevelName {
    Must,
    Should,
    May,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Text,
    Json,
    Junit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

impl From<LevelName> for Level {
    fn from(name: LevelName) -> Self {
        match name {
            LevelName::Must => Level::Must,
            LevelName::Should => Level::Should,
            LevelName::May => Level::May,
        }
    }
}

fn parse_service(text: &str) -> Result<Expected, String> {
    match text {
        "auto" => Ok(Expected::Auto),
        name => name.parse().map(Expected::Is).map_err(|error: String| format!("{error}, auto")),
    }
}

fn parse_fault(id: &str) -> Result<&'static reference::Fault, String> {
    reference::fault(id).ok_or_else(|| "no such fault: --list-faults names them all".to_owned())
}

fn parse_habit(name: &str) -> Result<&'static reference::Habit, String> {
    reference::habit(name).ok_or_else(|| {
        let names = Service::ALL.into_iter().flat_map(reference::habits).map(|habit| habit.name);
        let names: std::collections::BTreeSet<_> = names.collect();
        format!("no such habit: known are {}", Vec::from_iter(names).join(", "))
    })
}

fn parse_header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("write it as 'Name: value'")?;
    let (name, value) = (name.trim(), value.trim());
    if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
        return Err(format!("{name:?} is no header name"));
    }
    if http::HeaderValue::from_str(value).is_err() {
        return Err("the value holds characters that a header cannot carry".into());
    }
    Ok((name.to_owned(), value.to_owned()))
}

fn parse_assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as name=value")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn parse_feature(text: &str) -> Result<(String, FeatureState), String> {
    let (name, state) = text.split_once('=').ok_or("write it as events=absent")?;
    let state = match state {
        "implemented" => FeatureState::Implemented,
        "absent" => FeatureState::Absent,
        other => return Err(format!("{other:?} is neither implemented nor absent")),
    };
    match name {
        "events" | "cancel" => Ok((name.to_owned(), state)),
        other => Err(format!("unknown feature {other:?}: known are events, cancel")),
    }
}

fn parse_seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("{text:?} is no number of seconds"))?;
    match (0.001..=86_400.0).contains(&seconds) {
        true => Ok(seconds),
        false => Err("it has to be between 0.001 and 86400 seconds".into()),
    }
}

/// The value of a variable: JSON where it names one that holds JSON, else text.
pub(super) fn variable_value(name: &str, text: &str) -> Result<Value, String> {
    match name.ends_with("input") {
        true => {
            serde_json::from_str(text).map_err(|error| format!("--set {name}: its value is no JSON: {error}"))
        }
        false => Ok(Value::String(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_fit_together() {
        Arguments::command().debug_assert();
    }
}
