//! Evaluates one assertion of a case file on the exchanges of its step.

use jiff::Timestamp;
use serde_json::Value;

use super::evidence::StepRecord;
use super::judgement::{Judgement, answered, finding, shown};
use super::series;
use crate::contract::Contract;
use crate::report::model::SkipReason;
use crate::suite::{Assertion, Edge, Lookup, Reference, Rule, Shape, StatusPattern, Step, Template};
use crate::wire::{Answer, Ending, Exchange};

/// The step that an assertion is about, and what it may refer to.
pub(super) struct Subject<'a> {
    pub contract: &'a Contract,
    pub step: &'a Step,
    pub record: &'a StepRecord,
    pub exchanges: Vec<&'a Exchange>,
    /// The exchanges of another step of the scenario.
    pub other: &'a dyn Fn(&str) -> Vec<&'a Exchange>,
    pub lookup: &'a dyn Lookup,
}

/// Judges `assertion`. Findings name no step: the caller knows it.
pub(super) fn evaluate(assertion: &Assertion, subject: &Subject) -> Judgement {
    if let Some(missing) = &subject.record.blocked {
        return Judgement::blocked(missing.clone());
    }
    match assertion {
        Assertion::Reached => reached(subject),
        Assertion::Ended | Assertion::Events(_) | Assertion::Edge { .. } => {
            on_answers(subject.exchanges.iter().copied(), |exchange| on_stream(assertion, exchange, subject))
        }
        Assertion::Each { pointer, over, rule } => series::evaluate(pointer, over, rule, subject),
        Assertion::At { pointer, rule, if_present } => {
            let judge = |exchange: &Exchange| at(pointer, rule, *if_present, exchange, subject.lookup);
            match subject.step.shape {
                Shape::Poll { .. } => on_answers(subject.exchanges.last().into_iter().copied(), judge),
                _ => on_answers(subject.exchanges.iter().copied(), judge),
            }
        }
        other => on_answers(subject.exchanges.iter().copied(), |exchange| on_head(other, exchange, subject)),
    }
}

fn on_answers<'e>(
    exchanges: impl Iterator<Item = &'e Exchange>,
    judge: impl Fn(&Exchange) -> Judgement,
) -> Judgement {
    let judged = exchanges.map(|exchange| match &exchange.result {
        Ok(_) => judge(exchange),
        Err(failure) => Judgement::without_answer(failure),
    });
    judged.reduce(Judgement::and).unwrap_or_else(|| Judgement::blocked("no request was sent"))
}

/// Assertions that hold for answers of every status.
fn on_head(assertion: &Assertion, exchange: &Exchange, subject: &Subject) -> Judgement {
    let Ok(answer) = &exchange.result else { return Judgement::Pass };
    match assertion {
        Assertion::Status(patterns) => status(patterns, answer),
        Assertion::Media(wanted) => match answer.media_type() {
            Some(found) if found == *wanted => Judgement::Pass,
            Some(found) => Judgement::fail("header content-type", wanted, found),
            None => Judgement::fail("header content-type", wanted, "no such header"),
        },
        Assertion::Header(name) => match answer.header(name) {
            Some(_) => Judgement::Pass,
            None => Judgement::fail(&format!("header {name}"), "the header field", "no such header"),
        },
        Assertion::Schema(name) => schema(name, answer, subject.contract),
        _ => Judgement::Pass,
    }
}

