//! What whoever follows a run is told.

use super::*;
use crate::report::Event;
use crate::run::execute;
use crate::run::record::records;
use crate::run::{Plan, Scope};
use crate::suite::Credentials;
use crate::wire::stub::Stub;

/// What was told: an exchange by its id and sender, a scenario by its name.
fn line(event: &Event) -> String {
    match event {
        Event::Exchange { exchange } => {
            let sender = exchange.scenario.iter().chain(&exchange.step).map(String::as_str);
            format!("{} {}", exchange.id, sender.collect::<Vec<_>>().join(":")).trim_end().to_owned()
        }
        Event::ScenarioFinished { scenario } => format!("end of {scenario}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_exchange_is_told_once_and_those_of_nobody_at_the_end() {
    let stub = Stub::start(|number, _| match number {
        0..4 => run("a", "running"),
        _ => run("a", "succeeded"),
    })
    .await;
    let poll = "poll: {until: {at: /state, equals: succeeded}, within: 60}";
    let suite = steps(&[
        "id: once, call: runs.read, path: {run_id: a}",
        &format!("id: often, call: runs.read, path: {{run_id: a}}, {poll}"),
    ]);
    let mut session = session(&stub.url, suite, None);
    let told = Arc::new(Mutex::new(Vec::new()));
    let keep = told.clone();
    let observer = move |event: &Event| keep.lock().unwrap().push(line(event));
    Arc::get_mut(&mut session).unwrap().events = Events::new(Some(Arc::new(observer)));

    let first_look = session.target.other_request(http::Method::GET, "/".into(), Credentials::Absent);
    session.client.send(first_look).await;
    let plan = Plan { scope: Scope::default(), scenarios: vec!["t/t".to_owned()] };
    execute::scenarios(session.clone(), Arc::new(plan)).await;
    session.events.close();
    session.events.tell(|| Event::ScenarioFinished { scenario: "t/late".into() });
    let kept = records(&session.client.recorder().exchanges(), &session.records());
    session.events.tell_rest(&kept);

    let mut told = told.lock().unwrap().clone();
    assert_eq!(told.pop().as_deref(), Some("1"));
    assert_eq!(told.pop().as_deref(), Some("end of t/t"));
    assert_eq!(told[..2], ["2 t/t:once", "3 t/t:often"]);
    assert_eq!(told.len() + 1, kept.len(), "{told:?}");
}
