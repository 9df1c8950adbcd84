//! The one place where what went wrong becomes what the caller is told.

use crate::cause::Cause;
use crate::entropy::EntropyUnavailable;
use crate::error::{Code, Failure};
use crate::http::TransportError;
use crate::oauth::callback::CallbackError;
use crate::oauth::token::TokenError;
use crate::providers::{Meaning, Refusal};
use crate::session::NoSession;
use crate::store::{NotPrepared, StoreError};
use crate::vault::{NotOpened, NotSealed};

const CONNECT_AGAIN: &str = "This sign-in is unknown, expired, already used, or was started by somebody else; \
    start the connection again.";

impl From<NoSession> for Failure {
    fn from(_: NoSession) -> Self {
        Self::new(
            Code::Unauthorized,
            "Sign in first: send the access token of a signed-in user as Authorization: Bearer.",
        )
    }
}

impl From<EntropyUnavailable> for Failure {
    fn from(_: EntropyUnavailable) -> Self {
        Self::new(
            Code::Internal,
            "The platform gave no randomness; try again.",
        )
        .because(Cause::ENTROPY)
    }
}

impl From<NotSealed> for Failure {
    fn from(error: NotSealed) -> Self {
        match error {
            NotSealed::TooLong => Self::new(
                Code::InvalidRequest,
                "The token is too long to be sealed; send one of at most 18,000 bytes.",
            )
            .because(Cause::TOKEN_TOO_LONG),
            NotSealed::Unavailable => Self::new(
                Code::Internal,
                "The tokens could not be sealed; nothing was stored. Try again.",
            )
            .because(Cause::SEAL),
        }
    }
}

impl From<NotPrepared> for Failure {
    fn from(_: NotPrepared) -> Self {
        Self::new(
            Code::Misconfigured,
            "SUPABASE_URL and the publishable key make no valid request; check them.",
        )
        .because(Cause::SUPABASE_URL)
    }
}

impl From<NotOpened> for Failure {
    fn from(_: NotOpened) -> Self {
        Self::new(Code::InvalidState, CONNECT_AGAIN).because(Cause::VERIFIER_NOT_OPENED)
    }
}

impl From<CallbackError> for Failure {
    fn from(error: CallbackError) -> Self {
        let invalid = |cause, message| Self::new(Code::InvalidRequest, message).because(cause);
        let foreign = |cause| Self::new(Code::InvalidState, CONNECT_AGAIN).because(cause);
        match error {
            CallbackError::Doubled => invalid(
                Cause::PARAMETER_DOUBLED,
                "code, state, iss and error may each come once; start the connection again.",
            ),
            CallbackError::NotAnObject => invalid(
                Cause::BODY_MALFORMED,
                "The body must be a JSON object of strings: code and state, or error and state.",
            ),
            CallbackError::StateMissing => invalid(
                Cause::STATE_MISSING,
                "state is missing; pass on what came with the redirect.",
            ),
            CallbackError::CodeMissing => invalid(
                Cause::CODE_MISSING,
                "Exactly one of code and error must come; start the connection again.",
            ),
            CallbackError::CodeMalformed => invalid(
                Cause::CODE_MALFORMED,
                "code is over 4 KiB or holds characters no code has; start the connection again.",
            ),
            CallbackError::ErrorMalformed => invalid(
                Cause::ERROR_MALFORMED,
                "error is too long or holds control characters; start the connection again.",
            ),
            CallbackError::StateMalformed => foreign(Cause::STATE_MALFORMED),
            CallbackError::StateUnknown => foreign(Cause::STATE_UNKNOWN),
            CallbackError::StateExpired => foreign(Cause::STATE_EXPIRED),
            CallbackError::OtherProvider => foreign(Cause::STATE_OF_OTHER_PROVIDER),
            CallbackError::OtherIssuer => foreign(Cause::ISSUER_MISMATCH),
            CallbackError::Refused(refusal) => refusal.into(),
        }
    }
}

const PROVIDER_UNAVAILABLE: &str =
    "The calendar provider cannot be reached; nothing was stored. Wait a little and connect again.";
const PROVIDER_REJECTED: &str =
    "The calendar provider refused or sent an unusable answer; nothing was stored. Connect again.";
