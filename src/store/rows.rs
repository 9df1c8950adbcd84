//! What the database holds about a user, as it may be seen: no sealed column of a connection.

use serde::Serialize;

use crate::json::{self, Object, Value, WrongType};
use crate::uuid::Uuid;

/// The status of a connection whose tokens are good as far as is known.
pub(crate) const ACTIVE: &str = "active";

/// A connection as its user may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Connection {
    /// Its id.
    pub id: String,
    /// Which provider; shown as it is, since another version of the function may know more of them.
    pub provider: String,
    /// Its status, shown as it is: `active`, `expired`, `revoked`, `error`, or what another version calls it.
    pub status: String,
    /// The calendar, `primary` or `default`.
    pub calendar_id: String,
    /// The account's address, where known.
    pub account_label: Option<String>,
    /// What kind of account it is, where known.
    pub account_class: Option<String>,
    /// What was granted.
    pub scopes: Vec<String>,
    /// [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339).
    pub connected_at: String,
    /// [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339).
    pub last_sync_at: Option<String>,
    /// Why it is not being read, as one word; none where it is.
    pub reason: Option<String>,
    /// Whether its user has to connect again.
    pub needs_reconnect: bool,
    /// Since when reading it fails (RFC 3339).
    pub failing_since: Option<String>,
    /// When it will be read next (RFC 3339).
    pub next_sync_at: Option<String>,
    /// When its grant ends, where the provider limits it (RFC 3339).
    pub grant_expires_at: Option<String>,
}

/// How the background reading does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SyncHealth {
    /// Whether a run was seen lately; none where none was ever seen.
    pub healthy: Option<bool>,
    /// When the last run was (RFC 3339).
    pub last_run_at: Option<String>,
}

/// A user's connections, the newest first, and how they are read.
pub struct Standing {
    /// The connections.
    pub connections: Vec<Connection>,
    /// How the background reading does.
    pub sync: SyncHealth,
}

/// A connection that is to be connected again.
pub struct KnownConnection {
    /// Its id.
    pub id: Uuid,
    /// Its account's address, where known.
    pub account_label: Option<String>,
}

/// A state that was kept.
pub struct OpenedState {
    /// When it expires (RFC 3339).
    pub expires_at: String,
    /// The connection that is to be connected again.
    pub connection: Option<KnownConnection>,
}

/// A state that was taken: it is gone from the database, whatever it says.
pub struct TakenState {
    /// Whose consent page it was made for.
    pub provider: String,
    /// The PKCE verifier, sealed.
    pub sealed_verifier: String,
    /// Whether it had not expired, by the database's clock.
    pub live: bool,
    /// The connection that is to be connected again.
    pub connection: Option<KnownConnection>,
}

/// What the database made of a new connection.
pub enum Saved {
    /// It is stored.
    Stored(Standing),
    /// The user has as many accounts of this provider as the deployment allows.
    AccountLimit,
    /// It is another account than that of the connection which was to be connected again.
    AccountMismatch {
        /// The connection's account.
        expected_label: Option<String>,
    },
}

/// What happens to the grant of a deleted connection.
pub struct Revocation {
    /// The connection that is gone.
    pub connection: String,
    /// Its provider.
    pub provider: String,
    /// What kind of account it was, where known.
    pub account_class: Option<String>,
    /// `queued`, `not_supported` or `off`.
    pub state: String,
}

/// What a disconnect deleted, and what remains.
pub struct Disconnected {
    /// The providers that lost a connection.
    pub disconnected: Vec<String>,
    /// What happens to their grants.
    pub revocations: Vec<Revocation>,
    /// What remains.
    pub standing: Standing,
}

/// Reads a row or an answer; None where it is not what the migrations promise.
pub(super) trait Row: Sized {
    fn read(row: Object<'_>) -> Result<Option<Self>, WrongType>;

    fn one(text: &str) -> Option<Self> {
        Self::from_value(json::parse(text)?)
    }

    /// None where it is neither; no row where it is null.
    fn one_or_null(text: &str) -> Option<Option<Self>> {
        match json::parse(text)? {
            Value::Null => Some(None),
            value => Self::from_value(value).map(Some),
        }
    }

    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Object(row) => Self::read(row).ok().flatten(),
            _ => None,
        }
    }

    fn from_list(value: Value<'_>) -> Option<Vec<Self>> {
        match value {
            Value::List(rows) => rows.into_iter().map(Self::from_value).collect(),
            _ => None,
        }
    }
}

