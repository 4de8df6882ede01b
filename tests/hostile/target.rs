//! The target: a server on raw sockets in front of the reference server, a server elsewhere that nobody may talk to, and
//! an endpoint that gives tokens.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arp_conformance::reference::{self, Options, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::answer::Right;
use crate::misbehaviour::{Asked, Does, Misbehaviour, Piece};

/// What is sent between two looks at whether the client is still there.
const PIECE: usize = 64 << 10;

/// A running target. All of it ends when it is dropped.
pub struct Target {
    pub url: String,
    pub issuer: Option<String>,
    stage: Arc<Stage>,
    _right: Server,
    _tasks: JoinSet<()>,
    /// Connections that wait to be accepted in place of the client's.
    _waiting: Vec<TcpStream>,
}

/// What every connection is answered from, and what was seen.
struct Stage {
    behind: SocketAddr,
    hits: fn(&Asked) -> bool,
    does: Does,
    elsewhere: String,
    connections: AtomicUsize,
    astray: AtomicUsize,
    seen: Mutex<Seen>,
    was_hit: Notify,
}

#[derive(Default)]
struct Seen {
    asked: Vec<Asked>,
    hits: usize,
}

impl Target {
    pub async fn start(misbehaviour: &Misbehaviour) -> Self {
        let right = reference::start(Options::new(misbehaviour.service), listen().await).await.unwrap();
        let behind = right.url().trim_start_matches("http://").parse().unwrap();
        let elsewhere = listen().await;
        let stage = Arc::new(Stage {
            behind,
            hits: misbehaviour.hits.are,
            does: misbehaviour.does,
            elsewhere: url(&elsewhere),
            connections: AtomicUsize::new(0),
            astray: AtomicUsize::new(0),
            seen: Mutex::default(),
            was_hit: Notify::new(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(count_strays(elsewhere, stage.clone()));
        let issuer = match misbehaviour.issuer {
            Some(gives) => {
                let listener = listen().await;
                let issuer = format!("{}/token", url(&listener));
                tasks.spawn(give_tokens(listener, gives, stage.elsewhere.clone()));
                Some(issuer)
            }
            None => None,
        };
        let (url, waiting) = match misbehaviour.does {
            Does::NotThere => (url(&listen().await), Vec::new()),
            Does::NeverAccept => {
                let listener = full_listener();
                let address = listener.local_addr().unwrap();
                let waiting = fill(address).await;
                tasks.spawn(async move {
                    std::future::pending::<()>().await;
                    drop(listener);
                });
                (format!("http://{address}"), waiting)
            }
            _ => {
                let listener = listen().await;
                let url = url(&listener);
                tasks.spawn(accept(listener, stage.clone()));
                (url, Vec::new())
            }
        };
        Target { url, issuer, stage, _right: right, _tasks: tasks, _waiting: waiting }
    }

    /// Ready once a request was hit.
    pub async fn was_hit(&self) {
        self.stage.was_hit.notified().await;
    }

    /// The requests so far, in the order in which they came.
    pub fn asked(&self) -> Vec<Asked> {
        self.stage.seen.lock().unwrap().asked.clone()
    }

    pub fn connections(&self) -> usize {
        self.stage.connections.load(Ordering::Relaxed)
    }

    /// Connections to the server elsewhere.
    pub fn astray(&self) -> usize {
        self.stage.astray.load(Ordering::Relaxed)
    }
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

fn url(listener: &TcpListener) -> String {
    format!("http://{}", listener.local_addr().unwrap())
}

/// A listener that lets hardly anybody wait.
fn full_listener() -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    socket.listen(1).unwrap()
}

/// Connects until nobody gets through any more.
async fn fill(address: SocketAddr) -> Vec<TcpStream> {
    let mut waiting = Vec::new();
    while let Ok(Ok(connection)) =
        tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await
    {
        waiting.push(connection);
    }
    waiting
}

async fn count_strays(listener: TcpListener, stage: Arc<Stage>) {
    while let Ok((connection, _)) = listener.accept().await {
        stage.astray.fetch_add(1, Ordering::Relaxed);
        drop(connection);
    }
}

async fn give_tokens(listener: TcpListener, gives: fn(&Asked) -> Vec<Piece>, elsewhere: String) {
    let mut connections = JoinSet::new();
    while let Ok((mut connection, _)) = listener.accept().await {
        let elsewhere = elsewhere.clone();
        connections.spawn(async move {
            if let Some(mut asked) = read_request(&mut connection).await {
                asked.elsewhere = elsewhere;
                send(&mut connection, gives(&asked)).await;
            }
        });
    }
}

async fn accept(listener: TcpListener, stage: Arc<Stage>) {
    let mut connections = JoinSet::new();
    while let Ok((connection, _)) = listener.accept().await {
        stage.connections.fetch_add(1, Ordering::Relaxed);
        let _ = connection.set_nodelay(true);
        connections.spawn(converse(connection, stage.clone()));
        while connections.try_join_next().is_some() {}
    }
}

/// Answers one request after the other, until one of them ends the connection.
async fn converse(mut connection: TcpStream, stage: Arc<Stage>) {
    if let Does::Greet(greeting) = stage.does {
        stage.was_hit.notify_one();
        send(&mut connection, greeting()).await;
        return;
    }
    while let Some(asked) = read_request(&mut connection).await {
        let (asked, is_hit) = stage.note(asked);
        let pieces = match stage.does {
            Does::Instead(pieces) if is_hit => pieces(&asked),
            does => match (relay(stage.behind, &asked, &mut connection).await, does) {
                (Some(right), Does::Spoil(spoil)) if is_hit => spoil(&asked, right),
                (Some(right), _) => right.sent(),
                (None, _) => return,
            },
        };
        if is_hit {
            stage.was_hit.notify_one();
        }
        if !send(&mut connection, pieces).await {
            return;
        }
    }
}

impl Stage {
    /// Counts a request, and tells whether it is hit.
    fn note(&self, mut asked: Asked) -> (Asked, bool) {
        let mut seen = self.seen.lock().unwrap();
        asked.number = seen.asked.len() + 1;
        asked.elsewhere.clone_from(&self.elsewhere);
        let is_hit = (self.hits)(&asked);
        if is_hit {
            seen.hits += 1;
            asked.hit = seen.hits;
        }
        seen.asked.push(asked.clone());
        (asked, is_hit)
    }
}

/// Reads a request with its body; none where the client leaves before it is whole.
async fn read_request(connection: &mut TcpStream) -> Option<Asked> {
    let mut octets = Vec::new();
    let end = loop {
        if let Some(end) = octets.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if connection.read_buf(&mut octets).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(octets[..end].to_vec()).ok()?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let fields: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = fields.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(Some(0), |(_, length)| length.parse().ok())?;
    let mut body = octets.split_off(end + 4);
    while body.len() < length {
        if connection.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Asked { method, path, fields, body, number: 0, hit: 0, elsewhere: String::new() })
}

/// Asks the service behind.
async fn forward(behind: SocketAddr, asked: &Asked) -> Option<TcpStream> {
    let mut connection = TcpStream::connect(behind).await.ok()?;
    let mut request = format!("{} {} HTTP/1.1\r\nconnection: close\r\n", asked.method, asked.path);
    for (name, value) in asked.fields.iter().filter(|(name, _)| name != "connection") {
        request += &format!("{name}: {value}\r\n");
    }
    let request = [request.as_bytes(), b"\r\n", &asked.body].concat();
    connection.write_all(&request).await.ok()?;
    Some(connection)
}

/// The right answer, or where it is a stream, none: it is passed on as it comes, and then ends the connection.
async fn relay(behind: SocketAddr, asked: &Asked, client: &mut TcpStream) -> Option<Right> {
    let mut connection = forward(behind, asked).await?;
    let mut octets = Vec::new();
    while connection.read_buf(&mut octets).await.ok()? > 0 {
        let is_stream = octets.windows(26).any(|window| window == b"transfer-encoding: chunked");
        if is_stream && octets.windows(4).any(|window| window == b"\r\n\r\n") {
            client.write_all(&octets).await.ok()?;
            let _ = tokio::io::copy(&mut connection, client).await;
            let _ = client.shutdown().await;
            return None;
        }
    }
    Right::read(&octets, asked.method == "HEAD")
}

/// Sends the pieces; tells whether the connection goes on.
async fn send(connection: &mut TcpStream, pieces: Vec<Piece>) -> bool {
    for piece in pieces {
        let sent = match piece {
            Piece::Octets(octets) => connection.write_all(&octets).await.is_ok(),
            Piece::Endless(octets, pause) => {
                endless(connection, &octets, pause).await;
                false
            }
            Piece::Pause(pause) => {
                tokio::time::sleep(pause).await;
                true
            }
            Piece::Hang => {
                // Whatever the client still says, until it leaves.
                let _ = tokio::io::copy(connection, &mut tokio::io::sink()).await;
                false
            }
            Piece::Reset => {
                let _ = connection.set_zero_linger();
                return false;
            }
            Piece::GoOn => return true,
        };
        if !sent {
            return false;
        }
    }
    let _ = connection.shutdown().await;
    // To close a socket with something unread in it would reset the connection.
    let mut nowhere = tokio::io::sink();
    let rest = tokio::io::copy(connection, &mut nowhere);
    let _ = tokio::time::timeout(Duration::from_secs(1), rest).await;
    false
}

/// Sends the same octets until the client leaves; without a pause, many of them at once.
async fn endless(connection: &mut TcpStream, octets: &[u8], pause: Duration) {
    let times = if pause.is_zero() { (PIECE / octets.len()).max(1) } else { 1 };
    let octets = octets.repeat(times);
    while connection.write_all(&octets).await.is_ok() {
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
}
