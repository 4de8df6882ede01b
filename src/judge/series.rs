//! Judges the values that a place takes over several answers, or over the events of a stream.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::assertion::{Subject, time, value_follows};
use super::judgement::{Judgement, answered, shown};
use crate::report::model::SkipReason;
use crate::suite::{SeriesRule, Shape};
use crate::wire::Exchange;

/// One value and where it stood.
struct Sample {
    value: Option<Value>,
    /// `/3/seq` for the fourth event, `/state` in an answer.
    at: String,
    now: Timestamp,
}

pub(super) fn evaluate(pointer: &str, over: &[String], rule: &SeriesRule, subject: &Subject) -> Judgement {
    let exchanges: Vec<&Exchange> = match over {
        [] => subject.exchanges.clone(),
        steps => steps.iter().flat_map(|step| (subject.other)(step)).collect(),
    };
    if exchanges.is_empty() {
        return Judgement::blocked("no request was sent");
    }
    let samples = match (&subject.step.shape, over) {
        (Shape::Stream(_), []) => match events(pointer, &exchanges) {
            Ok(samples) => samples,
            Err(judgement) => return judgement,
        },
        _ => bodies(pointer, &exchanges),
    };
    if samples.is_empty() {
        let why = exchanges.iter().find(|exchange| !exchange.succeeded()).map(|exchange| answered(exchange));
        return Judgement::blocked(why.unwrap_or_else(|| format!("no value at {pointer} to judge")));
    }
    match rule {
        SeriesRule::Every(rule) => {
            let judged = samples.iter().map(|sample| {
                value_follows(rule, sample.value.as_ref(), sample.now, subject.lookup, &sample.at)
            });
            judged.reduce(Judgement::and).unwrap_or(Judgement::Pass)
        }
        SeriesRule::Increasing => {
            neighbours(&samples, "a number above", number, |before, after| after > before)
        }
        SeriesRule::NonDecreasing => {
            neighbours(&samples, "a number not below", number, |before, after| after >= before)
        }
        SeriesRule::Chronological => {
            neighbours(&samples, "a time not before", moment, |before, after| after >= before)
        }
        SeriesRule::Distinct => distinct(&samples),
        SeriesRule::Settled => settled(&samples),
        SeriesRule::EndsWith(values) => ends_with(&samples, values),
        SeriesRule::Progress(groups) => progress(&samples, groups),
    }
}

/// The values in the bodies of the successes, in order.
fn bodies(pointer: &str, exchanges: &[&Exchange]) -> Vec<Sample> {
    let sample = |exchange: &&Exchange| {
        let answer = exchange.answer().filter(|_| exchange.succeeded())?;
        let value = exchange.json()?.pointer(pointer).cloned();
        Some(Sample { value, at: pointer.to_owned(), now: answer.received_at })
    };
    exchanges.iter().filter_map(sample).collect()
}

/// The values in the events of the streams that could be read. Events that are no JSON are judged elsewhere.
fn events(pointer: &str, exchanges: &[&Exchange]) -> Result<Vec<Sample>, Judgement> {
    let mut samples = Vec::new();
    for exchange in exchanges {
        let answer = exchange.result.as_ref().map_err(Judgement::without_answer)?;
        let Some(stream) = answer.events.as_ref().filter(|_| exchange.succeeded()) else {
            return Err(Judgement::blocked(answered(exchange)));
        };
        let begun = answer.received_at;
        for (index, event) in stream.events.iter().enumerate() {
            let Ok(value @ Value::Object(_)) = &event.value else { continue };
            let arrived = SignedDuration::try_from(event.arrived).unwrap_or_default();
            samples.push(Sample {
                value: value.pointer(pointer).cloned(),
                at: format!("/{index}{pointer}"),
                now: begun.checked_add(arrived).unwrap_or(begun),
            });
        }
        if samples.is_empty() {
            return Err(Judgement::blocked("the stream carried no event that could be read"));
        }
    }
    Ok(samples)
}

/// A whole number, `2.0` included; exact, for a `seq` may count nanoseconds.
fn number(value: &Value) -> Option<i128> {
    let exact = value.as_u64().map(i128::from).or_else(|| value.as_i64().map(i128::from));
    exact.or_else(|| value.as_f64().filter(|number| number.fract() == 0.0).map(|number| number as i128))
}

