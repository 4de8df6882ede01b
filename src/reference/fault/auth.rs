//! Authentication: who comes in, and how others are turned away.

use serde_json::{Value, json};

use super::Fault;
use super::row::{CANCEL, CREATE, EVENTS, EVERY_RUN, READ, RESULT, both, envelope, runtime};
use crate::reference::auth::TokenError;
use crate::reference::change::Change::{Admit, Answer, Behave};
use crate::reference::change::{Asked, Edit, Switch, on};

pub const FAULTS: &[Fault] = &[
    // ---- no token
    both("auth/create-open", "a run can be created without a token", &["AUTH-1"], &[Admit(CREATE, NOTHING)])
        .with_auth(),
    both("auth/read-open", "a run can be read without a token", &["AUTH-1"], &[Admit(READ, NOTHING)])
        .with_auth(),
    runtime(
        "auth/result-open",
        "a result can be read without a token",
        &["AUTH-1"],
        &[Admit(RESULT, NOTHING)],
    )
    .with_auth(),
    both(
        "auth/cancel-open",
        "a run can be cancelled without a token",
        &["AUTH-1"],
        &[Admit(CANCEL, NOTHING)],
    )
    .with_auth(),
    both(
        "auth/events-open",
        "events can be read without a token, since a browser's EventSource sends none",
        &["AUTH-1"],
        &[Admit(EVENTS, NOTHING)],
    )
    .with_auth(),
    both(
        "auth/403-for-nothing",
        "a request without a token is answered 403",
        &["AUTH-1"],
        &[Answer(on(EVERY_RUN).says("/error/code", &["missing_token"]), &[Edit::Status(403)])],
    )
    .with_auth(),
    both(
        "auth/redirects",
        "a request without a token is sent to a login page",
        &["AUTH-1", "ERROR-1"],
        &[Answer(
            on(EVERY_RUN).says("/error/code", &["missing_token"]),
            &[
                Edit::Status(302),
                Edit::Header("location", "/login"),
                Edit::Text("text/html", "<a href=\"/login\">Log in</a>"),
            ],
        )],
    )
    .with_auth(),
    both(
        "auth/404-for-nothing",
        "a request without a token is answered 404",
        &["AUTH-1"],
        &[Answer(on(EVERY_RUN).says("/error/code", &["missing_token"]), &[Edit::Status(404)])],
    )
    .with_auth(),
    // ---- the challenge
    both(
        "auth/no-challenge",
        "a 401 has no WWW-Authenticate",
        &["AUTH-2"],
        &[Answer(on(EVERY_RUN).status(401), &[Edit::NoHeader("www-authenticate")])],
    )
    .with_auth(),
    both(
        "auth/no-challenge-for-bad-token",
        "a 401 for a token that is not accepted has no WWW-Authenticate",
        &["AUTH-2"],
        &[Answer(
            on(EVERY_RUN).says("/error/code", &["invalid_token"]),
            &[Edit::NoHeader("www-authenticate")],
        )],
    )
    .with_auth(),
    both(
        "auth/no-challenge-at-events",
        "a 401 of the event stream has no WWW-Authenticate",
        &["AUTH-2"],
        &[Answer(on(EVENTS).status(401), &[Edit::NoHeader("www-authenticate")])],
    )
    .with_auth(),
    both(
        "auth/basic-challenge",
        "the challenge is Basic alone",
        &["AUTH-2"],
        &[Answer(on(EVERY_RUN).status(401), &[Edit::Header("www-authenticate", "Basic realm=\"arp\"")])],
    )
    .with_auth(),
    // ---- the body of a 401
    both(
        "auth/401-as-text",
        "a 401 is plain text",
        &["ERROR-1"],
        &[Answer(on(EVERY_RUN).status(401), &[Edit::Text("text/plain", "Unauthorized")])],
    )
    .with_auth(),
    both(
        "auth/401-empty",
        "a 401 has no body",
        &["ERROR-1"],
        &[Answer(on(EVERY_RUN).status(401), &[Edit::Empty])],
    )
    .with_auth(),
    both(
        "auth/401-detail",
        "a 401 is a framework's detail",
        &["ERROR-1"],
        &[Answer(
            on(EVERY_RUN).status(401),
            &[Edit::Become(401, |_| json!({"detail": "Not authenticated"}))],
        )],
    )
    .with_auth(),
    // ---- what is no token
    both(
        "auth/other-scheme",
        "an Authorization of another scheme is ignored",
        &["AUTH-3"],
        &[Admit(EVERY_RUN, &[TokenError::Scheme])],
    )
    .with_auth(),
    both(
        "auth/empty-token",
        "an empty bearer token is accepted",
        &["AUTH-3"],
        &[Admit(EVERY_RUN, &[TokenError::Empty])],
    )
    .with_auth(),
    both(
        "auth/any-text",
        "any text is accepted as a token",
        &["AUTH-3"],
        &[Admit(EVERY_RUN, &[TokenError::Malformed])],
    )
    .with_auth(),
    both(
        "auth/any-text-at-create",
        "any text is accepted as a token where a run is created",
        &["AUTH-3"],
        &[Admit(CREATE, &[TokenError::Malformed])],
    )
    .with_auth(),
    both(
        "auth/any-text-at-read",
        "any text is accepted as a token where a run is read",
        &["AUTH-3"],
        &[Admit(READ, &[TokenError::Malformed])],
    )
    .with_auth(),
    runtime(
        "auth/any-text-at-result",
        "any text is accepted as a token where a result is read",
        &["AUTH-3"],
        &[Admit(RESULT, &[TokenError::Malformed])],
    )
    .with_auth(),
    both(
        "auth/any-text-at-cancel",
        "any text is accepted as a token where a run is cancelled",
        &["AUTH-3"],
        &[Admit(CANCEL, &[TokenError::Malformed])],
    )
    .with_auth(),
    both(
        "auth/any-text-at-events",
        "any text is accepted as a token where events are read",
        &["AUTH-3"],
        &[Admit(EVENTS, &[TokenError::Malformed])],
    )
    .with_auth(),
    both(
        "auth/500-for-garbage",
        "a token that is no JWT answers 500",
        &["AUTH-3"],
        &[Answer(on(EVERY_RUN).says("/error/message", NO_JWT), &[Edit::Become(500, broken)])],
    )
    .with_auth(),
    both(
        "auth/403-for-garbage",
        "a token that is no JWT answers 403",
        &["AUTH-3"],
        &[Answer(on(EVERY_RUN).says("/error/message", NO_JWT), &[Edit::Status(403)])],
    )
    .with_auth(),
    both(
        "auth/optional-ignores",
        "where a token is optional, an invalid one is taken for none",
        &["AUTH-3", "AUTH-4"],
        &[Admit(EVERY_RUN, ALL)],
    )
    .with_optional_auth(),
    // ---- forged tokens
    both(
        "auth/signature-unchecked",
        "a token's signature is not checked",
        &["AUTH-4"],
        &[Admit(EVERY_RUN, &[TokenError::Signature])],
    )
    .with_auth(),
    both(
        "auth/signature-unchecked-at-create",
        "a token's signature is not checked where a run is created",
        &["AUTH-4"],
        &[Admit(CREATE, &[TokenError::Signature])],
    )
    .with_auth(),
    both(
        "auth/signature-unchecked-at-read",
        "a token's signature is not checked where a run is read",
        &["AUTH-4"],
        &[Admit(READ, &[TokenError::Signature])],
    )
    .with_auth(),
    runtime(
        "auth/signature-unchecked-at-result",
        "a token's signature is not checked where a result is read",
        &["AUTH-4"],
        &[Admit(RESULT, &[TokenError::Signature])],
    )
    .with_auth(),
    both(
        "auth/signature-unchecked-at-cancel",
        "a token's signature is not checked where a run is cancelled",
        &["AUTH-4"],
        &[Admit(CANCEL, &[TokenError::Signature])],
    )
    .with_auth(),
    both(
        "auth/signature-unchecked-at-events",
        "a token's signature is not checked where events are read",
        &["AUTH-4"],
        &[Admit(EVENTS, &[TokenError::Signature])],
    )
    .with_auth(),
    both(
        "auth/alg-none",
        "a token with alg none is accepted",
        &["AUTH-4"],
        &[Admit(EVERY_RUN, &[TokenError::Unsigned])],
    )
    .with_auth(),
    both(
        "auth/alg-none-in-other-case",
        "alg none is refused, but None and NONE are accepted",
        &["AUTH-4"],
        &[Admit(EVERY_RUN, &[TokenError::Algorithm])],
    )
    .with_auth(),
    // ---- tokens that are signed and do not count
    both(
        "auth/expired",
        "an expired token is accepted",
        &["AUTH-5"],
        &[Admit(EVERY_RUN, &[TokenError::Time])],
    )
    .with_auth(),
    both(
        "auth/expired-at-read",
        "an expired token is accepted where a run is read",
        &["AUTH-5"],
        &[Admit(READ, &[TokenError::Time])],
    )
    .with_auth(),
    both(
        "auth/expired-500",
        "an expired token answers 500",
        &["AUTH-5"],
        &[Answer(
            on(EVERY_RUN).says("/error/message", &["the token is expired or not valid yet"]),
            &[Edit::Become(500, broken)],
        )],
    )
    .with_auth(),
    both(
        "auth/any-audience",
        "a token for another audience is accepted",
        &["AUTH-6"],
        &[Admit(EVERY_RUN, &[TokenError::Audience])],
    )
    .with_auth(),
    both(
        "auth/any-issuer",
        "a token from another issuer is accepted",
        &["AUTH-6"],
        &[Admit(EVERY_RUN, &[TokenError::Issuer])],
    )
    .with_auth(),
    // ---- right tokens
    both(
        "auth/scheme-in-one-case",
        "the scheme is known as Bearer alone, not as bearer",
        &["AUTH-7"],
        &[Answer(
            on(EVERY_RUN).ok().asked(|asked| !asked.authorization().starts_with("Bearer ")),
            TURNED_AWAY,
        )],
    )
    .with_auth(),
    both(
        "auth/refuses-right",
        "a valid token is refused where a run is read",
        &["AUTH-7"],
        &[Answer(on(READ).ok(), TURNED_AWAY)],
    )
    .with_auth(),
    // ---- the order of the questions
    both(
        "auth/validates-first",
        "a body is validated before the token is looked at",
        &["AUTH-8"],
        &[Behave(Switch::ValidatesFirst)],
    )
    .with_auth(),
    both(
        "auth/looks-up-first",
        "a run is looked up before the token is looked at",
        &["AUTH-8"],
        &[Behave(Switch::LooksUpFirst)],
    )
    .with_auth(),
];

const NOTHING: &[TokenError] = &[TokenError::Missing];
const ALL: &[TokenError] = &[
    TokenError::Scheme,
    TokenError::Empty,
    TokenError::Malformed,
    TokenError::Unsigned,
    TokenError::Algorithm,
    TokenError::Signature,
    TokenError::Time,
    TokenError::Issuer,
    TokenError::Audience,
];

/// What the server says of a token that is no JWT.
const NO_JWT: &[&str] = &["the token is not a signed JSON Web Token"];

const TURNED_AWAY: &[Edit] = &[
    Edit::Become(401, |_| envelope("invalid_token", "the token is not accepted")),
    Edit::Header("www-authenticate", "Bearer realm=\"arp\", error=\"invalid_token\""),
];

fn broken(_: &Asked) -> Value {
    envelope("internal", "the token could not be read")
}
