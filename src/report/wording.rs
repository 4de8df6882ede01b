//! Numbers, lists and the sentences about a whole run.

use crate::report::model::{Counts, Level, Outcome, Report, SkipReason, Verdict};
use crate::report::summary::leaves_gap;

/// How many requirements a sentence names before it only counts.
const NAMED: usize = 4;

/// One sentence, without a full stop, that says what the verdict rests on.
pub(in crate::report) fn verdict_sentence(report: &Report) -> String {
    let mut sentence = match report.verdict {
        Verdict::NotJudged => return "nothing can be said about this target".to_owned(),
        _ if report.results.is_empty() => return "no check was selected".to_owned(),
        Verdict::Conformant => "every must that applies was measured and holds".to_owned(),
        Verdict::NonConformant => {
            let failed = requirements_with(report, Outcome::Fail);
            format!("{} violated{}", quantity(failed.len(), "must is", "musts are"), named(&failed))
        }
        Verdict::Partial => format!("nothing failed, but {}", gaps(report)),
    };
    let warned = requirements_with(report, Outcome::Warn);
    if !warned.is_empty() {
        let quantity = quantity(warned.len(), "should is", "shoulds are");
        sentence.push_str(&format!("; {quantity} not met{}", named(&warned)));
    }
    sentence
}

/// What keeps a partial verdict from being conformant: `12 must checks were not judged (10 out-of-scope, 2 blocked)`.
fn gaps(report: &Report) -> String {
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for result in report.results.iter().filter(|result| result.level == Level::Must && leaves_gap(result)) {
        let kind =
            result.reason.filter(|_| result.outcome == Outcome::Skip).map_or("error", SkipReason::name);
        match kinds.iter_mut().find(|(name, _)| *name == kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((kind, 1)),
        }
    }
    let total: usize = kinds.iter().map(|(_, count)| count).sum();
    if total == 0 {
        return "no must was measured".to_owned();
    }
    let kinds: Vec<_> = kinds.iter().map(|(kind, count)| format!("{} {kind}", number(*count))).collect();
    format!("{} not judged ({})", quantity(total, "must check was", "must checks were"), kinds.join(", "))
}

/// The ids of the requirements whose checks came to `outcome`, each once, in the order of the results.
fn requirements_with(report: &Report, outcome: Outcome) -> Vec<&str> {
    let mut ids = Vec::new();
    for result in report.results.iter().filter(|result| result.outcome == outcome) {
        // A check always decides a requirement; its own id stands in if a report left that out.
        let id = result.requirements.first().map_or(result.id.as_str(), String::as_str);
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

fn named(ids: &[&str]) -> String {
    match ids.len() {
        0..=NAMED => format!(" ({})", ids.join(", ")),
        many => format!(" ({} and {} more)", ids[..NAMED].join(", "), many - NAMED),
    }
}

/// `must 45 pass, 2 fail; should 30 pass; may 2 info`: what did not occur is left out.
pub(in crate::report) fn counts(counts: &Counts) -> String {
    let Counts { must, should, may } = counts;
    let levels = [
        ("must", vec![(must.pass, "pass"), (must.fail, "fail"), (must.error, "error"), (must.skip, "skip")]),
        (
            "should",
            vec![
                (should.pass, "pass"),
                (should.warn, "warn"),
                (should.error, "error"),
                (should.skip, "skip"),
            ],
        ),
        ("may", vec![(may.info, "info"), (may.skip, "skip")]),
    ];
    let level = |(level, counts): (&str, Vec<(u64, &str)>)| {
        let said: Vec<_> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, outcome)| format!("{} {outcome}", number(*count)))
            .collect();
        (!said.is_empty()).then(|| format!("{level} {}", said.join(", ")))
    };
    let said: Vec<_> = levels.into_iter().filter_map(level).collect();
    if said.is_empty() { "none".to_owned() } else { said.join("; ") }
}

/// `1 run`, `4 runs`.
pub(in crate::report) fn quantity(count: impl TryInto<u64>, one: &str, many: &str) -> String {
    let text = number(count);
    let noun = if text == "1" { one } else { many };
    format!("{text} {noun}")
}

/// Digits in groups of three from 10 000 on: `12 345`.
pub(in crate::report) fn number(count: impl TryInto<u64>) -> String {
    let digits = count.try_into().unwrap_or(u64::MAX).to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut grouped = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// `412 ms`, `4.1 s`, `2 min 5 s`.
pub(in crate::report) fn duration(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        // Rounded to tenths before it is divided, so that 59 999 ms is not said to be 60.0 s.
        1_000..59_950 => format!("{}.{} s", (milliseconds + 50) / 1_000, (milliseconds + 50) % 1_000 / 100),
        _ => {
            let seconds = milliseconds.saturating_add(500) / 1_000;
            format!("{} min {} s", seconds / 60, seconds % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_at_a_glance() {
        for (milliseconds, text) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_000, "1.0 s"),
            (4_149, "4.1 s"),
            (59_949, "59.9 s"),
            (59_950, "1 min 0 s"),
            (125_400, "2 min 5 s"),
        ] {
            assert_eq!(duration(milliseconds), text);
        }
    }

    #[test]
    fn numbers_are_grouped_and_agree_with_their_noun() {
        assert_eq!(quantity(1_u64, "run", "runs"), "1 run");
        assert_eq!(quantity(0_u64, "run", "runs"), "0 runs");
        assert_eq!(number(9_999_u64), "9999");
        assert_eq!(number(12_345_678_u64), "12 345 678");
    }

    #[test]
    fn counts_leave_out_what_did_not_occur() {
        let mut sample = Counts::default();
        assert_eq!(counts(&sample), "none");
        sample.must.pass = 3;
        sample.must.error = 1;
        sample.may.info = 2;
        assert_eq!(counts(&sample), "must 3 pass, 1 error; may 2 info");
    }
}
