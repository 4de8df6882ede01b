//! The client against a server that says exactly what a test wants, octet by octet.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

use super::stub::{Piece, Stub, answer, json_answer};
use super::*;

mod streams;

const SHORT: Duration = Duration::from_millis(150);

fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(2),
        answer: Duration::from_secs(5),
        body: 1000,
        stream: 1000,
        events: 5,
        ..Limits::default()
    }
}

fn client(url: &Url, limits: Limits) -> Client {
    let mut redactor = Redactor::default();
    redactor.add_secret("head.payload-1.signature-1");
    redactor.add_header("X-Team-Key", "blue-seven");
    Client::new(url, &Authorities::default(), limits, redactor, Arc::new(Recorder::default())).unwrap()
}

fn request(method: Method, path: &str) -> Outgoing {
    Outgoing {
        operation: Some("get_run".into()),
        parameters: Default::default(),
        method,
        path: path.into(),
        headers: vec![("accept".into(), "application/json".into())],
        body: None,
    }
}

async fn get(stub: &Stub) -> Exchange {
    client(&stub.url, limits()).send(request(Method::GET, "/v1/runs/x")).await
}

async fn post(stub: &Stub) -> Exchange {
    client(&stub.url, limits()).send(request(Method::POST, "/v1/runs")).await
}

fn ending(exchange: &Exchange) -> Ending {
    exchange.answer().unwrap_or_else(|| panic!("{:?}", exchange.result)).ending.clone()
}

#[tokio::test]
async fn an_answer_is_kept_as_it_came() {
    let stub = Stub::answering(
        b"HTTP/1.1 207 Whatever\r\nX-Note: one\r\nContent-Type: Text/Plain; charset=utf-8\r\nx-note: \xC3\xA4\xFF\r\n\
          Content-Length: 5\r\n\r\n\x1f\x8bab\xFF",
    )
    .await;
    let exchange = get(&stub).await;
    let answer = exchange.answer().unwrap();
    assert_eq!((answer.status, &answer.ending), (207, &Ending::Complete));
    assert_eq!(answer.media_type().as_deref(), Some("text/plain"));
    assert_eq!(answer.header_all("x-note").collect::<Vec<_>>(), ["one", "ä\u{FFFD}"]);
    assert_eq!(answer.body, Bytes::from_static(b"\x1f\x8bab\xFF"));
    assert!(exchange.succeeded() && exchange.json().is_none() && answer.events.is_none());
}

