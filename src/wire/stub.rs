//! A server for tests that says what it is told, octet by octet, and keeps what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

/// A part of what is sent on one connection.
#[derive(Debug, Clone)]
pub enum Piece {
    Octets(Vec<u8>),
    Pause(Duration),
    /// Nothing more, and the connection stays open until the client leaves.
    Hang,
}

/// A running server. It takes one request a connection and closes it after the last piece; it ends when it is dropped.
pub struct Stub {
    pub url: Url,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Stub {
    /// Starts a server; `answer` gets the number of the request, from 1, and the request itself.
    pub async fn start(answer: impl Fn(usize, &str) -> Vec<Piece> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let (kept, answer) = (requests.clone(), Arc::new(answer));
        let task = tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let (kept, answer) = (kept.clone(), answer.clone());
                tokio::spawn(async move {
                    let Some(request) = read_request(&mut connection).await else { return };
                    let number = {
                        let mut kept = kept.lock().unwrap();
                        kept.push(request.clone());
                        kept.len()
                    };
                    send(&mut connection, answer(number, &request)).await;
                });
            }
        });
        Stub { url, requests, task }
    }

    /// A server that always says the same.
    pub async fn answering(octets: &[u8]) -> Self {
        let octets = octets.to_vec();
        Stub::start(move |_, _| vec![Piece::Octets(octets.clone())]).await
    }

    /// The requests so far, head and body.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn read_request(connection: &mut TcpStream) -> Option<String> {
    let mut octets = Vec::new();
    loop {
        if connection.read_buf(&mut octets).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&octets);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return Some(text.into_owned());
        }
    }
}

async fn send(connection: &mut TcpStream, pieces: Vec<Piece>) {
    for piece in pieces {
        let sent = match piece {
            Piece::Octets(octets) => connection.write_all(&octets).await,
            Piece::Pause(time) => {
                tokio::time::sleep(time).await;
                Ok(())
            }
            Piece::Hang => connection.read(&mut [0]).await.map(drop),
        };
        if sent.is_err() {
            return;
        }
    }
}

/// An HTTP/1.1 answer with these header fields and octets after them.
pub fn answer(status: u16, fields: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\n{fields}\r\n\r\n{body}").into()
}

/// A whole JSON answer.
pub fn json_answer(status: u16, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    answer(status, &format!("content-type: application/json\r\ncontent-length: {}", body.len()), &body)
}
