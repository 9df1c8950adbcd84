use super::*;
use crate::secret::ClientSecret;

const GOOGLE_SCOPE: &str = "https://www.googleapis.com/auth/calendar.readonly";

fn judged(
    provider: Provider,
    status: u16,
    body: &serde_json::Value,
) -> Result<Refreshed, RefreshError> {
    let answer = OutboundResponse {
        status,
        retry_after: (status == 429 || status == 503).then(|| "7".to_owned()),
        body: body.to_string().into(),
    };
    judge(
        provider,
        RefreshToken::new("fake-old".to_owned()),
        Ok(answer),
    )
}

fn google(change: serde_json::Value) -> Result<Refreshed, RefreshError> {
    let mut body = serde_json::json!({
        "access_token": "fake-new", "expires_in": 3599, "token_type": "Bearer", "scope": GOOGLE_SCOPE,
    });
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    judged(Provider::Google, 200, &body)
}

#[test]
fn the_request_holds_the_refresh_token_and_the_client() {
    let secret = ClientSecret::new("fake&secret".to_owned());
    let client = Client {
        provider: Provider::Google,
        token_endpoint: "https://token.example/",
        client_id: "id",
        client_secret: &secret,
        deadline_ms: 5000,
    };
    let request = request(&client, &RefreshToken::new("fake".to_owned()));
    assert_eq!(
        request.body.unwrap().as_str(),
        "grant_type=refresh_token&refresh_token=fake&client_id=id&client_secret=fake%26secret"
    );
    assert_eq!(request.template.url, "https://token.example/");
    assert_eq!(request.deadline_ms, 5000);
}

#[test]
fn a_refresh_without_a_new_refresh_token_keeps_the_old_one() {
    let kept = google(serde_json::json!({})).unwrap();
    assert_eq!(
        (kept.refresh_token.expose(), kept.rotated),
        ("fake-old", false)
    );
    assert_eq!(
        (kept.access_token.expose(), kept.expires_in),
        ("fake-new", 3599)
    );
    let same = google(serde_json::json!({"refresh_token": "fake-old"})).unwrap();
    assert_eq!(
        (same.refresh_token.expose(), same.rotated),
        ("fake-old", false)
    );
    let newer = google(serde_json::json!({"refresh_token": "fake-newer"})).unwrap();
    assert_eq!(
        (newer.refresh_token.expose(), newer.rotated),
        ("fake-newer", true)
    );
}

#[test]
fn the_scope_is_checked_at_each_refresh() {
    let kept = google(serde_json::json!({"scope": format!("openid {GOOGLE_SCOPE}")})).unwrap();
    assert_eq!(kept.scopes.unwrap(), [GOOGLE_SCOPE, "openid"]);
    let narrowed = google(serde_json::json!({"scope": "openid"})).unwrap_err();
    assert_eq!(
        (narrowed.party, narrowed.reason),
        (Party::User, Reason::ScopeMissing)
    );
}

#[test]
fn a_refresh_that_names_no_scope_leaves_the_scopes_as_they_are() {
    let same = google(serde_json::json!({"scope": null})).unwrap();
    assert_eq!(same.scopes, None);
}

#[test]
fn the_end_of_the_grant_moves_with_each_refresh() {
    let soon = google(serde_json::json!({"refresh_token_expires_in": 604_799})).unwrap();
    assert_eq!(soon.grant_expires_in, Some(604_799));
    let open = google(serde_json::json!({})).unwrap();
    assert_eq!(open.grant_expires_in, None);
}

/// Party, reason and cause of an answer of Microsoft, with the body as its documentation shows it.
fn microsoft(
    error: &str,
    suberror: &str,
    number: u32,
) -> (Party, &'static str, &'static str, bool) {
    let body = serde_json::json!({
        "error": error,
        "error_description": format!("AADSTS{number}: A sentence.\r\nTrace ID: 0\r\nCorrelation ID: 0"),
        "error_codes": [number],
        "timestamp": "2026-01-01 00:00:00Z",
        "suberror": suberror,
    });
    let failed = judged(Provider::Outlook, 400, &body).unwrap_err();
    (
        failed.party,
        failed.reason.as_str(),
        failed.cause.as_str(),
        failed.reason.needs_reconnect(),
    )
}

