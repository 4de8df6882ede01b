//! Ctrl-C, from the moment at which somebody listens.

use std::future::Future;

/// Ready when the user interrupts the program. The signal is caught from the call on, not from the first poll on.
#[cfg(unix)]
pub(super) fn listen() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = signal(SignalKind::interrupt());
    async move {
        // Without a handler the process ends at the signal as it would anyway.
        match signals {
            Ok(mut signals) => _ = signals.recv().await,
            Err(_) => std::future::pending().await,
        }
    }
}

/// Ready when the user interrupts the program.
#[cfg(not(unix))]
pub(super) fn listen() -> impl Future<Output = ()> {
    async {
        // Without a handler the process ends at the signal as it would anyway.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
