//! What the status route and its relatives answer.

use serde::Serialize;

use super::Clock;
use crate::capacity::{self, Capacity};
use crate::config::Config;
use crate::providers::Provider;
use crate::session::Session;
use crate::store::{ACTIVE, Connection, Revocation, Standing, SyncHealth};

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
    /// How many accounts of one provider a user may connect.
    pub accounts_per_provider: u32,
    /// Every connection, the newest first.
    pub connections: Vec<Connection>,
    /// How the background reading does.
    pub sync: SyncHealth,
}

/// What a disconnect answers.
#[derive(Serialize)]
pub struct DisconnectPayload {
    /// The providers that lost a connection.
    pub disconnected: Vec<String>,
    /// What happens to the grants of the deleted connections, one for each.
    pub revocations: Vec<RevocationPayload>,
    /// What remains.
    #[serde(flatten)]
    pub status: StatusPayload,
}

/// What happens to the grant of a deleted connection.
#[derive(Serialize)]
pub struct RevocationPayload {
    /// The connection that is gone.
    pub connection: String,
    /// Its provider.
    pub provider: String,
    /// `queued`, `not_supported` or `off`.
    pub state: String,
    /// The page on which the person can withdraw consent.
    pub manage_url: Option<&'static str>,
}

impl From<Revocation> for RevocationPayload {
    fn from(revocation: Revocation) -> Self {
        let class = revocation.account_class.as_deref();
        Self {
            manage_url: Provider::parse(&revocation.provider)
                .map(|provider| provider.manage_url(class)),
            connection: revocation.connection,
            provider: revocation.provider,
            state: revocation.state,
        }
    }
}

impl StatusPayload {
    /// The payload for a user of whom the database says `standing`.
    pub(crate) async fn of(
        config: &Config,
        clock: Clock,
        session: &Session,
        standing: Standing,
    ) -> Self {
        let Standing { connections, sync } = standing;
        let is_active = |connection: &&Connection| connection.status == ACTIVE;
        let active = connections.iter().find(is_active);
        let described = active.or(connections.first());
        Self {
            connected: active.is_some(),
            provider: described.map(|connection| connection.provider.clone()),
            status: described.map(|connection| connection.status.clone()),
            last_sync_at: described.and_then(|connection| connection.last_sync_at.clone()),
            capacity: capacity::for_date(session.user().as_str(), || today(clock)).await,
            providers: config.providers().collect(),
            accounts_per_provider: config.accounts_per_provider,
            connections,
            sync,
        }
    }
}

/// UTC; the user's own time zone is known once calendars are read.
fn today(clock: Clock) -> String {
    let mut date = (clock.rfc3339)((clock.now_ms)());
    date.truncate("YYYY-MM-DD".len());
    date
}
