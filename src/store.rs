//! Rows, through PostgREST and with the caller's own JWT only: row level security decides, not this code.
//!
//! The `postgrest` crate builds each request once per shape and isolate; authorization and body are added per request,
//! and the [`crate::http::Transport`] sends it. One PostgREST call for each operation (`supabase/migrations`).

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::config::Config;
use crate::http::{OutboundRequest, OutboundResponse, Transport, TransportError, Wire};
use crate::json;
use crate::oauth::state::StateHash;
use crate::oauth::token::parse_retry_after;
use crate::provider::Provider;
use crate::session::Session;

/// Stands for the user's id in a prepared URL.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
/// Seconds to wait where the database asks for a pause and names none.
const DEFAULT_PAUSE: u32 = 5;

/// Why a database step came to nothing. Holds nothing of the answer's text: PostgREST's `details` can carry rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// PostgREST does not accept the JWT.
    Unauthorized,
    /// The account of a still valid JWT is gone.
    AccountGone,
    /// 429 of the gateway or the database.
    Busy {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// No answer in time, or one that was cut off.
    Unreachable(TransportError),
    /// 5xx, or no connection to the database.
    Unavailable,
    /// A table or function is missing: the migrations are not applied.
    SchemaMissing,
    /// A grant or policy is missing or was changed.
    Forbidden,
    /// The gateway does not accept the publishable key.
    KeyRefused,
    /// The database refused a value that should have been right.
    Rejected,
    /// An answer of another shape than the migrations promise.
    Malformed,
}

/// A connection's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Tokens are good as far as is known.
    Active,
    /// The grant ran out; connect again.
    Expired,
    /// The grant was withdrawn at the provider; connect again.
    Revoked,
    /// The provider keeps failing.
    Error,
}

/// A connection as its user may see it: no sealed column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Which provider.
    pub provider: Provider,
    /// Its status.
    pub status: Status,
    /// The calendar, `primary` or `default`.
    pub calendar_id: String,
    /// The account's name at the provider, where known.
    pub account_label: Option<String>,
    /// What was granted.
    pub scopes: Vec<String>,
    /// RFC 3339.
    pub connected_at: String,
    /// RFC 3339.
    pub last_sync_at: Option<String>,
}

/// A state that was taken: it is gone from the database, whatever it says.
#[derive(Deserialize)]
pub struct TakenState {
    /// Whose consent page it was made for.
    pub provider: Provider,
    /// The PKCE verifier, sealed.
    pub sealed_verifier: String,
    /// Whether it had not expired, by the database's clock.
    pub live: bool,
}

/// What a new connection's row is made of.
#[derive(Serialize)]
pub struct NewConnection<'a> {
    /// Which provider.
    #[serde(rename = "p_provider")]
    pub provider: Provider,
    /// The calendar.
    #[serde(rename = "p_calendar_id")]
    pub calendar_id: &'a str,
    /// The account's stable id at the provider; unknown with the calendar scope alone.
    #[serde(rename = "p_account_id")]
    pub account_id: Option<&'a str>,
    /// The account's name; unknown as well.
    #[serde(rename = "p_account_label")]
    pub account_label: Option<&'a str>,
    /// What was granted.
    #[serde(rename = "p_scopes")]
    pub scopes: &'a [String],
    /// Sealed.
    #[serde(rename = "p_sealed_access_token")]
    pub sealed_access_token: &'a str,
    /// Sealed.
    #[serde(rename = "p_sealed_refresh_token")]
    pub sealed_refresh_token: &'a str,
    /// RFC 3339.
    #[serde(rename = "p_access_token_expires_at")]
    pub access_token_expires_at: &'a str,
}

/// What a disconnect deleted, and what remains.
#[derive(Deserialize)]
pub struct Disconnected {
    /// The providers whose connection is gone now.
    pub disconnected: Vec<Provider>,
    /// The connections that remain.
    pub connections: Vec<Connection>,
}

/// A request that needs only authorization and body to be sent.
struct Prepared {
    method: &'static str,
    url: String,
    headers: String,
}

