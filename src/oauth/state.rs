//! The `state` parameter: ties the callback to the connect that began it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::entropy::{self, EntropyUnavailable};
use crate::secret::State;

const TEXT_LENGTH: usize = 43;

impl State {
    /// 32 random bytes, base64url.
    ///
    /// # Errors
    /// [`EntropyUnavailable`] when the platform has no randomness.
    pub fn generate() -> Result<Self, EntropyUnavailable> {
        Ok(Self::new(URL_SAFE_NO_PAD.encode(entropy::bytes::<32>()?)))
    }

    /// The state, if it could be one of ours.
    pub(crate) fn parse(text: String) -> Option<Self> {
        is_base64url_of_32_bytes(&text).then(|| Self::new(text))
    }
}

/// SHA-256 of a state, base64url: what the database holds, so that reading the table starts no flow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StateHash(String);

impl StateHash {
    /// The hash of `state`'s text.
    pub fn of(state: &State) -> Self {
        Self(URL_SAFE_NO_PAD.encode(Sha256::digest(state.expose().as_bytes())))
    }

    /// Parses the 43 characters.
    pub fn parse(text: &str) -> Option<Self> {
        is_base64url_of_32_bytes(text).then(|| Self(text.to_owned()))
    }

    /// The 43 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_base64url_of_32_bytes(text: &str) -> bool {
    text.len() == TEXT_LENGTH
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_states_differ_and_parse() {
        let (one, other) = (State::generate().unwrap(), State::generate().unwrap());
        assert_ne!(one.expose(), other.expose());
        assert!(State::parse(one.expose().to_owned()).is_some());
    }

    #[test]
    fn the_hash_is_sha_256_of_the_text() {
        // printf %s AAA…(43) | openssl dgst -sha256 -binary | basenc --base64url
        let hash = StateHash::of(&State::new("A".repeat(43)));
        assert_eq!(hash.as_str(), STATE_HASH_OF_43_A);
    }

    const STATE_HASH_OF_43_A: &str = "DwBzhbb51LfusnSGBa_hqYSgo7-j8BTQnip4TOnlzRo";

    #[test]
    fn other_shapes_are_no_state() {
        for bad in [
            "",
            "short",
            &"A".repeat(42),
            &"A".repeat(44),
            &format!("{}=", "A".repeat(42)),
        ] {
            assert!(State::parse((*bad).to_owned()).is_none());
        }
    }
}
