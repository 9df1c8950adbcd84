//! The helpers of `api` for JavaScript.

use std::borrow::Cow;

use js_sys::{Array, Promise, Reflect};
use serde::Serialize;
use serde_wasm_bindgen::to_value;
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use crate::api;
use crate::error::{Code, Failure};
use crate::oauth::callback::CODE_LIMIT;
use crate::oauth::token::{Grant, TokenError};
use crate::providers::{Provider, Tenant};
use crate::secret::{AuthorizationCode, ClientSecret, CodeVerifier, State, is_vschar};
use crate::user::UserId;
use crate::vault::{Keyring, Place, Purpose};
use crate::wasm::fetch::Fetch;
use crate::wasm::task;

/// An options object's members, by their JavaScript names.
struct Options(JsValue);

impl Options {
    fn member(&self, name: &str) -> Result<Option<JsValue>, JsValue> {
        let value = Reflect::get(&self.0, &name.into()).map_err(|_| malformed())?;
        Ok(Some(value).filter(|value| !value.is_undefined() && !value.is_null()))
    }

    fn optional(&self, name: &str) -> Result<Option<Zeroizing<String>>, JsValue> {
        let text = |value: JsValue| value.as_string().map(Zeroizing::new).ok_or_else(malformed);
        self.member(name)?.map(text).transpose()
    }

    fn required(&self, name: &str) -> Result<Zeroizing<String>, JsValue> {
        self.optional(name)?.ok_or_else(malformed)
    }

    fn list(&self, name: &str) -> Result<Vec<Zeroizing<String>>, JsValue> {
        let Some(value) = self.member(name)? else {
            return Ok(Vec::new());
        };
        let list = value.dyn_into::<Array>().map_err(|_| malformed())?;
        let text = |value: JsValue| value.as_string().map(Zeroizing::new).ok_or_else(malformed);
        list.iter().map(text).collect()
    }
}

struct AuthUrlOptions {
    client_id: Zeroizing<String>,
    redirect_uri: Zeroizing<String>,
    state: State,
    code_verifier: CodeVerifier,
    authorization_endpoint: Option<Zeroizing<String>>,
    tenant: Tenant,
}

struct ExchangeOptions {
    client_id: Zeroizing<String>,
    client_secret: ClientSecret,
    redirect_uri: Zeroizing<String>,
    code_verifier: CodeVerifier,
    token_endpoint: Option<Zeroizing<String>>,
    tenant: Tenant,
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
    let options = Options(place);
    let retired = options.list("retiredKeys")?;
    let keyring = Keyring::parse(
        &options.required("key")?,
        retired.iter().map(|key| key.as_str()),
    )
    .map_err(|_| invalid("key and retiredKeys must each be base64 of 32 bytes."))?;
    let user = UserId::parse(&options.required("userId")?)
        .ok_or_else(|| invalid("userId must be a UUID."))?;
    let provider = Provider::parse(&options.required("provider")?)
        .ok_or_else(|| invalid(format!("provider must be {}.", Provider::names())))?;
    let purpose = match options.required("purpose")?.as_str() {
        "access_token" => Purpose::AccessToken,
        "refresh_token" => Purpose::RefreshToken,
        _ => return Err(invalid("purpose must be access_token or refresh_token.")),
    };
    let account = options.optional("accountId")?;
    let place = Place {
        purpose,
        user: &user,
        provider,
        account: account.as_ref().map(|account| account.as_str()),
    };
    act(&keyring, place).map_err(|failure| thrown(&failure))
}

/// A fresh `state`: 32 random bytes, base64url.
#[wasm_bindgen(js_name = generateState)]
pub fn generate_state() -> Result<String, JsValue> {
    let state = State::generate().map_err(|error| thrown(&error.into()))?;
    Ok(state.expose().to_owned())
}

/// A fresh PKCE code verifier: 32 random bytes, base64url
/// ([RFC 7636 §4.1](https://www.rfc-editor.org/rfc/rfc7636#section-4.1)).
#[wasm_bindgen(js_name = generateCodeVerifier)]
pub fn generate_code_verifier() -> Result<String, JsValue> {
    let verifier = CodeVerifier::generate().map_err(|error| thrown(&error.into()))?;
    Ok(verifier.expose().to_owned())
}

