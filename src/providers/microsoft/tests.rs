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
            50105, 50131, 53000, 53001, 53002, 53003, 53011, 90093, 90094, 90095, 530_032, 530_035,
            1_000_031,
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
