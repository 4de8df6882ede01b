//! What holds for every exchange of every scenario. Each invariant yields one check per requirement and operation.

use std::collections::BTreeMap;

use serde_json::Value;

use super::challenge::offers_scheme;
use super::evidence::{Evidence, Facts};
use super::internals::internals;
use super::judgement::{Judgement, MOST_FINDINGS, cut, finding, shown};
use super::refusal::Refusal;
use super::stream::{event_valid, events_bear, no_events, stream_framing};
use crate::contract::{Contract, Operation, SchemaRef, StatusKey};
use crate::report::model::FeatureState;
use crate::suite::{OperationProfile, Suite};
use crate::wire::{Answer, Ending, Exchange, Failure, JsonProblem};

/// The judgement of one exchange against one requirement.
pub(super) struct Judged<'e> {
    pub requirement: String,
    pub exchange: &'e Exchange,
    pub judgement: Judgement,
}

/// Judges every exchange of `operation` that a scenario made. `refusals` tells of each whether its request was wrong.
pub(super) fn judge_operation<'e>(
    suite: &Suite,
    contract: &Contract,
    evidence: &'e Evidence,
    operation: &Operation,
    refusals: &BTreeMap<u64, bool>,
) -> Vec<Judged<'e>> {
    let none = OperationProfile::default();
    let profile = suite.profile.operations.get(&operation.id).unwrap_or(&none);
    let exchanges = || {
        let own = evidence.exchanges.iter().filter(|e| e.operation.as_deref() == Some(&operation.id));
        own.filter(|exchange| refusals.contains_key(&exchange.id))
    };
    let succeeded = exchanges().any(Exchange::succeeded);
    let view = View { contract, operation, profile, facts: &evidence.facts };
    let mut found = Vec::new();
    for exchange in exchanges() {
        let mut note = |requirement: &str, judgement: Judgement| {
            found.push(Judged { requirement: requirement.to_owned(), exchange, judgement });
        };
        note("WIRE-1", framing(exchange));
        let Ok(answer) = &exchange.result else { continue };
        if let Ending::Broken(_) | Ending::Limit(_) | Ending::TimedOut(_) = answer.ending {
            continue;
        }
        let wrong = refusals.get(&exchange.id) == Some(&true);
        match exchange.succeeded() {
            // That a wrong request was accepted is a finding of its own; what it made is no further one.
            true if wrong => {}
            true => view.success(exchange, answer, &mut note),
            false => view.error(exchange, answer, &mut note),
        }
        // Where an operation never works, a 5xx says nothing about the wrong request.
        if succeeded && wrong {
            note(
                "ERROR-6",
                match answer.status {
                    500..600 => {
                        Judgement::fail("status", "4xx: the request is wrong", answer.status.to_string())
                    }
                    _ => Judgement::Pass,
                },
            );
        }
    }
    found
}

struct View<'v> {
    contract: &'v Contract,
    operation: &'v Operation,
    profile: &'v OperationProfile,
    facts: &'v Facts,
}

