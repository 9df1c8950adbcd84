//! The refresh of an access token ([RFC 6749 section 6](https://www.rfc-editor.org/rfc/rfc6749#section-6)): the request, and
//! what its answer means for a connection that worked before.

use std::fmt;

use super::{Client, TokenError, Tokens};
use crate::cause::Cause;
use crate::http::{OutboundRequest, OutboundResponse, TransportError};
use crate::providers::{Meaning, Party, Provider, Refusal};
use crate::reason::Reason;
use crate::secret::{AccessToken, RefreshToken};

/// The request that renews an access token, for the scope that was granted.
pub fn request(client: &Client<'_>, refresh_token: &RefreshToken) -> OutboundRequest {
    client.request(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.expose()),
    ])
}

/// What a refresh brought.
#[derive(Debug)]
pub struct Refreshed {
    /// The new access token.
    pub access_token: AccessToken,
    /// Seconds until it expires.
    pub expires_in: u32,
    /// The refresh token to use from now on: the new one, or the old one where the answer has none.
    pub refresh_token: RefreshToken,
    /// Whether the refresh token is another one than before.
    pub rotated: bool,
    /// The granted scopes that are kept; `None` if the answer names none, which means that they are the same as before.
    pub scopes: Option<Vec<String>>,
    /// Seconds until the grant itself ends, if the provider limits it.
    pub grant_expires_in: Option<u32>,
}

/// Why a refresh failed, and what follows for the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshError {
    /// Who has to act. Only [`Party::User`] and [`Party::Administrator`] say something about the connection itself.
    pub party: Party,
    /// The reason to show for the connection.
    pub reason: Reason,
    /// The word for the operator's log.
    pub cause: Cause,
    /// Seconds that the provider asked to wait.
    pub retry_after: Option<u32>,
}

impl fmt::Display for RefreshError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the refresh failed: {}", self.cause.as_str())
    }
}

impl std::error::Error for RefreshError {}

/// Judges the answer to a refresh.
///
/// # Errors
/// [`RefreshError`]; nothing of the answer's text is in it.
pub fn judge(
    provider: Provider,
    old: RefreshToken,
    answer: Result<OutboundResponse, TransportError>,
) -> Result<Refreshed, RefreshError> {
    let Tokens {
        access_token,
        refresh_token,
        expires_in,
        scopes,
        refresh_token_expires_in,
        // The account is known since the connect, and a refreshed id_token is not a better witness of it.
        id_token: _,
    } = super::judge(provider, answer)?;
    let rotated = refresh_token
        .as_ref()
        .is_some_and(|new| new.expose() != old.expose());
    Ok(Refreshed {
        access_token,
        expires_in,
        refresh_token: refresh_token.unwrap_or(old),
        rotated,
        scopes,
        grant_expires_in: refresh_token_expires_in,
    })
}

impl From<TokenError> for RefreshError {
    fn from(error: TokenError) -> Self {
        let passing = |cause, retry_after| Self {
            party: Party::Nobody,
            reason: Reason::ProviderUnavailable,
            cause,
            retry_after,
        };
        match error {
            TokenError::Unreachable(TransportError::Timeout) => passing(Cause::TOKEN_TIMEOUT, None),
            TokenError::Unreachable(_) => passing(Cause::TOKEN_NETWORK, None),
            TokenError::Unavailable { retry_after } => {
                passing(Cause::TOKEN_UNAVAILABLE, retry_after)
            }
            TokenError::Malformed(cause) => passing(cause, None),
            TokenError::Busy { retry_after } => Self {
                reason: Reason::Throttled,
                ..passing(Cause::TOKEN_BUSY, Some(retry_after))
            },
            TokenError::Refused(refusal) => refusal.into(),
            TokenError::ScopeMissing => Self {
                party: Party::User,
                reason: Reason::ScopeMissing,
                ..passing(Cause::SCOPE_MISSING, None)
            },
            TokenError::RefreshTokenMissing => passing(Cause::REFRESH_TOKEN_MISSING, None),
        }
    }
}

impl From<Refusal> for RefreshError {
    fn from(Refusal { meaning, cause }: Refusal) -> Self {
        Self {
            party: meaning.party(),
            reason: match meaning {
                Meaning::GrantEnded => Reason::GrantEnded,
                Meaning::SignInAgain => Reason::SignInAgain,
                Meaning::ConsentMissing => Reason::ScopeMissing,
                Meaning::AccountUnusable => Reason::AccountUnusable,
                Meaning::AdministratorRefuses | Meaning::TenantRefuses => Reason::AdminBlocked,
                Meaning::ClientRefused => Reason::Operator,
                Meaning::Unavailable | Meaning::Unknown => Reason::ProviderUnavailable,
            },
            cause,
            retry_after: None,
        }
    }
}

#[cfg(test)]
mod tests;
