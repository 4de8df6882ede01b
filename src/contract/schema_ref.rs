use std::fmt;

use percent_encoding::percent_decode_str;

/// Names one schema inside a contract: a document of the tree and a JSON Pointer into it
/// (`schemas/core/run.schema.json#`, `openapi/runtime.openapi.yaml#/components/schemas/Health`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchemaRef(String);

impl SchemaRef {
    /// `file` is a document's place in the tree, `pointer` an RFC 6901 pointer or nothing for the whole document.
    pub(super) fn new(file: &str, pointer: &str) -> SchemaRef {
        SchemaRef(format!("{file}#{pointer}"))
    }

    /// The document, by its place in the tree.
    pub fn file(&self) -> &str {
        self.parts().0
    }

    /// The place in the document: a JSON Pointer, empty for the whole of it.
    pub fn pointer(&self) -> &str {
        self.parts().1
    }

    fn parts(&self) -> (&str, &str) {
        self.0.split_once('#').unwrap_or((&self.0, ""))
    }

    /// The place below this one that `suffix`, a JSON Pointer, leads to.
    pub(super) fn below(&self, suffix: &str) -> SchemaRef {
        SchemaRef(format!("{}{suffix}", self.0))
    }

    /// The place that a `$ref` standing in this place's document means, or why it means none.
    pub(super) fn follow(&self, reference: &str) -> Result<SchemaRef, String> {
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let decode = |text: &str| {
            let decoded = percent_decode_str(text).decode_utf8().map_err(|_| "it is not UTF-8".to_owned())?;
            Ok::<_, String>(decoded.into_owned())
        };
        let pointer = decode(fragment)?;
        if !pointer.is_empty() && !pointer.starts_with('/') {
            return Err("anchors are not supported: write a JSON Pointer after the #".into());
        }
        if path.is_empty() {
            return Ok(SchemaRef::new(self.file(), &pointer));
        }
        if path.starts_with('/') || path.split('/').next().is_some_and(|first| first.contains(':')) {
            return Err("only files of the same tree can be referred to, by a relative path".into());
        }
        let mut parts: Vec<&str> = self.file().split('/').collect();
        parts.pop();
        let path = decode(path)?;
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop().ok_or("it leads out of the tree")?;
                }
                name => parts.push(name),
            }
        }
        Ok(SchemaRef::new(&parts.join("/"), &pointer))
    }
}

impl fmt::Display for SchemaRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One step of a JSON Pointer, with its slash: `/a~1b` for the member `a/b` (RFC 6901, section 3).
pub(super) fn step(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(from: &str, reference: &str) -> Result<String, String> {
        SchemaRef::new(from, "/x").follow(reference).map(|place| place.to_string())
    }

    #[test]
    fn a_reference_is_relative_to_its_file() {
        let run = "schemas/core/run.schema.json";
        assert_eq!(follow(run, "#/$defs/a").unwrap(), "schemas/core/run.schema.json#/$defs/a");
        assert_eq!(follow(run, "state.json").unwrap(), "schemas/core/state.json#");
        assert_eq!(follow(run, "../common/./a.json#/b%20c").unwrap(), "schemas/common/a.json#/b c");
        assert_eq!(follow("openapi/runtime.openapi.yaml", "../schemas/a.json").unwrap(), "schemas/a.json#");
    }

    #[test]
    fn a_reference_stays_in_its_tree() {
        let run = "schemas/core/run.schema.json";
        assert!(follow(run, "../../../a.json").unwrap_err().contains("out of the tree"));
        for foreign in ["https://example.org/a.json", "/etc/passwd", "C:/a.json", "urn:a"] {
            assert!(follow(run, foreign).unwrap_err().contains("same tree"), "{foreign}");
        }
        assert!(follow(run, "a.json#run").unwrap_err().contains("anchors"));
    }
}
