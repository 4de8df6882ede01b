//! What went wrong, requirement by requirement.

use anstyle::Style;

use super::causes::{Cause, causes, shared};
use super::difference::{fits, marked};
use super::page::Page;
use super::wording::{number, quantity};
use super::{TextOptions, Verbosity, style, urgency};
use crate::report::model::{CheckResult, Explanation, Level, Outcome, Report};
use crate::report::visible::{cut, visible_value};

/// How much is listed before the rest is only counted, unless verbose.
#[derive(Clone, Copy)]
struct Limits {
    /// Kinds of trouble under one requirement, and different findings in one kind.
    kinds: usize,
    /// Checks and places that show the same trouble.
    alike: usize,
    /// Characters of an expected or actual value.
    value: usize,
    /// Values that take more than a line are shown around their difference alone.
    around: bool,
}

/// Characters of a value that is told in a sentence.
const VALUE_IN_LINE: usize = 80;

const SHORT: Limits = Limits { kinds: 5, alike: 3, value: 400, around: true };
const LONG: Limits = Limits { kinds: usize::MAX, alike: usize::MAX, value: 8_000, around: false };

/// Checks of one outcome that a reader takes as one matter: those of one requirement, or all that ended in the same
/// error, for a target that stopped answering has one trouble and not one for each requirement.
struct Group<'a> {
    outcome: Outcome,
    level: Level,
    matter: Matter<'a>,
    /// The first requirement of each check, each once. None for a check that names none.
    requirements: Vec<&'a str>,
    /// At least one, each with at least one check.
    troubles: Vec<Trouble<'a>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Matter<'a> {
    Requirement(Option<&'a str>),
    Error(&'a str),
}

/// Checks that found the same, said once.
struct Trouble<'a> {
    checks: Vec<&'a CheckResult>,
    causes: Vec<Cause<'a>>,
}

/// One matter in parts, for renderings that fold the details or put the heading elsewhere.
pub(in crate::report) struct Told {
    pub outcome: Outcome,
    /// `fail: RUN-3 (must)`.
    pub label: String,
    /// The requirement's sentence, or what its checks have in common.
    pub says: String,
    /// How many checks show it.
    pub checks: usize,
    /// Each check with its findings and how to see it again, as the text report has it; several lines, all visible.
    pub details: String,
}

/// What went wrong in the report but is not waived, most urgent first.
pub(in crate::report) fn told(report: &Report, width: usize) -> Vec<Told> {
    let open = report.results.iter().filter(|check| check.waived.is_none());
    let told = |group: Group| {
        let mut page = Page::new(width, false);
        details(&mut page, &group, SHORT);
        let (label, says) = heading(report, &group);
        Told {
            outcome: group.outcome,
            label,
            says: says.to_owned(),
            checks: group.troubles.iter().map(|trouble| trouble.checks.len()).sum(),
            details: page.finish(),
        }
    };
    groups(open, report.explanation.as_ref()).into_iter().map(told).collect()
}

pub(super) fn write(page: &mut Page, report: &Report, options: &TextOptions) {
    let limits = if options.verbosity >= Verbosity::Verbose { LONG } else { SHORT };
    write_shared(page, report, limits);
    for group in groups(&report.results, report.explanation.as_ref()) {
        page.blank();
        let (label, says) = heading(report, &group);
        page.labelled(0, (&label, style::of(group.outcome)), 2, style::HEADING, says);
        details(page, &group, limits);
    }
}

fn details(page: &mut Page, group: &Group, limits: Limits) {
    for trouble in group.troubles.iter().take(limits.kinds) {
        write_trouble(page, group, trouble, limits);
    }
    if let Some(rest) = group.troubles.get(limits.kinds..).filter(|rest| !rest.is_empty()) {
        let checks: usize = rest.iter().map(|trouble| trouble.checks.len()).sum();
        let rest = quantity(checks, "more check", "more checks");
        page.text(2, style::LABEL, &format!("and {rest} of the same kind, listed with --verbose"));
    }
}

/// What stands behind several of the failures that follow.
fn write_shared(page: &mut Page, report: &Report, limits: Limits) {
    let shared = shared(&report.results);
    if shared.is_empty() {
        return;
    }
    page.blank();
    page.text(0, style::HEADING, "one cause, several requirements");
    for (cause, requirements) in shared.iter().take(limits.kinds) {
        let says = match cause.title() {
            Some(title) => title.to_owned(),
            None => {
                let value = |value| cut(value, VALUE_IN_LINE);
                let others = if cause.actual.len() > 1 { " or the like" } else { "" };
                format!("expected {}, found {}{others}", value(cause.expected[0]), value(cause.actual[0]))
            }
        };
        let places = format!("{:>4} places", number(cause.count()));
        page.labelled(
            0,
            (&places, style::LABEL),
            13,
            Style::new(),
            &format!("{says} ({})", requirements.join(", ")),
        );
    }
}

/// The label and the sentence of a group.
fn heading<'a>(report: &'a Report, group: &Group<'a>) -> (String, &'a str) {
    let first = group.troubles[0].checks[0];
    let (ids, says) = match group.requirements.as_slice() {
        [] => (String::new(), first.title.as_str()),
        [id] => {
            let row = report.requirements.iter().find(|row| row.id == *id);
            (format!("{id} "), row.map_or("", |row| row.says.as_str()))
        }
        [id, rest @ ..] => (format!("{id} and {} more ", number(rest.len())), first.message.as_str()),
    };
    let says = if says.is_empty() { &first.title } else { says };
    (format!("{}: {ids}({})", group.outcome.name(), group.level.name()), says)
}

