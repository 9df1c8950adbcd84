//! The plan's helpers for JavaScript.

use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::{from_value, to_value};
use wasm_bindgen::prelude::*;

use crate::api;
use crate::error::{Code, Failure};
use crate::oauth::callback::CODE_LIMIT;
use crate::oauth::token::{Grant, TokenError};
use crate::provider::Provider;
use crate::secret::{AuthorizationCode, ClientSecret, CodeVerifier, State, is_vschar};
use crate::user::UserId;
use crate::vault::{Keyring, Place, Purpose};
use crate::wasm::fetch::Fetch;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenPlace {
    key: String,
    #[serde(default)]
    retired_keys: Vec<String>,
    user_id: String,
    provider: Provider,
    purpose: TokenPurpose,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum TokenPurpose {
    AccessToken,
    RefreshToken,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuthUrlOptions {
    client_id: String,
    redirect_uri: String,
    state: String,
    code_verifier: String,
    authorization_endpoint: Option<String>,
    tenant: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExchangeOptions {
    client_id: String,
    client_secret: String,
    redirect_uri: String,
    code: String,
    code_verifier: String,
    token_endpoint: Option<String>,
    tenant: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TokenGrant<'a> {
    access_token: &'a str,
    refresh_token: &'a str,
    expires_in: u32,
    scopes: &'a [String],
}

/// Seals a token for one user, provider and purpose: AES-256-GCM, envelope `v1`.
#[wasm_bindgen(js_name = encryptToken)]
pub fn encrypt_token(
    token: &str,
    #[wasm_bindgen(unchecked_param_type = "TokenPlace")] place: JsValue,
) -> Result<String, JsValue> {
    in_place(place, |keyring, place| {
        api::encrypt_token(keyring, place, token).map_err(Failure::from)
    })
}

/// Opens a token that was sealed for exactly this user, provider and purpose.
#[wasm_bindgen(js_name = decryptToken)]
pub fn decrypt_token(
    sealed: &str,
    #[wasm_bindgen(unchecked_param_type = "TokenPlace")] place: JsValue,
) -> Result<String, JsValue> {
    in_place(place, |keyring, place| {
        api::decrypt_token(keyring, place, sealed)
            .map(|token| token.as_str().to_owned())
            .map_err(|_| Failure::new(Code::InvalidRequest, "The sealed token does not open here."))
    })
}

fn in_place<T>(
    place: JsValue,
    act: impl FnOnce(&Keyring, Place<'_>) -> Result<T, Failure>,
) -> Result<T, JsValue> {
    let options: TokenPlace = from_value(place).map_err(malformed)?;
    let keyring = Keyring::parse(
        &options.key,
        options.retired_keys.iter().map(String::as_str),
    )
    .map_err(|_| invalid("key and retiredKeys must each be base64 of 32 bytes."))?;
    let user = UserId::parse(&options.user_id).ok_or_else(|| invalid("userId must be a UUID."))?;
    let purpose = match options.purpose {
        TokenPurpose::AccessToken => Purpose::AccessToken,
        TokenPurpose::RefreshToken => Purpose::RefreshToken,
    };
    let place = Place {
        purpose,
        user: &user,
        provider: options.provider,
    };
    act(&keyring, place).map_err(|failure| thrown(&failure))
}

/// A fresh `state`: 32 random bytes, base64url.
#[wasm_bindgen(js_name = generateState)]
pub fn generate_state() -> Result<String, JsValue> {
    let state = State::generate().map_err(|error| thrown(&error.into()))?;
    Ok(state.expose().to_owned())
}

/// A fresh PKCE code verifier: 32 random bytes, base64url (RFC 7636 §4.1).
#[wasm_bindgen(js_name = generateCodeVerifier)]
pub fn generate_code_verifier() -> Result<String, JsValue> {
    let verifier = CodeVerifier::generate().map_err(|error| thrown(&error.into()))?;
    Ok(verifier.expose().to_owned())
}

/// The S256 challenge of a code verifier (RFC 7636 §4.2).
#[wasm_bindgen(js_name = codeChallenge)]
pub fn code_challenge(code_verifier: &str) -> Result<String, JsValue> {
    Ok(verifier(code_verifier)?.challenge())
}

/// Google's consent page for read-only calendar access, with PKCE S256.
#[wasm_bindgen(js_name = buildGoogleAuthUrl)]
pub fn build_google_auth_url(
    #[wasm_bindgen(unchecked_param_type = "AuthUrlOptions")] options: JsValue,
) -> Result<String, JsValue> {
    auth_url(options, |url, _| api::build_google_auth_url(url))
}

/// Microsoft's consent page for read-only calendar access, with PKCE S256.
#[wasm_bindgen(js_name = buildOutlookAuthUrl)]
pub fn build_outlook_auth_url(
    #[wasm_bindgen(unchecked_param_type = "OutlookAuthUrlOptions")] options: JsValue,
) -> Result<String, JsValue> {
    auth_url(options, api::build_outlook_auth_url)
}

fn auth_url(
    options: JsValue,
    build: impl FnOnce(&api::AuthUrl<'_>, &str) -> String,
) -> Result<String, JsValue> {
    let options: AuthUrlOptions = from_value(options).map_err(malformed)?;
    let state = State::parse(options.state)
        .ok_or_else(|| invalid("state must be 43 base64url characters; use generateState()."))?;
    let url = api::AuthUrl {
        client_id: &options.client_id,
        redirect_uri: &options.redirect_uri,
        state: &state,
        code_verifier: &verifier(&options.code_verifier)?,
        authorization_endpoint: options.authorization_endpoint.as_deref(),
    };
    Ok(build(&url, tenant(options.tenant.as_deref())?))
}

/// Redeems a Google code for tokens.
#[wasm_bindgen(js_name = exchangeGoogleCode, unchecked_return_type = "TokenGrant")]
pub async fn exchange_google_code(
    #[wasm_bindgen(unchecked_param_type = "ExchangeOptions")] options: JsValue,
) -> Result<JsValue, JsValue> {
    let options: ExchangeOptions = from_value(options).map_err(malformed)?;
    let (secret, verifier) = credentials(&options)?;
    let exchange = exchange(&options, &secret, &verifier)?;
    granted(api::exchange_google_code(&Fetch, exchange).await)
}

/// Redeems a Microsoft code for tokens.
#[wasm_bindgen(js_name = exchangeOutlookCode, unchecked_return_type = "TokenGrant")]
pub async fn exchange_outlook_code(
    #[wasm_bindgen(unchecked_param_type = "OutlookExchangeOptions")] options: JsValue,
) -> Result<JsValue, JsValue> {
    let options: ExchangeOptions = from_value(options).map_err(malformed)?;
    let tenant = tenant(options.tenant.as_deref())?;
    let (secret, verifier) = credentials(&options)?;
    let exchange = exchange(&options, &secret, &verifier)?;
    granted(api::exchange_outlook_code(&Fetch, exchange, tenant).await)
}

fn credentials(options: &ExchangeOptions) -> Result<(ClientSecret, CodeVerifier), JsValue> {
    Ok((
        ClientSecret::new(options.client_secret.clone()),
        verifier(&options.code_verifier)?,
    ))
}

fn exchange<'a>(
    options: &'a ExchangeOptions,
    client_secret: &'a ClientSecret,
    code_verifier: &'a CodeVerifier,
) -> Result<api::Exchange<'a>, JsValue> {
    if options.code.len() > CODE_LIMIT || !is_vschar(&options.code) {
        return Err(invalid("code must be 1 to 4096 visible ASCII characters."));
    }
    Ok(api::Exchange {
        client_id: &options.client_id,
        client_secret,
        redirect_uri: &options.redirect_uri,
        code: AuthorizationCode::new(options.code.clone()),
        code_verifier,
        token_endpoint: options.token_endpoint.as_deref(),
    })
}

fn granted(answered: Result<Grant, TokenError>) -> Result<JsValue, JsValue> {
    let grant = answered.map_err(|error| thrown(&error.into()))?;
    let grant = TokenGrant {
        access_token: grant.access_token.expose(),
        refresh_token: grant.refresh_token.expose(),
        expires_in: grant.expires_in,
        scopes: &grant.scopes,
    };
    to_value(&grant).map_err(malformed)
}

/// A user's capacity on a day (`YYYY-MM-DD`); the fallback of 6 actions a day until calendars are read.
#[wasm_bindgen(js_name = getCapacityForDate, unchecked_return_type = "Capacity")]
pub async fn get_capacity_for_date(user_id: String, date: String) -> Result<JsValue, JsValue> {
    to_value(&api::get_capacity_for_date(&user_id, &date).await).map_err(malformed)
}

fn verifier(text: &str) -> Result<CodeVerifier, JsValue> {
    CodeVerifier::parse(text)
        .ok_or_else(|| invalid("codeVerifier must be 43 to 128 unreserved characters (RFC 7636)."))
}

/// The tenant becomes part of a URL's path.
fn tenant(named: Option<&str>) -> Result<&str, JsValue> {
    let tenant = named.unwrap_or(api::DEFAULT_TENANT);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    if tenant.is_empty() || tenant.starts_with('.') || !tenant.bytes().all(fits) {
        return Err(invalid(
            "tenant must be common, organizations, consumers, or an id or domain.",
        ));
    }
    Ok(tenant)
}

fn malformed(_: serde_wasm_bindgen::Error) -> JsValue {
    invalid("The options object lacks a member, or one is of another type; see the .d.ts file.")
}

fn invalid(message: &'static str) -> JsValue {
    thrown(&Failure::new(Code::InvalidRequest, message))
}

fn thrown(failure: &Failure) -> JsValue {
    let error = js_sys::Error::new(&failure.message);
    error.set_name("CalendarConnectError");
    // Setting a property of a fresh object cannot fail.
    let _ = js_sys::Reflect::set(&error, &"code".into(), &failure.code.as_str().into());
    error.into()
}
