//! The conformance test harness of the ARP Standard.
//!
//! Scenarios put a target through its paces, the contract and the requirements judge every exchange, and what was
//! found is rendered into every report. What stands further down knows nothing of what stands above it:
//!
//! - [`cli`]: arguments and subcommands
//! - [`self_test`]: the suite tried on the reference server, right and wrong
//! - [`run`]: a suite run against a target, from the first look to the report
//! - [`judge`]: exchanges in, outcomes out, without network or clock
//! - [`suite`]: case files and the requirement catalogue
//! - [`reference`]: a server that keeps the contract, to test the suite against
//! - [`contract`]: one release of the standard for one service
//! - [`wire`]: the HTTP client that records, and the readers of what comes
//! - [`report`]: the model of what a run found, and its renderings
//! - [`yaml`]: the one way in which YAML is read
//!
//! `docs/embedding.md` shows how to judge a service from a Rust test.

pub mod cli;
pub mod contract;
pub mod judge;
pub mod reference;
pub mod report;
pub mod run;
pub mod self_test;
pub mod suite;
pub mod wire;
pub mod yaml;

/// The guide's programs, which `cargo test` compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../docs/embedding.md")]
struct EmbeddingGuide;