/// The S256 challenge of a code verifier ([RFC 7636 §4.2](https://www.rfc-editor.org/rfc/rfc7636#section-4.2)).
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
    build: impl FnOnce(&api::AuthUrl<'_>, &Tenant) -> String,
) -> Result<String, JsValue> {
    let options = Options(options);
    let read = AuthUrlOptions {
        client_id: options.required("clientId")?,
        redirect_uri: options.required("redirectUri")?,
        state: State::parse(std::mem::take(&mut *options.required("state")?)).ok_or_else(|| {
            invalid("state must be 43 base64url characters; use generateState().")
        })?,
        code_verifier: verifier(&options.required("codeVerifier")?)?,
        authorization_endpoint: options.optional("authorizationEndpoint")?,
        tenant: tenant(options.optional("tenant")?)?,
    };
    let url = api::AuthUrl {
        client_id: &read.client_id,
        redirect_uri: &read.redirect_uri,
        state: &read.state,
        code_verifier: &read.code_verifier,
        authorization_endpoint: read.authorization_endpoint.as_ref().map(|url| url.as_str()),
    };
    Ok(build(&url, &read.tenant))
}

/// Redeems a Google code for tokens.
#[wasm_bindgen(js_name = exchangeGoogleCode, unchecked_return_type = "Promise<TokenGrant>")]
pub fn exchange_google_code(
    #[wasm_bindgen(unchecked_param_type = "ExchangeOptions")] options: JsValue,
) -> Promise {
    task::helper(async {
        let (options, code) = exchange_options(options)?;
        granted(api::exchange_google_code(&Fetch, exchange(&options, code)).await)
    })
}

/// Redeems a Microsoft code for tokens.
#[wasm_bindgen(js_name = exchangeOutlookCode, unchecked_return_type = "Promise<TokenGrant>")]
pub fn exchange_outlook_code(
    #[wasm_bindgen(unchecked_param_type = "OutlookExchangeOptions")] options: JsValue,
) -> Promise {
    task::helper(async {
        let (options, code) = exchange_options(options)?;
        granted(api::exchange_outlook_code(&Fetch, exchange(&options, code), &options.tenant).await)
    })
}

fn exchange_options(options: JsValue) -> Result<(ExchangeOptions, AuthorizationCode), JsValue> {
    let options = Options(options);
    let code = options.required("code")?;
    if code.len() > CODE_LIMIT || !is_vschar(&code) {
        return Err(invalid("code must be 1 to 4096 visible ASCII characters."));
    }
    let options = ExchangeOptions {
        client_id: options.required("clientId")?,
        client_secret: ClientSecret::new(options.required("clientSecret")?),
        redirect_uri: options.required("redirectUri")?,
        code_verifier: verifier(&options.required("codeVerifier")?)?,
        token_endpoint: options.optional("tokenEndpoint")?,
        tenant: tenant(options.optional("tenant")?)?,
    };
    Ok((options, AuthorizationCode::new(code)))
}

/// The code leaves the options: it is redeemed once.
fn exchange(options: &ExchangeOptions, code: AuthorizationCode) -> api::Exchange<'_> {
    api::Exchange {
        client_id: &options.client_id,
        client_secret: &options.client_secret,
        redirect_uri: &options.redirect_uri,
        code,
        code_verifier: &options.code_verifier,
        token_endpoint: options.token_endpoint.as_ref().map(|url| url.as_str()),
    }
}

fn granted(answered: Result<Grant, TokenError>) -> Result<JsValue, JsValue> {
    let grant = answered.map_err(|error| thrown(&error.into()))?;
    let grant = TokenGrant {
        access_token: grant.access_token.expose(),
        refresh_token: grant.refresh_token.expose(),
        expires_in: grant.expires_in,
        scopes: &grant.scopes,
    };
    to_value(&grant).map_err(|_| malformed())
}

/// A user's capacity on a day (`YYYY-MM-DD`); the fallback of 6 actions a day until calendars are read.
#[wasm_bindgen(js_name = getCapacityForDate, unchecked_return_type = "Promise<Capacity>")]
pub fn get_capacity_for_date(user_id: String, date: String) -> Promise {
    task::helper(async move {
        to_value(&api::get_capacity_for_date(&user_id, &date).await).map_err(|_| malformed())
    })
}

fn verifier(text: &str) -> Result<CodeVerifier, JsValue> {
    CodeVerifier::parse(text)
        .ok_or_else(|| invalid("codeVerifier must be 43 to 128 unreserved characters (RFC 7636)."))
}

fn tenant(named: Option<Zeroizing<String>>) -> Result<Tenant, JsValue> {
    named.map_or_else(
        || Ok(Tenant::default()),
        |text| {
            Tenant::parse(&text).ok_or_else(|| {
                invalid("tenant must be common, organizations, consumers, or an id or domain.")
            })
        },
    )
}

fn malformed() -> JsValue {
    invalid("The options object lacks a member, or one is of another type; see the .d.ts file.")
}

fn invalid(message: impl Into<Cow<'static, str>>) -> JsValue {
    thrown(&Failure::new(Code::InvalidRequest, message))
}

fn thrown(failure: &Failure) -> JsValue {
    let error = js_sys::Error::new(&failure.message);
    error.set_name("CalendarConnectError");
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&error, &"code".into(), &failure.code.as_str().into());
    error.into()
}
