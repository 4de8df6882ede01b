use unicode_width::UnicodeWidthStr;

use super::*;
use crate::report::samples::{self, check, report, sample};

fn options(verbosity: Verbosity) -> TextOptions {
    TextOptions { color: false, width: 100, verbosity, strict: false }
}

#[test]
fn golden() {
    for (name, report) in samples::all() {
        insta::assert_snapshot!(name, text(&report, &options(Verbosity::Normal)));
    }
}

#[test]
fn golden_in_other_dress() {
    let report = sample("every-outcome");
    insta::assert_snapshot!("verbose", text(&report, &options(Verbosity::Verbose)));
    insta::assert_snapshot!("quiet", text(&report, &options(Verbosity::Quiet)));
    let narrow = TextOptions { width: 60, ..options(Verbosity::Normal) };
    insta::assert_snapshot!("narrow", text(&report, &narrow));
    let everything = text(&report, &options(Verbosity::Exchanges));
    let (_, exchanges) = everything.split_once("\nevery exchange").unwrap();
    insta::assert_snapshot!("exchanges", format!("every exchange{exchanges}"));
    // Escape is shown as its picture, so that the snapshot can be read and compared.
    let colored = TextOptions { color: true, ..options(Verbosity::Normal) };
    insta::assert_snapshot!("colored", text(&report, &colored).replace('\u{1b}', "␛"));
}

#[test]
fn several_reports_end_in_a_line_for_each() {
    let mut set = ReportSet { reports: vec![sample("conformant")] };
    let one = text_of_all(&set, &options(Verbosity::Quiet));
    assert_eq!(one, text(&set.reports[0], &options(Verbosity::Quiet)));
    set.reports.extend(["not-judged", "every-outcome"].map(sample));
    set.reports[2].target.name = Some("staging".into());
    insta::assert_snapshot!("several", text_of_all(&set, &options(Verbosity::Quiet)));
}

#[test]
fn the_verdict_comes_first_and_says_what_strict_makes_of_it() {
    let first = |report: &Report, strict| {
        let text = text(report, &TextOptions { width: usize::MAX, strict, ..options(Verbosity::Quiet) });
        text.lines().next().unwrap().to_owned()
    };
    let lines: Vec<_> = samples::all()
        .into_iter()
        .chain([("nothing selected", report(Verdict::Partial, vec![]))])
        .flat_map(|(_, report)| [first(&report, false), first(&report, true)])
        .collect();
    insta::assert_snapshot!("headlines", lines.join("\n"));
}

#[test]
fn nothing_from_a_target_reaches_the_terminal_raw() {
    for (name, report) in samples::all() {
        for verbosity in [Verbosity::Quiet, Verbosity::Normal, Verbosity::Exchanges] {
            for line in text(&report, &options(verbosity)).lines() {
                assert_eq!(crate::report::visible(line), line, "{name}");
            }
        }
    }
}

#[test]
fn lines_keep_to_the_width_and_end_in_ink() {
    for (name, report) in samples::all() {
        for width in [0, 40, 61, 100] {
            let text = text(&report, &TextOptions { width, ..options(Verbosity::Exchanges) });
            for line in text.lines() {
                let command = ["reproduce", "only this", "only these"]
                    .iter()
                    .any(|label| line.trim().starts_with(label));
                assert!(command || line.width() <= width.max(40), "{name}, {width}: {line}");
                assert_eq!(line.trim_end(), line, "{name}, {width}");
            }
        }
    }
}

#[test]
fn color_adds_escapes_and_nothing_else() {
    for (name, report) in samples::all() {
        let plain = options(Verbosity::Exchanges);
        let colored = text(&report, &TextOptions { color: true, ..plain });
        assert_eq!(anstream::adapter::strip_str(&colored).to_string(), text(&report, &plain), "{name}");
    }
}

#[test]
fn many_kinds_of_trouble_are_counted_unless_verbose() {
    let results: Vec<_> = (0..8)
        .map(|number| {
            let mut check = check("RUN-1", Level::Must, Outcome::Fail);
            check.message = format!("trouble {number}");
            check
        })
        .collect();
    let report = report(Verdict::NonConformant, results);
    let normal = text(&report, &options(Verbosity::Normal));
    assert!(normal.contains("trouble 4") && !normal.contains("trouble 5"), "{normal}");
    assert!(normal.ends_with("  and 3 more checks of the same kind, listed with --verbose\n"), "{normal}");
    assert!(text(&report, &options(Verbosity::Verbose)).contains("trouble 7"));
}

#[test]
fn requests_that_were_repeated_are_told_last() {
    let mut report = sample("conformant");
    let last = |report: &Report| text(report, &options(Verbosity::Normal)).lines().last().unwrap().to_owned();
    assert!(!last(&report).contains("repeated"));
    report.retries = 1;
    assert_eq!(last(&report), "1 request was repeated because no answer came");
    report.retries = 2;
    assert_eq!(last(&report), "2 requests were repeated because no answer came");
}
