//! The four use cases, in terms of the modules below: connect, complete, status, disconnect.

mod complete;
mod connect;
mod failure;
mod payload;

pub use complete::{Completed, Redirected};
pub use connect::Connecting;
pub use payload::{DisconnectPayload, RevocationPayload, StatusPayload};

use crate::config::{Config, ProviderConfig};
use crate::error::{Code, Failure};
use crate::http::{Transport, Wire};
use crate::providers::Provider;
use crate::session::Session;
use crate::store::{Store, Which};

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

impl Flow<'_> {
    /// What the user's connections are.
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer or does not accept the session.
    pub async fn status<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
    ) -> Result<StatusPayload, Failure> {
        let standing = self.store.status(wire, session).await?;
        Ok(StatusPayload::of(self.config, self.clock, session, standing).await)
    }

    /// Deletes one connection of the user, those with one provider, or all of them; our copy of the tokens is destroyed with
    /// the row.
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer or does not accept the session.
    pub async fn disconnect<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
        which: Which,
    ) -> Result<DisconnectPayload, Failure> {
        let gone = self.store.disconnect(wire, session, &which).await?;
        Ok(DisconnectPayload {
            disconnected: gone.disconnected,
            revocations: gone
                .revocations
                .into_iter()
                .map(RevocationPayload::from)
                .collect(),
            status: StatusPayload::of(self.config, self.clock, session, gone.standing).await,
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
}
