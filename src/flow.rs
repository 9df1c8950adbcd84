//! The four use cases, in terms of the modules below: connect, complete, status, disconnect.

mod failure;

use serde::Serialize;

use crate::capacity::{self, Capacity};
use crate::cause::Warning;
use crate::config::{Config, ProviderConfig};
use crate::error::{Code, Failure};
use crate::http::{Transport, Wire};
use crate::oauth::authorize::AuthorizationRequest;
use crate::oauth::callback::{Callback, CallbackError};
use crate::oauth::state::StateHash;
use crate::oauth::token::{self, Client, Grant};
use crate::providers::Provider;
use crate::secret::{CodeVerifier, State};
use crate::session::Session;
use crate::store::{ACTIVE, Connection, NewConnection, Store, StoreError};
use crate::vault::{Place, Purpose};

/// The use cases of one deployment.
pub struct Flow<'a> {
    /// The deployment.
    pub config: &'a Config,
    /// Its rows.
    pub store: &'a Store,
    /// Its time.
    pub clock: Clock,
}

/// Time as the platform tells it; there is none in a Wasm by itself.
#[derive(Clone, Copy)]
pub struct Clock {
    /// Milliseconds since the epoch.
    pub now_ms: fn() -> u64,
    /// Such a time as RFC 3339 text in UTC.
    pub rfc3339: fn(u64) -> String,
}

/// Where the browser goes to consent.
#[derive(Serialize)]
pub struct Connecting {
    /// The provider's page.
    pub authorization_url: String,
    /// Whose page it is.
    pub provider: Provider,
    /// When the state expires (RFC 3339).
    pub expires_at: String,
}

/// The status payload; the top level describes the newest active connection, else the newest of any status.
#[derive(Serialize)]
pub struct StatusPayload {
    /// Whether at least one connection is active.
    pub connected: bool,
    /// The described connection's provider.
    pub provider: Option<String>,
    /// The described connection's status.
    pub status: Option<String>,
    /// When the described connection was last read (RFC 3339).
    pub last_sync_at: Option<String>,
    /// Actions per day.
    pub capacity: Capacity,
    /// The providers this deployment offers.
    pub providers: Vec<Provider>,
    /// Every connection, the newest first.
    pub connections: Vec<Connection>,
}

/// What a disconnect answers.
#[derive(Serialize)]
pub struct DisconnectPayload {
    /// The providers whose connection is gone now.
    pub disconnected: Vec<String>,
    /// What remains.
    #[serde(flatten)]
    pub status: StatusPayload,
}

/// How a redirect without a known user ended.
pub enum Redirected {
    /// The caller's own state: completed.
    Completed(Completed),
    /// The session was no good after all: hand the response to the app.
    Relay(Callback),
}

/// A stored connection.
pub struct Completed {
    /// The status payload after it.
    pub status: StatusPayload,
    /// A word for the operator's log.
    pub warning: Option<Warning>,
}

/// Google limits grants to seven days while the OAuth app is "in testing".
const SHORT_GRANT_SECONDS: u32 = 8 * 24 * 60 * 60;

