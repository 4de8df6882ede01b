//! Bodies as people read them: JSON indented, with the places marked that findings name.
//!
//! Only spaces and line breaks between tokens change. Numbers, escapes and repeated members stay as the target wrote
//! them, for they may be what is wrong.

use std::iter::Peekable;

use serde::de::IgnoredAny;

use crate::report::visible::{cut, visible_lines};

/// Levels beyond this are not indented further: a hostile body may be all brackets.
const DEEPEST: usize = 24;

/// Characters of one token that are shown.
const TOKEN: usize = 800;

/// A place in a body, and what is said beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark<'m> {
    /// RFC 6901 JSON Pointer; the empty one is the whole body.
    pub at: &'m str,
    pub note: &'m str,
}

/// One line of a body. None of its texts is escaped yet.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Levels of indentation.
    pub indent: usize,
    pub pieces: Vec<Piece>,
    /// What findings say about the line.
    pub notes: Vec<String>,
    /// The body has no such line: it tells what is missing there.
    pub absent: bool,
}

impl Line {
    /// The indentation as spaces.
    pub fn margin(&self) -> String {
        "  ".repeat(self.indent)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub text: String,
    pub marked: bool,
}

/// The body in lines. One that is no JSON value is shown in its own lines, and nothing in it is marked.
///
/// `cut_off` says that the body is only the beginning of a longer one, so its JSON need not end.
pub(super) fn lines(body: &str, cut_off: bool, marks: &[Mark]) -> Vec<Line> {
    let structured = body.trim_start().starts_with(['{', '[']);
    if structured && (cut_off || serde_json::from_str::<IgnoredAny>(body).is_ok()) {
        return Printer::new(marks).print(body);
    }
    let text = |text: &str| Piece { text: cut(text, TOKEN * 4).into_owned(), marked: false };
    visible_lines(body).map(|line| Line { pieces: vec![text(&line)], ..Line::default() }).collect()
}

/// An object or array that is open.
struct Frame {
    object: bool,
    /// The index of the next item of an array.
    index: usize,
    /// Marks at or below this place, by their number.
    below: Vec<usize>,
    /// Of these, the ones whose next step is there.
    entered: Vec<usize>,
    /// The whole of it is marked.
    marked: bool,
    empty: bool,
}

struct Printer<'m> {
    marks: &'m [Mark<'m>],
    /// The reference tokens of each mark.
    paths: Vec<Vec<String>>,
    frames: Vec<Frame>,
    lines: Vec<Line>,
    /// Marks at or below the value that comes next, where a member's name has decided it.
    coming: Option<Vec<usize>>,
}

