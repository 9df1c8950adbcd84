//! What the crate's names mean, for people. The tests see that no name is missing here and that none is too many.

use serde::Serialize;

use crate::config;
use crate::http;
use crate::oauth::{callback, id_token, token};
use crate::providers;
use crate::service::{self, ROUTES};
use crate::session;
use crate::vault;

/// What a user sees of a connection.
pub(super) const COLUMNS: &[(&str, &str)] = &[
    ("id", "The connection's id."),
    ("provider", "The provider's name."),
    ("status", "The connection's status."),
    (
        "calendar_id",
        "The provider's word for the account's own calendar, such as `primary`.",
    ),
    (
        "account_label",
        "The account's address, or null where it is not known.",
    ),
    (
        "account_class",
        "`google_workspace`, `google`, `work` or `personal`, or null where the account is not known.",
    ),
    (
        "scopes",
        "The scopes that were granted, the calendar's first; at most 32 of them are kept.",
    ),
    (
        "connected_at",
        "When the connection was made or made again, RFC 3339 in UTC.",
    ),
    ("last_sync_at", "When the calendar was last read, or null."),
    (
        "reason",
        "Why the connection is not being read, one word of a closed set; null where it is.",
    ),
    ("needs_reconnect", "Whether its user has to connect again."),
    ("failing_since", "Since when reading it fails, or null."),
    (
        "next_sync_at",
        "When it will be read next, or null where nothing reads it.",
    ),
    (
        "grant_expires_at",
        "When its grant ends, where the provider limits it, or null.",
    ),
];

pub(super) const STATUSES: &[(&str, &str)] = &[
    ("active", "The tokens are good as far as is known."),
    (
        "expired",
        "The grant has ended; its user has to connect again.",
    ),
    (
        "revoked",
        "Access was withdrawn at the provider; its user has to connect again.",
    ),
    ("error", "The provider keeps refusing; the reason says why."),
];

/// The fields of a log line.
pub(super) const LOG: &[(&str, &str)] = &[
    ("request_id", "What the caller got as `x-request-id`."),
    (
        "route",
        "`connect`, `callback`, `status`, `disconnect`, `health`, `preflight`, or empty where no route matched.",
    ),
    ("method", "The HTTP method."),
    ("provider", "The provider of the route, if it names one."),
    (
        "user_id",
        "The user whose session it is, once the database has accepted it.",
    ),
    ("status", "The HTTP status."),
    (
        "code",
        "The error code, also where it went into a redirect.",
    ),
    (
        "cause",
        "Where it failed: a word of a closed set. Without a `code`, the return was handed to the app.",
    ),
    (
        "detail",
        "Which variables are missing or malformed; never a value.",
    ),
    (
        "warning",
        "Something that works now and will stop working soon.",
    ),
    ("ms", "Milliseconds from request to answer."),
    ("database_calls", "Calls to PostgREST."),
    ("provider_calls", "Calls to the provider's token endpoint."),
];

/// A limit.
#[derive(Serialize)]
pub(super) struct Limit {
    name: &'static str,
    value: u64,
    unit: &'static str,
    meaning: &'static str,
}

pub(super) fn limits() -> Vec<Limit> {
    let limit = |name, value: u64, unit, meaning| Limit {
        name,
        value,
        unit,
        meaning,
    };
    let size = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
    vec![
        limit(
            "query",
            size(service::QUERY_LIMIT),
            "bytes",
            "The query of a request.",
        ),
        limit(
            "body",
            service::BODY_LIMIT.into(),
            "bytes",
            "The body of a request.",
        ),
        limit(
            "jwt",
            size(session::JWT_LIMIT),
            "bytes",
            "The access token of a session.",
        ),
        limit(
            "code",
            size(callback::CODE_LIMIT),
            "bytes",
            "`code` of a return.",
        ),
        limit(
            "iss",
            size(callback::ISSUER_LIMIT),
            "bytes",
            "`iss` of a return.",
        ),
        limit(
            "error",
            size(callback::ERROR_LIMIT),
            "bytes",
            "`error` of a return.",
        ),
        limit(
            "token",
            size(token::TOKEN_LIMIT),
            "bytes",
            "An access or refresh token.",
        ),
        limit(
            "lifetime",
            token::LIFETIME_LIMIT.into(),
            "seconds",
            "The lifetime of a token.",
        ),
        limit(
            "account_id",
            size(id_token::ACCOUNT_ID_LIMIT),
            "bytes",
            "The provider's id of an account.",
        ),
        limit(
            "account_label",
            size(id_token::ACCOUNT_LABEL_LIMIT),
            "characters",
            "The name of an account; a longer one is left out.",
        ),
        limit(
            "scopes",
            size(providers::SCOPE_COUNT_LIMIT),
            "scopes",
            "The scopes that are kept of a connection.",
        ),
        limit(
            "scopes_size",
            size(providers::SCOPE_BYTES_LIMIT),
            "bytes",
            "The same, written as a Postgres array.",
        ),
        limit(
            "sealed",
            size(vault::SEALED_LIMIT),
            "bytes",
            "A sealed value.",
        ),
        limit(
            "answer",
            http::RESPONSE_LIMIT.into(),
            "bytes",
            "An answer of the database or of a token endpoint, decoded.",
        ),
        limit(
            "database_step",
            config::DATABASE_TIMEOUT_MS.into(),
            "milliseconds",
            "One call to the database.",
        ),
        limit(
            "token_exchange",
            token::EXCHANGE_TIMEOUT_MS.into(),
            "milliseconds",
            "The exchange of a code for tokens.",
        ),
    ]
}

/// A route with one of its methods.
#[derive(Serialize)]
pub(super) struct RouteContract {
    pub(super) method: &'static str,
    pub(super) path: String,
    caller: &'static str,
    answer: &'static str,
}

/// Method, name of the route, who may call it, and what it answers.
pub(super) const CALLS: &[(&str, &str, &str, &str)] = &[
    (
        "GET",
        "connect",
        "JWT, or a browser's own navigation with a session cookie; `?connection=` as for `POST`",
        "Where to send the browser; the navigation is redirected there.",
    ),
    (
        "POST",
        "connect",
        "JWT, `?connection=` to connect that one again",
        "Where to send the browser.",
    ),
    (
        "GET",
        "callback",
        "the provider's redirect",
        "`303` to the settings URL.",
    ),
    (
        "POST",
        "callback",
        "JWT, body `{\"code\",\"state\",\"iss\"?}` or `{\"error\",\"state\"}`",
        "The status.",
    ),
    ("GET", "status", "JWT", "The status."),
    (
        "DELETE",
        "disconnect",
        "JWT, `?connection=` for one, `?provider=` for all of one provider",
        "The status, with `disconnected` and `revocations`.",
    ),
    (
        "GET",
        "health",
        "anyone",
        "Version and providers; the database is not asked.",
    ),
    ("HEAD", "health", "anyone", "The headers of the same."),
];

/// Every method of every route, in the order of the routing table. One without a description has an empty one.
pub(super) fn routes() -> Vec<RouteContract> {
    let of_entry = |entry: &'static service::Entry<_>| {
        entry.methods.split(", ").map(|method| {
            let call = CALLS
                .iter()
                .find(|(verb, name, ..)| (*verb, *name) == (method, entry.name));
            RouteContract {
                method,
                path: entry.path(),
                caller: call.map_or("", |(_, _, caller, _)| caller),
                answer: call.map_or("", |(.., answer)| answer),
            }
        })
    };
    ROUTES.iter().flat_map(of_entry).collect()
}
