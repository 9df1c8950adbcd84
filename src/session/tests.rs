use serde_json::{Value, json};

use super::*;

const USER: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const NOW_MS: u64 = 1_800_000_000_000;
const COOKIE: &str = "sb-ref-auth-token";

fn claims() -> Value {
    json!({ "sub": USER, "role": "authenticated", "exp": 1_800_000_060, "is_anonymous": false })
}

fn jwt(claims: &Value) -> String {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.{}",
        encode(r#"{"alg":"HS256"}"#),
        encode(&claims.to_string()),
        encode("fake")
    )
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn cookie_value(jwt: &str) -> String {
    let session = json!({ "access_token": jwt, "refresh_token": "fake", "user": { "id": USER } });
    format!("base64-{}", URL_SAFE_NO_PAD.encode(session.to_string()))
}

fn from_cookies(header: &str) -> Option<Session> {
    Session::from_cookies(header, COOKIE, NOW_MS)
}

#[test]
fn a_users_token_is_a_session() {
    let session = Session::from_header(&format!("Bearer {}", jwt(&claims()))).unwrap();
    assert_eq!(session.user().as_str(), USER);
    assert!(Session::from_header(&format!("bearer {}", jwt(&claims()))).is_ok());
}

#[test]
fn tokens_of_another_kind_are_no_session() {
    for other in [
        with("role", json!("anon")),
        with("role", json!("service_role")),
        with("role", json!("supabase_admin")),
        with("role", json!(["authenticated"])),
        with("is_anonymous", json!(true)),
        with("is_anonymous", json!("true")),
        with("client_id", json!("some-oauth-client")),
        with("sub", json!("")),
        with("sub", json!("not-a-uuid")),
        with("sub", Value::Null),
        json!({ "role": "authenticated" }),
        json!({ "sub": USER }),
        json!([USER, "authenticated"]),
    ] {
        let header = format!("Bearer {}", jwt(&other));
        assert_eq!(
            Session::from_header(&header).unwrap_err(),
            NoSession,
            "{other}"
        );
    }
}

#[test]
fn garbage_is_no_session() {
    let good = jwt(&claims());
    let unsigned = format!("{}.", good.rsplit_once('.').unwrap().0);
    for bad in [
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "Bearer sb_publishable_fake",
        "Bearer sb_secret_fake",
        "Bearer a.b.c",
        "Bearer ..",
        &format!("Bearer {unsigned}"),
        &format!("Bearer {good}.x"),
        &format!("Bearer {good}\n"),
        &format!("Bearer {good} x"),
        &format!("Bearer {good}é"),
        &format!("Bearer {}", "a".repeat(16 * 1024 + 1)),
        &good,
    ] {
        assert_eq!(Session::from_header(bad).unwrap_err(), NoSession, "{bad:?}");
    }
}

#[test]
fn an_expired_header_token_is_left_to_the_database_and_an_expired_cookie_is_no_session() {
    let expired = jwt(&with("exp", json!(1_800_000_000)));
    assert!(Session::from_header(&format!("Bearer {expired}")).is_ok());
    assert!(from_cookies(&format!("{COOKIE}={}", cookie_value(&expired))).is_none());
    let eternal = jwt(&with("exp", Value::Null));
    assert!(from_cookies(&format!("{COOKIE}={}", cookie_value(&eternal))).is_none());
}

#[test]
fn the_session_cookie_comes_whole_or_in_chunks() {
    let value = cookie_value(&jwt(&claims()));
    let (first, second) = value.split_at(100);
    for header in [
        format!("{COOKIE}={value}"),
        format!("theme=dark; {COOKIE}={value}; x=y"),
        format!("{COOKIE}.0={first}; {COOKIE}.1={second}"),
        format!("{COOKIE}.1={second};{COOKIE}.0={first}"),
        format!("{COOKIE}=; {COOKIE}.0={first}; {COOKIE}.1={second}"),
        format!("{COOKIE}={value}; {COOKIE}={value}"),
        format!("{COOKIE}-code-verifier=other; {COOKIE}={value}"),
    ] {
        assert_eq!(
            from_cookies(&header).unwrap().user().as_str(),
            USER,
            "{header}"
        );
    }
}

#[test]
fn damaged_cookies_are_no_session() {
    let value = cookie_value(&jwt(&claims()));
    let (first, second) = value.split_at(100);
    let not_utf8 = format!("base64-{}", URL_SAFE_NO_PAD.encode([0xff, 0xfe]));
    for header in [
        String::new(),
        format!("{COOKIE}="),
        format!("other={value}"),
        format!("{COOKIE}={first}"),
        format!("{COOKIE}={}", &value[7..]),
        format!("{COOKIE}.0={first}; {COOKIE}.2={second}"),
        format!("{COOKIE}.1={second}"),
        format!("{COOKIE}.0={first}; {COOKIE}.1={second}; {COOKIE}.3=x"),
        format!("{COOKIE}.99={value}"),
        format!("{COOKIE}.00={value}"),
        format!("{COOKIE}.+0={value}"),
        format!("{COOKIE}.0={first}; {COOKIE}.1={second}; {COOKIE}={value}"),
        format!("{COOKIE}={value}; {COOKIE}=base64-planted"),
        format!("{COOKIE}={not_utf8}"),
        format!("{COOKIE}=base64-{}", URL_SAFE_NO_PAD.encode("{}")),
        format!("{COOKIE}={value}; pad={}", "x".repeat(64 * 1024)),
    ] {
        assert!(
            from_cookies(&header).is_none(),
            "{}",
            header.chars().take(90).collect::<String>()
        );
    }
}
