use super::*;

const KEY_A: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const KEY_B: &str = "/////////////////////////////////////////w8=";

fn user(last: char) -> UserId {
    UserId::parse(&format!("00000000-0000-4000-8000-00000000000{last}")).unwrap()
}

fn ring(current: &str, retired: &[&str]) -> Keyring {
    Keyring::parse(current, retired.iter().copied()).unwrap()
}

fn refresh(user: &UserId) -> Place<'_> {
    Place {
        purpose: Purpose::RefreshToken,
        user,
        provider: Provider::Google,
        account: None,
    }
}

#[test]
fn a_sealed_value_opens_in_its_place() {
    let (ring, user) = (ring(KEY_A, &[]), user('1'));
    for text in ["", "x", "1//0fake-refresh-token", &"long ".repeat(800)] {
        let sealed = ring.seal(refresh(&user), text).unwrap();
        assert_eq!(ring.open(refresh(&user), &sealed).unwrap().as_str(), text);
    }
}

#[test]
fn a_sealed_value_opens_in_no_other_place() {
    let (ring, v, a) = (ring(KEY_A, &[]), user('1'), user('2'));
    let sealed = ring.seal(refresh(&v), "secret").unwrap();
    let hash = StateHash::parse(&"A".repeat(43)).unwrap();
    let elsewhere = [
        refresh(&a),
        Place {
            provider: Provider::Outlook,
            ..refresh(&v)
        },
        Place {
            account: Some("110169484474386276334"),
            ..refresh(&v)
        },
        Place {
            purpose: Purpose::AccessToken,
            ..refresh(&v)
        },
        Place {
            purpose: Purpose::CodeVerifier(&hash),
            ..refresh(&v)
        },
    ];
    for place in elsewhere {
        assert_eq!(ring.open(place, &sealed).unwrap_err(), NotOpened);
    }
}

#[test]
fn a_value_sealed_for_one_account_opens_for_no_other() {
    let (ring, user) = (ring(KEY_A, &[]), user('1'));
    let of = |account| Place {
        account,
        ..refresh(&user)
    };
    let sealed = ring.seal(of(Some("1101")), "secret").unwrap();
    assert!(ring.open(of(Some("1101")), &sealed).is_ok());
    for other in [None, Some("110"), Some("11011"), Some("")] {
        assert!(ring.open(of(other), &sealed).is_err(), "{other:?}");
    }
}

#[test]
fn a_verifier_opens_under_its_own_state_only() {
    let (ring, user) = (ring(KEY_A, &[]), user('1'));
    let (one, other) = (
        StateHash::parse(&"A".repeat(43)).unwrap(),
        StateHash::parse(&"B".repeat(43)).unwrap(),
    );
    let place = |hash| Place {
        purpose: Purpose::CodeVerifier(hash),
        ..refresh(&user)
    };
    let sealed = ring.seal(place(&one), "verifier").unwrap();
    assert!(ring.open(place(&one), &sealed).is_ok());
    assert!(ring.open(place(&other), &sealed).is_err());
}

#[test]
fn every_flipped_bit_and_every_truncation_is_noticed() {
    let (ring, user) = (ring(KEY_A, &[]), user('1'));
    let sealed = ring.seal(refresh(&user), "secret").unwrap();
    let (head, payload) = sealed.rsplit_once('.').unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(payload).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let envelope = format!("{head}.{}", URL_SAFE_NO_PAD.encode(flipped));
        assert!(ring.open(refresh(&user), &envelope).is_err(), "bit {bit}");
    }
    for end in 0..sealed.len() {
        assert!(
            ring.open(refresh(&user), &sealed[..end]).is_err(),
            "cut at {end}"
        );
    }
}

#[test]
fn malformed_envelopes_do_not_open() {
    let (ring, user) = (ring(KEY_A, &[]), user('1'));
    let sealed = ring.seal(refresh(&user), "secret").unwrap();
    let other_version = sealed.replacen("v1", "v2", 1);
    let padded = format!("{sealed}=");
    let longer = format!("{sealed}.x");
    let huge = format!("v1.00000000.{}", "A".repeat(24 * 1024));
    for bad in [
        "",
        ".",
        "..",
        "v1..",
        "v1.x.!",
        &other_version,
        &padded,
        &longer,
        &huge,
    ] {
        assert!(ring.open(refresh(&user), bad).is_err());
    }
}

#[test]
fn a_retired_key_opens_and_never_seals() {
    let user = user('1');
    let old = ring(KEY_A, &[]).seal(refresh(&user), "secret").unwrap();
    let rotated = ring(KEY_B, &[KEY_A]);
    assert_eq!(
        rotated.open(refresh(&user), &old).unwrap().as_str(),
        "secret"
    );
    let new = rotated.seal(refresh(&user), "secret").unwrap();
    assert!(ring(KEY_B, &[]).open(refresh(&user), &new).is_ok());
    assert!(ring(KEY_A, &[]).open(refresh(&user), &new).is_err());
    assert!(ring(KEY_B, &[]).open(refresh(&user), &old).is_err());
}

#[test]
fn two_seals_of_one_text_differ() {
    let (ring, user) = (ring(KEY_A, &[]), user('1'));
    let seal = || ring.seal(refresh(&user), "secret").unwrap();
    assert_ne!(seal(), seal());
}

#[test]
fn a_text_too_long_for_its_column_is_not_sealed() {
    let (ring, user) = (ring(KEY_A, &[]), user('1'));
    assert!(ring.seal(refresh(&user), &"x".repeat(16 * 1024)).is_ok());
    assert_eq!(
        ring.seal(refresh(&user), &"x".repeat(19 * 1024))
            .unwrap_err(),
        NotSealed::TooLong
    );
}

#[test]
fn keys_are_base64_of_32_bytes() {
    for bad in [
        "",
        "AAAA",
        "not base64 at all!",
        &"A".repeat(44),
        &KEY_A.replace('=', ""),
    ] {
        assert!(Keyring::parse(bad, []).is_err(), "{bad:?}");
    }
    assert!(Keyring::parse(&format!("{KEY_A}\n"), []).is_ok());
    assert!(Keyring::parse(KEY_A, ["short"]).is_err());
}

/// Each line of the file: purpose, provider, account, state hash, text, envelope; `-` for an absent one. Computed with
/// Python's `cryptography` (HKDF, AESGCM) from the description in the module's documentation.
#[test]
fn the_envelopes_are_what_their_description_says() {
    let (ring, user) = (ring(KEY_A, &[]), user('1'));
    let mut random = [0; SALT + NONCE];
    for (at, byte) in random.iter_mut().enumerate() {
        *byte = at as u8;
    }
    let mut count = 0;
    for line in include_str!("envelope_v1.txt").lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let [purpose, provider, account, hash, text, envelope] = fields[..] else {
            panic!("{line}");
        };
        let hash = StateHash::parse(hash);
        let place = Place {
            purpose: match purpose {
                "access_token" => Purpose::AccessToken,
                "refresh_token" => Purpose::RefreshToken,
                _ => Purpose::CodeVerifier(hash.as_ref().unwrap()),
            },
            user: &user,
            provider: Provider::parse(provider).unwrap(),
            account: Some(account).filter(|account| *account != "-"),
        };
        assert_eq!(ring.seal_with(place, text, random).unwrap(), envelope);
        assert_eq!(ring.open(place, envelope).unwrap().as_str(), text);
        count += 1;
    }
    assert_eq!(count, 4);
}
