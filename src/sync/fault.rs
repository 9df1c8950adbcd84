//! What a failed step means for a connection: who has to act, what its user is told, and what the operator is.

use super::settlement::Class;
use crate::cause::Cause;
use crate::oauth::token::refresh::RefreshError;
use crate::providers::Party;
use crate::reading::ReadError;
use crate::reason::Reason;

/// Why a connection could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) class: Class,
    pub(crate) reason: Reason,
    /// Seconds the provider asked to wait.
    pub(crate) retry_after: Option<u32>,
    /// A word of a closed set for the operator's log.
    pub(crate) cause: Cause,
}

impl Fault {
    pub(crate) const fn new(class: Class, reason: Reason, cause: Cause) -> Self {
        Self {
            class,
            reason,
            retry_after: None,
            cause,
        }
    }

    const fn transient(cause: Cause, retry_after: Option<u32>) -> Self {
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
            cause: Cause::CALENDAR_BUSY,
        }
    }
}

impl From<RefreshError> for Fault {
    fn from(error: RefreshError) -> Self {
        let RefreshError {
            party,
            reason,
            cause,
            retry_after,
        } = error;
        let class = match (party, reason) {
            (Party::User, _) => Class::User,
            (Party::Administrator, _) => Class::Admin,
            (Party::Operator, _) => Class::Operator,
            (Party::Nobody, Reason::Throttled) => Class::Throttled,
            (Party::Nobody, _) => Class::Transient,
        };
        Self {
            class,
            reason,
            retry_after,
            cause,
        }
    }
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        match error {
            // A token that has just been issued and is refused all the same will be accepted later, or its refresh will
            // say what is wrong.
            ReadError::TokenRefused => Self::transient(Cause::ACCESS_TOKEN_REFUSED, None),
            ReadError::Throttled { retry_after } => Self::throttled(retry_after),
            ReadError::ScopeMissing => {
                Self::new(Class::User, Reason::ScopeMissing, Cause::SCOPE_MISSING)
            }
            ReadError::AdminBlocked => {
                Self::new(Class::Admin, Reason::AdminBlocked, Cause::ADMIN_BLOCKED)
            }
            ReadError::AccountUnusable => Self::new(
                Class::User,
                Reason::AccountUnusable,
                Cause::ACCOUNT_UNUSABLE,
            ),
            ReadError::NoMailbox => Self::new(Class::User, Reason::NoMailbox, Cause::NO_MAILBOX),
            ReadError::Operator(cause) => Self::new(Class::Operator, Reason::Operator, cause),
            ReadError::Gone => Self::transient(Cause::CALENDAR_GONE, None),
            ReadError::Unavailable { retry_after } => {
                Self::transient(Cause::CALENDAR_UNAVAILABLE, retry_after)
            }
            ReadError::Malformed => Self::transient(Cause::CALENDAR_MALFORMED, None),
        }
    }
}
