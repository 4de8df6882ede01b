//! Reading checks and their assertions.

use super::assertion::{Assertion, Edge, Rule, SeriesRule, StatusPattern};
use super::decode::{Fields, suggest};
use super::expand::Row;
use super::model::{Check, Given};
use super::scenario::{Context, list};
use crate::contract::Service;
use crate::yaml::{Kind, Node};

/// The condition of a poll or a stop rule: an assertion on one body that refers to nothing else.
pub(super) fn decode_condition_assertion(context: &Context, node: &Node) -> Option<Assertion> {
    let fields = context.decoder.fields(node, "an assertion")?;
    let assertion = decode_assertion(context, &fields);
    fields.finish();
    let assertion = assertion?;
    let can_be_asked = match &assertion {
        Assertion::At { rule: Rule::Equals(template), .. } => template.references().is_empty(),
        Assertion::At { rule, .. } => matches!(rule, Rule::OneOf(_) | Rule::Present(_) | Rule::NotEmpty),
        _ => false,
    };
    if !can_be_asked {
        let right = "write `at:` with `equals` (a plain value), `one-of`, `present` or `not-empty`";
        context.decoder.trouble(node.place, "a condition that cannot be asked of one body", right);
    }
    can_be_asked.then_some(assertion)
}

pub(super) fn decode_check(context: &Context, node: &Node, row: Option<&Row>) -> Option<Check> {
    let decoder = context.decoder;
    let fields = decoder.fields(node, "a check")?;
    let requirement = fields.need("requirement").and_then(|node| decode_requirement(context, node, row));
    let name = fields.text("name");
    let applies = fields.get("where").map(|node| decode_givens(context, node)).unwrap_or_default();
    let given = fields.get("given").map(|node| decode_givens(context, node)).unwrap_or_default();
    let unless = fields.get("unless").map(|node| decode_givens(context, node)).unwrap_or_default();
    let assertion = decode_assertion(context, &fields);
    let otherwise = fields.text("otherwise");
    let hint = fields.text("hint");
    fields.finish();
    // No requirement for this service: the check is for others.
    let requirement = requirement??;
    Some(Check { requirement, name, applies, given, unless, assertion: assertion?, otherwise, hint })
}

/// A requirement's id, one per service, or `row`. `None` inside: not for this service.
fn decode_requirement(context: &Context, node: &Node, row: Option<&Row>) -> Option<Option<String>> {
    let decoder = context.decoder;
    if let Kind::Map(entries) = &node.kind {
        let services: Vec<_> = Service::ALL.iter().map(|service| service.name()).collect();
        for (key, _) in entries {
            if !services.contains(&key.name.as_str()) {
                let right = suggest(&key.name, &services);
                decoder.trouble(key.place, format!("unknown service {:?}", key.name), right);
            }
        }
        let own = entries.iter().find(|(key, _)| key.name == context.profile.service.name());
        return match own {
            Some((_, node)) => decoder.text(node, "a requirement's id").map(|id| Some(id.to_owned())),
            None => Some(None),
        };
    }
    let id = decoder.text(node, "a requirement's id")?;
    if id == "row" {
        let own = row.and_then(|row| row.requirement.clone());
        return own.map(Some).or_else(|| decoder.wrong(node, "a requirement's id: the rows name none"));
    }
    Some(Some(id.to_owned()))
}

fn decode_givens(context: &Context, node: &Node) -> Vec<Given> {
    let decode = |node: &Node| {
        let fields = context.decoder.fields(node, "a premise")?;
        let step = fields.need_text("step");
        let assertion = decode_assertion(context, &fields);
        fields.finish();
        Some(Given { step: step?, assertion: assertion? })
    };
    list(node).iter().filter_map(decode).collect()
}

