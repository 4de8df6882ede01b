//! The file of waivers, read strictly.

use jiff::civil::Date;

use super::{Waiver, Waivers, WaiversError, Waives};
use crate::yaml::decode::{Decoder, document};
use crate::yaml::{Kind, Node};

impl Waivers {
    /// Reads a list of waivers; `file` is how errors call it.
    ///
    /// # Errors
    ///
    /// Every trouble of the file together: what is no YAML, unknown, missing and mistyped keys, and days that are none.
    pub fn read(file: &str, text: &str) -> Result<Waivers, WaiversError> {
        let node = document(file, text).map_err(|trouble| WaiversError(vec![trouble]))?;
        let decoder = Decoder::new(file);
        let items = match node.kind {
            // A file from which the last waiver was removed.
            Kind::Null => &[],
            _ => decoder.items(&node, "waivers").unwrap_or_default(),
        };
        let entries = items.iter().filter_map(|item| waiver(&decoder, item)).collect();
        let troubles = decoder.into_troubles();
        match troubles.is_empty() {
            true => Ok(Waivers { file: file.to_owned(), entries }),
            false => Err(WaiversError(troubles)),
        }
    }
}

fn waiver(decoder: &Decoder, node: &Node) -> Option<Waiver> {
    let fields = decoder.fields(node, "a waiver")?;
    let waives = fields.one_of(&["check", "requirement"], true).and_then(|(key, node)| {
        let id = decoder.text(node, "an id, in which * may stand for any text")?.to_owned();
        Some(if key == "check" { Waives::Check(id) } else { Waives::Requirement(id) })
    });
    let target = fields.text("target");
    let reason = fields.need_text("reason");
    let until = fields.need("until").and_then(|node| {
        let wanted = "a day such as 2026-12-31, the last on which the waiver holds";
        day(decoder.text(node, wanted)?).or_else(|| decoder.wrong(node, wanted))
    });
    let issue = fields.text("issue");
    let place = fields.place();
    fields.finish();
    Some(Waiver { waives: waives?, target, reason: reason?, until: until?, issue, place })
}

/// A day as `2026-12-31`; the parser behind it takes other forms of ISO 8601 too.
pub fn day(text: &str) -> Option<Date> {
    text.parse::<Date>().ok().filter(|day| day.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiver_has_a_reason_and_a_day() {
        let text = "# known\n- check: RUN-* GET /v1/runs/{run_id}\n  reason: 'late: see'\n  until: 2026-12-31\n\
                    - {requirement: AUTH-5, target: http://a/, reason: x, until: '2027-01-01', issue: ABC-1}\n";
        let waivers = Waivers::read("w.yaml", text).unwrap();
        let [check, requirement] = &waivers.entries[..] else { panic!("{waivers:?}") };
        assert_eq!(check.waives, Waives::Check("RUN-* GET /v1/runs/{run_id}".into()));
        assert_eq!((check.reason.as_str(), check.until.to_string().as_str()), ("late: see", "2026-12-31"));
        assert_eq!(requirement.waives, Waives::Requirement("AUTH-5".into()));
        assert_eq!(requirement.target.as_deref(), Some("http://a/"));
        assert_eq!(requirement.issue.as_deref(), Some("ABC-1"));
    }

    #[test]
    fn nothing_is_no_waiver() {
        for text in ["", "[]\n", "# all is well\n"] {
            assert_eq!(Waivers::read("w.yaml", text).unwrap().entries, [], "{text:?}");
        }
    }

    #[test]
    fn all_troubles_are_told_with_their_places() {
        let text = "- check: A-1\n  reason: x\n  until: 2026-02-30\n\
                    - requirement: A-1\n  check: A-1\n  reason: ''\n  until: 20261231\n  sinse: 3\n\
                    - until: 2026-12-31T00:00:00\n  reason: [x]\n- A-1\n";
        insta::assert_snapshot!(Waivers::read("w.yaml", text).unwrap_err());
        insta::assert_snapshot!(Waivers::read("w.yaml", "check: A-1\n").unwrap_err());
        insta::assert_snapshot!(Waivers::read("w.yaml", "- [").unwrap_err());
    }
}