/// Assertions about a stream as a whole. An answer outside 2xx says nothing about it.
fn on_stream(assertion: &Assertion, exchange: &Exchange, subject: &Subject) -> Judgement {
    let Ok(answer) = &exchange.result else { return Judgement::Pass };
    let Some(stream) = answer.events.as_ref().filter(|_| exchange.succeeded()) else {
        return Judgement::blocked(answered(exchange));
    };
    let count = stream.events.len();
    match assertion {
        Assertion::Events(least) if count < *least as usize => {
            Judgement::fail("", format!("at least {least} events"), format!("{count} events"))
        }
        Assertion::Ended => match &answer.ending {
            Ending::Complete => Judgement::Pass,
            Ending::Left => {
                let waited = exchange.duration.as_secs_f64();
                Judgement::fail(
                    "",
                    "a stream that ends",
                    format!("no end after {count} events and {waited:.1} s"),
                )
            }
            Ending::Broken(what) | Ending::Limit(what) => Judgement::blocked(what.clone()),
            Ending::TimedOut(after) => Judgement::Error(format!("no end within {} s", after.as_secs_f64())),
        },
        Assertion::Edge { edge, pointer, rule } => {
            let index = match edge {
                Edge::First => 0,
                Edge::Last => count.saturating_sub(1),
            };
            match stream.events.get(index).map(|event| &event.value) {
                Some(Ok(value @ Value::Object(_))) => {
                    let at = format!("/{index}{pointer}");
                    value_follows(rule, value.pointer(pointer), answer.received_at, subject.lookup, &at)
                }
                _ => Judgement::blocked("the stream carried no event there that could be read"),
            }
        }
        _ => Judgement::Pass,
    }
}

fn status(patterns: &[StatusPattern], answer: &Answer) -> Judgement {
    if patterns.iter().any(|pattern| pattern.fits(answer.status)) {
        return Judgement::Pass;
    }
    let expected: Vec<String> = patterns.iter().map(|pattern| pattern.describe()).collect();
    let location = answer.header("location").filter(|_| (300..400).contains(&answer.status));
    let actual = match location {
        Some(location) => format!("{} to {location}", answer.status),
        None => answer.status.to_string(),
    };
    Judgement::fail("status", expected.join(" or "), actual)
}

fn schema(name: &str, answer: &Answer, contract: &Contract) -> Judgement {
    let Some(schema) = contract.schema(name) else {
        return Judgement::blocked(format!("the contract has no schema {name}"));
    };
    match answer.json() {
        Err(problem) => Judgement::fail("", format!("a valid {name}"), problem.to_string()),
        Ok(json) => {
            let violations = contract.violations(&schema, &json.value);
            Judgement::of(violations.iter().map(|v| finding(&v.at, &v.expected, &v.actual)).collect())
        }
    }
}

fn reached(subject: &Subject) -> Judgement {
    match subject.record.reached {
        Some(true) => Judgement::Pass,
        Some(false) => match subject.exchanges.last() {
            Some(exchange) if exchange.succeeded() => {
                let body = exchange.json().map_or("no JSON".to_owned(), |body| shown(&body));
                let expected = match &subject.step.shape {
                    Shape::Poll { until, .. } => describe(until),
                    _ => "the poll's condition".to_owned(),
                };
                Judgement::fail("", expected, format!("after {} reads: {body}", subject.exchanges.len()))
            }
            Some(exchange) => Judgement::blocked(answered(exchange)),
            None => Judgement::blocked("no request was sent"),
        },
        None => Judgement::blocked("the poll did not run"),
    }
}

/// A value in the body of a success. An answer outside 2xx says nothing about it: the status is judged elsewhere.
fn at(pointer: &str, rule: &Rule, if_present: bool, exchange: &Exchange, lookup: &dyn Lookup) -> Judgement {
    let Ok(answer) = &exchange.result else { return Judgement::Pass };
    if !exchange.succeeded() {
        return Judgement::blocked(answered(exchange));
    }
    match &answer.ending {
        Ending::Broken(what) | Ending::Limit(what) => return Judgement::blocked(what.clone()),
        Ending::TimedOut(_) => return Judgement::blocked("the answer did not end in time"),
        Ending::Complete | Ending::Left => {}
    }
    let body = match answer.json() {
        Ok(json) => json.value,
        Err(problem) => return Judgement::fail(pointer, describe_rule(rule, lookup), problem.to_string()),
    };
    let value = body.pointer(pointer).filter(|value| !(if_present && value.is_null()));
    if value.is_none() && if_present && !matches!(rule, Rule::Present(_)) {
        let message = format!("the answer has no {pointer}");
        return Judgement::Skip(SkipReason::NotApplicable, message);
    }
    value_follows(rule, value, answer.received_at, lookup, pointer)
}