fn moment(value: &Value) -> Option<i128> {
    time(Some(value)).map(|time| time.as_nanosecond())
}

/// Values that are missing or of another type are violations of the schema, and judged there.
fn neighbours(
    samples: &[Sample],
    wanted: &str,
    read: fn(&Value) -> Option<i128>,
    follows: fn(i128, i128) -> bool,
) -> Judgement {
    let values = samples.iter().filter_map(|sample| {
        let value = sample.value.as_ref()?;
        Some((read(value)?, value, &sample.at))
    });
    let values: Vec<_> = values.collect();
    if values.len() < 2 {
        return Judgement::not_measured("fewer than two values to compare");
    }
    let broken = values.windows(2).find(|pair| !follows(pair[0].0, pair[1].0));
    match broken {
        None => Judgement::Pass,
        Some(pair) => Judgement::fail(pair[1].2, format!("{wanted} {}", shown(pair[0].1)), shown(pair[1].1)),
    }
}

fn distinct(samples: &[Sample]) -> Judgement {
    let present: Vec<_> =
        samples.iter().filter_map(|sample| Some((sample.value.as_ref()?, &sample.at))).collect();
    if present.len() < 2 {
        return Judgement::not_measured("fewer than two values to compare");
    }
    for (index, (value, at)) in present.iter().enumerate() {
        if present[..index].iter().any(|(before, _)| before == value) {
            return Judgement::fail(at, "a value of its own", format!("{} again", shown(value)));
        }
    }
    Judgement::Pass
}

fn ends_with(samples: &[Sample], values: &[Value]) -> Judgement {
    let listed: Vec<String> = values.iter().map(shown).collect();
    let is_last = |sample: &Sample| sample.value.as_ref().is_some_and(|value| values.contains(value));
    let told = |sample: &Sample| sample.value.as_ref().map_or("no such member".to_owned(), shown);
    let Some((last, before)) = samples.split_last() else { return Judgement::Pass };
    if let Some(early) = before.iter().find(|sample| is_last(sample)) {
        return Judgement::fail(&early.at, "nothing after it", format!("{} before the last", told(early)));
    }
    match is_last(last) {
        true => Judgement::Pass,
        false => Judgement::fail(&last.at, format!("{} at last", listed.join(" or ")), told(last)),
    }
}

/// Whether two texts are the same moment, written in two ways.
fn same_time(before: &Value, now: Option<&Value>) -> bool {
    let (before, now) = (time(Some(before)), time(now));
    before.is_some() && before == now
}

/// Once there is a value, it has to stay. `null` counts as no value: that it stands there is judged by the schema.
fn settled(samples: &[Sample]) -> Judgement {
    let mut kept: Option<&Value> = None;
    for sample in samples {
        let value = sample.value.as_ref().filter(|value| !value.is_null());
        match (kept, value) {
            (Some(before), now) if Some(before) != now && !same_time(before, now) => {
                let actual = now.map_or("no such member".to_owned(), shown);
                return Judgement::fail(&sample.at, format!("{}, as before", shown(before)), actual);
            }
            (None, Some(value)) => kept = Some(value),
            _ => {}
        }
    }
    match kept {
        Some(_) => Judgement::Pass,
        None => Judgement::Skip(SkipReason::NotApplicable, "the value never stood".into()),
    }
}

/// Values outside all groups are violations of the schema, and judged there.
fn progress(samples: &[Sample], groups: &[Vec<Value>]) -> Judgement {
    let last = groups.len().saturating_sub(1);
    let mut before: Option<(usize, &Value)> = None;
    for sample in samples {
        let Some(value) = &sample.value else { continue };
        let Some(group) = groups.iter().position(|group| group.contains(value)) else { continue };
        if let Some((reached, state)) = before {
            let back = group < reached;
            let changed = reached == last && value != state;
            if back || changed {
                let expected = match reached == last {
                    true => format!("{}, which is terminal, as before", shown(state)),
                    false => format!("{} or what follows it", shown(state)),
                };
                return Judgement::fail(&sample.at, expected, shown(value));
            }
        }
        before = Some((group, value));
    }
    match before {
        Some(_) => Judgement::Pass,
        None => Judgement::blocked("no state was read"),
    }
}
