//! The misbehaviours, by what is wrong.

mod bodies;
mod codings;
mod connection;
mod framing;
mod headers;
mod ids;
mod json;
mod redirects;
mod right;
mod secrets;
mod shown;
mod streams;
mod time;

use crate::misbehaviour::Misbehaviour;

type Table = fn() -> Vec<Misbehaviour>;

/// Every misbehaviour with its concern.
pub fn all() -> Vec<(&'static str, Misbehaviour)> {
    let tables: [(&str, Table); 13] = [
        ("right", right::table),
        ("connection", connection::table),
        ("framing", framing::table),
        ("headers", headers::table),
        ("bodies", bodies::table),
        ("codings", codings::table),
        ("json", json::table),
        ("shown", shown::table),
        ("redirects", redirects::table),
        ("ids", ids::table),
        ("streams", streams::table),
        ("time", time::table),
        ("secrets", secrets::table),
    ];
    let rows = |(concern, table): (&'static str, Table)| {
        table().into_iter().map(move |misbehaviour| (concern, misbehaviour))
    };
    tables.into_iter().flat_map(rows).collect()
}
