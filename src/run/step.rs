//! Runs one step: a request, several alike, a poll, or a stream.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use http::Method;
use jiff::fmt;
use serde_json::Value;

use super::body;
use super::session::{Session, set_header, stream_format};
use crate::judge::{Scope, StepRecord, holds};
use crate::suite::{Credentials, Lookup, RequestTarget, Shape, Step, Stop};
use crate::wire::{Client, Exchange, Failure, Outgoing, StopWhen};

/// The first pause of a poll.
const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// The longest pause of a poll.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Octets of an id.
const LONGEST_ID: usize = 1024;

/// How often a request is sent again because the target asks for patience.
const PATIENCE: u32 = 3;

/// The pause before a request is sent again to which no answer came; each further one is twice as long.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// The longest wait that a target may ask for; beyond it the 429 is the answer.
const LONGEST_PATIENCE: Duration = Duration::from_secs(10);

/// Runs a step of the scenario with this id, whose earlier steps are given.
pub(super) async fn run(
    session: &Session,
    scenario: &str,
    step: &Step,
    earlier: &[(StepRecord, Option<Exchange>)],
    fresh: &BTreeMap<String, String>,
) -> (StepRecord, Option<Exchange>) {
    if !step.pause.is_zero() {
        tokio::time::sleep(step.pause).await;
    }
    let mut record = StepRecord { id: step.id.clone(), ..StepRecord::default() };
    let (outgoing, within) = match prepare(session, step, earlier, fresh) {
        Ok(made) => made,
        Err(missing) => {
            record.blocked = Some(missing);
            return (record, None);
        }
    };
    let last = match &step.shape {
        Shape::Once { times } => {
            let client = match (step.coordinator, &session.coordinator) {
                (false, _) => &session.client,
                (true, Some(client)) => client,
                (true, None) => {
                    record.blocked = Some("the Run Coordinator is not known".into());
                    return (record, None);
                }
            };
            let sent = (0..*times).map(|_| send(session, client, &outgoing));
            let exchanges: Result<Vec<_>, _> = join_all(sent).await.into_iter().collect();
            let exchanges = exchanges.unwrap_or_else(|missing| {
                record.blocked = Some(missing);
                Vec::new()
            });
            record.exchanges = exchanges.iter().map(|exchange| exchange.id).collect();
            exchanges.into_iter().last()
        }
        Shape::Poll { until, .. } => {
            poll(session, scenario, outgoing, within, &mut record, &|body| holds(until, body)).await
        }
        Shape::Stream(stop) => {
            let streamed = stream(session, step, outgoing, stop).await;
            streamed.map_err(|missing| record.blocked = Some(missing)).ok().inspect(|exchange| {
                record.exchanges.push(exchange.id);
            })
        }
    };
    (record, last)
}

/// The step's request, and for a poll its time; the error says what is missing.
fn prepare(
    session: &Session,
    step: &Step,
    earlier: &[(StepRecord, Option<Exchange>)],
    fresh: &BTreeMap<String, String>,
) -> Result<(Outgoing, Duration), String> {
    let answer = |id: &str| -> Result<Exchange, String> {
        let (record, last) = earlier
            .iter()
            .find(|(record, _)| record.id == id)
            .ok_or_else(|| format!("step {id} did not run"))?;
        match &record.blocked {
            Some(missing) => Err(missing.clone()),
            None => last.clone().ok_or_else(|| format!("step {id} did not run")),
        }
    };
    let other_answer = |scenario: &str, step: &str| -> Result<Exchange, String> {
        let record = session.step(scenario, step).ok_or_else(|| format!("{scenario}:{step} did not run"))?;
        if let Some(missing) = record.blocked {
            return Err(missing);
        }
        let id = record.exchanges.last().copied();
        let exchange = id.and_then(|id| session.client.recorder().exchange(id));
        exchange.ok_or_else(|| format!("{scenario}:{step} did not run"))
    };
    let scope = Scope { variables: &session.variables, fresh, answer: &answer, other_answer: &other_answer };
    Ok((make(session, step, &scope)?, within(step, &scope)?))
}

