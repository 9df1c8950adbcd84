//! Proof Key for Code Exchange, S256 only ([RFC 7636](https://www.rfc-editor.org/rfc/rfc7636)).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::entropy::{self, EntropyUnavailable};
use crate::secret::CodeVerifier;

impl CodeVerifier {
    /// 32 random bytes as 43 base64url characters, as [RFC 7636 §4.1](https://www.rfc-editor.org/rfc/rfc7636#section-4.1)
    /// recommends.
    ///
    /// # Errors
    /// [`EntropyUnavailable`] when the platform has no randomness.
    pub fn generate() -> Result<Self, EntropyUnavailable> {
        Ok(Self::new(URL_SAFE_NO_PAD.encode(entropy::bytes::<32>()?)))
    }

    /// `BASE64URL(SHA256(verifier))` ([RFC 7636 §4.2](https://www.rfc-editor.org/rfc/rfc7636#section-4.2)).
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.expose().as_bytes()))
    }

    /// The verifier, if it has 43 to 128 unreserved characters
    /// ([RFC 7636 §4.1](https://www.rfc-editor.org/rfc/rfc7636#section-4.1)).
    pub fn parse(text: &str) -> Option<Self> {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        ((43..=128).contains(&text.len()) && text.bytes().all(unreserved))
            .then(|| Self::new(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_7636_appendix_b() {
        let verifier = CodeVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned());
        assert_eq!(
            verifier.challenge(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn a_generated_verifier_is_fresh_and_well_formed() {
        let (one, other) = (
            CodeVerifier::generate().unwrap(),
            CodeVerifier::generate().unwrap(),
        );
        assert_ne!(one.expose(), other.expose());
        assert_eq!(one.expose().len(), 43);
        assert!(CodeVerifier::parse(one.expose()).is_some());
    }

    #[test]
    fn short_long_and_reserved_texts_are_no_verifier() {
        for bad in [
            &"a".repeat(42),
            &"a".repeat(129),
            &format!("{}+", "a".repeat(43)),
        ] {
            assert!(CodeVerifier::parse(bad).is_none());
        }
    }
}
