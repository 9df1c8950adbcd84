//! The words of the request log that say why: closed sets, so that a log never repeats what somebody sent.

use serde::Serialize;

macro_rules! words {
    ($(#[$doc:meta])* $type:ident { $($name:ident, $word:literal, $meaning:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $type(&'static str);

        impl $type {
            $(#[doc = $meaning] pub const $name: Self = Self($word);)*

            /// Every word of this file with its meaning, for the contract.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$name, $meaning),)*];

            /// The word.
            pub const fn as_str(self) -> &'static str {
                self.0
            }
        }
    };
}

words! {
    /// Where a request failed. The providers' tables of errors add their own words.
    Cause {
        ENVIRONMENT, "environment", "A variable is missing or malformed; `detail` names it.";
        SUPABASE_URL, "supabase_url", "`SUPABASE_URL` and the publishable key make no valid request.";
        PUBLISHABLE_KEY, "publishable_key", "Supabase does not accept the publishable key, or cannot verify sessions.";
        SCHEMA_MISSING, "schema_missing", "The database lacks tables or functions of this version.";
        GRANTS_DIFFER, "grants_differ", "The database's grants or policies differ from the migrations.";
        JWT_REFUSED, "jwt_refused", "PostgREST did not accept the session.";
        ACCOUNT_GONE, "account_gone", "The session's user has been deleted.";
        PARAMETER_UNKNOWN, "parameter_unknown", "The query has a parameter that the route does not take.";
        PARAMETER_DOUBLED, "parameter_doubled", "A parameter came more than once.";
        QUERY_TOO_LONG, "query_too_long", "The query is longer than is allowed.";
        PATH_CONTROL_CHARACTER, "path_control_character", "The path holds a control character.";
        PARAMETER_MALFORMED, "parameter_malformed", "A parameter is not of its form.";
        CONNECTION_UNKNOWN, "connection_unknown", "The user has no connection of that id with that provider.";
        BODY_MALFORMED, "body_malformed", "The body is not a JSON object of the documented shape.";
        BODY_UNREADABLE, "body_unreadable", "The body broke off, or is not UTF-8.";
        STATE_MISSING, "state_missing", "`state` is missing.";
        CODE_MISSING, "code_missing", "Neither `code` nor `error` came, or both did.";
        CODE_MALFORMED, "code_malformed", "`code` is too long, or holds characters that no code has.";
        ERROR_MALFORMED, "error_malformed", "`error` is too long, or holds control characters.";
        STATE_MALFORMED, "state_malformed", "`state` is not of the form that this function makes.";
        STATE_UNKNOWN, "state_unknown", "`state` is unknown, was used before, or belongs to another user.";
        STATE_EXPIRED, "state_expired", "`state` is older than ten minutes.";
        STATE_OF_OTHER_PROVIDER, "state_of_other_provider", "`state` was made for another provider.";
        ISSUER_MISMATCH, "issuer_mismatch", "`iss` names another authorization server.";
        VERIFIER_NOT_OPENED, "verifier_not_opened", "The sealed PKCE verifier could not be opened; the encryption key may have changed.";
        TOKEN_TIMEOUT, "token_timeout", "The token endpoint did not answer in time.";
        TOKEN_NETWORK, "token_network", "The token endpoint could not be reached, or its answer broke off.";
        TOKEN_UNAVAILABLE, "token_unavailable", "The token endpoint answered with a server error.";
        TOKEN_BUSY, "token_busy", "The token endpoint asked for a pause.";
        TOKEN_MALFORMED_STATUS, "token_malformed_status", "The token endpoint answered with a status that is none of a token response.";
        TOKEN_MALFORMED_SIZE, "token_malformed_size", "The token response is too large.";
        TOKEN_MALFORMED_JSON, "token_malformed_json", "The token response is not a JSON object.";
        TOKEN_MALFORMED_ACCESS_TOKEN, "token_malformed_access_token", "The token response has no usable access token.";
        TOKEN_MALFORMED_REFRESH_TOKEN, "token_malformed_refresh_token", "The refresh token is not one.";
        TOKEN_MALFORMED_TOKEN_TYPE, "token_malformed_token_type", "The token is not of type Bearer.";
        TOKEN_MALFORMED_EXPIRES_IN, "token_malformed_expires_in", "The access token's lifetime is missing or not a sensible number.";
        TOKEN_MALFORMED_SCOPE, "token_malformed_scope", "The granted scope is not a text of printable characters.";
        ID_TOKEN_MALFORMED, "id_token_malformed", "The id_token is not a token of the documented form.";
        ID_TOKEN_ISSUER, "id_token_issuer", "The id_token was issued by another server or for another tenant.";
        ID_TOKEN_AUDIENCE, "id_token_audience", "The id_token was issued for another client.";
        ID_TOKEN_ACCOUNT, "id_token_account", "The id_token names the account by an id that is too long or not printable.";
        ACCOUNT_MISMATCH, "account_mismatch", "Another account was chosen than the one of the connection.";
        ACCOUNT_LIMIT, "account_limit", "The user has as many accounts of this provider as are allowed.";
        SCOPE_MISSING, "scope_missing", "Consent was given without reading the calendar.";
        REFRESH_TOKEN_MISSING, "refresh_token_missing", "The first token response has no refresh token.";
        TOO_MANY_RETURNS, "too_many_returns", "The user came back from a provider too often within a minute.";
        DATABASE_TIMEOUT, "database_timeout", "PostgREST did not answer in time.";
        DATABASE_NETWORK, "database_network", "PostgREST could not be reached, or its answer broke off.";
        DATABASE_UNAVAILABLE, "database_unavailable", "PostgREST or the database answered with a server error.";
        DATABASE_BUSY, "database_busy", "PostgREST or the database asked for a pause.";
        DATABASE_ANSWER_SIZE, "database_answer_size", "PostgREST's answer is too large.";
        DATABASE_MALFORMED, "database_malformed", "PostgREST's answer is not what the migrations promise.";
        DATABASE_REJECTED, "database_rejected", "The database refused a value.";
        ENTROPY, "entropy", "The platform gave no randomness.";
        SEAL, "seal", "A value could not be sealed.";
        TOKEN_TOO_LONG, "token_too_long", "A helper was given a token that is too long to be sealed.";
        PROVIDER_NOT_CONFIGURED, "provider_not_configured", "A connection's provider has no client id and secret here.";
        KEY_MISSING, "key_missing", "A connection's tokens were sealed with a key that is not configured.";
        SEALED_UNREADABLE, "sealed_unreadable", "A connection's tokens do not open under the key they name.";
        ACCESS_TOKEN_REFUSED, "access_token_refused", "The calendar API refused an access token that had just been issued.";
        ACCOUNT_UNUSABLE, "account_unusable", "The account has no calendar that can be read.";
        ADMIN_BLOCKED, "admin_blocked", "An administrator of the account's organisation blocks the app.";
        NO_MAILBOX, "no_mailbox", "The account has no mailbox.";
        API_NOT_ENABLED, "api_not_enabled", "The Google Calendar API is not enabled in the Google Cloud project.";
        CALENDAR_GONE, "calendar_gone", "The calendar API knows no such calendar.";
        CALENDAR_UNAVAILABLE, "calendar_unavailable", "The calendar API could not be reached, or answered with an error that passes.";
        CALENDAR_MALFORMED, "calendar_malformed", "The calendar API's answer is not what its documentation promises.";
        CALENDAR_BUSY, "calendar_busy", "The calendar API asked for a pause.";
        SETTLE_FAILED, "settle_failed", "The database did not take what a run had read.";
        TRAP, "trap", "The Wasm ended abnormally; the platform starts a new isolate.";
        RELAYED, "relayed", "No fault: no session came along, so the return was handed to the app.";
    }
}

words! {
    /// Something that works now and will stop working soon.
    Warning {
        GRANT_ENDS_WITHIN_DAYS, "grant_ends_within_days", "The provider limits the grant to days: a Google app whose publishing status is Testing.";
    }
}

impl Cause {
    /// A word of a provider's table of errors.
    pub(crate) const fn of_provider(word: &'static str) -> Self {
        Self(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_unique_and_snake_case() {
        let mut seen = std::collections::HashSet::new();
        for (cause, meaning) in Cause::ALL {
            assert!(seen.insert(cause.as_str()), "{} twice", cause.as_str());
            assert!(
                cause
                    .as_str()
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            );
            assert!(meaning.ends_with('.'), "{meaning}");
        }
    }
}
