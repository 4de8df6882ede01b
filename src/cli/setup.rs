//! Turns arguments into what a run needs. Whatever is wrong is told before any request is sent.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::arguments::{Credentials, Expected, Judge, variable_value};
use super::{Usage, scope};
use crate::contract::{Contract, ContractError, Service};
use crate::report::model::{AuthMode, Level};
use crate::run::{
    Claims, KeyError, KnownFailures, OAuthClient, Run, Settings, SigningKey, Target, TokenSource, Tokens,
};
use crate::suite::{Source, Suite};
use crate::wire::{Authorities, is_loopback};

/// Holds the secret of an OAuth client where no file does.
const CLIENT_SECRET: &str = "ARP_OAUTH_CLIENT_SECRET";

/// Makes the run that the arguments describe.
pub(super) fn run(arguments: &Judge) -> Result<Run, Usage> {
    let target = target(arguments)?;
    let service = match arguments.service {
        Expected::Auto => None,
        Expected::Is(service) => Some(service),
    };
    let services = services(arguments, service)?;
    let settings = settings(arguments, &services)?;
    let mutations = arguments.selection.allow_mutations || is_loopback(&target.url);
    let scope = scope::scope(&arguments.selection, &services, mutations)?;
    Ok(Run { services, target, service, settings, scope })
}

pub(super) type Services = BTreeMap<Service, (Arc<Contract>, Arc<Suite>)>;

fn target(arguments: &Judge) -> Result<Target, Usage> {
    // The parser asks for it.
    let url = base_url("--target", arguments.target.as_deref().unwrap_or_default())?;
    let coordinator = match &arguments.knowledge.coordinator {
        Some(text) => Some(base_url("--coordinator", text)?),
        None => None,
    };
    let headers = arguments.credentials.header.clone();
    if headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
        // It would go out with the requests that are to carry none, or another.
        return Err(Usage("--header 'Authorization: …': give the token with --token or --token-file".into()));
    }
    let authorities = match &arguments.credentials.cacert {
        Some(file) => {
            Authorities::read(file).map_err(|error| Usage(format!("--cacert {}: {error}", file.display())))?
        }
        None => Authorities::default(),
    };
    Ok(Target { url, tokens: tokens(&arguments.credentials)?, coordinator, headers, authorities })
}

