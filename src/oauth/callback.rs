//! The authorization response ([RFC 6749 §4.1.2](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2),
//! [RFC 9207](https://www.rfc-editor.org/rfc/rfc9207)): parsed first, believed only once the state was ours.

use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::error::messages;
use crate::json::{self, WrongType};
use crate::providers::{Endpoint, Meaning, Provider, Refusal, Refused, Tenant, aadsts_number};
use crate::secret::{AuthorizationCode, State, is_printable, is_vschar};

/// Longest authorization code in bytes.
pub const CODE_LIMIT: usize = 4 * 1024;
/// Longest `iss` in bytes.
pub(crate) const ISSUER_LIMIT: usize = 512;
/// Longest `error` in bytes.
pub(crate) const ERROR_LIMIT: usize = 256;

/// Why an authorization response is not acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallbackError {
    /// `code`, `state`, `iss` or `error` came twice.
    Doubled,
    /// The body is no JSON object of the documented shape.
    NotAnObject,
    /// No `state`.
    StateMissing,
    /// Not a state of ours, whatever the database holds.
    StateMalformed,
    /// No such state: unknown, used, or another user's.
    StateUnknown,
    /// The state's ten minutes are over.
    StateExpired,
    /// The state was made for the other provider.
    OtherProvider,
    /// `iss` names another authorization server ([RFC 9207 §2.4](https://www.rfc-editor.org/rfc/rfc9207#section-2.4)).
    OtherIssuer,
    /// Neither `code` nor `error`, or both.
    CodeMissing,
    /// The code is too long or holds characters no code has.
    CodeMalformed,
    /// The error is too long or holds control characters.
    ErrorMalformed,
    /// The provider sent an error instead of a code.
    Refused(Refusal),
}

messages! { CallbackError:
    Self::Doubled => "a parameter came twice",
    Self::NotAnObject => "the body is not a JSON object of strings",
    Self::StateMissing => "state is missing",
    Self::StateMalformed => "state is malformed",
    Self::StateUnknown => "state is unknown",
    Self::StateExpired => "state has expired",
    Self::OtherProvider => "state was made for another provider",
    Self::OtherIssuer => "iss names another authorization server",
    Self::CodeMissing => "neither code nor error came, or both did",
    Self::CodeMalformed => "code is malformed",
    Self::ErrorMalformed => "error is malformed",
    Self::Refused(_) => "the provider sent an error in place of a code",
}

enum Outcome {
    Code(AuthorizationCode),
    Refused(AuthorizationError),
}

/// An error in place of a code. Its text is judged and goes no further.
struct AuthorizationError {
    error: String,
    number: Option<u32>,
}

impl AuthorizationError {
    /// What it means: by the provider's table, or by the word that our own relay made of it.
    fn judge(&self, provider: Provider) -> Refusal {
        let refused = Refused {
            error: &self.error,
            suberror: None,
            number: self.number,
        };
        let judged = provider.judge_refusal(Endpoint::Authorization, &refused);
        match judged.meaning {
            Meaning::Unknown => Refusal::relayed(&self.error).unwrap_or(judged),
            _ => judged,
        }
    }
}

/// A well-formed authorization response that nobody has checked yet: its code cannot be redeemed.
pub struct Callback {
    state: State,
    iss: Option<String>,
    outcome: Outcome,
}

/// An authorization code whose state, provider and issuer were checked; only this can be exchanged.
pub struct CheckedCallback {
    code: AuthorizationCode,
}

impl CheckedCallback {
    pub(crate) const fn code(&self) -> &AuthorizationCode {
        &self.code
    }

    /// A code whose response the caller of [`crate::api`] checked by other means.
    pub(crate) fn vouched_for(code: AuthorizationCode) -> Self {
        Self { code }
    }
}

#[derive(Default)]
struct Parameters {
    code: Option<Zeroizing<String>>,
    state: Option<Zeroizing<String>>,
    iss: Option<String>,
    error: Option<String>,
    number: Option<u32>,
}

