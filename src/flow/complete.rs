//! Finishes a connection.

use super::{Flow, StatusPayload};
use crate::cause::{Cause, Warning};
use crate::error::{Accounts, Code, Failure};
use crate::http::{Transport, Wire};
use crate::oauth::callback::{Callback, CallbackError};
use crate::oauth::id_token;
use crate::oauth::state::StateHash;
use crate::oauth::token::{self, Client, Grant};
use crate::providers::{Account, Provider};
use crate::secret::CodeVerifier;
use crate::session::Session;
use crate::store::{KnownConnection, NewConnection, Saved, Standing, StoreError, TakenState};
use crate::vault::{Place, Purpose};

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
    /// [`Failure`], as [`Flow::complete`]. It names the connection that was to be connected again.
    pub async fn complete_redirect<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
        provider: Provider,
        callback: Callback,
    ) -> Result<Redirected, Failure> {
        self.offered(provider)?;
        let hash = StateHash::of(callback.state());
        let taken = match self.store.take_state(wire, session, &hash).await {
            Err(StoreError::Unauthorized) => return Ok(Redirected::Relay(callback)),
            taken => taken?.ok_or(CallbackError::StateUnknown)?,
        };
        let exchange = Exchange {
            flow: self,
            session,
            provider,
        };
        match exchange.finish(wire, callback, &hash, &taken).await {
            Ok(completed) => Ok(Redirected::Completed(completed)),
            Err(failure) => Err(match taken.connection {
                Some(known) => failure.about(known.id),
                None => failure,
            }),
        }
    }
}

/// One user's exchange with one provider.
struct Exchange<'a> {
    flow: &'a Flow<'a>,
    session: &'a Session,
    provider: Provider,
}

impl Exchange<'_> {
    async fn finish<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        callback: Callback,
        hash: &StateHash,
        taken: &TakenState,
    ) -> Result<Completed, Failure> {
        let config = self.flow.config;
        let offered = self.flow.offered(self.provider)?;
        let checked =
            callback.check(self.provider, &offered.issuer, &taken.provider, taken.live)?;
        let place = self.place(Purpose::CodeVerifier(hash), None);
        let verifier = config.keyring.open(place, &taken.sealed_verifier)?;
        let client = Client {
            provider: self.provider,
            token_endpoint: &offered.token_endpoint,
            client_id: &offered.client_id,
            client_secret: &offered.client_secret,
            deadline_ms: config.exchange_timeout_ms,
        };
        let request = client.exchange(
            &checked,
            &CodeVerifier::new(verifier),
            &config.redirect_uri(self.provider),
        );
        let answered = wire.to_provider(request).await;
        let grant = token::judge(self.provider, answered)?.into_grant(self.provider)?;
        let account = id_token::judge(
            self.provider,
            &offered.issuer,
            &offered.client_id,
            grant.id_token.as_ref(),
        )?;
        let known = taken.connection.as_ref();
        let standing = self.save(wire, &grant, &account, known).await?;
        let warning = grant
            .grant_expires_in
            .is_some_and(|seconds| seconds < SHORT_GRANT_SECONDS)
            .then_some(Warning::GRANT_ENDS_WITHIN_DAYS);
        let status =
            StatusPayload::of(self.flow.config, self.flow.clock, self.session, standing).await;
        Ok(Completed { status, warning })
    }

    async fn save<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        grant: &Grant,
        account: &Account,
        known: Option<&KnownConnection>,
    ) -> Result<Standing, Failure> {
        let config = self.flow.config;
        let account_id = account.id.as_deref();
        let seal = |purpose, token: &str| {
            let place = self.place(purpose, account_id);
            config.keyring.seal(place, token)
        };
        let connection = NewConnection {
            user_id: self.session.user().as_str(),
            provider: self.provider,
            connection_id: known.map(|known| known.id.as_str()),
            account_id,
            account_label: account.label.as_deref(),
            account_class: account.class,
            scopes: &grant.scopes,
            sealed_access_token: &seal(Purpose::AccessToken, grant.access_token.expose())?,
            sealed_refresh_token: &seal(Purpose::RefreshToken, grant.refresh_token.expose())?,
            expires_in: grant.expires_in,
            grant_expires_in: grant.grant_expires_in,
            account_limit: config.accounts_per_provider,
        };
        let store = self.flow.store;
        match store
            .save_connection(wire, self.session, &connection)
            .await?
        {
            Saved::Stored(standing) => Ok(standing),
            Saved::AccountLimit => Err(Failure::new(
                Code::AccountLimit,
                "No further account of this provider can be connected, so nothing was stored; disconnect one first.",
            )
            .because(Cause::ACCOUNT_LIMIT)),
            Saved::AccountMismatch { expected_label } => {
                Err(Failure::new(Code::AccountMismatch, OTHER_ACCOUNT)
                    .because(Cause::ACCOUNT_MISMATCH)
                    .with_accounts(Accounts {
                        expected_label,
                        actual_label: account.label.clone(),
                    }))
            }
        }
    }

    fn place<'a>(&'a self, purpose: Purpose<'a>, account: Option<&'a str>) -> Place<'a> {
        Place {
            purpose,
            user: self.session.user(),
            provider: self.provider,
            account,
        }
    }
}

const OTHER_ACCOUNT: &str = "Another account was chosen than the one of this connection. Nothing was stored; the access \
    that was just granted was thrown away here, and only its owner can withdraw it at the provider. Connect again with \
    the account of this connection.";
