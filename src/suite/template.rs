//! Values with places to fill in: `${goal}`, `${fresh.run_id}`, `${create/run_id}`, `${runs/finished-run:create/run_id}`.

use serde_json::Value;

use super::decode::Decoder;
use super::model::StepRef;
use crate::yaml::{Kind, Node};

/// A JSON value whose texts may refer to other values.
///
/// A text that is one reference and nothing else takes the type of what it refers to; a reference inside a longer
/// text is written out.
#[derive(Debug, Clone, PartialEq)]
pub struct Template(Value);

/// What a `${…}` refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// A variable of the service's profile or of the harness.
    Variable(String),
    /// A text that is new in every scenario and the same everywhere in it.
    Fresh(String),
    /// A place in the answer of an earlier step of the scenario: step and JSON Pointer.
    Answer { step: String, pointer: String },
    /// A place in the answer of another scenario's step.
    OtherAnswer { step: StepRef, pointer: String },
}

/// Gives the values that references stand for.
pub trait Lookup {
    /// The value, or what is missing as one line: `step create: answered 503`.
    fn lookup(&self, reference: &Reference) -> Result<Value, String>;
}

/// A reference that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    #[error("`${{` without its `}}` in {0:?}")]
    Unclosed(String),
    #[error("an empty reference `${{}}`")]
    Empty,
}

impl Template {
    /// Reads the references of every text in `value`.
    pub fn new(value: Value) -> Result<Self, TemplateError> {
        let template = Template(value);
        template.check(&template.0)?;
        Ok(template)
    }

    /// A template of one text.
    pub fn text(text: &str) -> Result<Self, TemplateError> {
        Template::new(Value::String(text.to_owned()))
    }

    fn check(&self, value: &Value) -> Result<(), TemplateError> {
        match value {
            Value::String(text) => pieces(text).map(drop),
            Value::Array(items) => items.iter().try_for_each(|item| self.check(item)),
            Value::Object(members) => members.values().try_for_each(|member| self.check(member)),
            _ => Ok(()),
        }
    }

    /// The value as it was written.
    pub fn source(&self) -> &Value {
        &self.0
    }

    /// The value with every reference filled in; the first that is missing is the error.
    pub fn fill(&self, lookup: &dyn Lookup) -> Result<Value, String> {
        fill(&self.0, lookup)
    }

    /// The filled value as text: a string as it is, anything else as JSON.
    pub fn fill_text(&self, lookup: &dyn Lookup) -> Result<String, String> {
        self.fill(lookup).map(|value| as_text(&value))
    }

    /// Every reference in the template.
    pub fn references(&self) -> Vec<Reference> {
        let mut found = Vec::new();
        collect(&self.0, &mut found);
        found
    }

    /// Steps of other scenarios that the template refers to.
    pub fn step_refs(&self) -> Vec<StepRef> {
        let steps = self.references().into_iter().filter_map(|reference| match reference {
            Reference::OtherAnswer { step, .. } => Some(step),
            _ => None,
        });
        steps.collect()
    }
}

enum Piece<'t> {
    Text(&'t str),
    Reference(Reference),
}

/// Splits a text into what stands as it is and what is filled in. `$${` writes a plain `${`.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>, TemplateError> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            found.push(Piece::Text(&rest[..at - 1]));
            found.push(Piece::Text("${"));
            rest = &rest[at + 2..];
            continue;
        }
        found.push(Piece::Text(&rest[..at]));
        let end = rest[at..].find('}').ok_or_else(|| TemplateError::Unclosed(text.to_owned()))? + at;
        found.push(Piece::Reference(Reference::read(&rest[at + 2..end])?));
        rest = &rest[end + 1..];
    }
    found.push(Piece::Text(rest));
    found.retain(|piece| !matches!(piece, Piece::Text("")));
    Ok(found)
}

impl Reference {
    fn read(text: &str) -> Result<Self, TemplateError> {
        if text.is_empty() {
            return Err(TemplateError::Empty);
        }
        if let Some(name) = text.strip_prefix("fresh.") {
            return Ok(Reference::Fresh(name.to_owned()));
        }
        if let Some((scenario, rest)) = text.split_once(':') {
            let (step, pointer) = split_pointer(rest);
            let step = StepRef { scenario: scenario.to_owned(), step };
            return Ok(Reference::OtherAnswer { step, pointer });
        }
        if text.contains('/') {
            let (step, pointer) = split_pointer(text);
            return Ok(Reference::Answer { step, pointer });
        }
        Ok(Reference::Variable(text.to_owned()))
    }
}

