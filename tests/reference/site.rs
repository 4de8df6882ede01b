//! A started reference server, and a client that holds every answer against the contract.

use std::sync::Arc;
use std::time::Duration;

use arp_conformance::contract::{Contract, Service};
use arp_conformance::reference::{Options, Server, start};
use http::{HeaderMap, Method};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::timeout;

/// Nothing here takes longer unless the server hangs.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub fn client_builder() -> reqwest::ClientBuilder {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Client::builder().tls_backend_preconfigured(tls).no_proxy().timeout(PATIENCE)
}

/// A started server, and a client that holds every answer against the contract.
pub struct Site {
    pub server: Server,
    pub client: Client,
    pub contract: Contract,
    pub service: Service,
    pub token: Option<String>,
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Site {
    pub async fn new(options: Options) -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Site {
            server: start(options.clone(), listener).await.unwrap(),
            client: client_builder().build().unwrap(),
            contract: Contract::bundled(options.service).unwrap(),
            service: options.service,
            token: None,
        }
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<String>) -> Response {
        let mut request = self.client.request(method, format!("{}{path}", self.server.url()));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        request.send().await.unwrap()
    }

    /// Sends what `operation` takes, and asserts that status, media type and body are declared for it.
    pub async fn call(&self, operation: &str, run_id: &str, body: Option<Value>) -> Answer {
        let operation = self.contract.operation(operation).unwrap();
        let path = operation.fill(|_| Some(run_id.to_owned())).unwrap();
        let answer =
            Answer::read(self.send(operation.method.clone(), &path, body.map(|b| b.to_string())).await).await;
        let place = format!("{} {run_id:?}: {} {}", operation.id, answer.status, answer.body);
        let declared = operation.response(answer.status).expect(&place);
        assert_eq!(answer.headers["content-type"], *declared.media[0].name, "{place}");
        let schema = declared.media[0].schema.as_ref().expect(&place);
        assert_eq!(self.contract.violations(schema, &answer.body), [], "{place}");
        if answer.status >= 400 {
            answer.assert_refusal(&place);
        } else {
            assert_eq!(answer.status, 200, "{place}");
        }
        answer
    }

    /// All events of a run to the stream's end, each of them valid, its own, and in order.
    pub async fn events(&self, run_id: &str) -> Vec<Value> {
        let mut stream = self.stream(run_id).await;
        let mut events = Vec::new();
        while let Some(event) = stream.next().await {
            assert_eq!(event["run_id"], run_id);
            assert_eq!(event["seq"], events.len() + 1);
            events.push(event);
        }
        let times: Vec<_> = events.iter().map(|event| event["time"].as_str().unwrap().to_owned()).collect();
        assert!(times.is_sorted(), "{times:?}");
        events
    }

    pub async fn stream(&self, run_id: &str) -> Stream<'_> {
        let operation = self.contract.operation("stream_run_events").unwrap();
        let path = operation.fill(|_| Some(run_id.to_owned())).unwrap();
        let response = self.send(Method::GET, &path, None).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], *operation.response(200).unwrap().media[0].name);
        Stream { site: self, response, received: String::new() }
    }

    pub fn create_operation(&self) -> &'static str {
        if self.service == Service::Runtime { "create_run" } else { "start_run" }
    }

    pub fn read_operation(&self) -> &'static str {
        if self.service == Service::Runtime { "get_run_status" } else { "get_run" }
    }

    pub fn request(&self, kind: &str) -> Value {
        Site::request_for(self.service, kind)
    }

    /// The smallest valid request for a run that ends soon.
    pub fn minimal(service: Service) -> Value {
        Site::request_for(service, "echo")
    }

    fn request_for(service: Service, kind: &str) -> Value {
        match service {
            Service::Runtime => json!({"input": {"goal": kind}}),
            Service::RunGateway => json!({
                "root_node_type_ref": {"node_type_id": format!("reference.{kind}"), "version": "1.0.0"},
                "input": {},
            }),
        }
    }

    /// Makes a run of a kind (`echo`, `slow`, `fail`) and gives its id.
    pub async fn create(&self, kind: &str) -> String {
        let answer = self.call(self.create_operation(), "", Some(self.request(kind))).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["run_id"].as_str().unwrap().to_owned()
    }

    pub async fn read(&self, run_id: &str) -> Answer {
        self.call(self.read_operation(), run_id, None).await
    }

    /// The run once it is over. For servers without events the reads themselves are what is waited for.
    pub async fn settled(&self, run_id: &str) -> Value {
        timeout(PATIENCE, async {
            loop {
                let run = self.read(run_id).await.body;
                if !["queued", "running"].contains(&run["state"].as_str().unwrap()) {
                    return run;
                }
            }
        })
        .await
        .expect("the run ends")
    }
}

impl Answer {
    pub async fn read(response: Response) -> Answer {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect(&text) };
        Answer { status, headers, body }
    }

    pub fn code(&self) -> (u16, &str) {
        (self.status, self.body["error"]["code"].as_str().unwrap_or_default())
    }

    pub fn assert_refusal(&self, place: &str) {
        let is_token = |code: &str| code.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        assert!(!self.code().1.is_empty() && is_token(self.code().1), "{place}");
        assert_ne!(self.body["error"]["message"], "", "{place}");
        let text = self.body.to_string();
        assert!(!text.contains(".rs") && !text.contains("panicked"), "{place}");
    }
}

pub struct Stream<'a> {
    site: &'a Site,
    response: Response,
    received: String,
}

impl Stream<'_> {
    pub async fn next(&mut self) -> Option<Value> {
        let (before, after) =
            if self.site.service == Service::Runtime { ("data: ", "\n\n") } else { ("", "\n") };
        loop {
            if let Some((event, rest)) = self.received.split_once(after) {
                let event: Value = serde_json::from_str(event.strip_prefix(before).unwrap()).unwrap();
                let schema = self.site.contract.event_schema();
                assert_eq!(self.site.contract.violations(schema, &event), [], "{event}");
                self.received = rest.to_owned();
                return Some(event);
            }
            match self.response.chunk().await.unwrap() {
                Some(chunk) => self.received.push_str(std::str::from_utf8(&chunk).unwrap()),
                None => {
                    assert_eq!(self.received, "", "the stream ends after an event");
                    return None;
                }
            }
        }
    }
}
