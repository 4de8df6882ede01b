//! The conformance test harness of the ARP Standard.

pub mod contract;
pub mod reference;
pub mod report;