#[tokio::test]
async fn what_is_sent_is_what_was_asked_below_the_target_s_path() {
    let stub = Stub::answering(&json_answer(200, &json!({}))).await;
    for prefix in ["", "/", "/a/b", "/a/b/"] {
        let client = client(&stub.url.join(prefix).unwrap(), limits());
        let mut outgoing = request(Method::POST, "/v1/runs/a%2Fb%3Fc:cancel");
        outgoing.body = Some(Bytes::from_static(b"{\"a\": 1}"));
        assert!(client.send(outgoing).await.succeeded());
    }
    let requests = stub.requests();
    assert_eq!(requests.len(), 4);
    for (request, path) in requests.iter().zip(["", "", "/a/b", "/a/b"]) {
        let first = request.lines().next().unwrap();
        assert_eq!(first, format!("POST {path}/v1/runs/a%2Fb%3Fc:cancel HTTP/1.1"));
        assert!(request.ends_with("\r\n\r\n{\"a\": 1}"), "{request}");
        assert_eq!(request.matches("accept: ").count(), 1, "{request}");
        assert!(!request.contains("accept-encoding"), "nothing is added: {request}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_broken_and_keeps_what_came() {
    for (octets, said) in [
        (answer(200, "content-length: 10", "{\"a\":"), "the answer ended after 5 of 10 octets"),
        (
            answer(200, "transfer-encoding: chunked", "5\r\n{\"a\":\r\n"),
            "the answer broke off after 5 octets",
        ),
        (answer(200, "transfer-encoding: chunked", "5\r\n{\"a\":XX"), "the answer broke off after 5 octets"),
        (
            answer(200, "transfer-encoding: chunked", "5\r\n{\"a\":\r\nzz\r\n"),
            "the answer broke off after 5 octets",
        ),
    ] {
        let exchange = get(&Stub::answering(&octets).await).await;
        let Ending::Broken(what) = ending(&exchange) else { panic!("{said}: {exchange:?}") };
        assert!(what.starts_with(said), "{what}");
        assert_eq!(exchange.answer().unwrap().body, Bytes::from_static(b"{\"a\":"));
    }
    let whole = answer(200, "transfer-encoding: chunked", "2\r\n{}\r\n0\r\n\r\n");
    assert_eq!(ending(&get(&Stub::answering(&whole).await).await), Ending::Complete);
    let until_close = answer(200, "connection: close", "{}");
    assert_eq!(
        ending(&get(&Stub::answering(&until_close).await).await),
        Ending::Complete,
        "RFC 9112, section 6.3"
    );
}

#[tokio::test]
async fn a_connection_that_ends_without_an_answer_is_broken() {
    for head in [
        &b""[..],
        b"HTTP/1.1 200",
        b"HTTP/1.1 2OO OK\r\n\r\n",
        b"SMTP ready\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    ] {
        let stub = Stub::answering(head).await;
        let exchange = post(&stub).await;
        let Err(Failure::Broken(what)) = &exchange.result else { panic!("{head:?}: {exchange:?}") };
        assert!(what.starts_with("the connection gave no HTTP answer: "), "{what}");
        assert_eq!(stub.requests().len(), 1, "a write is sent once");
    }
}

#[tokio::test]
async fn a_read_without_an_answer_is_not_sent_again() {
    let never = Stub::answering(b"").await;
    assert!(matches!(get(&never).await.result, Err(Failure::Broken(_))));
    assert_eq!(never.requests().len(), 1, "a connection that breaks is not hidden");
}

#[tokio::test]
async fn nobody_there_is_no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let exchange = client(&url, limits()).send(request(Method::GET, "/v1/health")).await;
    assert!(
        matches!(&exchange.result, Err(Failure::Connect(what)) if what.contains("refused")),
        "{exchange:?}"
    );
    let exchange =
        client(&Url::parse("http://name.invalid").unwrap(), limits()).send(request(Method::GET, "/")).await;
    assert!(matches!(exchange.result, Err(Failure::Connect(_))), "{exchange:?}");
}

#[tokio::test]
async fn time_is_limited_before_and_inside_an_answer() {
    let short = || Limits { answer: SHORT, ..limits() };
    let silent = Stub::start(|_, _| vec![Piece::Hang]).await;
    let exchange = client(&silent.url, short()).send(request(Method::GET, "/")).await;
    assert_eq!(exchange.result.unwrap_err(), Failure::TimedOut(SHORT));
    assert_eq!(silent.requests().len(), 1, "it is not asked again");
    let slow =
        Stub::start(|_, _| vec![Piece::Octets(answer(200, "content-length: 9", "{\"a\"")), Piece::Hang])
            .await;
    let exchange = client(&slow.url, short()).send(request(Method::GET, "/")).await;
    let Ending::TimedOut(after) = ending(&exchange) else { panic!("{exchange:?}") };
    assert!(after <= SHORT && exchange.duration < SHORT * 10);
    assert_eq!(exchange.answer().unwrap().text(), "{\"a\"");
}

#[tokio::test]
async fn a_body_is_read_as_far_as_the_limit() {
    let of = |length: usize| answer(200, &format!("content-length: {length}"), &"x".repeat(length));
    assert_eq!(ending(&get(&Stub::answering(&of(1000)).await).await), Ending::Complete);
    let exchange = get(&Stub::answering(&of(1001)).await).await;
    assert_eq!(ending(&exchange), Ending::Limit("a body over 1000 octets".into()));
    let endless = Stub::start(|_, _| {
        let chunk = Piece::Octets(format!("64\r\n{}\r\n", "x".repeat(100)).into());
        let head = Piece::Octets(answer(200, "transfer-encoding: chunked", ""));
        [vec![head], vec![chunk; 30], vec![Piece::Hang]].concat()
    })
    .await;
    let exchange = get(&endless).await;
    assert!(matches!(ending(&exchange), Ending::Limit(_)), "{exchange:?}");
    assert!(exchange.answer().unwrap().body.len() <= 1000);
}

#[tokio::test]
async fn redirects_are_not_followed_and_no_answer_is_decoded_by_its_status() {
    let other = Stub::answering(&json_answer(200, &json!({}))).await;
    let location = format!("location: {}\r\ncontent-length: 0", other.url);
    for status in [301, 302, 303, 307, 308] {
        let stub = Stub::answering(&answer(status, &location, "")).await;
        let exchange = get(&stub).await;
        assert_eq!((exchange.status(), stub.requests().len()), (Some(status), 1));
        assert_eq!(exchange.answer().unwrap().header("location"), Some(other.url.as_str()));
    }
    assert_eq!(other.requests(), [""; 0]);
}

#[tokio::test]
async fn secrets_are_kept_nowhere() {
    let token = "head.payload-1.signature-1";
    let stub = Stub::answering(&answer(
        401,
        &format!("www-authenticate: Bearer error=\"{token}\"\r\nset-cookie: sid=1\r\nx-team-key: other\r\ncontent-length: 70"),
        &format!("{:70}", format!("no {token} for blue-seven but signature-1")),
    ))
    .await;
    let mut outgoing = request(Method::POST, &format!("/v1/runs/{token}?t=signature-1"));
    outgoing.headers.extend([
        ("authorization".into(), format!("Bearer {token}")),
        ("x-team-key".into(), "blue-seven".into()),
        ("cookie".into(), "a=b".into()),
    ]);
    outgoing.body = Some(Bytes::from(format!("{{\"token\": \"{token}\"}}")));
    let client = client(&stub.url, limits());
    let exchange = client.send(outgoing).await;
    assert!(stub.requests()[0].contains(token), "it is sent all the same");
    for kept in [&exchange, &client.recorder().exchanges()[0]] {
        let answer = kept.answer().unwrap();
        let body = String::from_utf8_lossy(kept.sent.body.as_ref().unwrap());
        assert_eq!(answer.text().trim_end(), "no [redacted] for [redacted] but [redacted]");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer error=\"[redacted]\""));
        assert_eq!(
            (answer.header("set-cookie"), answer.header("x-team-key")),
            (Some(REDACTED), Some(REDACTED))
        );
        assert_eq!(body, "{\"token\": \"[redacted]\"}");
        assert!(kept.sent.url.ends_with("/v1/runs/[redacted]?t=[redacted]"), "{}", kept.sent.url);
        assert!(kept.sent.authorized);
        let told = format!("{kept:?}");
        for secret in ["payload-1", "signature-1", "blue-seven", "a=b", "sid=1"] {
            assert!(!told.contains(secret), "{secret}: {told}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_told_without_its_value() {
    let stub = Stub::answering(b"").await;
    for (name, value) in [("x-key", "blue\nseven"), ("x key", "blue-seven")] {
        let mut outgoing = request(Method::GET, "/");
        outgoing.headers.push((name.into(), value.into()));
        let failure = client(&stub.url, limits()).send(outgoing).await.result.unwrap_err();
        assert_eq!(failure.to_string(), format!("not sent: the header field {name:?} cannot be sent"));
    }
    assert_eq!(stub.requests(), [""; 0]);
}

#[tokio::test]
async fn exchanges_are_recorded_in_the_order_in_which_they_were_sent() {
    let stub = Stub::start(|_, request| {
        let pause = if request.contains("/slow") { SHORT } else { Duration::ZERO };
        vec![Piece::Pause(pause), Piece::Octets(json_answer(200, &json!({})))]
    })
    .await;
    let client = client(&stub.url, limits());
    let (slow, fast) =
        tokio::join!(client.send(request(Method::GET, "/slow")), client.send(request(Method::GET, "/fast")));
    assert!(slow.id < fast.id && slow.duration >= SHORT);
    let recorder = client.recorder();
    assert_eq!(recorder.exchanges().iter().map(|exchange| exchange.id).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(recorder.requests(), 2);
    assert_eq!(recorder.exchange(2).unwrap().sent.url, format!("{}fast", stub.url));
    assert!(recorder.exchange(3).is_none());
}

#[tokio::test]
async fn what_can_be_read_past_is_kept_as_a_deviation() {
    let json = |head: &str, after: &str| format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{{}}{after}").into_bytes();
    for (octets, said) in [
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}".to_vec(), "a line feed alone"),
        (json("Content-Length : 2", ""), "a space before the colon"),
        (json("Content-Length: 2\r\nContent-Length: 2", ""), "told 2 times"),
        (json("Content-Length: 2", "\r\n"), "2 octets after the end of the answer"),
        (b"HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\n{}".to_vec(), "a 204 announces content"),
        (b"HTTP/1.1 204 No\r\n\r\n{}".to_vec(), "content of a 204"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
                .to_vec(),
            "Content-Length beside Transfer-Encoding",
        ),
    ] {
        let exchange = get(&Stub::answering(&octets).await).await;
        let answer = exchange.answer().unwrap();
        assert_eq!(answer.ending, Ending::Complete, "{said}");
        assert!(answer.deviations[0].contains(said), "{said}: {:?}", answer.deviations);
        assert_eq!(answer.text(), if answer.status == 204 { "" } else { "{}" });
    }
    let right = get(&Stub::answering(&json_answer(200, &json!({}))).await).await;
    assert_eq!(right.answer().unwrap().deviations, [""; 0]);
}

#[tokio::test]
async fn interim_answers_are_passed_over_up_to_a_limit() {
    let whole = json_answer(200, &json!({}));
    let interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    let some = get(&Stub::answering(&[&interim.repeat(3)[..], &whole].concat()).await).await;
    assert!(some.succeeded() && some.answer().unwrap().header("link").is_none());
    let flood = get(&Stub::answering(&[&interim.repeat(30)[..], &whole].concat()).await).await;
    assert!(matches!(flood.result, Err(Failure::Limit(_))), "{flood:?}");
    let switched = get(&Stub::answering(b"HTTP/1.1 101 Switching Protocols\r\n\r\n").await).await;
    assert!(
        matches!(&switched.result, Err(Failure::Broken(what)) if what.contains("switched")),
        "{switched:?}"
    );
}

#[tokio::test]
async fn a_head_is_read_as_far_as_the_limit() {
    let limits = || Limits { head: 1000, ..limits() };
    for (fields, is_read) in [("x".repeat(900), true), ("x".repeat(1000), false)] {
        let stub = Stub::answering(&answer(200, &format!("content-length: 0\r\nx: {fields}"), "")).await;
        let exchange = client(&stub.url, limits()).send(request(Method::GET, "/")).await;
        assert_eq!(exchange.succeeded(), is_read, "{exchange:?}");
    }
    let endless = Stub::start(|_, _| {
        let line = Piece::Octets(b"x: yyyyyyyyyyyyyyyyyyyyyy\r\n".to_vec());
        [vec![Piece::Octets(b"HTTP/1.1 200 OK\r\n".to_vec())], vec![line; 1000], vec![Piece::Hang]].concat()
    });
    let exchange = client(&endless.await.url, limits()).send(request(Method::GET, "/")).await;
    assert_eq!(exchange.result.unwrap_err(), Failure::Limit("a head over 1000 octets".into()));
}

#[tokio::test]
async fn a_compressed_answer_is_read_and_a_bomb_is_left() {
    let compressed = |text: &[u8]| {
        let octets = zstd::encode_all(text, 19).unwrap();
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-encoding: zstd\r\ncontent-length: {}\r\n\r\n", octets.len());
        [head.into_bytes(), octets].concat()
    };
    let exchange = get(&Stub::answering(&compressed(b"{\"a\": 1}")).await).await;
    assert_eq!((exchange.json(), ending(&exchange)), (Some(json!({"a": 1})), Ending::Complete));
    let bomb = get(&Stub::answering(&compressed(&vec![b' '; 1 << 20])).await).await;
    assert_eq!(ending(&bomb), Ending::Limit("a body over 1000 octets".into()));
    let wrong = answer(200, "content-encoding: br\r\ncontent-length: 7", "{\"a\":1}");
    let wrong = get(&Stub::answering(&wrong).await).await;
    assert!(
        matches!(ending(&wrong), Ending::Broken(what) if what.contains("content coding br")),
        "{wrong:?}"
    );
}

#[tokio::test]
async fn reads_share_a_connection_and_survive_that_the_target_closes_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let server = tokio::spawn(async move {
        let whole = json_answer(200, &json!({}));
        let mut asked = Vec::new();
        for answers in [2, 1] {
            let (mut connection, _) = listener.accept().await.unwrap();
            for _ in 0..answers {
                let mut octets = vec![0; 1000];
                let read = connection.read(&mut octets).await.unwrap();
                asked.push(String::from_utf8_lossy(&octets[..read]).lines().next().unwrap().to_owned());
                connection.write_all(&whole).await.unwrap();
            }
        }
        asked
    });
    let client = client(&url, limits());
    for path in ["/1", "/2", "/3"] {
        assert!(client.send(request(Method::GET, path)).await.succeeded(), "{path}");
    }
    assert_eq!(server.await.unwrap(), ["GET /1 HTTP/1.1", "GET /2 HTTP/1.1", "GET /3 HTTP/1.1"]);
}

#[tokio::test]
async fn a_target_may_answer_before_it_has_read_everything() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let server = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        connection.write_all(&json_answer(413, &json!({}))).await.unwrap();
        // Nothing is read until the client has what it needs and leaves.
        let mut rest = Vec::new();
        let _ = connection.read_to_end(&mut rest).await;
    });
    let mut outgoing = request(Method::POST, "/v1/runs");
    outgoing.body = Some(vec![b'x'; 16 << 20].into());
    assert_eq!(client(&url, limits()).send(outgoing).await.status(), Some(413));
    server.await.unwrap();
}

