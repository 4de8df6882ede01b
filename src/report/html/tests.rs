use std::collections::HashSet;

use super::*;
use crate::report::model::{Level, Outcome, Waived, WaiverProblem};
use crate::report::samples::{self, check, report, sample};

/// What stands between `before` and `after`, wherever that is.
fn between<'p>(page: &'p str, before: &str, after: &str) -> Vec<&'p str> {
    page.split(before).skip(1).filter_map(|rest| Some(rest.split_once(after)?.0)).collect()
}

/// Each sample alone, and all of them as a set.
fn pages() -> Vec<(&'static str, String)> {
    let set = ReportSet { reports: samples::all().into_iter().map(|(_, report)| report).collect() };
    let alone = samples::all().into_iter().map(|(name, report)| (name, html(&report.into(), false)));
    alone.chain([("set", html(&set, false))]).collect()
}

#[test]
fn the_structure_of_a_page() {
    let page = html(&sample("hostile").into(), false);
    let page = page.replace(STYLE, "…").replace(SCRIPT, "…");
    let page = page.replace(&hash(STYLE), "sha256-…").replace(&hash(SCRIPT), "sha256-…");
    insta::assert_snapshot!(page);
}

#[test]
fn pages_need_nothing_from_outside() {
    for (name, page) in pages() {
        assert_eq!(page.matches("<script").count(), 1, "{name}");
        assert_eq!(page.matches("<style").count(), 1, "{name}");
        assert!(page.contains(&format!("script-src '{}'", hash(SCRIPT))), "{name}");
        assert!(page.contains(&format!("style-src '{}'", hash(STYLE))), "{name}");
        for attribute in [" src=", " srcset=", " style=", " onclick=", "@import", "url("] {
            assert!(!page.contains(attribute), "{name}: {attribute}");
        }
        for address in between(&page, " href=\"", "\"") {
            let inside = address.starts_with('#') || address.starts_with("data:image/svg+xml,");
            assert!(inside, "{name}: {address}");
        }
    }
    // What would end the element early, or be another text to the hash than to the browser.
    assert!(!SCRIPT.contains("</") && !SCRIPT.contains("<!--") && !SCRIPT.contains('\r'));
    assert!(!STYLE.contains("</") && !STYLE.contains('\r'));
}

#[test]
fn every_link_has_a_place_and_every_place_one_name() {
    for (name, page) in pages() {
        let ids = between(&page, " id=\"", "\"");
        let known: HashSet<_> = ids.iter().copied().collect();
        assert_eq!(known.len(), ids.len(), "{name}");
        for link in between(&page, " href=\"#", "\"").into_iter().chain(between(&page, " data-to=\"", "\"")) {
            assert!(known.contains(link), "{name}: {link}");
        }
    }
}

#[test]
fn nothing_hidden_reaches_a_page() {
    for (name, page) in pages() {
        let hidden = |c: char| {
            (c.is_control() && c != '\n')
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        };
        assert_eq!(page.chars().find(|c| hidden(*c)), None, "{name}");
    }
}

#[test]
fn findings_are_marked_in_their_exchange() {
    let page = html(&sample("every-outcome").into(), false);
    assert!(page.contains("<mark>"));
    assert!(between(&page, "<span class=\"note\">", "</span>").len() > 4);
}

#[test]
fn what_is_waived_is_no_failure_and_a_bad_waiver_is_one() {
    let mut waived = check("A-1", Level::Must, Outcome::Fail);
    let issue = Some("javascript:alert(1)".to_owned());
    waived.waived = Some(Waived { reason: "known <b>".into(), until: "2026-12-31".into(), issue });
    let mut report = report(Verdict::Conformant, vec![waived]);
    report.waivers =
        vec![WaiverProblem { waives: "B-1".into(), what: "it passes now: remove the waiver".into() }];
    let page = html(&report.into(), false);
    assert!(page.contains("class=\"cell waived\""));
    assert!(page.contains("Waived until 2026-12-31:</b> known &#60;b&#62;"));
    assert!(page.contains("it passes now: remove the waiver"));
    assert!(!page.contains("href=\"javascript"));
    assert_eq!(between(&page, "data-outcome=\"", "\""), ["fail", "waived"]);
}

#[test]
fn several_targets_are_told_apart() {
    let mut reports = ["conformant", "every-outcome"].map(sample);
    reports[0].target.name = Some("the first".into());
    let page = html(&ReportSet { reports: reports.to_vec() }, false);
    assert!(page.contains("<h1>2 targets</h1>"));
    assert!(page.contains("<a href=\"#t1-summary\">the first</a>"));
    assert!(
        page.contains("id=\"target=2&#38;req=ERROR-1\"") || page.contains("id=\"target=2&amp;req=ERROR-1\"")
    );
}

#[test]
fn strict_is_told_where_it_decides() {
    let warned = vec![check("A-1", Level::Must, Outcome::Pass), check("B-1", Level::Should, Outcome::Warn)];
    let set: ReportSet = report(Verdict::Conformant, warned).into();
    assert!(html(&set, true).contains("<span>--strict</span> counts this as a failure"));
    assert!(!html(&set, false).contains("--strict"));
}

#[test]
fn many_checks_that_hold_are_folded_below_those_that_do_not() {
    let checks = |passed| {
        let mut results = vec![check("A-1", Level::Must, Outcome::Fail)];
        results.extend(vec![check("A-1", Level::Must, Outcome::Pass); passed]);
        html(&report(Verdict::NonConformant, results).into(), false)
    };
    assert!(checks(4).contains("4 checks without a violation"));
    assert!(!checks(3).contains("without a violation"));
}
