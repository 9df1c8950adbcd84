//! Wycheproof's AES-256-GCM and HKDF-SHA-256 vectors and RFC 5869's, through the very crates and types the vault uses, and
//! an envelope from elsewhere. Natively and as Wasm in the browsers: the code that ships is not what a native compiler made.
#![allow(missing_docs, clippy::unwrap_used)]

use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use calendar_connect::providers::Provider;
use calendar_connect::user::UserId;
use calendar_connect::vault::{Keyring, Place, Purpose};
use hkdf::Hkdf;
use sha2::Sha256;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use wycheproof::{TestResult, aead, hkdf as hkdf_vectors};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[test]
fn wycheproof_aes_256_gcm() {
    let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
    let mut run = 0;
    for group in set
        .test_groups
        .iter()
        .filter(|g| g.key_size == 256 && g.nonce_size == 96 && g.tag_size == 128)
    {
        for test in &group.tests {
            let cipher = Aes256Gcm::new_from_slice(&test.key).unwrap();
            let nonce = Nonce::try_from(test.nonce.as_ref()).unwrap();
            let tag = Tag::try_from(test.tag.as_ref()).unwrap();
            let mut buffer = test.ct.to_vec();
            let opened = cipher.decrypt_inout_detached(
                &nonce,
                &test.aad,
                buffer.as_mut_slice().into(),
                &tag,
            );
            match test.result {
                TestResult::Invalid => assert!(opened.is_err(), "case {}", test.tc_id),
                TestResult::Valid | TestResult::Acceptable => {
                    assert!(opened.is_ok(), "case {}", test.tc_id);
                    assert_eq!(buffer, test.pt.to_vec(), "case {}", test.tc_id);
                    let sealed = cipher
                        .encrypt_inout_detached(&nonce, &test.aad, buffer.as_mut_slice().into())
                        .unwrap();
                    assert_eq!(
                        (buffer, sealed),
                        (test.ct.to_vec(), tag),
                        "case {}",
                        test.tc_id
                    );
                }
            }
            run += 1;
        }
    }
    assert!(run > 60, "only {run} cases");
}

#[test]
fn wycheproof_hkdf_sha256() {
    let set = hkdf_vectors::TestSet::load(hkdf_vectors::TestName::HkdfSha256).unwrap();
    let mut run = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let mut okm = vec![0; test.size];
        let expanded =
            Hkdf::<Sha256>::new(Some(&test.salt), &test.ikm).expand(&test.info, &mut okm);
        match test.result {
            TestResult::Invalid => assert!(expanded.is_err(), "case {}", test.tc_id),
            TestResult::Valid | TestResult::Acceptable => {
                assert!(expanded.is_ok(), "case {}", test.tc_id);
                assert_eq!(okm, test.okm.to_vec(), "case {}", test.tc_id);
            }
        }
        run += 1;
    }
    assert!(run > 80, "only {run} cases");
}

/// RFC 5869 appendix A.1, basic test case with SHA-256.
#[test]
fn rfc_5869_appendix_a_1() {
    let salt: Vec<u8> = (0..=0x0c).collect();
    let info: Vec<u8> = (0xf0..=0xf9).collect();
    let mut okm = [0; 42];
    Hkdf::<Sha256>::new(Some(&salt), &[0x0b; 22])
        .expand(&info, &mut okm)
        .unwrap();
    let hex: String = okm.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        hex,
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    );
}

/// Sealed by Python's `cryptography` from the description in the vault's documentation.
#[test]
fn an_envelope_that_was_sealed_elsewhere_opens() {
    let keyring = Keyring::parse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", []).unwrap();
    let user = UserId::parse("00000000-0000-4000-8000-000000000001").unwrap();
    let place = Place {
        purpose: Purpose::RefreshToken,
        user: &user,
        provider: Provider::Google,
        account: Some("110169484474386276334"),
    };
    let sealed = include_str!("../src/vault/envelope_v1.txt")
        .lines()
        .find(|line| line.contains("110169484474386276334"))
        .and_then(|line| line.rsplit(' ').next())
        .unwrap();
    let opened = keyring.open(place, sealed);
    assert_eq!(opened.unwrap().as_str(), "1//fake-refresh-token");
}
