//! Signs that an error tells what only its authors should see.

/// Texts that stand in stack traces and source paths of common platforms, and in nothing else.
const SIGNS: [(&str, &str); 13] = [
    ("Traceback (most recent call last)", "a Python stack trace"),
    ("site-packages/", "a Python source path"),
    ("dist-packages/", "a Python source path"),
    ("goroutine 1 [", "a Go stack trace"),
    ("runtime/debug.Stack", "a Go stack trace"),
    ("node_modules/", "a Node.js source path"),
    ("node:internal/", "a Node.js stack trace"),
    ("stack backtrace:", "a Rust backtrace"),
    ("' panicked at ", "a Rust panic"),
    (".cargo/registry/", "a Rust source path"),
    ("java.lang.", "a Java exception"),
    ("Caused by: java", "a Java exception"),
    ("System.NullReferenceException", "a .NET exception"),
];

/// The first sign of internals in an error's body: what it is, and the text that shows it.
pub(super) fn internals(body: &str) -> Option<(&'static str, String)> {
    for (sign, what) in SIGNS {
        if body.contains(sign) {
            return Some((what, sign.to_owned()));
        }
    }
    source_place(body).map(|place| ("a source file's path", place))
}

/// An absolute path to a source file with a line number: `/app/main.py", line 3`, `/src/run.ts:10`.
fn source_place(body: &str) -> Option<String> {
    const ENDINGS: [&str; 9] = [".py", ".rs", ".go", ".js", ".ts", ".java", ".rb", ".php", ".cs"];
    for ending in ENDINGS {
        for (at, _) in body.match_indices(ending) {
            let rest = &body[at + ending.len()..];
            let digits = rest.strip_prefix(':').or_else(|| {
                let rest = rest.trim_start_matches(['\\', '"', '\'', ')']);
                rest.strip_prefix(", line ").or_else(|| rest.strip_prefix(" on line "))
            });
            if !digits.is_some_and(|digits| digits.starts_with(|c: char| c.is_ascii_digit())) {
                continue;
            }
            let begin = body[..at].rfind([' ', '"', '\'', '(', '\n']).map_or(0, |found| found + 1);
            let path = &body[begin..at + ending.len()];
            if path.starts_with('/') || path.contains(":\\") {
                return Some(path.to_owned());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_and_source_places_are_internals() {
        for body in [
            "Traceback (most recent call last):\n  File \"x\"",
            r#"{"error":{"message":"File \"/app/main.py\", line 12, in run"}}"#,
            "Error: no\n    at run (/srv/app/run.ts:10:5)",
            "thread 'main' panicked at src/x.rs:1:1",
        ] {
            assert!(internals(body).is_some(), "{body}");
        }
    }

    #[test]
    fn plain_words_about_the_request_are_not() {
        for body in [
            r#"{"error":{"code":"run_not_found","message":"run 'main.py' does not exist"}}"#,
            r#"{"error":{"message":"/input/goal: expected a string at line 1, column 2"}}"#,
            r#"{"error":{"message":"the file https://example.com/a.js was refused"}}"#,
            r#"{"error":{"message":"line 3 of the body is not JSON"}}"#,
        ] {
            assert_eq!(internals(body), None, "{body}");
        }
    }
}
