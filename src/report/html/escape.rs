//! The one way in which text gets into a page.

use std::fmt::{self, Write};

use askama::filters::{Escaper, Html};

use crate::report::visible;

/// Escapes markup, and writes out what a reader could not see. Templates escape with this by themselves
/// (`askama.toml`), so that nothing has to be remembered where a text of a target is shown.
#[derive(Debug, Clone, Copy)]
pub struct Escape;

impl Escaper for Escape {
    fn write_escaped_str<W: Write>(&self, dest: W, text: &str) -> fmt::Result {
        Html.write_escaped_str(dest, &visible(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_hidden_characters_become_text() {
        let mut page = String::new();
        Escape.write_escaped_str(&mut page, "</pre><b x='\"'>&amp;\u{1b}[2J\n\u{202e}").unwrap();
        assert_eq!(page, r"&#60;/pre&#62;&#60;b x=&#39;&#34;&#39;&#62;&#38;amp;\u{1b}[2J\n\u{202e}");
    }
}
