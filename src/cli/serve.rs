//! Starts the reference server and keeps it running.

use std::io::Write;
use std::net::Ipv4Addr;

use tokio::net::TcpListener;

use super::Usage;
use super::arguments::Serve;
use crate::contract::Service;
use crate::reference::{self, Auth, Fault, Options};

pub(super) async fn run(arguments: Serve) -> Result<u8, Usage> {
    if arguments.list_faults {
        print(&fault_list());
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
    announce(&server, arguments.service, auth);
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
fn announce(server: &reference::Server, service: Service, auth: Auth) {
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
    print(&text);
}

fn print(text: &str) {
    // A reader that closed the pipe has read enough.
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}
