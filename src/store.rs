//! Rows, through PostgREST and with the caller's own JWT only: row level security decides, not this code.
//!
//! The `postgrest` crate builds each request once per shape and isolate; authorization and body are added per request,
//! and the [`crate::http::Transport`] sends it. One PostgREST call for each operation (`supabase/migrations`).

mod answer;
mod rows;

use std::rc::Rc;

use serde::Serialize;
use zeroize::Zeroizing;

pub use answer::StoreError;
use answer::judge;
pub(crate) use rows::ACTIVE;
use rows::Row as _;
pub use rows::{Connection, Disconnected, TakenState};

use crate::config::Config;
use crate::http::{
    Authority, Credential, Method, OutboundRequest, RESPONSE_LIMIT, Template, Transport,
    TransportError, Wire,
};
use crate::json::{self, Value};
use crate::oauth::state::StateHash;
use crate::providers::Provider;
use crate::session::Session;

/// Stands for the user's id while a URL is built.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// What a new connection's row is made of.
#[derive(Serialize)]
pub struct NewConnection<'a> {
    /// Whose.
    #[serde(rename = "p_user_id")]
    pub user_id: &'a str,
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
    /// [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339).
    #[serde(rename = "p_access_token_expires_at")]
    pub access_token_expires_at: &'a str,
}

/// The template of a request that the `postgrest` crate built.
fn template(builder: postgrest::Builder) -> Option<Template> {
    let request = builder.build().build().ok()?;
    let mut headers = String::new();
    for (name, value) in request.headers() {
        headers.push_str(name.as_str());
        headers.push_str(": ");
        headers.push_str(value.to_str().ok()?);
        headers.push('\n');
    }
    Some(Template {
        method: match request.method().as_str() {
            "GET" => Method::Get,
            "POST" => Method::Post,
            _ => return None,
        },
        // A comma needs no escaping in a query, and fetch takes longer to parse one that is.
        url: request.url().as_str().replace("%2C", ","),
        headers,
    })
}

/// The database operations of the four use cases.
pub struct Store {
    open_state: Rc<Template>,
    take_state: Rc<Template>,
    save_connection: Rc<Template>,
    disconnect: Rc<Template>,
    connections: Rc<Template>,
    deadline_ms: u32,
    now_ms: fn() -> u64,
}

/// The prepared requests could not be built from the configured URL and key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPrepared;

impl Store {
    /// Prepares every request's shape.
    ///
    /// # Errors
    /// [`NotPrepared`] when URL and key make no request.
    pub fn new(config: &Config, now_ms: fn() -> u64) -> Result<Self, NotPrepared> {
        let client = postgrest::Postgrest::new(format!("{}/rest/v1", config.supabase_url))
            .insert_header("apikey", &config.publishable_key);
        let function = |name| {
            template(client.rpc(name, ""))
                .map(Rc::new)
                .ok_or(NotPrepared)
        };
        let connections = client
            .from("calendar_connections")
            .select("provider,status,calendar_id,account_label,scopes,connected_at,last_sync_at")
            .order("connected_at.desc,provider")
            .eq("user_id", NOBODY);
        let mut connections = template(connections).ok_or(NotPrepared)?;
        // What comes last is the user's id, which each request brings.
        let shared = connections.url.strip_suffix(NOBODY).map(str::len);
        connections.url.truncate(shared.ok_or(NotPrepared)?);
        Ok(Self {
            open_state: function("calendar_open_state")?,
            take_state: function("calendar_take_state")?,
            save_connection: function("calendar_save_connection")?,
            disconnect: function("calendar_disconnect")?,
            connections: Rc::new(connections),
            deadline_ms: config.database_timeout_ms,
            now_ms,
        })
    }

