use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::serve::ListenerExt;
use futures_util::StreamExt;
use http::{HeaderMap, Method, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::auth::{Gate, Tokens};
use super::options::{Absent, Options};
use super::refusal::Refusal;
use super::reply::{Framing, Reply};
use super::request;
use super::route::{Endpoint, Operation, endpoints};
use super::runs::{Run, Store};
use super::{about, events, run_gateway, runtime};
use crate::contract::{Contract, SchemaRef, Service};

/// How long answers that are under way may last once the server shuts down.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(1);

/// A reference server that is listening. It shuts down when it is dropped.
pub struct Server {
    address: SocketAddr,
    tokens: Tokens,
    down: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// What every request is answered from.
struct Target {
    options: Options,
    contract: Contract,
    /// The schema of the body that creates a run.
    run_schema: SchemaRef,
    gate: Gate,
    runs: Store,
    down: watch::Receiver<bool>,
}

/// Starts a server on `listener`; it answers once this returns. Has to be called within a tokio runtime.
///
/// The error is that of the listener, of the system's random generator, or of a bundled contract that does not load.
pub async fn start(options: Options, listener: TcpListener) -> io::Result<Server> {
    let service = options.service;
    let contract = Contract::bundled(service).map_err(io::Error::other)?;
    let run_schema = contract
        .operation(Operation::CreateRun.id(service))
        .and_then(|operation| operation.request.as_ref()?.media.first()?.schema.clone())
        .ok_or_else(|| io::Error::other(format!("the contract of {service} has no schema for new runs")))?;
    let gate = Gate::new(options.auth, &about::service_name(service))?;
    let tokens = gate.tokens();
    let (down, is_down) = watch::channel(false);
    let target =
        Target { options, contract, run_schema, gate, runs: Store::default(), down: is_down.clone() };

    let address = listener.local_addr()?;
    // An event is sent when it happens, not when the one before it was acknowledged.
    let listener = listener.tap_io(|stream| _ = stream.set_nodelay(true));
    let app = Router::new().fallback(answer).with_state(Arc::new(target));
    let task = tokio::spawn(async move {
        // Serving never ends with an error: failed accepts are tried again.
        let _ = axum::serve(listener, app).with_graceful_shutdown(until(is_down)).await;
    });
    Ok(Server { address, tokens, down, task })
}

impl Server {
    /// The base URL, without a trailing slash: `http://127.0.0.1:8081`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Tokens for this server; without authentication nobody asks for them.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// Ends event streams, lets other answers end, and closes the listener and idle connections.
    pub async fn shutdown(mut self) {
        self.down.send_replace(true);
        let _ = tokio::time::timeout(SHUTDOWN_GRACE, &mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.down.send_replace(true);
    }
}

async fn until(mut down: watch::Receiver<bool>) {
    // A sender that is gone means the same.
    let _ = down.wait_for(|down| *down).await;
}

/// Answers a request. The body is read before anything is decided, so that a client has sent all of its request
/// when the answer comes.
async fn answer(State(target): State<Arc<Target>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = request::receive(body).await;
    // HEAD is a GET whose body is left away.
    let is_head = head.method == Method::HEAD;
    let method = if is_head { &Method::GET } else { &head.method };
    let (asked, others): (Vec<_>, Vec<_>) = endpoints(target.options.service, head.uri.path())
        .into_iter()
        .partition(|endpoint| endpoint.method == method);
    let asked = asked.into_iter().next();

    let mut reply = target
        .reply(asked.as_ref(), &others, &head.headers, body)
        .unwrap_or_else(|refusal| refusal.into_reply(target.options.members));
    reply.operation = asked.map(|endpoint| endpoint.operation);
    reply.render(is_head)
}

impl Target {
    /// `asked` is the endpoint that the request names, `others` those that take other methods at its path.
    ///
    /// The order of the questions: is there such a path, may the client come in, is the operation there and does the
    /// path take the method, and only then what the operation itself asks. Which paths there are is no secret, so what
    /// is outside the contract answers 404 to everybody.
    fn reply(
        &self,
        asked: Option<&Endpoint>,
        others: &[Endpoint],
        headers: &HeaderMap,
        body: Result<Bytes, Refusal>,
    ) -> Result<Reply, Refusal> {
        let mut at_path = asked.into_iter().chain(others).peekable();
        if at_path.peek().is_none() {
            return Err(Refusal::no_such_path());
        }
        if at_path.any(|endpoint| endpoint.operation.is_protected()) {
            self.gate.admit(headers)?;
        }
        let allowed = || others.iter().filter(|endpoint| self.implements(endpoint.operation));
        match asked {
            Some(endpoint) if self.implements(endpoint.operation) => self.perform(endpoint, headers, body),
            // A path where nothing is there is absent for every method.
            None if allowed().next().is_some() => Err(Refusal::method_not_allowed(allowed())),
            _ => self.absent(allowed()),
        }
    }

    fn implements(&self, operation: Operation) -> bool {
        match operation {
            Operation::StreamEvents => self.options.events,
            Operation::CancelRun => self.options.cancel || self.options.service == Service::RunGateway,
            _ => true,
        }
    }

    /// What an optional endpoint that is not implemented answers at a path where `allowed` are.
    fn absent<'a>(&self, allowed: impl Iterator<Item = &'a Endpoint>) -> Result<Reply, Refusal> {
        match self.options.absent {
            Absent::Bare404 => Ok(Reply::empty(StatusCode::NOT_FOUND)),
            Absent::Envelope404 => Err(Refusal::no_such_path()),
            Absent::MethodNotAllowed405 => Err(Refusal::method_not_allowed(allowed)),
            Absent::NotImplemented501 => Err(Refusal::new(
                StatusCode::NOT_IMPLEMENTED,
                "not_implemented",
                "this optional operation is not implemented",
            )),
        }
    }

    fn perform(
        &self,
        endpoint: &Endpoint,
        headers: &HeaderMap,
        body: Result<Bytes, Refusal>,
    ) -> Result<Reply, Refusal> {
        let members = self.options.members;
        let ok = |value| Ok(Reply::json(StatusCode::OK, value));
        let find = || self.runs.find(&endpoint.run_id).ok_or_else(Refusal::no_such_run);
        match endpoint.operation {
            Operation::Health => ok(about::health(members)),
            Operation::Version => ok(about::version(self.options.service, members)),
            Operation::CreateRun => ok(self.represent(&*self.create(headers, body?)?)),
            Operation::ReadRun => ok(self.represent(&*find()?)),
            Operation::ReadResult => ok(runtime::run_result(&*find()?, members)?),
            Operation::CancelRun => {
                let run = find()?;
                run.cancel();
                ok(self.represent(&run))
            }
            Operation::StreamEvents => Ok(self.stream(find()?)),
        }
    }

    /// Creates the run that a request asks for; nothing is kept of one that is refused.
    fn create(&self, headers: &HeaderMap, body: Bytes) -> Result<Arc<Run>, Refusal> {
        let body = request::json(headers, &body)?;
        request::validate(&self.contract, &self.run_schema, &body)?;
        let id = request::run_id(&body)?;
        let plan = match self.options.service {
            Service::Runtime => runtime::plan(&body),
            Service::RunGateway => run_gateway::plan(&body)?,
        };
        self.runs.create(id, body, plan, self.options.runs).map_err(|_| {
            Refusal::new(StatusCode::CONFLICT, "run_exists", "there is a run with this run_id already")
        })
    }

    fn represent(&self, run: &Run) -> serde_json::Value {
        match self.options.service {
            Service::Runtime => runtime::run_status(run, self.options.members),
            Service::RunGateway => run_gateway::run(run, self.options.members),
        }
    }

    fn stream(&self, run: Arc<Run>) -> Reply {
        let members = self.options.members;
        let (framing, render): (_, fn(&_, _, &_, _) -> _) = match self.options.service {
            Service::Runtime => (Framing::Sse, runtime::run_event),
            Service::RunGateway => (Framing::Ndjson, run_gateway::run_event),
        };
        let feed = events::feed(run, move |run, seq, event| render(run, seq, event, members));
        Reply::events(framing, feed.take_until(Box::pin(until(self.down.clone()))).boxed())
    }
}
