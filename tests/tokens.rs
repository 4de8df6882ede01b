//! Where tokens come from: the program against a reference server that asks for them, and a small token endpoint.

use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arp_conformance::contract::Service;
use arp_conformance::reference::{self, Auth, Options, Server};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

const SECRET: &str = "correct-horse-battery-staple";

/// The tokens of the front, which no reader of a report may see.
const TOKENS: [&str; 2] = ["opaque-token-number-one", "opaque-token-number-two"];

async fn reference_server() -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    reference::start(Options { auth: Auth::Required, ..Options::new(Service::Runtime) }, listener)
        .await
        .unwrap()
}

/// A token endpoint that gives these tokens, the last one for ever, to whoever knows the secret; and how many it gave.
async fn token_endpoint(tokens: Vec<String>) -> (MockServer, Arc<AtomicUsize>) {
    let server = MockServer::start().await;
    let given = Arc::new(AtomicUsize::new(0));
    let count = given.clone();
    let respond = move |request: &wiremock::Request| {
        let form: Vec<(String, String)> = url::form_urlencoded::parse(&request.body).into_owned().collect();
        let has = |name: &str, value: &str| form.iter().any(|(n, v)| n == name && v == value);
        if !has("client_id", "tester") || !has("client_secret", SECRET) || !has("audience", "runs") {
            let description = format!("{form:?} is not known\u{1b}[2J");
            let body = json!({"error": "invalid_client", "error_description": description});
            return ResponseTemplate::new(401).set_body_json(body);
        }
        let at = count.fetch_add(1, Ordering::Relaxed).min(tokens.len() - 1);
        ResponseTemplate::new(200).set_body_json(json!({"access_token": tokens[at], "token_type": "bearer"}))
    };
    Mock::given(any()).respond_with(respond).mount(&server).await;
    (server, given)
}

/// Runs the program and returns what it printed and its exit code.
async fn program(arguments: Vec<String>, secret: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_arp-conformance"));
    command.args(arguments).env("ARP_OAUTH_CLIENT_SECRET", secret).env_remove("ARP_TOKEN");
    let output: Output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = [output.stdout, output.stderr].map(|octets| String::from_utf8(octets).unwrap()).concat();
    (output.status.code().unwrap(), text)
}

fn words(text: &[&str]) -> Vec<String> {
    text.iter().map(|word| word.to_string()).collect()
}

fn oauth(target: &str, endpoint: &str) -> Vec<String> {
    let url = format!("{endpoint}/token");
    words(&[
        "--target",
        target,
        "--oauth-token-url",
        &url,
        "--oauth-client-id",
        "tester",
        "--oauth-audience",
        "runs",
    ])
}

/// A server in front of another: requests with the first token are let in until `last`, those with the second always.
struct Front {
    http: reqwest::Client,
    behind: String,
    valid: String,
    seen: AtomicUsize,
    last: usize,
}

async fn front(server: &Server, last: usize) -> (String, Arc<Front>) {
    // Another test may have installed it before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let front = Arc::new(Front {
        http: reqwest::Client::builder().no_proxy().build().unwrap(),
        behind: server.url(),
        valid: server.tokens().valid.clone(),
        seen: AtomicUsize::new(0),
        last,
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(forward).with_state(front.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, front)
}

