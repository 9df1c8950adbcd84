//! The sealed envelope.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use calendar_connect::oauth::state::StateHash;
use calendar_connect::providers::Provider;
use calendar_connect::user::UserId;
use calendar_connect::vault::{Keyring, Place, Purpose};

use crate::random::{BASE64URL, Random, random};

const CASES: usize = 2000;

fn user(random: &mut Random) -> UserId {
    let hex = random.text("0123456789abcdef", 32);
    let id = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ]
    .join("-");
    UserId::parse(&id).unwrap()
}

fn keyring(random: &mut Random) -> Keyring {
    Keyring::parse(&STANDARD.encode(random.bytes(32)), [])
        .unwrap_or_else(|_| panic!("32 bytes are a key"))
}

#[test]
fn what_is_sealed_opens_in_its_place_and_in_no_other() {
    let (mut random, _seed) = random();
    for _ in 0..CASES {
        let (owner, stranger) = (user(&mut random), user(&mut random));
        let hash = StateHash::parse(&random.text(BASE64URL, 43)).unwrap();
        let purposes = [
            Purpose::AccessToken,
            Purpose::RefreshToken,
            Purpose::CodeVerifier(&hash),
        ];
        let sealed_as = random.below(3);
        let account = random.once(2).then(|| random.text(BASE64URL, 21));
        let place = Place {
            purpose: purposes[sealed_as],
            user: &owner,
            provider: Provider::Google,
            account: account.as_deref(),
        };
        let (ring, other) = (keyring(&mut random), keyring(&mut random));
        let text = random.mosaic(&["a", "é", "\0", "token", "\u{1f600}"], 100);
        let Ok(envelope) = ring.seal(place, &text) else {
            panic!("a short text is sealed")
        };
        assert!(
            ring.open(place, &envelope)
                .is_ok_and(|opened| *opened == text)
        );
        assert!(other.open(place, &envelope).is_err());
        assert!(
            ring.open(
                Place {
                    user: &stranger,
                    ..place
                },
                &envelope
            )
            .is_err()
        );
        assert!(
            ring.open(
                Place {
                    provider: Provider::Outlook,
                    ..place
                },
                &envelope
            )
            .is_err()
        );
        for other in [None, Some(""), Some("another account")] {
            assert_eq!(
                ring.open(
                    Place {
                        account: other,
                        ..place
                    },
                    &envelope
                )
                .is_ok(),
                account.as_deref().unwrap_or_default() == other.unwrap_or_default()
            );
        }
        for (at, purpose) in purposes.into_iter().enumerate() {
            assert_eq!(
                ring.open(Place { purpose, ..place }, &envelope).is_ok(),
                at == sealed_as
            );
        }
    }
}

#[test]
fn no_damaged_envelope_opens_and_every_text_is_judged() {
    let (mut random, _seed) = random();
    let owner = user(&mut random);
    let place = Place {
        purpose: Purpose::AccessToken,
        user: &owner,
        provider: Provider::Outlook,
        account: None,
    };
    let ring = keyring(&mut random);
    let Ok(envelope) = ring.seal(place, "a token") else {
        panic!("a short text is sealed")
    };
    let kid = envelope.split('.').nth(1).unwrap().to_owned();
    for _ in 0..CASES * 5 {
        let damaged = random.damaged(&envelope);
        assert!(
            damaged == envelope || ring.open(place, &damaged).is_err(),
            "{damaged}"
        );
        let pieces = &["v1", "v2", ".", kid.as_str(), "AAAA", "====", "-_", "A"];
        assert!(ring.open(place, &random.mosaic(pieces, 40)).is_err());
    }
}

#[test]
fn only_base64_of_32_bytes_is_a_key() {
    let (mut random, _seed) = random();
    for length in 0..80 {
        let key = STANDARD.encode(random.bytes(length));
        assert_eq!(Keyring::parse(&key, []).is_ok(), length == 32, "{length}");
    }
    for _ in 0..CASES {
        let _ = Keyring::parse(&random.mosaic(&["A", "=", "+", "/", "-", " "], 60), []);
    }
}