impl<'m> Printer<'m> {
    fn new(marks: &'m [Mark<'m>]) -> Self {
        let token = |token: &str| token.replace("~1", "/").replace("~0", "~");
        let path = |mark: &Mark| mark.at.split('/').skip(1).map(token).collect();
        Printer {
            marks,
            paths: marks.iter().map(path).collect(),
            frames: Vec::new(),
            lines: vec![Line::default()],
            coming: None,
        }
    }

    fn print(mut self, body: &str) -> Vec<Line> {
        let mut rest = body.char_indices().peekable();
        while let Some((start, c)) = rest.next() {
            match c {
                '{' | '[' => self.open(c),
                '}' | ']' => self.close(c),
                ',' => self.put(",", self.is_marked()),
                ':' => self.put(": ", self.is_marked() || self.is_coming_marked()),
                '"' => {
                    let token = &body[start..string_end(&mut rest, body)];
                    let is_name =
                        self.frames.last().is_some_and(|frame| frame.object) && self.coming.is_none();
                    if is_name { self.name(token) } else { self.scalar(token) }
                }
                c if c.is_ascii_whitespace() => {}
                _ => {
                    while rest.next_if(|(_, c)| !",:]}".contains(*c) && !c.is_ascii_whitespace()).is_some() {}
                    let end = rest.peek().map_or(body.len(), |(end, _)| *end);
                    self.scalar(&body[start..end]);
                }
            }
        }
        self.lines
    }

    fn open(&mut self, bracket: char) {
        let below = self.value_begins();
        let marked = self.is_marked() || self.ends_here(&below);
        self.put(&bracket.to_string(), marked);
        for &mark in &below {
            if self.paths[mark].len() == self.frames.len() {
                self.note(mark);
            }
        }
        let object = bracket == '{';
        self.frames.push(Frame { object, index: 0, below, entered: Vec::new(), marked, empty: true });
    }

    fn close(&mut self, bracket: char) {
        let Some(frame) = self.frames.pop() else { return self.put(&bracket.to_string(), false) };
        let depth = self.frames.len();
        let mut empty = frame.empty;
        for &mark in &frame.below {
            let Some(missing) = self.paths[mark].get(depth).filter(|_| !frame.entered.contains(&mark)) else {
                continue;
            };
            let text = match frame.object {
                true => format!("no member {missing:?}"),
                false => format!("no item {missing}"),
            };
            self.line(depth + 1);
            self.put(&text, true);
            self.last().absent = true;
            self.note(mark);
            empty = false;
        }
        if !empty {
            self.line(depth);
        }
        self.put(&bracket.to_string(), frame.marked);
        self.coming = None;
    }

    fn name(&mut self, token: &str) {
        let name = serde_json::from_str(token).unwrap_or_else(|_| token.to_owned());
        let below = self.step(&name);
        let marked = self.is_marked() || self.ends_here(&below);
        self.line(self.frames.len());
        self.put(token, marked);
        self.coming = Some(below);
    }

    fn scalar(&mut self, token: &str) {
        let below = self.value_begins();
        // A place below a value that has nothing below it is marked there.
        self.put(token, self.is_marked() || !below.is_empty());
        for mark in below {
            self.note(mark);
        }
    }

    /// The marks at or below the value that begins here; an item of an array begins a line.
    fn value_begins(&mut self) -> Vec<usize> {
        if let Some(below) = self.coming.take() {
            return below;
        }
        let Some(frame) = self.frames.last_mut() else { return (0..self.marks.len()).collect() };
        let index = frame.index;
        frame.index += 1;
        self.line(self.frames.len());
        self.step(&index.to_string())
    }

    /// Enters the member or item of the innermost frame.
    fn step(&mut self, token: &str) -> Vec<usize> {
        let depth = self.frames.len() - 1;
        let Some(frame) = self.frames.last_mut() else { return Vec::new() };
        frame.empty = false;
        let paths = &self.paths;
        let here = |mark: &usize| paths[*mark].get(depth).is_some_and(|wanted| wanted == token);
        let below: Vec<usize> = frame.below.iter().copied().filter(here).collect();
        frame.entered.extend(&below);
        below
    }

    /// Whether one of the marks means the value that begins here, and not one inside it.
    fn ends_here(&self, below: &[usize]) -> bool {
        below.iter().any(|mark| self.paths[*mark].len() == self.frames.len())
    }

    fn note(&mut self, mark: usize) {
        let note = self.marks[mark].note.to_owned();
        self.last().notes.push(note);
    }

    fn is_marked(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.marked)
    }

    fn is_coming_marked(&self) -> bool {
        self.coming.as_ref().is_some_and(|below| self.ends_here(below))
    }

    fn put(&mut self, text: &str, marked: bool) {
        let text = cut(text, TOKEN).into_owned();
        let line = self.last();
        match line.pieces.last_mut().filter(|piece| piece.marked == marked) {
            Some(piece) => piece.text.push_str(&text),
            None => line.pieces.push(Piece { text, marked }),
        }
    }

    fn line(&mut self, depth: usize) {
        self.lines.push(Line { indent: depth.min(DEEPEST), ..Line::default() });
    }

    fn last(&mut self) -> &mut Line {
        if self.lines.is_empty() {
            self.lines.push(Line::default());
        }
        let last = self.lines.len() - 1;
        &mut self.lines[last]
    }
}

/// The end of the string token whose quotation mark was just read, or the body's end.
fn string_end(rest: &mut Peekable<std::str::CharIndices>, body: &str) -> usize {
    while let Some((at, c)) = rest.next() {
        match c {
            '\\' => _ = rest.next(),
            '"' => return at + 1,
            _ => {}
        }
    }
    body.len()
}

/// Lines of a long body that are shown, with what was left out between them.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Line(Line),
    /// So many lines are left out here.
    Gap(usize),
}

