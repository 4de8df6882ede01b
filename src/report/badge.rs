//! The verdict as a badge for a page: an SVG of its own, or the JSON that shields.io draws one from.

use askama::Template;

use super::ReportSet;
use super::json::written;
use super::model::{Report, UNKNOWN, Verdict};
use super::visible::{cut, visible};

/// Characters of either half.
const HALF: usize = 60;
/// Pixels on each side of a text.
const MARGIN: u32 = 6;

/// Widths of U+0020 to U+007E in Verdana, in thousandths of the size of the font.
const WIDTHS: [u16; 95] = [
    352, 394, 459, 818, 636, 1076, 727, 269, 454, 454, 636, 818, 364, 454, 364, 454, 636, 636, 636, 636, 636,
    636, 636, 636, 636, 636, 454, 454, 818, 818, 818, 545, 1000, 684, 686, 698, 771, 632, 575, 775, 751, 421,
    455, 693, 557, 843, 748, 787, 603, 787, 695, 684, 616, 732, 684, 989, 685, 615, 685, 454, 454, 454, 818,
    636, 636, 601, 623, 521, 623, 596, 352, 623, 633, 274, 344, 592, 274, 973, 633, 607, 623, 623, 427, 521,
    394, 633, 592, 818, 592, 592, 525, 635, 454, 635, 818,
];

/// What a badge says, and in which of the colours that shields.io names.
struct Words {
    label: String,
    message: String,
    color: Color,
}

#[derive(Clone, Copy)]
struct Color {
    name: &'static str,
    value: &'static str,
}

const GREEN: Color = Color { name: "brightgreen", value: "#3a7d0a" };
const YELLOW: Color = Color { name: "yellow", value: "#8a6d00" };
const RED: Color = Color { name: "red", value: "#c2362b" };
const GREY: Color = Color { name: "lightgrey", value: "#666" };

/// Text is white on colours dark enough for it (WCAG 2, contrast of 4.5 to 1), and drawn to its measured width with
/// whatever font there is.
#[derive(Template)]
#[template(
    ext = "svg",
    source = r##"<svg xmlns="http://www.w3.org/2000/svg" width="{{ width }}" height="20" role="img" aria-labelledby="title">
  <title id="title">{{ label }}: {{ message }}</title>
  <clipPath id="round"><rect width="{{ width }}" height="20" rx="3"/></clipPath>
  <g clip-path="url(#round)">
    <rect width="{{ left }}" height="20" fill="#444"/>
    <rect x="{{ left }}" width="{{ width - left }}" height="20" fill="{{ color }}"/>
  </g>
  <g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11" aria-hidden="true">
    <text x="{{ margin }}" y="14" textLength="{{ left - 2 * margin }}">{{ label }}</text>
    <text x="{{ left + margin }}" y="14" textLength="{{ width - left - 2 * margin }}">{{ message }}</text>
  </g>
</svg>
"##
)]
struct Svg<'a> {
    label: &'a str,
    message: &'a str,
    color: &'static str,
    /// Pixels of the left half, and of both.
    left: u32,
    width: u32,
    margin: u32,
}

/// The verdict as an SVG of 20 pixels' height.
pub fn badge(set: &ReportSet) -> String {
    let words = words(set);
    let left = text_width(&words.label) + 2 * MARGIN;
    let svg = Svg {
        label: &words.label,
        message: &words.message,
        color: words.color.value,
        left,
        width: left + text_width(&words.message) + 2 * MARGIN,
        margin: MARGIN,
    };
    // Writing goes to memory, and the template calls nothing that fails.
    svg.render().expect("a badge is always drawn")
}

/// The verdict as shields.io's endpoint badge reads it: put the file where it can be fetched, and name its address there.
pub fn badge_endpoint(set: &ReportSet) -> String {
    #[derive(serde::Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Endpoint {
        schema_version: u8,
        label: String,
        message: String,
        color: &'static str,
    }
    let Words { label, message, color } = words(set);
    written(&Endpoint { schema_version: 1, label, message, color: color.name })
}

