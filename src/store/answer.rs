//! What PostgREST's answers mean. Sources: PostgREST's "Errors" reference, and Supabase's gateway for what has no code.

use zeroize::Zeroizing;

use crate::http::{OutboundResponse, TransportError};
use crate::json;

/// Seconds to wait where the database asks for a pause and names none.
const DEFAULT_PAUSE: u32 = 5;

/// From nginx's page for a request whose header is over its buffers, as Supabase's gateway answers.
const NGINX_HEADER_TOO_LARGE: &str = "Request Header Or Cookie Too Large";

/// Why a database step came to nothing. Holds nothing of the answer's text: PostgREST's `details` can carry rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// PostgREST does not accept the JWT.
    Unauthorized,
    /// The account of a still valid JWT is gone.
    AccountGone,
    /// 429 of the gateway or the database.
    Busy {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// The user came back from a provider too often.
    TooManyReturns {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// No answer in time, or one that was cut off.
    Unreachable(TransportError),
    /// 5xx, or no connection to the database.
    Unavailable,
    /// A table or function is missing: the migrations are not applied.
    SchemaMissing,
    /// A grant or policy is missing or was changed.
    Forbidden,
    /// The gateway does not accept the publishable key.
    KeyRefused,
    /// The database refused a value that should have been right.
    Rejected,
    /// An answer of another shape than the migrations promise, as a broken proxy makes it.
    Malformed,
}

/// The JSON text PostgREST answers with.
pub(super) fn judge(
    answer: Result<OutboundResponse, TransportError>,
) -> Result<Zeroizing<String>, StoreError> {
    let answer = answer.map_err(StoreError::Unreachable)?;
    if (200..300).contains(&answer.status) {
        return Ok(answer.body);
    }
    if answer.status == 429 {
        return Err(StoreError::Busy {
            retry_after: answer.pause().unwrap_or(DEFAULT_PAUSE),
        });
    }
    let mut body = json::object(&answer.body).unwrap_or_default();
    let mut text = |name| body.plain_text(name).ok().flatten().unwrap_or_default();
    let (code, message) = (text("code"), text("message"));
    Err(match (answer.status, code.as_str()) {
        // JWT invalid, missing, or with bad claims; 300 is the server without a secret to verify with.
        (_, "PGRST301" | "PGRST302" | "PGRST303") => StoreError::Unauthorized,
        (_, "PGRST300") => StoreError::KeyRefused,
        // Unknown relation, function or column, in PostgREST's cache or in Postgres.
        (_, "PGRST200" | "PGRST202" | "PGRST203" | "PGRST204" | "PGRST205" | "PGRST106")
        | (_, "42P01" | "42883" | "42703" | "3F000") => StoreError::SchemaMissing,
        (_, "23503") => StoreError::AccountGone,
        // The runtime sent an insert again after a reset: carried out, and its answer lost.
        (_, "23505") => StoreError::Unavailable,
        // Anon has no right to anything here: the token counted for nothing.
        (401, "42501") => StoreError::Unauthorized,
        (_, "42501") => StoreError::Forbidden,
        (401, "") if message.to_ascii_lowercase().contains("api key") => StoreError::KeyRefused,
        (401, _) => StoreError::Unauthorized,
        // The token is larger than a header may be, so it is none that this project made. nginx has a 400 for it.
        (431, _) => StoreError::Unauthorized,
        (400, "") if answer.body.contains(NGINX_HEADER_TOO_LARGE) => StoreError::Unauthorized,
        (403, _) => StoreError::Forbidden,
        (404, _) => StoreError::SchemaMissing,
        (500.., _) => StoreError::Unavailable,
        (400..=499, _) => StoreError::Rejected,
        _ => StoreError::Malformed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, body: &str) -> StoreError {
        let answer = OutboundResponse {
            status,
            retry_after: None,
            body: body.to_owned().into(),
        };
        judge(Ok(answer))
            .err()
            .unwrap_or_else(|| panic!("accepted {status} {body}"))
    }

    /// Bodies as PostgREST's "Errors" reference documents them; the last three are the platform gateway's.
    #[test]
    fn postgrests_documented_errors_are_told_apart() {
        let with_code = |code: &str| {
            format!(r#"{{"code":"{code}","details":"(secret)","hint":null,"message":"m"}}"#)
        };
        for (status, code, expected) in [
            (401, "PGRST301", StoreError::Unauthorized),
            (401, "PGRST302", StoreError::Unauthorized),
            (401, "PGRST303", StoreError::Unauthorized),
            (500, "PGRST300", StoreError::KeyRefused),
            (404, "PGRST202", StoreError::SchemaMissing),
            (300, "PGRST203", StoreError::SchemaMissing),
            (400, "PGRST204", StoreError::SchemaMissing),
            (404, "PGRST205", StoreError::SchemaMissing),
            (406, "PGRST106", StoreError::SchemaMissing),
            (404, "42P01", StoreError::SchemaMissing),
            (404, "42883", StoreError::SchemaMissing),
            (403, "42501", StoreError::Forbidden),
            (401, "42501", StoreError::Unauthorized),
            (409, "23503", StoreError::AccountGone),
            (409, "23505", StoreError::Unavailable),
            (400, "23514", StoreError::Rejected),
            (400, "23502", StoreError::Rejected),
            (400, "22P02", StoreError::Rejected),
            (503, "PGRST000", StoreError::Unavailable),
            (503, "PGRST001", StoreError::Unavailable),
            (503, "PGRST002", StoreError::Unavailable),
            (504, "PGRST003", StoreError::Unavailable),
            (500, "57014", StoreError::Unavailable),
            (500, "40001", StoreError::Unavailable),
        ] {
            assert_eq!(
                judged(status, &with_code(code)),
                expected,
                "{status} {code}"
            );
        }
        assert_eq!(
            judged(401, r#"{"message":"Invalid API key","hint":"…"}"#),
            StoreError::KeyRefused
        );
        assert_eq!(
            judged(401, r#"{"message":"No API key found in request"}"#),
            StoreError::KeyRefused
        );
        assert_eq!(
            judged(502, "<html>bad gateway</html>"),
            StoreError::Unavailable
        );
    }

    #[test]
    fn answers_without_a_body_of_postgrests_still_have_a_meaning() {
        assert_eq!(judged(401, ""), StoreError::Unauthorized);
        assert_eq!(judged(431, ""), StoreError::Unauthorized);
        let nginx =
            "<html><head><title>400 Request Header Or Cookie Too Large</title></head></html>";
        assert_eq!(judged(400, nginx), StoreError::Unauthorized);
        assert_eq!(judged(403, "[]"), StoreError::Forbidden);
        assert_eq!(judged(404, "nonsense"), StoreError::SchemaMissing);
        assert_eq!(judged(400, "{}"), StoreError::Rejected);
        assert_eq!(judged(302, ""), StoreError::Malformed);
        assert_eq!(judged(0, ""), StoreError::Malformed);
        let busy = OutboundResponse {
            status: 429,
            retry_after: Some("9".into()),
            body: String::new().into(),
        };
        assert_eq!(
            judge(Ok(busy)).err(),
            Some(StoreError::Busy { retry_after: 9 })
        );
        for error in [
            TransportError::Timeout,
            TransportError::Network,
            TransportError::TooLarge,
        ] {
            assert_eq!(
                judge(Err(error)).err(),
                Some(StoreError::Unreachable(error))
            );
        }
    }
}
