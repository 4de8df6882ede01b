use std::time::Duration;

/// What a target may cost at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// For a connection to stand, TLS included.
    pub connect: Duration,
    /// From the request to the whole head of its answer.
    pub first_byte: Duration,
    /// For a whole answer; streams have stop rules of their own.
    pub answer: Duration,
    /// For a stream that says nothing, whatever its stop rule says.
    pub stream_idle: Duration,
    /// For a whole stream, whatever its stop rule says.
    pub stream_time: Duration,
    /// Octets of an answer's head.
    pub head: usize,
    /// Octets of a body, after its content coding is undone.
    pub body: usize,
    /// Octets of a stream.
    pub stream: usize,
    /// Events of a stream.
    pub events: usize,
    /// Octets of one event or line of a stream.
    pub event: usize,
    /// Octets of all answers of a run together, kept for judging.
    pub kept: usize,
    /// Requests of a run.
    pub requests: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(10),
            answer: Duration::from_secs(10),
            stream_idle: Duration::from_secs(15),
            stream_time: Duration::from_secs(60),
            head: 64 << 10,
            body: 8 << 20,
            stream: 16 << 20,
            events: 10_000,
            event: 1 << 20,
            kept: 32 << 20,
            requests: 2_000,
        }
    }
}
