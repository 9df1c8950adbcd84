//! Rows, through PostgREST and with the caller's own JWT only: row level security decides, not this code.
//!
//! The `postgrest` crate builds each request once per shape and isolate; authorization and body are added per request,
//! and the [`crate::http::Transport`] sends it. One PostgREST call for each operation (`supabase/migrations`).

mod answer;
mod rows;
#[cfg(feature = "sync")]
pub(crate) mod worker;

use std::rc::Rc;

use serde::Serialize;
use zeroize::Zeroizing;

pub use answer::StoreError;
use answer::judge;
pub(crate) use rows::ACTIVE;
pub use rows::{
    Connection, Disconnected, KnownConnection, OpenedState, Revocation, Saved, Standing,
    SyncHealth, TakenState,
};
use rows::{Row as _, Taken};

use crate::config::Config;
use crate::http::{
    Authority, Credential, Method, OutboundRequest, RESPONSE_LIMIT, Template, Transport,
    TransportError, Wire,
};
use crate::json;
use crate::oauth::state::StateHash;
use crate::providers::Provider;
use crate::session::Session;
use crate::uuid::Uuid;

/// What a state is made of.
#[derive(Serialize)]
pub struct NewState<'a> {
    /// Whose.
    #[serde(rename = "p_user_id")]
    pub user_id: &'a str,
    /// Which provider's consent page it is made for.
    #[serde(rename = "p_provider")]
    pub provider: Provider,
    /// The hash of the state; the state itself is not stored.
    #[serde(rename = "p_state_hash")]
    pub state_hash: &'a str,
    /// The PKCE verifier, sealed.
    #[serde(rename = "p_sealed_verifier")]
    pub sealed_verifier: &'a str,
    /// The connection that is to be connected again.
    #[serde(rename = "p_connection_id")]
    pub connection_id: Option<&'a str>,
}

/// What a new connection's row is made of.
#[derive(Serialize)]
pub struct NewConnection<'a> {
    /// Whose.
    #[serde(rename = "p_user_id")]
    pub user_id: &'a str,
    /// Which provider.
    #[serde(rename = "p_provider")]
    pub provider: Provider,
    /// The connection that is connected again; none for any account.
    #[serde(rename = "p_connection_id")]
    pub connection_id: Option<&'a str>,
    /// The account's stable id at the provider, where known.
    #[serde(rename = "p_account_id")]
    pub account_id: Option<&'a str>,
    /// The account's address, where known.
    #[serde(rename = "p_account_label")]
    pub account_label: Option<&'a str>,
    /// What kind of account it is, where known.
    #[serde(rename = "p_account_class")]
    pub account_class: Option<&'a str>,
    /// What was granted.
    #[serde(rename = "p_scopes")]
    pub scopes: &'a [String],
    /// Sealed.
    #[serde(rename = "p_sealed_access_token")]
    pub sealed_access_token: &'a str,
    /// Sealed.
    #[serde(rename = "p_sealed_refresh_token")]
    pub sealed_refresh_token: &'a str,
    /// Seconds until the access token expires; the database's clock decides when that is.
    #[serde(rename = "p_expires_in")]
    pub expires_in: u32,
    /// Seconds until the grant itself ends, if the provider limits it.
    #[serde(rename = "p_grant_expires_in")]
    pub grant_expires_in: Option<u32>,
    /// How many accounts of this provider the deployment allows.
    #[serde(rename = "p_account_limit")]
    pub account_limit: u32,
}

/// Which connections to delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// Those with this provider.
    Provider(Provider),
    /// This one.
    Connection(Uuid),
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
    status: Rc<Template>,
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
        // A GET, so that read replicas may answer it. What comes last is the user's id, which each request brings.
        let mut status =
            template(client.from("rpc/calendar_status").select("*")).ok_or(NotPrepared)?;
        let path = status.url.split('?').next().unwrap_or_default();
        status.url = format!("{path}?p_user_id=");
        Ok(Self {
            open_state: function("calendar_open_state")?,
            take_state: function("calendar_take_state")?,
            save_connection: function("calendar_save_connection")?,
            disconnect: function("calendar_disconnect")?,
            status: Rc::new(status),
            deadline_ms: config.database_timeout_ms,
            now_ms,
        })
    }

    /// Keeps a state for ten minutes. None where the user has no such connection with this provider; nothing is kept then.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_state<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
        state: &NewState<'_>,
    ) -> Result<Option<OpenedState>, StoreError> {
        let answer = self
            .call(wire, &self.open_state, session, body(state)?)
            .await?;
        OpenedState::one_or_null(&answer).ok_or(StoreError::Malformed)
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
        struct Take<'a> {
            p_user_id: &'a str,
            p_state_hash: &'a str,
        }
        let body = body(&Take {
            p_user_id: session.user().as_str(),
            p_state_hash: hash.as_str(),
        })?;
        let answer = self.call(wire, &self.take_state, session, body).await?;
        match Taken::one_or_null(&answer).ok_or(StoreError::Malformed)? {
            None => Ok(None),
            Some(Taken::State(state)) => Ok(Some(state)),
            Some(Taken::Pause { retry_after }) => Err(StoreError::TooManyReturns { retry_after }),
        }
    }

    /// Stores a connection, or says why the user may not have it. Repeating it changes nothing, so where the database failed
    /// at once it is tried once more, in what is left of the one deadline.
    ///
    /// # Errors
    /// [`StoreError`] of the last try.
    pub async fn save_connection<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
        connection: &NewConnection<'_>,
    ) -> Result<Saved, StoreError> {
        let body = body(connection)?;
        let attempt = async |deadline_ms: u32| {
            let request = OutboundRequest {
                deadline_ms,
                ..self.request(&self.save_connection, session, Some(body.clone()))
            };
            let answer = judge(wire.to_database(request).await)?;
            Saved::one(&answer).ok_or(StoreError::Malformed)
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

    /// Deletes connections of the user.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn disconnect<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
        which: &Which,
    ) -> Result<Disconnected, StoreError> {
        #[derive(Serialize)]
        struct Disconnect<'a> {
            p_user_id: &'a str,
            p_provider: Option<Provider>,
            p_connection_id: Option<&'a str>,
        }
        let (provider, connection) = match which {
            Which::All => (None, None),
            Which::Provider(provider) => (Some(*provider), None),
            Which::Connection(connection) => (None, Some(connection.as_str())),
        };
        let body = body(&Disconnect {
            p_user_id: session.user().as_str(),
            p_provider: provider,
            p_connection_id: connection,
        })?;
        let answer = self.call(wire, &self.disconnect, session, body).await?;
        Disconnected::one(&answer).ok_or(StoreError::Malformed)
    }

    /// The user's connections, the newest first, and how they are read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn status<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
    ) -> Result<Standing, StoreError> {
        let request = OutboundRequest {
            url_tail: Some(session.user().as_str().to_owned()),
            ..self.request(&self.status, session, None)
        };
        let answer = judge(wire.to_database(request).await)?;
        Standing::one(&answer).ok_or(StoreError::Malformed)
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
