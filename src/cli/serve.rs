//! Starts the reference server and keeps it running.

use std::net::Ipv4Addr;

use clap::Args;
use tokio::net::TcpListener;

use super::{Usage, reports};
use crate::contract::Service;
use crate::reference::{self, Auth, Fault, Options};

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The service to be
    #[arg(long, value_name = "NAME", default_value = "runtime", value_parser = |text: &str| text.parse::<Service>())]
    pub service: Service,
    /// The port on loopback; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value = "8081")]
    pub port: u16,
    /// How requests to protected operations are treated
    #[arg(long, value_enum, default_value = "off")]
    pub auth: reference::Auth,
    /// Leave the optional event stream out
    #[arg(long)]
    pub no_events: bool,
    /// Leave the Runtime's optional cancel out
    #[arg(long)]
    pub no_cancel: bool,
    /// When ordinary runs end
    #[arg(long, value_enum, default_value = "after-a-moment")]
    pub runs: reference::RunsEnd,
    /// Which optional members answers carry
    #[arg(long, value_enum, default_value = "common")]
    pub members: reference::Members,
    /// How an endpoint that is left out answers
    #[arg(long, value_enum, default_value = "envelope-404")]
    pub absent: reference::Absent,
    /// Have a mistake that the suite has to catch; --list-faults names them
    #[arg(long, value_name = "ID", value_parser = parse_fault)]
    pub fault: Vec<&'static reference::Fault>,
    /// Have an unusual way that is right
    #[arg(long, value_name = "NAME", value_parser = parse_habit)]
    pub habit: Vec<&'static reference::Habit>,
    /// Print every fault with the requirements that it violates, and exit
    #[arg(long)]
    pub list_faults: bool,
}

fn parse_fault(id: &str) -> Result<&'static reference::Fault, String> {
    reference::fault(id).ok_or_else(|| "no such fault: --list-faults names them all".to_owned())
}

fn parse_habit(name: &str) -> Result<&'static reference::Habit, String> {
    reference::habit(name).ok_or_else(|| {
        let names = Service::ALL.into_iter().flat_map(reference::habits).map(|habit| habit.name);
        let names: std::collections::BTreeSet<_> = names.collect();
        format!("no such habit: known are {}", Vec::from_iter(names).join(", "))
    })
}

pub(super) async fn run(arguments: Serve) -> Result<u8, Usage> {
    if arguments.list_faults {
        reports::say(&fault_list())?;
        return Ok(0);
    }
    let options = options(&arguments)?;
    let auth = options.auth;
    let port = arguments.port;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    let listener = listener.map_err(|error| {
        Usage(format!(
            "port {port} cannot be listened on: {error}; choose another with --port, or 0 for a free one"
        ))
    })?;
    let server = reference::start(options, listener).await;
    let server = server.map_err(|error| Usage(format!("the reference server could not start: {error}")))?;
    announce(&server, arguments.service, auth)?;
    // Without a handler for the signal the process ends as it would anyway.
    let _ = tokio::signal::ctrl_c().await;
    server.shutdown().await;
    Ok(0)
}

/// The server that the arguments ask for. Where a fault shows only with tokens, the server asks for them.
fn options(arguments: &Serve) -> Result<Options, Usage> {
    let service = arguments.service;
    if let Some(fault) = arguments.fault.iter().find(|fault| !fault.services.contains(&service)) {
        return Err(Usage(format!("a {} cannot have the fault {}", service.title(), fault.id)));
    }
    let of_faults = arguments.fault.iter().map(|fault| fault.auth).find(|auth| *auth != Auth::Off);
    Ok(Options {
        service,
        auth: if arguments.auth == Auth::Off { of_faults.unwrap_or_default() } else { arguments.auth },
        events: !arguments.no_events,
        cancel: !arguments.no_cancel,
        runs: arguments.runs,
        members: arguments.members,
        absent: arguments.absent,
        habits: arguments.habit.clone(),
        faults: arguments.fault.clone(),
    })
}

/// Every fault in a line: id, services, requirements, and what is wrong.
fn fault_list() -> String {
    let mut faults: Vec<&Fault> = Vec::new();
    for fault in Service::ALL.into_iter().flat_map(reference::faults) {
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    let mut text = String::new();
    for fault in faults {
        let services: Vec<_> = fault.services.iter().map(|service| service.name()).collect();
        let (services, requirements) = (services.join(","), fault.requirements.join(","));
        text.push_str(&format!("{:<44} {services:<19} {requirements:<24} {}\n", fault.id, fault.says));
    }
    text
}

/// Prints where the server is and, where it looks at tokens, the ones that it knows.
fn announce(server: &reference::Server, service: Service, auth: Auth) -> Result<(), Usage> {
    let mut text = format!("{} listening on {}\n", service.title(), server.url());
    if auth != Auth::Off {
        let tokens = server.tokens();
        let named = [
            ("valid token", &tokens.valid),
            ("expired token", &tokens.expired),
            ("wrong audience token", &tokens.wrong_audience),
            ("wrong issuer token", &tokens.wrong_issuer),
        ];
        named.iter().for_each(|(name, token)| text.push_str(&format!("{name}: {token}\n")));
    }
    reports::say(&text)
}