/// Leaves out of more than `limit` lines what is more than `around` lines away from the beginning and every note.
pub(super) fn fold(lines: Vec<Line>, limit: usize, around: usize) -> Vec<Shown> {
    if lines.len() <= limit {
        return lines.into_iter().map(Shown::Line).collect();
    }
    let noted: Vec<usize> =
        (0..lines.len()).filter(|index| !lines[*index].notes.is_empty()).take(8).collect();
    let near = |index: usize| noted.iter().any(|note| note.abs_diff(index) <= around);
    let head = if noted.is_empty() { limit } else { around };
    let mut shown = Vec::new();
    for (index, line) in lines.into_iter().enumerate() {
        match shown.last_mut() {
            _ if index < head || near(index) => shown.push(Shown::Line(line)),
            Some(Shown::Gap(count)) => *count += 1,
            _ => shown.push(Shown::Gap(1)),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines with marks as `«…»`, missing places after `+`, and notes after `<-`.
    fn printed(body: &str, cut_off: bool, marks: &[(&str, &str)]) -> String {
        let marks: Vec<Mark> = marks.iter().map(|(at, note)| Mark { at, note }).collect();
        let line = |line: &Line| {
            let mut text = "  ".repeat(line.indent) + if line.absent { "+ " } else { "" };
            for piece in &line.pieces {
                text += &if piece.marked { format!("«{}»", piece.text) } else { piece.text.clone() };
            }
            for note in &line.notes {
                text += &format!("  <- {note}");
            }
            text
        };
        lines(body, cut_off, &marks).iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_member_is_marked_with_its_name() {
        let body = r#"{"checks":[{"name":"a","message":null}],"extensions":{},"list":[]}"#;
        insta::assert_snapshot!(printed(body, false, &[("/checks/0/message", "a string"), ("/extensions", "none")]), @r#"
        {
          "checks": [
            {
              "name": "a",
              «"message": null»  <- a string
            }
          ],
          «"extensions": {}»,  <- none
          "list": []
        }
        "#);
    }

    #[test]
    fn an_object_or_item_is_marked_to_its_end() {
        let body = r#"[1, {"a": {"b": 2}}, 3]"#;
        insta::assert_snapshot!(printed(body, false, &[("/1", "gone"), ("/0", "two")]), @r#"
        [
          «1»,  <- two
          «{»  <- gone
            «"a": {»
              «"b": 2»
            «}»
          «}»,
          3
        ]
        "#);
    }

    #[test]
    fn what_is_missing_is_told_where_it_should_be() {
        let body = r#"{"error":{"code":"x"},"list":[1],"none":{},"text":"t"}"#;
        let marks = [
            ("/error/message", "a string"),
            ("/list/1", "a second"),
            ("/none/a/b", "deep"),
            ("/text/0", "an array"),
            ("/run_id", "an id"),
        ];
        insta::assert_snapshot!(printed(body, false, &marks), @r#"
        {
          "error": {
            "code": "x"
            + «no member "message"»  <- a string
          },
          "list": [
            1
            + «no item 1»  <- a second
          ],
          "none": {
            + «no member "a"»  <- deep
          },
          "text": «"t"»  <- an array
          + «no member "run_id"»  <- an id
        }
        "#);
    }

    #[test]
    fn tokens_stay_as_they_were_written() {
        let body = r#"{"a~/b": 1.50e+400, "x": "\u001b\"]", "x": -0}"#;
        insta::assert_snapshot!(printed(body, false, &[("/a~0~1b", "small"), ("/x", "once")]), @r#"
        {
          «"a~/b": 1.50e+400»,  <- small
          «"x": "\u001b\"]"»,  <- once
          «"x": -0»  <- once
        }
        "#);
    }

    #[test]
    fn what_is_no_json_keeps_its_lines() {
        assert_eq!(printed("{\"a\": \n<b>\u{1b}", false, &[("/a", "x")]), "{\"a\": \n<b>\\u{1b}");
        assert_eq!(printed("{} {}", false, &[]), "{} {}");
        assert_eq!(printed("", false, &[]), "");
    }

    #[test]
    fn the_beginning_of_a_body_is_printed_as_far_as_it_goes() {
        insta::assert_snapshot!(printed(r#"{"a": [1, {"b": "un"#, true, &[("/z", "x"), ("/a/1/b", "y")]), @r#"
        {
          "a": [
            1,
            {
              «"b": "un»  <- y
        "#);
        let brackets = "[".repeat(1 << 14);
        let deep = lines(&brackets, true, &[]);
        assert_eq!((deep.len(), deep.iter().map(|line| line.indent).max()), (1 << 14, Some(DEEPEST)));
    }

    #[test]
    fn brackets_that_do_not_fit_are_no_trouble() {
        for body in ["{]}", "[}]]]", "{\"a\"]", "{:1,", "[\"\\", "{,\"a\" \"b\" : 1 2}", "{1:2}"] {
            lines(body, true, &[Mark { at: "/a/0", note: "x" }, Mark { at: "", note: "y" }]);
        }
    }

    #[test]
    fn long_bodies_are_folded_around_their_notes() {
        let body = format!("[{}]", Vec::from_iter((0..100).map(|n| n.to_string())).join(","));
        let long = || lines(&body, false, &[Mark { at: "/50", note: "x" }]);
        let gaps: Vec<_> = fold(long(), 20, 2)
            .into_iter()
            .filter_map(|shown| match shown {
                Shown::Gap(count) => Some(count),
                Shown::Line(_) => None,
            })
            .collect();
        assert_eq!(gaps, [47, 48]);
        assert_eq!(fold(long(), 200, 2).len(), 102);
    }
}
