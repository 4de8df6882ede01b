//! The areas of requirements: what stands before the number of an id.

use crate::report::summary::area;

/// What the areas of the catalogue are called. An area that is not listed is called by its id.
const TITLES: [(&str, &str); 17] = [
    ("HEALTH", "Health"),
    ("VERSION", "Version"),
    ("ROUTE", "Routes"),
    ("MEDIA", "Media types"),
    ("STATUS", "Status codes"),
    ("WIRE", "Framing"),
    ("ERROR", "Errors"),
    ("REQUEST", "Request validation"),
    ("RUN", "Identity of runs"),
    ("LIFE", "Life of runs"),
    ("RESULT", "Results"),
    ("CANCEL", "Cancelling"),
    ("SSE", "Server-sent events"),
    ("NDJSON", "NDJSON events"),
    ("AUTH", "Authentication"),
    ("FORWARD", "Forwarding"),
    ("ROBUST", "Robustness"),
];

/// The area and the number of a requirement: `RUN` and `3` of `RUN-3`. An id of another form is an area of its own.
pub(super) fn split(requirement: &str) -> (&str, &str) {
    let area = area(requirement);
    (area, requirement[area.len()..].trim_start_matches('-'))
}

pub(super) fn title(area: &str) -> &str {
    TITLES.iter().find(|(known, _)| *known == area).map_or(area, |(_, title)| title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_an_area_and_a_number() {
        assert_eq!(split("RUN-3"), ("RUN", "3"));
        assert_eq!(split("NO-LEAK-12"), ("NO-LEAK", "12"));
        assert_eq!(split("preflight"), ("preflight", ""));
        assert_eq!((title("RUN"), title("NO-LEAK")), ("Identity of runs", "NO-LEAK"));
    }

    #[test]
    fn every_area_of_the_catalogue_has_a_title() {
        let catalogue = include_str!("../../../cases/requirements.yaml");
        for id in catalogue.lines().filter_map(|line| line.trim().strip_prefix("- id: ")) {
            let (area, _) = split(id);
            assert_ne!(title(area), area, "{id}");
        }
    }
}