impl Callback {
    /// Parses the query the provider's redirect carries. Unknown parameters are ignored, whatever they hold: Microsoft's
    /// `error_description` has line breaks in every refusal.
    ///
    /// # Errors
    /// [`CallbackError`] for a missing, doubled or malformed parameter.
    pub fn from_query(query: &str) -> Result<Self, CallbackError> {
        let mut found = Parameters::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let doubled = match name.as_ref() {
                "code" => found
                    .code
                    .replace(Zeroizing::new(value.into_owned()))
                    .is_some(),
                "state" => found
                    .state
                    .replace(Zeroizing::new(value.into_owned()))
                    .is_some(),
                "iss" => found.iss.replace(value.into_owned()).is_some(),
                "error" => found.error.replace(value.into_owned()).is_some(),
                "error_description" => {
                    found.number = aadsts_number(&value);
                    false
                }
                _ => false,
            };
            if doubled {
                return Err(CallbackError::Doubled);
            }
        }
        Self::new(found)
    }

    /// Parses `{"code","state","iss"?}` or `{"error","state"}`, as the app posts it.
    ///
    /// # Errors
    /// [`CallbackError`] for a missing, doubled or malformed member.
    pub fn from_json(body: &str) -> Result<Self, CallbackError> {
        let read = |mut body: json::Object<'_>| {
            Ok(Parameters {
                code: body.secret_text("code")?,
                state: body.secret_text("state")?,
                iss: body.plain_text("iss")?,
                error: body.plain_text("error")?,
                number: None,
            })
        };
        let body = json::object(body).ok_or(CallbackError::NotAnObject)?;
        Self::new(read(body).map_err(|_: WrongType| CallbackError::NotAnObject)?)
    }

    fn new(found: Parameters) -> Result<Self, CallbackError> {
        let mut state = found.state.ok_or(CallbackError::StateMissing)?;
        if state.is_empty() {
            return Err(CallbackError::StateMissing);
        }
        let state =
            State::parse(std::mem::take(&mut *state)).ok_or(CallbackError::StateMalformed)?;
        if found
            .iss
            .as_ref()
            .is_some_and(|iss| iss.len() > ISSUER_LIMIT || !is_vschar(iss))
        {
            return Err(CallbackError::OtherIssuer);
        }
        let outcome = match (found.code, found.error) {
            (Some(code), None) if code.is_empty() => return Err(CallbackError::CodeMissing),
            (Some(code), None) if code.len() > CODE_LIMIT || !is_vschar(&code) => {
                return Err(CallbackError::CodeMalformed);
            }
            (Some(code), None) => Outcome::Code(AuthorizationCode::new(code)),
            (None, Some(error)) if error.len() > ERROR_LIMIT || !is_printable(&error) => {
                return Err(CallbackError::ErrorMalformed);
            }
            (None, Some(error)) => Outcome::Refused(AuthorizationError {
                error,
                number: found.number,
            }),
            (None, None) | (Some(_), Some(_)) => return Err(CallbackError::CodeMissing),
        };
        Ok(Self {
            state,
            iss: found.iss,
            outcome,
        })
    }

    /// The state that has to be taken before anything else happens.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// The refusal, where the provider sent an error instead of a code.
    pub fn refusal(&self, provider: Provider) -> Option<Refusal> {
        match &self.outcome {
            Outcome::Code(_) => None,
            Outcome::Refused(error) => Some(error.judge(provider)),
        }
    }

    /// The fragment that hands this response to the app, when the redirect came without a session.
    pub fn relay_fragment(&self, provider: Provider) -> Zeroizing<String> {
        let mut fragment = form_urlencoded::Serializer::new(String::with_capacity(256));
        fragment.append_pair("calendar_provider", provider.as_str());
        match &self.outcome {
            Outcome::Code(code) => fragment.append_pair("calendar_code", code.expose()),
            Outcome::Refused(error) => {
                fragment.append_pair("calendar_error", error.judge(provider).relay_word())
            }
        };
        fragment.append_pair("calendar_state", self.state.expose());
        if let Some(iss) = &self.iss {
            fragment.append_pair("calendar_iss", iss);
        }
        Zeroizing::new(fragment.finish())
    }

    /// Believes the response, if the state that was taken for it says so.
    ///
    /// # Errors
    /// [`CallbackError`] when the state was another provider's or has expired, when `iss` is another server's, or when
    /// the response is a refusal.
    pub fn check(
        self,
        provider: Provider,
        issuer: &Issuer,
        state_provider: &str,
        state_is_live: bool,
    ) -> Result<CheckedCallback, CallbackError> {
        if state_provider != provider.as_str() {
            return Err(CallbackError::OtherProvider);
        }
        if !state_is_live {
            return Err(CallbackError::StateExpired);
        }
        if self.iss.is_some_and(|iss| !issuer.accepts(&iss)) {
            return Err(CallbackError::OtherIssuer);
        }
        match self.outcome {
            Outcome::Code(code) => Ok(CheckedCallback { code }),
            Outcome::Refused(error) => Err(CallbackError::Refused(error.judge(provider))),
        }
    }
}

/// Which `iss` an authorization response may carry.
#[derive(Debug)]
pub enum Issuer {
    /// This one, compared as strings ([RFC 9207 §2.4](https://www.rfc-editor.org/rfc/rfc9207#section-2.4)).
    Exactly(String),
    /// Any tenant's between these two, where the deployment admits accounts of any tenant.
    AnyTenant {
        /// Before the tenant's UUID.
        prefix: String,
        /// After it.
        suffix: String,
    },
}

impl Issuer {
    /// From a template that may hold `{tenant}`, and the tenant the deployment is configured for.
    pub fn of_tenant(template: &str, tenant: &Tenant) -> Self {
        match template.split_once("{tenant}") {
            Some((prefix, suffix)) if !tenant.is_id() => Self::AnyTenant {
                prefix: prefix.to_owned(),
                suffix: suffix.to_owned(),
            },
            Some(_) | None => Self::Exactly(tenant.fill(template)),
        }
    }

    fn accepts(&self, iss: &str) -> bool {
        match self {
            Self::Exactly(expected) => iss == expected,
            Self::AnyTenant { prefix, suffix } => iss
                .strip_prefix(prefix.as_str())
                .and_then(|rest| rest.strip_suffix(suffix.as_str()))
                .is_some_and(|tenant| crate::uuid::Uuid::parse(tenant).is_some()),
        }
    }

    /// Whether this server issued an id_token with this `iss` and, for a provider with tenants, this `tid`.
    pub(crate) fn issued(&self, provider: Provider, iss: &str, tid: Option<&str>) -> bool {
        let consent = provider.consent();
        match self {
            Self::Exactly(expected) => {
                iss == expected || (expected == consent.issuer && Some(iss) == consent.short_issuer)
            }
            Self::AnyTenant { prefix, suffix } => {
                self.accepts(iss) && tid.is_some_and(|tid| iss == [prefix, tid, suffix].concat())
            }
        }
    }
}

#[cfg(test)]
mod tests;
