//! What the user knows of the target that its answers do not tell.

use clap::Args;

use super::values::{parse_assignment, parse_feature};
use crate::reference;
use crate::report::model::FeatureState;

#[derive(Debug, Args)]
pub(in crate::cli) struct Knowledge {
    /// Set a variable of the cases: which runs the target can make. Runtime: goal, slow_goal, failing_goal.
    /// Run Gateway: root_node_type_id, root_node_type_version, input (JSON), and these with slow_ and failing_
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_assignment, verbatim_doc_comment)]
    pub set: Vec<(String, String)>,
    /// The Run Coordinator behind a gateway, for the forwarding checks; the token is not sent there
    #[arg(long, value_name = "URL")]
    pub coordinator: Option<String>,
    /// Say how the target treats credentials, where its answers do not tell
    #[arg(long, value_enum, value_name = "MODE")]
    pub auth: Option<reference::Auth>,
    /// Say whether an optional feature is there: events or cancel
    #[arg(long, value_name = "NAME=implemented|absent", value_parser = parse_feature)]
    pub feature: Vec<(String, FeatureState)>,
}