impl Prepared {
    fn of(builder: postgrest::Builder) -> Option<Self> {
        let request = builder.build().build().ok()?;
        let mut headers = String::new();
        for (name, value) in request.headers() {
            // Empty profile of the builder's defaults; a GET has no body whatever the builder says.
            headers.push_str(name.as_str());
            headers.push_str(": ");
            headers.push_str(value.to_str().ok()?);
            headers.push('\n');
        }
        let method = match request.method().as_str() {
            "GET" => "GET",
            _ => "POST",
        };
        Some(Self {
            method,
            url: request.url().as_str().to_owned(),
            headers,
        })
    }

    fn request(
        &self,
        session: &Session,
        body: Option<Zeroizing<String>>,
        deadline_ms: u32,
    ) -> OutboundRequest {
        let jwt = session.jwt().expose();
        let mut headers = String::with_capacity(self.headers.len() + jwt.len() + 32);
        headers.push_str(&self.headers);
        headers.push_str("authorization: Bearer ");
        headers.push_str(jwt);
        headers.push('\n');
        OutboundRequest {
            method: self.method,
            url: self.url.clone(),
            headers: Zeroizing::new(headers),
            body,
            deadline_ms,
        }
    }
}

/// The database operations of the four use cases.
pub struct Store {
    open_state: Prepared,
    take_state: Prepared,
    save_connection: Prepared,
    disconnect: Prepared,
    connections: Prepared,
    deadline_ms: u32,
}

/// The prepared requests could not be built from the configured URL and key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPrepared;

#[derive(Serialize)]
struct Arguments<'a, T> {
    p_user_id: &'a str,
    #[serde(flatten)]
    rest: T,
}

impl Store {
    /// Prepares every request's shape.
    ///
    /// # Errors
    /// [`NotPrepared`] when URL and key make no request.
    pub fn new(config: &Config) -> Result<Self, NotPrepared> {
        let client = postgrest::Postgrest::new(format!("{}/rest/v1", config.supabase_url))
            .insert_header("apikey", &config.publishable_key);
        let function = |name| Prepared::of(client.rpc(name, "")).ok_or(NotPrepared);
        let connections = client
            .from("calendar_connections")
            .select("provider,status,calendar_id,account_label,scopes,connected_at,last_sync_at")
            .eq("user_id", NOBODY)
            .order("connected_at.desc,provider");
        Ok(Self {
            open_state: function("calendar_open_state")?,
            take_state: function("calendar_take_state")?,
            save_connection: function("calendar_save_connection")?,
            disconnect: function("calendar_disconnect")?,
            connections: Prepared::of(connections).ok_or(NotPrepared)?,
            deadline_ms: config.database_timeout_ms,
        })
    }

    /// Keeps a state for ten minutes; the answer is when it expires (RFC 3339).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_state<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
        provider: Provider,
        hash: &StateHash,
        sealed_verifier: &str,
    ) -> Result<String, StoreError> {
        #[derive(Serialize)]
        struct Opened<'a> {
            p_provider: Provider,
            p_state_hash: &'a str,
            p_sealed_verifier: &'a str,
        }
        let body = arguments(
            session,
            Opened {
                p_provider: provider,
                p_state_hash: hash.as_str(),
                p_sealed_verifier: sealed_verifier,
            },
        )?;
        let request = self
            .open_state
            .request(session, Some(body), self.deadline_ms);
        let answer = judge(wire.to_database(request).await)?;
        serde_json::from_str(&answer.body).map_err(|_| StoreError::Malformed)
    }

    /// Takes a state out, whatever it holds: nobody can take it again. None where this user has no such state.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_state<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
        hash: &StateHash,
    ) -> Result<Option<TakenState>, StoreError> {
        #[derive(Serialize)]
        struct Taken<'a> {
            p_state_hash: &'a str,
        }
        let body = arguments(
            session,
            Taken {
                p_state_hash: hash.as_str(),
            },
        )?;
        let request = self
            .take_state
            .request(session, Some(body), self.deadline_ms);
        let answer = judge(wire.to_database(request).await)?;
        let mut rows: Vec<TakenState> =
            serde_json::from_str(&answer.body).map_err(|_| StoreError::Malformed)?;
        let row = rows.pop();
        if rows.is_empty() {
            Ok(row)
        } else {
            Err(StoreError::Malformed)
        }
    }

    /// Stores a connection in place of an older one and answers with all of them. Repeating it changes nothing, so it is
    /// tried once more where the database did not answer, both times together within one deadline.
    ///
    /// # Errors
    /// [`StoreError`] of the last try.
    pub async fn save_connection<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
        connection: &NewConnection<'_>,
    ) -> Result<Vec<Connection>, StoreError> {
        let body = arguments(session, connection)?;
        let attempt = async || {
            let body = Some(body.clone());
            let deadline_ms = self.deadline_ms.div_ceil(2);
            let request = self.save_connection.request(session, body, deadline_ms);
            judge(wire.to_database(request).await)
        };
        let answer = match attempt().await {
            Err(StoreError::Unreachable(_) | StoreError::Unavailable) => attempt().await?,
            answer => answer?,
        };
        serde_json::from_str(&answer.body).map_err(|_| StoreError::Malformed)
    }

    /// Deletes the user's connection with `provider`, or all of them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn disconnect<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
        provider: Option<Provider>,
    ) -> Result<Disconnected, StoreError> {
        #[derive(Serialize)]
        struct Which {
            p_provider: Option<Provider>,
        }
        let body = arguments(
            session,
            Which {
                p_provider: provider,
            },
        )?;
        let request = self
            .disconnect
            .request(session, Some(body), self.deadline_ms);
        let answer = judge(wire.to_database(request).await)?;
        json::object(&answer.body).ok_or(StoreError::Malformed)
    }

    /// The user's connections, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn connections<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
    ) -> Result<Vec<Connection>, StoreError> {
        let mut request = self.connections.request(session, None, self.deadline_ms);
        // A UUID needs no escaping in a query.
        request.url = request.url.replacen(NOBODY, session.user().as_str(), 1);
        let answer = judge(wire.to_database(request).await)?;
        serde_json::from_str(&answer.body).map_err(|_| StoreError::Malformed)
    }
}

