//! What each use case sends, in which order, and what it answers.

use std::collections::HashMap;

use super::memory::*;
use crate::cause::{Cause, Warning};
use crate::http::TransportError;

#[test]
fn connect_keeps_a_state_and_answers_with_the_providers_page() {
    let memory = Memory::answering([(200, opened_state(None).as_str())]);
    let handled = handle(
        &Call::new("POST", "/calendar/connect/google").signed_in(),
        &memory,
    );
    assert_eq!(handled.response.status, 200, "{:?}", handled.response.body);
    assert_eq!(memory.paths(), ["POST /rest/v1/rpc/calendar_open_state"]);
    let kept: serde_json::Value = serde_json::from_str(&memory.body(0)).unwrap();
    let answer: serde_json::Value =
        serde_json::from_str(handled.response.body.as_deref().unwrap()).unwrap();
    assert_eq!(answer["provider"], "google");
    assert_eq!(answer["expires_at"], "2027-01-15T08:10:00+00:00");
    let url = url::Url::parse(answer["authorization_url"].as_str().unwrap()).unwrap();
    let sent: HashMap<_, _> = url.query_pairs().into_owned().collect();
    let hash =
        crate::oauth::state::StateHash::of(&crate::secret::State::new(sent["state"].clone()));
    assert_eq!(kept["p_state_hash"], hash.as_str());
    assert_eq!(kept["p_user_id"], USER);
    assert_eq!(
        sent["redirect_uri"],
        "https://ref.supabase.co/functions/v1/calendar/callback/google"
    );
    assert!(
        !memory.body(0).contains(&sent["state"]),
        "the state itself is stored"
    );
}

#[test]
fn every_database_call_carries_the_callers_jwt_and_the_publishable_key() {
    let memory = Memory::answering([(200, standing(&[]).as_str())]);
    handle(&Call::new("GET", "/calendar/status").signed_in(), &memory);
    let sent = memory.sent.borrow();
    assert_eq!(
        sent[0]
            .credential
            .as_ref()
            .unwrap()
            .authorization()
            .unwrap(),
        format!("Bearer {}", jwt())
    );
    assert!(
        !sent[0].template.headers.contains(&jwt()),
        "kept beyond the request"
    );
    assert!(
        sent[0]
            .template
            .headers
            .contains("apikey: sb_publishable_fake\n")
    );
    assert!(
        sent[0]
            .url()
            .ends_with(&format!("/rest/v1/rpc/calendar_status?p_user_id={USER}")),
        "{}",
        sent[0].url()
    );
    assert!(sent[0].body.is_none());
}

#[test]
fn the_callback_takes_exchanges_and_saves_in_this_order() {
    let taken = taken_state("google", true);
    let rows = saved(&[ROW]);
    let memory = Memory::answering([(200, taken.as_str()), (200, TOKENS), (200, rows.as_str())]);
    let handled = handle(&post_callback(), &memory);
    assert_eq!(handled.response.status, 200, "{:?}", handled.response.body);
    assert_eq!(
        memory.paths(),
        [
            "POST /rest/v1/rpc/calendar_take_state",
            "POST /token",
            "POST /rest/v1/rpc/calendar_save_connection"
        ]
    );
    assert!(
        memory
            .body(1)
            .contains(&format!("code_verifier={}", "v".repeat(43)))
    );
    let saved: serde_json::Value = serde_json::from_str(&memory.body(2)).unwrap();
    assert_eq!(saved["p_expires_in"], 3599);
    assert_eq!(saved["p_account_limit"], 10);
    for unknown in [
        "p_account_id",
        "p_account_label",
        "p_account_class",
        "p_connection_id",
        "p_grant_expires_in",
    ] {
        assert_eq!(saved[unknown], serde_json::Value::Null, "{unknown}");
    }
    assert!(
        saved["p_sealed_refresh_token"]
            .as_str()
            .unwrap()
            .starts_with("v1.")
    );
    assert!(
        !memory.body(2).contains("fake-refresh"),
        "a token in the clear"
    );
    assert_eq!(
        (handled.log.database_calls, handled.log.provider_calls),
        (2, 1)
    );
}

