//! Reading scenarios, steps and checks.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use http::Method;

use super::assertion::{Assertion, Rule, SeriesRule, StatusPattern};
use super::decode::{Decoder, Fields};
use super::expand::{Row, rows};
use super::model::*;
use super::profile::Profile;
use super::template::Template;
use crate::contract::{Contract, Service};
use crate::report::model::{AuthMode, Tier};
use crate::yaml::{Kind, Node, Place};

/// What a scenario is read against.
pub(super) struct Context<'c> {
    pub decoder: &'c Decoder,
    pub contract: &'c Contract,
    pub profile: &'c Profile,
    /// The file's `suite`, the first part of every id.
    pub suite: &'c str,
}

/// A scenario with the place where it is written.
pub(super) struct Placed {
    pub scenario: Scenario,
    pub place: Place,
}

/// Reads one entry of `scenarios:`, which may stand for several rows.
pub(super) fn decode(context: &Context, node: &Node) -> Vec<Placed> {
    let Some(fields) = context.decoder.fields(node, "a scenario") else { return Vec::new() };
    match fields.get("rows") {
        Some(source) => {
            let rows = rows(context.decoder, source, context.contract, context.profile);
            rows.iter().filter_map(|row| decode_one(context, node, Some(row))).collect()
        }
        None => decode_one(context, node, None).into_iter().collect(),
    }
}

fn decode_one(context: &Context, node: &Node, row: Option<&Row>) -> Option<Placed> {
    let decoder = context.decoder;
    let fields = decoder.fields(node, "a scenario")?;
    fields.get("rows");
    let id = fields.need_text("id");
    let title = fields.need_text("title");
    let tier = fields.need("tier").and_then(|node| decoder.word(node, &TIERS));
    let effects = fields.need("effects").and_then(|node| decoder.word(node, &EFFECTS));
    let when = fields.get("when").map_or(Some(Condition::default()), |node| decode_condition(context, node));
    let control = fields.get("control").and_then(|node| {
        let text = decoder.text(node, "a step of another scenario, as suite/scenario:step")?;
        let found =
            text.split_once(':').filter(|(scenario, step)| scenario.contains('/') && !step.is_empty());
        match found {
            Some((scenario, step)) => Some(StepRef { scenario: scenario.into(), step: step.into() }),
            None => decoder.wrong(node, "a step of another scenario, as suite/scenario:step"),
        }
    });
    let steps = fields.need("steps").and_then(|node| decoder.items(node, "steps"));
    fields.finish();

    let steps = steps?.iter().filter_map(|node| decode_step(context, node, row)).collect::<Vec<_>>();
    let bracket = row.map(|row| format!("[{}]", row.id)).unwrap_or_default();
    let label = row.map_or("", |row| row.label.as_str());
    let scenario = Scenario {
        id: format!("{}/{}{bracket}", context.suite, id?),
        title: title?.replace("${row.label}", label),
        tier: tier?,
        effects: effects?,
        when: with_feature(when?, row),
        control,
        steps,
    };
    Some(Placed { scenario, place: node.place })
}

/// A row about an optional operation applies where its feature is implemented.
fn with_feature(when: Condition, row: Option<&Row>) -> Condition {
    let own = row.and_then(|row| row.feature.clone());
    Condition { feature: when.feature.or(own), ..when }
}

const TIERS: [(&str, Tier); 4] =
    [("smoke", Tier::Smoke), ("surface", Tier::Surface), ("core", Tier::Core), ("deep", Tier::Deep)];

const EFFECTS: [(&str, Effects); 3] = [
    ("reads", Effects::Reads),
    ("invalid-writes", Effects::InvalidWrites),
    ("creates-runs", Effects::CreatesRuns),
];

const CREDENTIALS: [(&str, Credentials); 7] = [
    ("valid", Credentials::Valid),
    ("lower-case-scheme", Credentials::LowerCaseScheme),
    ("upper-case-scheme", Credentials::UpperCaseScheme),
    ("absent", Credentials::Absent),
    ("other-scheme", Credentials::OtherScheme),
    ("empty-token", Credentials::EmptyToken),
    ("not-a-jwt", Credentials::NotAJwt),
];

fn decode_condition(context: &Context, node: &Node) -> Option<Condition> {
    let decoder = context.decoder;
    let fields = decoder.fields(node, "a condition")?;
    let feature = fields.get("feature").and_then(|node| {
        let name = decoder.text(node, "the name of a feature")?;
        let known: Vec<&str> = context.profile.features().collect();
        // A feature that the service does not know is one that it has to have.
        let elsewhere = ["cancel", "events"].contains(&name);
        if !known.contains(&name) && !elsewhere {
            decoder.trouble(
                node.place,
                format!("unknown feature {name:?}"),
                super::decode::suggest(name, &known),
            );
        }
        known.contains(&name).then(|| name.to_owned())
    });
    let modes = [("off", AuthMode::Off), ("optional", AuthMode::Optional), ("required", AuthMode::Required)];
    let auth = fields.get("auth").map(|node| words(decoder, node, &modes)).unwrap_or_default();
    let token = fields.get("token").and_then(|node| decoder.bool(node)).unwrap_or(false);
    fields.finish();
    Some(Condition { feature, auth, token })
}

