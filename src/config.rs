//! The environment, parsed once: a [`Config`] exists only after every variable was checked.

mod read;
#[cfg(feature = "sync")]
mod secret_keys;
pub(crate) mod variables;

use std::fmt;

use crate::oauth::callback::Issuer;
use crate::providers::Provider;
use crate::secret::ClientSecret;
#[cfg(feature = "sync")]
use crate::secret::SecretKey;
use crate::vault::Keyring;

pub use self::variables::environment;

/// Milliseconds that one database step may take, where nothing else is configured.
pub(crate) const DATABASE_TIMEOUT_MS: u32 = 3000;

/// A variable that is missing or malformed, and what it must be. Never holds its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The variable's name.
    pub variable: String,
    /// What it must be.
    pub expected: &'static str,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} must be {}", self.variable, self.expected)
    }
}

impl std::error::Error for ConfigError {}

/// Everything the function knows about its deployment.
#[derive(Debug)]
pub struct Config {
    /// `SUPABASE_URL` without a trailing slash.
    pub supabase_url: String,
    /// The publishable (or legacy anon) key: the `apikey` header of every database call.
    pub publishable_key: String,
    /// Seals tokens and verifiers.
    pub keyring: Keyring,
    /// Where the browser lands after the callback.
    pub settings_url: String,
    /// Origins whose pages may call the function.
    pub allowed_origins: Vec<String>,
    /// `/{provider}` is appended: what is registered at the providers.
    pub redirect_url: String,
    /// Name of the SSR session cookie.
    pub session_cookie: String,
    /// How many accounts of one provider a user may connect.
    pub accounts_per_provider: u32,
    /// Milliseconds for one database step.
    pub database_timeout_ms: u32,
    /// Milliseconds for the token exchange.
    pub exchange_timeout_ms: u32,
    /// The project's secret keys, the one to use first.
    #[cfg(feature = "sync")]
    pub secret_keys: Vec<SecretKey>,
    providers: Vec<ProviderConfig>,
}

/// A provider this deployment offers.
#[derive(Debug)]
pub struct ProviderConfig {
    /// Which one.
    pub provider: Provider,
    /// The OAuth client's id.
    pub client_id: String,
    /// The OAuth client's secret.
    pub client_secret: ClientSecret,
    /// Where consent is asked.
    pub authorization_endpoint: String,
    /// Where codes become tokens.
    pub token_endpoint: String,
    /// Which `iss` the authorization response may carry.
    pub issuer: Issuer,
    /// Base of the calendar API's addresses, without a trailing slash.
    #[cfg(feature = "sync")]
    pub api_url: String,
    /// Where a grant is revoked, for a provider that offers it.
    #[cfg(feature = "sync")]
    pub revocation_endpoint: Option<String>,
}

impl Config {
    /// Reads the environment through `variable`; an empty value counts as absent.
    ///
    /// # Errors
    /// Every [`ConfigError`] found, not only the first.
    pub fn from_env(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<ConfigError>> {
        read::config(&variable)
    }

    /// The origins whose pages may read an answer, also where other variables are missing or malformed: a page that cannot
    /// read `misconfigured` shows its user a network error. An entry that is no origin is left out.
    pub fn origins(variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
        read::origins(&variable)
    }

    /// The providers this deployment offers, in the payload's order.
    pub fn providers(&self) -> impl Iterator<Item = Provider> + '_ {
        self.providers.iter().map(|offered| offered.provider)
    }

    /// What a provider needs, if this deployment offers it.
    pub fn provider(&self, provider: Provider) -> Option<&ProviderConfig> {
        self.providers
            .iter()
            .find(|offered| offered.provider == provider)
    }

    /// The redirect URI registered at `provider`.
    pub fn redirect_uri(&self, provider: Provider) -> String {
        format!("{}/{}", self.redirect_url, provider.as_str())
    }
}

#[cfg(test)]
pub(crate) mod tests;
