//! The case files that come with the binary.

use include_dir::{Dir, include_dir};

static CASES: Dir = include_dir!("$CARGO_MANIFEST_DIR/cases");

/// Every bundled YAML file: its path as `cases/…`, and its text, in the order of the paths.
pub(super) fn files() -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(&CASES, &mut found);
    found.sort();
    found
}

fn collect(dir: &Dir, found: &mut Vec<(String, String)>) {
    for file in dir.files() {
        let path = file.path().display().to_string();
        if let (true, Some(text)) = (path.ends_with(".yaml"), file.contents_utf8()) {
            found.push((format!("cases/{path}"), text.to_owned()));
        }
    }
    dir.dirs().for_each(|dir| collect(dir, found));
}