impl Flow<'_> {
    /// Starts a connection: a fresh state and verifier, kept sealed under the user's name.
    ///
    /// # Errors
    /// [`Failure`] where the provider is not offered or the state cannot be kept.
    pub async fn connect<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
        provider: Provider,
    ) -> Result<Connecting, Failure> {
        let offered = self.offered(provider)?;
        let (state, verifier) = (State::generate()?, CodeVerifier::generate()?);
        let hash = StateHash::of(&state);
        let place = Place {
            purpose: Purpose::CodeVerifier(&hash),
            user: session.user(),
            provider,
            account: None,
        };
        let sealed = self.config.keyring.seal(place, verifier.expose())?;
        let expires_at = self
            .store
            .open_state(wire, session, provider, &hash, &sealed)
            .await?;
        let authorization_url = AuthorizationRequest {
            provider,
            endpoint: &offered.authorization_endpoint,
            client_id: &offered.client_id,
            redirect_uri: &self.config.redirect_uri(provider),
            state: &state,
            code_challenge: &verifier.challenge(),
        }
        .url();
        Ok(Connecting {
            authorization_url,
            provider,
            expires_at,
        })
    }

    /// Finishes a connection for the user who started it: takes the state, then exchanges the code, then stores.
    ///
    /// # Security
    /// The state is consumed under the caller's own JWT before anything else happens (RFC 9700 §4.7), so a replay finds
    /// nothing and another user's response is refused without the provider ever being asked.
    ///
    /// # Errors
    /// [`Failure`]; nothing is stored then.
    pub async fn complete<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
        provider: Provider,
        callback: Callback,
    ) -> Result<Completed, Failure> {
        match self
            .complete_redirect(wire, session, provider, callback)
            .await?
        {
            Redirected::Completed(completed) => Ok(completed),
            Redirected::Relay(_) => Err(StoreError::Unauthorized.into()),
        }
    }

    /// Finishes a connection on the provider's redirect itself. A session that the database does not accept counts as
    /// none: the response is handed back for the relay.
    ///
    /// # Errors
    /// [`Failure`], as [`Flow::complete`].
    pub async fn complete_redirect<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
        provider: Provider,
        callback: Callback,
    ) -> Result<Redirected, Failure> {
        let offered = self.offered(provider)?;
        let hash = StateHash::of(callback.state());
        let taken = match self.store.take_state(wire, session, &hash).await {
            Err(StoreError::Unauthorized) => return Ok(Redirected::Relay(callback)),
            taken => taken?.ok_or(CallbackError::StateUnknown)?,
        };
        let checked = callback.check(provider, &offered.issuer, &taken.provider, taken.live)?;
        let place = Place {
            purpose: Purpose::CodeVerifier(&hash),
            user: session.user(),
            provider,
            account: None,
        };
        let verifier = self.config.keyring.open(place, &taken.sealed_verifier)?;
        let client = Client {
            provider,
            token_endpoint: &offered.token_endpoint,
            client_id: &offered.client_id,
            client_secret: &offered.client_secret,
            deadline_ms: self.config.exchange_timeout_ms,
        };
        let request = client.exchange(
            &checked,
            &CodeVerifier::new(verifier),
            &self.config.redirect_uri(provider),
        );
        let answered = wire.to_provider(request).await;
        let grant = token::judge(provider, answered)?.into_grant(provider)?;
        let connections = self.save(wire, session, provider, &grant).await?;
        let warning = grant
            .grant_expires_in
            .is_some_and(|seconds| seconds < SHORT_GRANT_SECONDS)
            .then_some(Warning::GRANT_ENDS_WITHIN_DAYS);
        let status = self.describe(session, connections).await;
        Ok(Redirected::Completed(Completed { status, warning }))
    }

    async fn save<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
        provider: Provider,
        grant: &Grant,
    ) -> Result<Vec<Connection>, Failure> {
        let place = |purpose| Place {
            purpose,
            user: session.user(),
            provider,
            account: None,
        };
        let keyring = &self.config.keyring;
        let access = keyring.seal(place(Purpose::AccessToken), grant.access_token.expose())?;
        let refresh = keyring.seal(place(Purpose::RefreshToken), grant.refresh_token.expose())?;
        let lifetime_ms = u64::from(grant.expires_in) * 1000;
        let expires_at = (self.clock.rfc3339)((self.clock.now_ms)() + lifetime_ms);
        let connection = NewConnection {
            user_id: session.user().as_str(),
            provider,
            calendar_id: provider.consent().default_calendar,
            account_id: None,
            account_label: None,
            scopes: &grant.scopes,
            sealed_access_token: &access,
            sealed_refresh_token: &refresh,
            access_token_expires_at: &expires_at,
        };
        Ok(self
            .store
            .save_connection(wire, session, &connection)
            .await?)
    }

    /// What the user's connections are.
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer or does not accept the session.
    pub async fn status<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
    ) -> Result<StatusPayload, Failure> {
        let connections = self.store.connections(wire, session).await?;
        Ok(self.describe(session, connections).await)
    }

    /// Deletes the user's connection with `provider`, or all of them; our copy of the tokens is destroyed with the row.
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer or does not accept the session.
    pub async fn disconnect<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
        provider: Option<Provider>,
    ) -> Result<DisconnectPayload, Failure> {
        let gone = self.store.disconnect(wire, session, provider).await?;
        let status = self.describe(session, gone.connections).await;
        Ok(DisconnectPayload {
            disconnected: gone.disconnected,
            status,
        })
    }

    /// The provider's configuration.
    ///
    /// # Errors
    /// `unsupported_provider` where this deployment has none.
    pub fn offered(&self, provider: Provider) -> Result<&ProviderConfig, Failure> {
        self.config.provider(provider).ok_or_else(|| {
            Failure::new(
                Code::UnsupportedProvider,
                "This deployment does not offer this provider; its client id and secret are not set.",
            )
        })
    }

    async fn describe(&self, session: &Session, connections: Vec<Connection>) -> StatusPayload {
        let is_active = |connection: &&Connection| connection.status == ACTIVE;
        let active = connections.iter().find(is_active);
        let described = active.or(connections.first());
        StatusPayload {
            connected: active.is_some(),
            provider: described.map(|connection| connection.provider.clone()),
            status: described.map(|connection| connection.status.clone()),
            last_sync_at: described.and_then(|connection| connection.last_sync_at.clone()),
            capacity: capacity::for_date(session.user().as_str(), || self.today()).await,
            providers: self.config.providers().collect(),
            connections,
        }
    }

    /// UTC; the user's own time zone is known once calendars are read.
    fn today(&self) -> String {
        let mut date = (self.clock.rfc3339)((self.clock.now_ms)());
        date.truncate("YYYY-MM-DD".len());
        date
    }
}
