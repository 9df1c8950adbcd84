//! What the database holds about a user, as it may be seen: no sealed column of a connection.

use serde::Serialize;

use crate::json::{self, Object, Value, WrongType};
use crate::providers::Provider;

/// A connection's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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

/// A connection as its user may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
pub struct TakenState {
    /// Whose consent page it was made for.
    pub provider: Provider,
    /// The PKCE verifier, sealed.
    pub sealed_verifier: String,
    /// Whether it had not expired, by the database's clock.
    pub live: bool,
}

/// What a disconnect deleted, and what remains.
pub struct Disconnected {
    /// The providers whose connection is gone now.
    pub disconnected: Vec<Provider>,
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
        let status = match row.text("status")?.as_deref() {
            Some("active") => Status::Active,
            Some("expired") => Status::Expired,
            Some("revoked") => Status::Revoked,
            Some("error") => Status::Error,
            _ => return Ok(None),
        };
        let (Some(provider), Some(calendar_id), Some(connected_at)) = (
            provider(row.take("provider")),
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
            provider(row.take("provider")),
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
        let disconnected: Option<Vec<Provider>> = row
            .list("disconnected")?
            .into_iter()
            .map(provider)
            .collect();
        let connections = Connection::from_list(row.take("connections"));
        Ok(disconnected
            .zip(connections)
            .map(|(disconnected, connections)| Self {
                disconnected,
                connections,
            }))
    }
}

fn provider(value: Value<'_>) -> Option<Provider> {
    match value {
        Value::Text(name) => Provider::parse(&name),
        _ => None,
    }
}
