//! Text that came from a target, made safe to look at.
//!
//! A target chooses its bodies, headers, names and error messages. Shown as they are, they could move a terminal's
//! cursor, recolour or hide lines of a report, or look equal to something they are not.

use std::borrow::Cow;
use std::fmt::Write;

/// The text on one line, with everything a reader could not see written out: line breaks and tabs as `\n`, `\r`, `\t`,
/// and control characters (escape sequences begin with one), bidirectional controls, other invisible characters,
/// spaces that are not U+0020, and noncharacters as `\u{1b}`.
///
/// A backslash stays as it is, so the form is for reading and cannot be turned back. Applying it twice changes nothing.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            // Writing to a string cannot fail.
            c if is_hidden(c) => _ = write!(shown, "\\u{{{:x}}}", u32::from(c)),
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// As [`visible`], but the text keeps its lines: U+000A, alone or after U+000D, ends a line.
pub fn visible_lines(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    text.lines().map(visible)
}

/// The text's first `limit` characters, with a mark that says how long the whole was if anything is missing.
pub fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        None => Cow::Borrowed(text),
        Some((end, _)) => {
            Cow::Owned(format!("{} […cut, {} characters in all]", &text[..end], text.chars().count()))
        }
    }
}

/// A value as evidence, on one line and at most `limit` characters of it: [`visible`], never nothing at all, and with
/// spaces at its ends where they can be seen.
pub fn visible_value(text: &str, limit: usize) -> String {
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let text = cut(text, limit);
    let inner = text.trim_matches(' ');
    let before = text.len() - text.trim_start_matches(' ').len();
    let after = text.len() - before - inner.len();
    let space = r"\u{20}";
    format!("{}{}{}", space.repeat(before), visible(inner), space.repeat(after))
}

/// Whether a reader would not see the character, or would take it for another.
pub(super) fn is_hidden(c: char) -> bool {
    let noncharacter = (u32::from(c) & 0xfffe) == 0xfffe || matches!(c, '\u{fdd0}'..='\u{fdef}');
    c.is_control() || (c.is_whitespace() && c != ' ') || noncharacter || is_invisible(c)
}

/// Unicode's format characters (general category Cf), and what else takes no ink: fillers and variation selectors.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}'
        | '\u{8e2}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in ["", "status 200", "naïve Ω 漢字 שלום 🦀", r#"{"a": "\n"}"#] {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn control_characters_and_escape_sequences_are_written_out() {
        assert_eq!(visible("\u{1b}[2J\u{1b}]0;title\u{7}"), r"\u{1b}[2J\u{1b}]0;title\u{7}");
        assert_eq!(visible("a\r\nb\tc\0\u{7f}\u{9b}31m"), r"a\r\nb\tc\u{0}\u{7f}\u{9b}31m");
    }

    #[test]
    fn bidirectional_controls_are_written_out() {
        for code in (0x202a..=0x202e).chain(0x2066..=0x2069).chain([0x200e, 0x200f, 0x61c]) {
            let c = char::from_u32(code).unwrap();
            assert_eq!(visible(&format!("a{c}b")), format!("a\\u{{{code:x}}}b"));
        }
    }

    #[test]
    fn invisible_and_misleading_characters_are_written_out() {
        for c in
            "\u{ad}\u{200b}\u{200d}\u{2060}\u{feff}\u{3164}\u{fe0f}\u{e0041}\u{a0}\u{2003}\u{2028}\u{2029}"
                .chars()
        {
            assert_eq!(visible(&c.to_string()), format!("\\u{{{:x}}}", u32::from(c)));
        }
    }

    #[test]
    fn noncharacters_are_written_out_because_xml_forbids_them() {
        assert_eq!(visible("\u{fffe}\u{ffff}\u{fdd0}\u{1ffff}"), r"\u{fffe}\u{ffff}\u{fdd0}\u{1ffff}");
    }

    #[test]
    fn showing_what_is_shown_changes_nothing() {
        let once = visible("\u{1b}[31m\n\u{202e}").into_owned();
        assert_eq!(visible(&once), once);
    }

    #[test]
    fn lines_are_kept_where_they_are_asked_for() {
        let lines: Vec<_> = visible_lines("{\r\n\t1\n}\u{1b}").collect();
        assert_eq!(lines, ["{", r"\t1", r"}\u{1b}"]);
    }

    #[test]
    fn values_show_their_ends() {
        assert_eq!(visible_value("", 10), "(empty)");
        assert_eq!(visible_value(" a b\n  ", 10), r"\u{20}a b\n\u{20}\u{20}");
        assert_eq!(visible_value("  ", 10), r"\u{20}\u{20}");
        assert_eq!(visible_value("abc", 2), "ab […cut, 3 characters in all]");
    }

    #[test]
    fn a_cut_says_how_much_there_was_and_falls_between_characters() {
        assert_eq!(cut("漢字", 2), "漢字");
        assert_eq!(cut("漢字かな", 2), "漢字 […cut, 4 characters in all]");
    }
}
