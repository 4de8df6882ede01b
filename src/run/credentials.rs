use crate::suite::Credentials;

/// The `Authorization` value that a step asks for; none where it is to be absent, or where there is no token.
pub(super) fn authorization(credentials: Credentials, token: Option<&str>) -> Option<String> {
    let with = |scheme: &str| token.map(|token| format!("{scheme} {token}"));
    match credentials {
        Credentials::Valid => with("Bearer"),
        Credentials::LowerCaseScheme => with("bearer"),
        Credentials::UpperCaseScheme => with("BEARER"),
        Credentials::Absent => None,
        // RFC 7617's own example, which opens nothing.
        Credentials::OtherScheme => Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==".into()),
        Credentials::EmptyToken => Some("Bearer".into()),
        Credentials::NotAJwt => Some("Bearer arp-conformance-is-no-jwt".into()),
    }
}
