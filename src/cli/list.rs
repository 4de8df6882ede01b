//! Lists what the suite has: requirements with their checks, or scenarios.

use std::io::Write;

use clap::Args;

use super::Usage;
use crate::contract::Service;
use crate::judge::possible_checks;
use crate::self_test::Bundled;

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only this service
    #[arg(long, value_name = "NAME", value_parser = |text: &str| text.parse::<Service>())]
    pub service: Option<Service>,
    /// The requirements of the catalogue, each with its checks
    #[arg(long)]
    pub requirements: bool,
}

pub(super) async fn run(arguments: List) -> Result<u8, Usage> {
    let bundled = Bundled::load().map_err(|error| Usage(error.to_string()))?;
    let services = arguments.service.map_or(Service::ALL.to_vec(), |service| vec![service]);
    let mut lines: Vec<String> = Vec::new();
    for service in services {
        let (contract, suite) = &bundled.services()[&service];
        if !arguments.requirements {
            lines.extend(suite.scenarios.iter().map(|scenario| {
                let tier = format!("{:?}", scenario.tier).to_lowercase();
                format!("{tier:<8} {service}/{}  {}", scenario.id, scenario.title)
            }));
            continue;
        }
        let checks = possible_checks(suite, contract);
        for row in suite.catalogue.of(service) {
            lines.push(format!("{service} {} ({}) {}", row.id, row.level.name(), row.says));
            let own = checks.iter().filter(|check| check.requirement == row.id);
            lines.extend(own.map(|check| format!("    {}", check.id)));
        }
    }
    lines.push(String::new());
    // A reader that closed the pipe has read enough.
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(lines.join("\n").as_bytes()).and_then(|()| stdout.flush());
    Ok(0)
}
