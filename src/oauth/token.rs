//! The token endpoint ([RFC 6749 §4.1.3](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3) and
//! [RFC 6749 §5](https://www.rfc-editor.org/rfc/rfc6749#section-5)): the exchange of a code, and what the endpoint's answers
//! mean.

pub mod refresh;

use std::rc::Rc;

use url::form_urlencoded;
use zeroize::Zeroizing;

use super::callback::CheckedCallback;
use crate::cause::Cause;
use crate::error::messages;
use crate::http::{
    Method, OutboundRequest, OutboundResponse, RESPONSE_LIMIT, Template, TransportError,
};
use crate::json::{self, Value, WrongType};
use crate::providers::{Endpoint, Provider, Refusal, Refused, aadsts_number};
use crate::secret::{
    AccessToken, ClientSecret, CodeVerifier, IdToken, RefreshToken, is_printable, is_vschar,
};

/// Longest token in bytes.
pub const TOKEN_LIMIT: usize = 16 * 1024;
/// Milliseconds an exchange may take, where nothing else is configured.
pub const EXCHANGE_TIMEOUT_MS: u32 = 5000;
/// Longest lifetime of a token in seconds: ten years.
pub(crate) const LIFETIME_LIMIT: u32 = 315_360_000;
/// Seconds to wait where the provider asks for a pause and names none.
const DEFAULT_PAUSE: u32 = 30;

const HEADERS: &str = "content-type: application/x-www-form-urlencoded\naccept: application/json\n";

/// An OAuth client at a provider's token endpoint.
pub struct Client<'a> {
    /// Whose token endpoint.
    pub provider: Provider,
    /// The token endpoint's URL.
    pub token_endpoint: &'a str,
    /// The client id.
    pub client_id: &'a str,
    /// The client secret.
    pub client_secret: &'a ClientSecret,
    /// Milliseconds until the answer must have been read.
    pub deadline_ms: u32,
}

impl Client<'_> {
    /// The request that redeems a checked authorization code
    /// ([RFC 6749 §4.1.3](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3),
    /// [RFC 7636 §4.5](https://www.rfc-editor.org/rfc/rfc7636#section-4.5)).
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

    fn request(&self, parameters: &[(&str, &str)]) -> OutboundRequest {
        let length: usize = parameters.iter().map(|(_, value)| value.len()).sum();
        // Room for every character percent-encoded, so that no reallocation leaves a copy of a secret behind.
        let mut body = form_urlencoded::Serializer::new(String::with_capacity(length * 3 + 1024));
        body.extend_pairs(parameters);
        self.provider
            .authenticate(&mut body, self.client_id, self.client_secret);
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

/// Why a token request brought no tokens.
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
    /// The provider answered with an error.
    Refused(Refusal),
    /// A success that is no token response; holds the operator's word for what is wrong with it.
    Malformed(Cause),
    /// The granted scope lacks the calendar.
    ScopeMissing,
    /// No refresh token came with the first token.
    RefreshTokenMissing,
}

messages! { TokenError:
    Self::Unreachable(_) => "the token endpoint did not answer",
    Self::Unavailable { .. } => "the token endpoint is unavailable",
    Self::Busy { .. } => "the token endpoint asks for a pause",
    Self::Refused(_) => "the provider answered with an error",
    Self::Malformed(_) => "the answer is no token response",
    Self::ScopeMissing => "the granted scope lacks the calendar",
    Self::RefreshTokenMissing => "no refresh token came with the first token",
}

/// A successful token response ([RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)).
#[derive(Debug)]
pub struct Tokens {
    /// The access token.
    pub access_token: AccessToken,
    /// The refresh token; a refresh response may leave it out.
    pub refresh_token: Option<RefreshToken>,
    /// Seconds until the access token expires.
    pub expires_in: u32,
    /// The granted scopes that are kept; `None` if the response names none, which means those that were asked for.
    pub scopes: Option<Vec<String>>,
    /// Seconds until the refresh token expires, where the provider says so. Google does while the app is in testing.
    pub refresh_token_expires_in: Option<u32>,
    /// Who connected; a provider may leave it out.
    pub id_token: Option<IdToken>,
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
    /// Who connected, not judged yet: see [`super::id_token`].
    pub id_token: Option<IdToken>,
}