/// The longest that a poll may take.
fn within(step: &Step, lookup: &dyn Lookup) -> Result<Duration, String> {
    let Shape::Poll { within, .. } = &step.shape else { return Ok(Duration::ZERO) };
    let value = within.fill(lookup)?;
    let seconds = value.as_f64().filter(|seconds| *seconds >= 0.0);
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| format!("{value} is no number of seconds to poll for"))
}

/// Fills in a step's request. The error says what is missing.
fn make(session: &Session, step: &Step, lookup: &dyn Lookup) -> Result<Outgoing, String> {
    let request = &step.request;
    let mut outgoing = match &request.target {
        RequestTarget::Operation { id, path } => {
            let operation = session.contract.operation(id).ok_or_else(|| format!("no operation {id}"))?;
            let mut parameters = BTreeMap::new();
            for (name, template) in path {
                // Ids come from the target: whatever it sends is one encoded segment, and nothing else.
                let value = template.fill_text(lookup)?;
                if !is_usable_id(&value) {
                    return Err(format!("{name} is empty, over 1 KiB or holds control characters"));
                }
                parameters.insert(name.clone(), value);
            }
            let filled = operation.fill(|name| parameters.get(name).cloned());
            let path = filled.map_err(|name| format!("no value for the path parameter {name}"))?;
            let credentials = if step.coordinator { Credentials::Absent } else { request.credentials };
            let mut outgoing = session.request(operation, path, credentials);
            outgoing.parameters = parameters;
            if step.coordinator {
                // The contract that exchanges are held against is the gateway's.
                outgoing.operation = None;
            }
            outgoing
        }
        RequestTarget::Path { method, path } => {
            session.other_request(method.clone(), path.fill_text(lookup)?, request.credentials)
        }
    };
    if let Some(body) = &request.body {
        outgoing.body = Some(body::make(body, &session.suite.profile, lookup)?);
        set_header(&mut outgoing.headers, "content-type", "application/json");
    }
    for (name, template) in &request.headers {
        set_header(&mut outgoing.headers, name, &template.fill_text(lookup)?);
    }
    Ok(outgoing)
}

/// Whether a text that a target made up can be a segment of a path: not empty, at most 1 KiB, no control characters.
pub(super) fn is_usable_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= LONGEST_ID && !id.chars().any(char::is_control)
}

/// Sends a request, and sends it again as far as the settings and the target's wish for patience want it.
async fn send_patiently(session: &Session, client: &Client, outgoing: &Outgoing) -> Exchange {
    let send = || repeated(session, &outgoing.method, || client.send(outgoing.clone()));
    patiently(send).await
}

/// Where the target asks for patience (429, RFC 6585), waits as long as it says and asks again.
async fn patiently<F: Future<Output = Exchange>>(send: impl Fn() -> F) -> Exchange {
    let mut exchange = send().await;
    for _ in 0..PATIENCE {
        let Some(pause) = asks_for_patience(&exchange) else { break };
        tokio::time::sleep(pause).await;
        exchange = send().await;
    }
    exchange
}