impl View<'_> {
    fn success(&self, exchange: &Exchange, answer: &Answer, note: &mut impl FnMut(&str, Judgement)) {
        note("STATUS-1", self.declared_status(answer));
        let declared: Vec<&str> = self.declared_media(answer);
        if answer.status == 204 || declared.is_empty() {
            return;
        }
        note("MEDIA-1", media(answer, &declared));
        if let Some(stream) = &answer.events {
            if let Some(requirement) = &self.profile.events {
                let judged = stream
                    .events
                    .iter()
                    .enumerate()
                    .map(|(index, event)| event_valid(self.contract, index, &event.value));
                note(requirement, judged.reduce(Judgement::and).unwrap_or_else(no_events));
            }
            let repeated = stream.events.iter().enumerate().flat_map(|(index, event)| {
                let at = move |pointer: &String| format!("/{index}{pointer}");
                event
                    .repeated
                    .iter()
                    .map(move |pointer| finding(&at(pointer), "each member once", "the member again"))
            });
            note("MEDIA-3", Judgement::of(repeated.take(MOST_FINDINGS).collect()));
            if let Some(requirement) = &self.profile.framing {
                note(requirement, stream_framing(stream, &answer.ending));
            }
            if let (Some(requirement), Some(run_id)) =
                (&self.profile.identity, exchange.parameters.get("run_id"))
            {
                note(requirement, events_bear(run_id, stream.events.iter().map(|event| &event.value)));
            }
            return;
        }
        let body = json_body(answer, note);
        if let (Some(requirement), Some(schema)) = (&self.profile.answers, self.success_schema(answer)) {
            note(
                requirement,
                match &body {
                    Some(body) => valid(self.contract, schema, body),
                    None => Judgement::fail("", "a JSON body", unreadable(answer)),
                },
            );
        }
        let Some(body) = body else { return };
        if let (Some(requirement), Some(run_id)) = (&self.profile.identity, exchange.parameters.get("run_id"))
        {
            let found = body.get("run_id");
            note(
                requirement,
                match found.and_then(Value::as_str) == Some(run_id) {
                    true => Judgement::Pass,
                    false => {
                        let actual = found.map_or("no such member".into(), shown);
                        Judgement::fail("/run_id", format!("{run_id:?}, the run that was asked for"), actual)
                    }
                },
            );
        }
    }

    fn error(&self, exchange: &Exchange, answer: &Answer, note: &mut impl FnMut(&str, Judgement)) {
        if answer.status == 401 {
            let offers = offers_scheme(answer.header_all("www-authenticate"), "Bearer");
            note(
                "AUTH-2",
                match (offers, answer.header("www-authenticate")) {
                    (true, _) => Judgement::Pass,
                    (false, Some(other)) => {
                        Judgement::fail("header www-authenticate", "a Bearer challenge", cut(other, 80))
                    }
                    (false, None) => {
                        Judgement::fail("header www-authenticate", "a Bearer challenge", "no such header")
                    }
                },
            );
        }
        let text = answer.text();
        note(
            "ERROR-5",
            match (internals(&text), answer.echoes_secret) {
                (Some((what, sign)), _) => Judgement::fail("", "no internals", format!("{what}: {sign}")),
                (None, true) => Judgement::fail("", "no credentials", "the credentials that were sent"),
                (None, false) => Judgement::Pass,
            },
        );
        // Given by the HTTP layer before an operation is reached.
        if matches!(answer.status, 413 | 414 | 431) || self.absent(exchange) {
            return;
        }
        let body = json_body(answer, note);
        let is_json = answer.media_type().as_deref() == Some("application/json");
        let media = media(answer, &["application/json"]);
        let envelope = body.as_ref().map(|body| self.envelope(body));
        let judged = match (is_json, envelope) {
            (true, Some(envelope)) => envelope,
            (true, None) => Judgement::fail("", "a valid ErrorEnvelope", unreadable(answer)),
            (false, _) => match answer.header("location").filter(|_| (300..400).contains(&answer.status)) {
                Some(location) => Judgement::fail(
                    "status",
                    "an answer of the operation",
                    format!("{} to {location}", answer.status),
                ),
                None => media,
            },
        };
        note("ERROR-1", judged);
        let text_at =
            |pointer: &str| body.as_ref().and_then(|body| body.pointer(pointer)).and_then(Value::as_str);
        if let (Some(code), Some(message)) = (text_at("/error/code"), text_at("/error/message")) {
            note("ERROR-4", telling(code, message));
        }
    }

    /// Whether the answer is that of an optional operation which the target does not have, or may not have: where no
    /// run could be created to probe it with, its absence is no fault either.
    fn absent(&self, exchange: &Exchange) -> bool {
        let Some(feature) = &self.profile.feature else { return false };
        self.facts.features.get(feature) != Some(&FeatureState::Implemented)
            && Refusal::of(exchange)
                .is_some_and(|refusal| refusal.says_no_route(self.facts.unknown_path.as_ref()))
    }

    fn declared_status(&self, answer: &Answer) -> Judgement {
        let declared = self.operation.successes().any(|response| match response.status {
            StatusKey::Exactly(code) => code == answer.status,
            _ => true,
        });
        if !declared {
            let wanted: Vec<String> = self
                .operation
                .successes()
                .filter_map(|response| match response.status {
                    StatusKey::Exactly(code) => Some(code.to_string()),
                    _ => None,
                })
                .collect();
            return Judgement::fail(
                "status",
                format!("{}, as declared", wanted.join(" or ")),
                answer.status.to_string(),
            );
        }
        match answer.status == 204 && !answer.body.is_empty() {
            true => Judgement::fail("", "no content with 204", format!("{} octets", answer.body.len())),
            false => Judgement::Pass,
        }
    }

    fn declared_media(&self, answer: &Answer) -> Vec<&str> {
        let own = self.operation.response(answer.status).filter(|_| answer.status != 204);
        // An undeclared success is one finding; its body is held against the declared ones.
        let response = own.filter(|response| response.status != StatusKey::Default);
        let response = response.or_else(|| self.operation.successes().next());
        response.map(|r| r.media.iter().map(|media| media.name.as_str()).collect()).unwrap_or_default()
    }

    fn success_schema(&self, answer: &Answer) -> Option<&SchemaRef> {
        let own = self.operation.response(answer.status);
        let response = own.filter(|response| response.status != StatusKey::Default);
        let response = response.or_else(|| self.operation.successes().next())?;
        response.media.iter().find(|media| media.name == "application/json")?.schema.as_ref()
    }

    fn envelope(&self, body: &Value) -> Judgement {
        match self.contract.schema("ErrorEnvelope") {
            Some(schema) => valid(self.contract, &schema, body),
            None => Judgement::blocked("the contract has no ErrorEnvelope"),
        }
    }
}