fn words(set: &ReportSet) -> Words {
    let half = |text: &str| cut(&visible(text), HALF).into_owned();
    if let [report] = &set.reports[..] {
        let target = &report.target;
        let label = match (&target.name, &*target.service) {
            (Some(name), _) => format!("ARP {} {name}", target.contract),
            // Without a service there is no contract either.
            (None, UNKNOWN) => "ARP".to_owned(),
            (None, service) => format!("ARP {} {service}", target.contract),
        };
        return Words { label: half(&label), message: half(&message(report)), color: color(report.verdict) };
    }
    let worst = set.reports.iter().map(|report| report.verdict).max_by_key(|verdict| match verdict {
        Verdict::Conformant => 0,
        Verdict::Partial => 1,
        Verdict::NotJudged => 2,
        Verdict::NonConformant => 3,
    });
    let conformant = set.reports.iter().filter(|report| report.verdict == Verdict::Conformant).count();
    let message = format!("{conformant} of {} conformant", set.reports.len());
    Words { label: "ARP".to_owned(), message, color: worst.map_or(GREY, color) }
}

/// A badge that owes its verdict to waivers says so.
fn message(report: &Report) -> String {
    let verdict = report.verdict.name();
    match report.results.iter().filter(|check| check.waived.is_some()).count() {
        0 => verdict.to_owned(),
        waived => format!("{verdict}, {waived} waived"),
    }
}

fn color(verdict: Verdict) -> Color {
    match verdict {
        Verdict::Conformant => GREEN,
        Verdict::Partial => YELLOW,
        Verdict::NonConformant => RED,
        Verdict::NotJudged => GREY,
    }
}

/// Pixels that a text of 11 pixels takes. A character that is not in the table counts as a wide one.
fn text_width(text: &str) -> u32 {
    let width = |c: char| {
        let place = u32::from(c).checked_sub(0x20).and_then(|place| usize::try_from(place).ok());
        u32::from(place.and_then(|place| WIDTHS.get(place)).copied().unwrap_or(1_000))
    };
    (text.chars().map(width).sum::<u32>() * 11).div_ceil(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{Level, Outcome, Waived};
    use crate::report::samples::{self, check, report, sample};

    #[test]
    fn golden() {
        for (name, report) in samples::all() {
            let set = report.into();
            insta::assert_snapshot!(name, badge(&set) + &badge_endpoint(&set));
        }
    }

    #[test]
    fn the_endpoint_has_the_members_that_shields_io_asks_for() {
        let endpoint: serde_json::Value =
            serde_json::from_str(&badge_endpoint(&sample("conformant").into())).unwrap();
        let expected = serde_json::json!({
            "schemaVersion": 1,
            "label": "ARP v0.3.7 run-gateway",
            "message": "conformant",
            "color": "brightgreen",
        });
        assert_eq!(endpoint, expected);
    }

    #[test]
    fn waivers_and_several_targets_are_told() {
        let mut waived = check("A-1", Level::Must, Outcome::Fail);
        waived.waived = Some(Waived { reason: "known".into(), until: "2026-12-31".into(), issue: None });
        let report = report(Verdict::Conformant, vec![waived]);
        assert_eq!(words(&report.clone().into()).message, "conformant, 1 waived");
        let set = ReportSet { reports: vec![report, sample("partial"), sample("not-judged")] };
        assert_eq!((&*words(&set).message, words(&set).color.name), ("1 of 3 conformant", "lightgrey"));
    }

    #[test]
    fn nothing_from_a_target_is_markup() {
        let mut report = report(Verdict::Conformant, vec![]);
        report.target.name = Some("</title><script>&\u{202e}\u{1b}".to_owned() + &"x".repeat(1_000));
        let svg = badge(&report.into());
        assert!(!svg.contains("<script") && !svg.contains("</title><s"), "{svg}");
        assert!(svg.lines().all(|line| visible(line) == line) && svg.len() < 2_500, "{svg}");
    }

    #[test]
    fn widths_are_those_of_the_font() {
        // 684 + 695 + 603 thousandths of 11 pixels.
        assert_eq!(text_width("ARP"), 22);
        assert_eq!((text_width(""), text_width("~"), text_width("é")), (0, 9, 11));
    }
}
