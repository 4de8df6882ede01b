//! The conformance test harness of the ARP Standard.
//!
//! Scenarios put a target through its paces, the contract and the requirements judge every exchange, and what was
//! found is rendered into every report. What stands further down knows nothing of what stands above it:
//!
//! - [`cli`]: arguments and subcommands
//! - [`trials`]: checks as tests of `cargo test`
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
//! A service is judged with three of them: a [`Target`], a [`Run`] of the bundled [`Suite`]s against it, and the
//! [`Report`] that comes of it.
//!
//! ```no_run
//! use arp_conformance::{Run, Target};
//!
//! # async fn judge() -> Result<(), Box<dyn std::error::Error>> {
//! let target = Target::new("http://127.0.0.1:8081".parse()?);
//! let report = Run::bundled(target)?.execute(std::future::pending()).await?.report;
//! println!("{}", arp_conformance::report::json(&report));
//! std::process::exit(report.exit_code(false).into());
//! # }
//! ```
//!
//! [`trials`] makes every check a test of `cargo test`. `docs/embedding.md` shows more.

pub mod cli;
pub mod contract;
pub mod judge;
pub mod reference;
pub mod report;
pub mod run;
pub mod self_test;
pub mod suite;
pub mod trials;
pub mod wire;
pub mod yaml;

pub use report::Report;
pub use run::{Run, Target};
pub use suite::Suite;

/// The guide's programs, which `cargo test` compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../docs/embedding.md")]
struct EmbeddingGuide;