/// `step/pointer`; `step/` is the whole body.
fn split_pointer(text: &str) -> (String, String) {
    match text.find('/') {
        Some(at) if at + 1 == text.len() => (text[..at].to_owned(), String::new()),
        Some(at) => (text[..at].to_owned(), text[at..].to_owned()),
        None => (text.to_owned(), String::new()),
    }
}

fn fill(value: &Value, lookup: &dyn Lookup) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => {
            // A template is only made from texts whose references could be read.
            let pieces = pieces(text).map_err(|error| error.to_string())?;
            match pieces.as_slice() {
                [] => Value::String(String::new()),
                [Piece::Reference(reference)] => lookup.lookup(reference)?,
                several => {
                    let mut filled = String::new();
                    for piece in several {
                        match piece {
                            Piece::Text(text) => filled.push_str(text),
                            Piece::Reference(reference) => {
                                filled.push_str(&as_text(&lookup.lookup(reference)?));
                            }
                        }
                    }
                    Value::String(filled)
                }
            }
        }
        Value::Array(items) => items.iter().map(|item| fill(item, lookup)).collect::<Result<_, _>>()?,
        Value::Object(members) => {
            let filled = members.iter().map(|(name, member)| Ok((name.clone(), fill(member, lookup)?)));
            Value::Object(filled.collect::<Result<_, String>>()?)
        }
        plain => plain.clone(),
    })
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn collect(value: &Value, found: &mut Vec<Reference>) {
    match value {
        Value::String(text) => {
            for piece in pieces(text).into_iter().flatten() {
                if let Piece::Reference(reference) = piece {
                    found.push(reference);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => members.values().for_each(|member| collect(member, found)),
        _ => {}
    }
}

impl Decoder {
    /// A number of seconds, a time with its unit, or a reference to a variable that holds seconds.
    pub(super) fn seconds(&self, node: &Node) -> Option<Template> {
        match &node.kind {
            Kind::Number(_) => self.template(node),
            Kind::Text(text) if text.starts_with("${") => self.template(node),
            _ => Template::new(self.duration(node)?.as_secs_f64().into()).ok(),
        }
    }

    /// A value with places to fill in.
    pub(super) fn template(&self, node: &Node) -> Option<Template> {
        match Template::new(node.to_value()) {
            Ok(template) => Some(template),
            Err(error) => {
                self.trouble(
                    node.place,
                    error.to_string(),
                    "write a reference as ${name} or ${step/pointer}",
                );
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Names;

    impl Lookup for Names {
        fn lookup(&self, reference: &Reference) -> Result<Value, String> {
            match reference {
                Reference::Variable(name) if name == "seconds" => Ok(json!(3)),
                Reference::Variable(name) => Err(format!("no variable {name}")),
                Reference::Fresh(name) => Ok(json!(format!("new-{name}"))),
                Reference::Answer { step, pointer } => Ok(json!(format!("{step}{pointer}"))),
                Reference::OtherAnswer { step, pointer } => {
                    Ok(json!(format!("{}|{}|{pointer}", step.scenario, step.step)))
                }
            }
        }
    }

    fn filled(value: Value) -> Result<Value, String> {
        Template::new(value).unwrap().fill(&Names)
    }

    #[test]
    fn a_lone_reference_keeps_its_type_and_others_are_written_out() {
        assert_eq!(
            filled(json!({"a": "${seconds}", "b": "in ${seconds} s"})),
            Ok(json!({"a": 3, "b": "in 3 s"}))
        );
        assert_eq!(filled(json!(["${fresh.id}", 1, "plain"])), Ok(json!(["new-id", 1, "plain"])));
        assert_eq!(filled(json!("a $${not} b")), Ok(json!("a ${not} b")));
    }

    #[test]
    fn answers_are_named_by_step_and_pointer() {
        assert_eq!(filled(json!("${create/run_id}")), Ok(json!("create/run_id")));
        assert_eq!(
            filled(json!("${runs/finished-run:create/run_id}")),
            Ok(json!("runs/finished-run|create|/run_id"))
        );
    }

    #[test]
    fn what_is_missing_is_said() {
        assert_eq!(filled(json!("${nowhere}")), Err("no variable nowhere".into()));
        assert_eq!(Template::text("${open"), Err(TemplateError::Unclosed("${open".into())));
        assert_eq!(Template::text("${}"), Err(TemplateError::Empty));
    }
}
