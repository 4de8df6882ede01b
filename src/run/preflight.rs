//! The first look at a target: whether it answers, what it is, how it treats credentials, and whether it can be judged.

use futures_util::future::join_all;
use http::Method;
use serde_json::Value;

use super::detect::{ELSEWHERE, Found, Look, is_arp};
use super::session::{Target, fresh, with_json};
use crate::contract::Service;
use crate::judge::{Facts, NotJudged, Refusal};
use crate::report::model::{AuthMode, Explanation};
use crate::suite::{Credentials, TokenKind};
use crate::wire::{Client, Exchange, Failure, Outgoing};

/// What the first look came to.
pub(super) struct Preflight {
    /// None where it could not be told.
    pub service: Option<Service>,
    pub facts: Facts,
    /// The target answers as one whose gateway lacks its coordinator, or that refuses the token. A start of a run that
    /// succeeds refutes it.
    pub suspicion: Option<NotJudged>,
}

/// Looks at the target with reads, and where it is `asked_to_start`, with starts of runs that no service can accept.
/// `service` is what the user says that it is.
pub(super) async fn look(
    client: &Client,
    target: &Target,
    service: Option<Service>,
    asked_to_start: bool,
) -> Preflight {
    let mut facts = Facts {
        tokens: target.tokens.kinds(),
        coordinator: target.coordinator.is_some(),
        ..Facts::default()
    };
    let version = client.send(get(target, "/v1/version", Credentials::Absent)).await;
    if let Err(failure) = &version.result {
        return stop(service, facts, unreachable(target, failure));
    }
    let body = version.json();
    // It leaves the exchange here, from which secrets were taken out as they were written there.
    let redactor = client.redactor();
    let text = |name: &str| {
        let text = body.as_ref().and_then(|body| body.get(name)).and_then(Value::as_str);
        text.map(|text| redactor.text(text))
    };
    facts.service_name = text("service_name");
    facts.service_version = text("service_version");

    let run = format!("/v1/runs/{}", fresh());
    let mut reads = vec![
        get(target, "/v1/health", Credentials::Absent),
        get(target, &format!("/v1/{}", fresh()), Credentials::Valid),
    ];
    // The same requests as somebody known, as nobody and as somebody who lies: reads of a run that does not exist, and a
    // start that no service can accept. One operation may forget to look, so several are asked.
    for credentials in [Credentials::Valid, Credentials::Absent, Credentials::NotAJwt] {
        reads.push(get(target, &run, credentials));
        reads.push(get(target, &format!("{run}/events"), credentials));
        reads.push(match asked_to_start {
            true => empty_start(target, credentials),
            false => get(target, &format!("{run}/result"), credentials),
        });
    }
    if service.is_none() {
        reads.push(get(target, &format!("{run}/result"), Credentials::Valid));
        reads.extend(ELSEWHERE.iter().map(|(path, _)| {
            let id = if path.ends_with('/') { fresh() } else { String::new() };
            get(target, &format!("{path}{id}"), Credentials::Valid)
        }));
    }
    let reads = join_all(reads.into_iter().map(|read| client.send(read))).await;
    let (Some([health, unknown_path]), Some([known, nobody, liar])) =
        (reads.first_chunk::<2>(), reads.get(2..11).and_then(|asked| thirds(asked)))
    else {
        return stop(service, facts, not_arp(target));
    };
    let (with_token, without) = (&known[0], &nobody[0]);
    facts.unknown_path = Refusal::of(unknown_path);
    facts.auth = auth_mode(facts.tokens.contains(&TokenKind::Valid), known, nobody, liar);
    if ![&version, health, with_token, without].into_iter().any(is_arp) {
        return stop(service, facts, not_arp(target));
    }
    if let Some(refused) = credentials_refused(target, facts.auth, with_token) {
        let service = service.or_else(|| by_name(facts.service_name.as_deref()));
        return stop(service, facts, refused);
    }
    let service = match service {
        Some(service) => Ok(service),
        None => {
            let mut look = Look {
                service_name: facts.service_name.as_deref(),
                unknown_path,
                run: with_token,
                result: &reads[11],
                elsewhere: &reads[12..],
                options: None,
            };
            let options;
            if look.is_ambiguous() {
                options = ask_options(client, target, &run).await;
                look.options = Some(&options);
            }
            match look.found() {
                Found::Service(service) => Ok(service),
                Found::Other(what) => Err(other_service(target, what)),
                Found::Unclear(why) => Err(unclear(target, why)),
            }
        }
    };
    match service {
        Err(explanation) => stop(None, facts, explanation),
        Ok(service) => {
            let suspicion = suspicion(service, with_token);
            Preflight { service: Some(service), facts, suspicion }
        }
    }
}

fn get(target: &Target, path: &str, credentials: Credentials) -> Outgoing {
    target.other_request(Method::GET, path.to_owned(), credentials)
}

async fn ask_options(client: &Client, target: &Target, run: &str) -> [Exchange; 3] {
    let ask = |path: String| client.send(target.other_request(Method::OPTIONS, path, Credentials::Valid));
    let (unknown, run, result) =
        tokio::join!(ask(format!("/v1/{}", fresh())), ask(run.to_owned()), ask(format!("{run}/result")));
    [unknown, run, result]
}