fn write_trouble(page: &mut Page, group: &Group, trouble: &Trouble, limits: Limits) {
    const INDENT: usize = 6;
    const COLUMN: usize = 12;
    let first = trouble.checks[0];

    page.labelled(2, ("-->", style::LABEL), 4, Style::new(), &first.id);
    let more = trouble.checks.iter().skip(1).map(|check| check.id.clone());
    list(page, INDENT, more, limits.alike - 1, "checks");
    let in_heading = group.requirements.len() > 1;
    let in_findings = |cause: &Cause| {
        let told = format!("expected {}, found {}", cause.expected[0], cause.actual[0]);
        first.message.contains(&told)
    };
    if !in_heading
        && !first.message.is_empty()
        && trouble.checks.iter().all(|check| check.message == first.message)
        && !trouble.causes.iter().any(in_findings)
    {
        page.text(INDENT, Style::new(), &cut(&first.message, limits.value));
    }
    for cause in trouble.causes.iter().take(limits.kinds) {
        write_cause(page, INDENT, cause, limits);
    }
    if let Some(rest) = trouble.causes.len().checked_sub(limits.kinds).filter(|rest| *rest > 0) {
        let rest = quantity(rest, "more finding", "more findings");
        page.text(INDENT, style::LABEL, &format!("and {rest}, listed with --verbose"));
    }
    if let Some(command) = trouble.checks.iter().find_map(|check| check.reproduce.as_deref()) {
        page.command(INDENT, ("reproduce", style::LABEL), COLUMN, command);
    }
    if let Some(hint) = trouble.checks.iter().find_map(|check| check.hint.as_deref()) {
        page.labelled(INDENT, ("hint", style::LABEL), COLUMN, Style::new(), hint);
    }
    let again = match (trouble.checks.as_slice(), group.requirements.as_slice()) {
        ([_, _, ..], [requirement]) => Some(("only these", format!("--requirement {requirement}"))),
        _ => first.selection().map(|option| ("only this", option)),
    };
    if let Some((label, option)) = again {
        page.command(INDENT, (label, style::LABEL), COLUMN, &option);
    }
}

fn write_cause(page: &mut Page, indent: usize, cause: &Cause, limits: Limits) {
    const COLUMN: usize = 10;
    let title = cause.title().map_or(String::new(), |title| format!(", {title}"));
    match cause.places.as_slice() {
        [(place, 1)] => page.text(indent, Style::new(), place),
        [(place, times)] => {
            page.text(indent, Style::new(), &format!("{place}, {} times{title}", number(*times)));
        }
        places => {
            page.text(indent, Style::new(), &format!("at {} places{title}", number(cause.count())));
            let places = places.iter().map(|(place, times)| match times {
                1 => place.clone(),
                times => format!("{place}, {} times", number(*times)),
            });
            list(page, indent + 2, places, limits.alike, "places");
        }
    }
    let (expected, actual) = (values(&cause.expected, limits), values(&cause.actual, limits));
    let room = page.room(indent + 2, COLUMN);
    let single = cause.expected.len() == 1 && cause.actual.len() == 1;
    let comparable = single && (limits.around || fits(&expected, &actual, room));
    let (of_expected, of_actual) = (("expected", style::LABEL), ("  actual", style::LABEL));
    match marked(&expected, &actual, room).filter(|_| comparable) {
        Some((expected, actual)) => {
            page.marked(indent + 2, of_expected, COLUMN, style::EXPECTED, &expected, false);
            page.marked(indent + 2, of_actual, COLUMN, style::ACTUAL, &actual, true);
        }
        None => {
            page.labelled(indent + 2, of_expected, COLUMN, style::EXPECTED, &expected);
            page.labelled(indent + 2, of_actual, COLUMN, style::ACTUAL, &actual);
        }
    }
}

/// One value, or the first few of several.
fn values(values: &[&str], limits: Limits) -> String {
    let listed = if values.len() <= limits.alike { values.len() } else { limits.alike - 1 };
    let shown: Vec<String> =
        values[..listed].iter().map(|value| visible_value(value, limits.value / listed)).collect();
    let shown = shown.join(" or ");
    match values.len() - listed {
        0 => shown,
        more => format!("{shown} or {} more", number(more)),
    }
}

