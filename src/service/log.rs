//! One JSON line per request, for the operator. No token, code, state, secret, URL or text of a caller is ever in it.

use serde::Serialize;

use crate::cause::{Cause, Warning};
use crate::error::Failure;
use crate::http::{Transport, Wire};
use crate::json;
use crate::providers::Provider;
use crate::user::UserId;

/// What was found out about a request while it was handled.
#[derive(Default)]
pub(super) struct Facts {
    /// The route's name.
    pub(super) route: &'static str,
    /// The provider that the path or the query names.
    pub(super) provider: Option<Provider>,
    /// The user whom the session names, verified or not.
    pub(super) claimed_user: Option<UserId>,
    /// Why the request failed, also where the browser was redirected.
    pub(super) failure: Option<Failure>,
    /// A word about an outcome that is no failure.
    pub(super) cause: Option<Cause>,
    /// A word about something that works and will not for long.
    pub(super) warning: Option<Warning>,
}

/// The request log's fields, as the README documents them.
#[derive(Debug, Default, Serialize)]
pub struct LogLine {
    /// The id the caller got as `x-request-id`.
    pub request_id: String,
    /// `connect`, `callback`, `status`, `disconnect`, `health`, `preflight`, or empty where no route matched.
    pub route: &'static str,
    /// The method.
    pub method: &'static str,
    /// The provider the route names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// The user whose session it is, once the database has accepted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// The error code, also where it went into a redirect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// Where it failed: one of a closed set of words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// What the configuration lacks; names of variables, never values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Something that works and will not for long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<Warning>,
    /// Milliseconds from request to answer.
    pub ms: u64,
    /// PostgREST calls.
    pub database_calls: u32,
    /// Token endpoint calls.
    pub provider_calls: u32,
}

impl LogLine {
    /// The line of a request that was answered with `status` after `ms` milliseconds.
    pub(super) fn new<T: Transport>(
        request_id: String,
        method: &str,
        facts: Facts,
        status: u16,
        ms: u64,
        wire: &Wire<'_, T>,
    ) -> Self {
        let failure = facts.failure.as_ref();
        let user = facts.claimed_user.filter(|_| wire.jwt_accepted());
        Self {
            request_id,
            route: facts.route,
            method: known_method(method),
            provider: facts.provider,
            user_id: user.map(|user| user.as_str().to_owned()),
            status,
            code: failure.map(|failure| failure.code.as_str()),
            cause: failure.map_or(facts.cause, |failure| failure.cause),
            detail: failure
                .filter(|failure| failure.cause == Some(Cause::ENVIRONMENT))
                .map(|failure| failure.message.to_string()),
            warning: facts.warning,
            ms,
            database_calls: wire.database_calls(),
            provider_calls: wire.provider_calls(),
        }
    }

    /// The line.
    pub fn to_json(&self) -> String {
        json::write(self).unwrap_or_default()
    }
}

/// The method, if it is one that a log line may name.
fn known_method(method: &str) -> &'static str {
    ["GET", "POST", "DELETE", "OPTIONS", "HEAD", "PUT", "PATCH"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("other")
}
