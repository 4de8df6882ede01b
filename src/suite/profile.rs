//! What is known of a service beyond its OpenAPI document: which requirement an operation's answer decides, the
//! optional features, the variables of the cases and the bodies that they start from.

use std::collections::BTreeMap;

use serde_json::Value;

use super::decode::Decoder;
use super::template::Template;
use crate::contract::Service;
use crate::yaml::Node;

/// The content of `cases/<service>/service.yaml`.
#[derive(Debug, Clone)]
pub struct Profile {
    pub service: Service,
    /// By `operationId`.
    pub operations: BTreeMap<String, OperationProfile>,
    /// The operations behind the words `start`, `read`, `cancel`, `events` that case files of several services use.
    pub roles: BTreeMap<String, String>,
    /// In the order of the file.
    pub variables: Vec<Variable>,
    /// Bodies that steps start from, by name.
    pub bodies: BTreeMap<String, Template>,
    /// Values for targets that say who they are.
    pub known: Vec<Known>,
}

/// What a success of one operation decides.
#[derive(Debug, Clone, Default)]
pub struct OperationProfile {
    /// The requirement that a valid body fulfils.
    pub answers: Option<String>,
    /// The requirement that the body's `run_id` is that of the request.
    pub identity: Option<String>,
    /// The requirement that every event of the stream is valid.
    pub events: Option<String>,
    /// The requirement that the stream's framing is one that an ordinary client reads.
    pub framing: Option<String>,
    /// The optional feature that the operation is; none where it is required.
    pub feature: Option<String>,
}

/// A value that the user can set.
#[derive(Debug, Clone)]
pub struct Variable {
    pub name: String,
    pub default: Value,
    pub says: String,
}

/// A target that is known by its `service_name`.
#[derive(Debug, Clone)]
pub struct Known {
    pub service_name: String,
    pub variables: BTreeMap<String, Value>,
}

impl Profile {
    /// The variables' values for a target that calls itself `service_name`; what the user set comes first.
    pub fn variables_for(
        &self,
        service_name: Option<&str>,
        set: &BTreeMap<String, Value>,
    ) -> BTreeMap<String, Value> {
        let known = self.known.iter().find(|known| Some(known.service_name.as_str()) == service_name);
        let value = |variable: &Variable| {
            let preset = known.and_then(|known| known.variables.get(&variable.name));
            set.get(&variable.name).or(preset).unwrap_or(&variable.default).clone()
        };
        self.variables.iter().map(|variable| (variable.name.clone(), value(variable))).collect()
    }

    /// The operation that a case file names: an `operationId`, or `runs.start` and the like.
    pub fn operation<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        match name.strip_prefix("runs.") {
            Some(role) => self.roles.get(role).map(String::as_str),
            None => Some(name),
        }
    }

    /// The operation of an optional feature.
    pub fn feature_operation(&self, feature: &str) -> Option<&str> {
        let found = self.operations.iter().find(|(_, profile)| profile.feature.as_deref() == Some(feature));
        found.map(|(id, _)| id.as_str())
    }

    /// The optional features.
    pub fn features(&self) -> impl Iterator<Item = &str> {
        self.operations.values().filter_map(|profile| profile.feature.as_deref())
    }

    pub(super) fn decode(decoder: &Decoder, node: &Node) -> Option<Self> {
        let fields = decoder.fields(node, "a service profile")?;
        let services: Vec<_> = Service::ALL.iter().map(|service| (service.name(), *service)).collect();
        let service = fields.need("service").and_then(|node| decoder.word(node, &services));
        let operations = fields.need("operations").and_then(|node| decoder.entries(node, "operations"));
        let roles = fields.need("roles").and_then(|node| decoder.entries(node, "roles"));
        let variables = fields.need("variables").and_then(|node| decoder.entries(node, "variables"));
        let bodies = fields.need("bodies").and_then(|node| decoder.entries(node, "bodies"));
        let known = fields.get("known").and_then(|node| decoder.items(node, "known targets"));
        fields.finish();

        let operations = operations.into_iter().flatten();
        let roles = roles.into_iter().flatten();
        let variables = variables.into_iter().flatten();
        let bodies = bodies.into_iter().flatten();
        let known = known.into_iter().flatten();
        Some(Profile {
            service: service?,
            operations: operations
                .filter_map(|(key, node)| Some((key.name.clone(), OperationProfile::decode(decoder, node)?)))
                .collect(),
            roles: roles
                .filter_map(|(key, node)| {
                    Some((key.name.clone(), decoder.text(node, "an operationId")?.to_owned()))
                })
                .collect(),
            variables: variables
                .filter_map(|(key, node)| {
                    let fields = decoder.fields(node, "a variable")?;
                    let default = fields.need("default").map(|node| decoder.value(node));
                    let says = fields.need_text("says");
                    fields.finish();
                    Some(Variable { name: key.name.clone(), default: default?, says: says? })
                })
                .collect(),
            bodies: bodies
                .filter_map(|(key, node)| Some((key.name.clone(), decoder.template(node)?)))
                .collect(),
            known: known.filter_map(|node| Known::decode(decoder, node)).collect(),
        })
    }
}

impl OperationProfile {
    fn decode(decoder: &Decoder, node: &Node) -> Option<Self> {
        let fields = decoder.fields(node, "an operation's profile")?;
        let profile = OperationProfile {
            answers: fields.text("answers"),
            identity: fields.text("identity"),
            events: fields.text("events"),
            framing: fields.text("framing"),
            feature: fields.text("feature"),
        };
        fields.finish();
        Some(profile)
    }
}

impl Known {
    fn decode(decoder: &Decoder, node: &Node) -> Option<Self> {
        let fields = decoder.fields(node, "a known target")?;
        let service_name = fields.need_text("service_name");
        let variables = fields.need("variables").and_then(|node| decoder.entries(node, "variables"));
        fields.finish();
        let variables = variables.into_iter().flatten();
        Some(Known {
            service_name: service_name?,
            variables: variables.map(|(key, node)| (key.name.clone(), node.to_value())).collect(),
        })
    }
}
