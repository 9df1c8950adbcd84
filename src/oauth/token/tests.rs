use super::*;
use crate::providers::Meaning;
use crate::secret::AuthorizationCode;

const GOOGLE_SCOPE: &str = "https://www.googleapis.com/auth/calendar.readonly";

fn answer(status: u16, body: &str) -> Result<OutboundResponse, TransportError> {
    Ok(OutboundResponse {
        status,
        retry_after: None,
        body: body.to_owned().into(),
    })
}

fn google(body: &str) -> Result<Tokens, TokenError> {
    judge(Provider::Google, answer(200, body))
}

fn good() -> serde_json::Value {
    serde_json::json!({
        "access_token": "fake-access", "expires_in": 3599, "refresh_token": "fake-refresh",
        "scope": GOOGLE_SCOPE, "token_type": "Bearer"
    })
}

fn with(name: &str, value: serde_json::Value) -> String {
    let mut body = good();
    body[name] = value;
    body.to_string()
}

fn without(name: &str) -> String {
    let mut body = good();
    body.as_object_mut().unwrap().remove(name);
    body.to_string()
}

#[test]
fn a_complete_answer_is_a_grant() {
    let grant = google(&good().to_string())
        .unwrap()
        .into_grant(Provider::Google)
        .unwrap();
    assert_eq!(grant.access_token.expose(), "fake-access");
    assert_eq!(grant.refresh_token.expose(), "fake-refresh");
    assert_eq!(grant.expires_in, 3599);
    assert_eq!(grant.scopes, [GOOGLE_SCOPE]);
}

#[test]
fn microsofts_answer_is_taken_as_it_comes() {
    let body = r#"{"token_type":"bearer","scope":"Calendars.Read","expires_in":4799,"ext_expires_in":4799,
        "access_token":"fake","refresh_token":"fake","id_token":"ignored"}"#;
    assert!(
        judge(Provider::Outlook, answer(200, body))
            .unwrap()
            .into_grant(Provider::Outlook)
            .is_ok()
    );
}

#[test]
fn an_answer_without_scope_grants_what_was_requested() {
    let tokens = google(&without("scope")).unwrap();
    assert_eq!(
        tokens.into_grant(Provider::Google).unwrap().scopes,
        [GOOGLE_SCOPE, "openid", "email"]
    );
}

#[test]
fn an_answer_without_the_calendar_is_insufficient() {
    for scope in ["", "openid", "https://www.googleapis.com/auth/calendar"] {
        let body = with("scope", scope.into());
        assert_eq!(google(&body).unwrap_err(), TokenError::ScopeMissing);
    }
}

#[test]
fn a_first_answer_without_a_refresh_token_is_no_grant() {
    let tokens = google(&without("refresh_token")).unwrap();
    assert_eq!(
        tokens.into_grant(Provider::Google).unwrap_err(),
        TokenError::RefreshTokenMissing
    );
}

