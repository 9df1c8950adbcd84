//! One JSON line per request, for the operator. No token, code, state, secret, URL or text of a caller is ever in it.

use serde::Serialize;

use crate::cause::{Cause, Warning};
use crate::error::Failure;
use crate::hex;
use crate::http::Wire;
use crate::json;
use crate::providers::Provider;
use crate::session::Session;

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
    /// The user a session names that nobody has verified yet.
    #[serde(skip)]
    claimed_user: Option<String>,
    /// PostgREST calls.
    pub database_calls: u32,
    /// Token endpoint calls.
    pub provider_calls: u32,
}

impl LogLine {
    pub(super) fn set_request_id(&mut self, bytes: [u8; 16]) {
        self.request_id = hex::encode(&bytes);
    }

    pub(super) fn set_user(&mut self, session: &Session) {
        self.claimed_user = Some(session.user().as_str().to_owned());
    }

    pub(super) fn fail(&mut self, failure: &Failure) {
        self.code = Some(failure.code.as_str());
        self.cause = failure.cause;
        if failure.cause == Some(Cause::ENVIRONMENT) {
            self.detail = Some(failure.message.to_string());
        }
    }

    pub(super) fn close<T>(&mut self, wire: &Wire<'_, T>, status: u16, ms: u64)
    where
        T: crate::http::Transport,
    {
        self.status = status;
        self.ms = ms;
        self.user_id = self.claimed_user.take().filter(|_| wire.jwt_accepted());
        self.database_calls = wire.database_calls();
        self.provider_calls = wire.provider_calls();
    }

    /// The line.
    pub fn to_json(&self) -> String {
        json::write(self).unwrap_or_default()
    }
}
