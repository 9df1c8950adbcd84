//! The calendar providers. Each is one file that implements `Definition`; the rest of the crate asks [`Provider`].
//!
//! To add one, write its file, declare it with `mod`, and name it in the list below: a provider that is not in the list
//! does not exist anywhere, and one that lacks a part does not compile.

mod account;
mod errors;
mod google;
mod microsoft;
mod scopes;
mod tenant;

use serde::{Serialize, Serializer};
use url::form_urlencoded;

pub use self::account::Account;
pub(crate) use self::account::Claims;
pub(crate) use self::errors::aadsts_number;
use self::errors::{DetailRule, ErrorRule};
pub use self::errors::{Endpoint, Meaning, Party, Refusal, Refused};
pub use self::scopes::{SCOPE_BYTES_LIMIT, SCOPE_COUNT_LIMIT};
pub use self::tenant::Tenant;
use crate::secret::ClientSecret;

/// What a provider's file defines.
trait Definition {
    /// What both functions need.
    const PROFILE: Profile;

    /// What asking for consent needs.
    const CONSENT: Consent;

    /// What reading calendars needs.
    const API: Api;

    /// Texts for documents and tools; they are not in the Wasm.
    #[cfg(not(target_arch = "wasm32"))]
    const TEXTS: Texts;

    /// Whether a granted scope, as this provider writes it, is the one that lets the calendar be read.
    fn is_calendar_scope(scope: &str) -> bool;

    /// The account that an id_token names.
    fn account(claims: Claims) -> Account;

    /// Adds the client's credentials to a token request. The default sends them in the body
    /// ([RFC 6749 section 2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)).
    fn authenticate(
        body: &mut form_urlencoded::Serializer<'_, String>,
        client_id: &str,
        client_secret: &ClientSecret,
    ) {
        body.append_pair("client_id", client_id)
            .append_pair("client_secret", client_secret.expose());
    }
}

/// What both functions need of a provider. In URLs, `{tenant}` stands for the tenant that the deployment is configured for.
pub struct Profile {
    /// The name in routes, rows and JSON.
    pub name: &'static str,
    /// Prefix of the provider's variables.
    pub env_prefix: &'static str,
    /// The variable that holds the tenant, for a provider that has tenants.
    pub tenant_variable: Option<&'static str>,
    /// Where codes and refresh tokens are exchanged for access tokens.
    pub token_endpoint: &'static str,
    /// The `scope` of the authorization request: one calendar scope, and the sign-in scopes that name the account.
    pub requested_scope: &'static str,
    /// Values of `error` that only this provider sends, or means in its own way.
    errors: &'static [ErrorRule],
    /// What makes an error's meaning finer: `suberror`, `error_subtype` and error numbers.
    details: &'static [DetailRule],
}

/// What asking for consent needs of a provider.
pub struct Consent {
    /// Where consent is asked.
    pub authorization_endpoint: &'static str,
    /// The `iss` of the authorization response ([RFC 9207](https://www.rfc-editor.org/rfc/rfc9207)).
    pub issuer: &'static str,
    /// Another `iss` that an id_token may have in place of [`Consent::issuer`].
    pub short_issuer: Option<&'static str>,
    /// Query parameters of the authorization request that only this provider takes.
    pub authorization_extras: &'static [(&'static str, &'static str)],
    /// The same for a reconnect, where a `login_hint` names the account so that nobody has to choose one.
    pub reconnect_extras: &'static [(&'static str, &'static str)],
    /// `calendar_id` of a new connection.
    pub default_calendar: &'static str,
    /// The page on which a person can withdraw consent.
    pub manage_url: &'static str,
    /// Such a page for accounts of one class, where it is another one: the account class and the page.
    pub manage_url_of_class: &'static [(&'static str, &'static str)],
}

/// What reading calendars needs of a provider.
pub struct Api {
    /// The base of the calendar API's addresses, without a trailing slash.
    pub url: &'static str,
    /// Where a grant is revoked, for a provider that offers it.
    pub revocation_endpoint: Option<&'static str>,
}

/// What documents and tools say about a provider.
#[cfg(not(target_arch = "wasm32"))]
pub struct Texts {
    /// The name people know.
    pub title: &'static str,
    /// The company behind it.
    pub company: &'static str,
    /// Where the OAuth client is set up.
    pub console: &'static str,
    /// What the client id is called there.
    pub client_id: &'static str,
    /// What the client secret is called there.
    pub client_secret: &'static str,
    /// Where the redirect URI is registered there.
    pub redirect_uri: &'static str,
    /// The classes of account that `account` tells apart, and what each means.
    pub account_classes: &'static [(&'static str, &'static str)],
}

macro_rules! providers {
    ($($(#[$doc:meta])* $variant:ident = $definition:ty;)*) => {
        /// A calendar provider.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Provider {
            $($(#[$doc])* $variant,)*
        }

        impl Provider {
            /// Every provider, in the order in which the status payload names them.
            pub const ALL: &'static [Provider] = &[$(Self::$variant,)*];

            /// What both functions need of the provider.
            pub const fn profile(self) -> &'static Profile {
                match self {
                    $(Self::$variant => const { &<$definition>::PROFILE },)*
                }
            }

            /// What asking for consent needs of the provider.
            pub const fn consent(self) -> &'static Consent {
                match self {
                    $(Self::$variant => const { &<$definition>::CONSENT },)*
                }
            }

            /// What reading calendars needs of the provider.
            pub const fn api(self) -> &'static Api {
                match self {
                    $(Self::$variant => const { &<$definition>::API },)*
                }
            }

            /// What documents and tools say about the provider.
            #[cfg(not(target_arch = "wasm32"))]
            pub const fn texts(self) -> &'static Texts {
                match self {
                    $(Self::$variant => const { &<$definition>::TEXTS },)*
                }
            }

            fn is_calendar_scope(self, scope: &str) -> bool {
                match self {
                    $(Self::$variant => <$definition>::is_calendar_scope(scope),)*
                }
            }

            fn name_account(self, claims: Claims) -> Account {
                match self {
                    $(Self::$variant => <$definition>::account(claims),)*
                }
            }

            /// Adds the client's credentials to the body of a token request.
            pub(crate) fn authenticate(
                self,
                body: &mut form_urlencoded::Serializer<'_, String>,
                client_id: &str,
                client_secret: &ClientSecret,
            ) {
                match self {
                    $(Self::$variant => {
                        <$definition>::authenticate(body, client_id, client_secret);
                    })*
                }
            }
        }
    };
}

providers! {
    /// Google Calendar.
    Google = google::Google;
    /// Microsoft Outlook, for work, school and personal accounts.
    Outlook = microsoft::Microsoft;
}

impl Provider {
    /// The name in routes, rows and JSON.
    pub const fn as_str(self) -> &'static str {
        self.profile().name
    }

    /// The provider of exactly that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|provider| provider.as_str() == name)
    }

    /// The names of all providers, as a sentence lists them.
    pub(crate) fn names() -> String {
        let names: Vec<&str> = Self::ALL.iter().map(|each| each.as_str()).collect();
        names.join(" or ")
    }

    /// The page on which a person with an account of this class can withdraw consent.
    pub fn manage_url(self, account_class: Option<&str>) -> &'static str {
        let consent = self.consent();
        consent
            .manage_url_of_class
            .iter()
            .find(|(class, _)| Some(*class) == account_class)
            .map_or(consent.manage_url, |(_, url)| url)
    }
}

impl Serialize for Provider {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests;
