//! One connection: octets out, octets in.

use std::io;

use bytes::BytesMut;
use futures_util::FutureExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::head::{self, Head, HeadError};

/// What a connection goes over: TCP, or TLS above it.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// How much is read at once.
const READ: usize = 16 << 10;

/// Interim answers (1xx) before the answer itself.
const MOST_INTERIM: usize = 16;

/// A connection and what was read from it and not yet used.
pub struct Connection {
    io: Box<dyn Stream>,
    pub buffer: BytesMut,
}

/// Why no head came.
#[derive(Debug, thiserror::Error)]
pub enum NoHead {
    #[error("the answer cannot be read: {0}")]
    Malformed(#[from] HeadError),
    #[error("the connection was closed without an answer")]
    Closed,
    #[error("the connection was closed after {0} octets of the answer's head")]
    ClosedInside(usize),
    #[error("the connection broke: {0}")]
    Io(io::Error),
    #[error("the target switched to another protocol, which nobody asked for")]
    Switched,
    #[error("a head over {0} octets")]
    Long(usize),
    #[error("more than {MOST_INTERIM} interim answers")]
    Interim,
}

/// What became of the request while an answer was waited for.
#[derive(Debug, PartialEq, Eq)]
pub enum Written {
    Whole,
    /// The answer came first, or the connection took no more.
    Partly,
}

impl Connection {
    pub fn new(io: Box<dyn Stream>) -> Self {
        Connection { io, buffer: BytesMut::new() }
    }

    /// Sends a request and reads the head of its answer, of up to `longest` octets. A target may answer before it has
    /// read the request to its end, so that both happen at the same time.
    pub async fn exchange(&mut self, request: &[u8], longest: usize) -> (Result<Head, NoHead>, Written) {
        let (mut reading, mut writing) = tokio::io::split(&mut self.io);
        let write = async {
            writing.write_all(request).await?;
            writing.flush().await
        };
        let read = read_head(&mut reading, &mut self.buffer, longest);
        tokio::pin!(write, read);
        tokio::select! {
            biased;
            done = &mut write => match done {
                Ok(()) => (read.await, Written::Whole),
                // What the target said before it closed may still be there.
                Err(_) => (read.await, Written::Partly),
            },
            head = &mut read => (head, Written::Partly),
        }
    }

    /// Reads more into the buffer; 0 at the end of the connection.
    pub async fn fill(&mut self) -> io::Result<usize> {
        self.buffer.reserve(READ);
        match self.io.read_buf(&mut self.buffer).await {
            // A TLS connection that just ends is for a body what an ended TCP connection is; its framing tells the rest.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
            read => read,
        }
    }

    /// Whether the connection is open and the target has said nothing that nobody asked for.
    pub fn is_quiet(&mut self) -> bool {
        self.buffer.is_empty() && self.fill().now_or_never().is_none()
    }

    /// Octets that came after an answer's end, as far as they are there already.
    pub fn surplus(&mut self) -> usize {
        if self.buffer.is_empty() {
            let _ = self.fill().now_or_never();
        }
        self.buffer.len()
    }
}

/// Reads a head and takes it out of the buffer. Interim answers are passed over (RFC 9110, section 15.2).
async fn read_head(
    io: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
    longest: usize,
) -> Result<Head, NoHead> {
    for _ in 0..=MOST_INTERIM {
        let mut line = 0;
        let end = loop {
            if let Some(end) = head::end(buffer, &mut line)? {
                break end;
            }
            if buffer.len() > longest {
                return Err(NoHead::Long(longest));
            }
            buffer.reserve(READ);
            match io.read_buf(buffer).await {
                Ok(0) if buffer.is_empty() => return Err(NoHead::Closed),
                Ok(0) => return Err(NoHead::ClosedInside(buffer.len())),
                Ok(_) => {}
                Err(error) => return Err(NoHead::Io(error)),
            }
        };
        if end > longest {
            return Err(NoHead::Long(longest));
        }
        let head = head::parse(&buffer.split_to(end))?;
        match head.status {
            101 => return Err(NoHead::Switched),
            100..200 => {}
            _ => return Ok(head),
        }
    }
    Err(NoHead::Interim)
}
