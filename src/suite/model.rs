//! What a case file says, ready to run: scenarios, steps, checks.

use std::collections::BTreeMap;
use std::time::Duration;

use http::Method;
use serde_json::Value;

use super::assertion::Assertion;
use super::template::Template;
use crate::report::model::{AuthMode, Tier};

/// A sequence of steps that is run once and yields exchanges.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// `runs/finished-run`, or `requests/invalid-body[required:/input]` for a derived one; the service's name goes before it in reports.
    pub id: String,
    pub title: String,
    pub tier: Tier,
    pub effects: Effects,
    pub when: Condition,
    /// The step whose answer must have been a success for this scenario's negative checks to count.
    pub control: Option<StepRef>,
    /// Runs when all other scenarios are done.
    pub at_the_end: bool,
    pub steps: Vec<Step>,
}

/// What a scenario does to the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effects {
    /// Nothing is written.
    Reads,
    /// Writes are sent that a right target refuses.
    InvalidWrites,
    /// Runs are created.
    CreatesRuns,
}

/// When a scenario or check applies; an empty condition always does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// An optional feature that has to be implemented.
    pub feature: Option<String>,
    /// The target treats credentials in one of these ways; empty for any.
    pub auth: Vec<AuthMode>,
    /// Tokens that the harness has to hold.
    pub tokens: Vec<TokenKind>,
    /// The user named the Run Coordinator behind the gateway.
    pub coordinator: bool,
}

/// A kind of token that the user gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenKind {
    Valid,
    /// A valid one that is a JWT (RFC 7519), of which wrong ones can be made.
    Jwt,
    Expired,
    WrongAudience,
    WrongIssuer,
}

impl TokenKind {
    /// Why a check that needs such a token does not apply.
    pub fn lacking(self) -> &'static str {
        match self {
            TokenKind::Valid => "the harness holds no token; give one with --token",
            TokenKind::Jwt => "the harness holds no token that is a JWT; give one with --token",
            TokenKind::Expired => "the harness holds no expired token; give one with --expired-token",
            TokenKind::WrongAudience => {
                "the harness holds no token for another audience; give one with --wrong-audience-token"
            }
            TokenKind::WrongIssuer => {
                "the harness holds no token from another issuer; give one with --wrong-issuer-token"
            }
        }
    }
}

/// A step of another scenario.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StepRef {
    pub scenario: String,
    pub step: String,
}

impl StepRef {
    /// Reads `suite/scenario:step`.
    pub fn read(text: &str) -> Option<Self> {
        let (scenario, step) = text.split_once(':')?;
        let whole = scenario.contains('/') && !step.is_empty();
        whole.then(|| StepRef { scenario: scenario.to_owned(), step: step.to_owned() })
    }
}

/// One request, several alike, a poll or a stream.
#[derive(Debug, Clone)]
pub struct Step {
    pub id: String,
    pub request: Request,
    pub shape: Shape,
    /// Waited for before the step.
    pub pause: Duration,
    /// The request is wrong, so a right target refuses it.
    pub refusal: bool,
    /// The request goes to the Run Coordinator, without the token.
    pub coordinator: bool,
    /// The optional feature that this step's answer shows to be there or not.
    pub probes: Option<String>,
    pub checks: Vec<Check>,
}

/// How often the request is sent and how its answer is read.
#[derive(Debug, Clone)]
pub enum Shape {
    /// Sent this many times, side by side.
    Once { times: u32 },
    /// Sent again until the answer's body fulfils `until`, or `within` has passed.
    Poll { until: Assertion, within: Template },
    /// Read as a stream of events until a stop rule holds.
    Stream(Stop),
}

/// When a stream is left: whichever comes first.
#[derive(Debug, Clone)]
pub struct Stop {
    /// After this many events.
    pub events: Option<u32>,
    /// After an event that fulfils this.
    pub on: Option<Assertion>,
    /// When no byte came for this long.
    pub idle: Duration,
    /// After this long in any case.
    pub within: Duration,
}

