//! What a provider's error means, and who has to act.
//!
//! An `error` of OAuth decides; `suberror` (Microsoft), `error_subtype` (Google) and error numbers only make its meaning
//! finer, and only in the directions that [`Meaning::may_become`] allows: Microsoft says that "apps that take a dependency
//! on text or error code numbers will be broken over time". A number that changes its meaning can therefore neither end
//! somebody's connection nor put the blame on the operator.

use super::Provider;
use crate::cause::Cause;

/// Who has to act before the request can succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The person whose account it is.
    User,
    /// The administrator of that person's organisation.
    Administrator,
    /// Who runs the app.
    Operator,
    /// Nobody: it passes by itself.
    Nobody,
}

/// What a provider's error means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The code or refresh token is void: it expired, was revoked or was used up.
    GrantEnded,
    /// The account has to be signed in again, for instance because its organisation asks for a second factor.
    SignInAgain,
    /// The person did not consent, or withdrew it.
    ConsentMissing,
    /// The account is disabled or deleted.
    AccountUnusable,
    /// The administrator of the account's organisation does not allow the app.
    AdministratorRefuses,
    /// This organisation, or this kind of account, is not one that the app's registration serves. During a connect it is
    /// most likely the registration that is wrong. For a connection that worked before, it is the organisation that changed.
    TenantRefuses,
    /// The provider does not accept the app's OAuth client.
    ClientRefused,
    /// The provider is in trouble.
    Unavailable,
    /// The error has no meaning that is known here.
    Unknown,
}

impl Meaning {
    /// Who has to act, for a connection that worked before.
    pub const fn party(self) -> Party {
        match self {
            Self::GrantEnded | Self::SignInAgain | Self::ConsentMissing | Self::AccountUnusable => {
                Party::User
            }
            Self::AdministratorRefuses | Self::TenantRefuses => Party::Administrator,
            Self::ClientRefused => Party::Operator,
            Self::Unavailable | Self::Unknown => Party::Nobody,
        }
    }

    /// Whether a detail may turn this meaning into `finer`: into another one of the same party, or into a softer one.
    /// A detail cannot make an unknown error known, and [`Meaning::TenantRefuses`] only ever softens a refused client.
    fn may_become(self, finer: Self) -> bool {
        match (self, finer) {
            (Self::Unknown, _) | (_, Self::Unknown) => false,
            (from, Self::TenantRefuses) => from == Self::ClientRefused,
            (from, to) if from.party() == to.party() => true,
            (from, to) => {
                from.party() == Party::User
                    && matches!(to.party(), Party::Administrator | Party::Nobody)
            }
        }
    }
}

/// Which endpoint sent an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The consent page, through the browser's redirect.
    Authorization,
    /// The token endpoint.
    Token,
}

/// An error response: what the provider said, before it is judged.
#[derive(Clone, Copy, Debug, Default)]
pub struct Refused<'a> {
    /// `error` ([RFC 6749 section 5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)).
    pub error: &'a str,
    /// Microsoft's `suberror`, Google's `error_subtype`.
    pub suberror: Option<&'a str>,
    /// Microsoft's `AADSTS` number.
    pub number: Option<u32>,
}

/// What an error response means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its meaning.
    pub meaning: Meaning,
    /// The word for the operator's log, of a closed set whatever the provider sent: the error, or its finest known detail.
    pub cause: Cause,
}

/// The meaning of a value of `error`.
pub(super) struct ErrorRule {
    pub(super) error: &'static str,
    pub(super) authorization_cause: Cause,
    pub(super) token_cause: Cause,
    pub(super) meaning: Meaning,
}

/// The meaning of a detail of an error.
pub(super) struct DetailRule {
    pub(super) detail: Detail<'static>,
    pub(super) meaning: Meaning,
    pub(super) cause: Cause,
}

/// What makes an error's meaning finer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail<'a> {
    /// A value of `suberror` or `error_subtype`.
    Suberror(&'a str),
    /// An `AADSTS` number.
    Number(u32),
}

/// A table of errors: `"error" => Meaning`.
macro_rules! error_rules {
    ($($error:literal => $meaning:ident,)*) => {
        &[$($crate::providers::errors::ErrorRule {
            error: $error,
            authorization_cause: $crate::cause::Cause::of_provider(concat!("authorization_", $error)),
            token_cause: $crate::cause::Cause::of_provider($error),
            meaning: $crate::providers::errors::Meaning::$meaning,
        },)*]
    };
}

/// A table of details: `suberror "text" => Meaning` and `aadsts 50034 => Meaning`.
macro_rules! detail_rules {
    (@one suberror $text:literal $meaning:ident) => {
        $crate::providers::errors::DetailRule {
            detail: $crate::providers::errors::Detail::Suberror($text),
            meaning: $crate::providers::errors::Meaning::$meaning,
            cause: $crate::cause::Cause::of_provider($text),
        }
    };
    (@one aadsts $number:literal $meaning:ident) => {
        $crate::providers::errors::DetailRule {
            detail: $crate::providers::errors::Detail::Number($number),
            meaning: $crate::providers::errors::Meaning::$meaning,
            cause: $crate::cause::Cause::of_provider(concat!("aadsts_", $number)),
        }
    };
    ($($kind:ident $detail:literal => $meaning:ident,)*) => {
        &[$($crate::providers::errors::detail_rules!(@one $kind $detail $meaning),)*]
    };
}