/// Judges one value; `now` is when it came.
pub(super) fn value_follows(
    rule: &Rule,
    value: Option<&Value>,
    now: Timestamp,
    lookup: &dyn Lookup,
    pointer: &str,
) -> Judgement {
    let follows = match rule {
        Rule::Present(wanted) => Ok(value.is_some() == *wanted),
        Rule::NotEmpty => Ok(value.and_then(Value::as_str).is_some_and(|text| !text.is_empty())),
        Rule::OneOf(values) => Ok(value.is_some_and(|value| values.contains(value))),
        Rule::Contains(item) => Ok(value.and_then(Value::as_array).is_some_and(|items| items.contains(item))),
        Rule::Equals(template) => template.fill(lookup).map(|wanted| value == Some(&wanted)),
        Rule::NearNow(span) => Ok(time(value).is_some_and(|time| {
            let apart = time.duration_since(now).unsigned_abs();
            apart <= *span
        })),
        Rule::NotBefore(template) => {
            template.fill(lookup).map(|other| time(value).is_some() && time(value) >= time(Some(&other)))
        }
        Rule::After(template) => {
            template.fill(lookup).map(|other| time(value).is_some() && time(value) > time(Some(&other)))
        }
    };
    match follows {
        Ok(true) => Judgement::Pass,
        Ok(false) => {
            let actual = value.map_or("no such member".to_owned(), shown);
            Judgement::fail(pointer, describe_rule(rule, lookup), actual)
        }
        Err(missing) => Judgement::blocked(missing),
    }
}

/// Reads a time as RFC 3339 writes it. Digits of a fraction past the ninth are dropped: the RFC allows any number.
pub(super) fn time(value: Option<&Value>) -> Option<Timestamp> {
    let text = value.and_then(Value::as_str)?;
    let fraction = text.find('.').map_or(text.len(), |at| at + 1);
    let rest = text[fraction..].trim_start_matches(|c: char| c.is_ascii_digit());
    let kept = (text.len() - rest.len()).min(fraction + 9);
    format!("{}{rest}", &text[..kept]).parse().ok()
}

/// Whether a body fulfils the condition of a poll or a stop rule, which refers to nothing else.
pub fn holds(condition: &Assertion, body: &Value) -> bool {
    let Assertion::At { pointer, rule, .. } = condition else { return false };
    let value = body.pointer(pointer);
    match rule {
        Rule::OneOf(values) => value.is_some_and(|value| values.contains(value)),
        Rule::Equals(template) => value == Some(template.source()),
        Rule::Present(wanted) => value.is_some() == *wanted,
        Rule::NotEmpty => value.and_then(Value::as_str).is_some_and(|text| !text.is_empty()),
        _ => false,
    }
}

fn describe(assertion: &Assertion) -> String {
    match assertion {
        Assertion::At { pointer, rule, .. } => format!("{pointer} {}", describe_rule(rule, &Nothing)),
        _ => "the poll's condition".to_owned(),
    }
}

struct Nothing;

impl Lookup for Nothing {
    fn lookup(&self, _: &Reference) -> Result<Value, String> {
        Err(String::new())
    }
}

fn describe_rule(rule: &Rule, lookup: &dyn Lookup) -> String {
    let filled = |template: &Template| {
        template.fill(lookup).map_or_else(|_| shown(template.source()), |value| shown(&value))
    };
    match rule {
        Rule::Equals(template) => filled(template),
        Rule::OneOf(values) => {
            let values: Vec<String> = values.iter().map(shown).collect();
            format!("one of {}", values.join(", "))
        }
        Rule::Present(true) => "a value".into(),
        Rule::Present(false) => "no such member".into(),
        Rule::NotEmpty => "a text that is not empty".into(),
        Rule::Contains(item) => format!("a list with {}", shown(item)),
        Rule::NearNow(span) => format!("a time within {} min of now", span.as_secs() / 60),
        Rule::NotBefore(template) => format!("a time not before {}", filled(template)),
        Rule::After(template) => format!("a time after {}", filled(template)),
    }
}