/// The answers by who asked: three requests each.
fn thirds(asked: &[Exchange]) -> Option<[&[Exchange; 3]; 3]> {
    let (first, rest) = asked.split_first_chunk()?;
    let (second, rest) = rest.split_first_chunk()?;
    Some([first, second, rest.first_chunk()?])
}

/// A start without any member: refused by every service, so that nothing is written.
fn empty_start(target: &Target, credentials: Credentials) -> Outgoing {
    let start = target.other_request(Method::POST, "/v1/runs".to_owned(), credentials);
    with_json(start, &Value::Object(Default::default()))
}

/// A service that answers nobody otherwise than somebody known requires credentials, whatever it answers; one that
/// refuses a liar alone takes them where they are given.
fn auth_mode(token: bool, known: &[Exchange; 3], nobody: &[Exchange; 3], liar: &[Exchange; 3]) -> AuthMode {
    let refuses = |asked: &[Exchange; 3]| asked.iter().any(|exchange| exchange.status() == Some(401));
    let told =
        |exchange: &Exchange| (exchange.status(), Refusal::of(exchange).and_then(|refusal| refusal.code));
    let differ = token && known.iter().zip(nobody).any(|(known, nobody)| told(known) != told(nobody));
    match (
        nobody.iter().all(|exchange| exchange.status().is_some()),
        refuses(nobody) || differ,
        refuses(liar),
    ) {
        (_, true, _) => AuthMode::Required,
        (true, false, true) => AuthMode::Optional,
        (true, false, false) => AuthMode::Off,
        (false, false, _) => AuthMode::Unknown,
    }
}

fn by_name(service_name: Option<&str>) -> Option<Service> {
    let name = service_name?.to_lowercase();
    Service::ALL.into_iter().find(|service| {
        let word = if *service == Service::Runtime { "runtime" } else { "gateway" };
        name.contains(word)
    })
}

fn stop(service: Option<Service>, mut facts: Facts, explanation: Explanation) -> Preflight {
    facts.not_judged = Some(NotJudged { explanation, coordinator_missing: false });
    Preflight { service, facts, suspicion: None }
}

fn explain(what: String, next: &str) -> Explanation {
    Explanation { what, next: next.to_owned() }
}

fn unreachable(target: &Target, failure: &Failure) -> Explanation {
    let next = "check that the service runs and that the URL is the one it listens on, \
                then try `curl -i URL/v1/health`";
    explain(format!("{} could not be reached: {failure}", target.url), next)
}

fn not_arp(target: &Target) -> Explanation {
    let what = format!(
        "{} answers, but not as an ARP service: neither /v1/version nor /v1/health nor /v1/runs has its form",
        target.url
    );
    explain(what, "check the URL, and add the path prefix if the service stands below one")
}

fn other_service(target: &Target, what: &str) -> Explanation {
    explain(
        format!("{} looks like {what}, which this suite does not judge", target.url),
        "point it at a Runtime or a Run Gateway, or name one with --service if this is one",
    )
}

fn unclear(target: &Target, why: &str) -> Explanation {
    explain(
        format!("whether {} is a Runtime or a Run Gateway could not be told: {why}", target.url),
        "say what it is with --service runtime or --service run-gateway",
    )
}

/// A token that is missing or that the target does not take.
fn credentials_refused(target: &Target, auth: AuthMode, with_token: &Exchange) -> Option<Explanation> {
    if with_token.status() != Some(401) {
        return None;
    }
    Some(match (&target.tokens.valid, auth) {
        (None, _) => explain(
            format!("{} requires a token and none was given", target.url),
            "give one with --token, --token-file or ARP_TOKEN",
        ),
        (Some(_), _) => explain(
            format!("{} refuses the token that was given: {}", target.url, words(with_token)),
            "check that the token is not expired and is meant for this service (its iss and aud)",
        ),
    })
}

/// Signs that a read of a run gives, and that only a start of one can confirm.
fn suspicion(service: Service, with_token: &Exchange) -> Option<NotJudged> {
    let status = with_token.status()?;
    let code = Refusal::of(with_token).and_then(|refusal| refusal.code);
    let said = words(with_token);
    match (service, status) {
        (Service::RunGateway, 502..=504) => {
            let missing = code.as_deref() == Some("run_coordinator_missing");
            let what = match missing {
                true => format!("the gateway has no Run Coordinator: {said}"),
                false => format!("the gateway does not reach its Run Coordinator: {said}"),
            };
            let next = "start the Run Coordinator and tell the gateway its URL, then run this again";
            Some(NotJudged { explanation: explain(what, next), coordinator_missing: missing })
        }
        (_, 403) => {
            let next = "give a token whose subject may start and read runs, with --token";
            let explanation = explain(format!("the target forbids what the suite has to do: {said}"), next);
            Some(NotJudged { explanation, coordinator_missing: false })
        }
        _ => None,
    }
}

/// Status, code and message of an error, as the target says them.
fn words(exchange: &Exchange) -> String {
    let status = exchange.status().map_or("no answer".to_owned(), |status| status.to_string());
    let error = exchange.json().and_then(|body| body.get("error").cloned()).unwrap_or_default();
    let text = |name: &str| {
        error.get(name).and_then(Value::as_str).map(|text| text.chars().take(200).collect::<String>())
    };
    match (text("code"), text("message")) {
        (Some(code), Some(message)) => format!("{status} {code}: {message}"),
        _ => status,
    }
}
