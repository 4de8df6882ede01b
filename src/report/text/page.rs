//! Lines for a terminal: wrapped, indented, styled, and free of anything a reader could not see.

use anstyle::Style;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::difference::{Marked, underline};
use crate::report::visible;

/// The narrowest page; below it, wrapping would do more harm than good.
const NARROWEST: usize = 40;

/// A growing page of text.
///
/// Every text goes through [`visible`] on its way in, so nothing that a target sent reaches the terminal raw. Widths
/// and indents are in columns of the terminal; no line ends in a space.
pub(crate) struct Page {
    out: String,
    width: usize,
    color: bool,
}

impl Page {
    pub(crate) fn new(width: usize, color: bool) -> Page {
        Page { out: String::new(), width: width.max(NARROWEST), color }
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }

    pub(crate) fn blank(&mut self) {
        self.out.push('\n');
    }

    /// A paragraph; lines after the first are indented like the first.
    pub(crate) fn text(&mut self, indent: usize, style: Style, text: &str) {
        self.labelled(indent, ("", Style::new()), 0, style, text);
    }

    /// A label and a text beside it. The text begins `column` columns after the indent, or one space after a longer
    /// label, and goes on in that column.
    pub(crate) fn labelled(
        &mut self,
        indent: usize,
        (label, label_style): (&str, Style),
        column: usize,
        style: Style,
        text: &str,
    ) {
        let (label, text) = (visible(label), visible(text));
        let label_width = label.width();
        let start = if label_width == 0 { column } else { column.max(label_width + 1) };
        let first = self.width.saturating_sub(indent + start);
        let rest = self.width.saturating_sub(indent + column);
        let lines = wrap(&text, first, rest);

        self.space(indent);
        self.styled(label_style, &label);
        if !lines.is_empty() {
            self.space(start - label_width);
        }
        for (number, line) in lines.iter().enumerate() {
            if number > 0 {
                self.out.push('\n');
                self.space(indent + column);
            }
            match line.strip_prefix("::") {
                // A job of GitHub Actions would take the line for one of its commands.
                Some(rest) => self.styled(style, &format!("\\u{{3a}}:{rest}")),
                None => self.styled(style, line),
            }
        }
        self.out.push('\n');
    }

    /// As [`Page::labelled`], on one line however long it is: a command must come back whole when it is copied.
    pub(crate) fn command(&mut self, indent: usize, label: (&str, Style), column: usize, command: &str) {
        let width = std::mem::replace(&mut self.width, usize::MAX);
        self.labelled(indent, label, column, Style::new(), command);
        self.width = width;
    }

    /// Columns for a text beside a label.
    pub(super) fn room(&self, indent: usize, column: usize) -> usize {
        self.width.saturating_sub(indent + column)
    }

    /// A label and a text on one line, a part of it stressed; with `carets`, a line below points at the part too. The
    /// text has to fit.
    pub(super) fn marked(
        &mut self,
        indent: usize,
        (label, label_style): (&str, Style),
        column: usize,
        style: Style,
        text: &Marked,
        carets: bool,
    ) {
        self.space(indent);
        self.styled(label_style, label);
        self.space(column.saturating_sub(label.width()));
        let parts = [(&text.before, style), (&text.part, style.bold().underline()), (&text.after, style)];
        for (part, style) in parts {
            self.styled(style, &visible(part));
        }
        self.out.push('\n');
        if carets {
            let (start, length) = underline(text, self.room(indent, column));
            self.space(indent + column + start);
            self.styled(style, &"^".repeat(length));
            self.out.push('\n');
        }
    }

    fn space(&mut self, width: usize) {
        self.out.extend(std::iter::repeat_n(' ', width));
    }

    fn styled(&mut self, style: Style, text: &str) {
        if self.color && !style.is_plain() && !text.is_empty() {
            self.out.push_str(&format!("{style}{text}{style:#}"));
        } else {
            self.out.push_str(text);
        }
    }
}

/// Breaks at spaces, and inside a word only where the word alone is too long. The spaces at a break are dropped.
fn wrap(text: &str, first: usize, rest: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut text = text.trim_end_matches(' ');
    let mut width = first;
    while !text.is_empty() {
        let end = match overflow(text, width) {
            None => text.len(),
            // A space just after the last character that fits is a break too.
            Some((limit, c)) => {
                match text[..limit + c.len_utf8()].trim_end_matches(|c| c != ' ').trim_end_matches(' ') {
                    "" => limit,
                    words => words.len(),
                }
            }
        };
        lines.push(&text[..end]);
        text = text[end..].trim_start_matches(' ');
        width = rest;
    }
    lines
}

/// The first character that does not fit into the width, where one does not. The very first always fits.
fn overflow(text: &str, width: usize) -> Option<(usize, char)> {
    let mut taken = 0;
    text.char_indices().find(|(at, c)| {
        taken += c.width().unwrap_or(0);
        *at > 0 && taken > width
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_long_words_inside() {
        assert_eq!(wrap("one two three", 7, 7), ["one two", "three"]);
        assert_eq!(wrap("one two three", 8, 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij kl", 4, 4), ["abcd", "efgh", "ij", "kl"]);
        assert_eq!(wrap("ab cdefghij", 4, 4), ["ab", "cdef", "ghij"]);
        assert_eq!(wrap("a  b   c", 4, 4), ["a  b", "c"]);
        assert_eq!(wrap("漢字かな", 4, 5), ["漢字", "かな"], "each takes two columns");
        assert_eq!(wrap("漢字", 1, 1), ["漢", "字"]);
        assert_eq!(wrap("first is short", 5, 8), ["first", "is short"]);
        assert_eq!(wrap("", 5, 5), Vec::<&str>::new());
        assert_eq!(wrap("   ", 5, 5), Vec::<&str>::new());
    }

    #[test]
    fn text_hangs_in_its_column_and_no_line_ends_in_a_space() {
        let mut page = Page::new(40, false);
        page.labelled(
            2,
            ("expected", Style::new()),
            10,
            Style::new(),
            "one of queued, running, succeeded, failed ",
        );
        page.labelled(2, ("actual", Style::new()), 10, Style::new(), "");
        assert_eq!(
            page.finish(),
            "  expected  one of queued, running,\n            succeeded, failed\n  actual\n"
        );
    }

    #[test]
    fn what_a_target_sent_is_made_visible_even_in_labels() {
        let mut page = Page::new(80, true);
        page.labelled(0, ("\u{1b}[31m", Style::new()), 4, Style::new(), "a\nb\u{202e}");
        page.command(0, ("", Style::new()), 0, "curl '\u{7}'");
        assert_eq!(page.finish(), "\\u{1b}[31m a\\nb\\u{202e}\ncurl '\\u{7}'\n");
    }

    #[test]
    fn no_line_is_a_command_of_github() {
        let mut page = Page::new(40, false);
        page.text(
            2,
            Style::new(),
            "::error::a target said so, and then it said: ::stop-commands::x and a::b",
        );
        let page = page.finish();
        assert!(!page.lines().any(|line| line.trim_start().starts_with("::")), "{page}");
        assert!(page.contains("a::b"), "{page}");
    }

    #[test]
    fn a_command_is_never_broken() {
        let mut page = Page::new(40, false);
        let long = "curl -sS ".repeat(20);
        page.command(4, ("", Style::new()), 0, &long);
        assert_eq!(page.finish().lines().count(), 1);
    }
}