/// The first `limit` items, one a line, and how many more there are. One item over the limit is listed all the same:
/// the line that counts it would be no shorter.
fn list(
    page: &mut Page,
    indent: usize,
    items: impl ExactSizeIterator<Item = String>,
    limit: usize,
    noun: &str,
) {
    let all = items.len();
    let listed = if all <= limit.saturating_add(1) { all } else { limit };
    for item in items.take(listed) {
        page.text(indent, Style::new(), &item);
    }
    if all > listed {
        page.text(indent, style::LABEL, &format!("and {} more {noun}", number(all - listed)));
    }
}

/// What failed, most urgent first; within the same urgency in the order of the results.
///
/// A check that says no more than the report's explanation is left out: that stands above already.
fn groups<'r>(
    results: impl IntoIterator<Item = &'r CheckResult>,
    explanation: Option<&Explanation>,
) -> Vec<Group<'r>> {
    let mut groups: Vec<Group> = Vec::new();
    let troubled = [Outcome::Fail, Outcome::Error, Outcome::Warn];
    let is_told = |check: &CheckResult| explanation.is_some_and(|told| told.what == check.message);
    let wanted =
        |check: &&CheckResult| troubled.contains(&check.outcome) && check.waived.is_none() && !is_told(check);
    for check in results.into_iter().filter(wanted) {
        let requirement = check.requirements.first().map(String::as_str);
        let matter = match check.outcome {
            Outcome::Error if check.findings.is_empty() && !check.message.is_empty() => {
                Matter::Error(&check.message)
            }
            _ => Matter::Requirement(requirement),
        };
        let key = (check.outcome, check.level, matter);
        let found = groups.iter().position(|group| (group.outcome, group.level, group.matter) == key);
        let group = found.unwrap_or_else(|| {
            let (outcome, level, matter) = key;
            groups.push(Group { outcome, level, matter, requirements: Vec::new(), troubles: Vec::new() });
            groups.len() - 1
        });
        let known = &mut groups[group].requirements;
        known.extend(requirement.filter(|id| !known.contains(id)));
        add(&mut groups[group].troubles, check);
    }
    groups.sort_by_key(|group| urgency(group.outcome, group.level));
    groups
}

/// Adds the check to the trouble that found the same, or as a trouble of its own.
fn add<'a>(troubles: &mut Vec<Trouble<'a>>, check: &'a CheckResult) {
    let causes = causes(check);
    let same = |trouble: &&mut Trouble| {
        trouble.causes.len() == causes.len()
            && trouble.causes.iter().zip(&causes).all(|(known, new)| known.is_same(new))
            && (!causes.is_empty() || trouble.checks[0].message == check.message)
    };
    match troubles.iter_mut().find(same) {
        None => troubles.push(Trouble { checks: vec![check], causes }),
        Some(trouble) => {
            trouble.checks.push(check);
            trouble.causes.iter_mut().zip(causes).for_each(|(known, more)| known.take_in(more));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::Finding;
    use crate::report::samples::check;

    fn finding(step: &str, at: &str, actual: &str) -> Finding {
        Finding { step: step.into(), at: at.into(), expected: "1".into(), actual: actual.into() }
    }

    #[test]
    fn what_fails_the_target_comes_first() {
        let results = [
            check("A-1", Level::Should, Outcome::Warn),
            check("B-1", Level::Should, Outcome::Error),
            check("C-1", Level::Must, Outcome::Error),
            check("D-1", Level::Must, Outcome::Fail),
            check("E-1", Level::Must, Outcome::Pass),
            check("D-1", Level::Must, Outcome::Fail),
        ];
        let order: Vec<_> = groups(&results, None).iter().map(|group| group.requirements[0]).collect();
        assert_eq!(order, ["D-1", "C-1", "B-1", "A-1"]);
    }

    #[test]
    fn the_same_finding_is_said_once_with_all_its_places() {
        let mut results = vec![check("A-1", Level::Must, Outcome::Fail); 3];
        results[0].findings = vec![finding("exchange 1", "/a", "2"), finding("exchange 2", "/a", "2")];
        results[1].findings = vec![finding("exchange 3", "/b", "2")];
        results[2].findings = vec![finding("exchange 4", "/b", "3")];
        let groups = groups(&results, None);
        let [same, other] = groups[0].troubles.as_slice() else { panic!("two troubles") };
        assert_eq!(same.causes[0].places.len(), 3);
        assert_eq!(same.checks.len(), 2);
        assert_eq!(other.causes[0].actual, ["3"]);
    }

    #[test]
    fn the_same_error_is_one_matter_whatever_it_hit() {
        let mut results = vec![
            check("A-1", Level::Must, Outcome::Error),
            check("B-1", Level::Must, Outcome::Error),
            check("B-1", Level::Must, Outcome::Error),
        ];
        results[0].message = "no answer".into();
        results[1].message = "no answer".into();
        results[2].message = "another".into();
        let groups = groups(&results, None);
        let seen: Vec<_> =
            groups.iter().map(|group| (group.requirements.as_slice(), group.troubles.len())).collect();
        assert_eq!(seen, [(["A-1", "B-1"].as_slice(), 1), (["B-1"].as_slice(), 1)]);
    }
}