/// One word or a list of them.
fn words<T: Copy>(decoder: &Decoder, node: &Node, known: &[(&str, T)]) -> Vec<T> {
    list(node).iter().filter_map(|node| decoder.word(node, known)).collect()
}

/// The items of a list, or the node itself as the only one.
fn list(node: &Node) -> &[Node] {
    match &node.kind {
        Kind::List(items) => items,
        _ => std::slice::from_ref(node),
    }
}

fn decode_step(context: &Context, node: &Node, row: Option<&Row>) -> Option<Step> {
    let decoder = context.decoder;
    let fields = decoder.fields(node, "a step")?;
    let id = fields.need_text("id");
    let call = fields.one_of(&["call", "request"], true);
    let path = fields.get("path").and_then(|node| decoder.entries(node, "path parameters"));
    let headers = fields.get("headers").and_then(|node| decoder.entries(node, "header fields"));
    let credentials = fields.get("credentials").map(|node| decoder.word(node, &CREDENTIALS));
    let body = fields.get("body").map(|node| decode_body(decoder, node, row));
    let times = fields.get("times").map_or(Some(1), |node| decoder.count(node));
    let shape = match fields.one_of(&["poll", "stream"], false) {
        Some(("poll", node)) => decode_poll(context, node),
        Some((_, node)) => decode_stop(context, node).map(Shape::Stream),
        None => times.map(|times| Shape::Once { times }),
    };
    let pause = fields.get("pause").map_or(Some(Duration::ZERO), |node| decoder.duration(node));
    let refusal = fields.get("refusal").and_then(|node| decoder.bool(node)).unwrap_or(false);
    let probes = fields.get("probes").and_then(|node| decoder.text(node, "the name of a feature"));
    let checks = fields.get("checks").and_then(|node| decoder.items(node, "checks"));
    let place = fields.place();
    fields.finish();

    let entries = |found: Option<&[(crate::yaml::Key, Node)]>| -> BTreeMap<String, Template> {
        let entries = found.into_iter().flatten();
        entries.filter_map(|(key, node)| Some((key.name.clone(), decoder.template(node)?))).collect()
    };
    let target = match call? {
        ("call", node) => {
            RequestTarget::Operation { id: decode_call(context, node, row)?, path: entries(path) }
        }
        (_, node) => decode_path(context, node)?,
    };
    if let RequestTarget::Operation { id, path } = &target {
        check_parameters(context, id, path, place);
    }
    let body = match body {
        Some(body) => Some(body?),
        None => None,
    };
    let probes = probes.filter(|feature| context.profile.features().any(|known| known == *feature));
    let checks: Vec<Check> =
        checks.into_iter().flatten().filter_map(|node| decode_check(context, node, row)).collect();
    Some(Step {
        id: id?,
        request: Request {
            target,
            headers: entries(headers),
            credentials: credentials.map_or(Some(Credentials::Valid), |found| found)?,
            body: body.flatten(),
        },
        shape: shape?,
        pause: pause?,
        refusal,
        probes: probes.map(str::to_owned),
        checks,
    })
}

/// The operation that a step calls: an `operationId`, a role such as `runs.start`, or `row`.
fn decode_call(context: &Context, node: &Node, row: Option<&Row>) -> Option<String> {
    let decoder = context.decoder;
    let name = decoder.text(node, "an operationId")?;
    if name == "row" {
        let operation = row.and_then(|row| row.operation.clone());
        return operation.or_else(|| decoder.wrong(node, "an operationId: the rows name no operation"));
    }
    let found = context.profile.operation(name).filter(|id| context.contract.operation(id).is_some());
    if found.is_none() {
        let mut known: Vec<String> =
            context.contract.operations().iter().map(|operation| operation.id.clone()).collect();
        known.extend(context.profile.roles.keys().map(|role| format!("runs.{role}")));
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let what = format!("unknown operation {name:?} of {}", context.profile.service);
        decoder.trouble(node.place, what, super::decode::suggest(name, &known));
    }
    found.map(str::to_owned)
}

fn decode_path(context: &Context, node: &Node) -> Option<RequestTarget> {
    let decoder = context.decoder;
    let fields = decoder.fields(node, "a request outside the contract")?;
    let method = fields.need("method").and_then(|node| {
        let text = decoder.text(node, "a method such as GET")?;
        Method::from_bytes(text.as_bytes()).ok().or_else(|| decoder.wrong(node, "a method such as GET"))
    });
    let path = fields.need("path").and_then(|node| decoder.template(node));
    fields.finish();
    Some(RequestTarget::Path { method: method?, path: path? })
}

