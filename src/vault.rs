//! Seals tokens and verifiers with AES-256-GCM, each under a key of its own.
//!
//! Envelope: `v1.<kid>.<base64url(salt16 | nonce12 | ciphertext | tag16)>`, where `kid` is the first 8 hex digits of
//! SHA-256 of the master key. The data key is `HKDF-SHA-256(master, salt, "calendar-connect/v1/<purpose>")`
//! ([RFC 5869](https://www.rfc-editor.org/rfc/rfc5869)), so no key ever nears the 2^32 random nonces of NIST SP 800-38D
//! §8.3. The associated data names version, key, purpose, user, provider and account (empty while it is unknown, and for a
//! verifier; a verifier adds the state's hash), each behind its length: a sealed value that was moved to another row,
//! column, account or version does not open.

use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::entropy::{self, EntropyUnavailable};
use crate::error::messages;
use crate::hex;
use crate::oauth::state::StateHash;
use crate::providers::Provider;
use crate::user::UserId;

const VERSION: &str = "v1";
const SALT: usize = 16;
const NONCE: usize = 12;
const TAG: usize = 16;

/// Longest sealed text in bytes; the columns check it as well.
pub const SEALED_LIMIT: usize = 24 * 1024;

/// What a sealed value is, and so what else it is bound to.
#[derive(Clone, Copy, Debug)]
pub enum Purpose<'a> {
    /// The `sealed_access_token` column.
    AccessToken,
    /// The `sealed_refresh_token` column.
    RefreshToken,
    /// The `sealed_verifier` column of the state with this hash.
    CodeVerifier(&'a StateHash),
}

impl Purpose<'_> {
    const fn label(&self) -> &'static str {
        match self {
            Purpose::AccessToken => "access_token",
            Purpose::RefreshToken => "refresh_token",
            Purpose::CodeVerifier(_) => "code_verifier",
        }
    }

    const fn info(&self) -> &'static [u8] {
        match self {
            Purpose::AccessToken => b"calendar-connect/v1/access_token",
            Purpose::RefreshToken => b"calendar-connect/v1/refresh_token",
            Purpose::CodeVerifier(_) => b"calendar-connect/v1/code_verifier",
        }
    }
}

/// Where a sealed value belongs; it opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// What it is.
    pub purpose: Purpose<'a>,
    /// Whose it is.
    pub user: &'a UserId,
    /// Which provider's it is.
    pub provider: Provider,
    /// The account's id at the provider; `None` while it is unknown, and for a code verifier.
    pub account: Option<&'a str>,
}

/// A master key is not base64 of exactly 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedKey;

messages! { MalformedKey:
    MalformedKey => "a key is not base64 of exactly 32 bytes",
}

/// Why a value could not be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSealed {
    /// Its envelope would be over [`SEALED_LIMIT`].
    TooLong,
    /// The platform gave no randomness, or the cipher failed.
    Unavailable,
}

messages! { NotSealed:
    Self::TooLong => "the sealed value would be longer than a column takes",
    Self::Unavailable => "the platform gave no randomness, or the cipher failed",
}

impl From<EntropyUnavailable> for NotSealed {
    fn from(_: EntropyUnavailable) -> Self {
        Self::Unavailable
    }
}

/// A sealed value did not open. One error for every reason, so that it is no oracle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotOpened;

messages! { NotOpened:
    NotOpened => "the sealed value does not open here",
}

struct MasterKey {
    kid: String,
    bytes: Zeroizing<[u8; 32]>,
}

impl MasterKey {
    fn parse(text: &str) -> Result<Self, MalformedKey> {
        let decoded = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| MalformedKey)?);
        let mut bytes = Zeroizing::new([0; 32]);
        if decoded.len() != bytes.len() {
            return Err(MalformedKey);
        }
        bytes.copy_from_slice(&decoded);
        let digest: [u8; 32] = Sha256::digest(bytes.as_slice()).into();
        let [a, b, c, d, ..] = digest;
        Ok(Self {
            kid: hex::encode(&[a, b, c, d]),
            bytes,
        })
    }

    fn cipher(&self, salt: &[u8], purpose: Purpose<'_>) -> Option<Aes256Gcm> {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(salt), self.bytes.as_slice())
            .expand(purpose.info(), key.as_mut_slice())
            .ok()?;
        Aes256Gcm::new_from_slice(key.as_slice()).ok()
    }
}

/// The key that seals, and the retired ones that still open.
pub struct Keyring {
    current: MasterKey,
    retired: Vec<MasterKey>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring([redacted])")
    }
}

impl Keyring {
    /// Takes base64 texts of 32 bytes each (`openssl rand -base64 32`).
    ///
    /// # Errors
    /// [`MalformedKey`] when any of them is something else.
    pub fn parse<'a>(
        current: &str,
        retired: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, MalformedKey> {
        Ok(Self {
            current: MasterKey::parse(current)?,
            retired: retired
                .into_iter()
                .map(MasterKey::parse)
                .collect::<Result<_, _>>()?,
        })
    }

