//! The closed set of error codes, and what a caller is told when something fails.

use std::borrow::Cow;

use crate::cause::Cause;

macro_rules! codes {
    ($($variant:ident, $text:literal, $status:literal, $doc:literal;)*) => {
        /// A stable error code of the HTTP contract; each has one status and one remedy in the README.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $doc] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the README's table.
            pub const ALL: &[Code] = &[$(Code::$variant,)*];

            /// The code as it stands in JSON and in `reason=`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text,)* }
            }

            /// The HTTP status that goes with the code.
            pub const fn status(self) -> u16 {
                match self { $(Code::$variant => $status,)* }
            }
        }
    };
}

codes! {
    Unauthorized, "unauthorized", 401, "No session of a signed-in user came with the request.";
    UnsupportedProvider, "unsupported_provider", 404, "The provider is unknown, or this deployment does not offer it.";
    NotFound, "not_found", 404, "No such route.";
    MethodNotAllowed, "method_not_allowed", 405, "The route exists, the method does not; see `Allow`.";
    InvalidRequest, "invalid_request", 400, "A parameter is missing, doubled, malformed or too long.";
    PayloadTooLarge, "payload_too_large", 413, "The body is over 32 KiB.";
    UnsupportedMediaType, "unsupported_media_type", 415, "The body is not `application/json`.";
    InvalidState, "invalid_state", 400, "The state is unknown, used, expired, or another user's or provider's.";
    AccessDenied, "access_denied", 403, "The user, or their administrator, did not consent.";
    InsufficientScope, "insufficient_scope", 403, "Consent was given without the calendar or without offline access.";
    RateLimited, "rate_limited", 429, "The provider or the database asked for a pause; see `Retry-After`.";
    ProviderRejected, "provider_rejected", 502, "The provider refused, or answered something that is no token.";
    ProviderUnavailable, "provider_unavailable", 503, "The provider could not be reached in time.";
    StorageUnavailable, "storage_unavailable", 503, "The database could not be reached in time.";
    Misconfigured, "misconfigured", 500, "The operator has to mend the configuration.";
    Internal, "internal", 500, "A fault of this service.";
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
    /// A word of a closed set that tells the operator's log where it failed.
    pub cause: Option<Cause>,
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
        }
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

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(Code::ALL.len(), 16);
    }
}
