//! Starts the reference server and keeps it running.

use std::io::Write;
use std::net::Ipv4Addr;

use tokio::net::TcpListener;

use super::Usage;
use super::arguments::Serve;
use crate::reference::{self, Auth, Options};

pub(super) async fn run(arguments: Serve) -> Result<u8, Usage> {
    let port = arguments.port;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    let listener = listener.map_err(|error| {
        Usage(format!(
            "port {port} cannot be listened on: {error}; choose another with --port, or 0 for a free one"
        ))
    })?;
    let options = Options {
        service: arguments.service,
        auth: arguments.auth,
        events: !arguments.no_events,
        cancel: !arguments.no_cancel,
        runs: arguments.runs,
        members: arguments.members,
        absent: arguments.absent,
    };
    let server = reference::start(options, listener).await;
    let server = server.map_err(|error| Usage(format!("the reference server could not start: {error}")))?;
    announce(&server, &arguments);
    // Without a handler for the signal the process ends as it would anyway.
    let _ = tokio::signal::ctrl_c().await;
    server.shutdown().await;
    Ok(0)
}

/// Prints where the server is and, where it looks at tokens, the ones that it knows.
fn announce(server: &reference::Server, arguments: &Serve) {
    let mut text = format!("{} listening on {}\n", arguments.service.title(), server.url());
    if arguments.auth != Auth::Off {
        let tokens = server.tokens();
        let named = [
            ("valid token", &tokens.valid),
            ("expired token", &tokens.expired),
            ("wrong audience token", &tokens.wrong_audience),
            ("wrong issuer token", &tokens.wrong_issuer),
        ];
        named.iter().for_each(|(name, token)| text.push_str(&format!("{name}: {token}\n")));
    }
    // A reader that closed the pipe has read enough.
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}
