//! Reads and checks each variable; all faults are collected, so that an operator mends them in one go.

use std::ops::RangeInclusive;

use url::{Host, Url};

use super::{Config, ConfigError, DATABASE_TIMEOUT_MS, ProviderConfig};
use crate::json;
use crate::oauth::callback::Issuer;
use crate::oauth::token::EXCHANGE_TIMEOUT_MS;
use crate::providers::{Provider, Tenant};
use crate::secret::ClientSecret;
use crate::vault::Keyring;

pub(super) fn config(
    variable: &impl Fn(&str) -> Option<String>,
) -> Result<Config, Vec<ConfigError>> {
    let mut reader = Reader {
        variable,
        errors: Vec::new(),
    };
    match reader.config() {
        Some(config) if reader.errors.is_empty() => Ok(config),
        _ => Err(reader.errors),
    }
}

pub(super) fn origins(variable: &impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut reader = Reader {
        variable,
        errors: Vec::new(),
    };
    match reader.optional("CALENDAR_ALLOWED_ORIGINS") {
        Some(list) => listed_origins(&list).flatten().collect(),
        None => reader
            .settings_url()
            .map(|url| of_page(&url))
            .into_iter()
            .collect(),
    }
}

/// The entries of a comma-separated list; None in place of one that is no secure origin.
fn listed_origins(list: &str) -> impl Iterator<Item = Option<String>> + '_ {
    let origin = |text: &str| {
        let origin = of_page(&Url::parse(text).ok().filter(is_secure)?);
        (origin == text.trim_end_matches('/')).then_some(origin)
    };
    list.split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(origin)
}

fn of_page(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// The database allows no more, whatever the configuration says.
const MOST_ACCOUNTS: u32 = 10;

const HTTPS_URL: &str = "an https URL without credentials, fragment or * (http only for localhost and host.docker.internal)";

struct Reader<'a, F> {
    variable: &'a F,
    errors: Vec<ConfigError>,
}

