//! Every limit is where it is said to be: what is as long as it may be is taken, and one byte more is not.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use calendar_connect::http::OutboundResponse;
use calendar_connect::oauth::callback::{Callback, CallbackError};
use calendar_connect::oauth::token::judge;
use calendar_connect::providers::Provider;
use calendar_connect::session::Session;
use calendar_connect::user::UserId;
use calendar_connect::vault::{Keyring, Place, Purpose};

const USER: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const NOW_MS: u64 = 1_700_000_000_000;

/// A token of exactly so many bytes: its signature makes up for what is missing.
fn token(length: usize) -> String {
    let claims = format!(r#"{{"sub":"{USER}","role":"authenticated","exp":1800000000}}"#);
    let head = format!("e30.{}.", URL_SAFE_NO_PAD.encode(claims));
    format!("{head}{}", "s".repeat(length - head.len()))
}

#[test]
fn a_session_token_has_at_most_16_kib() {
    let accepted = |length| Session::from_header(&format!("Bearer {}", token(length))).is_ok();
    assert!(accepted(16 * 1024));
    assert!(!accepted(16 * 1024 + 1));
}

#[test]
fn a_cookie_header_has_at_most_64_kib() {
    let value = format!(r#"{{"access_token":"{}"}}"#, token(200));
    let cookie = format!("n=base64-{}; x=", URL_SAFE_NO_PAD.encode(value));
    let accepted = |length: usize| {
        let header = format!("{cookie}{}", "x".repeat(length - cookie.len()));
        Session::from_cookies(&header, "n", NOW_MS).is_some()
    };
    assert!(accepted(64 * 1024));
    assert!(!accepted(64 * 1024 + 1));
}

#[test]
fn a_session_has_at_most_sixteen_chunks() {
    let value = format!(
        "base64-{}",
        URL_SAFE_NO_PAD.encode(format!(r#"{{"access_token":"{}"}}"#, token(200)))
    );
    let accepted = |count: usize| {
        let size = value.len().div_ceil(count);
        let chunks: Vec<String> = value
            .as_bytes()
            .chunks(size)
            .enumerate()
            .map(|(at, chunk)| format!("n.{at}={}", std::str::from_utf8(chunk).unwrap()))
            .collect();
        assert_eq!(chunks.len(), count);
        Session::from_cookies(&chunks.join("; "), "n", NOW_MS).is_some()
    };
    assert!(accepted(16));
    assert!(!accepted(17));
}

#[test]
fn a_session_ends_with_its_last_second() {
    let value = format!(r#"{{"access_token":"{}"}}"#, token(200));
    let cookie = format!("n=base64-{}", URL_SAFE_NO_PAD.encode(value));
    assert!(Session::from_cookies(&cookie, "n", 1_799_999_999_999).is_some());
    assert!(Session::from_cookies(&cookie, "n", 1_800_000_000_000).is_none());
}

fn callback(name: &str, value: &str) -> Option<CallbackError> {
    let state = "s".repeat(43);
    let code = if name == "iss" { "code=c&" } else { "" };
    Callback::from_query(&format!("{code}state={state}&{name}={value}")).err()
}

#[test]
fn a_code_has_at_most_4_kib_and_an_issuer_512_bytes() {
    assert_eq!(callback("code", &"c".repeat(4096)), None);
    assert_eq!(
        callback("code", &"c".repeat(4097)),
        Some(CallbackError::CodeMalformed)
    );
    assert_eq!(callback("iss", &"i".repeat(512)), None);
    assert_eq!(
        callback("iss", &"i".repeat(513)),
        Some(CallbackError::OtherIssuer)
    );
}

fn taken(name: &str, value: serde_json::Value) -> bool {
    let mut body = serde_json::json!({
        "access_token": "fake", "refresh_token": "fake", "token_type": "Bearer", "expires_in": 1,
        "scope": "https://www.googleapis.com/auth/calendar.readonly",
    });
    body[name] = value;
    let answer = OutboundResponse {
        status: 200,
        retry_after: None,
        body: body.to_string().into(),
    };
    judge(Provider::Google, Ok(answer)).is_ok()
}

#[test]
fn tokens_have_at_most_16_kib() {
    for name in ["access_token", "refresh_token"] {
        assert!(taken(name, "t".repeat(16 * 1024).into()));
        assert!(!taken(name, "t".repeat(16 * 1024 + 1).into()));
    }
}

#[test]
fn a_connection_keeps_32_scopes_of_4_kib_at_most_however_many_were_granted() {
    let calendar = "https://www.googleapis.com/auth/calendar.readonly";
    let kept = |scope: String| {
        let scopes = Provider::Google.judge_scopes(&scope);
        scopes.map(|scopes| (scopes.len(), scopes.join(",").len()))
    };
    let many = format!("{} {calendar}", "s ".repeat(1000));
    assert_eq!(kept(many), Some((32, 49 + 31 * 2)));
    let long = format!("{} {calendar}", format!("{} ", "s".repeat(1000)).repeat(9));
    assert_eq!(kept(long), Some((5, 49 + 4 * 1001)));
    assert!(taken(
        "scope",
        format!("{calendar} {}", "s ".repeat(20_000)).into()
    ));
}

#[test]
fn a_token_lives_from_one_second_to_ten_years() {
    for (seconds, lives) in [
        (0, false),
        (1, true),
        (315_360_000, true),
        (315_360_001, false),
    ] {
        assert_eq!(taken("expires_in", seconds.into()), lives, "{seconds}");
    }
}

#[test]
fn an_envelope_has_at_most_24_kib() {
    let Ok(ring) = Keyring::parse(&STANDARD.encode([7; 32]), []) else {
        panic!("a key")
    };
    let user = UserId::parse(USER).unwrap();
    let place = Place {
        purpose: Purpose::AccessToken,
        user: &user,
        provider: Provider::Google,
        account: None,
    };
    // 12 characters before the payload, of which four stand for three bytes: salt, nonce, text and tag.
    let longest = (24 * 1024 - 12) / 4 * 3 - 16 - 12 - 16;
    let Ok(envelope) = ring.seal(place, &"t".repeat(longest)) else {
        panic!("it fits")
    };
    assert_eq!(envelope.len(), 24 * 1024);
    assert!(ring.open(place, &envelope).is_ok());
    assert!(ring.seal(place, &"t".repeat(longest + 1)).is_err());
}

#[test]
fn debug_output_names_and_tells_nothing() {
    let key = STANDARD.encode(b"a key that is a secret of 32 by!");
    let Ok(ring) = Keyring::parse(&key, []) else {
        panic!("a key")
    };
    let shown = format!("{ring:?}");
    assert!(
        shown.starts_with("Keyring") && !shown.contains(&key) && !shown.contains("secret"),
        "{shown}"
    );
    let user = UserId::parse(USER).unwrap();
    assert!(format!("{user:?}").contains(USER));
}
