//! What the database holds about a user, as it may be seen: no sealed column of a connection.

use serde::Serialize;

use crate::json::{self, Object, Value, WrongType};

/// The status of a connection whose tokens are good as far as is known.
pub(crate) const ACTIVE: &str = "active";

/// A connection as its user may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Connection {
    /// Which provider; shown as it is, since another version of the function may know more of them.
    pub provider: String,
    /// Its status, shown as it is: `active`, `expired`, `revoked`, `error`, or what another version calls it.
    pub status: String,
    /// The calendar, `primary` or `default`.
    pub calendar_id: String,
    /// The account's name at the provider, where known.
    pub account_label: Option<String>,
    /// What was granted.
    pub scopes: Vec<String>,
    /// [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339).
    pub connected_at: String,
    /// [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339).
    pub last_sync_at: Option<String>,
}

/// A state that was taken: it is gone from the database, whatever it says.
pub struct TakenState {
    /// Whose consent page it was made for.
    pub provider: String,
    /// The PKCE verifier, sealed.
    pub sealed_verifier: String,
    /// Whether it had not expired, by the database's clock.
    pub live: bool,
}

/// What a disconnect deleted, and what remains.
pub struct Disconnected {
    /// The providers whose connection is gone now.
    pub disconnected: Vec<String>,
    /// The connections that remain.
    pub connections: Vec<Connection>,
}

/// Reads a row or an answer; None where it is not what the migrations promise.
pub(super) trait Row: Sized {
    fn read(row: Object<'_>) -> Result<Option<Self>, WrongType>;

    fn one(text: &str) -> Option<Self> {
        Self::from_value(json::parse(text)?)
    }

    fn all(text: &str) -> Option<Vec<Self>> {
        Self::from_list(json::parse(text)?)
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
        let (Some(provider), Some(status), Some(calendar_id), Some(connected_at)) = (
            row.plain_text("provider")?,
            row.plain_text("status")?,
            row.plain_text("calendar_id")?,
            row.plain_text("connected_at")?,
        ) else {
            return Ok(None);
        };
        Ok(Some(Self {
            provider,
            status,
            calendar_id,
            account_label: row.plain_text("account_label")?,
            scopes: row.plain_texts("scopes")?,
            connected_at,
            last_sync_at: row.plain_text("last_sync_at")?,
        }))
    }
}

impl Row for TakenState {
    fn read(mut row: Object<'_>) -> Result<Option<Self>, WrongType> {
        let (Some(provider), Some(sealed_verifier), Some(live)) = (
            row.plain_text("provider")?,
            row.plain_text("sealed_verifier")?,
            row.boolean("live")?,
        ) else {
            return Ok(None);
        };
        Ok(Some(Self {
            provider,
            sealed_verifier,
            live,
        }))
    }
}

impl Row for Disconnected {
    fn read(mut row: Object<'_>) -> Result<Option<Self>, WrongType> {
        let disconnected = row.plain_texts("disconnected")?;
        let connections = Connection::from_list(row.take("connections"));
        Ok(connections.map(|connections| Self {
            disconnected,
            connections,
        }))
    }
}