#[test]
fn a_refusal_says_who_has_to_act_and_why() {
    use Party::{Administrator, Nobody, Operator, User};
    for (error, suberror, number, expected) in [
        (
            "invalid_grant",
            "",
            700_082,
            (User, "grant_ended", "aadsts_700082", true),
        ),
        (
            "invalid_grant",
            "bad_token",
            1,
            (User, "grant_ended", "bad_token", true),
        ),
        (
            "invalid_grant",
            "",
            1,
            (User, "grant_ended", "invalid_grant", true),
        ),
        (
            "interaction_required",
            "basic_action",
            50076,
            (User, "sign_in_again", "aadsts_50076", true),
        ),
        (
            "invalid_grant",
            "consent_required",
            65001,
            (User, "scope_missing", "aadsts_65001", true),
        ),
        (
            "invalid_grant",
            "",
            50057,
            (User, "account_unusable", "aadsts_50057", false),
        ),
        (
            "interaction_required",
            "message_only",
            53003,
            (Administrator, "admin_blocked", "aadsts_53003", false),
        ),
        (
            "unauthorized_client",
            "",
            700_016,
            (Administrator, "admin_blocked", "aadsts_700016", false),
        ),
        (
            "invalid_client",
            "",
            7_000_222,
            (Operator, "operator", "aadsts_7000222", false),
        ),
        (
            "invalid_grant",
            "",
            50196,
            (Nobody, "provider_unavailable", "aadsts_50196", false),
        ),
        (
            "new_error",
            "bad_token",
            700_082,
            (Nobody, "provider_unavailable", "unknown_error", false),
        ),
    ] {
        assert_eq!(
            microsoft(error, suberror, number),
            expected,
            "{error} {suberror} {number}"
        );
    }
}

#[test]
fn googles_refusals_say_who_has_to_act_and_why() {
    let refused = |body: serde_json::Value| {
        let failed = judged(Provider::Google, 400, &body).unwrap_err();
        (failed.party, failed.reason.as_str(), failed.cause.as_str())
    };
    use serde_json::json;
    assert_eq!(
        refused(
            json!({"error": "invalid_grant", "error_description": "Token has been expired or revoked."})
        ),
        (Party::User, "grant_ended", "invalid_grant")
    );
    assert_eq!(
        refused(
            json!({"error": "invalid_grant", "error_description": "reauth related error (invalid_rapt)",
            "error_uri": "https://support.google.com/a/answer/9368756", "error_subtype": "invalid_rapt"})
        ),
        (Party::User, "sign_in_again", "invalid_rapt")
    );
    assert_eq!(
        refused(json!({"error": "admin_policy_enforced"})),
        (
            Party::Administrator,
            "admin_blocked",
            "admin_policy_enforced"
        )
    );
    assert_eq!(
        refused(json!({"error": "org_internal"})),
        (Party::Administrator, "admin_blocked", "org_internal")
    );
    assert_eq!(
        refused(json!({"error": "deleted_client"})),
        (Party::Operator, "operator", "deleted_client")
    );
}

#[test]
fn what_passes_by_itself_says_nothing_about_the_connection() {
    let tokens = serde_json::json!({"access_token": "fake"});
    for (status, body, reason, retry_after) in [
        (503, &tokens, Reason::ProviderUnavailable, Some(7)),
        (500, &tokens, Reason::ProviderUnavailable, None),
        (429, &tokens, Reason::Throttled, Some(7)),
        (200, &tokens, Reason::ProviderUnavailable, None),
        (204, &tokens, Reason::ProviderUnavailable, None),
        (307, &tokens, Reason::ProviderUnavailable, None),
        (400, &tokens, Reason::ProviderUnavailable, None),
    ] {
        let failed = judged(Provider::Google, status, body).unwrap_err();
        assert_eq!(
            (failed.party, failed.reason, failed.retry_after),
            (Party::Nobody, reason, retry_after),
            "{status}"
        );
    }
    for error in [
        TransportError::Timeout,
        TransportError::Network,
        TransportError::TooLarge,
    ] {
        let old = RefreshToken::new("fake".to_owned());
        let failed = judge(Provider::Google, old, Err(error)).unwrap_err();
        assert_eq!(
            (failed.party, failed.reason),
            (Party::Nobody, Reason::ProviderUnavailable)
        );
    }
}
