//! The helpers for code that needs one step of the flow, not all of it.

use zeroize::Zeroizing;

pub use crate::capacity::Capacity;
use crate::http::Transport;
use crate::oauth::authorize::AuthorizationRequest;
use crate::oauth::callback::CheckedCallback;
use crate::oauth::token::{self, Client, EXCHANGE_TIMEOUT_MS, Grant, TokenError};
use crate::providers::{Provider, Tenant};
use crate::secret::{AuthorizationCode, ClientSecret, CodeVerifier, State};
use crate::vault::{Keyring, NotOpened, NotSealed, Place};

/// Seals a token for one user, provider and purpose. See [`Keyring::seal`].
///
/// # Errors
/// [`NotSealed`].
pub fn encrypt_token(
    keyring: &Keyring,
    place: Place<'_>,
    token: &str,
) -> Result<String, NotSealed> {
    keyring.seal(place, token)
}

/// Opens a token sealed for exactly this user, provider and purpose. See [`Keyring::open`].
///
/// # Errors
/// [`NotOpened`], whatever the reason.
pub fn decrypt_token(
    keyring: &Keyring,
    place: Place<'_>,
    sealed: &str,
) -> Result<Zeroizing<String>, NotOpened> {
    keyring.open(place, sealed)
}

/// What an authorization URL is made of.
pub struct AuthUrl<'a> {
    /// The OAuth client's id.
    pub client_id: &'a str,
    /// Where the browser comes back.
    pub redirect_uri: &'a str,
    /// Ties the callback to this request; keep it with the user.
    pub state: &'a State,
    /// Proves at the exchange who began; keep it secret until then.
    pub code_verifier: &'a CodeVerifier,
    /// The provider's own endpoint where `None`.
    pub authorization_endpoint: Option<&'a str>,
}

/// What an exchange is made of.
pub struct Exchange<'a> {
    /// The OAuth client's id.
    pub client_id: &'a str,
    /// The OAuth client's secret.
    pub client_secret: &'a ClientSecret,
    /// The very URI of the authorization request.
    pub redirect_uri: &'a str,
    /// The code of an authorization response whose state the caller has checked.
    pub code: AuthorizationCode,
    /// The verifier of the authorization request.
    pub code_verifier: &'a CodeVerifier,
    /// The provider's own endpoint where `None`.
    pub token_endpoint: Option<&'a str>,
}

/// Google's consent page for read-only calendar access, with PKCE S256.
pub fn build_google_auth_url(url: &AuthUrl<'_>) -> String {
    auth_url(Provider::Google, url, &Tenant::default())
}

/// Microsoft's consent page for read-only calendar access, with PKCE S256.
pub fn build_outlook_auth_url(url: &AuthUrl<'_>, tenant: &Tenant) -> String {
    auth_url(Provider::Outlook, url, tenant)
}

fn auth_url(provider: Provider, url: &AuthUrl<'_>, tenant: &Tenant) -> String {
    let endpoint = endpoint(
        url.authorization_endpoint,
        provider.consent().authorization_endpoint,
        tenant,
    );
    AuthorizationRequest {
        provider,
        endpoint: &endpoint,
        client_id: url.client_id,
        redirect_uri: url.redirect_uri,
        state: url.state,
        code_challenge: &url.code_verifier.challenge(),
        login_hint: None,
    }
    .url()
}

/// Redeems a Google code.
///
/// # Errors
/// [`TokenError`].
pub async fn exchange_google_code(
    transport: &impl Transport,
    exchange: Exchange<'_>,
) -> Result<Grant, TokenError> {
    redeem(Provider::Google, transport, exchange, &Tenant::default()).await
}

/// Redeems a Microsoft code, at the tenant that authorized it.
///
/// # Errors
/// [`TokenError`].
pub async fn exchange_outlook_code(
    transport: &impl Transport,
    exchange: Exchange<'_>,
    tenant: &Tenant,
) -> Result<Grant, TokenError> {
    redeem(Provider::Outlook, transport, exchange, tenant).await
}

async fn redeem(
    provider: Provider,
    transport: &impl Transport,
    exchange: Exchange<'_>,
    tenant: &Tenant,
) -> Result<Grant, TokenError> {
    let endpoint = endpoint(
        exchange.token_endpoint,
        provider.profile().token_endpoint,
        tenant,
    );
    let client = Client {
        provider,
        token_endpoint: &endpoint,
        client_id: exchange.client_id,
        client_secret: exchange.client_secret,
        deadline_ms: EXCHANGE_TIMEOUT_MS,
    };
    let checked = CheckedCallback::vouched_for(exchange.code);
    let request = client.exchange(&checked, exchange.code_verifier, exchange.redirect_uri);
    token::judge(provider, transport.send(request).await)?.into_grant(provider)
}

fn endpoint(given: Option<&str>, template: &str, tenant: &Tenant) -> String {
    given.map_or_else(|| tenant.fill(template), str::to_owned)
}

/// A user's capacity on a day (`YYYY-MM-DD`); the fallback of 6 actions a day until calendars are read.
pub async fn get_capacity_for_date(user_id: &str, date: &str) -> Capacity {
    crate::capacity::for_date(user_id, || date.to_owned()).await
}
