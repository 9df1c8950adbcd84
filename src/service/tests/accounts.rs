//! Several accounts of one provider: identity, reconnects, limits, and disconnects of one connection.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::memory::*;
use crate::config::tests::complete;
use crate::user::UserId;
use crate::vault::{Place, Purpose};

fn json_of(handled: &crate::service::Handled) -> Value {
    serde_json::from_str(handled.response.body.as_deref().unwrap()).unwrap()
}

#[test]
fn a_reconnect_names_the_account_to_the_provider() {
    for (method, navigating) in [("POST", false), ("GET", false), ("GET", true)] {
        let memory = Memory::answering([(200, opened_state(Some(KNOWN)).as_str())]);
        let path = format!("/calendar/connect/google?connection={KNOWN_ID}");
        let call = Call::new(method, path);
        let handled = if navigating {
            handle(&call.with_cookie().navigating("same-origin"), &memory)
        } else {
            handle(&call.signed_in(), &memory)
        };
        let kept: Value = serde_json::from_str(&memory.body(0)).unwrap();
        assert_eq!(kept["p_connection_id"], KNOWN_ID);
        let url = if navigating {
            header(&handled, "location").unwrap().to_owned()
        } else {
            json_of(&handled)["authorization_url"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        let url = url::Url::parse(&url).unwrap();
        let sent: HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(sent["login_hint"], "ann@example.test");
        assert_eq!(sent["prompt"], "consent");
    }
}

#[test]
fn a_reconnect_of_an_account_without_a_label_lets_the_person_choose() {
    let known = KNOWN.replace(r#""ann@example.test""#, "null");
    let memory = Memory::answering([(200, opened_state(Some(&known)).as_str())]);
    let path = format!("/calendar/connect/google?connection={KNOWN_ID}");
    let handled = handle(&Call::new("POST", path).signed_in(), &memory);
    let url = json_of(&handled)["authorization_url"].to_string();
    assert!(url.contains("prompt=consent+select_account"), "{url}");
    assert!(!url.contains("login_hint"), "{url}");
}

#[test]
fn a_connection_of_nobody_or_somebody_else_is_not_found() {
    let path = format!("/calendar/connect/outlook?connection={KNOWN_ID}");
    let unknown = || Memory::answering([(200, "null")]);
    let refused = handle(&Call::new("POST", path.clone()).signed_in(), &unknown());
    assert_eq!(code(&refused), (404, "not_found".into()));
    assert_eq!(refused.log.cause.unwrap().as_str(), "connection_unknown");
    let navigation = Call::new("GET", path)
        .with_cookie()
        .navigating("same-origin");
    let location = format!(
        "https://app.example/app/settings?connected=error&reason=not_found&provider=outlook&connection={KNOWN_ID}"
    );
    assert_eq!(
        header(&handle(&navigation, &unknown()), "location"),
        Some(location.as_str())
    );
    for bad in ["", "1", "11111111-1111-4111-8111-11111111111%0a"] {
        let path = format!("/calendar/connect/google?connection={bad}");
        let refused = handle(&Call::new("POST", path).signed_in(), &Memory::default());
        assert_eq!(code(&refused), (400, "invalid_request".into()), "{bad}");
    }
}

fn finish(taken: &str, tokens: &str, saved: &str, call: &Call) -> (crate::service::Handled, Value) {
    let memory = Memory::answering([(200, taken), (200, tokens), (200, saved)]);
    let handled = handle(call, &memory);
    let sent = serde_json::from_str(&memory.body(2)).unwrap();
    (handled, sent)
}

#[test]
fn the_account_is_saved_and_its_tokens_are_sealed_for_it() {
    let taken = taken_state_of("google", true, Some(KNOWN));
    let (handled, sent) = finish(&taken, &tokens_of("1101"), &saved(&[ROW]), &post_callback());
    assert_eq!(handled.response.status, 200, "{:?}", handled.response.body);
    assert_eq!(sent["p_connection_id"], KNOWN_ID);
    assert_eq!(
        (
            &sent["p_account_id"],
            &sent["p_account_label"],
            &sent["p_account_class"]
        ),
        (
            &json!("1101"),
            &json!("1101@example.test"),
            &json!("google")
        )
    );
    let config = crate::config::Config::from_env(|name| complete().get(name).cloned()).unwrap();
    let user = UserId::parse(USER).unwrap();
    for (purpose, column, token) in [
        (Purpose::AccessToken, "p_sealed_access_token", "fake-access"),
        (
            Purpose::RefreshToken,
            "p_sealed_refresh_token",
            "fake-refresh",
        ),
    ] {
        let sealed = sent[column].as_str().unwrap();
        let open = |account| {
            let place = Place {
                purpose,
                user: &user,
                provider: crate::providers::Provider::Google,
                account,
            };
            config.keyring.open(place, sealed).ok()
        };
        assert_eq!(open(Some("1101")).unwrap().as_str(), token);
        assert!(open(None).is_none() && open(Some("1102")).is_none());
    }
}

#[test]
fn an_id_token_of_another_client_stores_nothing() {
    let tokens = {
        let mut env = complete();
        env.insert("GOOGLE_CLIENT_ID", "another-client".to_owned());
        let taken = taken_state("google", true);
        let memory = Memory::answering([(200, taken.as_str()), (200, tokens_of("1101").as_str())]);
        let refused = handle_with(&env, &post_callback(), &memory);
        assert_eq!(memory.sent.borrow().len(), 2, "something was saved");
        refused
    };
    assert_eq!(code(&tokens), (502, "provider_rejected".into()));
    assert_eq!(tokens.log.cause.unwrap().as_str(), "id_token_audience");
}

#[test]
fn another_account_than_that_of_the_connection_is_a_conflict_that_names_both() {
    let taken = taken_state_of("google", true, Some(KNOWN));
    let refused = r#"{"refused":"account_mismatch","expected_label":"ann@example.test"}"#;
    let (posted, _) = finish(&taken, &tokens_of("1102"), refused, &post_callback());
    assert_eq!(code(&posted), (409, "account_mismatch".into()));
    let body = json_of(&posted);
    assert_eq!(
        (&body["expected_label"], &body["actual_label"]),
        (&json!("ann@example.test"), &json!("1102@example.test"))
    );
    assert!(!posted.log.to_json().contains("example.test"));

    let arrival = Call::new(
        "GET",
        format!("/calendar/callback/google?code=fake-code&state={STATE}"),
    )
    .with_cookie()
    .navigating("cross-site");
    let (redirected, _) = finish(&taken, TOKENS, refused, &arrival);
    let location = format!(
        "https://app.example/app/settings?connected=error&reason=account_mismatch&provider=google&connection={KNOWN_ID}"
    );
    assert_eq!(header(&redirected, "location"), Some(location.as_str()));

    let unknown = r#"{"refused":"account_mismatch","expected_label":null}"#;
    let (posted, _) = finish(&taken, TOKENS, unknown, &post_callback());
    let body = json_of(&posted);
    assert_eq!(
        (body.get("expected_label"), body.get("actual_label")),
        (Some(&Value::Null), Some(&Value::Null))
    );
}

#[test]
fn every_failure_of_a_reconnect_names_its_connection_in_the_redirect() {
    let taken = taken_state_of("google", true, Some(KNOWN));
    let memory = Memory::answering([(200, taken.as_str())]);
    let path = format!("/calendar/callback/google?error=access_denied&state={STATE}");
    let arrival = Call::new("GET", path)
        .with_cookie()
        .navigating("cross-site");
    let handled = handle(&arrival, &memory);
    let location = header(&handled, "location").unwrap();
    assert!(
        location.ends_with(&format!("&connection={KNOWN_ID}")),
        "{location}"
    );
}

#[test]
fn one_account_too_many_is_a_conflict() {
    let taken = taken_state("google", true);
    let refused = r#"{"refused":"account_limit"}"#;
    let (posted, sent) = finish(&taken, &tokens_of("1101"), refused, &post_callback());
    assert_eq!(code(&posted), (409, "account_limit".into()));
    assert_eq!(sent["p_account_limit"], 10);
    assert_eq!(json_of(&posted).get("expected_label"), None);
    let mut env = complete();
    env.insert("CALENDAR_ACCOUNTS_PER_PROVIDER", "1".to_owned());
    let memory = Memory::answering([(200, taken.as_str()), (200, TOKENS), (200, refused)]);
    handle_with(&env, &post_callback(), &memory);
    let sent: Value = serde_json::from_str(&memory.body(2)).unwrap();
    assert_eq!(sent["p_account_limit"], 1);
}

#[test]
fn too_many_returns_within_a_minute_have_to_wait() {
    let memory = Memory::answering([(200, r#"{"retry_after":42}"#)]);
    let handled = handle(&post_callback(), &memory);
    assert_eq!(code(&handled), (429, "rate_limited".into()));
    assert_eq!(header(&handled, "retry-after"), Some("42"));
    assert_eq!(handled.log.cause.unwrap().as_str(), "too_many_returns");
    assert_eq!(memory.sent.borrow().len(), 1, "the provider was asked");
}

#[test]
fn status_shows_each_account_and_how_it_is_read() {
    let broken = ROW
        .replace(r#""reason":null"#, r#""reason":"grant_ended""#)
        .replace(r#""needs_reconnect":false"#, r#""needs_reconnect":true"#);
    let memory = Memory::answering([(200, standing(&[ROW, &broken]).as_str())]);
    let handled = handle(&Call::new("GET", "/calendar/status").signed_in(), &memory);
    let body = json_of(&handled);
    let row: Value = serde_json::from_str(ROW).unwrap();
    assert_eq!(body["connections"][0], row);
    assert_eq!(body["connections"][1]["reason"], "grant_ended");
    assert_eq!(body["connections"][1]["needs_reconnect"], true);
    assert_eq!(
        body["sync"],
        json!({ "healthy": true, "last_run_at": "2027-01-15T07:59:00Z" })
    );
    assert_eq!(body["accounts_per_provider"], 10);
}

#[test]
fn a_disconnect_says_what_becomes_of_the_grants_and_where_to_withdraw_them() {
    let revocations = r#"[{"connection":"a","provider":"google","state":"queued","account_class":"google"},
        {"connection":"b","provider":"outlook","state":"not_supported","account_class":"personal"},
        {"connection":"c","provider":"outlook","state":"not_supported"},
        {"connection":"d","provider":"apple","state":"off"}]"#;
    let answer = standing(&[]).replacen(
        '{',
        &format!(r#"{{"disconnected":["google","outlook","apple"],"revocations":{revocations},"#),
        1,
    );
    let memory = Memory::answering([(200, answer.as_str())]);
    let handled = handle(
        &Call::new("DELETE", "/calendar/disconnect").signed_in(),
        &memory,
    );
    let revocations = json_of(&handled)["revocations"].clone();
    assert_eq!(
        revocations[0],
        json!({ "connection": "a", "provider": "google", "state": "queued",
            "manage_url": "https://myaccount.google.com/connections" })
    );
    let pages: Vec<_> = (0..4)
        .map(|at| revocations[at]["manage_url"].clone())
        .collect();
    assert_eq!(
        pages[1..],
        [
            json!("https://account.live.com/consent/Manage"),
            json!("https://myapps.microsoft.com"),
            Value::Null
        ]
    );
}

#[test]
fn answers_of_another_shape_than_the_migrations_promise_are_no_success() {
    for answer in [
        "[]",
        "{}",
        "1",
        "\"x\"",
        r#"{"saved":null,"connections":[]}"#,
        r#"{"refused":"x"}"#,
    ] {
        let taken = taken_state("google", true);
        let memory = Memory::answering([
            (200, taken.as_str()),
            (200, TOKENS),
            (200, answer),
            (200, answer),
        ]);
        let handled = handle(&post_callback(), &memory);
        assert_eq!(
            code(&handled),
            (503, "storage_unavailable".into()),
            "{answer}"
        );
    }
    for answer in [
        "[]",
        "{}",
        "1",
        r#"{"retry_after":0}"#,
        r#"{"provider":"google"}"#,
    ] {
        let handled = handle(&post_callback(), &Memory::answering([(200, answer)]));
        assert_eq!(
            code(&handled),
            (503, "storage_unavailable".into()),
            "{answer}"
        );
    }
    let known = r#"{"expires_at":"x","connection":{"id":"not a uuid","account_label":null}}"#;
    for answer in ["[]", "{}", "\"x\"", known] {
        let call = Call::new("POST", "/calendar/connect/google").signed_in();
        let handled = handle(&call, &Memory::answering([(200, answer)]));
        assert_eq!(
            code(&handled),
            (503, "storage_unavailable".into()),
            "{answer}"
        );
    }
    let row_without_id = ROW.replace(r#""id":"#, r#""identity":"#);
    for answer in ["[]", "null", "{}", standing(&[&row_without_id]).as_str()] {
        let call = Call::new("GET", "/calendar/status").signed_in();
        let handled = handle(&call, &Memory::answering([(200, answer)]));
        assert_eq!(
            code(&handled),
            (503, "storage_unavailable".into()),
            "{answer}"
        );
    }
}
