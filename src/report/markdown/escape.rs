//! Text of a target inside Markdown, where it may neither format, nor link, nor end what it stands in.

use std::fmt::Write;

use crate::report::visible;

/// The text on one line, for a paragraph, a table cell or an HTML element alike: whatever Markdown, GitHub's and GitLab's
/// additions to it or HTML would take for more than itself is a character reference.
///
/// What only has a meaning at the beginning of a line stays as it is, so some word has to stand before.
pub(super) fn escape(text: &str) -> String {
    let text = visible(text);
    let mut escaped = String::with_capacity(text.len() + 16);
    let mut before = ' ';
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let active = match c {
            '&' | '<' | '>' | '\\' | '`' | '*' | '_' | '~' | '[' | ']' | '|' | '#' | '@' | '$' => true,
            // A URL alone is a link to GitHub, and `:word:` a picture.
            ':' => characters.peek().is_some_and(|next| *next != ' '),
            '.' => matches!(before, 'w' | 'W'),
            _ => false,
        };
        match active {
            // Writing to a string cannot fail.
            true => _ = write!(escaped, "&#{};", u32::from(c)),
            false => escaped.push(c),
        }
        before = c;
    }
    escaped
}

/// Lines that are visible already, as a code block between fences that nothing in them can close.
pub(super) fn block(lines: &str) -> String {
    let longest = lines.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", lines.trim_end_matches('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_active_is_left() {
        let hostile = "</details><img src=x> [a](http://b) ![c] **d** _e_ `f` | @g #1 :h: $i$ www.j ~~k~~ \\| \u{202e}\n# l";
        let escaped = escape(hostile);
        let left = |c: char| "<>[]*_`|@$~\\".contains(c) || c == '\n' || c == '\u{202e}';
        assert!(!escaped.contains(left), "{escaped}");
        assert!(["www.", "://", ":h"].iter().all(|active| !escaped.contains(active)), "{escaped}");
        // A # is left where it belongs to a character reference.
        assert!(!escaped.replace("&#", "").contains(['#', '&']), "{escaped}");
        assert_eq!(escape("GET /v1/runs/{id} (must) 0.1.0"), "GET /v1/runs/{id} (must) 0.1.0");
    }

    #[test]
    fn a_block_is_closed_by_its_own_fence_alone() {
        assert_eq!(block("a\nb\n"), "```text\na\nb\n```\n");
        assert_eq!(block("```\n"), "````text\n```\n````\n");
        assert_eq!(block("a ````` b"), "``````text\na ````` b\n``````\n");
    }
}
