//! Where valid tokens are fetched: from a command, or from an OAuth token endpoint.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::process::Command;
use tokio::sync::OnceCell;

use super::credentials::{NotAToken, Tokens};
use super::oauth::{OAuthClient, OAuthError};
use crate::wire::Limits;

/// How long a token command may take: it may open a connection of its own, but nobody is there to answer it.
const LONGEST_COMMAND: Duration = Duration::from_secs(30);

/// Gives valid tokens: one when the run begins, and one more where that is not accepted to the end. Clones share what was
/// fetched.
#[derive(Debug, Clone)]
pub struct TokenSource(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    origin: Origin,
    /// The first token was accepted by the target.
    accepted: AtomicBool,
    renewed: OnceCell<Result<String, String>>,
}

#[derive(Debug)]
enum Origin {
    Command(String),
    OAuth(OAuthClient),
}

/// Why no token was fetched. What a command printed is never told: it may be a token.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("the token command could not be started: {0}")]
    Start(io::Error),
    #[error("the token command ended with {0}; run it by itself to see why")]
    Status(ExitStatus),
    #[error("the token command did not end within {} s; run it by itself to see why", LONGEST_COMMAND.as_secs())]
    Slow,
    #[error("the token command printed nothing; it has to print the token on its standard output")]
    Empty,
    #[error("the token command printed no token: {0}; it has to print the token alone")]
    NotAToken(#[from] NotAToken),
    #[error(transparent)]
    OAuth(#[from] OAuthError),
}

impl TokenSource {
    /// Tokens that a command line prints, run by `sh -c`, on Windows by `cmd /C`.
    pub fn command(line: &str) -> Self {
        TokenSource::new(Origin::Command(line.to_owned()))
    }

    /// Tokens for an OAuth client's own credentials.
    pub fn oauth(client: OAuthClient) -> Self {
        TokenSource::new(Origin::OAuth(client))
    }

    fn new(origin: Origin) -> Self {
        TokenSource(Arc::new(Shared { origin, accepted: AtomicBool::new(false), renewed: OnceCell::new() }))
    }

    /// Fetches a token.
    ///
    /// # Errors
    ///
    /// Where the command fails or prints no token, or the token endpoint gives none.
    pub async fn fetch(&self, limits: &Limits) -> Result<String, SourceError> {
        match &self.0.origin {
            Origin::OAuth(client) => Ok(client.fetch(limits).await?),
            Origin::Command(line) => {
                tokio::time::timeout(LONGEST_COMMAND, printed(line)).await.unwrap_or(Err(SourceError::Slow))
            }
        }
    }

    /// Fetches a token in place of the first; every later call gives the same. `first_seen` gets it before anybody.
    pub(super) async fn renew(&self, limits: &Limits, first_seen: impl FnOnce(&str)) -> Result<&str, String> {
        let fetch = async || {
            let new = self.fetch(limits).await;
            new.inspect(|token| first_seen(token)).map_err(|error| {
                format!("the target stopped accepting the token, and no new one could be fetched: {error}")
            })
        };
        self.0.renewed.get_or_init(fetch).await.as_deref().map_err(Clone::clone)
    }

    /// The token that was fetched in place of the first.
    pub(super) fn renewed(&self) -> Option<&str> {
        self.0.renewed.get()?.as_deref().ok()
    }

    /// What must be kept nowhere, beside the tokens: the secret of an OAuth client.
    pub(super) fn secret(&self) -> Option<&str> {
        match &self.0.origin {
            Origin::Command(_) => None,
            Origin::OAuth(client) => Some(client.secret()),
        }
    }

    pub(super) fn note_accepted(&self) {
        self.0.accepted.store(true, Ordering::Relaxed);
    }

    pub(super) fn was_accepted(&self) -> bool {
        self.0.accepted.load(Ordering::Relaxed)
    }
}

/// The token that a command prints. Its standard error goes nowhere: tools that trace themselves write secrets there.
/// Dropping the future ends the command.
async fn printed(line: &str) -> Result<String, SourceError> {
    let (shell, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let output = Command::new(shell)
        .args([option, line])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(SourceError::Start)?;
    if !output.status.success() {
        return Err(SourceError::Status(output.status));
    }
    let text = String::from_utf8(output.stdout).map_err(|_| NotAToken)?;
    Tokens::read(&text)?.ok_or(SourceError::Empty)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_command_prints_a_token_or_is_told_of_without_its_output() {
        assert_eq!(printed("printf ' a.b.c\\n'").await.unwrap(), "a.b.c");
        let failed = printed("echo s3cret-output; echo s3cret-trace >&2; exit 7").await.unwrap_err();
        assert_eq!(
            failed.to_string(),
            "the token command ended with exit status: 7; run it by itself to see why"
        );
        assert!(matches!(printed("true").await, Err(SourceError::Empty)));
        let two = printed("echo s3cret; echo other").await.unwrap_err();
        assert!(matches!(two, SourceError::NotAToken(_)) && !two.to_string().contains("s3cret"));
    }

    #[tokio::test]
    async fn a_new_token_is_fetched_once_and_shown_first() {
        let source = TokenSource::command("echo token-2");
        let mut seen = Vec::new();
        let limits = Limits::default();
        assert_eq!(source.renewed(), None);
        assert_eq!(source.renew(&limits, |token| seen.push(token.to_owned())).await, Ok("token-2"));
        assert_eq!(source.clone().renew(&limits, |_| panic!("it was fetched twice")).await, Ok("token-2"));
        assert_eq!((seen, source.renewed()), (vec!["token-2".to_owned()], Some("token-2")));
    }
}