    /// Keeps a state for ten minutes; the answer is when it expires ([RFC 3339](https://www.rfc-editor.org/rfc/rfc3339)).
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
            p_user_id: &'a str,
            p_provider: Provider,
            p_state_hash: &'a str,
            p_sealed_verifier: &'a str,
        }
        let body = body(&Opened {
            p_user_id: session.user().as_str(),
            p_provider: provider,
            p_state_hash: hash.as_str(),
            p_sealed_verifier: sealed_verifier,
        })?;
        let answer = self.call(wire, &self.open_state, session, body).await?;
        match json::parse(&answer) {
            Some(Value::Text(expires_at)) => Ok((*expires_at).to_owned()),
            _ => Err(StoreError::Malformed),
        }
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
            p_user_id: &'a str,
            p_state_hash: &'a str,
        }
        let body = body(&Taken {
            p_user_id: session.user().as_str(),
            p_state_hash: hash.as_str(),
        })?;
        let answer = self.call(wire, &self.take_state, session, body).await?;
        let mut rows = TakenState::all(&answer).ok_or(StoreError::Malformed)?;
        let row = rows.pop();
        if rows.is_empty() {
            Ok(row)
        } else {
            Err(StoreError::Malformed)
        }
    }

    /// Stores a connection in place of an older one and answers with all of them. Repeating it changes nothing, so where
    /// the database failed at once it is tried once more, in what is left of the one deadline.
    ///
    /// # Errors
    /// [`StoreError`] of the last try.
    pub async fn save_connection<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
        connection: &NewConnection<'_>,
    ) -> Result<Vec<Connection>, StoreError> {
        let body = body(connection)?;
        let attempt = async |deadline_ms: u32| {
            let request = OutboundRequest {
                deadline_ms,
                ..self.request(&self.save_connection, session, Some(body.clone()))
            };
            let answer = judge(wire.to_database(request).await)?;
            Connection::all(&answer).ok_or(StoreError::Malformed)
        };
        let started_ms = (self.now_ms)();
        let first = attempt(self.deadline_ms).await;
        let Err(
            StoreError::Unreachable(TransportError::Network)
            | StoreError::Unavailable
            | StoreError::Malformed,
        ) = first
        else {
            return first;
        };
        let spent_ms = (self.now_ms)().saturating_sub(started_ms);
        match u64::from(self.deadline_ms)
            .saturating_sub(spent_ms)
            .try_into()
        {
            Ok(left_ms @ 1..) => attempt(left_ms).await,
            _ => first,
        }
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
        struct Which<'a> {
            p_user_id: &'a str,
            p_provider: Option<Provider>,
        }
        let body = body(&Which {
            p_user_id: session.user().as_str(),
            p_provider: provider,
        })?;
        let answer = self.call(wire, &self.disconnect, session, body).await?;
        Disconnected::one(&answer).ok_or(StoreError::Malformed)
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
        let request = OutboundRequest {
            url_tail: Some(session.user().as_str().to_owned()),
            ..self.request(&self.connections, session, None)
        };
        let answer = judge(wire.to_database(request).await)?;
        Connection::all(&answer).ok_or(StoreError::Malformed)
    }

    async fn call<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        function: &Rc<Template>,
        session: &Session,
        body: Zeroizing<String>,
    ) -> Result<Zeroizing<String>, StoreError> {
        let request = self.request(function, session, Some(body));
        judge(wire.to_database(request).await)
    }

    fn request(
        &self,
        template: &Rc<Template>,
        session: &Session,
        body: Option<Zeroizing<String>>,
    ) -> OutboundRequest {
        OutboundRequest {
            template: Rc::clone(template),
            url_tail: None,
            credential: Some(Credential::Database(Authority::User(session.clone()))),
            body,
            deadline_ms: self.deadline_ms,
            response_limit: RESPONSE_LIMIT,
        }
    }
}

/// The JSON body of a function call.
fn body(arguments: &impl Serialize) -> Result<Zeroizing<String>, StoreError> {
    json::write(arguments)
        .map(Zeroizing::new)
        .ok_or(StoreError::Rejected)
}
