//! What is cancelled at the end.

use super::*;
use crate::report::model::FeatureState;
use crate::run::cleanup;
use crate::suite::Credentials;
use crate::wire::stub::Stub;

const LIMIT: Duration = Duration::from_secs(5);

fn nothing() -> Arc<Suite> {
    suite(" []\n")
}

/// Starts the runs `a` to `f` and reads some of them, so that the harness knows how each stands.
async fn seen(stub: &Stub) -> Arc<Session> {
    let session = session(&stub.url, nothing(), Some("tok-1234"));
    let send = async |operation: &str, id: &str| {
        let operation = session.contract.operation(operation).unwrap();
        let path = operation.fill(|_| Some(id.to_owned())).unwrap();
        let mut outgoing = session.request(operation, path, Credentials::Valid);
        outgoing.headers.push(("x-id".into(), id.into()));
        session.client.send(outgoing).await
    };
    for id in ["a", "b", "c", "d/d", "refused"] {
        send("create_run", id).await;
    }
    for id in ["b", "c", "of-another"] {
        send("get_run_status", id).await;
    }
    session
}

fn target(number: usize, request: &str) -> Vec<Piece> {
    let id = request.lines().find_map(|line| line.strip_prefix("x-id: ")).unwrap_or("none").to_owned();
    match (first_line(request).split(' ').next().unwrap(), id.as_str(), number) {
        ("POST", "refused", _) => refused(400, "wrong"),
        ("GET", "b", _) => run("b", "succeeded"),
        _ => run(&id, "running"),
    }
}

async fn cancelled(stub: &Stub, session: &Session) -> Vec<String> {
    let before = stub.requests().len();
    cleanup::cancel_open_runs(session, LIMIT).await;
    let mut paths: Vec<String> =
        stub.requests()[before..].iter().map(|request| first_line(request).to_owned()).collect();
    paths.sort();
    paths
}

#[tokio::test]
async fn runs_of_the_suite_that_go_on_are_cancelled_and_no_others() {
    let stub = Stub::start(target).await;
    let session = seen(&stub).await;
    assert_eq!(cleanup::created(&session, &session.client.recorder().exchanges()), ["a", "b", "c", "d/d"]);
    assert_eq!(
        cancelled(&stub, &session).await,
        ["POST /v1/runs/a:cancel", "POST /v1/runs/c:cancel", "POST /v1/runs/d%2Fd:cancel"]
    );
    assert!(stub.requests().last().unwrap().contains("authorization: Bearer tok-1234"));
}

#[tokio::test]
async fn a_target_without_cancel_is_left_alone() {
    let stub = Stub::start(target).await;
    let session = seen(&stub).await;
    session.facts().features.insert("cancel".into(), FeatureState::Absent);
    assert_eq!(cancelled(&stub, &session).await, [""; 0]);
    session.facts().features.insert("cancel".into(), FeatureState::Unknown);
    assert_eq!(cancelled(&stub, &session).await.len(), 3, "it may have it");
}

#[tokio::test]
async fn cleaning_up_takes_no_longer_than_it_may() {
    let stub = Stub::start(|number, request| match first_line(request).ends_with(":cancel") {
        true => vec![Piece::Hang],
        false => target(number, request),
    })
    .await;
    let session = seen(&stub).await;
    let begun = std::time::Instant::now();
    cleanup::cancel_open_runs(&session, Duration::from_millis(100)).await;
    assert!(begun.elapsed() < LIMIT / 2);
}
