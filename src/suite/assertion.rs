//! The closed list of things that a case file can assert. There is no expression language.

use std::time::Duration;

use serde_json::Value;

use super::template::Template;

/// One assertion on the exchanges of a step.
#[derive(Debug, Clone)]
pub enum Assertion {
    /// The answer's status fits one of the patterns.
    Status(Vec<StatusPattern>),
    /// The answer's media type, without parameters.
    Media(String),
    /// The body is valid against a schema of the contract, by name.
    Schema(String),
    /// The answer carries the header field.
    Header(String),
    /// The value at a JSON Pointer of the body.
    At { pointer: String, rule: Rule, if_present: bool },
    /// The values at a JSON Pointer of a series: the exchanges of one or more steps, or the events of a stream.
    Each { pointer: String, over: Vec<String>, rule: SeriesRule },
    /// The value at a JSON Pointer of the first or the last event of a stream.
    Edge { edge: Edge, pointer: String, rule: Rule },
    /// The stream carried at least this many events.
    Events(u32),
    /// The stream ended by itself.
    Ended,
    /// A poll ended because its condition was fulfilled.
    Reached,
}

/// One end of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    First,
    Last,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusPattern {
    Exactly(u16),
    /// `2xx`: the first digit.
    Class(u16),
    /// `not-2xx`: any but this class.
    NotClass(u16),
}

/// What one value has to be.
#[derive(Debug, Clone)]
pub enum Rule {
    Equals(Template),
    OneOf(Vec<Value>),
    Present(bool),
    /// A text with at least one character.
    NotEmpty,
    /// A list that has this item.
    Contains(Value),
    /// A time within this much of the moment at which the answer came.
    NearNow(Duration),
    /// A time that is not before the one given.
    NotBefore(Template),
    /// A time that is after the one given.
    After(Template),
}

/// What the values of a series have to be to each other.
#[derive(Debug, Clone)]
pub enum SeriesRule {
    /// Each number greater than the one before.
    Increasing,
    /// No number less than the one before.
    NonDecreasing,
    /// No time before the one before it.
    Chronological,
    /// No value twice.
    Distinct,
    /// Once a value stands, it stays.
    Settled,
    /// The values go through these groups in order and never back; within the last group they do not change.
    Progress(Vec<Vec<Value>>),
    /// The last value is one of these, and none before it is.
    EndsWith(Vec<Value>),
    /// Each value follows the rule.
    Every(Rule),
}

impl StatusPattern {
    pub fn fits(self, status: u16) -> bool {
        match self {
            StatusPattern::Exactly(code) => status == code,
            StatusPattern::Class(class) => status / 100 == class,
            StatusPattern::NotClass(class) => status / 100 != class,
        }
    }

    /// Reads `200`, `2xx` or `not-2xx`.
    pub fn read(text: &str) -> Option<Self> {
        let class = |text: &str| {
            let digit = text.strip_suffix("xx")?.parse::<u16>().ok()?;
            (1..=5).contains(&digit).then_some(digit)
        };
        if let Some(rest) = text.strip_prefix("not-") {
            return class(rest).map(StatusPattern::NotClass);
        }
        if let Some(digit) = class(text) {
            return Some(StatusPattern::Class(digit));
        }
        text.parse::<u16>().ok().filter(|code| (100..600).contains(code)).map(StatusPattern::Exactly)
    }

    pub fn describe(self) -> String {
        match self {
            StatusPattern::Exactly(code) => code.to_string(),
            StatusPattern::Class(class) => format!("{class}xx"),
            StatusPattern::NotClass(class) => format!("outside {class}xx"),
        }
    }
}

impl Assertion {
    /// Every template in the assertion.
    pub fn templates(&self, visit: &mut dyn FnMut(&Template)) {
        let rule = match self {
            Assertion::At { rule, .. }
            | Assertion::Edge { rule, .. }
            | Assertion::Each { rule: SeriesRule::Every(rule), .. } => rule,
            _ => return,
        };
        if let Rule::Equals(template) | Rule::NotBefore(template) | Rule::After(template) = rule {
            visit(template);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_patterns_read_and_fit() {
        let fits = |pattern: &str, status| StatusPattern::read(pattern).unwrap().fits(status);
        assert!(fits("200", 200) && !fits("200", 201));
        assert!(fits("4xx", 422) && !fits("4xx", 500));
        assert!(fits("not-2xx", 302) && !fits("not-2xx", 204));
        for wrong in ["20", "2x", "6xx", "not-200", "700", "ok"] {
            assert_eq!(StatusPattern::read(wrong), None, "{wrong}");
        }
    }
}
