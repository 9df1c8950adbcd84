//! The token endpoint (RFC 6749 §4.1.3, §5 and §6): exchange and refresh requests, and what their answers mean.

use std::rc::Rc;

use url::form_urlencoded;
use zeroize::Zeroizing;

use super::callback::CheckedCallback;
use crate::http::{
    Method, OutboundRequest, OutboundResponse, RESPONSE_LIMIT, Template, TransportError,
};
use crate::json::{self, WrongType};
use crate::provider::Provider;
use crate::secret::{
    AccessToken, ClientSecret, CodeVerifier, RefreshToken, is_printable, is_vschar,
};

/// Longest token in bytes.
pub const TOKEN_LIMIT: usize = 16 * 1024;
/// Milliseconds an exchange may take, where nothing else is configured.
pub const EXCHANGE_TIMEOUT_MS: u32 = 5000;
const SCOPE_LIMIT: usize = 4 * 1024;
/// Ten years; a longer lifetime is nonsense.
const LIFETIME_LIMIT: u32 = 315_360_000;
/// Seconds to wait where the provider asks for a pause and names none.
const DEFAULT_PAUSE: u32 = 30;

const HEADERS: &str = "content-type: application/x-www-form-urlencoded\naccept: application/json\n";

/// An OAuth client at a provider's token endpoint.
pub struct Client<'a> {
    /// The token endpoint's URL.
    pub token_endpoint: &'a str,
    /// The client id.
    pub client_id: &'a str,
    /// The client secret, sent in the body (RFC 6749 §2.3.1).
    pub client_secret: &'a ClientSecret,
    /// Milliseconds until the answer must have been read.
    pub deadline_ms: u32,
}

impl Client<'_> {
    /// The request that redeems a checked authorization code (RFC 6749 §4.1.3, RFC 7636 §4.5).
    pub fn exchange(
        &self,
        callback: &CheckedCallback,
        verifier: &CodeVerifier,
        redirect_uri: &str,
    ) -> OutboundRequest {
        self.request(&[
            ("grant_type", "authorization_code"),
            ("code", callback.code().expose()),
            ("code_verifier", verifier.expose()),
            ("redirect_uri", redirect_uri),
        ])
    }

    /// The request that renews an access token (RFC 6749 §6), for the scope that was granted.
    pub fn refresh(&self, refresh_token: &RefreshToken) -> OutboundRequest {
        self.request(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.expose()),
        ])
    }

    fn request(&self, parameters: &[(&str, &str)]) -> OutboundRequest {
        let length: usize = parameters.iter().map(|(_, value)| value.len()).sum();
        // Room for every character percent-encoded, so that no reallocation leaves a copy of a secret behind.
        let mut body = form_urlencoded::Serializer::new(String::with_capacity(length * 3 + 1024));
        body.extend_pairs(parameters)
            .append_pair("client_id", self.client_id)
            .append_pair("client_secret", self.client_secret.expose());
        OutboundRequest {
            template: Rc::new(Template {
                method: Method::Post,
                url: self.token_endpoint.to_owned(),
                headers: HEADERS.to_owned(),
            }),
            url_tail: None,
            credential: None,
            body: Some(Zeroizing::new(body.finish())),
            deadline_ms: self.deadline_ms,
            response_limit: RESPONSE_LIMIT,
        }
    }
}

