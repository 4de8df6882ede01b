//! Streams: when they are left, what they hold, and what breaks them.

use super::*;

/// Reads a stream with short stop rules.
async fn streamed(stub: &Stub, change: impl FnOnce(&mut StopWhen<'_>)) -> Exchange {
    let never = |_: &Value| false;
    let mut stop = StopWhen { idle: SHORT, within: SHORT * 20, events: None, on: &never };
    change(&mut stop);
    let outgoing = request(Method::GET, "/v1/runs/x/events");
    client(&stub.url, limits()).stream(outgoing, StreamFormat::Ndjson, stop).await
}

/// A chunked stream of NDJSON: each piece is one chunk.
fn chunks(pieces: &[&str]) -> Vec<Piece> {
    let head =
        Piece::Octets(answer(200, "content-type: application/x-ndjson\r\ntransfer-encoding: chunked", ""));
    let chunk = |piece: &&str| Piece::Octets(format!("{:x}\r\n{piece}\r\n", piece.len()).into());
    std::iter::once(head).chain(pieces.iter().map(chunk)).collect()
}

fn texts(exchange: &Exchange) -> Vec<&str> {
    let stream = exchange.answer().unwrap().events.as_ref().unwrap();
    stream.events.iter().map(|event| event.text.as_str()).collect()
}

#[tokio::test]
async fn a_stream_is_left_by_the_first_rule_that_holds() {
    let going_on = |pieces: &'static [&'static str]| {
        Stub::start(move |_, _| [chunks(pieces), vec![Piece::Hang]].concat())
    };
    let stub = going_on(&["{\"seq\":1}\n", "{\"seq\":2}\n", "{\"seq\":3}\n{\"se"]).await;
    let idle = streamed(&stub, |_| {}).await;
    assert_eq!((texts(&idle).len(), ending(&idle)), (3, Ending::Left));
    assert_eq!(idle.answer().unwrap().events.as_ref().unwrap().rest.as_deref(), Some("{\"se"));
    assert!(idle.duration >= SHORT && idle.duration < SHORT * 15, "{:?}", idle.duration);

    let counted = streamed(&stub, |stop| (stop.events, stop.idle) = (Some(3), SHORT * 20)).await;
    assert_eq!((texts(&counted).len(), ending(&counted)), (3, Ending::Left));
    assert!(counted.duration < SHORT * 15, "it does not wait for more");

    let second = |event: &Value| event["seq"] == 3;
    let client = client(&stub.url, limits());
    let stop = StopWhen { idle: SHORT * 20, within: SHORT * 20, events: None, on: &second };
    let met = client.stream(request(Method::GET, "/"), StreamFormat::Ndjson, stop).await;
    assert_eq!(texts(&met).last(), Some(&"{\"seq\":3}"));
    assert!(met.duration < SHORT * 15);

    let dripping = Stub::start(|_, _| {
        let drip = vec![chunks(&["\n"])[1].clone(), Piece::Pause(SHORT / 5)];
        [chunks(&[]), vec![drip; 100].concat()].concat()
    })
    .await;
    let within = streamed(&dripping, |stop| stop.within = SHORT * 2).await;
    assert_eq!((texts(&within).len(), ending(&within)), (0, Ending::Left));
    assert!(within.duration >= SHORT * 2 && within.duration < SHORT * 15);
}

#[tokio::test]
async fn a_stream_that_ends_is_whole_and_one_that_breaks_is_not() {
    let end = Piece::Octets(b"0\r\n\r\n".to_vec());
    let of = |pieces: &[&str], end: Vec<Piece>| {
        let pieces = [chunks(pieces), end].concat();
        Stub::start(move |_, _| pieces.clone())
    };
    let whole = streamed(&of(&["{\"seq\":1}\n{\"seq\":2}"], vec![end.clone()]).await, |_| {}).await;
    assert_eq!((texts(&whole), ending(&whole)), (vec!["{\"seq\":1}", "{\"seq\":2}"], Ending::Complete));

    let empty = streamed(&of(&[], vec![end.clone()]).await, |_| {}).await;
    assert_eq!((texts(&empty).len(), ending(&empty)), (0, Ending::Complete));

    let cut = streamed(&of(&["{\"seq\":1}\n{\"seq\":2}"], vec![]).await, |_| {}).await;
    assert!(matches!(ending(&cut), Ending::Broken(_)), "{cut:?}");
    assert_eq!(texts(&cut), ["{\"seq\":1}"], "half a line is no event");

    let many = streamed(&of(&["1\n2\n3\n4\n", "5\n", "6\n"], vec![end.clone()]).await, |_| {}).await;
    assert_eq!(ending(&many), Ending::Limit("a stream over 5 events".into()));
    let long = "x".repeat(600);
    let long = streamed(&of(&[&long, &long], vec![end]).await, |_| {}).await;
    assert_eq!(ending(&long), Ending::Limit("a stream over 1000 octets".into()));
}

#[tokio::test]
async fn events_carry_their_time_and_no_secret() {
    let pieces = chunks(&["{\"seq\":1,\"x\":\"signature-1\"}\n", "{\"seq\":2}\n"]);
    let pieces =
        [pieces[..2].to_vec(), vec![Piece::Pause(SHORT)], pieces[2..].to_vec(), vec![Piece::Hang]].concat();
    let stub = Stub::start(move |_, _| pieces.clone()).await;
    let exchange = streamed(&stub, |stop| (stop.events, stop.idle) = (Some(2), SHORT * 10)).await;
    let events = &exchange.answer().unwrap().events.as_ref().unwrap().events;
    assert!(events[1].arrived - events[0].arrived >= SHORT / 2, "{events:?}");
    assert_eq!(events[0].value, Ok(json!({"seq": 1, "x": REDACTED})));
    assert!(!format!("{exchange:?}").contains("signature-1"));
}

#[tokio::test]
async fn a_refused_stream_is_an_ordinary_answer() {
    let stub = Stub::answering(&json_answer(404, &json!({"error": {}}))).await;
    let exchange = streamed(&stub, |_| {}).await;
    let answer = exchange.answer().unwrap();
    assert_eq!(
        (answer.status, answer.events.is_none(), exchange.json()),
        (404, true, Some(json!({"error": {}})))
    );
    let silent = Stub::start(|_, _| vec![Piece::Hang]).await;
    let never = |_: &Value| false;
    let stop = StopWhen { idle: SHORT, within: SHORT, events: None, on: &never };
    let short = Limits { answer: SHORT, ..limits() };
    let exchange = client(&silent.url, short)
        .stream(request(Method::GET, "/"), StreamFormat::ServerSentEvents, stop)
        .await;
    assert_eq!(exchange.result.unwrap_err(), Failure::TimedOut(SHORT));
}
