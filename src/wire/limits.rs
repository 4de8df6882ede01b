use std::time::Duration;

/// What a target may cost at most.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For a connection to stand.
    pub connect: Duration,
    /// For a whole answer; streams have stop rules of their own.
    pub answer: Duration,
    /// Octets of a body.
    pub body: usize,
    /// Octets of a stream.
    pub stream: usize,
    /// Events of a stream.
    pub events: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(10),
            body: 8 << 20,
            stream: 16 << 20,
            events: 10_000,
        }
    }
}