fn arguments(session: &Session, rest: impl Serialize) -> Result<Zeroizing<String>, StoreError> {
    let arguments = Arguments {
        p_user_id: session.user().as_str(),
        rest,
    };
    serde_json::to_string(&arguments)
        .map(Zeroizing::new)
        .map_err(|_| StoreError::Malformed)
}

#[derive(Deserialize)]
struct ErrorBody {
    code: Option<String>,
    message: Option<String>,
}

/// What PostgREST's answer means. Source: PostgREST's "Errors" reference, and Supabase's gateway for what has no code.
fn judge(answer: Result<OutboundResponse, TransportError>) -> Result<OutboundResponse, StoreError> {
    let answer = answer.map_err(StoreError::Unreachable)?;
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    if answer.status == 429 {
        let retry_after = answer.retry_after.as_deref().and_then(parse_retry_after);
        return Err(StoreError::Busy {
            retry_after: retry_after.unwrap_or(DEFAULT_PAUSE),
        });
    }
    let body: Option<ErrorBody> = json::object(&answer.body);
    let code = body
        .as_ref()
        .and_then(|body| body.code.as_deref())
        .unwrap_or_default();
    let message = body
        .as_ref()
        .and_then(|body| body.message.as_deref())
        .unwrap_or_default();
    Err(match (answer.status, code) {
        // JWT invalid, missing, or with bad claims; 300 is the server without a secret to verify with.
        (_, "PGRST301" | "PGRST302" | "PGRST303") => StoreError::Unauthorized,
        (_, "PGRST300") => StoreError::KeyRefused,
        // Unknown relation, function or column, in PostgREST's cache or in Postgres.
        (_, "PGRST200" | "PGRST202" | "PGRST203" | "PGRST204" | "PGRST205" | "PGRST106") => {
            StoreError::SchemaMissing
        }
        (_, "42P01" | "42883" | "42703" | "3F000") => StoreError::SchemaMissing,
        (_, "23503") => StoreError::AccountGone,
        // Anon has no right to anything here: the token counted for nothing.
        (401, "42501") => StoreError::Unauthorized,
        (_, "42501") => StoreError::Forbidden,
        (401, "") if message.to_ascii_lowercase().contains("api key") => StoreError::KeyRefused,
        (401, _) => StoreError::Unauthorized,
        (403, _) => StoreError::Forbidden,
        (404, _) => StoreError::SchemaMissing,
        (500.., _) => StoreError::Unavailable,
        (400..=499, _) => StoreError::Rejected,
        _ => StoreError::Malformed,
    })
}

#[cfg(test)]
mod tests;