const CLIENT_REFUSED: &str = "The calendar provider does not accept this app's OAuth client; \
    the operator has to check client id, secret and redirect URI.";

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        let unavailable = |seconds| {
            Self::new(Code::ProviderUnavailable, PROVIDER_UNAVAILABLE).retry_after(seconds)
        };
        match error {
            TokenError::Unreachable(TransportError::Timeout) => {
                unavailable(30).because(Cause::TOKEN_TIMEOUT)
            }
            TokenError::Unreachable(_) => unavailable(30).because(Cause::TOKEN_NETWORK),
            TokenError::Unavailable { retry_after } => {
                unavailable(retry_after.unwrap_or(30)).because(Cause::TOKEN_UNAVAILABLE)
            }
            TokenError::Busy { retry_after } => Self::new(
                Code::RateLimited,
                "The calendar provider asks for a pause; nothing was stored. Wait and connect again.",
            )
            .retry_after(retry_after)
            .because(Cause::TOKEN_BUSY),
            TokenError::Refused(refusal) => refusal.into(),
            TokenError::Malformed(cause) => {
                Self::new(Code::ProviderRejected, PROVIDER_REJECTED).because(cause)
            }
            TokenError::ScopeMissing => Self::new(Code::InsufficientScope, SCOPE_MISSING)
                .because(Cause::SCOPE_MISSING),
            TokenError::RefreshTokenMissing => Self::new(Code::InsufficientScope, SCOPE_MISSING)
                .because(Cause::REFRESH_TOKEN_MISSING),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(Refusal { meaning, cause }: Refusal) -> Self {
        let refused = |message: &'static str| Self::new(Code::AccessDenied, message);
        match meaning {
            Meaning::ConsentMissing => refused(CONSENT_MISSING),
            Meaning::SignInAgain => refused(
                "The calendar provider asks for another sign-in; nothing was stored. Connect again.",
            ),
            Meaning::AccountUnusable => refused(
                "This account is disabled or deleted at the calendar provider; connect another account.",
            ),
            Meaning::AdministratorRefuses => refused(
                "The administrator of this account's organisation does not allow this app; nothing was \
                 stored. Ask the administrator to allow it, then connect again.",
            ),
            Meaning::ClientRefused | Meaning::TenantRefuses => {
                Self::new(Code::Misconfigured, CLIENT_REFUSED)
            }
            Meaning::Unavailable => {
                Self::new(Code::ProviderUnavailable, PROVIDER_UNAVAILABLE).retry_after(30)
            }
            Meaning::GrantEnded | Meaning::Unknown => {
                Self::new(Code::ProviderRejected, PROVIDER_REJECTED)
            }
        }
        .because(cause)
    }
}

const CONSENT_MISSING: &str =
    "Consent was not given; connect again and accept to use the calendar.";
