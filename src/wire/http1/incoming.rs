//! An answer that is being read from a connection.

use std::sync::Arc;

use bytes::Bytes;
use http::Method;

use super::super::exchange::Ending;
use super::super::pool::Pool;
use super::body::{BodyError, Framing, Piece};
use super::connection::{Connection, NoHead, Written};
use super::deviations::Deviations;
use super::head::Head;

/// An answer whose head has come.
pub struct Incoming {
    pub head: Head,
    framing: Framing,
    /// Until the body has ended.
    connection: Option<Connection>,
    pool: Arc<Pool>,
    /// The connection can carry another request afterwards.
    reusable: bool,
    /// Octets of the body so far.
    read: u64,
    /// What the standard forbids and could be read past.
    pub deviations: Deviations,
}

/// Why a request got no answer that can be read.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    #[error(transparent)]
    NoHead(#[from] NoHead),
    #[error("the answer cannot be read: {0}")]
    Framing(#[from] BodyError),
    /// The target took no more of the request and said nothing.
    #[error("the connection was closed while the request was being sent")]
    Cut,
}

impl Incoming {
    /// Sends a request on `connection`, which goes back to `pool` after an answer that leaves it usable.
    pub async fn send(
        mut connection: Connection,
        method: &Method,
        request: &[u8],
        longest_head: usize,
        pool: Arc<Pool>,
    ) -> Result<Self, SendError> {
        let (head, written) = connection.exchange(request, longest_head).await;
        let mut head = match (head, &written) {
            (Err(NoHead::Closed | NoHead::Io(_)), Written::Partly) => return Err(SendError::Cut),
            (head, _) => head?,
        };
        let mut deviations = std::mem::take(&mut head.deviations);
        let framing = Framing::of(&head, method, &mut deviations)?;
        let says_close = head.list("connection").iter().any(|option| option.eq_ignore_ascii_case("close"));
        let reusable =
            head.persistent && !says_close && written == Written::Whole && framing != Framing::UntilClose;
        Ok(Incoming { head, framing, connection: Some(connection), pool, reusable, read: 0, deviations })
    }

    /// The next octets of the body; none at its end.
    ///
    /// # Errors
    ///
    /// How the body ended early: where the connection or the framing broke, with a sentence that says after how many
    /// octets, or at a limit of the harness.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Ending> {
        let Some(connection) = &mut self.connection else { return Ok(None) };
        let broke = |read: u64, why: &dyn std::fmt::Display| {
            format!("the answer broke off after {read} octets: {why}")
        };
        loop {
            match self.framing.next(&mut connection.buffer, &mut self.deviations) {
                Ok(Piece::Data(data)) => {
                    self.read += data.len() as u64;
                    return Ok(Some(data));
                }
                Ok(Piece::End) => {
                    self.over();
                    return Ok(None);
                }
                Ok(Piece::Missing) => {}
                Err(error) if error.is_limit() => return Err(Ending::Limit(error.to_string())),
                Err(error) => return Err(Ending::Broken(broke(self.read, &error))),
            }
            match connection.fill().await {
                Ok(0) => match self.framing.closed(self.read) {
                    Ok(()) => {
                        self.connection = None;
                        return Ok(None);
                    }
                    Err(short @ BodyError::Short { .. }) => {
                        return Err(Ending::Broken(short.to_string()));
                    }
                    Err(error) => return Err(Ending::Broken(broke(self.read, &error))),
                },
                Ok(_) => {}
                Err(error) => {
                    return Err(Ending::Broken(match self.framing.closed(self.read) {
                        Err(short @ BodyError::Short { .. }) => format!("{short}: {error}"),
                        _ => broke(self.read, &error),
                    }));
                }
            }
        }
    }

    fn over(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        match connection.surplus() {
            0 if self.reusable => self.pool.put(connection),
            0 => {}
            surplus => {
                let what = match (&self.framing, self.head.status) {
                    (Framing::Nothing, status @ (204 | 304)) => {
                        format!(
                            "content of a {status}, which has none (RFC 9110, section 6.4.1): {surplus} octets"
                        )
                    }
                    _ => format!("{surplus} octets after the end of the answer (RFC 9112, section 6.3)"),
                };
                self.deviations.note(what);
            }
        }
    }
}
