//! What status and disconnect answer, whatever the rows hold.

use super::memory::*;
use crate::config::tests::complete;
use crate::providers::Provider;

#[test]
fn status_describes_the_newest_active_connection() {
    let older = ROW.replace("google", "outlook");
    let expired = ROW.replace("active", "expired");
    for (rows, connected, provider) in [
        (standing(&[]), false, serde_json::Value::Null),
        (standing(&[&expired, &older]), true, "outlook".into()),
        (standing(&[&expired]), false, "google".into()),
    ] {
        let memory = Memory::answering([(200, rows.as_str())]);
        let handled = handle(&Call::new("GET", "/calendar/status").signed_in(), &memory);
        let body: serde_json::Value =
            serde_json::from_str(handled.response.body.as_deref().unwrap()).unwrap();
        assert_eq!(
            (&body["connected"], &body["provider"]),
            (&connected.into(), &provider)
        );
        assert_eq!(body["capacity"]["actions_per_day"], 6);
        assert_eq!(body["providers"], serde_json::json!(Provider::ALL));
    }
}

#[test]
fn rows_of_another_version_are_shown_as_they_are() {
    let paused = ROW.replace("active", "paused");
    let apple = ROW.replace("google", "apple");
    let memory = Memory::answering([(200, standing(&[&paused, &apple]).as_str())]);
    let handled = handle(&Call::new("GET", "/calendar/status").signed_in(), &memory);
    assert_eq!(handled.response.status, 200);
    let body: serde_json::Value =
        serde_json::from_str(handled.response.body.as_deref().unwrap()).unwrap();
    assert_eq!(body["connections"][0]["status"], "paused");
    assert_eq!(
        (&body["provider"], &body["connected"]),
        (&"apple".into(), &true.into())
    );
    let memory = Memory::answering([(200, standing(&[&paused]).as_str())]);
    let handled = handle(&Call::new("GET", "/calendar/status").signed_in(), &memory);
    let body = handled.response.body.unwrap();
    assert!(
        body.starts_with(r#"{"connected":false,"provider":"google","status":"paused""#),
        "{body}"
    );
    let left = standing(&[&paused]).replacen(
        '{',
        r#"{"disconnected":["google","apple"],"revocations":[{"connection":"x","provider":"apple","state":"queued"}],"#,
        1,
    );
    let memory = Memory::answering([(200, left.as_str())]);
    let call = Call::new("DELETE", "/calendar/disconnect").signed_in();
    let handled = handle(&call, &memory);
    assert_eq!(handled.response.status, 200);
    let body = handled.response.body.unwrap();
    assert!(
        body.starts_with(r#"{"disconnected":["google","apple"],"#),
        "{body}"
    );
}

fn gone(provider: &str) -> String {
    let members = format!(r#"{{"disconnected":["{provider}"],"revocations":[],"#);
    standing(&[]).replacen('{', &members, 1)
}

#[test]
fn disconnect_names_one_connection_one_provider_or_all() {
    let null = || serde_json::Value::Null;
    for (query, provider, connection) in [
        ("", null(), null()),
        ("?provider=outlook", "outlook".into(), null()),
        (
            "?connection=11111111-1111-4111-8111-111111111111",
            null(),
            KNOWN_ID.into(),
        ),
    ] {
        let memory = Memory::answering([(200, gone("outlook").as_str())]);
        let call = Call::new("DELETE", format!("/calendar/disconnect{query}")).signed_in();
        let handled = handle(&call, &memory);
        let sent: serde_json::Value = serde_json::from_str(&memory.body(0)).unwrap();
        assert_eq!(
            (&sent["p_provider"], &sent["p_connection_id"]),
            (&provider, &connection)
        );
        let body = handled.response.body.unwrap();
        assert!(
            body.starts_with(r#"{"disconnected":["outlook"],"revocations":[],"connected":false"#),
            "{body}"
        );
    }
    for (query, expected) in [
        ("?provider=", (404, "unsupported_provider")),
        ("?provider=apple", (404, "unsupported_provider")),
        ("?provider=google%0d%0a", (404, "unsupported_provider")),
        (
            "?provider=google&provider=outlook",
            (400, "invalid_request"),
        ),
        ("?provider=google&provider=google", (400, "invalid_request")),
        ("?Provider=google", (400, "invalid_request")),
        ("?provider[]=google", (400, "invalid_request")),
        ("?providers=google", (400, "invalid_request")),
        ("?provider=google&x=y", (400, "invalid_request")),
        ("?google", (400, "invalid_request")),
        ("?=", (400, "invalid_request")),
        ("?connection=", (400, "invalid_request")),
        ("?connection=1", (400, "invalid_request")),
        (
            "?connection=11111111-1111-4111-8111-111111111111&provider=google",
            (400, "invalid_request"),
        ),
    ] {
        let call = Call::new("DELETE", format!("/calendar/disconnect{query}")).signed_in();
        let (status, code) = code(&handle(&call, &Memory::default()));
        assert_eq!((status, code.as_str()), expected, "{query}");
    }
}

#[test]
fn a_provider_that_is_not_offered_can_still_be_disconnected() {
    let mut env = complete();
    env.remove("GOOGLE_CLIENT_ID");
    env.remove("GOOGLE_CLIENT_SECRET");
    let memory = Memory::answering([(200, gone("google").as_str())]);
    let call = Call::new("DELETE", "/calendar/disconnect?provider=google").signed_in();
    assert_eq!(handle_with(&env, &call, &memory).response.status, 200);
    let call = Call::new("POST", "/calendar/connect/google").signed_in();
    let refused = handle_with(&env, &call, &Memory::default());
    assert_eq!(code(&refused), (404, "unsupported_provider".into()));
}
