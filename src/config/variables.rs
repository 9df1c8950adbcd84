//! Every variable that the function reads: its name, and for the contract what it is.

use crate::providers::Provider;

/// Every variable that the function reads, and all that its shim passes on.
pub fn environment() -> Vec<String> {
    let shared = SHARED.iter().map(|name| (*name).to_owned());
    let of_providers = Provider::ALL.iter().flat_map(|provider| {
        let own = OF_EACH_PROVIDER.iter().map(|part| provider.variable(part));
        let tenant = provider.profile().tenant_variable.map(str::to_owned);
        own.chain(tenant).chain(of_the_worker(*provider))
    });
    let names = shared.chain(of_providers);
    #[cfg(feature = "sync")]
    let names =
        names.chain(["SUPABASE_SECRET_KEYS", "SUPABASE_SERVICE_ROLE_KEY"].map(str::to_owned));
    names.collect()
}

/// The provider's variables that only the worker reads.
#[cfg(feature = "sync")]
fn of_the_worker(provider: Provider) -> impl Iterator<Item = String> {
    let revokes = provider.api().revocation_endpoint.is_some();
    let revocation = revokes.then(|| provider.variable("REVOCATION_ENDPOINT"));
    revocation.into_iter().chain([provider.variable("API_URL")])
}

#[cfg(not(feature = "sync"))]
fn of_the_worker(_: Provider) -> impl Iterator<Item = String> {
    std::iter::empty()
}

impl Provider {
    /// The name of the provider's variable that ends in `part`.
    pub(crate) fn variable(self, part: &str) -> String {
        format!("{}_{part}", self.profile().env_prefix)
    }
}

/// Who gives a variable its value.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// The operator has to.
    Required,
    /// The operator has to, for this provider to be offered.
    ForProvider,
    /// The operator may; this is what holds otherwise.
    Default(&'static str),
    /// The platform sets it.
    Platform,
}

/// What a variable is. `{company}`, `{client_id}` and `{client_secret}` stand for its provider's texts.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) struct Details {
    pub(crate) name: &'static str,
    pub(crate) given: Given,
    pub(crate) secret: bool,
    pub(crate) meaning: &'static str,
}

macro_rules! variables {
    ($names:ident, $details:ident: $($name:literal, $given:expr, $secret:literal, $meaning:literal;)*) => {
        const $names: &[&str] = &[$($name,)*];

        #[cfg(not(target_arch = "wasm32"))]
        pub(crate) const $details: &[Details] = &[$(Details {
            name: $name,
            given: $given,
            secret: $secret,
            meaning: $meaning,
        },)*];
    };
}

variables! {
    SHARED, SHARED_DETAILS:
    "CALENDAR_ENCRYPTION_KEY", Given::Required, true,
        "Seals the tokens: base64 of 32 random bytes.";
    "CALENDAR_SETTINGS_URL", Given::Required, false,
        "The page where the browser lands afterwards. It must answer 200 without a redirect, signed out too.";
    "CALENDAR_ALLOWED_ORIGINS", Given::Default("the origin of the settings URL"), false,
        "Comma-separated origins whose pages may call the function.";
    "CALENDAR_REDIRECT_URL", Given::Default("`${SUPABASE_URL}/functions/v1/calendar/callback`"), false,
        "The public URL of the callback, without the provider's name. Set it when the app proxies the function.";
    "CALENDAR_RETIRED_ENCRYPTION_KEYS", Given::Default("none"), true,
        "Comma-separated former keys. They open what they sealed, and seal nothing new.";
    "CALENDAR_SESSION_COOKIE", Given::Default("`sb-<ref>-auth-token`"), false,
        "The name of the app's session cookie, where it is another one.";
    "CALENDAR_ACCOUNTS_PER_PROVIDER", Given::Default("`10`"), false,
        "How many accounts of one provider a user may connect, from 1 to 10.";
    "SUPABASE_URL", Given::Platform, false,
        "The project's URL.";
    "SUPABASE_PUBLISHABLE_KEYS", Given::Platform, false,
        "A JSON object of publishable keys; its `default` is used.";
    "SUPABASE_ANON_KEY", Given::Platform, false,
        "Used where there is no publishable key.";
    "CALENDAR_DATABASE_TIMEOUT_MS", Given::Default("`3000`"), false,
        "For tests: how many milliseconds one database step may take.";
    "CALENDAR_EXCHANGE_TIMEOUT_MS", Given::Default("`5000`"), false,
        "For tests: how many milliseconds the token exchange may take.";
}

variables! {
    OF_EACH_PROVIDER, PROVIDER_DETAILS:
    "CLIENT_ID", Given::ForProvider, false,
        "{client_id}";
    "CLIENT_SECRET", Given::ForProvider, true,
        "{client_secret}";
    "AUTHORIZATION_ENDPOINT", Given::Default("{company}'s"), false,
        "Where consent is asked. For emulators and private clouds.";
    "TOKEN_ENDPOINT", Given::Default("{company}'s"), false,
        "Where tokens are issued. For emulators and private clouds.";
    "ISSUER", Given::Default("{company}'s"), false,
        "The issuer of authorization responses. For emulators and private clouds.";
}

#[cfg(not(target_arch = "wasm32"))]
pub(crate) const TENANT: Details = Details {
    name: "TENANT_ID",
    given: Given::Default("`common`"),
    secret: false,
    meaning: "`common`, `organizations`, `consumers`, or the directory's id or domain.",
};