impl Tokens {
    /// What a first token response must be to make a connection.
    ///
    /// # Errors
    /// [`TokenError::RefreshTokenMissing`]: without it the connection would die within the hour.
    pub fn into_grant(self, provider: Provider) -> Result<Grant, TokenError> {
        // RFC 6749 section 5.1: a response without a scope grants what was requested.
        let requested = || provider.judge_scopes(provider.profile().requested_scope);
        Ok(Grant {
            access_token: self.access_token,
            refresh_token: self.refresh_token.ok_or(TokenError::RefreshTokenMissing)?,
            expires_in: self.expires_in,
            scopes: self
                .scopes
                .or_else(requested)
                .ok_or(TokenError::ScopeMissing)?,
            grant_expires_in: self.refresh_token_expires_in,
            id_token: self.id_token,
        })
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
        TransportError::TooLarge => TokenError::Malformed(Cause::TOKEN_MALFORMED_SIZE),
        error => TokenError::Unreachable(error),
    })?;
    let pause = answer.pause();
    match answer.status {
        200 => success(provider, &answer.body),
        429 => Err(TokenError::Busy {
            retry_after: pause.unwrap_or(DEFAULT_PAUSE),
        }),
        500.. => Err(TokenError::Unavailable { retry_after: pause }),
        400..=499 => Err(TokenError::Refused(refusal(provider, &answer.body))),
        _ => Err(TokenError::Malformed(Cause::TOKEN_MALFORMED_STATUS)),
    }
}

const ACCESS: TokenError = TokenError::Malformed(Cause::TOKEN_MALFORMED_ACCESS_TOKEN);
const ID_TOKEN: TokenError = TokenError::Malformed(Cause::ID_TOKEN_MALFORMED);
const REFRESH: TokenError = TokenError::Malformed(Cause::TOKEN_MALFORMED_REFRESH_TOKEN);

fn success(provider: Provider, body: &str) -> Result<Tokens, TokenError> {
    let mut found = json::object(body).ok_or(TokenError::Malformed(Cause::TOKEN_MALFORMED_JSON))?;
    let access_token = token(&mut found, "access_token", ACCESS)?.ok_or(ACCESS)?;
    let is_bearer = |kind: &str| kind.eq_ignore_ascii_case("bearer");
    match found.text("token_type") {
        Ok(Some(kind)) if is_bearer(&kind) => {}
        _ => return Err(TokenError::Malformed(Cause::TOKEN_MALFORMED_TOKEN_TYPE)),
    }
    let expires_in = match found.count("expires_in", LIFETIME_LIMIT) {
        Ok(Some(seconds)) => seconds,
        _ => return Err(TokenError::Malformed(Cause::TOKEN_MALFORMED_EXPIRES_IN)),
    };
    let refresh_token = token(&mut found, "refresh_token", REFRESH)?;
    let scopes = match found.text("scope") {
        Ok(None) => None,
        Ok(Some(scope)) if is_printable(&scope) => Some(
            provider
                .judge_scopes(&scope)
                .ok_or(TokenError::ScopeMissing)?,
        ),
        Ok(Some(_)) | Err(WrongType) => {
            return Err(TokenError::Malformed(Cause::TOKEN_MALFORMED_SCOPE));
        }
    };
    Ok(Tokens {
        access_token: AccessToken::new(access_token),
        refresh_token: refresh_token.map(RefreshToken::new),
        expires_in,
        scopes,
        // A hint for the operator and nothing else: where it makes no sense it is as good as absent.
        refresh_token_expires_in: found
            .count("refresh_token_expires_in", LIFETIME_LIMIT)
            .unwrap_or_default(),
        id_token: token(&mut found, "id_token", ID_TOKEN)?.map(IdToken::new),
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

fn refusal(provider: Provider, body: &str) -> Refusal {
    let mut found = json::object(body).unwrap_or_default();
    let mut text = |name| found.text(name).ok().flatten();
    let error = text("error");
    let suberror = text("suberror").or_else(|| text("error_subtype"));
    let described = text("error_description").and_then(|text| aadsts_number(&text));
    let refused = Refused {
        error: error.as_deref().unwrap_or_default(),
        suberror: suberror.as_deref(),
        number: first_number(found.take("error_codes")).or(described),
    };
    provider.judge_refusal(Endpoint::Token, &refused)
}

/// The first of Microsoft's `error_codes`.
fn first_number(codes: Value<'_>) -> Option<u32> {
    let Value::List(codes) = codes else {
        return None;
    };
    codes.into_iter().next()?.count(u32::MAX)
}

#[cfg(test)]
mod tests;
