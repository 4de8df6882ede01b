//! The configuration file: found, and read strictly.

use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::Document;
use super::flag::{Flag, Flags};
use super::given::{Given, Wrong};

/// The name under which the file is found.
const NAME: &str = "arp-conformance.toml";

/// The table of the named targets.
const TARGETS: &str = "targets";

/// What the table of a target calls its `target`.
const URL: &str = "url";

/// What a configuration file says.
#[derive(Default)]
pub(super) struct File<'f> {
    pub name: String,
    /// What stands outside the tables of targets.
    pub top: Vec<Given<'f>>,
    /// In the order of the file.
    pub targets: Vec<(String, Vec<Given<'f>>)>,
}

/// The nearest file of that name in the folder or one above; relative where it is in the folder itself.
pub(super) fn find(folder: &Path) -> Option<PathBuf> {
    let mut above = folder.ancestors().skip(1).map(|folder| folder.join(NAME));
    match folder.join(NAME).is_file() {
        true => Some(PathBuf::from(NAME)),
        false => above.find(|path| path.is_file()),
    }
}

/// Reads a file.
///
/// # Errors
///
/// Everything that is wrong with it, each with its line and column.
pub(super) fn read<'f>(path: &Path, flags: &'f Flags) -> Result<File<'f>, Vec<String>> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| vec![format!("{name}: {error}; --config names another file, --no-config none")])?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let document = Document { name: name.as_str().into(), text: &text, folder };
    let (table, mut errors) = DeTable::parse_recoverable(&text);
    errors.sort_by_key(|error| error.span().map(|span| span.start));
    if !errors.is_empty() {
        let told = errors.iter().map(|error| {
            document.wrong(error.span().unwrap_or_default(), error.message().to_owned()).to_string()
        });
        return Err(told.collect());
    }
    let mut reader = Reader { document, flags, wrong: Vec::new() };
    let file = reader.file(table.get_ref(), name);
    match reader.wrong {
        wrong if wrong.is_empty() => Ok(file),
        wrong => Err(wrong.iter().map(Wrong::to_string).collect()),
    }
}

struct Reader<'f, 't> {
    document: Document<'t>,
    flags: &'f Flags,
    wrong: Vec<Wrong>,
}

impl<'f> Reader<'f, '_> {
    fn file(&mut self, table: &DeTable, name: String) -> File<'f> {
        let mut file = File { name, ..File::default() };
        for (key, value) in Document::entries(table) {
            match (&**key.get_ref(), value.get_ref()) {
                (TARGETS, DeValue::Table(targets)) => {
                    for (name, target) in Document::entries(targets) {
                        let layer = self.target(name, target);
                        file.targets.push((name.get_ref().to_string(), layer));
                    }
                }
                (TARGETS, other) => self.no_table(value, TARGETS, other),
                (name, _) => file.top.extend(self.given(name, key, value, "target")),
            }
        }
        file
    }

    fn target(&mut self, name: &Spanned<std::borrow::Cow<str>>, target: &Spanned<DeValue>) -> Vec<Given<'f>> {
        let DeValue::Table(table) = target.get_ref() else {
            self.no_table(target, &format!("targets.{}", name.get_ref()), target.get_ref());
            return Vec::new();
        };
        let mut layer = Vec::new();
        for (key, value) in Document::entries(table) {
            let flag = match &**key.get_ref() {
                URL => "target",
                // It has one name alone here.
                "target" => URL,
                other => other,
            };
            layer.extend(self.given(flag, key, value, URL));
        }
        layer
    }

    fn no_table(&mut self, value: &Spanned<DeValue>, name: &str, found: &DeValue) {
        let what = format!(
            "{name}: expected a table; found {}\n    write it as [targets.NAME], with its url below",
            found.type_str()
        );
        self.wrong.push(self.document.wrong(value.span(), what));
    }

    /// What one key says, about the flag of that name. `target` is what the flag `--target` is called here.
    fn given(
        &mut self,
        name: &str,
        key: &Spanned<std::borrow::Cow<str>>,
        value: &Spanned<DeValue>,
        target: &'static str,
    ) -> Option<Given<'f>> {
        let Some(flag) = self.flags.get(name).filter(|flag| flag.in_file) else {
            let what = self.unknown(key.get_ref(), target);
            self.wrong.push(self.document.wrong(key.span(), what));
            return None;
        };
        let place = self.document.place(key.span());
        let given = self
            .document
            .values(flag, value)
            .and_then(|values| Given::new(flag, values, place, &self.flags.lenient));
        given.map_err(|error| self.wrong.push(error)).ok()
    }

    fn unknown(&self, key: &str, target: &str) -> String {
        let flag = self.flags.get(key);
        if flag.is_some_and(|flag| !flag.in_file) {
            return format!("{key} is said where the program is called, not in a file");
        }
        let known = self.flags.iter().filter(|flag| flag.in_file).map(|flag: &Flag| match &*flag.name {
            "target" => target,
            name => name,
        });
        let score = |name| match ["target", URL].contains(&key) && name == target {
            true => 1.0,
            false => strsim::jaro_winkler(key, name),
        };
        let near = known.map(|name| (score(name), name)).max_by(|one, other| one.0.total_cmp(&other.0));
        match near {
            Some((score, name)) if score > 0.75 => format!("unknown key {key:?}\n    did you mean {name:?}?"),
            _ => format!("unknown key {key:?}\n    keys are the flags of --help without dashes in front"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_is_found() {
        let root = tempfile::TempDir::new().unwrap();
        let (outer, inner) = (root.path().join("a"), root.path().join("a/b/c"));
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::write(outer.join(NAME), "").unwrap();
        assert_eq!(find(&inner), Some(outer.join(NAME)));
        std::fs::create_dir(inner.join(NAME)).unwrap();
        assert_eq!(find(&inner), Some(outer.join(NAME)), "a folder is no file");
        std::fs::write(root.path().join("a/b").join(NAME), "").unwrap();
        assert_eq!(find(&inner), Some(root.path().join("a/b").join(NAME)));
        assert_eq!(find(&outer), Some(PathBuf::from(NAME)));
    }
}
