//! The conformance test harness of the ARP Standard.

pub mod contract;
pub mod judge;
pub mod report;
pub mod suite;
pub mod wire;
pub mod yaml;
