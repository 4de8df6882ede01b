use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::serve::ListenerExt;
use futures_util::StreamExt;
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::auth::{Gate, Tokens};
use super::change::{Asked, Changes, Incoming, Switch, Switches};
use super::options::{Absent, Options};
use super::refusal::Refusal;
use super::reply::{Framing, Reply};
use super::request;
use super::route::{Endpoint, Operation, endpoints};
use super::runs::{InUse, Plan, Run, Store};
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
    contract: Arc<Contract>,
    /// The schema of the body that creates a run.
    run_schema: SchemaRef,
    gate: Gate,
    runs: Store,
    changes: Changes,
    switches: Switches,
    /// How many requests have come.
    requests: AtomicU32,
    poisoned: AtomicBool,
    down: watch::Receiver<bool>,
}

/// A valid request for a new run.
struct NewRun {
    /// Where the client specifies one.
    id: Option<String>,
    body: Value,
    plan: Plan,
}

/// Starts a server on `listener`; it answers once this returns. Has to be called within a tokio runtime.
///
/// The error is that of the listener, of the system's random generator, or of a bundled contract that does not load.
pub async fn start(options: Options, listener: TcpListener) -> io::Result<Server> {
    let service = options.service;
    let contract = bundled(service)?;
    let run_schema = contract
        .operation(Operation::CreateRun.id(service))
        .and_then(|operation| operation.request.as_ref()?.media.first()?.schema.clone())
        .ok_or_else(|| io::Error::other(format!("the contract of {service} has no schema for new runs")))?;
    let gate = Gate::new(options.auth, &about::service_name(service))?;
    let tokens = gate.tokens();
    let (down, is_down) = watch::channel(false);
    let changes = Changes::new(
        options
            .faults
            .iter()
            .flat_map(|fault| fault.changes)
            .chain(options.habits.iter().flat_map(|habit| habit.changes)),
    );
    let switches = changes.switches();
    let target = Target {
        options,
        contract,
        run_schema,
        gate,
        runs: Store::new(switches),
        changes,
        switches,
        requests: AtomicU32::new(0),
        poisoned: AtomicBool::new(false),
        down: is_down.clone(),
    };

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

/// The bundled contract, loaded once: many servers may be started in one process.
fn bundled(service: Service) -> io::Result<Arc<Contract>> {
    static LOADED: Mutex<BTreeMap<Service, Arc<Contract>>> = Mutex::new(BTreeMap::new());
    // What is in there is whole: an insertion either happened or did not.
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(contract) = loaded.get(&service) {
        return Ok(Arc::clone(contract));
    }
    let contract = Arc::new(Contract::bundled(service).map_err(io::Error::other)?);
    loaded.insert(service, Arc::clone(&contract));
    Ok(contract)
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
    let mut body = request::receive(body).await;
    tokio::time::sleep(target.changes.delay()).await;
    let service = target.options.service;
    let mut headers = head.headers;
    if let Ok(body) = &mut body {
        target.changes.receive(Incoming { service, headers: &mut headers, body });
    }
    // HEAD is a GET whose body is left away.
    let is_head = head.method == Method::HEAD;
    let method = if is_head { &Method::GET } else { &head.method };
    let path = target.changes.path(head.uri.path());
    let (named, others): (Vec<_>, Vec<_>) =
        endpoints(service, &path).into_iter().partition(|endpoint| endpoint.method == method);
    let named = named.into_iter().next();
    let run_id = named.as_ref().map(|endpoint| endpoint.run_id.clone()).unwrap_or_default();
    let asked = Arc::new(Asked {
        operation: named.as_ref().map(|endpoint| endpoint.operation),
        before: target.runs.find(&run_id).map(|run| run.progress().state),
        run_id,
        path,
        headers,
        body: body.as_ref().cloned().unwrap_or_default(),
    });

    let mut reply = target
        .in_turn()
        .and_then(|()| target.reply(named.as_ref(), &others, &asked.headers, body))
        .unwrap_or_else(|refusal| refusal.into_reply(target.options.members));
    reply.operation = asked.operation;
    if target.changes.is_poison(&asked) {
        target.poisoned.store(true, Ordering::Relaxed);
    }
    target.changes.edit(&asked, &mut reply);
    if target.changes.compresses() {
        reply.compress(&asked.headers);
    }
    reply.render(is_head)
}

impl Target {
    /// Whether the server is in a condition to answer.
    fn in_turn(&self) -> Result<(), Refusal> {
        if self.poisoned.load(Ordering::Relaxed) {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            return Err(Refusal::new(status, "internal", "the service cannot go on"));
        }
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        if self.changes.is_busy(number) { Err(Refusal::busy()) } else { Ok(()) }
    }

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
            self.admit(asked, headers, &body)?;
        } else if asked.is_some_and(|endpoint| self.changes.demands_token(endpoint.operation)) {
            self.gate.ask(headers)?;
        }
        let allowed = || others.iter().filter(|endpoint| self.implements(endpoint.operation));
        match asked {
            Some(endpoint) if self.implements(endpoint.operation) => self.perform(endpoint, headers, body),
            // A path where nothing is there is absent for every method.
            None if allowed().next().is_some() => Err(Refusal::method_not_allowed(allowed())),
            _ => self.absent(allowed()),
        }
    }

    fn admit(
        &self,
        asked: Option<&Endpoint>,
        headers: &HeaderMap,
        body: &Result<Bytes, Refusal>,
    ) -> Result<(), Refusal> {
        let Err(error) = self.gate.admit(headers) else { return Ok(()) };
        let operation = asked.map(|endpoint| endpoint.operation);
        if self.changes.admits(operation, error) {
            return Ok(());
        }
        match (operation, asked, body) {
            (Some(Operation::CreateRun), _, Ok(body)) if self.switches.has(Switch::ValidatesFirst) => {
                self.read_request(headers, body)?;
            }
            (_, Some(endpoint), _) if self.switches.has(Switch::LooksUpFirst) && endpoint.names_run() => {
                self.find(endpoint)?;
            }
            _ => {}
        }
        Err(error.into())
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
        let find = || self.find(endpoint);
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

    fn find(&self, endpoint: &Endpoint) -> Result<Arc<Run>, Refusal> {
        self.runs.find(&endpoint.run_id).ok_or_else(Refusal::no_such_run)
    }

    /// Creates the run that a request asks for; nothing is kept of one that is refused.
    fn create(&self, headers: &HeaderMap, body: Bytes) -> Result<Arc<Run>, Refusal> {
        let request = self.read_request(headers, &body);
        if self.switches.has(Switch::KeepsRefused) && request.is_err() {
            self.keep(&body);
        }
        let NewRun { id, body, plan } = request?;
        self.runs.create(id, body, plan, self.options.runs).map_err(|InUse| {
            Refusal::new(StatusCode::CONFLICT, "run_exists", "there is a run with this run_id already")
        })
    }

    /// What a request for a new run asks for, where it may have it.
    fn read_request(&self, headers: &HeaderMap, body: &Bytes) -> Result<NewRun, Refusal> {
        let body = request::json(headers, body)?;
        let violations = self.contract.violations(&self.run_schema, &body);
        if violations.iter().any(|violation| !self.changes.overlooks(violation)) {
            return Err(request::invalid(&violations));
        }
        let id = request::run_id(&body)?;
        let plan = match self.options.service {
            Service::Runtime => runtime::plan(&body),
            // Who overlooks what is wrong with a request starts something.
            Service::RunGateway => run_gateway::plan(&body)
                .or_else(|refusal| if violations.is_empty() { Err(refusal) } else { Ok(Plan::Ordinary) })?,
        };
        Ok(NewRun { id, body, plan })
    }

    /// Stores the run of a request that is refused, where the request says enough to do so.
    fn keep(&self, body: &Bytes) {
        let Ok(body) = serde_json::from_slice::<Value>(body) else { return };
        if let Some(id) = body["run_id"].as_str().map(str::to_owned) {
            // One that is there already stays.
            let _ = self.runs.create(Some(id), body, Plan::Ordinary, self.options.runs);
        }
    }

    fn represent(&self, run: &Run) -> Value {
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
