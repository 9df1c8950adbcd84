//! The closed set of error codes, and what a caller is told when something fails.

use std::borrow::Cow;
use std::fmt;

use crate::cause::Cause;
use crate::uuid::Uuid;

/// Makes a type an [`Error`](std::error::Error). A message says what failed, in lower case and without a full stop.
macro_rules! messages {
    ($type:ty: $($failure:pat => $message:expr,)*) => {
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self { $($failure => $message,)* })
            }
        }

        impl std::error::Error for $type {}
    };
}
pub(crate) use messages;

macro_rules! codes {
    ($($variant:ident, $text:literal, $status:literal, $doc:literal, $remedy:literal;)*) => {
        /// A stable error code of the HTTP contract. Each has one status and one remedy.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $doc] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the reference's table.
            pub const ALL: &[Code] = &[$(Code::$variant,)*];

            /// The code as it stands in JSON and in `reason=`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text,)* }
            }

            /// The HTTP status that goes with the code.
            pub const fn status(self) -> u16 {
                match self { $(Code::$variant => $status,)* }
            }

            /// What the code means.
            #[cfg(not(target_arch = "wasm32"))]
            pub const fn meaning(self) -> &'static str {
                match self { $(Code::$variant => $doc,)* }
            }

            /// What a caller does about it.
            #[cfg(not(target_arch = "wasm32"))]
            pub const fn remedy(self) -> &'static str {
                match self { $(Code::$variant => $remedy,)* }
            }
        }
    };
}

codes! {
    Unauthorized, "unauthorized", 401,
        "No session of a signed-in user came with the request.",
        "Sign in; send the user's access token, not the publishable key.";
    UnsupportedProvider, "unsupported_provider", 404,
        "The provider is unknown, or this deployment does not offer it.",
        "Use one of `providers`; the operator sets its client id and secret.";
    NotFound, "not_found", 404,
        "No such route, or no such connection of this user.",
        "Use one of the routes above, and an `id` of the status.";
    MethodNotAllowed, "method_not_allowed", 405,
        "The route exists and takes another method.",
        "Use a method that the header `Allow` names.";
    InvalidRequest, "invalid_request", 400,
        "A parameter is missing, unknown, doubled, malformed or too long.",
        "Send what came with the redirect, unchanged; else start the connection again.";
    PayloadTooLarge, "payload_too_large", 413,
        "The body is over 32 KiB.",
        "Send code and state only.";
    AccountMismatch, "account_mismatch", 409,
        "Another account was chosen than the one of the connection.",
        "Connect again with the account that `expected_label` names.";
    AccountLimit, "account_limit", 409,
        "The user has as many accounts of this provider as are allowed.",
        "Disconnect one of them first.";
    ReconnectNeeded, "reconnect_needed", 409,
        "The connection's grant has ended.",
        "Ask its user to connect again.";
    Forbidden, "forbidden", 403,
        "This deployment does not allow it, or not from a browser.",
        "Call from a server, and switch it on in the configuration.";
    UnsupportedMediaType, "unsupported_media_type", 415,
        "The body is not JSON.",
        "Send `Content-Type: application/json`.";
    InvalidState, "invalid_state", 400,
        "The state is unknown, used, expired, or belongs to another user or provider.",
        "Start the connection again, in one browser, and finish it within ten minutes.";
    AccessDenied, "access_denied", 403,
        "The user, or the administrator of the user's organisation, did not consent.",
        "Connect again and accept, or ask the administrator.";
    InsufficientScope, "insufficient_scope", 403,
        "Consent was given without reading the calendar, or without lasting access.",
        "Connect again and leave every box ticked.";
    RateLimited, "rate_limited", 429,
        "The provider or the database asks for a pause, or the user tried too often.",
        "Wait as long as `Retry-After` says.";
    ProviderRejected, "provider_rejected", 502,
        "The provider refused, or its answer is not a token response.",
        "Connect again; if it fails again, look up `cause` in the log.";
    ProviderUnavailable, "provider_unavailable", 503,
        "The provider cannot be reached, or is in trouble.",
        "Wait as long as `Retry-After` says, then connect again.";
    StorageUnavailable, "storage_unavailable", 503,
        "The database did not answer in time.",
        "Look at the status; if nothing changed, start again.";
    Misconfigured, "misconfigured", 500,
        "The operator has to correct the configuration.",
        "Read `detail` and `cause` in the log, and run the doctor.";
    Internal, "internal", 500,
        "A fault of this service.",
        "Try again; report the request id if it fails again.";
}

/// What a caller is told: the code, a sentence with the remedy, and what only the operator's log gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The stable code.
    pub code: Code,
    /// A sentence for people. Holds no input, no provider text and no secret.
    pub message: Cow<'static, str>,
    /// Seconds to wait before trying again.
    pub retry_after: Option<u32>,
    /// The methods the route does take: the `Allow` header.
    pub allow: Option<&'static str>,
    /// The word that tells the operator's log where it failed.
    pub cause: Option<Cause>,
    /// The id of the connection that the request was about.
    pub connection: Option<Uuid>,
    /// The two accounts of an `account_mismatch`.
    pub accounts: Option<Box<Accounts>>,
}

/// The accounts of an `account_mismatch`, by their labels: display text, where they are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accounts {
    /// The account of the connection.
    pub expected_label: Option<String>,
    /// The account that was chosen instead.
    pub actual_label: Option<String>,
}

impl Failure {
    /// A failure with nothing to add to its sentence.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_after: None,
            allow: None,
            cause: None,
            connection: None,
            accounts: None,
        }
    }

    /// Adds the connection that the request was about.
    #[must_use]
    pub fn about(mut self, connection: Uuid) -> Self {
        self.connection = Some(connection);
        self
    }

    /// Adds the two accounts of an `account_mismatch`.
    #[must_use]
    pub fn with_accounts(mut self, accounts: Accounts) -> Self {
        self.accounts = Some(Box::new(accounts));
        self
    }

    /// Adds the word for the operator's log.
    #[must_use]
    pub const fn because(mut self, cause: Cause) -> Self {
        self.cause = Some(cause);
        self
    }

    /// Adds the seconds of a `Retry-After` header.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;
    use crate::entropy::EntropyUnavailable;
    use crate::http::{BodyError, TransportError};
    use crate::oauth::callback::CallbackError;
    use crate::oauth::token::TokenError;
    use crate::session::NoSession;
    use crate::vault::{MalformedKey, NotOpened, NotSealed};

    #[test]
    fn every_error_says_what_failed_in_lower_case() {
        let errors: [&dyn Error; 9] = [
            &EntropyUnavailable,
            &TransportError::Timeout,
            &BodyError::TooLarge,
            &CallbackError::StateExpired,
            &TokenError::RefreshTokenMissing,
            &NoSession,
            &MalformedKey,
            &NotSealed::TooLong,
            &NotOpened,
        ];
        for error in errors {
            let message = error.to_string();
            assert!(message.starts_with(char::is_lowercase), "{message}");
            assert!(!message.ends_with('.'), "{message}");
        }
        let failure = Failure::new(Code::NotFound, "There is none.");
        assert_eq!(failure.to_string(), "not_found: There is none.");
    }

    #[test]
    fn codes_are_unique_and_snake_case() {
        let mut seen = std::collections::HashSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{} twice", code.as_str());
            assert!(
                code.as_str()
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '_')
            );
            assert!((400..600).contains(&code.status()));
        }
        assert_eq!(Code::ALL.len(), 20);
    }
}