/// Why a token request came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// No answer in time, or one that was cut off.
    Unreachable(TransportError),
    /// The provider is in trouble.
    Unavailable {
        /// Seconds it asked to wait.
        retry_after: Option<u32>,
    },
    /// 429.
    Busy {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// The provider does not accept this client: the operator has to act. Holds the provider's `error`.
    ClientRefused(&'static str),
    /// The user or their administrator does not allow it. Holds the provider's `error`.
    ConsentRefused(&'static str),
    /// `invalid_grant`: the code or the refresh token is void; connect again.
    GrantVoid,
    /// An error response without a meaning of its own here.
    Rejected,
    /// A success that is no token response; holds the operator's word for what is wrong with it.
    Malformed(&'static str),
    /// The granted scope lacks the calendar.
    ScopeMissing,
    /// No refresh token came with the first token.
    RefreshTokenMissing,
}

/// A successful token response (RFC 6749 §5.1).
#[derive(Debug)]
pub struct Tokens {
    /// The access token.
    pub access_token: AccessToken,
    /// The refresh token; a refresh response may leave it out.
    pub refresh_token: Option<RefreshToken>,
    /// Seconds until the access token expires.
    pub expires_in: u32,
    /// The granted scopes; as requested where the response names none.
    pub scopes: Vec<String>,
    /// Seconds until the refresh token expires, where the provider says so. Google does while the app is in testing.
    pub refresh_token_expires_in: Option<u32>,
}

/// Tokens that make a connection: calendar granted, refresh token present.
#[derive(Debug)]
pub struct Grant {
    /// The access token.
    pub access_token: AccessToken,
    /// The refresh token.
    pub refresh_token: RefreshToken,
    /// Seconds until the access token expires.
    pub expires_in: u32,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// Seconds until the grant itself ends, if the provider limits it.
    pub grant_expires_in: Option<u32>,
}

impl Tokens {
    /// What a first token response must be to make a connection.
    ///
    /// # Errors
    /// [`TokenError::RefreshTokenMissing`]: without it the connection would die within the hour.
    pub fn into_grant(self) -> Result<Grant, TokenError> {
        Ok(Grant {
            access_token: self.access_token,
            refresh_token: self.refresh_token.ok_or(TokenError::RefreshTokenMissing)?,
            expires_in: self.expires_in,
            scopes: self.scopes,
            grant_expires_in: self.refresh_token_expires_in,
        })
    }

    /// What a refresh comes to: a refresh response without a new refresh token keeps the old one (RFC 6749 §6).
    pub fn refreshed(self, old: RefreshToken) -> Grant {
        Grant {
            access_token: self.access_token,
            refresh_token: self.refresh_token.unwrap_or(old),
            expires_in: self.expires_in,
            scopes: self.scopes,
            grant_expires_in: self.refresh_token_expires_in,
        }
    }
}

/// Judges the token endpoint's answer.
///
/// # Errors
/// [`TokenError`]; nothing of the answer's text is in it.
pub fn judge(
    provider: Provider,
    answer: Result<OutboundResponse, TransportError>,
) -> Result<Tokens, TokenError> {
    let answer = answer.map_err(|error| match error {
        TransportError::TooLarge => TokenError::Malformed("token_malformed_size"),
        error => TokenError::Unreachable(error),
    })?;
    let pause = answer.pause();
    match answer.status {
        200 => success(provider, &answer.body),
        429 => Err(TokenError::Busy {
            retry_after: pause.unwrap_or(DEFAULT_PAUSE),
        }),
        500.. => Err(TokenError::Unavailable { retry_after: pause }),
        400..=499 => Err(refusal(&answer.body)),
        _ => Err(TokenError::Malformed("token_malformed_status")),
    }
}

const ACCESS: TokenError = TokenError::Malformed("token_malformed_access_token");
const REFRESH: TokenError = TokenError::Malformed("token_malformed_refresh_token");

fn success(provider: Provider, body: &str) -> Result<Tokens, TokenError> {
    let mut found = json::object(body).ok_or(TokenError::Malformed("token_malformed_json"))?;
    let access_token = token(&mut found, "access_token", ACCESS)?.ok_or(ACCESS)?;
    let is_bearer = |kind: &str| kind.eq_ignore_ascii_case("bearer");
    match found.text("token_type") {
        Ok(Some(kind)) if is_bearer(&kind) => {}
        _ => return Err(TokenError::Malformed("token_malformed_token_type")),
    }
    let expires_in = match found.count("expires_in", LIFETIME_LIMIT) {
        Ok(Some(seconds)) => seconds,
        _ => return Err(TokenError::Malformed("token_malformed_expires_in")),
    };
    let refresh_token = token(&mut found, "refresh_token", REFRESH)?;
    let scope = found
        .plain_text("scope")
        .map_err(|_| TokenError::Malformed("token_malformed_scope"))?;
    // RFC 6749 §5.1: a response without scope grants what was requested.
    let scope = scope
        .as_deref()
        .unwrap_or(provider.profile().requested_scope);
    if scope.len() > SCOPE_LIMIT || !is_printable(scope) {
        return Err(TokenError::Malformed("token_malformed_scope"));
    }
    let scopes: Vec<String> = scope.split_ascii_whitespace().map(str::to_owned).collect();
    if !provider.grants_calendar(scopes.iter().map(String::as_str)) {
        return Err(TokenError::ScopeMissing);
    }
    Ok(Tokens {
        access_token: AccessToken::new(access_token),
        refresh_token: refresh_token.map(RefreshToken::new),
        expires_in,
        scopes,
        // A hint for the operator and nothing else: where it makes no sense it is as good as absent.
        refresh_token_expires_in: found
            .count("refresh_token_expires_in", LIFETIME_LIMIT)
            .unwrap_or_default(),
    })
}

fn token(
    found: &mut json::Object<'_>,
    name: &str,
    malformed: TokenError,
) -> Result<Option<Zeroizing<String>>, TokenError> {
    match found.secret_text(name) {
        Ok(None) => Ok(None),
        Ok(Some(token)) if is_token(&token) => Ok(Some(token)),
        Ok(Some(_)) | Err(WrongType) => Err(malformed),
    }
}

fn is_token(text: &str) -> bool {
    text.len() <= TOKEN_LIMIT && is_vschar(text)
}

/// What an `error` of that name comes to.
type Meaning = fn(&'static str) -> TokenError;

/// Sources: RFC 6749 §5.2; Google's "Exchange errors"; Microsoft's "Error codes for token endpoint errors".
const REFUSALS: &[(&str, Meaning)] = &[
    ("invalid_client", TokenError::ClientRefused),
    ("unauthorized_client", TokenError::ClientRefused),
    ("invalid_request", TokenError::ClientRefused),
    ("invalid_scope", TokenError::ClientRefused),
    ("invalid_resource", TokenError::ClientRefused),
    ("unsupported_grant_type", TokenError::ClientRefused),
    ("redirect_uri_mismatch", TokenError::ClientRefused),
    ("deleted_client", TokenError::ClientRefused),
    ("disabled_client", TokenError::ClientRefused),
    ("org_internal", TokenError::ClientRefused),
    ("access_denied", TokenError::ConsentRefused),
    ("admin_policy_enforced", TokenError::ConsentRefused),
    ("consent_required", TokenError::ConsentRefused),
    ("interaction_required", TokenError::ConsentRefused),
    ("login_required", TokenError::ConsentRefused),
    ("invalid_grant", |_| TokenError::GrantVoid),
    ("server_error", |_| TokenError::Unavailable {
        retry_after: None,
    }),
    ("temporarily_unavailable", |_| TokenError::Unavailable {
        retry_after: None,
    }),
];

fn refusal(body: &str) -> TokenError {
    let error = json::object(body).and_then(|mut body| body.plain_text("error").ok().flatten());
    REFUSALS
        .iter()
        .find(|(name, _)| error.as_deref() == Some(name))
        .map_or(TokenError::Rejected, |(name, meaning)| meaning(name))
}

#[cfg(test)]
mod tests;