/// Sends a request by `send`, and again where no answer came and nothing can have been done twice, as often as the
/// settings allow.
async fn repeated<F: Future<Output = Exchange>>(
    session: &Session,
    method: &Method,
    send: impl Fn() -> F,
) -> Exchange {
    let mut exchange = send().await;
    let mut pause = RETRY_PAUSE;
    for _ in 0..session.settings.retries {
        if !may_be_repeated(method, &exchange) {
            break;
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
        session.retries.fetch_add(1, Ordering::Relaxed);
        exchange = send().await;
    }
    exchange
}

/// Whether no answer came to a request that is safe (RFC 9110, section 9.2.1), or to one that nobody received.
fn may_be_repeated(method: &Method, exchange: &Exchange) -> bool {
    match &exchange.result {
        Err(Failure::Connect(_)) => true,
        Err(Failure::TimedOut(_) | Failure::Broken(_) | Failure::Cut) => method.is_safe(),
        Err(Failure::Limit(_) | Failure::NotSent(_)) | Ok(_) => false,
    }
}

/// Sends a request; where its token is not accepted any more, fetches a new one and sends it again. The error says why
/// that could not be done, and then the answer says nothing about the target.
async fn send(session: &Session, client: &Client, outgoing: &Outgoing) -> Result<Exchange, String> {
    if let Some(why) = client.refuses() {
        return Err(why);
    }
    let exchange = send_patiently(session, client, outgoing).await;
    match renewed(session, outgoing, &exchange).await? {
        Some(again) => Ok(send_patiently(session, client, &again).await),
        None => Ok(exchange),
    }
}

/// The request with a new token, where its own was accepted before and is not any more.
async fn renewed(
    session: &Session,
    outgoing: &Outgoing,
    exchange: &Exchange,
) -> Result<Option<Outgoing>, String> {
    let sent = outgoing.headers.iter().find(|(name, _)| name == "authorization");
    let keep_secret = |secrets: &[String]| {
        for client in [Some(&session.client), session.coordinator.as_ref()].into_iter().flatten() {
            client.add_secrets(secrets);
        }
    };
    let tokens = &session.target.tokens;
    let sent = sent.map(|(_, value)| value.as_str());
    let authorization = tokens.renew(sent, exchange, &session.settings.limits, keep_secret).await?;
    Ok(authorization.map(|value| {
        let mut again = outgoing.clone();
        set_header(&mut again.headers, "authorization", &value);
        again
    }))
}

/// How long a 429 asks to wait, if that is not too long.
fn asks_for_patience(exchange: &Exchange) -> Option<Duration> {
    let answer = exchange.answer().filter(|answer| answer.status == 429)?;
    let pause = match answer.header("retry-after").map(str::trim) {
        None => Duration::from_secs(1),
        Some(value) => match (value.parse(), fmt::rfc2822::parse(value)) {
            (Ok(seconds), _) => Duration::from_secs(seconds),
            // RFC 9110, section 10.2.3: seconds, or a date.
            (_, Ok(date)) => {
                date.timestamp().duration_since(answer.received_at).try_into().unwrap_or_default()
            }
            _ => return None,
        },
    };
    Some(pause).filter(|pause| *pause <= LONGEST_PATIENCE)
}

/// Asks again, first after 10 ms and then ever less often, until the body is as wanted or time is up. An answer that
/// is no success ends the poll: asking on would only hide it.
async fn poll(
    session: &Session,
    scenario: &str,
    outgoing: Outgoing,
    within: Duration,
    record: &mut StepRecord,
    reached: &(dyn Fn(&Value) -> bool + Sync),
) -> Option<Exchange> {
    let begun = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        let exchange = match send(session, &session.client, &outgoing).await {
            Ok(exchange) => exchange,
            Err(missing) => {
                record.blocked = Some(missing);
                return None;
            }
        };
        record.exchanges.push(exchange.id);
        // A poll may go on for long: whoever follows the run sees each of its reads at once.
        session.events.tell_exchange(&exchange, scenario, &record.id);
        let is_there = exchange.succeeded() && exchange.json().is_some_and(|body| reached(&body));
        record.reached = Some(is_there);
        if is_there || !exchange.succeeded() || begun.elapsed() >= within {
            return Some(exchange);
        }
        tokio::time::sleep(pause.min(within.saturating_sub(begun.elapsed()))).await;
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

async fn stream(session: &Session, step: &Step, outgoing: Outgoing, stop: &Stop) -> Result<Exchange, String> {
    let operation = step.request.operation().and_then(|id| session.contract.operation(id));
    let Some(format) = operation.and_then(stream_format) else {
        return send(session, &session.client, &outgoing).await;
    };
    let on = |event: &Value| stop.on.as_ref().is_some_and(|condition| holds(condition, event));
    let stop_when = || StopWhen {
        idle: stop.idle,
        within: stop.within,
        events: stop.events.map(|events| events as usize),
        on: &on,
    };
    if let Some(why) = session.client.refuses() {
        return Err(why);
    }
    let stream = |outgoing: Outgoing| async move {
        let stream = || session.client.stream(outgoing.clone(), format, stop_when());
        patiently(|| repeated(session, &outgoing.method, stream)).await
    };
    let exchange = stream(outgoing.clone()).await;
    match renewed(session, &outgoing, &exchange).await? {
        Some(again) => Ok(stream(again).await),
        None => Ok(exchange),
    }
}