#[derive(Debug, Clone)]
pub struct Request {
    pub target: RequestTarget,
    /// Header fields beside those that the harness sends with every request; they replace those of the same name.
    pub headers: BTreeMap<String, Template>,
    pub credentials: Credentials,
    pub body: Option<Body>,
}

#[derive(Debug, Clone)]
pub enum RequestTarget {
    /// An operation of the contract, with its path parameters.
    Operation { id: String, path: BTreeMap<String, Template> },
    /// A request outside the contract.
    Path { method: Method, path: Template },
}

/// The `Authorization` that a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credentials {
    /// The token that the harness holds, or none.
    Valid,
    /// The same with the scheme's name in lower case.
    LowerCaseScheme,
    /// The same with the scheme's name in upper case.
    UpperCaseScheme,
    /// No `Authorization` at all.
    Absent,
    /// Another scheme: `Basic`.
    OtherScheme,
    /// `Bearer` with nothing after it.
    EmptyToken,
    /// `Bearer` with text that is no JWT.
    NotAJwt,
    /// The valid token with one bit of its signature turned.
    AlteredSignature,
    /// The valid token's claims with `alg` none and no signature (RFC 8725, section 2.1).
    AlgNone,
    /// The same with `alg` nOnE.
    AlgNoneInAnotherCase,
    /// The expired token that the user gave.
    Expired,
    WrongAudience,
    WrongIssuer,
}

/// What a request carries as its content.
#[derive(Debug, Clone)]
pub enum Body {
    /// A named body of the service's profile, with edits.
    From { name: String, set: Vec<(String, Template)>, remove: Vec<String> },
    /// The same with every character outside ASCII written as a JSON escape.
    FromEscaped { name: String, set: Vec<(String, Template)> },
    /// The same with one mistake that no JSON text has.
    FromBroken { name: String, how: Breach },
    /// A JSON value.
    Json(Template),
    /// Lists nested this deep.
    Nested(u32),
    /// A JSON text of this many octets.
    Filler(u32),
    /// Octets as they stand.
    Raw(Vec<u8>),
}

/// What keeps octets from being a JSON text (RFC 8259).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breach {
    /// The last octets are missing.
    CutOff,
    /// Text follows the value.
    TextAfter,
    /// A member's value is NaN, where any JSON value would be right.
    NotANumber,
    /// A text holds an octet that UTF-8 never has.
    NotUtf8,
}

/// One assertion that counts towards a requirement.
#[derive(Debug, Clone)]
pub struct Check {
    /// The requirement's id.
    pub requirement: String,
    /// Tells two checks of one requirement in one scenario apart; checks of the same name are judged as one.
    pub name: Option<String>,
    /// Applies only if all of these hold.
    pub applies: Vec<Given>,
    /// Could be measured only if all of these hold.
    pub given: Vec<Given>,
    /// Does not count if all of these hold.
    pub unless: Vec<Given>,
    pub assertion: Assertion,
    /// What the user can do where it could not be measured.
    pub otherwise: Option<String>,
    pub hint: Option<String>,
}

/// An assertion on a step of the same scenario.
#[derive(Debug, Clone)]
pub struct Given {
    pub step: String,
    pub assertion: Assertion,
}

impl Check {
    /// The premises of every kind.
    pub fn premises(&self) -> impl Iterator<Item = &Given> {
        self.applies.iter().chain(&self.given).chain(&self.unless)
    }
}

impl Scenario {
    /// The step with this id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// The first path segment of the id: what the scenario is about.
    pub fn area(&self) -> &str {
        self.id.split('/').next().unwrap_or(&self.id)
    }

