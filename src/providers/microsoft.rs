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
mod tests {
    use super::PERSONAL;
    use std::collections::BTreeSet;

    use crate::providers::Meaning::*;
    use crate::providers::errors::Detail;
    use crate::providers::errors::tests::{meaning, meanings};
    use crate::providers::{Claims, Meaning, Provider, Refused};

    const OUTLOOK: Provider = Provider::Outlook;

    fn numbered(error: &str, number: u32) -> Meaning {
        let refused = Refused {
            error,
            suberror: None,
            number: Some(number),
        };
        meaning(OUTLOOK, &refused).0
    }

    #[test]
    fn the_calendar_scope_is_known_in_either_form_and_any_case() {
        let grants = |scope: &str| OUTLOOK.judge_scopes(scope).is_some();
        assert!(grants("https://graph.microsoft.com/Calendars.Read"));
        assert!(grants("offline_access calendars.read"));
        assert!(grants("HTTPS://GRAPH.MICROSOFT.COM/CALENDARS.READ"));
        for bad in [
            "",
            "Calendars.ReadBasic",
            "Calendars.Read.Shared",
            "https://evil.example/Calendars.Read",
            "User.Read",
        ] {
            assert!(!grants(bad), "{bad:?}");
        }
    }

    #[test]
    fn every_documented_error_has_its_meaning() {
        meanings(
            OUTLOOK,
            &[
                ("access_denied", ConsentMissing),
                ("consent_required", ConsentMissing),
                ("interaction_required", SignInAgain),
                ("login_required", SignInAgain),
                ("invalid_grant", GrantEnded),
                ("invalid_client", ClientRefused),
                ("unauthorized_client", ClientRefused),
                ("invalid_request", ClientRefused),
                ("invalid_scope", ClientRefused),
                ("invalid_resource", ClientRefused),
                ("unsupported_grant_type", ClientRefused),
                ("unsupported_response_type", ClientRefused),
                ("server_error", Unavailable),
                ("temporarily_unavailable", Unavailable),
                ("", Unknown),
                ("an_error_of_tomorrow", Unknown),
            ],
        );
    }

    #[test]
    fn an_account_is_its_tenant_and_its_oid() {
        const OID: &str = "00000000-0000-0000-66f3-3332eca7ea81";
        let claims = |tid: Option<&str>, oid: Option<&str>| Claims {
            sub: Some("AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ".into()),
            preferred_username: Some("ann@example.test".into()),
            tid: tid.map(str::to_owned),
            oid: oid.map(str::to_owned),
            ..Claims::default()
        };
        let personal = OUTLOOK.account(claims(Some(PERSONAL), Some(OID)));
        assert_eq!(personal.id, Some(format!("{PERSONAL}.{OID}")));
        assert_eq!(personal.label.as_deref(), Some("ann@example.test"));
        assert_eq!(personal.class, Some("personal"));
        let tenant = "0f8fad5b-d9cb-469f-a165-70867728950e";
        let work = OUTLOOK.account(claims(Some(tenant), Some(OID)));
        assert_eq!(work.class, Some("work"));
        assert_ne!(work.id, personal.id);
        for (tid, oid) in [(None, Some(OID)), (Some(tenant), None)] {
            let unknown = OUTLOOK.account(claims(tid, oid));
            assert_eq!((unknown.id, unknown.class), (None, None));
        }
        let named = OUTLOOK.account(Claims {
            email: Some("mail@example.test".into()),
            ..claims(Some(tenant), Some(OID))
        });
        assert_eq!(named.label.as_deref(), Some("mail@example.test"));
    }

