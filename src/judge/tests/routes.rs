//! Whether routes are there.

use super::invariants::{recorded, run};
use super::recording::*;
use crate::judge::Refusal;
use crate::report::model::{FeatureState, Outcome};
use crate::wire::{Exchange, Failure};

#[test]
fn a_required_route_is_there_if_any_answer_is_about_the_request() {
    let unknown_path = Refusal::of(&envelope(404, "not_found"));
    let route = |exchanges: Vec<Exchange>| {
        let recording = recorded().but(|evidence| evidence.facts.unknown_path = unknown_path.clone());
        recording.saw("t:read", exchanges).says("ROUTE-1 GET /v1/runs/{run_id}")
    };
    assert_eq!(route(vec![answer(200, run("running"))]), "pass");
    assert_eq!(route(vec![envelope(404, "run_not_found")]), "pass", "an error about the run");
    assert_eq!(route(vec![envelope(500, "oops")]), "pass");
    assert_eq!(route(vec![envelope(405, "x"), answer(200, run("running"))]), "pass");
    for absent in [envelope(405, "x"), envelope(501, "x"), raw(404, "text/html", "<p>")] {
        let status = absent.status().unwrap();
        let said = format!(
            "fail: status: expected a success, or an error about the request, found {status}, as for a path that is not there"
        );
        assert_eq!(route(vec![absent]), said);
    }
    assert_eq!(
        route(vec![envelope(401, "x"), envelope(403, "x")]),
        "skip blocked: every request was refused for its credentials"
    );
    assert_eq!(route(vec![failed(Failure::Connect("refused".into()))]), "error: no connection: refused");
    assert_eq!(recorded().says("ROUTE-1 GET /v1/runs/{run_id}"), "none", "nothing was asked");
}

#[test]
fn an_optional_route_is_an_observation() {
    let check = |state| {
        let recording = recorded().feature("cancel", state);
        let result = recording.result("ROUTE-2 POST /v1/runs/{run_id}:cancel").unwrap();
        (result.outcome, result.message)
    };
    assert_eq!(check(FeatureState::Implemented), (Outcome::Info, String::new()));
    assert_eq!(
        check(FeatureState::Absent),
        (Outcome::Info, "expected an optional endpoint, found not implemented".into())
    );
    assert_eq!(check(FeatureState::Unknown), (Outcome::Skip, "no run was there to ask for it".into()));
    assert_eq!(
        recorded().says("ROUTE-1 POST /v1/runs/{run_id}:cancel"),
        "none",
        "the standard leaves it optional"
    );
}
