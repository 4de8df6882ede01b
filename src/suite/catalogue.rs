//! The requirement catalogue: what an ARP service owes its clients, one statement a row.

use super::decode::Decoder;
use crate::contract::Service;
use crate::report::model::Level;
use crate::yaml::{Kind, Node};

/// The rows of `cases/requirements.yaml`, in its order.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    rows: Vec<Requirement>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Stable: reports carry it.
    pub id: String,
    pub level: Level,
    /// The services that it binds; empty for all.
    pub services: Vec<Service>,
    /// When it binds, in words; otherwise always.
    pub when: Option<String>,
    /// The statement.
    pub says: String,
    /// Where the standard, or the RFC that it builds on, says so.
    pub source: Vec<String>,
}

impl Catalogue {
    /// The row with this id.
    pub fn get(&self, id: &str) -> Option<&Requirement> {
        self.rows.iter().find(|row| row.id == id)
    }

    /// The rows that bind `service`.
    pub fn of(&self, service: Service) -> impl Iterator<Item = &Requirement> {
        self.rows.iter().filter(move |row| row.binds(service))
    }

    pub fn ids(&self) -> Vec<&str> {
        self.rows.iter().map(|row| row.id.as_str()).collect()
    }

    /// Where a row stands in the catalogue: the order of reports.
    pub fn position(&self, id: &str) -> usize {
        self.rows.iter().position(|row| row.id == id).unwrap_or(usize::MAX)
    }

    /// Adds the rows of another file.
    pub(super) fn extend(&mut self, other: Catalogue) {
        self.rows.extend(other.rows);
    }

    pub(super) fn decode(decoder: &Decoder, node: &Node) -> Self {
        let mut catalogue = Catalogue::default();
        let Some(fields) = decoder.fields(node, "the catalogue") else { return catalogue };
        let rows = fields.need("requirements").and_then(|node| decoder.items(node, "requirements"));
        fields.finish();
        for node in rows.into_iter().flatten() {
            if let Some(row) = Requirement::decode(decoder, node) {
                if catalogue.get(&row.id).is_some() {
                    let what = format!("requirement {} stands twice", row.id);
                    decoder.trouble(node.place, what, "give each row an id of its own");
                }
                catalogue.rows.push(row);
            }
        }
        catalogue
    }
}

impl Requirement {
    pub fn binds(&self, service: Service) -> bool {
        self.services.is_empty() || self.services.contains(&service)
    }

    /// The first word of the id: `RUN` of `RUN-3`.
    pub fn family(&self) -> &str {
        self.id.split('-').next().unwrap_or(&self.id)
    }

    fn decode(decoder: &Decoder, node: &Node) -> Option<Self> {
        let fields = decoder.fields(node, "a requirement")?;
        let levels = [("must", Level::Must), ("should", Level::Should), ("may", Level::May)];
        let id = fields.need_text("id");
        let level = fields.need("level").and_then(|node| decoder.word(node, &levels));
        let services = fields.need("services").map(|node| decode_services(decoder, node));
        let when = fields.text("when");
        let says = fields.need_text("says");
        let source = fields.need("source").and_then(|node| decoder.items(node, "sources"));
        fields.finish();
        let source = source.into_iter().flatten().filter_map(|node| decoder.text(node, "a source"));
        Some(Requirement {
            id: id?,
            level: level?,
            services: services?,
            when,
            says: says?.trim().to_owned(),
            source: source.map(str::to_owned).collect(),
        })
    }
}

/// A list of services; `[all]` reads as empty.
pub(super) fn decode_services(decoder: &Decoder, node: &Node) -> Vec<Service> {
    let mut words: Vec<(&str, Option<Service>)> = vec![("all", None)];
    words.extend(Service::ALL.iter().map(|service| (service.name(), Some(*service))));
    let items = match &node.kind {
        Kind::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    items.iter().filter_map(|node| decoder.word(node, &words)).flatten().collect()
}