/// RFC 9112: the message is framed right and the connection does not end inside it.
fn framing(exchange: &Exchange) -> Judgement {
    match &exchange.result {
        Err(Failure::Broken(what)) => Judgement::fail("", "a well-framed answer", what.clone()),
        Err(other) => Judgement::Error(other.to_string()),
        Ok(answer) if !answer.deviations.is_empty() => {
            let deviations = answer.deviations.iter();
            Judgement::of(deviations.map(|what| finding("", "a well-framed answer", what)).collect())
        }
        Ok(answer) => match &answer.ending {
            Ending::Broken(what) => Judgement::fail("", "a whole, well-framed answer", what.clone()),
            Ending::Limit(what) => Judgement::Error(format!("the harness reads no further: {what}")),
            Ending::TimedOut(after) => {
                Judgement::Error(format!("the answer did not end within {:.1} s", after.as_secs_f64()))
            }
            Ending::Complete | Ending::Left => Judgement::Pass,
        },
    }
}

fn media(answer: &Answer, declared: &[&str]) -> Judgement {
    let wanted = declared.join(" or ");
    let told: Vec<&str> = answer.header_all("content-type").collect();
    if told.len() > 1 {
        // RFC 9110, section 5.3: which of them a client takes is its own affair.
        return Judgement::fail(
            "header content-type",
            format!("{wanted}, once"),
            cut(&told.join(" and "), 120),
        );
    }
    match answer.media_type() {
        Some(found) if declared.contains(&found.as_str()) => Judgement::Pass,
        Some(found) => Judgement::fail("header content-type", wanted, found),
        None => Judgement::fail("header content-type", wanted, "no such header"),
    }
}

/// Judges what is sent as JSON, and returns it where it can be read.
fn json_body(answer: &Answer, note: &mut impl FnMut(&str, Judgement)) -> Option<Value> {
    let is_json =
        answer.media_type().is_some_and(|name| name == "application/json" || name.ends_with("+json"));
    let read = answer.json();
    if is_json {
        note(
            "MEDIA-2",
            match &read {
                Ok(_) => match other_charset(answer) {
                    None => Judgement::Pass,
                    Some(charset) => {
                        Judgement::fail("header content-type", "UTF-8", format!("charset={charset}"))
                    }
                },
                Err(JsonProblem::Limit(what)) => {
                    Judgement::Error(format!("the harness reads no further: {what}"))
                }
                Err(problem) => {
                    Judgement::fail("", "one JSON value in UTF-8", format!("{problem}: {}", excerpt(answer)))
                }
            },
        );
        if let Ok(json) = &read {
            let findings = json.repeated.iter().map(|at| finding(at, "each member once", "the member again"));
            note("MEDIA-3", Judgement::of(findings.collect()));
        }
    }
    read.ok().map(|json| json.value)
}

/// The charset that the answer claims, where it is not UTF-8 or a part of it. RFC 8259 knows no such parameter, but
/// whoever believes a wrong one reads another text.
fn other_charset(answer: &Answer) -> Option<String> {
    let parameters = super::challenge::split(answer.header("content-type")?, ';');
    let parameters = parameters.into_iter().skip(1).filter_map(|text| text.split_once('='));
    let mut charsets = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    let charset = charsets.next()?.1.trim().trim_matches('"').to_ascii_lowercase();
    (!["utf-8", "utf8", "us-ascii", "ascii"].contains(&charset.as_str())).then(|| cut(&charset, 40))
}

fn valid(contract: &Contract, schema: &SchemaRef, body: &Value) -> Judgement {
    let violations = contract.violations(schema, body);
    Judgement::of(violations.iter().map(|v| finding(&v.at, &v.expected, &v.actual)).collect())
}

/// ERROR-4: a code that a program can compare, and a message that a person can read.
fn telling(code: &str, message: &str) -> Judgement {
    let token = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut findings = Vec::new();
    if code.is_empty() || !code.chars().all(token) {
        findings.push(finding(
            "/error/code",
            "a token of letters, digits, '_', '-', '.'",
            cut(&format!("{code:?}"), 80),
        ));
    }
    if message.trim().is_empty() {
        findings.push(finding("/error/message", "a message that is not empty", format!("{message:?}")));
    }
    Judgement::of(findings)
}

fn unreadable(answer: &Answer) -> String {
    match answer.json() {
        Err(problem) => format!("{problem}: {}", excerpt(answer)),
        Ok(json) => shown(&json.value),
    }
}

fn excerpt(answer: &Answer) -> String {
    // No character takes more than four octets.
    let begin = String::from_utf8_lossy(&answer.body[..answer.body.len().min(400)]);
    cut(&format!("{begin:?}"), 80)
}