impl Row for Connection {
    fn read(mut row: Object<'_>) -> Result<Option<Self>, WrongType> {
        let (Some(id), Some(provider), Some(status), Some(calendar_id), Some(connected_at)) = (
            row.plain_text("id")?,
            row.plain_text("provider")?,
            row.plain_text("status")?,
            row.plain_text("calendar_id")?,
            row.plain_text("connected_at")?,
        ) else {
            return Ok(None);
        };
        Ok(Some(Self {
            id,
            provider,
            status,
            calendar_id,
            account_label: row.plain_text("account_label")?,
            account_class: row.plain_text("account_class")?,
            scopes: row.plain_texts("scopes")?,
            connected_at,
            last_sync_at: row.plain_text("last_sync_at")?,
            reason: row.plain_text("reason")?,
            needs_reconnect: row.boolean("needs_reconnect")?.unwrap_or_default(),
            failing_since: row.plain_text("failing_since")?,
            next_sync_at: row.plain_text("next_sync_at")?,
            grant_expires_at: row.plain_text("grant_expires_at")?,
        }))
    }
}

impl Row for SyncHealth {
    fn read(mut row: Object<'_>) -> Result<Option<Self>, WrongType> {
        Ok(Some(Self {
            healthy: row.boolean("healthy")?,
            last_run_at: row.plain_text("last_run_at")?,
        }))
    }
}

impl Row for Standing {
    fn read(mut row: Object<'_>) -> Result<Option<Self>, WrongType> {
        Ok(standing(&mut row))
    }
}

fn standing(row: &mut Object<'_>) -> Option<Standing> {
    Some(Standing {
        connections: Connection::from_list(row.take("connections"))?,
        sync: match row.take("sync") {
            Value::Null => SyncHealth::default(),
            sync => SyncHealth::from_value(sync)?,
        },
    })
}

impl Row for KnownConnection {
    fn read(mut row: Object<'_>) -> Result<Option<Self>, WrongType> {
        let Some(id) = row.text("id")?.and_then(|id| Uuid::parse(&id)) else {
            return Ok(None);
        };
        Ok(Some(Self {
            id,
            account_label: row.plain_text("account_label")?,
        }))
    }
}

/// The connection that an answer names; an error where it is there and not one.
fn known_connection(row: &mut Object<'_>) -> Result<Option<KnownConnection>, WrongType> {
    match row.take("connection") {
        Value::Null => Ok(None),
        named => KnownConnection::from_value(named)
            .map(Some)
            .ok_or(WrongType),
    }
}

impl Row for OpenedState {
    fn read(mut row: Object<'_>) -> Result<Option<Self>, WrongType> {
        let Some(expires_at) = row.plain_text("expires_at")? else {
            return Ok(None);
        };
        Ok(Some(Self {
            expires_at,
            connection: known_connection(&mut row)?,
        }))
    }
}

/// What taking a state answers with, if anything.
pub(super) enum Taken {
    State(TakenState),
    Pause { retry_after: u32 },
}

/// An hour; the database counts by the minute.
const LONGEST_PAUSE: u32 = 3600;

impl Row for Taken {
    fn read(mut row: Object<'_>) -> Result<Option<Self>, WrongType> {
        if let Some(retry_after) = row.count("retry_after", LONGEST_PAUSE)? {
            return Ok(Some(Self::Pause { retry_after }));
        }
        let (Some(provider), Some(sealed_verifier), Some(live)) = (
            row.plain_text("provider")?,
            row.plain_text("sealed_verifier")?,
            row.boolean("live")?,
        ) else {
            return Ok(None);
        };
        Ok(Some(Self::State(TakenState {
            provider,
            sealed_verifier,
            live,
            connection: known_connection(&mut row)?,
        })))
    }
}

impl Row for Saved {
    fn read(mut row: Object<'_>) -> Result<Option<Self>, WrongType> {
        match row.text("refused")?.as_deref() {
            None => {}
            Some("account_limit") => return Ok(Some(Self::AccountLimit)),
            Some("account_mismatch") => {
                return Ok(Some(Self::AccountMismatch {
                    expected_label: row.plain_text("expected_label")?,
                }));
            }
            Some(_) => return Ok(None),
        }
        if row.text("saved")?.is_none() {
            return Ok(None);
        }
        Ok(standing(&mut row).map(Self::Stored))
    }
}

impl Row for Revocation {
    fn read(mut row: Object<'_>) -> Result<Option<Self>, WrongType> {
        let (Some(connection), Some(provider), Some(state)) = (
            row.plain_text("connection")?,
            row.plain_text("provider")?,
            row.plain_text("state")?,
        ) else {
            return Ok(None);
        };
        Ok(Some(Self {
            connection,
            provider,
            account_class: row.plain_text("account_class")?,
            state,
        }))
    }
}

impl Row for Disconnected {
    fn read(mut row: Object<'_>) -> Result<Option<Self>, WrongType> {
        let disconnected = row.plain_texts("disconnected")?;
        let revocations = Revocation::from_list(row.take("revocations"));
        Ok(revocations
            .zip(standing(&mut row))
            .map(|(revocations, standing)| Self {
                disconnected,
                revocations,
                standing,
            }))
    }
}
