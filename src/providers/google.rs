//! Google Calendar.
//!
//! Sources: [OAuth 2.0 for web server applications](https://developers.google.com/identity/protocols/oauth2/web-server),
//! [OpenID Connect](https://developers.google.com/identity/openid-connect/openid-connect), and
//! [Connections to your Google Account](https://myaccount.google.com/connections).

#[cfg(not(target_arch = "wasm32"))]
use super::Texts;
use super::errors::{detail_rules, error_rules};
use super::{Account, Api, Claims, Consent, Definition, Profile};

pub(super) enum Google {}

const CALENDAR_SCOPE: &str = "https://www.googleapis.com/auth/calendar.readonly";

impl Definition for Google {
    const PROFILE: Profile = Profile {
        name: "google",
        env_prefix: "GOOGLE",
        tenant_variable: None,
        token_endpoint: "https://oauth2.googleapis.com/token",
        // The two sign-in scopes name the account in the id_token and bring no checkboxes to the consent page.
        requested_scope: "openid email https://www.googleapis.com/auth/calendar.readonly",
        errors: error_rules! {
            // A policy of the person's Google Workspace.
            "admin_policy_enforced" => AdministratorRefuses,
            "access_not_configured" => AdministratorRefuses,
            // The client belongs to another Google Cloud organisation than the person.
            "org_internal" => TenantRefuses,
            "deleted_client" => ClientRefused,
            "disabled_client" => ClientRefused,
            "redirect_uri_mismatch" => ClientRefused,
        },
        // A session length set by the person's Google Workspace has ended.
        details: detail_rules! {
            suberror "invalid_rapt" => SignInAgain,
            suberror "rapt_required" => SignInAgain,
        },
    };

    const CONSENT: Consent = Consent {
        authorization_endpoint: "https://accounts.google.com/o/oauth2/v2/auth",
        issuer: "https://accounts.google.com",
        short_issuer: Some("accounts.google.com"),
        authorization_extras: &[
            ("access_type", "offline"),
            // `consent` alone silently takes the account of the last time, hence `select_account`. There is no
            // `include_granted_scopes`: revoking a combined grant would revoke every client of the Google project.
            ("prompt", "consent select_account"),
        ],
        reconnect_extras: &[("access_type", "offline"), ("prompt", "consent")],
        default_calendar: "primary",
        manage_url: "https://myaccount.google.com/connections",
        manage_url_of_class: &[],
    };

    const API: Api = Api {
        revocation_endpoint: Some("https://oauth2.googleapis.com/revoke"),
        url: "https://www.googleapis.com",
    };

    #[cfg(not(target_arch = "wasm32"))]
    const TEXTS: Texts = Texts {
        title: "Google Calendar",
        company: "Google",
        console: "Google Cloud Console",
        client_id: "The client ID of the OAuth client, type Web application.",
        client_secret: "The client secret of the same OAuth client.",
        redirect_uri: "OAuth client of type Web application, Authorized redirect URIs",
        account_classes: &[
            ("google_workspace", "An account of an organisation."),
            ("google", "A person's own account."),
        ],
    };

    /// Google answers with the scope as it was asked for.
    fn is_calendar_scope(scope: &str) -> bool {
        scope == CALENDAR_SCOPE
    }

    /// `hd` is there for accounts of a Google Workspace organisation only.
    fn account(claims: Claims) -> Account {
        let class = if claims.hd.is_some() {
            "google_workspace"
        } else {
            "google"
        };
        Account {
            id: claims.sub,
            label: claims.email,
            class: Some(class),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::providers::Meaning::*;
    use crate::providers::errors::tests::{meaning, meanings};
    use crate::providers::{Claims, Provider, Refused};

    const GOOGLE: Provider = Provider::Google;

    #[test]
    fn only_the_exact_calendar_scope_is_one() {
        let grants = |scope: &str| GOOGLE.judge_scopes(scope).is_some();
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
    fn every_documented_error_has_its_meaning() {
        meanings(
            GOOGLE,
            &[
                ("access_denied", ConsentMissing),
                ("admin_policy_enforced", AdministratorRefuses),
                ("access_not_configured", AdministratorRefuses),
                ("org_internal", TenantRefuses),
                ("invalid_client", ClientRefused),
                ("deleted_client", ClientRefused),
                ("disabled_client", ClientRefused),
                ("unauthorized_client", ClientRefused),
                ("redirect_uri_mismatch", ClientRefused),
                ("invalid_request", ClientRefused),
                ("invalid_scope", ClientRefused),
                ("unsupported_grant_type", ClientRefused),
                ("invalid_grant", GrantEnded),
                ("server_error", Unavailable),
                ("temporarily_unavailable", Unavailable),
                ("", Unknown),
                ("Invalid_Grant", Unknown),
                ("an_error_of_tomorrow", Unknown),
            ],
        );
    }

    #[test]
    fn an_account_is_its_sub_and_a_workspace_has_a_domain() {
        let claims = |hd: Option<&str>| Claims {
            sub: Some("110169484474386276334".into()),
            email: Some("ann@example.test".into()),
            hd: hd.map(str::to_owned),
            ..Claims::default()
        };
        let private = GOOGLE.account(claims(None));
        assert_eq!(private.id.as_deref(), Some("110169484474386276334"));
        assert_eq!(private.label.as_deref(), Some("ann@example.test"));
        assert_eq!(private.class, Some("google"));
        let workspace = GOOGLE.account(claims(Some("example.test")));
        assert_eq!(workspace.class, Some("google_workspace"));
        let unknown = GOOGLE.account(Claims {
            sub: None,
            ..claims(None)
        });
        assert_eq!((unknown.id, unknown.class), (None, None));
        assert_eq!(unknown.label.as_deref(), Some("ann@example.test"));
    }

    #[test]
    fn an_ended_workspace_session_asks_for_another_sign_in() {
        for subtype in ["invalid_rapt", "rapt_required"] {
            let refused = Refused {
                error: "invalid_grant",
                suberror: Some(subtype),
                number: None,
            };
            assert_eq!(meaning(GOOGLE, &refused), (SignInAgain, subtype));
        }
    }

    #[test]
    fn microsofts_details_mean_nothing_to_google() {
        let refused = Refused {
            error: "invalid_grant",
            suberror: Some("consent_required"),
            number: Some(90094),
        };
        assert_eq!(meaning(GOOGLE, &refused), (GrantEnded, "invalid_grant"));
    }
}
