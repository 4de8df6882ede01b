//! What failed as annotations of a GitHub Actions job: workflow commands, which its runner reads from a step's output.

use super::ReportSet;
use super::model::{Outcome, Report};
use super::text::failures;
use super::visible::{cut, visible};
use super::wording;

/// Annotations of one kind that GitHub shows for a step; it drops the rest without a word.
const SHOWN: usize = 10;
/// Characters in a line, and in a whole message.
const WIDTH: usize = 110;
const MESSAGE: usize = 2_000;

/// A line for each annotation: an error for the verdict where the run ends in 1 or 3, then an error or a warning for each
/// requirement that something is wrong with. At most ten of each kind; the tenth counts what is left out.
///
/// There is an error exactly where [`ReportSet::exit_code`] is 1 or 3 for the same `strict`.
pub fn annotations(set: &ReportSet, strict: bool) -> String {
    let (mut verdicts, mut errors, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    for report in &set.reports {
        let red = matches!(report.exit_code(strict), 1 | 3);
        // Of several targets each line says which one it is about.
        let prefix = match (set.reports.len(), &report.target.name) {
            (1, _) => String::new(),
            (_, Some(name)) => format!("{name}: "),
            (_, None) => format!("{}: ", report.target.url),
        };
        if red {
            verdicts.push((format!("{prefix}{}", report.verdict.name()), verdict(report)));
        }
        for problem in &report.waivers {
            errors
                .push((format!("{prefix}waiver of {}", problem.waives), visible(&problem.what).into_owned()));
        }
        for told in failures::told(report, WIDTH) {
            let is_error = match told.outcome {
                Outcome::Warn => strict,
                _ => red,
            };
            let kind = if is_error { &mut errors } else { &mut warnings };
            kind.push((prefix.clone() + &told.label, format!("{}\n{}", visible(&told.says), told.details)));
        }
    }
    verdicts.append(&mut errors);
    [("error", verdicts), ("warning", warnings)].map(|(kind, list)| lines(kind, &list)).concat()
}

/// What the verdict rests on, why, and the next step.
fn verdict(report: &Report) -> String {
    let sentence = wording::verdict_sentence(report);
    let explanation = report.explanation.iter().flat_map(|told| [&told.what, &told.next]);
    let lines = std::iter::once(&sentence).chain(explanation).map(|line| visible(line));
    lines.collect::<Vec<_>>().join("\n")
}

fn lines(kind: &str, list: &[(String, String)]) -> String {
    let told = if list.len() > SHOWN { SHOWN - 1 } else { list.len() };
    let mut lines: String = list[..told].iter().map(|(title, message)| line(kind, title, message)).collect();
    if told < list.len() {
        let message = format!("and {} more, in the job's summary and in the reports", list.len() - told);
        lines += &line(kind, "more of the same kind", &message);
    }
    lines
}

/// One workflow command, written as GitHub's own toolkit writes it. The message has lines that are visible already.
fn line(kind: &str, title: &str, message: &str) -> String {
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let title = data(&visible(&cut(title, WIDTH))).replace(':', "%3A").replace(',', "%2C");
    format!("::{kind} title={title}::{}\n", data(cut(message.trim_end(), MESSAGE).as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{Level, Verdict, WaiverProblem};
    use crate::report::samples::{self, check, report};

    #[test]
    fn golden() {
        for (name, report) in samples::all() {
            insta::assert_snapshot!(name, annotations(&report.into(), false));
        }
        insta::assert_snapshot!("partial-strict", annotations(&samples::sample("partial").into(), true));
    }

    #[test]
    fn there_is_an_error_exactly_where_the_run_is_red() {
        for (name, report) in samples::all() {
            for strict in [false, true] {
                let red = matches!(report.exit_code(strict), 1 | 3);
                let lines = annotations(&report.clone().into(), strict);
                assert_eq!(lines.contains("::error "), red, "{name}, {strict}: {lines}");
            }
        }
    }

    #[test]
    fn every_line_is_one_command_whatever_a_target_sends() {
        for (name, report) in samples::all() {
            for line in annotations(&report.into(), true).lines() {
                assert!(
                    line.starts_with("::error title=") || line.starts_with("::warning title="),
                    "{name}: {line}"
                );
                assert_eq!(visible(line), line, "{name}");
            }
        }
        let hostile = line("error", "a,b:c%\r\n::d", "x%0A\n::error::y\r");
        assert_eq!(hostile, "::error title=a%2Cb%3Ac%25\\r\\n%3A%3Ad::x%250A%0A::error::y\n");
    }

    #[test]
    fn no_more_is_said_than_is_shown() {
        let results = (1..=12).map(|number| check(&format!("RUN-{number}"), Level::Must, Outcome::Fail));
        let mut report = report(Verdict::NonConformant, results.collect());
        report.waivers = vec![WaiverProblem { waives: "A-1".into(), what: "expired".into() }];
        let lines = annotations(&report.into(), false);
        assert_eq!(lines.lines().count(), 10);
        assert!(lines.contains("::error title=waiver of A-1::expired\n"), "{lines}");
        assert!(lines.ends_with("::and 5 more, in the job's summary and in the reports\n"), "{lines}");
    }
}