    /// Whether the key that an envelope names is on the ring.
    #[cfg(feature = "sync")]
    pub(crate) fn knows(&self, envelope: &str) -> bool {
        let kid = envelope.split('.').nth(1);
        std::iter::once(&self.current)
            .chain(&self.retired)
            .any(|key| Some(key.kid.as_str()) == kid)
    }

    /// The id of the key that seals.
    #[cfg(feature = "sync")]
    pub(crate) fn current_kid(&self) -> &str {
        &self.current.kid
    }

    /// Seals `plaintext` for `place` under the current key.
    ///
    /// # Errors
    /// [`NotSealed`].
    pub fn seal(&self, place: Place<'_>, plaintext: &str) -> Result<String, NotSealed> {
        self.seal_with(place, plaintext, entropy::bytes()?)
    }

    fn seal_with(
        &self,
        place: Place<'_>,
        plaintext: &str,
        random: [u8; SALT + NONCE],
    ) -> Result<String, NotSealed> {
        let key = &self.current;
        let mut sealed = Zeroizing::new(Vec::with_capacity(random.len() + plaintext.len() + TAG));
        sealed.extend_from_slice(&random);
        sealed.extend_from_slice(plaintext.as_bytes());
        let (head, body) = sealed.split_at_mut(SALT + NONCE);
        let (salt, nonce) = head.split_at(SALT);
        let nonce = Nonce::try_from(nonce).map_err(|_| NotSealed::Unavailable)?;
        let tag = key
            .cipher(salt, place.purpose)
            .ok_or(NotSealed::Unavailable)?
            .encrypt_inout_detached(&nonce, &associated_data(&key.kid, place), body.into())
            .map_err(|_| NotSealed::Unavailable)?;
        sealed.extend_from_slice(&tag);
        let mut envelope = format!("{VERSION}.{}.", key.kid);
        URL_SAFE_NO_PAD.encode_string(sealed.as_slice(), &mut envelope);
        if envelope.len() > SEALED_LIMIT {
            return Err(NotSealed::TooLong);
        }
        Ok(envelope)
    }

    /// Opens what was sealed for exactly this `place`, with the key it names.
    ///
    /// # Errors
    /// [`NotOpened`], whatever the reason.
    pub fn open(&self, place: Place<'_>, envelope: &str) -> Result<Zeroizing<String>, NotOpened> {
        if envelope.len() > SEALED_LIMIT {
            return Err(NotOpened);
        }
        let mut parts = envelope.split('.');
        let (Some(VERSION), Some(kid), Some(payload), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NotOpened);
        };
        let key = std::iter::once(&self.current)
            .chain(&self.retired)
            .find(|key| key.kid == kid)
            .ok_or(NotOpened)?;
        let mut sealed = Zeroizing::new(URL_SAFE_NO_PAD.decode(payload).map_err(|_| NotOpened)?);
        let (head, rest) = sealed.split_at_mut_checked(SALT + NONCE).ok_or(NotOpened)?;
        let (salt, nonce) = head.split_at(SALT);
        let body_length = rest.len().checked_sub(TAG).ok_or(NotOpened)?;
        let (body, tag) = rest.split_at_mut(body_length);
        let nonce = Nonce::try_from(nonce).map_err(|_| NotOpened)?;
        let tag = Tag::try_from(&*tag).map_err(|_| NotOpened)?;
        key.cipher(salt, place.purpose)
            .ok_or(NotOpened)?
            .decrypt_inout_detached(
                &nonce,
                &associated_data(kid, place),
                (&mut *body).into(),
                &tag,
            )
            .map_err(|_| NotOpened)?;
        let text = std::str::from_utf8(body).map_err(|_| NotOpened)?;
        Ok(Zeroizing::new(text.to_owned()))
    }
}

/// Each field behind its length as four big-endian bytes, so that no two places share one text.
fn associated_data(kid: &str, place: Place<'_>) -> Vec<u8> {
    let state_hash = match place.purpose {
        Purpose::CodeVerifier(hash) => Some(hash.as_str()),
        Purpose::AccessToken | Purpose::RefreshToken => None,
    };
    let fields = [
        VERSION,
        kid,
        place.purpose.label(),
        place.user.as_str(),
        place.provider.as_str(),
        place.account.unwrap_or_default(),
    ];
    let mut data = Vec::with_capacity(256);
    for field in fields.into_iter().chain(state_hash) {
        // Every field is far below 4 GiB.
        data.extend_from_slice(&(field.len() as u32).to_be_bytes());
        data.extend_from_slice(field.as_bytes());
    }
    data
}

#[cfg(test)]
mod tests;