fn decode_assertion(context: &Context, fields: &Fields) -> Option<Assertion> {
    let decoder = context.decoder;
    let kinds =
        ["status", "media", "schema", "header", "at", "each", "first", "last", "events", "ended", "reached"];
    let (kind, node) = fields.one_of(&kinds, true)?;
    Some(match kind {
        "status" => {
            let patterns = list(node).iter().filter_map(|node| {
                let found = match &node.kind {
                    Kind::Number(number) => StatusPattern::read(&number.to_string()),
                    Kind::Text(text) => StatusPattern::read(text),
                    _ => None,
                };
                found.or_else(|| decoder.wrong(node, "a status such as 200, 4xx or not-2xx"))
            });
            Assertion::Status(patterns.collect())
        }
        "media" => Assertion::Media(decoder.text(node, "a media type")?.to_ascii_lowercase()),
        "schema" => {
            let name = decoder.text(node, "the name of a schema")?;
            if context.contract.schema(name).is_none() {
                let what = format!("unknown schema {name:?} of {}", context.profile.service);
                decoder.trouble(
                    node.place,
                    what,
                    "name a schema of the service's document, such as ErrorEnvelope",
                );
            }
            Assertion::Schema(name.to_owned())
        }
        "header" => Assertion::Header(decoder.text(node, "the name of a header field")?.to_ascii_lowercase()),
        "reached" | "ended" => match (decoder.bool(node)?, kind) {
            (true, "reached") => Assertion::Reached,
            (true, _) => Assertion::Ended,
            (false, _) => return decoder.wrong(node, "true: the opposite is not asserted"),
        },
        "events" => Assertion::Events(decoder.count(node)?),
        "first" | "last" => {
            let pointer = decoder.pointer(node);
            let rule = decode_rule(context, fields);
            let edge = if kind == "first" { Edge::First } else { Edge::Last };
            Assertion::Edge { edge, pointer: pointer?, rule: rule? }
        }
        "each" => {
            let pointer = decoder.pointer(node);
            let over = fields.get("over").map(|node| {
                let steps = list(node).iter().filter_map(|node| decoder.text(node, "the id of a step"));
                steps.map(str::to_owned).collect()
            });
            let rule = decode_series_rule(context, fields);
            Assertion::Each { pointer: pointer?, over: over.unwrap_or_default(), rule: rule? }
        }
        _ => {
            let pointer = decoder.pointer(node);
            let if_present = fields.get("if-present").and_then(|node| decoder.bool(node)).unwrap_or(false);
            let rule = decode_rule(context, fields);
            Assertion::At { pointer: pointer?, rule: rule?, if_present }
        }
    })
}

const RULES: [&str; 8] =
    ["equals", "one-of", "present", "not-empty", "contains", "near-now", "not-before", "after"];

fn decode_rule(context: &Context, fields: &Fields) -> Option<Rule> {
    let (kind, node) = fields.one_of(&RULES, true)?;
    rule_of(context, kind, node)
}

fn rule_of(context: &Context, kind: &str, node: &Node) -> Option<Rule> {
    let decoder = context.decoder;
    Some(match kind {
        "equals" => Rule::Equals(decoder.template(node)?),
        "one-of" => Rule::OneOf(decoder.items(node, "values")?.iter().map(Node::to_value).collect()),
        "present" => Rule::Present(decoder.bool(node)?),
        "not-empty" => match decoder.bool(node)? {
            true => Rule::NotEmpty,
            false => return decoder.wrong(node, "true"),
        },
        "contains" => Rule::Contains(node.to_value()),
        "near-now" => Rule::NearNow(decoder.duration(node)?),
        "not-before" => Rule::NotBefore(decoder.template(node)?),
        _ => Rule::After(decoder.template(node)?),
    })
}

fn decode_series_rule(context: &Context, fields: &Fields) -> Option<SeriesRule> {
    let decoder = context.decoder;
    let mut kinds = vec!["order", "distinct", "settled", "ends-with"];
    kinds.extend(RULES);
    let (kind, node) = fields.one_of(&kinds, true)?;
    Some(match kind {
        "distinct" | "settled" => match (decoder.bool(node)?, kind) {
            (true, "distinct") => SeriesRule::Distinct,
            (true, _) => SeriesRule::Settled,
            (false, _) => return decoder.wrong(node, "true"),
        },
        "ends-with" => {
            SeriesRule::EndsWith(decoder.items(node, "values")?.iter().map(Node::to_value).collect())
        }
        "order" => match &node.kind {
            Kind::List(groups) => SeriesRule::Progress(
                groups.iter().map(|group| list(group).iter().map(Node::to_value).collect()).collect(),
            ),
            _ => {
                let words = ["increasing", "non-decreasing", "chronological"];
                match decoder.word(node, &words.map(|word| (word, word)))? {
                    "increasing" => SeriesRule::Increasing,
                    "non-decreasing" => SeriesRule::NonDecreasing,
                    _ => SeriesRule::Chronological,
                }
            }
        },
        kind => SeriesRule::Every(rule_of(context, kind, node)?),
    })
}
