//! Microsoft Outlook, for work, school and personal accounts.
//!
//! Sources: [the authorization code flow](https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow),
//! [error codes](https://learn.microsoft.com/entra/identity-platform/reference-error-codes),
//! [MSAL's sub-errors](https://learn.microsoft.com/entra/msal/dotnet/advanced/exceptions/msal-error-handling) and
//! [unexpected consent errors](https://learn.microsoft.com/entra/identity/enterprise-apps/application-sign-in-unexpected-user-consent-error).

#[cfg(not(target_arch = "wasm32"))]
use super::Texts;
use super::errors::{detail_rules, error_rules};
use super::{Account, Api, Claims, Consent, Definition, Profile};

pub(super) enum Microsoft {}

const GRAPH: &str = "https://graph.microsoft.com/";
const CALENDAR_SCOPE: &str = "calendars.read";
/// The tenant of all personal accounts.
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

impl Definition for Microsoft {
    const PROFILE: Profile = Profile {
        name: "outlook",
        env_prefix: "OUTLOOK",
        tenant_variable: Some("OUTLOOK_TENANT_ID"),
        token_endpoint: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
        // `profile` puts `oid` into the id_token, and `offline_access` brings the refresh token.
        requested_scope: "openid profile email offline_access https://graph.microsoft.com/Calendars.Read",
        errors: error_rules! {
            "invalid_resource" => ClientRefused,
        },
        details: detail_rules! {
            suberror "basic_action" => SignInAgain,
            suberror "additional_action" => SignInAgain,
            suberror "user_password_expired" => SignInAgain,
            suberror "bad_token" => GrantEnded,
            suberror "token_expired" => GrantEnded,
            suberror "consent_required" => ConsentMissing,
            suberror "message_only" => AdministratorRefuses,
            suberror "protection_policy_required" => AdministratorRefuses,

            // The refresh token expired, was revoked, or was not used for too long.
            aadsts 50089 => GrantEnded,
            aadsts 50173 => GrantEnded,
            aadsts 70000 => GrantEnded,
            aadsts 70008 => GrantEnded,
            aadsts 70043 => GrantEnded,
            aadsts 700082 => GrantEnded,
            // The redirect URI is registered as type `spa`, so refresh tokens last a day.
            aadsts 700084 => GrantEnded,
            // The code was redeemed before.
            aadsts 54005 => GrantEnded,

            // A second factor, a new or expired password, or an ended session.
            aadsts 50055 => SignInAgain,
            aadsts 50072 => SignInAgain,
            aadsts 50074 => SignInAgain,
            aadsts 50076 => SignInAgain,
            aadsts 50078 => SignInAgain,
            aadsts 50079 => SignInAgain,
            aadsts 50085 => SignInAgain,
            aadsts 50132 => SignInAgain,
            aadsts 50133 => SignInAgain,
            aadsts 50135 => SignInAgain,
            aadsts 50144 => SignInAgain,
            aadsts 50158 => SignInAgain,
            aadsts 700020 => SignInAgain,

            aadsts 65001 => ConsentMissing,
            aadsts 65004 => ConsentMissing,

            // Unknown, disabled or deleted in its directory.
            aadsts 50034 => AccountUnusable,
            aadsts 50057 => AccountUnusable,
            aadsts 51004 => AccountUnusable,
            aadsts 500341 => AccountUnusable,

            // Conditional access, a device's state, an assignment, or consent that only an administrator may give.
            aadsts 50105 => AdministratorRefuses,
            aadsts 50131 => AdministratorRefuses,
            aadsts 53000 => AdministratorRefuses,
            aadsts 53001 => AdministratorRefuses,
            aadsts 53002 => AdministratorRefuses,
            aadsts 53003 => AdministratorRefuses,
            aadsts 53011 => AdministratorRefuses,
            aadsts 530032 => AdministratorRefuses,
            aadsts 530035 => AdministratorRefuses,
            aadsts 90093 => AdministratorRefuses,
            aadsts 90094 => AdministratorRefuses,
            aadsts 90095 => AdministratorRefuses,
            aadsts 1000031 => AdministratorRefuses,

            // The app is unknown or disabled in this tenant, or not registered for this kind of account.
            aadsts 50194 => TenantRefuses,
            aadsts 70001 => TenantRefuses,
            aadsts 700011 => TenantRefuses,
            aadsts 700016 => TenantRefuses,
            aadsts 7000112 => TenantRefuses,
            aadsts 9002332 => TenantRefuses,

            // A wrong redirect URI, a wrong secret, a missing secret, an expired secret.
            aadsts 50011 => ClientRefused,
            aadsts 7000215 => ClientRefused,
            aadsts 7000218 => ClientRefused,
            aadsts 7000222 => ClientRefused,

            // A loop, too many requests in the tenant, or Entra itself.
            aadsts 50033 => Unavailable,
            aadsts 50196 => Unavailable,
            aadsts 70012 => Unavailable,
            aadsts 90006 => Unavailable,
            aadsts 90012 => Unavailable,
            aadsts 90024 => Unavailable,
            aadsts 90033 => Unavailable,
            aadsts 90055 => Unavailable,
            aadsts 90090 => Unavailable,
        },
    };

    const CONSENT: Consent = Consent {
        authorization_endpoint: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
        issuer: "https://login.microsoftonline.com/{tenant}/v2.0",
        short_issuer: None,
        authorization_extras: &[("response_mode", "query"), ("prompt", "select_account")],
        // No prompt: `consent` asks an administrator wherever people may not consent for themselves.
        reconnect_extras: &[("response_mode", "query")],
        default_calendar: "default",
        manage_url: "https://myapps.microsoft.com",
        manage_url_of_class: &[("personal", "https://account.live.com/consent/Manage")],
    };

    const API: Api = Api {
        // Microsoft can end all sessions of an account and nothing smaller, so a disconnect never does.
        revocation_endpoint: None,
        url: "https://graph.microsoft.com/v1.0",
    };

    #[cfg(not(target_arch = "wasm32"))]
    const TEXTS: Texts = Texts {
        title: "Microsoft Outlook",
        company: "Microsoft",
        console: "Microsoft Entra admin center",
        client_id: "The Application (client) ID of the app registration.",
        client_secret: "The value of a client secret of the same app registration, not its Secret ID.",
        redirect_uri: "App registration, Authentication, platform Web (not Single-page application)",
        account_classes: &[
            ("work", "A work or school account."),
            ("personal", "A person's own account."),
        ],
    };

    /// Microsoft answers with short names or full URIs, in any case.
    fn is_calendar_scope(scope: &str) -> bool {
        let scope = scope.to_ascii_lowercase();
        scope.strip_prefix(GRAPH).unwrap_or(&scope) == CALENDAR_SCOPE
    }

    /// `oid` names an account within its tenant only, and `sub` is another one for each app registration.
    fn account(claims: Claims) -> Account {
        let class = if claims.tid.as_deref() == Some(PERSONAL) {
            "personal"
        } else {
            "work"
        };
        Account {
            id: claims
                .tid
                .zip(claims.oid)
                .map(|(tid, oid)| format!("{tid}.{oid}")),
            label: claims.email.or(claims.preferred_username),
            class: Some(class),
        }
    }
}

#[cfg(test)]
mod tests;
