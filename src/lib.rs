//! The conformance test harness of the ARP Standard.

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
