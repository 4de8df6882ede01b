//! Cancels what the suite created and what still goes on.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;

use super::session::Session;
use super::step::is_usable_id;
use crate::report::model::FeatureState;
use crate::suite::Credentials;
use crate::wire::Exchange;

/// Runs that the target created for the suite: successes of the operation that starts runs.
pub(super) fn created(session: &Session, exchanges: &[Exchange]) -> Vec<String> {
    let start = session.suite.profile.roles.get("start");
    let starts =
        exchanges.iter().filter(|exchange| exchange.operation.as_ref() == start && exchange.succeeded());
    let ids = starts.filter_map(|exchange| exchange.json()?.get("run_id")?.as_str().map(str::to_owned));
    ids.collect()
}

/// Cancels every created run whose last known state is not terminal, within `limit`.
pub(super) async fn cancel_open_runs(session: &Session, limit: Duration) {
    if session.client.refuses().is_some() {
        return;
    }
    let exchanges = session.client.recorder().exchanges();
    let has_cancel =
        match session.suite.profile.operations.values().any(|p| p.feature.as_deref() == Some("cancel")) {
            true => session.facts().features.get("cancel") != Some(&FeatureState::Absent),
            false => true,
        };
    let operation = session.suite.profile.roles.get("cancel").and_then(|id| session.contract.operation(id));
    let Some(operation) = operation.filter(|_| has_cancel) else { return };
    let states = last_states(&exchanges);
    let open = created(session, &exchanges).into_iter().filter(|id| {
        let state = states.get(id).map(String::as_str);
        is_usable_id(id) && !matches!(state, Some("succeeded" | "failed" | "canceled"))
    });
    let cancels = open.filter_map(|id| {
        let path = operation.fill(|_| Some(id.clone())).ok()?;
        let mut outgoing = session.request(operation, path, Credentials::Valid);
        outgoing.parameters.insert("run_id".into(), id);
        Some(session.client.send(outgoing))
    });
    let _ = tokio::time::timeout(limit, join_all(cancels)).await;
}

/// The last state that any answer told of each run.
fn last_states(exchanges: &[Exchange]) -> BTreeMap<String, String> {
    let mut states = BTreeMap::new();
    for body in exchanges.iter().filter(|exchange| exchange.succeeded()).filter_map(Exchange::json) {
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        if let (Some(id), Some(state)) = (text("run_id"), text("state")) {
            states.insert(id, state);
        }
    }
    states
}
