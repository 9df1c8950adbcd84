//! Starts a connection.

use serde::Serialize;

use super::Flow;
use crate::cause::Cause;
use crate::error::{Code, Failure};
use crate::http::{Transport, Wire};
use crate::oauth::authorize::AuthorizationRequest;
use crate::oauth::state::StateHash;
use crate::providers::Provider;
use crate::secret::{CodeVerifier, State};
use crate::session::Session;
use crate::store::NewState;
use crate::uuid::Uuid;
use crate::vault::{Place, Purpose};

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

impl Flow<'_> {
    /// Starts a connection: a fresh state and verifier, kept sealed under the user's name. With `connection` it is that one
    /// which is connected again: the provider is told its account, and no other account is taken for it.
    ///
    /// # Errors
    /// [`Failure`] where the provider is not offered, the user has no such connection, or the state cannot be kept.
    pub async fn connect<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
        provider: Provider,
        connection: Option<&Uuid>,
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
        let new = NewState {
            user_id: session.user().as_str(),
            provider,
            state_hash: hash.as_str(),
            sealed_verifier: &sealed,
            connection_id: connection.map(Uuid::as_str),
        };
        let opened = self.store.open_state(wire, session, &new).await?;
        let opened = opened.ok_or_else(|| {
            Failure::new(
                Code::NotFound,
                "You have no such connection with this provider; look at the status.",
            )
            .because(Cause::CONNECTION_UNKNOWN)
        })?;
        let account = opened.connection.and_then(|known| known.account_label);
        let authorization_url = AuthorizationRequest {
            provider,
            endpoint: &offered.authorization_endpoint,
            client_id: &offered.client_id,
            redirect_uri: &self.config.redirect_uri(provider),
            state: &state,
            code_challenge: &verifier.challenge(),
            login_hint: account.as_deref(),
        }
        .url();
        Ok(Connecting {
            authorization_url,
            provider,
            expires_at: opened.expires_at,
        })
    }
}
