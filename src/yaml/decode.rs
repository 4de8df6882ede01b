//! Strict reading of YAML trees: every error is kept with its place, so one load tells all of them.

use std::cell::RefCell;
use std::fmt;
use std::time::Duration;

use serde_json::Value;

use super::{Key, Kind, Node, Place, parse};

/// One thing that is wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The file, as the user can find it.
    pub file: String,
    pub place: Place,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub right: String,
}

/// `2 errors in the case files`, and a paragraph for each trouble: where, what, and what would be right.
pub(crate) fn list(f: &mut fmt::Formatter<'_>, troubles: &[Trouble], files: &str) -> fmt::Result {
    let plural = if troubles.len() == 1 { "error" } else { "errors" };
    writeln!(f, "{} {plural} in {files}", troubles.len())?;
    for Trouble { file, place, what, right } in troubles {
        write!(f, "\n  {file}:{}:{}: {what}", place.line, place.column)?;
        if !right.is_empty() {
            write!(f, "\n    {right}")?;
        }
    }
    Ok(())
}

/// Reads one document of the file that errors call `file`.
///
/// # Errors
///
/// The one trouble that keeps the text from being a document.
pub(crate) fn document(file: &str, text: &str) -> Result<Node, Trouble> {
    parse(text).map_err(|error| Trouble {
        file: file.to_owned(),
        place: error.place,
        what: error.message,
        right: "write a YAML 1.2 document".into(),
    })
}

/// Collects the troubles of one file while it is read.
pub(crate) struct Decoder {
    file: String,
    troubles: RefCell<Vec<Trouble>>,
}

impl Decoder {
    pub fn new(file: &str) -> Self {
        Decoder { file: file.to_owned(), troubles: RefCell::default() }
    }

    /// Notes a trouble; the same one is kept once, however often a template is read.
    pub fn trouble(&self, place: Place, what: impl Into<String>, right: impl Into<String>) {
        let trouble = Trouble { file: self.file.clone(), place, what: what.into(), right: right.into() };
        let mut troubles = self.troubles.borrow_mut();
        if !troubles.contains(&trouble) {
            troubles.push(trouble);
        }
    }

    pub fn into_troubles(self) -> Vec<Trouble> {
        let mut troubles = self.troubles.into_inner();
        troubles.sort_by_key(|trouble| trouble.place);
        troubles
    }

    /// The members of a mapping, or a trouble that says what `name` should be.
    pub fn fields<'n>(&'n self, node: &'n Node, name: &'static str) -> Option<Fields<'n>> {
        match &node.kind {
            Kind::Map(entries) => {
                Some(Fields { decoder: self, place: node.place, name, entries, seen: RefCell::default() })
            }
            _ => self.wrong(node, &format!("a mapping with the keys of {name}")),
        }
    }

    /// The items of a list.
    pub fn items<'n>(&self, node: &'n Node, of: &str) -> Option<&'n [Node]> {
        match &node.kind {
            Kind::List(items) => Some(items),
            _ => self.wrong(node, &format!("a list of {of}")),
        }
    }

    /// The entries of a mapping whose keys are names of the author's choice.
    pub fn entries<'n>(&self, node: &'n Node, of: &str) -> Option<&'n [(Key, Node)]> {
        match &node.kind {
            Kind::Map(entries) => Some(entries),
            _ => self.wrong(node, &format!("a mapping of {of}")),
        }
    }

    pub fn text<'n>(&self, node: &'n Node, wanted: &str) -> Option<&'n str> {
        match &node.kind {
            Kind::Text(text) if !text.is_empty() => Some(text),
            _ => self.wrong(node, wanted),
        }
    }

    pub fn bool(&self, node: &Node) -> Option<bool> {
        match node.kind {
            Kind::Bool(value) => Some(value),
            _ => self.wrong(node, "true or false"),
        }
    }

    pub fn count(&self, node: &Node) -> Option<u32> {
        let number = match &node.kind {
            Kind::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
            _ => None,
        };
        number.filter(|number| *number > 0).or_else(|| self.wrong(node, "a whole number above 0"))
    }

    /// A JSON Pointer (RFC 6901): empty, or starting with `/`.
    pub fn pointer(&self, node: &Node) -> Option<String> {
        match &node.kind {
            Kind::Text(text) if text.is_empty() || text.starts_with('/') => Some(text.clone()),
            _ => self.wrong(node, "a JSON Pointer: empty, or starting with / as in /run_id"),
        }
    }

    /// A span of time: `10s`, `500ms`, `2m`.
    pub fn duration(&self, node: &Node) -> Option<Duration> {
        let Kind::Text(text) = &node.kind else { return self.wrong(node, "a time such as 500ms, 2s or 1m") };
        read_duration(text).or_else(|| self.wrong(node, "a time such as 500ms, 2s or 1m"))
    }

    pub fn value(&self, node: &Node) -> Value {
        node.to_value()
    }

    /// One of a closed list of words.
    pub fn word<T: Copy>(&self, node: &Node, words: &[(&str, T)]) -> Option<T> {
        let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
        let text = match &node.kind {
            Kind::Text(text) => text.as_str(),
            _ => return self.wrong(node, &format!("one of {}", names.join(", "))),
        };
        let found = words.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        if found.is_none() {
            self.trouble(node.place, format!("unknown word {text:?}"), suggest(text, &names));
        }
        found
    }

    /// Notes that `node` is not what is wanted there.
    pub fn wrong<T>(&self, node: &Node, wanted: &str) -> Option<T> {
        self.trouble(
            node.place,
            format!("{} where something else belongs", node.describe()),
            format!("write {wanted}"),
        );
        None
    }
}

