//! The token endpoint's answer.

use calendar_connect::http::{OutboundResponse, TransportError};
use calendar_connect::oauth::token::{TokenError, Tokens, judge};
use calendar_connect::providers::Provider;

use crate::random::random;

const CASES: usize = 20_000;
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\"access_token\":",
    "\"refresh_token\":",
    "\"token_type\":",
    "\"expires_in\":",
    "\"scope\":",
    "\"error\":",
    "\"Bearer\"",
    "3599",
    "-1",
    "1e308",
    "null",
    "true",
    "\"\"",
    "\\ud800",
    "\\",
    " ",
    "\n",
];
const GOOD: &str = r#"{"access_token":"fake","refresh_token":"fake","token_type":"Bearer","expires_in":3599,
    "scope":"https://www.googleapis.com/auth/calendar.readonly"}"#;

fn judged(status: u16, body: &str) -> Result<Tokens, TokenError> {
    let answer = OutboundResponse {
        status,
        retry_after: None,
        body: body.to_owned().into(),
    };
    judge(Provider::Google, Ok(answer))
}

fn well_formed(tokens: &Tokens) -> bool {
    let fits = |text: &str| {
        !text.is_empty()
            && text.len() <= 16 * 1024
            && text.bytes().all(|b| (0x20..0x7f).contains(&b))
    };
    fits(tokens.access_token.expose())
        && tokens
            .refresh_token
            .as_ref()
            .is_none_or(|token| fits(token.expose()))
        && (1..=315_360_000).contains(&tokens.expires_in)
        && tokens.scopes.as_ref().is_none_or(|scopes| {
            scopes
                .first()
                .is_some_and(|first| first.ends_with("/calendar.readonly"))
                && scopes.len() <= 32
        })
}

#[test]
fn every_answer_is_judged_and_only_well_formed_tokens_are_taken() {
    let (mut random, _seed) = random();
    let mut taken = 0;
    for _ in 0..CASES {
        let body = if random.once(2) {
            random.damaged(GOOD)
        } else {
            random.mosaic(PIECES, 40)
        };
        if let Ok(tokens) = judged(200, &body) {
            assert!(well_formed(&tokens), "{body}");
            taken += 1;
        }
    }
    assert!(taken > 100, "only {taken} damaged answers were still good");
}

#[test]
fn no_status_but_200_is_a_success() {
    for status in 0..=999 {
        assert_eq!(judged(status, GOOD).is_ok(), status == 200, "{status}");
    }
    for error in [
        TransportError::Timeout,
        TransportError::Network,
        TransportError::TooLarge,
    ] {
        assert!(judge(Provider::Outlook, Err(error)).is_err());
    }
}

#[test]
fn a_retry_after_is_a_number_of_seconds_up_to_an_hour() {
    let (mut random, _seed) = random();
    for _ in 0..CASES {
        let answer = OutboundResponse {
            status: 429,
            retry_after: Some(random.mosaic(&["1", "9", "-", "+", ".", " ", "e", ",", "GMT"], 25)),
            body: String::new().into(),
        };
        let Err(TokenError::Busy { retry_after }) = judge(Provider::Google, Ok(answer)) else {
            panic!("429 is busy");
        };
        assert!((1..=3600).contains(&retry_after));
    }
}
