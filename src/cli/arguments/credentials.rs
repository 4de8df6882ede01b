//! What the target is told of who asks.

use std::path::PathBuf;

use clap::Args;
use url::Url;

use super::values::parse_header;

#[derive(Debug, Args)]
pub(in crate::cli) struct Credentials {
    /// A bearer token for the target
    #[arg(long, value_name = "TOKEN", conflicts_with = "token_file")]
    pub token: Option<String>,
    /// A file that holds the token
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// A command that prints the token; it is run again if the target stops accepting the first
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["token", "token_file"])]
    pub token_command: Option<String>,
    #[command(flatten)]
    pub oauth: OAuth,
    /// A token that has expired, for AUTH-5
    #[arg(long, value_name = "TOKEN")]
    pub expired_token: Option<String>,
    /// A file that holds it
    #[arg(long, value_name = "FILE", conflicts_with = "expired_token")]
    pub expired_token_file: Option<PathBuf>,
    /// A token that is meant for another audience, for AUTH-6
    #[arg(long, value_name = "TOKEN")]
    pub wrong_audience_token: Option<String>,
    /// A file that holds it
    #[arg(long, value_name = "FILE", conflicts_with = "wrong_audience_token")]
    pub wrong_audience_token_file: Option<PathBuf>,
    /// A token from another issuer, for AUTH-6
    #[arg(long, value_name = "TOKEN")]
    pub wrong_issuer_token: Option<String>,
    /// A file that holds it
    #[arg(long, value_name = "FILE", conflicts_with = "wrong_issuer_token")]
    pub wrong_issuer_token_file: Option<PathBuf>,
    #[command(flatten)]
    pub minting: Minting,
    /// A PEM file of certificate authorities to trust beside those of this machine
    #[arg(long, value_name = "FILE")]
    pub cacert: Option<PathBuf>,
    /// A header field that every request carries; its value appears in no report
    #[arg(long, value_name = "NAME: VALUE", value_parser = parse_header)]
    pub header: Vec<(String, String)>,
}

// A doc comment here would become the text of the whole --help. Client credentials are RFC 6749, section 4.4.
#[derive(Debug, Args)]
pub(in crate::cli) struct OAuth {
    /// An OAuth token endpoint to fetch the token from with client credentials, and again if the target stops accepting it
    #[arg(
        long,
        value_name = "URL",
        requires = "oauth_client_id",
        conflicts_with_all = ["token", "token_file", "token_command"]
    )]
    pub oauth_token_url: Option<Url>,
    /// The OAuth client's id
    #[arg(long, value_name = "ID", requires = "oauth_token_url")]
    pub oauth_client_id: Option<String>,
    /// A file that holds the OAuth client's secret; without it ARP_OAUTH_CLIENT_SECRET is read
    #[arg(long, value_name = "FILE", requires = "oauth_token_url")]
    pub oauth_client_secret_file: Option<PathBuf>,
    /// The audience to ask a token for
    #[arg(long, value_name = "AUDIENCE", requires = "oauth_token_url")]
    pub oauth_audience: Option<String>,
    /// The scope to ask for
    #[arg(long, value_name = "SCOPE", requires = "oauth_token_url")]
    pub oauth_scope: Option<String>,
}

// What tokens are made from that were not given.
#[derive(Debug, Args)]
pub(in crate::cli) struct Minting {
    /// A key that the target trusts, to sign the tokens that are not given: the text of an HS256 secret, or a PKCS#8 PEM
    /// private key (Ed25519, RSA, EC P-256)
    #[arg(long, value_name = "FILE", requires_all = ["issuer", "audience"])]
    pub signing_key: Option<PathBuf>,
    /// The issuer of signed tokens
    #[arg(long, value_name = "ISSUER", requires = "signing_key")]
    pub issuer: Option<String>,
    /// The audience of signed tokens
    #[arg(long, value_name = "AUDIENCE", requires = "signing_key")]
    pub audience: Option<String>,
    /// The subject of signed tokens
    #[arg(long, value_name = "SUBJECT", default_value = "arp-conformance")]
    pub subject: String,
    /// The name that the target knows the key by
    #[arg(long, value_name = "ID", requires = "signing_key")]
    pub key_id: Option<String>,
}