pub(super) use {detail_rules, error_rules};

/// The errors of [RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1) and
/// [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2), and of OpenID Connect Core section 3.1.2.6.
const COMMON: &[ErrorRule] = error_rules! {
    "access_denied" => ConsentMissing,
    "consent_required" => ConsentMissing,
    "interaction_required" => SignInAgain,
    "login_required" => SignInAgain,
    "account_selection_required" => SignInAgain,
    "invalid_grant" => GrantEnded,
    "invalid_client" => ClientRefused,
    "unauthorized_client" => ClientRefused,
    "invalid_request" => ClientRefused,
    "invalid_scope" => ClientRefused,
    "unsupported_grant_type" => ClientRefused,
    "unsupported_response_type" => ClientRefused,
    "server_error" => Unavailable,
    "temporarily_unavailable" => Unavailable,
};

const UNKNOWN: ErrorRule = ErrorRule {
    error: "unknown_error",
    authorization_cause: Cause::of_provider("authorization_unknown_error"),
    token_cause: Cause::of_provider("unknown_error"),
    meaning: Meaning::Unknown,
};

/// The words that the relay to the app makes of an error, and what they mean when the app posts them.
const RELAYED: &[ErrorRule] = error_rules! {
    "access_denied" => ConsentMissing,
    "sign_in_again" => SignInAgain,
    "account_unusable" => AccountUnusable,
    "admin_blocked" => AdministratorRefuses,
    "misconfigured" => ClientRefused,
    "provider_unavailable" => Unavailable,
    "provider_rejected" => Unknown,
};

impl Refusal {
    /// The word that hands this refusal to the app.
    pub(crate) fn relay_word(self) -> &'static str {
        let meaning = match self.meaning {
            Meaning::TenantRefuses => Meaning::ClientRefused,
            Meaning::GrantEnded => Meaning::Unknown,
            meaning => meaning,
        };
        RELAYED
            .iter()
            .find(|rule| rule.meaning == meaning)
            .map_or("provider_rejected", |rule| rule.error)
    }

    /// What was handed to the app by that word.
    pub(crate) fn relayed(word: &str) -> Option<Self> {
        let rule = RELAYED.iter().find(|rule| rule.error == word)?;
        Some(Self {
            meaning: rule.meaning,
            cause: rule.authorization_cause,
        })
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Meaning {
    const fn sentence(self) -> &'static str {
        match self {
            Self::GrantEnded => "the code or refresh token is void",
            Self::SignInAgain => "the account has to be signed in again",
            Self::ConsentMissing => "consent was not given, or was withdrawn",
            Self::AccountUnusable => "the account is disabled or deleted",
            Self::AdministratorRefuses => {
                "the administrator of the account's organisation does not allow the app"
            }
            Self::TenantRefuses => {
                "the app's registration does not serve this organisation or kind of account"
            }
            Self::ClientRefused => "the app's OAuth client is not accepted",
            Self::Unavailable => "the provider is in trouble",
            Self::Unknown => "an error without a known meaning",
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Provider {
    /// Every word of this provider's tables, with its meaning, for the contract.
    pub(crate) fn causes(self) -> Vec<(Cause, String)> {
        let profile = self.profile();
        let told = |by: &str, meaning: Meaning| format!("{by}: {}.", meaning.sentence());
        let rules = || profile.errors.iter().chain(COMMON).chain([&UNKNOWN]);
        let token =
            rules().map(|rule| (rule.token_cause, told("The token endpoint", rule.meaning)));
        let authorization = rules().chain(RELAYED).map(|rule| {
            (
                rule.authorization_cause,
                told("The consent page", rule.meaning),
            )
        });
        let details = profile
            .details
            .iter()
            .map(|rule| (rule.cause, told(self.texts().company, rule.meaning)));
        token.chain(authorization).chain(details).collect()
    }
}

/// The number of `AADSTS65004: User declined to consent…` and its like.
pub(crate) fn aadsts_number(description: &str) -> Option<u32> {
    let (_, rest) = description.split_once("AADSTS")?;
    let end = rest.bytes().position(|byte| !byte.is_ascii_digit());
    rest.get(..end.unwrap_or(rest.len()))?.parse().ok()
}

impl Provider {
    /// What an error response of this provider means.
    pub fn judge_refusal(self, endpoint: Endpoint, refused: &Refused<'_>) -> Refusal {
        let profile = self.profile();
        let mut rules = profile.errors.iter().chain(COMMON);
        let rule = rules
            .find(|rule| rule.error == refused.error)
            .unwrap_or(&UNKNOWN);
        let mut judged = Refusal {
            meaning: rule.meaning,
            cause: match endpoint {
                Endpoint::Authorization => rule.authorization_cause,
                Endpoint::Token => rule.token_cause,
            },
        };
        let details = [
            refused.suberror.map(Detail::Suberror),
            refused.number.map(Detail::Number),
        ];
        for detail in details.into_iter().flatten() {
            let finer = profile.details.iter().find(|rule| rule.detail == detail);
            if let Some(rule) = finer.filter(|rule| judged.meaning.may_become(rule.meaning)) {
                judged = Refusal {
                    meaning: rule.meaning,
                    cause: rule.cause,
                };
            }
        }
        judged
    }
}

#[cfg(test)]
pub(super) mod tests;
