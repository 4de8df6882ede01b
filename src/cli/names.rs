//! The names by which users speak of parts of the suite, and those that are most like a wrong one.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::contract::{Contract, Service};
use crate::judge::possible_checks;
use crate::suite::Suite;

/// How alike two names are at least, from 0 to 1, to be mentioned.
const ALIKE: f64 = 0.6;

/// How many names are mentioned at most.
const MENTIONED: usize = 3;

/// Every requirement, suite (`runtime/runs`), scenario (`runtime/runs/finished-run`) and check of these suites.
pub(super) fn all<'s>(
    services: impl IntoIterator<Item = (&'s Service, &'s (Arc<Contract>, Arc<Suite>))>,
) -> Vec<String> {
    let (mut broad, mut checks) = (BTreeSet::new(), BTreeSet::new());
    for (service, (contract, suite)) in services {
        broad.extend(suite.catalogue.of(*service).map(|row| row.id.clone()));
        for scenario in &suite.scenarios {
            broad.insert(format!("{service}/{}", scenario.area()));
            broad.insert(format!("{service}/{}", scenario.id));
        }
        checks.extend(possible_checks(suite, contract).into_iter().map(|check| check.id));
    }
    broad.into_iter().chain(checks).collect()
}

/// `; did you mean A, B or C?` with the known names that are most like `text`, empty where none is.
pub(super) fn did_you_mean<'k>(text: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let near: Vec<String> = nearest(text, known).into_iter().map(|name| format!("{name:?}")).collect();
    match near.as_slice() {
        [] => String::new(),
        [one] => format!("; did you mean {one}?"),
        [rest @ .., last] => format!("; did you mean {} or {last}?", rest.join(", ")),
    }
}

/// The known names that are most like `text`, the best first; of equals the one that is known first.
fn nearest<'k>(text: &str, known: impl IntoIterator<Item = &'k str>) -> Vec<&'k str> {
    let wanted = text.replace('*', "").to_lowercase();
    let mut scored: Vec<(f64, &str)> =
        known.into_iter().map(|name| (likeness(&wanted, &name.to_lowercase()), name)).collect();
    scored.retain(|(score, _)| *score >= ALIKE);
    scored.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    scored.into_iter().map(|(_, name)| name).take(MENTIONED).collect()
}

/// How alike a text and a name are, or the text and an end of the name that begins after a slash: users leave the service
/// and the suite out.
fn likeness(text: &str, name: &str) -> f64 {
    let ends = name.match_indices('/').map(|(at, _)| &name[at + 1..]).filter(|end| !end.is_empty());
    let scores = ends.map(|end| strsim::normalized_damerau_levenshtein(text, end) - 0.01);
    scores.fold(strsim::normalized_damerau_levenshtein(text, name), f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 6] = [
        "RUN-1",
        "RUN-2",
        "ROUTE-1",
        "runtime/runs/finished-run",
        "runtime/runs/finished-run#RUN-3",
        "ERROR-1 GET /v1/health",
    ];

    #[test]
    fn names_are_found_by_what_is_nearest() {
        assert_eq!(nearest("run-1", KNOWN)[0], "RUN-1");
        assert_eq!(nearest("RUN-33", KNOWN), ["RUN-1", "RUN-2"]);
        assert_eq!(nearest("runtime/runs/finishd-run", KNOWN)[0], "runtime/runs/finished-run");
        assert_eq!(nearest("finished-runs", KNOWN)[0], "runtime/runs/finished-run");
        assert_eq!(nearest("ERROR-1 GET /v1/helth", KNOWN), ["ERROR-1 GET /v1/health"]);
        assert_eq!(nearest("something else", KNOWN), Vec::<&str>::new());
        assert_eq!(nearest("", KNOWN), Vec::<&str>::new());
    }

    #[test]
    fn a_question_names_them() {
        assert_eq!(did_you_mean("x", KNOWN), "");
        assert_eq!(did_you_mean("ROUT-1", ["ROUTE-1"]), "; did you mean \"ROUTE-1\"?");
        assert_eq!(did_you_mean("RUN-3", ["RUN-1", "RUN-2"]), "; did you mean \"RUN-1\" or \"RUN-2\"?");
    }
}
