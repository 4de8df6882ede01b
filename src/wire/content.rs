//! The content of an answer (RFC 9110, section 6.4): its octets with their codings undone, up to a limit.

use bytes::Bytes;

use super::coding::{CodingError, Decoder};
use super::exchange::Ending;
use super::transport::Incoming;

/// Content that is being read.
pub(super) struct Content {
    incoming: Incoming,
    /// What undoes the codings, until the last octet came; an error where that cannot be done.
    decoder: Result<Option<Decoder>, CodingError>,
    /// What it is called where it is too long.
    what: &'static str,
    limit: usize,
    /// Octets so far.
    read: usize,
}

impl Content {
    /// The content of an answer whose head has come, of at most `limit` octets after its codings are undone.
    pub fn new(incoming: Incoming, what: &'static str, limit: usize) -> Self {
        let decoder = Decoder::new(&incoming.content_codings(), limit);
        Content { incoming, decoder, what, limit, read: 0 }
    }

    /// The next octets, perhaps none of them yet; `None` at the end.
    ///
    /// # Errors
    ///
    /// What ended the reading early: the framing or a coding broke, or there is more than the limit.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Ending> {
        let decoder = match &mut self.decoder {
            Ok(decoder) => decoder,
            Err(error) => {
                let error = error.clone();
                return Err(self.ending(error));
            }
        };
        let octets = match (self.incoming.chunk().await?, decoder.as_mut()) {
            (Some(octets), None) => Ok(octets),
            (Some(octets), Some(decoder)) => decoder.push(&octets).map(Bytes::from),
            (None, _) => match decoder.take() {
                None => return Ok(None),
                Some(decoder) => decoder.finish().map(Bytes::from),
            },
        };
        let octets = octets.map_err(|error| self.ending(error))?;
        self.read += octets.len();
        if self.read > self.limit { Err(self.ending(CodingError::Limit)) } else { Ok(Some(octets)) }
    }

    /// What the standard forbids and could be read past.
    pub fn into_deviations(self) -> Vec<String> {
        self.incoming.into_deviations()
    }

    fn ending(&self, error: CodingError) -> Ending {
        match error {
            CodingError::Limit => Ending::Limit(format!("a {} over {} octets", self.what, self.limit)),
            broken => Ending::Broken(broken.to_string()),
        }
    }
}