/// The members of one mapping. Keys that nobody asked for are troubles when [`Fields::finish`] is called.
pub(crate) struct Fields<'n> {
    decoder: &'n Decoder,
    place: Place,
    name: &'static str,
    entries: &'n [(Key, Node)],
    seen: RefCell<Vec<&'static str>>,
}

impl<'n> Fields<'n> {
    /// The value of an optional key.
    pub fn get(&self, key: &'static str) -> Option<&'n Node> {
        self.seen.borrow_mut().push(key);
        self.entries.iter().find(|(found, _)| found.name == key).map(|(_, node)| node)
    }

    /// The value of a key that has to be there.
    pub fn need(&self, key: &'static str) -> Option<&'n Node> {
        let found = self.get(key);
        if found.is_none() {
            let what = format!("{} without its key {key:?}", self.name);
            self.decoder.trouble(self.place, what, format!("add `{key}:` here"));
        }
        found
    }

    pub fn text(&self, key: &'static str) -> Option<String> {
        self.get(key).and_then(|node| self.decoder.text(node, "a text")).map(str::to_owned)
    }

    pub fn need_text(&self, key: &'static str) -> Option<String> {
        self.need(key).and_then(|node| self.decoder.text(node, "a text")).map(str::to_owned)
    }

    /// The one key of `keys` that is there; more than one, or none where `needed`, is a trouble.
    pub fn one_of(&self, keys: &[&'static str], needed: bool) -> Option<(&'static str, &'n Node)> {
        let found: Vec<_> = keys.iter().filter_map(|key| self.get(key).map(|node| (*key, node))).collect();
        match found.as_slice() {
            [] if needed => {
                let what = format!("{} that says nothing: none of its keys is there", self.name);
                self.decoder.trouble(self.place, what, format!("add one of {}", keys.join(", ")));
                None
            }
            [] => None,
            [one] => Some(*one),
            [first, second, ..] => {
                let what = format!("{} with both {:?} and {:?}", self.name, first.0, second.0);
                self.decoder.trouble(second.1.place, what, format!("keep one of {}", keys.join(", ")));
                None
            }
        }
    }

    pub fn place(&self) -> Place {
        self.place
    }

    /// Notes every key that was not asked for.
    pub fn finish(self) {
        let seen = self.seen.into_inner();
        for (key, _) in self.entries {
            if !seen.contains(&key.name.as_str()) {
                let what = format!("unknown key {:?} in {}", key.name, self.name);
                self.decoder.trouble(key.place, what, suggest(&key.name, &seen));
            }
        }
    }
}

/// `did you mean …?` where one of `known` is near, else the whole list.
pub(crate) fn suggest(text: &str, known: &[&str]) -> String {
    match nearest(text, known) {
        Some(near) => format!("did you mean {near:?}?"),
        None if known.is_empty() => String::new(),
        None => {
            let mut known: Vec<&str> = known.to_vec();
            known.sort_unstable();
            known.dedup();
            format!("known are {}", known.join(", "))
        }
    }
}

/// The known name with the fewest edits, if these are at most a third of its length.
fn nearest<'k>(text: &str, known: &[&'k str]) -> Option<&'k str> {
    let scored = known.iter().map(|name| (strsim::levenshtein(text, name), *name));
    scored.min().filter(|(edits, name)| *edits <= name.chars().count().div_ceil(3)).map(|(_, name)| name)
}

fn read_duration(text: &str) -> Option<Duration> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(split);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_missing_and_mistyped_keys_are_all_told() {
        let node = parse("idd: x\nwithin: soon\n").unwrap();
        let decoder = Decoder::new("cases/x.yaml");
        let fields = decoder.fields(&node, "a step").unwrap();
        fields.need("id");
        fields.get("within").and_then(|node| decoder.duration(node));
        fields.finish();
        struct Said(Vec<Trouble>);
        impl fmt::Display for Said {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                list(f, &self.0, "the case files")
            }
        }
        let said = Said(decoder.into_troubles()).to_string();
        assert_eq!(
            said,
            "3 errors in the case files\n\
             \n  cases/x.yaml:1:1: a step without its key \"id\"\n    add `id:` here\
             \n  cases/x.yaml:1:1: unknown key \"idd\" in a step\n    did you mean \"id\"?\
             \n  cases/x.yaml:2:9: the text \"soon\" where something else belongs\n    write a time such as 500ms, 2s or 1m"
        );
    }

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(read_duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(read_duration("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(read_duration("2m"), Some(Duration::from_secs(120)));
        for wrong in ["5", "s", "5 s", "-1s", "1d", "1.1.1s"] {
            assert_eq!(read_duration(wrong), None, "{wrong}");
        }
    }
}
