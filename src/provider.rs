//! Google and Outlook as data: endpoints, scopes and quirks.

use serde::Serialize;

/// A calendar provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Google Calendar.
    Google,
    /// Microsoft Outlook, work and personal accounts.
    Outlook,
}

/// What distinguishes one provider from the other.
pub struct Profile {
    /// The name in routes, rows and JSON.
    pub name: &'static str,
    /// The name people know.
    pub title: &'static str,
    /// Prefix of the provider's variables.
    pub env_prefix: &'static str,
    /// Where consent is asked; `{tenant}` is replaced.
    pub authorization_endpoint: &'static str,
    /// Where codes become tokens; `{tenant}` is replaced.
    pub token_endpoint: &'static str,
    /// The `iss` of the authorization response (RFC 9207); `{tenant}` is replaced.
    pub issuer: &'static str,
    /// The `scope` of the authorization request.
    pub requested_scope: &'static str,
    /// The one scope without which a connection is worth nothing, as [`Provider::grants_calendar`] compares it.
    calendar_scope: &'static str,
    /// What precedes short scope names in the provider's long form; empty where scopes are compared to the letter.
    scope_prefix: &'static str,
    /// Query parameters only this provider takes.
    pub authorization_extras: &'static [(&'static str, &'static str)],
    /// `calendar_id` of a new connection.
    pub default_calendar: &'static str,
}

// Source: https://developers.google.com/identity/protocols/oauth2/web-server. No `include_granted_scopes`: revoking a
// combined grant would revoke every client of the Google project. `select_account`, since `consent` alone silently
// takes the account of the last time.
const GOOGLE: Profile = Profile {
    name: "google",
    title: "Google Calendar",
    env_prefix: "GOOGLE",
    authorization_endpoint: "https://accounts.google.com/o/oauth2/v2/auth",
    token_endpoint: "https://oauth2.googleapis.com/token",
    issuer: "https://accounts.google.com",
    requested_scope: "https://www.googleapis.com/auth/calendar.readonly",
    calendar_scope: "https://www.googleapis.com/auth/calendar.readonly",
    scope_prefix: "",
    authorization_extras: &[
        ("access_type", "offline"),
        ("prompt", "consent select_account"),
    ],
    default_calendar: "primary",
};

// Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow. The granted scope comes back as
// a short name or a full URI, in any case, with or without `offline_access`.
const OUTLOOK: Profile = Profile {
    name: "outlook",
    title: "Microsoft Outlook",
    env_prefix: "OUTLOOK",
    authorization_endpoint: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
    token_endpoint: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
    issuer: "https://login.microsoftonline.com/{tenant}/v2.0",
    requested_scope: "offline_access https://graph.microsoft.com/Calendars.Read",
    calendar_scope: "calendars.read",
    scope_prefix: "https://graph.microsoft.com/",
    authorization_extras: &[("response_mode", "query"), ("prompt", "select_account")],
    default_calendar: "default",
};

/// Microsoft's tenant: `common`, `organizations`, `consumers`, or a directory's id or domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant(String);

impl Default for Tenant {
    /// Work, school and personal accounts.
    fn default() -> Self {
        Self("common".to_owned())
    }
}

impl Tenant {
    /// The tenant, if it can stand in a URL's path as one segment.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
        let is_segment =
            (1..=255).contains(&text.len()) && !text.starts_with('.') && text.bytes().all(fits);
        is_segment.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The template with `{tenant}` replaced.
    pub fn fill(&self, template: &str) -> String {
        template.replace("{tenant}", &self.0)
    }

    /// Whether it is a directory's id, which Microsoft's issuer then names. A domain is not: the issuer has the id.
    pub(crate) fn is_id(&self) -> bool {
        crate::uuid::Uuid::parse(&self.0).is_some()
    }
}

impl Provider {
    /// Every provider, in the order the status payload names them.
    pub const ALL: [Provider; 2] = [Provider::Google, Provider::Outlook];

    /// The provider's data.
    pub const fn profile(self) -> &'static Profile {
        match self {
            Provider::Google => &GOOGLE,
            Provider::Outlook => &OUTLOOK,
        }
    }

    /// The name in routes, rows and JSON.
    pub const fn as_str(self) -> &'static str {
        self.profile().name
    }

    /// The provider of that name, to the letter.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|provider| provider.as_str() == name)
    }

    /// Whether the granted scopes hold the calendar scope.
    pub fn grants_calendar<'a>(self, mut scopes: impl Iterator<Item = &'a str>) -> bool {
        let profile = self.profile();
        if profile.scope_prefix.is_empty() {
            return scopes.any(|scope| scope == profile.calendar_scope);
        }
        scopes.any(|scope| {
            let scope = scope.to_ascii_lowercase();
            let short = scope.strip_prefix(profile.scope_prefix).unwrap_or(&scope);
            short == profile.calendar_scope
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_matched_to_the_letter() {
        assert_eq!(Provider::parse("google"), Some(Provider::Google));
        assert_eq!(Provider::parse("outlook"), Some(Provider::Outlook));
        for bad in ["", "Google", "google ", "apple", "google/", "%67oogle"] {
            assert_eq!(Provider::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_tenant_is_one_segment_of_a_path() {
        for good in [
            "common",
            "contoso.onmicrosoft.com",
            "0F8FAD5B-d9cb-469f-a165-70867728950e",
        ] {
            assert!(Tenant::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "..",
            "a/b",
            "a?b",
            "x/../../evil?",
            "a b",
            "é",
            &"a".repeat(256),
        ] {
            assert_eq!(Tenant::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn google_scopes_are_compared_to_the_letter() {
        let grants = |scope: &str| Provider::Google.grants_calendar(scope.split(' '));
        assert!(grants(
            "openid https://www.googleapis.com/auth/calendar.readonly"
        ));
        for bad in [
            "",
            "openid",
            "https://www.googleapis.com/auth/calendar",
            "https://www.googleapis.com/auth/calendar.readonly.evil",
            "HTTPS://www.googleapis.com/auth/calendar.readonly",
        ] {
            assert!(!grants(bad), "{bad:?}");
        }
    }

    #[test]
    fn outlook_scopes_are_compared_in_either_form_and_any_case() {
        let grants = |scope: &str| Provider::Outlook.grants_calendar(scope.split(' '));
        assert!(grants("https://graph.microsoft.com/Calendars.Read"));
        assert!(grants("offline_access calendars.read"));
        assert!(grants("HTTPS://GRAPH.MICROSOFT.COM/CALENDARS.READ"));
        for bad in [
            "",
            "Calendars.ReadBasic",
            "https://evil.example/Calendars.Read",
            "User.Read",
        ] {
            assert!(!grants(bad), "{bad:?}");
        }
    }
}
