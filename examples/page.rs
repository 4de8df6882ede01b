//! Makes the HTML page of a JSON report: `cargo run --example page -- report.json > report.html`.

use arp_conformance::report::{self, ReportSet};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("the path of a JSON report is missing")?;
    let set = ReportSet::read(&std::fs::read_to_string(path)?)?;
    print!("{}", report::html(&set, false));
    Ok(())
}
