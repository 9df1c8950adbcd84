//! The caller's token, from the header and from the session cookie.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use calendar_connect::session::Session;

use crate::random::{Random, random};

const CASES: usize = 20_000;
const NAME: &str = "sb-project-auth-token";
const USER: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const NOW_MS: u64 = 1_700_000_000_000;

fn token(claims: &str) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.c2lnbmF0dXJl",
        part(r#"{"alg":"HS256"}"#),
        part(claims)
    )
}

fn good() -> String {
    token(&format!(
        r#"{{"sub":"{USER}","role":"authenticated","exp":1800000000}}"#
    ))
}

fn cookie_value(random: &mut Random) -> String {
    let about = "x".repeat(random.below(4000));
    let session = format!(
        r#"{{"access_token":"{}","user":{{"about":"{about}"}}}}"#,
        good()
    );
    format!("base64-{}", URL_SAFE_NO_PAD.encode(session))
}

/// The value cut anywhere into up to sixteen pieces.
fn chunks(random: &mut Random, value: &str) -> Vec<String> {
    let mut cuts: Vec<usize> = (0..random.below(15))
        .map(|_| random.below(value.len()))
        .collect();
    cuts.extend([0, value.len()]);
    cuts.sort_unstable();
    cuts.windows(2)
        .enumerate()
        .map(|(at, cut)| format!("{NAME}.{at}={}", &value[cut[0]..cut[1]]))
        .collect()
}

fn user_of(cookies: &str) -> Option<String> {
    Session::from_cookies(cookies, NAME, NOW_MS).map(|session| session.user().as_str().to_owned())
}

#[test]
fn every_header_is_judged() {
    let (mut random, _seed) = random();
    let pieces = &[
        "Bearer ", "bearer", " ", ".", "eyJ", "=", "e30", "\"", "\n", "a",
    ];
    for _ in 0..CASES {
        let _ = Session::from_header(&random.mosaic(pieces, 30));
        let damaged = random.damaged(&format!("Bearer {}", good()));
        if let Ok(session) = Session::from_header(&damaged) {
            // What is handed on stands in a header of ours.
            let token = session.authorization().strip_prefix("Bearer ").unwrap();
            assert!(token.bytes().all(|b| b.is_ascii_graphic()));
        }
    }
}

#[test]
fn only_claims_of_a_signed_in_user_make_a_session() {
    let (mut random, _seed) = random();
    let values = &[
        "null",
        "true",
        "1",
        "\"\"",
        "[]",
        "{}",
        "\"authenticated\"",
        "\"anon\"",
        "\"service_role\"",
    ];
    let names = &["sub", "role", "exp", "is_anonymous", "client_id", "extra"];
    for _ in 0..CASES {
        let mut claims = serde_json::json!({"sub": USER, "role": "authenticated"});
        for _ in 0..random.below(3) {
            let value: serde_json::Value = serde_json::from_str(random.pick(values)).unwrap();
            claims[random.pick(names)] = value;
        }
        let accepted =
            Session::from_header(&format!("Bearer {}", token(&claims.to_string()))).is_ok();
        let may = claims["sub"] == USER
            && claims["role"] == "authenticated"
            && claims["client_id"].is_null()
            && matches!(
                claims["is_anonymous"],
                serde_json::Value::Null | serde_json::Value::Bool(false)
            );
        assert!(!accepted || may, "{claims}");
    }
}

#[test]
fn every_cookie_is_judged() {
    let (mut random, _seed) = random();
    let pieces = &[
        "sb-project-auth-token",
        "=",
        ";",
        "; ",
        ".0",
        ".1",
        ".15",
        ".16",
        ".-1",
        "base64-",
        "e30",
        "%",
        "\"",
    ];
    for _ in 0..CASES {
        let _ = user_of(&random.mosaic(pieces, 40));
    }
    for _ in 0..2000 {
        let value = cookie_value(&mut random);
        let pieces = chunks(&mut random, &value).join("; ");
        let _ = user_of(&random.damaged(&pieces));
    }
}

#[test]
fn a_session_cut_anywhere_and_sent_in_any_order_is_the_same_session() {
    let (mut random, _seed) = random();
    for _ in 0..2000 {
        let value = cookie_value(&mut random);
        let mut cookies = chunks(&mut random, &value);
        for at in (1..cookies.len()).rev() {
            cookies.swap(at, random.below(at + 1));
        }
        cookies.insert(random.below(cookies.len() + 1), "other=1".to_owned());
        assert_eq!(user_of(&cookies.join("; ")).as_deref(), Some(USER));
    }
}

#[test]
fn a_session_with_a_piece_missing_or_planted_is_none() {
    let (mut random, _seed) = random();
    for _ in 0..2000 {
        let value = cookie_value(&mut random);
        let mut cookies = chunks(&mut random, &value);
        let at = random.below(cookies.len());
        if random.once(2) || cookies[at].ends_with('=') {
            cookies.push(format!("{NAME}.{at}=planted"));
        } else {
            cookies.remove(at);
        }
        assert_eq!(user_of(&cookies.join("; ")), None);
    }
}