#[test]
fn a_state_that_is_not_live_or_not_this_providers_is_never_exchanged() {
    for taken in [
        "null".to_owned(),
        taken_state("google", false),
        taken_state("outlook", true),
        r#"{"provider":"google","sealed_verifier":"v1.x.y","live":true,"connection":null}"#
            .to_owned(),
    ] {
        let memory = Memory::answering([(200, taken.as_str())]);
        assert_eq!(
            code(&handle(&post_callback(), &memory)),
            (400, "invalid_state".into())
        );
        assert_eq!(memory.sent.borrow().len(), 1, "the provider was asked");
    }
}

/// What a callback comes to when the save is answered like this, and the deadlines of all its requests.
fn save_answered(
    delay_ms: u64,
    saves: &[Result<(u16, &str), TransportError>],
) -> ((u16, String), Vec<u32>) {
    let taken = taken_state("google", true);
    let mut memory = Memory::answering([(200, taken.as_str()), (200, TOKENS)]);
    memory.delay_ms = delay_ms;
    for save in saves {
        memory.push(*save);
    }
    let answered = code(&handle(&post_callback(), &memory));
    let deadlines = memory
        .sent
        .borrow()
        .iter()
        .map(|request| request.deadline_ms)
        .collect();
    (answered, deadlines)
}

#[test]
fn a_save_that_failed_at_once_is_tried_once_more_and_no_more() {
    let rows = saved(&[ROW]);
    for failed in [
        Err(TransportError::Network),
        Ok((503, "")),
        Ok((200, "nonsense")),
    ] {
        let (answered, _) = save_answered(0, &[failed, Ok((200, &rows))]);
        assert_eq!(answered, (200, String::new()));
        let (answered, sent) = save_answered(0, &[failed, failed]);
        assert_eq!(answered, (503, "storage_unavailable".into()));
        assert_eq!(sent.len(), 4);
    }
    for final_answer in [Err(TransportError::Timeout), Ok((403, "{}"))] {
        assert_eq!(save_answered(0, &[final_answer]).1.len(), 3);
    }
}

#[test]
fn both_saves_share_one_deadline_so_that_all_ends_within_twelve_seconds() {
    let (_, deadlines) = save_answered(1000, &[Ok((503, "")), Ok((503, ""))]);
    assert_eq!(deadlines, [3000, 5000, 3000, 2000]);
    // Nothing is left of it: no second try.
    assert_eq!(save_answered(3000, &[Ok((503, ""))]).1, [3000, 5000, 3000]);
}