    /// Steps of other scenarios that have to have run before: those that anything in it refers to.
    pub fn depends_on(&self) -> Vec<StepRef> {
        let mut found: Vec<StepRef> = self.control.iter().cloned().collect();
        for step in &self.steps {
            step.request.templates(&mut |template| found.extend(template.step_refs()));
            for check in &step.checks {
                let assertions = check.premises().map(|given| &given.assertion).chain([&check.assertion]);
                for assertion in assertions {
                    assertion.templates(&mut |template| found.extend(template.step_refs()));
                    if let Assertion::Each { over, .. } = assertion {
                        found.extend(over.iter().filter_map(|name| StepRef::read(name)));
                    }
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

impl Request {
    /// Every template of the request, in the order in which they are filled in.
    pub fn templates(&self, visit: &mut dyn FnMut(&Template)) {
        match &self.target {
            RequestTarget::Operation { path, .. } => path.values().for_each(&mut *visit),
            RequestTarget::Path { path, .. } => visit(path),
        }
        self.headers.values().for_each(&mut *visit);
        match &self.body {
            Some(Body::From { set, .. } | Body::FromEscaped { set, .. }) => {
                set.iter().for_each(|(_, template)| visit(template));
            }
            Some(Body::Json(template)) => visit(template),
            Some(Body::FromBroken { .. } | Body::Raw(_) | Body::Nested(_) | Body::Filler(_)) | None => {}
        }
    }

    /// The operation's id, where the request is one of the contract.
    pub fn operation(&self) -> Option<&str> {
        match &self.target {
            RequestTarget::Operation { id, .. } => Some(id),
            RequestTarget::Path { .. } => None,
        }
    }
}

/// Sets the value at a JSON Pointer (RFC 6901) inside `body`, making objects on the way; `-` at the end appends
/// to a list. Returns whether the place could be reached.
pub fn set_pointer(body: &mut Value, pointer: &str, value: Value) -> bool {
    let Some(rest) = pointer.strip_prefix('/') else {
        if pointer.is_empty() {
            *body = value;
            return true;
        }
        return false;
    };
    let mut place = body;
    for token in rest.split('/').map(unescape) {
        if place.is_null() {
            *place = Value::Object(Default::default());
        }
        let next = match place {
            Value::Object(members) => Some(members.entry(token).or_insert(Value::Null)),
            Value::Array(items) => {
                if token == "-" {
                    items.push(Value::Null);
                }
                let at = if token == "-" { Some(items.len() - 1) } else { token.parse().ok() };
                at.and_then(|at: usize| items.get_mut(at))
            }
            _ => None,
        };
        let Some(next) = next else { return false };
        place = next;
    }
    *place = value;
    true
}

/// Removes the member or item at a JSON Pointer and returns it.
pub fn remove_pointer(body: &mut Value, pointer: &str) -> Option<Value> {
    let (parent, token) = pointer.rsplit_once('/')?;
    match body.pointer_mut(parent)? {
        Value::Object(members) => members.shift_remove(&unescape(token)),
        Value::Array(items) => {
            let at = token.parse::<usize>().ok().filter(|at| *at < items.len())?;
            Some(items.remove(at))
        }
        _ => None,
    }
}

fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pointer_sets_makes_and_removes() {
        let mut body = json!({"input": {"goal": "x"}, "list": [1, 2]});
        assert!(set_pointer(&mut body, "/metadata/labels/a~1b", json!("v")));
        assert!(set_pointer(&mut body, "/list/-", json!(3)));
        assert!(!set_pointer(&mut body, "/list/9", json!(3)));
        assert!(!set_pointer(&mut body, "/input/goal/deeper", json!(3)));
        assert_eq!(remove_pointer(&mut body, "/input/goal"), Some(json!("x")));
        assert_eq!(remove_pointer(&mut body, "/list/0"), Some(json!(1)));
        assert_eq!(remove_pointer(&mut body, "/nowhere/at/all"), None);
        assert_eq!(body, json!({"input": {}, "list": [2, 3], "metadata": {"labels": {"a/b": "v"}}}));
    }
}