const SCOPE_MISSING: &str = "Consent was given without reading the calendar, or without lasting access; \
    nothing was stored. Connect again and leave everything ticked.";

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let unavailable = |cause| {
            Self::new(
                Code::StorageUnavailable,
                "The database did not answer. Look at the status; where nothing changed, start again.",
            )
            .because(cause)
        };
        let misconfigured =
            |message: &'static str, cause| Self::new(Code::Misconfigured, message).because(cause);
        match error {
            StoreError::Unauthorized => Self::from(NoSession).because(Cause::JWT_REFUSED),
            StoreError::AccountGone => Self::from(NoSession).because(Cause::ACCOUNT_GONE),
            StoreError::Busy { retry_after } => {
                Self::new(Code::RateLimited, "Too many requests; wait and try again.")
                    .retry_after(retry_after)
                    .because(Cause::DATABASE_BUSY)
            }
            StoreError::TooManyReturns { retry_after } => Self::new(
                Code::RateLimited,
                "Too many attempts to connect; wait and start the connection again.",
            )
            .retry_after(retry_after)
            .because(Cause::TOO_MANY_RETURNS),
            StoreError::Unreachable(TransportError::Timeout) => {
                unavailable(Cause::DATABASE_TIMEOUT)
            }
            StoreError::Unreachable(TransportError::Network) => {
                unavailable(Cause::DATABASE_NETWORK)
            }
            StoreError::Unreachable(TransportError::TooLarge) => {
                unavailable(Cause::DATABASE_ANSWER_SIZE)
            }
            StoreError::Unavailable => unavailable(Cause::DATABASE_UNAVAILABLE),
            StoreError::SchemaMissing => misconfigured(
                "The database lacks this version's tables or functions; the operator has to run \
                 supabase db push.",
                Cause::SCHEMA_MISSING,
            ),
            StoreError::Forbidden => misconfigured(
                "The database's grants or policies differ from the migrations; the operator has to \
                 run npx calendar-connect doctor.",
                Cause::GRANTS_DIFFER,
            ),
            StoreError::KeyRefused => misconfigured(
                "Supabase does not accept the publishable key, or cannot verify sessions; the \
                 operator has to check the project's keys.",
                Cause::PUBLISHABLE_KEY,
            ),
            StoreError::Rejected => Self::new(
                Code::Internal,
                "The database refused a value; nothing was stored.",
            )
            .because(Cause::DATABASE_REJECTED),
            StoreError::Malformed => unavailable(Cause::DATABASE_MALFORMED),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_callback_error_has_its_code() {
        use CallbackError::*;
        for (error, code) in [
            (Doubled, Code::InvalidRequest),
            (NotAnObject, Code::InvalidRequest),
            (StateMissing, Code::InvalidRequest),
            (CodeMissing, Code::InvalidRequest),
            (CodeMalformed, Code::InvalidRequest),
            (ErrorMalformed, Code::InvalidRequest),
            (StateMalformed, Code::InvalidState),
            (StateUnknown, Code::InvalidState),
            (StateExpired, Code::InvalidState),
            (OtherProvider, Code::InvalidState),
            (OtherIssuer, Code::InvalidState),
        ] {
            let failure = Failure::from(error);
            assert_eq!(failure.code, code, "{error:?}");
            assert!(failure.cause.is_some(), "{error:?}");
        }
    }

    #[test]
    fn every_token_error_has_its_code() {
        use TokenError::*;
        for (error, code, retry_after) in [
            (
                Unreachable(TransportError::Timeout),
                Code::ProviderUnavailable,
                Some(30),
            ),
            (
                Unreachable(TransportError::Network),
                Code::ProviderUnavailable,
                Some(30),
            ),
            (
                Unavailable {
                    retry_after: Some(7),
                },
                Code::ProviderUnavailable,
                Some(7),
            ),
            (
                Unavailable { retry_after: None },
                Code::ProviderUnavailable,
                Some(30),
            ),
            (Busy { retry_after: 9 }, Code::RateLimited, Some(9)),
            (
                Malformed(Cause::TOKEN_MALFORMED_JSON),
                Code::ProviderRejected,
                None,
            ),
            (ScopeMissing, Code::InsufficientScope, None),
            (RefreshTokenMissing, Code::InsufficientScope, None),
        ] {
            let failure = Failure::from(error);
            assert_eq!(
                (failure.code, failure.retry_after),
                (code, retry_after),
                "{error:?}"
            );
            assert!(failure.cause.is_some());
        }
    }

    #[test]
    fn every_refusal_has_its_code() {
        use Meaning::*;
        for (meaning, code, retry_after) in [
            (ConsentMissing, Code::AccessDenied, None),
            (SignInAgain, Code::AccessDenied, None),
            (AccountUnusable, Code::AccessDenied, None),
            (AdministratorRefuses, Code::AccessDenied, None),
            (ClientRefused, Code::Misconfigured, None),
            (TenantRefuses, Code::Misconfigured, None),
            (Unavailable, Code::ProviderUnavailable, Some(30)),
            (GrantEnded, Code::ProviderRejected, None),
            (Unknown, Code::ProviderRejected, None),
        ] {
            let cause = Cause::of_provider("a_cause");
            let refusal = Refusal { meaning, cause };
            for failure in [
                Failure::from(TokenError::Refused(refusal)),
                Failure::from(CallbackError::Refused(refusal)),
            ] {
                assert_eq!(
                    (failure.code, failure.retry_after, failure.cause),
                    (code, retry_after, Some(cause)),
                    "{meaning:?}"
                );
            }
        }
    }

    #[test]
    fn an_administrators_refusal_tells_its_user_whom_to_ask() {
        let said = |meaning| {
            let cause = Cause::of_provider("a_cause");
            Failure::from(Refusal { meaning, cause }).message
        };
        assert!(said(Meaning::AdministratorRefuses).contains("administrator"));
        assert!(!said(Meaning::ConsentMissing).contains("administrator"));
    }

    #[test]
    fn every_store_error_has_its_code() {
        use StoreError::*;
        for (error, code) in [
            (Unauthorized, Code::Unauthorized),
            (AccountGone, Code::Unauthorized),
            (Busy { retry_after: 3 }, Code::RateLimited),
            (TooManyReturns { retry_after: 3 }, Code::RateLimited),
            (
                Unreachable(TransportError::Timeout),
                Code::StorageUnavailable,
            ),
            (
                Unreachable(TransportError::Network),
                Code::StorageUnavailable,
            ),
            (
                Unreachable(TransportError::TooLarge),
                Code::StorageUnavailable,
            ),
            (Unavailable, Code::StorageUnavailable),
            (SchemaMissing, Code::Misconfigured),
            (Forbidden, Code::Misconfigured),
            (KeyRefused, Code::Misconfigured),
            (Rejected, Code::Internal),
            (Malformed, Code::StorageUnavailable),
        ] {
            assert_eq!(Failure::from(error).code, code, "{error:?}");
        }
    }

    #[test]
    fn the_rest_has_its_code() {
        assert_eq!(Failure::from(NoSession).code, Code::Unauthorized);
        assert_eq!(Failure::from(EntropyUnavailable).code, Code::Internal);
        assert_eq!(Failure::from(NotSealed::Unavailable).code, Code::Internal);
        let too_long = Failure::from(NotSealed::TooLong);
        assert_eq!(
            (too_long.code, too_long.cause),
            (Code::InvalidRequest, Some(Cause::TOKEN_TOO_LONG))
        );
        assert_eq!(Failure::from(NotOpened).code, Code::InvalidState);
        assert_eq!(Failure::from(NotPrepared).code, Code::Misconfigured);
    }
}
