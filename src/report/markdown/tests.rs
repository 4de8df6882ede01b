use super::*;
use crate::report::model::{Level, TargetInfo};
use crate::report::samples::{self, check, report, sample};

#[test]
fn golden() {
    for (name, report) in samples::all() {
        insta::assert_snapshot!(name, markdown(&report.into(), false));
    }
    insta::assert_snapshot!("partial-strict", markdown(&sample("partial").into(), true));
    insta::assert_snapshot!("waived", markdown(&samples::waived(Verdict::NonConformant).into(), false));
    let reports = ["conformant", "not-judged"].map(sample).to_vec();
    insta::assert_snapshot!("set", markdown(&ReportSet { reports }, false));
}

#[test]
fn the_verdict_comes_first() {
    for (name, report) in samples::all() {
        let verdict = report.verdict.name();
        let text = markdown(&report.into(), false);
        assert!(text.starts_with("## ") && text.lines().next().unwrap().contains(verdict), "{name}: {text}");
    }
}

#[test]
fn nothing_from_a_target_is_markup() {
    for (name, report) in samples::all() {
        let text = markdown(&report.into(), false);
        let mut fence = None;
        for line in text.lines() {
            assert_eq!(visible(line), line, "{name}");
            let ticks = line.len() - line.trim_start_matches('`').len();
            match fence {
                // Inside a block nothing is markup but the fence that ends it.
                Some(open) if ticks >= open && line.len() == ticks => fence = None,
                Some(_) => {}
                None if ticks >= 3 => fence = Some(ticks),
                None => {
                    let own = ["details", "summary", "b", "i", "sub"];
                    let own = own.iter().flat_map(|tag| [format!("<{tag}>"), format!("</{tag}>")]);
                    let rest = own.fold(line.to_owned(), |line, tag| line.replace(&tag, ""));
                    assert!(!rest.contains(['<', '[', '`']) && !rest.contains("://"), "{name}: {line}");
                }
            }
        }
        assert_eq!(fence, None, "{name}");
    }
}

#[test]
fn a_huge_report_stays_a_page_and_says_what_it_left_out() {
    let results = (0..3_000).map(|number| {
        let mut check = check(&format!("RUN-{number}"), Level::Must, Outcome::Fail);
        check.message = "x".repeat(300);
        check.reproduce = Some("y".repeat(300));
        check
    });
    let mut huge = report(Verdict::NonConformant, results.collect());
    let long = || Some("z".repeat(1 << 20));
    huge.target = TargetInfo { name: long(), service_name: long(), service_version: long(), ..huge.target };
    let text = markdown(&huge.into(), false);
    assert!(text.len() < 512 * 1024, "{} bytes", text.len());
    let last = text.lines().find(|line| line.contains("left out here")).expect("what is left out is counted");
    let shown = text.matches("<details>").count();
    assert!(last.starts_with(&format!("**{} more matters with ", 3_000 - shown)), "{last}");
}