#[test]
fn malformed_answers_are_refused_by_the_field_that_is_wrong() {
    use serde_json::json;
    let long = "x".repeat(16 * 1024 + 1);
    let cases = [
        (String::new(), "json"),
        ("null".into(), "json"),
        ("[]".into(), "json"),
        (r#"["fake","Bearer",3599,"fake","x",null]"#.into(), "json"),
        ("<html>".into(), "json"),
        (r#"{"access_token":"fake"#.into(), "json"),
        (format!(r#"{{"a":{}"#, "[".repeat(100_000)), "json"),
        (with("access_token", json!(1)), "access_token"),
        (with("access_token", json!(["a"])), "access_token"),
        (without("access_token"), "access_token"),
        (with("access_token", json!("")), "access_token"),
        (with("access_token", json!("a\nb")), "access_token"),
        (with("access_token", json!(long)), "access_token"),
        (without("token_type"), "token_type"),
        (with("token_type", json!("mac")), "token_type"),
        (without("expires_in"), "expires_in"),
        (with("expires_in", json!(0)), "expires_in"),
        (with("expires_in", json!(-1)), "expires_in"),
        (with("expires_in", json!(1e308)), "expires_in"),
        (with("expires_in", json!("3600")), "expires_in"),
        (with("expires_in", json!(u32::MAX)), "expires_in"),
        (with("refresh_token", json!("")), "refresh_token"),
        (with("refresh_token", json!(long)), "refresh_token"),
        (with("scope", json!(["a"])), "scope"),
        (with("scope", json!("a\u{0}b")), "scope"),
    ];
    for (body, field) in cases {
        let shown = body.chars().take(80).collect::<String>();
        assert_eq!(
            google(&body).unwrap_err(),
            TokenError::Malformed(Cause::of_provider(
                format!("token_malformed_{field}").leak()
            )),
            "{shown}"
        );
    }
}

#[test]
fn the_longest_tokens_are_taken() {
    let body = with("access_token", "x".repeat(16 * 1024).into());
    assert_eq!(
        google(&body).unwrap().access_token.expose().len(),
        16 * 1024
    );
}

fn refused(provider: Provider, status: u16, body: &str) -> (Meaning, &'static str) {
    match judge(provider, answer(status, body)).unwrap_err() {
        TokenError::Refused(Refusal { meaning, cause }) => (meaning, cause.as_str()),
        other => panic!("{other:?} for {body}"),
    }
}

#[test]
fn an_error_answer_is_judged_by_its_error_and_its_details() {
    let google = |body| refused(Provider::Google, 400, body);
    assert_eq!(
        refused(Provider::Google, 401, r#"{"error":"invalid_client"}"#),
        (Meaning::ClientRefused, "invalid_client")
    );
    assert_eq!(
        google(r#"{"error":"invalid_grant"}"#),
        (Meaning::GrantEnded, "invalid_grant")
    );
    assert_eq!(
        google(r#"{"error":"invalid_grant","error_subtype":"invalid_rapt"}"#),
        (Meaning::SignInAgain, "invalid_rapt")
    );
    let outlook = |body| refused(Provider::Outlook, 400, body);
    assert_eq!(
        outlook(r#"{"error":"interaction_required","suberror":"message_only"}"#),
        (Meaning::AdministratorRefuses, "message_only")
    );
}

#[test]
fn a_number_is_read_from_the_codes_or_else_from_the_description() {
    let outlook = |body| refused(Provider::Outlook, 400, body);
    let secret_expired = (Meaning::ClientRefused, "aadsts_7000222");
    for body in [
        r#"{"error":"invalid_client","error_codes":[7000222]}"#,
        r#"{"error":"invalid_client","error_codes":[7000222,7000215],"error_description":"AADSTS7000215: x"}"#,
        r#"{"error":"invalid_client","error_description":"AADSTS7000222: The keys expired.\r\nTrace ID: 1"}"#,
        r#"{"error":"invalid_client","error_codes":["x"],"error_description":"(AADSTS7000222)"}"#,
    ] {
        assert_eq!(outlook(body), secret_expired, "{body}");
    }
    for body in [
        r#"{"error":"invalid_client"}"#,
        r#"{"error":"invalid_client","error_codes":[]}"#,
        r#"{"error":"invalid_client","error_codes":[-1]}"#,
        r#"{"error":"invalid_client","error_codes":{"0":7000222}}"#,
        r#"{"error":"invalid_client","error_description":"AADSTS"}"#,
        r#"{"error":"invalid_client","error_description":"AADSTS99999999999999999999"}"#,
        r#"{"error":"invalid_client","error_description":7000222}"#,
    ] {
        assert_eq!(
            outlook(body),
            (Meaning::ClientRefused, "invalid_client"),
            "{body}"
        );
    }
}

#[test]
fn an_error_answer_that_cannot_be_read_is_an_unknown_error() {
    for body in [
        "",
        "<html>",
        "{}",
        "[]",
        r#"{"error":7}"#,
        r#"{"error":"new_error"}"#,
    ] {
        assert_eq!(
            refused(Provider::Google, 400, body),
            (Meaning::Unknown, "unknown_error"),
            "{body}"
        );
    }
}

#[test]
fn nothing_of_an_error_answers_text_is_kept() {
    let body = r#"{"error":"invalid_client","error_description":"AADSTS7000215: fake-secret"}"#;
    let judged = judge(Provider::Outlook, answer(400, body)).unwrap_err();
    assert!(!format!("{judged:?}").contains("fake-secret"));
}

#[test]
fn statuses_without_tokens_are_told_apart() {
    let judged = |status, retry_after: Option<&str>| {
        let answer = OutboundResponse {
            status,
            retry_after: retry_after.map(str::to_owned),
            body: good().to_string().into(),
        };
        judge(Provider::Google, Ok(answer)).unwrap_err()
    };
    assert_eq!(judged(429, Some("7")), TokenError::Busy { retry_after: 7 });
    assert_eq!(
        judged(429, Some("nonsense")),
        TokenError::Busy {
            retry_after: DEFAULT_PAUSE
        }
    );
    assert_eq!(
        judged(429, Some("99999999")),
        TokenError::Busy { retry_after: 3600 }
    );
    assert_eq!(
        judged(503, Some("9")),
        TokenError::Unavailable {
            retry_after: Some(9)
        }
    );
    assert_eq!(
        judged(500, None),
        TokenError::Unavailable { retry_after: None }
    );
    for status in [0, 100, 201, 204, 301, 302, 307, 308] {
        assert_eq!(
            judged(status, None),
            TokenError::Malformed(Cause::TOKEN_MALFORMED_STATUS),
            "{status}"
        );
    }
}

#[test]
fn no_answer_is_the_providers_trouble_and_a_huge_one_is_nonsense() {
    let judged = |error| judge(Provider::Google, Err(error)).unwrap_err();
    assert_eq!(
        judged(TransportError::Timeout),
        TokenError::Unreachable(TransportError::Timeout)
    );
    assert_eq!(
        judged(TransportError::Network),
        TokenError::Unreachable(TransportError::Network)
    );
    assert_eq!(
        judged(TransportError::TooLarge),
        TokenError::Malformed(Cause::TOKEN_MALFORMED_SIZE)
    );
}

#[test]
fn the_exchange_holds_exactly_the_parameters_of_its_grant() {
    let secret = ClientSecret::new("fake&secret".to_owned());
    let client = Client {
        provider: Provider::Google,
        token_endpoint: "https://token.example/",
        client_id: "id",
        client_secret: &secret,
        deadline_ms: 5000,
    };
    let code = CheckedCallback::vouched_for(AuthorizationCode::new("4/0A b".to_owned()));
    let verifier = CodeVerifier::new("v".repeat(43));
    let exchange = client.exchange(&code, &verifier, "https://app.example/cb");
    assert_eq!(
        exchange.body.unwrap().as_str(),
        format!(
            "grant_type=authorization_code&code=4%2F0A+b&code_verifier={}\
             &redirect_uri=https%3A%2F%2Fapp.example%2Fcb&client_id=id&client_secret=fake%26secret",
            "v".repeat(43)
        )
    );
    assert_eq!(
        (exchange.template.method, exchange.deadline_ms),
        (Method::Post, 5000)
    );
}
