//! Where an expected and an actual value part ways, so that a reader need not search.

use std::ops::Range;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Characters that two values have to share before their difference is worth a mark.
const SHARED: usize = 4;

/// Characters before the difference that are kept where a value is too long for its line.
const CONTEXT: usize = 24;

/// A text of which one part is to be marked. The part may be empty: then something is missing there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marked {
    pub before: String,
    pub part: String,
    pub after: String,
}

/// Both texts on one line each, at most `room` columns of them, with the part in which they differ; long ones are cut
/// around it. None where they are equal, or where so much differs that a mark would not help.
///
/// Where a text begins with a JSON value, as in `"running", as before`, the values alone are compared; and where one of
/// several values was expected, the one that comes nearest.
pub(super) fn marked(expected: &str, actual: &str, room: usize) -> Option<(Marked, Marked)> {
    let actual_value = value(actual);
    let of_choices = |(at, choice): (usize, &str)| {
        let (shared, of_expected, of_actual) = difference(choice, actual_value)?;
        Some((shared, at + of_expected.start..at + of_expected.end, of_actual))
    };
    let nearest = choices(expected).into_iter().filter_map(of_choices).max_by_key(|(shared, ..)| *shared);
    let (_, of_expected, of_actual) = nearest?;
    let cut = |text: &str, part: Range<usize>| {
        let from = if fits(expected, actual, room) { 0 } else { window(&text[..part.start], room) };
        mark(text, from, part, room)
    };
    Some((cut(expected, of_expected), cut(actual, of_actual)))
}

/// Whether each text fits into a line.
pub(super) fn fits(expected: &str, actual: &str, room: usize) -> bool {
    expected.width().max(actual.width()) <= room
}

/// Columns of the mark under a text: where it begins and how long it is, at least 1 and inside of the room.
pub(super) fn underline(text: &Marked, room: usize) -> (usize, usize) {
    let start = text.before.width().min(room.saturating_sub(1));
    (start, text.part.width().clamp(1, room.saturating_sub(start).max(1)))
}

/// The octets of each value in which they differ, and how many characters they share.
fn difference(expected: &str, actual: &str) -> Option<(usize, Range<usize>, Range<usize>)> {
    if expected == actual {
        return None;
    }
    let same = expected.chars().zip(actual.chars()).take_while(|(a, b)| a == b);
    let start: usize = same.map(|(c, _)| c.len_utf8()).sum();
    let (left, right) = (&expected[start..], &actual[start..]);
    let same = left.chars().rev().zip(right.chars().rev()).take_while(|(a, b)| a == b);
    let end: usize = same.map(|(c, _)| c.len_utf8()).sum();

    let shared = expected[..start].chars().count() + left[left.len() - end..].chars().count();
    let longer = expected.chars().count().max(actual.chars().count());
    let alike = shared >= SHARED && shared * 2 >= longer;
    alike.then(|| (shared, start..expected.len() - end, start..actual.len() - end))
}

/// The values that were expected, each with its place: those of `one of "a", "b"`, or what the text begins with.
fn choices(expected: &str) -> Vec<(usize, &str)> {
    const ONE_OF: &str = "one of ";
    let Some(list) = expected.strip_prefix(ONE_OF) else { return vec![(0, value(expected))] };
    let mut choices = Vec::new();
    let mut rest = list;
    while !rest.is_empty() {
        let choice = value(rest);
        choices.push((expected.len() - rest.len(), choice));
        rest = rest[choice.len()..].trim_start_matches([',', ' ']);
    }
    choices
}

/// The JSON value that a text begins with, or else all of it.
fn value(text: &str) -> &str {
    if !text.starts_with(['"', '{', '[']) {
        return text;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => &text[..values.byte_offset()],
        _ => text,
    }
}

/// Where to begin so that no more than the context stands before the difference.
fn window(before: &str, room: usize) -> usize {
    let skipped = before.chars().count().saturating_sub(CONTEXT.min(room / 3));
    before.char_indices().nth(skipped).map_or(before.len(), |(at, _)| at)
}

