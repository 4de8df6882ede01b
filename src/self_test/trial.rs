use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use tokio::net::TcpListener;
use url::Url;

use crate::reference::{self, Auth, Options};
use crate::report::Report;
use crate::run::{BundleError, Bundled, Run, RunError, Scope, Settings, Target, Tokens};

/// Why a trial could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    #[error(transparent)]
    Bundle(#[from] BundleError),
    #[error("the reference server could not start: {0}")]
    Server(#[from] std::io::Error),
    #[error("the reference server has no URL: {0}")]
    Url(#[from] url::ParseError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("a trial stopped: {0}")]
    Stopped(tokio::task::JoinError),
}

/// Starts a reference server on a free port of loopback, judges it as any target, with the tokens that it mints, and
/// shuts it down. A server that is right has to be known for what it is; of one with a fault that is told.
pub async fn judge(bundled: &Bundled, options: Options, settings: Settings) -> Result<Report, TrialError> {
    judge_within(bundled, options, settings, Scope::default()).await
}

/// The same, and no more than `scope` wants.
pub async fn judge_within(
    bundled: &Bundled,
    options: Options,
    mut settings: Settings,
    scope: Scope,
) -> Result<Report, TrialError> {
    let service = options.service;
    let auth = options.auth;
    let told = (!options.faults.is_empty()).then_some(service);
    settings.auth = told.map(|_| auth.into());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let server = reference::start(options, listener).await?;
    let run = Run {
        services: BTreeMap::from_iter(bundled.services().get(&service).map(|known| (service, known.clone()))),
        target: Target { tokens: tokens(auth, server.tokens()), ..Target::new(Url::parse(&server.url())?) },
        service: told,
        settings,
        scope,
    };
    let done = run.execute(std::future::pending()).await?;
    server.shutdown().await;
    Ok(done.report)
}

/// All tokens that the server mints, where it looks at them.
fn tokens(auth: Auth, minted: &reference::Tokens) -> Tokens {
    match auth {
        Auth::Off => Tokens::default(),
        Auth::Optional | Auth::Required => Tokens {
            valid: Some(minted.valid.clone()),
            expired: Some(minted.expired.clone()),
            wrong_audience: Some(minted.wrong_audience.clone()),
            wrong_issuer: Some(minted.wrong_issuer.clone()),
            source: None,
        },
    }
}