async fn forward(State(front): State<Arc<Front>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let sent = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some((scheme, token)) = sent.and_then(|value| value.split_once(' ')) {
        let is_valid = match TOKENS.iter().position(|known| *known == token) {
            Some(0) => front.seen.fetch_add(1, Ordering::Relaxed) < front.last,
            at => at.is_some(),
        };
        // What is not valid here is not valid behind either.
        let token = if is_valid { &front.valid } else { "expired" };
        let value = HeaderValue::from_str(&format!("{scheme} {token}")).unwrap();
        parts.headers.insert(AUTHORIZATION, value);
    }
    parts.headers.remove(http::header::HOST);
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let url = format!("{}{}", front.behind, parts.uri);
    let answer =
        front.http.request(parts.method, url).headers(parts.headers).body(body).send().await.unwrap();
    let mut response = Response::new(Body::empty());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    // The body is framed anew.
    response.headers_mut().remove(http::header::TRANSFER_ENCODING);
    *response.body_mut() = Body::from_stream(answer.bytes_stream());
    response
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_from_oauth_makes_a_run_conformant() {
    let server = reference_server().await;
    let (endpoint, given) = token_endpoint(vec![server.tokens().valid.clone()]).await;
    let (code, text) = program(oauth(&server.url(), &endpoint.uri()), SECRET).await;
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("conformant"), "{text}");
    assert_eq!(given.load(Ordering::Relaxed), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_told_before_anything_is_sent() {
    let target = MockServer::start().await;
    let (endpoint, _) = token_endpoint(words(&["unused"])).await;
    let wrong = "wrong-horse-battery-staple";
    let (code, text) = program(oauth(&target.uri(), &endpoint.uri()), wrong).await;
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("refused the client: 401 invalid_client: "), "{text}");
    assert!(!text.contains(wrong) && !text.contains('\u{1b}'), "{text}");
    assert!(target.received_requests().await.unwrap().is_empty());
    // The secret was offered in the body, then in HTTP Basic, and nothing more.
    assert_eq!(endpoint.received_requests().await.unwrap().len(), 2);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_command_gives_the_token_or_ends_the_program() {
    let server = reference_server().await;
    let command = format!("echo {}", server.tokens().valid);
    let smoke = |command: &str| {
        let url = server.url();
        program(words(&["--target", &url, "--only", "AUTH-1", "--token-command", command]), "")
    };
    let (code, text) = smoke(&command).await;
    assert_eq!(code, 0, "{text}");
    assert!(!text.contains(&server.tokens().valid), "{text}");
    let (code, text) = smoke("echo a-token-nobody-sees; exit 9").await;
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("exit status: 9") && !text.contains("a-token-nobody-sees"), "{text}");
    let (code, text) = smoke("true").await;
    assert_eq!(code, 2, "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_give_the_tokens_that_are_to_be_refused() {
    let server = reference_server().await;
    let folder = TempDir::new().unwrap();
    let tokens = server.tokens();
    let named = [
        ("token", &tokens.valid),
        ("expired-token", &tokens.expired),
        ("wrong-audience-token", &tokens.wrong_audience),
        ("wrong-issuer-token", &tokens.wrong_issuer),
    ];
    let mut arguments = words(&["--target", &server.url(), "--only", "*auth*", "--format", "json"]);
    for (name, token) in named {
        let file = folder.path().join(name);
        std::fs::write(&file, format!("{token}\n")).unwrap();
        arguments.extend([format!("--{name}-file"), file.display().to_string()]);
    }
    let (code, text) = program(arguments, "").await;
    assert_eq!(code, 0, "{text}");
    let report: Value = serde_json::from_str(&text).unwrap();
    let outcome = |family: &str| {
        let mut results = report["results"].as_array().unwrap().iter();
        let result = results.find(|result| result["id"].as_str().unwrap().contains(family)).unwrap();
        result["outcome"].as_str().unwrap().to_owned()
    };
    for family in ["auth/expired-token", "auth/foreign-audience", "auth/foreign-issuer"] {
        assert_eq!(outcome(family), "pass", "{family}");
    }
    assert!(named.iter().all(|(_, token)| !text.contains(*token)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expires_in_a_run_is_fetched_anew_once() {
    let server = reference_server().await;
    let (url, front) = front(&server, 30).await;
    let (endpoint, given) = token_endpoint(words(&TOKENS)).await;
    let folder = TempDir::new().unwrap();
    let [json, junit] =
        ["report.json", "report.xml"].map(|name| folder.path().join(name).display().to_string());
    let mut arguments = oauth(&url, &endpoint.uri());
    arguments.extend(words(&["--verbose", "--json", &json, "--junit", &junit]));
    let (code, text) = program(arguments, SECRET).await;
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("conformant"), "{text}");
    assert_eq!(given.load(Ordering::Relaxed), 2);
    assert!(front.seen.load(Ordering::Relaxed) > 30, "the first token was never refused");
    for report in [text, std::fs::read_to_string(json).unwrap(), std::fs::read_to_string(junit).unwrap()] {
        for secret in TOKENS.iter().chain([&SECRET]) {
            assert!(!report.contains(secret), "{secret}");
        }
    }
}