fn mark(text: &str, from: usize, part: Range<usize>, room: usize) -> Marked {
    let ellipsis = if from > 0 { "…" } else { "" };
    let before = format!("{ellipsis}{}", &text[from..part.start]);
    let (part, after) = (&text[part.clone()], &text[part.end..]);
    if before.width() + part.width() + after.width() <= room {
        return Marked { before, part: part.to_owned(), after: after.to_owned() };
    }
    // One column for the mark that says that there is more.
    let mut left = room.saturating_sub(1);
    let (before, part, after) = (fit(&before, &mut left), fit(part, &mut left), fit(after, &mut left));
    Marked { before, part, after: after + "…" }
}

/// As much of a text as there are columns left, which are taken from `left`.
fn fit(text: &str, left: &mut usize) -> String {
    let fits = |c: &char| {
        let width = c.width().unwrap_or(0);
        let fits = width <= *left;
        *left = if fits { *left - width } else { 0 };
        fits
    };
    text.chars().take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a reader sees it: two lines, and one with the mark.
    fn seen(expected: &str, actual: &str, room: usize) -> String {
        let Some((expected, actual)) = marked(expected, actual, room) else { return "no mark".into() };
        let (start, length) = underline(&actual, room);
        let line = |text: &Marked| format!("{}{}{}", text.before, text.part, text.after);
        format!("{}\n{}\n{}{}", line(&expected), line(&actual), " ".repeat(start), "^".repeat(length))
    }

    #[test]
    fn the_part_that_differs_is_marked() {
        let pages = [
            (r#""canceled""#, r#""cancelled""#),
            ("application/x-ndjson", "application/json"),
            (r#"{"a":1,"b":[2]}"#, r#"{"a":1,"b":[2,3]}"#),
            ("漢字かなx", "漢字かなyy"),
            // Words after a value take no part.
            (r#""2026-01-01T00:00:09Z", as before"#, r#""2026-01-01T00:00:11Z""#),
            (r#""running", as before"#, r#""running""#),
            (r#"one of "queued", "canceled", "failed""#, r#""cancelled""#),
        ]
        .map(|(expected, actual)| seen(expected, actual, 80));
        insta::assert_snapshot!(pages.join("\n"), @r#"
        "canceled"
        "cancelled"
               ^
        application/x-ndjson
        application/json
                    ^
        {"a":1,"b":[2]}
        {"a":1,"b":[2,3]}
                     ^^
        漢字かなx
        漢字かなyy
                ^^
        "2026-01-01T00:00:09Z", as before
        "2026-01-01T00:00:11Z"
                          ^^
        no mark
        one of "queued", "canceled", "failed"
        "cancelled"
               ^
        "#);
    }

    #[test]
    fn what_has_little_in_common_is_not_marked() {
        for (expected, actual) in [
            ("a string", "null"),
            ("200", "404"),
            ("outside 2xx", "200"),
            ("a JSON object", "a JSON string: \"[1, 2, 3]\""),
            (r#""arp-conformance-1""#, r#""run_NE2tP689KMOUHv5QbjHTXA""#),
            ("one of \"a\", words without end", "\"b\""),
            ("", ""),
        ] {
            assert_eq!(seen(expected, actual, 80), "no mark", "{expected} {actual}");
        }
    }

    #[test]
    fn long_values_are_shown_around_the_difference() {
        let long =
            |middle: &str| format!("{{\"text\":\"{}{middle}{}\"}}", "lorem ".repeat(20), "ipsum ".repeat(20));
        let pages =
            [seen(&long("dolor "), &long("dolour "), 50), seen(&long("a"), &long(&"b".repeat(60)), 50)];
        insta::assert_snapshot!(pages.join("\n"), @"
        …lorem lorem dolor ipsum ipsum ipsum ipsum ipsum …
        …lorem lorem dolour ipsum ipsum ipsum ipsum ipsum…
                         ^
        …rem lorem lorem aipsum ipsum ipsum ipsum ipsum i…
        …rem lorem lorem bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…
                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        ");
    }

    #[test]
    fn nothing_leaves_the_room() {
        for room in 0..40 {
            for (expected, actual) in
                [("漢字かな漢字かなx", "漢字かな漢字かなyyyy"), ("abcdefgh", "abcdefghijkl")]
            {
                let seen = seen(expected, actual, room);
                assert!(seen.lines().all(|line| line.width() <= room.max(1)), "{room}: {seen}");
            }
        }
    }
}