#[test]
fn the_log_names_a_user_only_once_the_database_accepted_the_session() {
    let call = Call::new("GET", "/calendar/status").signed_in();
    let accepted = handle(&call, &Memory::answering([(200, standing(&[]).as_str())]));
    assert_eq!(accepted.log.user_id.as_deref(), Some(USER));
    let forged = handle(&call, &Memory::answering([(401, r#"{"code":"PGRST301"}"#)]));
    assert_eq!(forged.log.user_id, None);
    let unasked = Call::new("POST", "/calendar/callback/google").signed_in();
    assert_eq!(handle(&unasked, &Memory::default()).log.user_id, None);
}

#[test]
fn a_redirect_without_a_session_is_relayed_and_touches_nothing() {
    let query = format!("?code=fake-code&state={STATE}&error_description=canary");
    for call in [
        Call::new("GET", format!("/calendar/callback/google{query}")).navigating("cross-site"),
        Call::new("GET", format!("/calendar/callback/google{query}")).with_cookie(),
        Call::new("GET", format!("/calendar/callback/google{query}"))
            .with_cookie()
            .navigating("cross-site")
            .header("sec-purpose", "prefetch"),
        Call::new("GET", format!("/calendar/callback/google{query}"))
            .header("authorization", "Bearer nonsense")
            .with_cookie()
            .navigating("cross-site"),
    ] {
        let memory = Memory::default();
        let handled = handle(&call, &memory);
        assert_eq!(handled.response.status, 303);
        let location = header(&handled, "location").unwrap();
        assert_eq!(
            location,
            format!(
                "https://app.example/app/settings#calendar_provider=google\
                 &calendar_code=fake-code&calendar_state={STATE}"
            )
        );
        assert!(!handled.log.to_json().contains("fake-code"));
    }
}

#[test]
fn a_refusal_of_microsoft_arrives_by_every_way_home() {
    let refusals: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/support/entra_refusals.json")).unwrap();
    for refusal in refusals.as_array().unwrap() {
        let text = |name: &str| refusal[name].as_str().unwrap();
        let query = text("query").replace("{state}", STATE);
        let call = || Call::new("GET", format!("/calendar/callback/outlook?{query}"));
        let cause = text("cause");

        let relayed = handle(&call(), &Memory::default());
        let expected = format!(
            "https://app.example/app/settings#calendar_provider=outlook&calendar_error={}&calendar_state={STATE}",
            text("relayed")
        );
        assert_eq!(header(&relayed, "location"), Some(expected.as_str()));
        assert_eq!(
            (relayed.log.code, relayed.log.cause.map(Cause::as_str)),
            (None, Some(cause))
        );

        let taken = taken_state("outlook", true);
        let memory = Memory::answering([(200, taken.as_str())]);
        let home = handle(&call().with_cookie().navigating("cross-site"), &memory);
        let expected = format!(
            "https://app.example/app/settings?connected=error&reason={}&provider=outlook",
            text("code")
        );
        assert_eq!(header(&home, "location"), Some(expected.as_str()));
        assert_eq!(memory.paths(), ["POST /rest/v1/rpc/calendar_take_state"]);
        assert_eq!(
            (home.log.code, home.log.cause.map(Cause::as_str)),
            (Some(text("code")), Some(cause))
        );
        for line in [relayed.log.to_json(), home.log.to_json()] {
            assert!(
                !line.contains("AADSTS") && !line.contains("Trace"),
                "{line}"
            );
        }
    }
}

#[test]
fn a_redirect_with_a_session_completes_and_never_carries_the_code() {
    let path = format!("/calendar/callback/google?code=fake-code&state={STATE}");
    let call = Call::new("GET", path)
        .with_cookie()
        .navigating("cross-site");
    let (taken, rows) = (taken_state("google", true), saved(&[ROW]));
    let memory = Memory::answering([(200, taken.as_str()), (200, TOKENS), (200, rows.as_str())]);
    let location = "https://app.example/app/settings?connected=success&provider=google";
    let completed = handle(&call, &memory);
    assert_eq!(header(&completed, "location"), Some(location));
    assert_eq!(completed.log.warning, None);
    let week = TOKENS.replace('{', r#"{"refresh_token_expires_in":604800,"#);
    let memory = Memory::answering([(200, taken.as_str()), (200, &week), (200, rows.as_str())]);
    let completed = handle(&call, &memory);
    assert_eq!(completed.log.warning, Some(Warning::GRANT_ENDS_WITHIN_DAYS));
    let refused = handle(&call, &Memory::answering([(200, "null")]));
    let location =
        "https://app.example/app/settings?connected=error&reason=invalid_state&provider=google";
    assert_eq!(header(&refused, "location"), Some(location));
    assert_eq!(refused.log.code, Some("invalid_state"));
    // A forged cookie is no session: the database says so, nothing was taken, and the app finishes.
    let forged = handle(&call, &Memory::answering([(401, r#"{"code":"PGRST301"}"#)]));
    assert!(
        header(&forged, "location")
            .unwrap()
            .contains("#calendar_provider=google")
    );
}

#[test]
fn a_state_of_a_provider_that_this_version_does_not_know_is_another_providers() {
    let taken = taken_state("apple", true);
    let memory = Memory::answering([(200, taken.as_str())]);
    let handled = handle(&post_callback(), &memory);
    assert_eq!(code(&handled), (400, "invalid_state".into()));
    assert_eq!(handled.log.cause, Some(Cause::STATE_OF_OTHER_PROVIDER));
}
