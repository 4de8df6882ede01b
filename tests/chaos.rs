//! A network that delays and one that breaks, between the suite and a right server: delays change no verdict, and what broke
//! on the way is never blamed on what the server says.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arp_conformance::contract::{Contract, Service};
use arp_conformance::reference;
use arp_conformance::report::Report;
use arp_conformance::report::model::{Outcome, Tier, Verdict};
use arp_conformance::run::{Run, Scope, Settings, Target};
use arp_conformance::suite::{Source, Suite};
use futures_util::{StreamExt, stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Runs through a network that only delays.
const DELAYED_RUNS: u64 = 1000;

/// Runs through a network that breaks connections too.
const BROKEN_RUNS: u64 = 100;

/// Runs at the same time.
const SIDE_BY_SIDE: usize = 32;

/// The longest that one piece of an answer is held back.
const LONGEST_DELAY: u64 = 3;

/// Numbers that look random and are the same every time (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

/// Takes what goes between a client and a server apart, and gives every piece a delay. One piece in `breaks` is not
/// delivered, and the connection is reset instead.
async fn pass(server: String, mut client: TcpStream, seed: u64, breaks: Option<u64>) -> std::io::Result<()> {
    let mut server = TcpStream::connect(server).await?;
    server.set_nodelay(true)?;
    client.set_nodelay(true)?;
    let mut numbers = Numbers(seed | 1);
    let (mut asked, mut answered) = ([0; 200], [0; 200]);
    loop {
        let (to_server, piece) = tokio::select! {
            read = client.read(&mut asked) => (true, &asked[..read?]),
            read = server.read(&mut answered) => (false, &answered[..read?]),
        };
        if piece.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(numbers.below(LONGEST_DELAY + 1))).await;
        if breaks.is_some_and(|breaks| numbers.below(breaks) == 0) {
            return client.set_zero_linger();
        }
        let to = if to_server { &mut server } else { &mut client };
        to.write_all(piece).await?;
    }
}

/// A proxy in front of a server; its address.
async fn proxy(server: String, seed: u64, breaks: Option<u64>) -> (String, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        for connection in 1.. {
            let Ok((client, _)) = listener.accept().await else { return };
            let seed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ connection;
            tokio::spawn(pass(server.clone(), client, seed, breaks));
        }
    });
    (address, task)
}

/// Runs the smallest suite so often, each time through a proxy of its own.
async fn runs(times: u64, breaks: Option<u64>) -> Vec<Report> {
    let service = Service::Runtime;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = reference::start(reference::Options::new(service), listener).await.unwrap();
    let contract = Contract::bundled(service).unwrap();
    let suite = Suite::load(&Source::bundled(), &contract).unwrap();
    let (contract, suite) = (Arc::new(contract), Arc::new(suite));
    let run = |seed: u64| {
        let (contract, suite) = (contract.clone(), suite.clone());
        let address = server.url().trim_start_matches("http://").to_owned();
        async move {
            let (url, proxy) = proxy(address, seed, breaks).await;
            let run = Run {
                services: BTreeMap::from([(service, (contract, suite))]),
                target: Target::new(url.parse().unwrap()),
                service: Some(service),
                settings: Settings::default(),
                scope: Scope { tier: Tier::Smoke, ..Scope::default() },
            };
            let done = run.execute(std::future::pending()).await.unwrap();
            proxy.abort();
            done.report
        }
    };
    let reports = stream::iter(1..=times).map(run).buffer_unordered(SIDE_BY_SIDE).collect().await;
    server.shutdown().await;
    reports
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_delayed_runs_have_one_verdict() {
    let reports = runs(DELAYED_RUNS, None).await;
    let came_to = |report: &Report| {
        let results = report.results.iter().map(|result| (result.id.clone(), result.outcome, result.reason));
        (report.verdict, results.collect::<Vec<_>>())
    };
    let first = came_to(&reports[0]);
    assert_eq!(first.0, Verdict::Partial, "the smallest suite leaves most out of scope");
    assert!(first.1.iter().filter(|(_, outcome, _)| *outcome == Outcome::Pass).count() > 5);
    assert_eq!(reports.len() as u64, DELAYED_RUNS);
    for report in &reports {
        assert_eq!(came_to(report), first);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_on_the_way_is_told_as_that_and_nothing_else() {
    let reports = runs(BROKEN_RUNS, Some(60)).await;
    let mut broken = 0;
    for report in &reports {
        let failed = report.results.iter().filter(|result| result.outcome == Outcome::Fail);
        for result in failed {
            assert_eq!(result.requirements, ["WIRE-1"], "{}: {}", result.id, result.message);
            broken += 1;
        }
    }
    assert!(broken > 0, "no connection broke inside an answer");
}
