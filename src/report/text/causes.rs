//! Findings that a reader takes as one mistake of the target, however many places show it.

use crate::report::model::{CheckResult, Finding, Outcome};

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
    /// The mistake in words, where it has a name.
    pub fn title(&self) -> Option<&'static str> {
        self.is_null().then_some("`null` where the schema allows none")
    }

    /// How many places show it.
    pub fn count(&self) -> usize {
        self.places.iter().map(|(_, times)| times).sum()
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

/// The mistakes that several requirements suffer from, each with these, most places first. A status is no mistake of
/// its own: what is behind it differs.
pub(super) fn shared(results: &[CheckResult]) -> Vec<(Cause<'_>, Vec<&str>)> {
    let mut found: Vec<(Cause, Vec<&str>)> = Vec::new();
    let violated = |check: &&CheckResult| {
        matches!(check.outcome, Outcome::Fail | Outcome::Warn) && check.waived.is_none()
    };
    for check in results.iter().filter(violated) {
        let requirements = || check.requirements.iter().take(1).map(String::as_str);
        for new in causes(check).into_iter().filter(|cause| cause.at != "status") {
            match found.iter_mut().find(|(known, _)| known.is_same(&new)) {
                Some((known, ids)) => {
                    known.take_in(new);
                    add_new(ids, requirements().collect());
                }
                None => found.push((new, requirements().collect())),
            }
        }
    }
    found.retain(|(_, requirements)| requirements.len() > 1);
    found.sort_by_key(|(cause, _)| std::cmp::Reverse(cause.count()));
    found
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
    use crate::report::model::Level;
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
        let told = |cause: &Cause| (cause.expected.join(" | "), cause.actual.join(" | "), cause.count());
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
    fn what_several_requirements_suffer_from_is_told_once() {
        let violated = |id: &str, at: &str, actual: &str| {
            let mut check = check(id, Level::Must, Outcome::Fail);
            let (expected, at, actual) = ("a string".into(), at.into(), actual.into());
            check.findings = vec![Finding { step: "read".into(), at, expected, actual }];
            check
        };
        let results = [
            violated("A-1", "/a", "3"),
            violated("A-1", "/b", "null"),
            violated("B-1", "/c", "null"),
            violated("B-1", "/d", "null"),
            violated("C-1", "/a", "3"),
            violated("D-1", "status", "x"),
            violated("E-1", "status", "x"),
            violated("F-1", "/f", "[]"),
        ];
        let shared = shared(&results);
        let told: Vec<_> =
            shared.iter().map(|(cause, ids)| (cause.actual[0], cause.count(), ids.join(" "))).collect();
        assert_eq!(told, [("null", 3, "A-1 B-1".to_owned()), ("3", 2, "A-1 C-1".to_owned())]);
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