    #[test]
    fn every_suberror_has_its_meaning() {
        for (error, suberror, expected) in [
            ("invalid_grant", "bad_token", GrantEnded),
            ("invalid_grant", "token_expired", GrantEnded),
            ("invalid_grant", "basic_action", SignInAgain),
            ("interaction_required", "basic_action", SignInAgain),
            ("interaction_required", "additional_action", SignInAgain),
            ("invalid_grant", "user_password_expired", SignInAgain),
            ("invalid_grant", "consent_required", ConsentMissing),
            ("interaction_required", "consent_required", ConsentMissing),
            ("interaction_required", "message_only", AdministratorRefuses),
            (
                "invalid_grant",
                "protection_policy_required",
                AdministratorRefuses,
            ),
            ("invalid_grant", "a_suberror_of_tomorrow", GrantEnded),
        ] {
            let refused = Refused {
                error,
                suberror: Some(suberror),
                number: None,
            };
            assert_eq!(meaning(OUTLOOK, &refused).0, expected, "{error} {suberror}");
        }
    }

    /// Every number of the table, with errors that it comes with, and what it makes of them.
    const NUMBERS: &[(Meaning, &[&str], &[u32])] = &[
        (
            GrantEnded,
            &["invalid_grant"],
            &[50089, 50173, 54005, 70000, 70008, 70043, 700_082, 700_084],
        ),
        (
            SignInAgain,
            &["invalid_grant", "interaction_required", "login_required"],
            &[
                50055, 50072, 50074, 50076, 50078, 50079, 50085, 50132, 50133, 50135, 50144, 50158,
                700_020,
            ],
        ),
        (
            ConsentMissing,
            &["invalid_grant", "consent_required", "access_denied"],
            &[65001, 65004],
        ),
        (
            AccountUnusable,
            &["invalid_grant", "interaction_required"],
            &[50034, 50057, 51004, 500_341],
        ),
        (
            AdministratorRefuses,
            &["invalid_grant", "interaction_required", "access_denied"],
            &[
                50105, 50131, 53000, 53001, 53002, 53003, 53011, 90093, 90094, 90095, 530_032,
                530_035, 1_000_031,
            ],
        ),
        (
            TenantRefuses,
            &["unauthorized_client", "invalid_request"],
            &[50194, 70001, 700_011, 700_016, 7_000_112, 9_002_332],
        ),
        (
            ClientRefused,
            &["invalid_client", "invalid_request"],
            &[50011, 7_000_215, 7_000_218, 7_000_222],
        ),
        (
            Unavailable,
            &["invalid_grant", "temporarily_unavailable"],
            &[
                50033, 50196, 70012, 90006, 90012, 90024, 90033, 90055, 90090,
            ],
        ),
    ];

    #[test]
    fn every_number_has_its_meaning() {
        for (expected, errors, numbers) in NUMBERS {
            for (error, number) in errors
                .iter()
                .flat_map(|error| numbers.iter().map(move |number| (error, *number)))
            {
                assert_eq!(numbered(error, number), *expected, "{error} {number}");
            }
        }
    }

    #[test]
    fn no_number_of_the_table_is_untested() {
        let rules = OUTLOOK.profile().details.iter();
        let in_table: BTreeSet<u32> = rules
            .filter_map(|rule| match rule.detail {
                Detail::Number(number) => Some(number),
                Detail::Suberror(_) => None,
            })
            .collect();
        let tested = NUMBERS.iter().flat_map(|(.., numbers)| *numbers).copied();
        assert_eq!(tested.collect::<BTreeSet<u32>>(), in_table);
    }

    #[test]
    fn a_refused_client_names_what_is_wrong_with_it() {
        for (error, number, cause) in [
            ("invalid_client", 7_000_215, "aadsts_7000215"),
            ("invalid_client", 7_000_222, "aadsts_7000222"),
            ("invalid_client", 7_000_218, "aadsts_7000218"),
            ("invalid_client", 1, "invalid_client"),
            ("invalid_request", 50011, "aadsts_50011"),
        ] {
            let refused = Refused {
                error,
                suberror: None,
                number: Some(number),
            };
            assert_eq!(meaning(OUTLOOK, &refused), (ClientRefused, cause));
        }
    }

    #[test]
    fn the_suberror_is_read_before_the_number() {
        let refused = Refused {
            error: "invalid_grant",
            suberror: Some("consent_required"),
            number: Some(90094),
        };
        assert_eq!(
            meaning(OUTLOOK, &refused),
            (AdministratorRefuses, "aadsts_90094")
        );
    }
}
