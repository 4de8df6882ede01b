//! How long the suite takes: a full run against the reference server, with a target that delays every answer.
//!
//! `cargo bench` prints, for each service and delay, the median wall time of several runs, the requests, and the longest
//! chain of requests that had to be sent one after the other. Time that grows faster with the delay than the chain does
//! is time that the suite wastes. Run without `--bench`, as `cargo test --benches` does, or with `--test`, it makes one
//! run each without delay, and only shows that it works.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use arp_conformance::contract::{Contract, Service};
use arp_conformance::reference::{self, Options};
use arp_conformance::report::model::Verdict;
use arp_conformance::run::{Done, Run, Scope, Settings, Target};
use arp_conformance::suite::{Source, Suite};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

/// What each answer is delayed by.
const DELAYS: [Duration; 3] = [Duration::ZERO, Duration::from_millis(20), Duration::from_millis(100)];

/// Runs whose median is told.
const RUNS: usize = 5;

#[tokio::main]
async fn main() {
    let has = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    let measures = has("--bench") && !has("--test");
    let (delays, runs) = if measures { (&DELAYS[..], RUNS) } else { (&DELAYS[..1], 1) };
    println!(
        "{:<12} {:>8} {:>8} {:>9} {:>6} {:>14}",
        "service", "delay ms", "wall ms", "requests", "chain", "chain x delay"
    );
    for service in Service::ALL {
        let contract = Arc::new(Contract::bundled(service).unwrap());
        let suite = Arc::new(Suite::load(&Source::bundled(), &contract).unwrap());
        for delay in delays {
            let mut found = Vec::new();
            for _ in 0..runs {
                found.push(judge(service, &contract, &suite, *delay).await);
            }
            found.sort_by_key(|done| done.report.duration_ms);
            let Done { report, longest_chain, .. } = &found[runs / 2];
            println!(
                "{:<12} {:>8} {:>8} {:>9} {:>6} {:>14}",
                service.name(),
                delay.as_millis(),
                report.duration_ms,
                report.requests,
                longest_chain,
                u128::from(*longest_chain) * delay.as_millis()
            );
        }
    }
}

/// One full run against a reference server of its own behind a delay.
async fn judge(service: Service, contract: &Arc<Contract>, suite: &Arc<Suite>, delay: Duration) -> Done {
    let server = reference::start(Options::new(service), loopback().await.unwrap()).await.unwrap();
    let address = server.url().trim_start_matches("http://").parse().unwrap();
    let (url, link) = delayed(address, delay).await.unwrap();
    let run = Run {
        services: BTreeMap::from([(service, (contract.clone(), suite.clone()))]),
        target: Target::new(url.parse().unwrap()),
        service: None,
        settings: Settings::default(),
        scope: Scope::default(),
    };
    let done = run.execute(std::future::pending()).await.unwrap();
    // A run that ended early would look fast.
    assert_eq!(done.report.verdict, Verdict::Conformant, "{service} at {delay:?}");
    link.abort();
    server.shutdown().await;
    done
}

async fn loopback() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await
}

/// A link to `server` on which every octet from the server arrives `delay` later. Below HTTP, so that connections,
/// framing and the pace of streams stay those of the server.
async fn delayed(server: SocketAddr, delay: Duration) -> io::Result<(String, JoinHandle<()>)> {
    let listener = loopback().await?;
    let url = format!("http://{}", listener.local_addr()?);
    let link = tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(connect(client, server, delay));
        }
    });
    Ok((url, link))
}

async fn connect(client: TcpStream, server: SocketAddr, delay: Duration) -> io::Result<()> {
    let server = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::try_join!(carry(from_client, to_server, Duration::ZERO), carry(from_server, to_client, delay))?;
    Ok(())
}

/// Passes on what comes, each piece `delay` after it came: a latency, which does not hold up what comes behind.
async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, delay: Duration) -> io::Result<()> {
    let (sender, mut pieces) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let read = async move {
        let mut piece = vec![0; 16 << 10];
        loop {
            let length = from.read(&mut piece).await?;
            // A receiver that is gone had an error of its own.
            if length == 0 || sender.send((Instant::now() + delay, piece[..length].to_vec())).is_err() {
                return io::Result::Ok(());
            }
        }
    };
    let write = async move {
        while let Some((due, piece)) = pieces.recv().await {
            sleep_until(due).await;
            to.write_all(&piece).await?;
        }
        to.shutdown().await
    };
    tokio::try_join!(read, write)?;
    Ok(())
}
