//! Findings that a reader takes as one mistake of the target, however many places show it.

use crate::report::model::{CheckResult, Finding};

/// One mistake with every place that shows it.
pub(super) struct Cause<'a> {
    /// What was expected, each text once; at least one.
    pub expected: Vec<&'a str>,
    /// What was found, each text once; at least one.
    pub actual: Vec<&'a str>,
    /// Each place once, and how often.
    pub places: Vec<(String, usize)>,
    /// The place in the body, without the numbers of items. Empty where the places differ.
    at: String,
}

impl Cause<'_> {
    /// The mistake in words, where expected and actual are too many to tell it at a glance.
    pub fn title(&self) -> Option<&'static str> {
        (self.is_null() && self.expected.len() > 1).then_some("`null` where the schema allows none")
    }

    /// Whether the other shows the same mistake: a `null` in place of a value, whatever value it stands for; the same
    /// pair of expected and actual anywhere; or, in the same member, the same expectation and another value of the same
    /// kind.
    pub fn is_same(&self, other: &Cause) -> bool {
        if self.is_null() && other.is_null() {
            return true;
        }
        let (mine, its) = (self.actual[0], other.actual[0]);
        let alike = mine == its || (!self.at.is_empty() && self.at == other.at && kind(mine) == kind(its));
        self.expected[0] == other.expected[0] && alike
    }

    fn is_null(&self) -> bool {
        // A `null` that is wrong as a value, as an enumeration has it, is another mistake.
        self.actual == ["null"] && self.expected.iter().all(|text| is_type(text))
    }
}

impl<'a> Cause<'a> {
    fn of(finding: &'a Finding, operation: Option<&str>) -> Self {
        Cause {
            expected: vec![&finding.expected],
            actual: vec![&finding.actual],
            places: vec![(finding.place(operation), 1)],
            at: member(&finding.at),
        }
    }

    /// Adds what another cause of the same mistake tells.
    pub fn take_in(&mut self, other: Cause<'a>) {
        add_new(&mut self.expected, other.expected);
        add_new(&mut self.actual, other.actual);
        for (place, times) in other.places {
            match self.places.iter_mut().find(|(known, _)| *known == place) {
                Some((_, known)) => *known += times,
                None => self.places.push((place, times)),
            }
        }
        if self.at != other.at {
            self.at.clear();
        }
    }
}

/// The mistakes that a check found, in the order of the findings.
pub(super) fn causes(check: &CheckResult) -> Vec<Cause<'_>> {
    let mut causes: Vec<Cause> = Vec::new();
    for finding in &check.findings {
        let new = Cause::of(finding, check.operation.as_deref());
        match causes.iter_mut().find(|known| known.is_same(&new)) {
            Some(known) => known.take_in(new),
            None => causes.push(new),
        }
    }
    causes
}

fn add_new<'a>(texts: &mut Vec<&'a str>, more: Vec<&'a str>) {
    let new = more.into_iter().filter(|text| !texts.contains(text)).collect::<Vec<_>>();
    texts.extend(new);
}

/// A place in which all items of a list are one.
fn member(at: &str) -> String {
    let token = |token: &'_ str| if token.parse::<u64>().is_ok() { "*".to_owned() } else { token.to_owned() };
    at.split('/').map(token).collect::<Vec<_>>().join("/")
}

/// What a value is, without its content. Numbers are told apart: a status is not like another.
fn kind(actual: &str) -> &str {
    match actual.chars().next() {
        Some('"') => "a text",
        Some('{') => "an object",
        Some('[') => "a list",
        _ => actual.split_once(": ").map_or(actual, |(kind, _)| kind),
    }
}

/// `a string`, `an object`: an expectation that any value of a type fulfils.
fn is_type(expected: &str) -> bool {
    matches!(
        expected.split_once(' '),
        Some(("a" | "an", "string" | "object" | "array" | "integer" | "number" | "boolean"))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{Level, Outcome};
    use crate::report::samples::check;

    /// What is found as expected, actual and places, of findings given as place, expected and actual.
    fn found(findings: &[(&str, &str, &str)]) -> Vec<(String, String, usize)> {
        let mut check = check("A-1", Level::Must, Outcome::Fail);
        check.findings = findings
            .iter()
            .map(|(at, expected, actual)| Finding {
                step: "read".into(),
                at: (*at).into(),
                expected: (*expected).into(),
                actual: (*actual).into(),
            })
            .collect();
        let count = |cause: &Cause| cause.places.iter().map(|(_, times)| times).sum();
        let told = |cause: &Cause| (cause.expected.join(" | "), cause.actual.join(" | "), count(cause));
        causes(&check).iter().map(told).collect()
    }

    #[test]
    fn null_is_one_mistake_whatever_it_stands_for() {
        let causes = found(&[
            ("/ended_at", "a string", "null"),
            ("/extensions", "an object", "null"),
            ("/state", "one of \"queued\", \"running\"", "null"),
            ("/0/ended_at", "a string", "null"),
        ]);
        assert_eq!(causes[0], ("a string | an object".into(), "null".into(), 3));
        assert_eq!(causes.len(), 2);
    }

    #[test]
    fn other_values_in_the_same_member_are_the_same_mistake() {
        let none = "no member \"detail\" here";
        let causes = found(&[
            ("/0/detail", none, "\"Not Found\""),
            ("/1/detail", none, "\"Method Not Allowed\""),
            ("/2/detail", none, "3"),
            ("/title", none, "\"Gone\""),
        ]);
        let counts: Vec<usize> = causes.iter().map(|(_, _, count)| *count).collect();
        assert_eq!(counts, [2, 1, 1]);
        assert_eq!(causes[0].1, "\"Not Found\" | \"Method Not Allowed\"");
    }

    #[test]
    fn the_same_pair_is_the_same_mistake_anywhere_and_statuses_are_told_apart() {
        let causes = found(&[("status", "200", "404"), ("status", "200", "500"), ("/code", "200", "404")]);
        assert_eq!(causes, [("200".into(), "404".into(), 2), ("200".into(), "500".into(), 1)]);
    }
}
