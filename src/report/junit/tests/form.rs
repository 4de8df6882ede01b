//! The strictest schema that a reader holds a JUnit file against: junit-10.xsd of Jenkins' xunit plugin, as a table.

/// Where more is written than the schema knows: quick-junit always counts `skipped` on the root, and the time at which the
/// run began stands there too. The readers of CI systems pass over both.
const DEVIATIONS: [(&str, &str); 2] = [("testsuites", "skipped"), ("testsuites", "timestamp")];

struct Element {
    name: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
    children: &'static [&'static str],
    /// Whether it may hold text.
    text: bool,
}

const fn leaf(name: &'static str, optional: &'static [&'static str]) -> Element {
    Element { name, required: &[], optional, children: &[], text: true }
}

const TROUBLE: &[&str] = &["type", "message"];

const ELEMENTS: [Element; 10] = [
    Element {
        name: "testsuites",
        required: &[],
        optional: &["name", "time", "tests", "failures", "errors"],
        children: &["testsuite"],
        text: false,
    },
    Element {
        name: "testsuite",
        required: &["name", "tests", "failures", "errors"],
        optional: &[
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
        ],
        children: &["testsuite", "properties", "testcase", "system-out", "system-err"],
        text: false,
    },
    Element { name: "properties", required: &[], optional: &[], children: &["property"], text: false },
    Element { name: "property", required: &["name", "value"], optional: &[], children: &[], text: false },
    Element {
        name: "testcase",
        required: &["name"],
        optional: &["time", "classname", "group"],
        children: &["skipped", "error", "failure", "system-out", "system-err"],
        text: false,
    },
    leaf("skipped", TROUBLE),
    leaf("error", TROUBLE),
    leaf("failure", TROUBLE),
    leaf("system-out", &[]),
    leaf("system-err", &[]),
];

/// Every way in which a document that is well-formed is not as the schema has it, but for the known deviations.
pub(super) fn deviations(xml: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some((text, tag)) = rest.split_once('<') {
        let holds_text = open.last().and_then(|name| element(name)).is_none_or(|element| element.text);
        if !text.trim().is_empty() && !holds_text {
            wrong.push(format!("text in {open:?}: {}", text.trim()));
        }
        if let Some(data) = tag.strip_prefix("![CDATA[") {
            rest = data.split_once("]]>").expect("the document is well-formed").1;
            continue;
        }
        // A `>` in a value is escaped.
        let (tag, after) = tag.split_once('>').expect("the document is well-formed");
        rest = after;
        match tag.as_bytes()[0] {
            b'?' | b'!' => {}
            b'/' => _ = open.pop(),
            _ => {
                let (tag, is_empty) = (tag.trim_end_matches('/'), tag.ends_with('/'));
                let name = tag.split_whitespace().next().expect("an element has a name");
                wrong.extend(start(name, &tag[name.len()..], open.last().copied()));
                if !is_empty {
                    open.push(name);
                }
            }
        }
    }
    wrong
}

fn element(name: &str) -> Option<&'static Element> {
    ELEMENTS.iter().find(|element| element.name == name)
}

fn start(name: &str, attributes: &str, parent: Option<&str>) -> Vec<String> {
    let Some(rules) = element(name) else { return vec![format!("element {name}")] };
    let mut wrong = Vec::new();
    let belongs = match parent {
        None => name == "testsuites",
        Some(parent) => element(parent).is_some_and(|parent| parent.children.contains(&name)),
    };
    if !belongs {
        wrong.push(format!("{name} in {parent:?}"));
    }
    // Values hold no quotation marks, so these come in pairs.
    let parts: Vec<&str> = attributes.split('"').collect();
    let pairs = parts.chunks_exact(2).map(|pair| (pair[0].trim().trim_end_matches('='), pair[1]));
    let pairs: Vec<(&str, &str)> = pairs.collect();
    for (attribute, value) in &pairs {
        let known = rules.required.contains(attribute) || rules.optional.contains(attribute);
        if !known && !DEVIATIONS.contains(&(name, attribute)) {
            wrong.push(format!("{name}/@{attribute}"));
        }
        let decimal = |c: char| c.is_ascii_digit() || c == '.';
        if *attribute == "time" && !(value.contains(decimal) && value.chars().all(decimal)) {
            wrong.push(format!("{name}/@time {value}"));
        }
    }
    for attribute in rules.required {
        if !pairs.iter().any(|(known, _)| known == attribute) {
            wrong.push(format!("{name} without {attribute}"));
        }
    }
    wrong
}

#[test]
fn what_is_wrong_is_seen() {
    let xml = r#"<?xml version="1.0"?><testsuites skipped="1" uuid="2"><testsuite name="a" tests="1" failures="0" time="x">
        text<testcase><failure>text is fine</failure><flaky/></testcase><testcase name="b"><![CDATA[<x>]]></testcase>
        </testsuite><testcase name="c"/></testsuites>"#;
    let wrong = deviations(xml);
    let expected = [
        "testsuites/@uuid",
        "testsuite/@time x",
        "testsuite without errors",
        "text in [\"testsuites\", \"testsuite\"]: text",
        "testcase without name",
        "element flaky",
        "testcase in Some(\"testsuites\")",
    ];
    assert_eq!(wrong, expected);
}