impl<F: Fn(&str) -> Option<String>> Reader<'_, F> {
    fn optional(&self, name: &str) -> Option<String> {
        let value = (self.variable)(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    fn required(&mut self, name: &str, expected: &'static str) -> Option<String> {
        let value = self.optional(name);
        if value.is_none() {
            self.reject(name, expected);
        }
        value
    }

    fn reject(&mut self, name: &str, expected: &'static str) {
        self.errors.push(ConfigError {
            variable: name.to_owned(),
            expected,
        });
    }

    fn config(&mut self) -> Option<Config> {
        let supabase = self.supabase_url();
        let publishable_key = self.publishable_key();
        let keyring = self.keyring();
        let settings_url = self.settings_url();
        let allowed_origins = self.allowed_origins(settings_url.as_ref());
        let redirect_url = self.redirect_url(supabase.as_ref());
        let session_cookie = self.session_cookie(supabase.as_ref());
        let accounts_per_provider = self.number(
            "CALENDAR_ACCOUNTS_PER_PROVIDER",
            MOST_ACCOUNTS,
            1..=MOST_ACCOUNTS,
            "a number of accounts from 1 to 10",
        );
        let database_timeout_ms =
            self.milliseconds("CALENDAR_DATABASE_TIMEOUT_MS", DATABASE_TIMEOUT_MS);
        let exchange_timeout_ms =
            self.milliseconds("CALENDAR_EXCHANGE_TIMEOUT_MS", EXCHANGE_TIMEOUT_MS);
        let providers = Provider::ALL
            .iter()
            .copied()
            .filter_map(|p| self.provider(p))
            .collect();
        Some(Config {
            supabase_url: supabase?.as_str().trim_end_matches('/').to_owned(),
            publishable_key: publishable_key?,
            keyring: keyring?,
            settings_url: settings_url?.into(),
            allowed_origins: allowed_origins?,
            redirect_url: redirect_url?,
            session_cookie: session_cookie?,
            accounts_per_provider: accounts_per_provider?,
            database_timeout_ms: database_timeout_ms?,
            exchange_timeout_ms: exchange_timeout_ms?,
            #[cfg(feature = "sync")]
            secret_keys: super::secret_keys::read(self.variable),
            providers,
        })
    }

    fn supabase_url(&mut self) -> Option<Url> {
        const EXPECTED: &str = "the project's URL, as the platform sets it";
        let text = self.required("SUPABASE_URL", EXPECTED)?;
        let url = Url::parse(&text).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https") && has_no_extras(url) && url.query().is_none()
        });
        if url.is_none() {
            self.reject("SUPABASE_URL", EXPECTED);
        }
        url
    }

    fn publishable_key(&mut self) -> Option<String> {
        const EXPECTED: &str =
            "a JSON object with the publishable key as \"default\", as the platform sets it";
        let is_key = |key: &String| !key.is_empty() && key.bytes().all(|b| (33..=126).contains(&b));
        if let Some(map) = self.optional("SUPABASE_PUBLISHABLE_KEYS") {
            match json::object(&map).map(|mut keys| keys.plain_text("default")) {
                Some(Ok(Some(key))) if is_key(&key) => return Some(key),
                Some(Ok(None)) => {}
                _ => {
                    self.reject("SUPABASE_PUBLISHABLE_KEYS", EXPECTED);
                    return None;
                }
            }
        }
        const ANON: &str =
            "the project's anon key, where SUPABASE_PUBLISHABLE_KEYS has no \"default\"";
        let key = self.required("SUPABASE_ANON_KEY", ANON)?;
        if !is_key(&key) {
            self.reject("SUPABASE_ANON_KEY", ANON);
            return None;
        }
        Some(key)
    }

    fn keyring(&mut self) -> Option<Keyring> {
        const CURRENT: &str = "base64 of exactly 32 bytes; make one with: openssl rand -base64 32";
        const RETIRED: &str = "a comma-separated list of keys that are each base64 of 32 bytes";
        let retired = self
            .optional("CALENDAR_RETIRED_ENCRYPTION_KEYS")
            .unwrap_or_default();
        let retired: Vec<&str> = retired
            .split(',')
            .map(str::trim)
            .filter(|k| !k.is_empty())
            .collect();
        let current = self.required("CALENDAR_ENCRYPTION_KEY", CURRENT)?;
        if Keyring::parse(&current, []).is_err() {
            self.reject("CALENDAR_ENCRYPTION_KEY", CURRENT);
            return None;
        }
        let keyring = Keyring::parse(&current, retired).ok();
        if keyring.is_none() {
            self.reject("CALENDAR_RETIRED_ENCRYPTION_KEYS", RETIRED);
        }
        keyring
    }

    fn settings_url(&mut self) -> Option<Url> {
        self.required("CALENDAR_SETTINGS_URL", HTTPS_URL)?;
        self.secure_url("CALENDAR_SETTINGS_URL")
    }

    fn allowed_origins(&mut self, settings_url: Option<&Url>) -> Option<Vec<String>> {
        const EXPECTED: &str = "a comma-separated list of origins such as https://app.example, \
            https except for localhost and host.docker.internal; no path, no *";
        let Some(list) = self.optional("CALENDAR_ALLOWED_ORIGINS") else {
            return Some(vec![of_page(settings_url?)]);
        };
        let origins: Option<Vec<String>> = listed_origins(&list).collect();
        if origins.is_none() {
            self.reject("CALENDAR_ALLOWED_ORIGINS", EXPECTED);
        }
        origins
    }

    fn redirect_url(&mut self, supabase: Option<&Url>) -> Option<String> {
        const EXPECTED: &str = "set, because SUPABASE_URL is not an address that browsers reach: \
            the public https URL of this function's /callback";
        if self.optional("CALENDAR_REDIRECT_URL").is_some() {
            let url = self.secure_url("CALENDAR_REDIRECT_URL")?;
            if url.query().is_some() {
                self.reject("CALENDAR_REDIRECT_URL", "an https URL without a query");
                return None;
            }
            return Some(url.as_str().trim_end_matches('/').to_owned());
        }
        let supabase = supabase?;
        if !is_secure(supabase) {
            self.reject("CALENDAR_REDIRECT_URL", EXPECTED);
            return None;
        }
        let base = supabase.as_str().trim_end_matches('/');
        Some(format!("{base}/functions/v1/calendar/callback"))
    }

    fn session_cookie(&mut self, supabase: Option<&Url>) -> Option<String> {
        const UNKNOWN: &str = "set, because SUPABASE_URL is not the address the app uses: the name \
            of the app's session cookie, such as sb-<project ref>-auth-token";
        const EXPECTED: &str = "a cookie name of letters, digits, dots, hyphens and underscores";
        if let Some(name) = self.optional("CALENDAR_SESSION_COOKIE") {
            let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
            if !name.bytes().all(fits) {
                self.reject("CALENDAR_SESSION_COOKIE", EXPECTED);
                return None;
            }
            return Some(name);
        }
        let supabase = supabase?;
        if !is_secure(supabase) {
            self.reject("CALENDAR_SESSION_COOKIE", UNKNOWN);
            return None;
        }
        let label = supabase
            .host_str()
            .and_then(|host| host.split('.').next())
            .unwrap_or_default();
        Some(format!("sb-{label}-auth-token"))
    }

    fn milliseconds(&mut self, name: &str, default: u32) -> Option<u32> {
        const EXPECTED: &str = "a number of milliseconds from 1 to 60000";
        self.number(name, default, 1..=60_000, EXPECTED)
    }

    fn number(
        &mut self,
        name: &str,
        default: u32,
        allowed: RangeInclusive<u32>,
        expected: &'static str,
    ) -> Option<u32> {
        let Some(text) = self.optional(name) else {
            return Some(default);
        };
        let value = text.parse().ok().filter(|value| allowed.contains(value));
        if value.is_none() {
            self.reject(name, expected);
        }
        value
    }

    fn provider(&mut self, provider: Provider) -> Option<ProviderConfig> {
        let profile = provider.profile();
        let named = |part: &str| provider.variable(part);
        let id = self.optional(&named("CLIENT_ID"));
        let secret = self.optional(&named("CLIENT_SECRET"));
        let (client_id, client_secret) = match (id, secret) {
            (None, None) => return None,
            (Some(id), Some(secret)) => (id, ClientSecret::new(secret)),
            (Some(_), None) => {
                self.reject(
                    &named("CLIENT_SECRET"),
                    "set, because the provider's CLIENT_ID is",
                );
                return None;
            }
            (None, Some(_)) => {
                self.reject(
                    &named("CLIENT_ID"),
                    "set, because the provider's CLIENT_SECRET is",
                );
                return None;
            }
        };
        let tenant = self.tenant(profile.tenant_variable)?;
        let authorization_endpoint = self.endpoint(
            &named("AUTHORIZATION_ENDPOINT"),
            provider.consent().authorization_endpoint,
            &tenant,
        );
        let token_endpoint =
            self.endpoint(&named("TOKEN_ENDPOINT"), profile.token_endpoint, &tenant);
        let issuer = match self.optional(&named("ISSUER")) {
            // Compared as a string, so kept as it was given.
            Some(issuer) => {
                self.secure_url(&named("ISSUER"))?;
                Issuer::of_tenant(&issuer, &tenant)
            }
            None => Issuer::of_tenant(provider.consent().issuer, &tenant),
        };
        #[cfg(feature = "sync")]
        let api_url = self.endpoint(&named("API_URL"), provider.api().url, &tenant);
        #[cfg(feature = "sync")]
        let revocation_endpoint = match provider.api().revocation_endpoint {
            Some(template) => {
                Some(self.endpoint(&named("REVOCATION_ENDPOINT"), template, &tenant)?)
            }
            None => None,
        };
        Some(ProviderConfig {
            provider,
            client_id,
            client_secret,
            authorization_endpoint: authorization_endpoint?,
            token_endpoint: token_endpoint?,
            issuer,
            #[cfg(feature = "sync")]
            api_url: api_url?.trim_end_matches('/').to_owned(),
            #[cfg(feature = "sync")]
            revocation_endpoint,
        })
    }

    fn tenant(&mut self, variable: Option<&'static str>) -> Option<Tenant> {
        let given = variable.and_then(|name| Some((name, self.optional(name)?)));
        let Some((name, text)) = given else {
            return Some(Tenant::default());
        };
        let tenant = Tenant::parse(&text);
        if tenant.is_none() {
            self.reject(
                name,
                "common, organizations, consumers, or the directory's id or domain",
            );
        }
        tenant
    }

    fn endpoint(&mut self, name: &str, template: &str, tenant: &Tenant) -> Option<String> {
        match self.optional(name) {
            Some(_) => self.secure_url(name).map(String::from),
            None => Some(tenant.fill(template)),
        }
    }

    fn secure_url(&mut self, name: &str) -> Option<Url> {
        let url = self
            .optional(name)
            .and_then(|text| Url::parse(&text).ok())
            .filter(is_secure);
        if url.is_none() {
            self.reject(name, HTTPS_URL);
        }
        url
    }
}

/// Nothing beside host, path and query, and a host that is one: the URL standard lets a `*` stand in it.
fn has_no_extras(url: &Url) -> bool {
    url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
        && url.host_str().is_some_and(|host| !host.contains('*'))
}

/// https, or http where no network is crossed: loopback hosts and Docker's name for its host.
fn is_secure(url: &Url) -> bool {
    let is_local = match url.host() {
        Some(Host::Domain(name)) => {
            name == "localhost" || name.ends_with(".localhost") || name == "host.docker.internal"
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    has_no_extras(url) && (url.scheme() == "https" || (url.scheme() == "http" && is_local))
}
