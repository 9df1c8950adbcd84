//! What a failed step means for a connection: who has to act, what its user is told, and what the operator is.

use super::settlement::{Class, Reason};
use crate::oauth::token::TokenError;
use crate::providers::{Meaning, Party, Refusal};
use crate::reading::ReadError;

/// Why a connection could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) class: Class,
    pub(crate) reason: Reason,
    /// Seconds the provider asked to wait.
    pub(crate) retry_after: Option<u32>,
    /// A word of a closed set for the operator's log.
    pub(crate) cause: &'static str,
}

impl Fault {
    pub(crate) const fn new(class: Class, reason: Reason, cause: &'static str) -> Self {
        Self {
            class,
            reason,
            retry_after: None,
            cause,
        }
    }

    const fn transient(cause: &'static str, retry_after: Option<u32>) -> Self {
        Self {
            class: Class::Transient,
            reason: Reason::ProviderUnavailable,
            retry_after,
            cause,
        }
    }

    const fn throttled(retry_after: Option<u32>) -> Self {
        Self {
            class: Class::Throttled,
            reason: Reason::Throttled,
            retry_after,
            cause: "throttled",
        }
    }
}

impl From<TokenError> for Fault {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Unreachable(_) => Self::transient("token_unreachable", None),
            TokenError::Unavailable { retry_after } => {
                Self::transient("token_unavailable", retry_after)
            }
            TokenError::Busy { retry_after } => Self::throttled(Some(retry_after)),
            TokenError::Malformed(cause) => Self::transient(cause, None),
            TokenError::ScopeMissing => {
                Self::new(Class::User, Reason::ScopeMissing, "scope_missing")
            }
            // A refresh may leave the refresh token out, and the old one is kept then.
            TokenError::RefreshTokenMissing => Self::transient("refresh_token_missing", None),
            TokenError::Refused(refusal) => refusal.into(),
        }
    }
}

impl From<Refusal> for Fault {
    fn from(Refusal { meaning, cause }: Refusal) -> Self {
        let class = match meaning.party() {
            Party::User => Class::User,
            Party::Administrator => Class::Admin,
            Party::Operator => Class::Operator,
            Party::Nobody => Class::Transient,
        };
        let reason = match meaning {
            Meaning::GrantEnded => Reason::GrantEnded,
            Meaning::SignInAgain => Reason::SignInAgain,
            Meaning::ConsentMissing => Reason::ScopeMissing,
            Meaning::AccountUnusable => Reason::AccountUnusable,
            Meaning::AdministratorRefuses | Meaning::TenantRefuses => Reason::AdminBlocked,
            Meaning::ClientRefused => Reason::Operator,
            Meaning::Unavailable | Meaning::Unknown => Reason::ProviderUnavailable,
        };
        Self::new(class, reason, cause)
    }
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        match error {
            // A token that has just been issued and is refused all the same will be accepted later, or its refresh will
            // say what is wrong.
            ReadError::TokenRefused => Self::transient("access_token_refused", None),
            ReadError::Throttled { retry_after } => Self::throttled(retry_after),
            ReadError::ScopeMissing => {
                Self::new(Class::User, Reason::ScopeMissing, "scope_missing")
            }
            ReadError::AdminBlocked => {
                Self::new(Class::Admin, Reason::AdminBlocked, "admin_blocked")
            }
            ReadError::AccountUnusable => {
                Self::new(Class::User, Reason::AccountUnusable, "account_unusable")
            }
            ReadError::NoMailbox => Self::new(Class::User, Reason::NoMailbox, "no_mailbox"),
            ReadError::Operator(cause) => Self::new(Class::Operator, Reason::Operator, cause),
            ReadError::Gone => Self::transient("calendar_gone", None),
            ReadError::Unavailable { retry_after } => {
                Self::transient("calendar_unavailable", retry_after)
            }
            ReadError::Malformed => Self::transient("calendar_malformed", None),
        }
    }
}
