//! Reading scenarios and steps.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use http::Method;

use super::check::{decode_check, decode_condition_assertion};
use super::decode::{Decoder, suggest};
use super::expand::{Row, rows};
use super::model::*;
use super::profile::Profile;
use super::template::Template;
use crate::contract::Contract;
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
    let at_the_end = fields.get("at-the-end").and_then(|node| decoder.bool(node)).unwrap_or(false);
    let control = fields.get("control").and_then(|node| {
        let text = decoder.text(node, "a step of another scenario, as suite/scenario:step")?;
        StepRef::read(text)
            .or_else(|| decoder.wrong(node, "a step of another scenario, as suite/scenario:step"))
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
        at_the_end,
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

const CREDENTIALS: [(&str, Credentials); 13] = [
    ("altered-signature", Credentials::AlteredSignature),
    ("alg-none", Credentials::AlgNone),
    ("alg-none-in-another-case", Credentials::AlgNoneInAnotherCase),
    ("expired", Credentials::Expired),
    ("wrong-audience", Credentials::WrongAudience),
    ("wrong-issuer", Credentials::WrongIssuer),
    ("valid", Credentials::Valid),
    ("lower-case-scheme", Credentials::LowerCaseScheme),
    ("upper-case-scheme", Credentials::UpperCaseScheme),
    ("absent", Credentials::Absent),
    ("other-scheme", Credentials::OtherScheme),
    ("empty-token", Credentials::EmptyToken),
    ("not-a-jwt", Credentials::NotAJwt),
];

const TOKENS: [(&str, TokenKind); 5] = [
    ("valid", TokenKind::Valid),
    ("jwt", TokenKind::Jwt),
    ("expired", TokenKind::Expired),
    ("wrong-audience", TokenKind::WrongAudience),
    ("wrong-issuer", TokenKind::WrongIssuer),
];

/// Whether a service has an optional feature. One that another service has is something that this one has to have; any
/// other name is a trouble.
fn is_feature(context: &Context, name: &str, place: Place) -> bool {
    let known: Vec<&str> = context.profile.features().collect();
    if !known.contains(&name) && !FEATURES.contains(&name) {
        context.decoder.trouble(place, format!("unknown feature {name:?}"), suggest(name, &FEATURES));
    }
    known.contains(&name)
}

/// What the standard leaves optional at any service.
const FEATURES: [&str; 2] = ["cancel", "events"];

fn decode_condition(context: &Context, node: &Node) -> Option<Condition> {
    let decoder = context.decoder;
    let fields = decoder.fields(node, "a condition")?;
    let feature = fields.get("feature").and_then(|node| {
        let name = decoder.text(node, "the name of a feature")?;
        is_feature(context, name, node.place).then(|| name.to_owned())
    });
    let modes = [("off", AuthMode::Off), ("optional", AuthMode::Optional), ("required", AuthMode::Required)];
    let auth = fields.get("auth").map(|node| words(decoder, node, &modes)).unwrap_or_default();
    let tokens = fields.get("token").map(|node| words(decoder, node, &TOKENS)).unwrap_or_default();
    let coordinator = fields.get("coordinator").and_then(|node| decoder.bool(node)).unwrap_or(false);
    fields.finish();
    Some(Condition { feature, auth, tokens, coordinator })
}

/// One word or a list of them.
fn words<T: Copy>(decoder: &Decoder, node: &Node, known: &[(&str, T)]) -> Vec<T> {
    list(node).iter().filter_map(|node| decoder.word(node, known)).collect()
}

/// The items of a list, or the node itself as the only one.
pub(super) fn list(node: &Node) -> &[Node] {
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
    let coordinator = fields.get("coordinator").and_then(|node| decoder.bool(node)).unwrap_or(false);
    let probes = fields.get("probes").and_then(|node| decoder.text(node, "the name of a feature"));
    let checks = fields.get("checks").and_then(|node| decoder.items(node, "checks"));
    let place = fields.place();
    fields.finish();
    let is_call = call.as_ref().is_some_and(|(kind, _)| *kind == "call");
    let streams_or_polls = matches!(shape, Some(Shape::Poll { .. } | Shape::Stream(_)));
    if coordinator && (!is_call || streams_or_polls) {
        let what = "a step for the Run Coordinator that is no plain call";
        decoder.trouble(place, what, "use `call:` without `poll:` and `stream:`");
    }
    if !is_call && path.is_some() {
        decoder.trouble(place, "`path:` beside `request:`", "write the path into the request");
    }

    let entries = |found: Option<&[(crate::yaml::Key, Node)]>| -> BTreeMap<String, Template> {
        let entries = found.into_iter().flatten();
        entries.filter_map(|(key, node)| Some((key.name.clone(), decoder.template(node)?))).collect()
    };
    let target = match call? {
        ("call", node) => {
            RequestTarget::Operation { id: decode_call(context, node, row)?, path: entries(path) }
        }
        (_, node) => match (&node.kind, row.and_then(|row| row.target.clone())) {
            (Kind::Text(word), Some(target)) if word == "row" => target,
            _ => decode_path(context, node)?,
        },
    };
    if let RequestTarget::Operation { id, path } = &target {
        check_parameters(context, id, path, place);
    }
    let body = match body {
        Some(body) => Some(body?),
        None => None,
    };
    let probes = probes.filter(|feature| is_feature(context, feature, place));
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
        coordinator,
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
        decoder.trouble(node.place, what, suggest(name, &known));
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
    let kind = fields.one_of(&["from", "json", "text", "base64", "nested", "filler"], true);
    let breaches = [
        ("cut-off", Breach::CutOff),
        ("text-after", Breach::TextAfter),
        ("not-a-number", Breach::NotANumber),
        ("not-utf-8", Breach::NotUtf8),
    ];
    let broken = fields.get("broken").and_then(|node| decoder.word(node, &breaches));
    let escaped = fields.get("escaped").and_then(|node| decoder.bool(node)).unwrap_or(false);
    let set = fields.get("set").and_then(|node| decoder.entries(node, "JSON Pointers and values"));
    let remove = fields.get("remove").and_then(|node| decoder.items(node, "JSON Pointers"));
    fields.finish();
    let is_from = matches!(kind, Some(("from", _)));
    let idle_edits = (!is_from || broken.is_some()) && (set.is_some() || remove.is_some());
    if idle_edits || (!is_from && (escaped || broken.is_some())) || (escaped && remove.is_some()) {
        let right = "edits go with `from:` alone, `set:` with `escaped: true` too";
        decoder.trouble(node.place, "a body with edits that it cannot have", right);
    }
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
            match (escaped, broken) {
                (_, Some(how)) => Body::FromBroken { name, how },
                (true, None) => Body::FromEscaped { name, set: edits },
                (false, None) => Body::From { name, set: edits, remove: removed },
            }
        }
        ("json", node) => Body::Json(decoder.template(node)?),
        ("nested", node) => Body::Nested(decoder.count(node)?),
        ("filler", node) => Body::Filler(decoder.count(node)?),
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
    let within = fields.need("within").and_then(|node| decoder.seconds(node));
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