/// The URL that other paths are put behind.
fn base_url(flag: &str, text: &str) -> Result<Url, Usage> {
    let wrong = |why: &str| Usage(format!("{flag} {text:?}: {why}; write it as http://127.0.0.1:8081"));
    let url = Url::parse(text).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => wrong("a URL needs its scheme"),
        other => wrong(&other.to_string()),
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("the scheme has to be http or https"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(wrong("a URL needs a host"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("a base URL has no query and no fragment"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Usage(format!("{flag} holds credentials; give them with --token or --header")));
    }
    Ok(url)
}

fn tokens(credentials: &Credentials) -> Result<Tokens, Usage> {
    let given = |flag: &str, token: &Option<String>, file: &Option<PathBuf>| {
        let text = match (token, file) {
            (Some(token), _) => token.clone(),
            (None, Some(file)) => read(&format!("{flag}-file"), file)?,
            (None, None) => return Ok(None),
        };
        // A CI system sets a variable for a secret that it does not have to nothing, which is no token.
        match (Tokens::read(&text), file) {
            (Ok(None), Some(file)) => {
                Err(Usage(format!("{flag}-file {}: the file is empty", file.display())))
            }
            (read, _) => read.map_err(|error| Usage(format!("{flag}: {error}"))),
        }
    };
    let mut tokens = Tokens {
        valid: given("--token", &credentials.token, &credentials.token_file)?,
        expired: given("--expired-token", &credentials.expired_token, &credentials.expired_token_file)?,
        wrong_audience: given(
            "--wrong-audience-token",
            &credentials.wrong_audience_token,
            &credentials.wrong_audience_token_file,
        )?,
        wrong_issuer: given(
            "--wrong-issuer-token",
            &credentials.wrong_issuer_token,
            &credentials.wrong_issuer_token_file,
        )?,
        source: token_source(credentials)?,
    };
    if let Some(file) = &credentials.minting.signing_key {
        let wrong = |error: KeyError| Usage(format!("--signing-key {}: {error}", file.display()));
        let key = SigningKey::read(&read("--signing-key", file)?).map_err(wrong)?;
        // The parser asks for issuer and audience.
        let minting = &credentials.minting;
        let claims = Claims {
            issuer: minting.issuer.clone().unwrap_or_default(),
            audience: minting.audience.clone().unwrap_or_default(),
            subject: minting.subject.clone(),
            key_id: minting.key_id.clone(),
        };
        key.fill_in(&mut tokens, &claims).map_err(wrong)?;
    }
    Ok(tokens)
}

/// Where tokens are to be fetched, if anywhere. Nothing is fetched yet.
fn token_source(credentials: &Credentials) -> Result<Option<TokenSource>, Usage> {
    if let Some(command) = &credentials.token_command {
        return Ok(Some(TokenSource::command(command)));
    }
    let oauth = &credentials.oauth;
    // The parser asks for both or none.
    let (Some(url), Some(id)) = (&oauth.oauth_token_url, &oauth.oauth_client_id) else { return Ok(None) };
    let secret = match (&oauth.oauth_client_secret_file, std::env::var(CLIENT_SECRET)) {
        (Some(file), _) => read("--oauth-client-secret-file", file)?,
        (None, Ok(secret)) => secret,
        (None, Err(_)) => {
            return Err(Usage(format!(
                "--oauth-client-id needs its secret: give --oauth-client-secret-file, or set {CLIENT_SECRET}"
            )));
        }
    };
    let client =
        OAuthClient::new(url.clone(), id, secret.trim()).map_err(|error| Usage(error.to_string()))?;
    let client = client.audience(oauth.oauth_audience.clone()).scope(oauth.oauth_scope.clone());
    Ok(Some(TokenSource::oauth(client)))
}

fn read(flag: &str, file: &Path) -> Result<String, Usage> {
    std::fs::read_to_string(file).map_err(|error| Usage(format!("{flag} {}: {error}", file.display())))
}

/// The contracts and suites that the run may need: all of them where the service is still to be found out.
fn services(arguments: &Judge, service: Option<Service>) -> Result<Services, Usage> {
    let mut source = Source::bundled();
    for folder in &arguments.selection.cases {
        source = source
            .with_dir(folder)
            .map_err(|error| Usage(format!("--cases {}: {error}", folder.display())))?;
    }
    let wanted: Vec<Service> = service.map_or(Service::ALL.to_vec(), |service| vec![service]);
    let mut services = Services::new();
    let mut first_error = None;
    for service in wanted.iter().copied() {
        let selection = &arguments.selection;
        let contract = match (&selection.spec_path, &selection.spec) {
            (Some(path), _) => Contract::from_tree(service, path),
            (None, Some(release)) => Contract::bundled_release(service, release),
            (None, None) => Contract::bundled(service),
        };
        match contract {
            Ok(contract) => {
                let suite = Suite::load(&source, &contract).map_err(|error| Usage(error.to_string()))?;
                services.insert(service, (Arc::new(contract), Arc::new(suite)));
            }
            // One release rarely has every service: it is enough if one can be judged.
            Err(error @ (ContractError::NoDocument { .. } | ContractError::UnknownRelease { .. })) => {
                _ = first_error.get_or_insert(error);
            }
            Err(error) => return Err(Usage(error.to_string())),
        }
    }
    match first_error {
        Some(error) if services.is_empty() => Err(Usage(error.to_string())),
        _ => Ok(services),
    }
}

fn settings(arguments: &Judge, services: &Services) -> Result<Settings, Usage> {
    let known: Vec<&str> = services
        .values()
        .flat_map(|(_, suite)| suite.profile.variables.iter().map(|variable| variable.name.as_str()))
        .collect();
    let mut variables: BTreeMap<String, Value> = BTreeMap::new();
    for (name, text) in &arguments.knowledge.set {
        if !known.contains(&name.as_str()) {
            return Err(Usage(format!("--set {name}: no such variable; known are {}", known.join(", "))));
        }
        variables.insert(name.clone(), variable_value(name, text).map_err(Usage)?);
    }
    let limits = &arguments.limits;
    Ok(Settings {
        limits: limits.of_a_target(),
        poll_timeout: Duration::from_secs_f64(limits.poll_timeout),
        deadline: Duration::from_secs_f64(limits.deadline),
        jobs: limits.jobs.into(),
        retries: limits.retries.into(),
        fail_fast: fail_fast(arguments),
        known_failures: KnownFailures::default(),
        variables,
        auth: arguments.knowledge.auth.map(AuthMode::from),
        features: arguments.knowledge.feature.iter().cloned().collect(),
    })
}

/// The weakest level whose violation ends the run: what a strict run counts as a failure is one here too.
fn fail_fast(arguments: &Judge) -> Option<Level> {
    let weakest = if arguments.output.strict { Level::Should } else { Level::Must };
    arguments.limits.fail_fast.then_some(weakest)
}