/// Path parameters have to be those of the operation. A row calls operations with and without them.
fn check_parameters(context: &Context, id: &str, path: &BTreeMap<String, Template>, place: Place) {
    let Some(operation) = context.contract.operation(id) else { return };
    for parameter in operation.parameters.iter().filter(|parameter| parameter.required) {
        if !path.contains_key(&parameter.name) && operation.path.contains(&format!("{{{}}}", parameter.name))
        {
            let what = format!("{id} called without its path parameter {:?}", parameter.name);
            let right = format!("add `path: {{{}: …}}` to the step", parameter.name);
            context.decoder.trouble(place, what, right);
        }
    }
}

/// Reads `body:`; `None` inside says that the row has none.
pub(super) fn decode_body(decoder: &Decoder, node: &Node, row: Option<&Row>) -> Option<Option<Body>> {
    if let (Kind::Text(word), Some(row)) = (&node.kind, row)
        && word == "row"
    {
        return Some(row.body.clone());
    }
    let fields = decoder.fields(node, "a body")?;
    let kind = fields.one_of(&["from", "json", "text", "base64"], true);
    let set = fields.get("set").and_then(|node| decoder.entries(node, "JSON Pointers and values"));
    let remove = fields.get("remove").and_then(|node| decoder.items(node, "JSON Pointers"));
    fields.finish();
    let body = match kind? {
        ("from", node) => {
            let (name, mut edits, mut removed) = match (&node.kind, row.and_then(|row| row.body.clone())) {
                (Kind::Text(word), Some(Body::From { name, set, remove })) if word == "row" => {
                    (name, set, remove)
                }
                _ => (decoder.text(node, "the name of a body of the profile")?.to_owned(), vec![], vec![]),
            };
            for (at, (key, node)) in set.into_iter().flatten().enumerate() {
                // What the row breaks stays broken: edits of the step come first, in their own order.
                edits.insert(at, (key.name.clone(), decoder.template(node)?));
            }
            removed.extend(remove.into_iter().flatten().filter_map(|node| decoder.pointer(node)));
            Body::From { name, set: edits, remove: removed }
        }
        ("json", node) => Body::Json(decoder.template(node)?),
        ("text", node) => match &node.kind {
            Kind::Text(text) => Body::Raw(text.as_bytes().to_vec()),
            _ => return decoder.wrong(node, "a text"),
        },
        (_, node) => {
            let text = decoder.text(node, "octets in base64")?;
            match base64::engine::general_purpose::STANDARD.decode(text) {
                Ok(octets) => Body::Raw(octets),
                Err(_) => return decoder.wrong(node, "octets in base64"),
            }
        }
    };
    Some(Some(body))
}

fn decode_poll(context: &Context, node: &Node) -> Option<Shape> {
    let decoder = context.decoder;
    let fields = decoder.fields(node, "a poll")?;
    let until = fields.need("until").and_then(|node| decode_condition_assertion(context, node));
    let within = fields.need("within").and_then(|node| decoder.template(node));
    fields.finish();
    Some(Shape::Poll { until: until?, within: within? })
}

fn decode_stop(context: &Context, node: &Node) -> Option<Stop> {
    let decoder = context.decoder;
    let outer = decoder.fields(node, "a stream")?;
    let stop = outer.need("stop");
    outer.finish();
    let fields = decoder.fields(stop?, "a stop rule")?;
    let events = fields.get("events").map(|node| decoder.count(node));
    let on = fields.get("on").map(|node| decode_condition_assertion(context, node));
    let idle = fields.need("idle").and_then(|node| decoder.duration(node));
    let within = fields.need("within").and_then(|node| decoder.duration(node));
    fields.finish();
    Some(Stop {
        events: events.map_or(Some(None), |count| count.map(Some))?,
        on: on.map_or(Some(None), |assertion| assertion.map(Some))?,
        idle: idle?,
        within: within?,
    })
}

/// A mapping that is an assertion and nothing else.
fn decode_condition_assertion(context: &Context, node: &Node) -> Option<Assertion> {
    let fields = context.decoder.fields(node, "an assertion")?;
    let assertion = decode_assertion(context, &fields);
    fields.finish();
    assertion
}

fn decode_check(context: &Context, node: &Node, row: Option<&Row>) -> Option<Check> {
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
                let right = super::decode::suggest(&key.name, &services);
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
    let kinds = ["status", "media", "schema", "header", "at", "each", "reached"];
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
        "reached" => match decoder.bool(node)? {
            true => Assertion::Reached,
            false => return decoder.wrong(node, "true: a poll that must not end is not asserted"),
        },
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
    let mut kinds = vec!["order", "distinct", "settled"];
    kinds.extend(RULES);
    let (kind, node) = fields.one_of(&kinds, true)?;
    Some(match kind {
        "distinct" | "settled" => match (decoder.bool(node)?, kind) {
            (true, "distinct") => SeriesRule::Distinct,
            (true, _) => SeriesRule::Settled,
            (false, _) => return decoder.wrong(node, "true"),
        },
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
