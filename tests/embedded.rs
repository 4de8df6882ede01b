//! What a service written in Rust does to have every check as a test of its own `cargo test`; here the service is the
//! bundled reference server.

use arp_conformance::contract::Service;
use arp_conformance::{Target, reference, trials};

fn main() -> std::process::ExitCode {
    trials::main(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = reference::start(reference::Options::new(Service::Runtime), listener).await.unwrap();
        let url = server.url().parse().unwrap();
        std::mem::forget(server); // it serves until the process ends
        Target::new(url)
    })
}