#[tokio::test]
async fn a_target_that_fails_alike_again_and_again_and_a_run_that_is_used_up_are_told() {
    let closing = Stub::answering(b"").await;
    let client_of_closing = client(&closing.url, limits());
    while client_of_closing.refuses().is_none() {
        client_of_closing.send(request(Method::GET, "/")).await;
    }
    assert_eq!(closing.requests().len(), 10);
    let right = Stub::answering(&json_answer(200, &json!({}))).await;
    let client = client(&right.url, Limits { requests: 2, ..limits() });
    for _ in 0..2 {
        assert_eq!(client.refuses(), None);
        client.send(request(Method::GET, "/")).await;
    }
    assert!(client.refuses().unwrap().contains("--max-requests"));
}

#[tokio::test]
async fn answers_are_kept_as_long_as_there_is_room() {
    let stub = Stub::answering(&answer(200, "content-length: 600", &"x".repeat(600))).await;
    let recorder = Arc::new(Recorder::new(1000));
    let client =
        Client::new(&stub.url, &Authorities::default(), limits(), Redactor::default(), recorder).unwrap();
    assert_eq!(ending(&client.send(request(Method::GET, "/")).await), Ending::Complete);
    assert!(matches!(ending(&client.send(request(Method::GET, "/")).await), Ending::Limit(_)));
}
