//! Secret texts: zeroized when dropped, printed as `[redacted]`, neither cloned, compared nor serialized; one way out.

use std::fmt;
use std::rc::Rc;

use zeroize::Zeroizing;

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        pub struct $name(Zeroizing<String>);

        impl $name {
            /// Takes the text in; no other copy should stay behind.
            pub fn new(text: impl Into<Zeroizing<String>>) -> Self {
                Self(text.into())
            }

            /// The secret itself: for a request to its rightful receiver, or for sealing.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    )*};
}

secrets! {
    /// A provider's access token ([RFC 6749 §1.4](https://www.rfc-editor.org/rfc/rfc6749#section-1.4)).
    AccessToken
    /// A provider's refresh token ([RFC 6749 §1.5](https://www.rfc-editor.org/rfc/rfc6749#section-1.5)).
    RefreshToken
    /// A provider's id_token: it names the person.
    IdToken
    /// An authorization code ([RFC 6749 §1.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-1.3.1)).
    AuthorizationCode
    /// A PKCE code verifier ([RFC 7636 §4.1](https://www.rfc-editor.org/rfc/rfc7636#section-4.1)).
    CodeVerifier
    /// The `state` of an authorization request ([RFC 6749 §4.1.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1)).
    State
    /// The client secret ([RFC 6749 §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)).
    ClientSecret
}

const BEARER: &str = "Bearer ";

/// A token as the value of an `Authorization` header ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)).
/// A copy shares the one text.
#[derive(Clone)]
pub struct Authorization(Rc<Zeroizing<String>>);

impl Authorization {
    /// The header for a token that holds visible ASCII only.
    pub(crate) fn bearer(token: &str) -> Self {
        Self(Rc::new(Zeroizing::new([BEARER, token].concat())))
    }

    /// The header's value.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authorization([redacted])")
    }
}

/// An access token that a provider granted, for calls of its API. It is no caller's JWT, and no such call takes one.
#[cfg(feature = "sync")]
#[derive(Clone, Debug)]
pub struct Bearer(Authorization);

#[cfg(feature = "sync")]
impl Bearer {
    /// The credential that `token` is.
    pub fn new(token: &AccessToken) -> Self {
        Self(Authorization::bearer(token.expose()))
    }

    /// The `Authorization` header's value.
    pub fn authorization(&self) -> &str {
        self.0.expose()
    }
}

/// The project's secret key: `sb_secret_…`, or the JWT of projects that still have legacy keys.
#[cfg(feature = "sync")]
#[derive(Clone)]
pub struct SecretKey(Authorization);

#[cfg(feature = "sync")]
impl SecretKey {
    /// A key of visible ASCII, at most 4 KiB.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=4096).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(Authorization::bearer(text)))
    }

    /// The key itself: the `apikey` header.
    pub fn expose(&self) -> &str {
        self.0.expose().strip_prefix(BEARER).unwrap_or_default()
    }

    /// The `Authorization` header that a legacy key needs as well. The gateway sets it for the others, and refuses it from
    /// them.
    pub fn authorization(&self) -> Option<&str> {
        let is_jwt = self.expose().starts_with("ey") && self.expose().contains('.');
        is_jwt.then(|| self.0.expose())
    }
}

#[cfg(feature = "sync")]
impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey([redacted])")
    }
}

/// Whether every character may stand in a token or code: `VSCHAR`
/// ([RFC 6749 appendix A](https://www.rfc-editor.org/rfc/rfc6749#appendix-A)), and at least one.
pub(crate) fn is_vschar(text: &str) -> bool {
    !text.is_empty() && is_printable(text)
}

/// The same of a text that may be empty.
pub(crate) fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| (0x20..=0x7e).contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_never_holds_the_secret() {
        let token = RefreshToken::new("fake-canary".to_owned());
        assert_eq!(format!("{token:?}"), "RefreshToken([redacted])");
        assert_eq!(token.expose(), "fake-canary");
    }

    #[cfg(feature = "sync")]
    #[test]
    fn a_legacy_secret_key_goes_into_both_headers_and_another_into_apikey_alone() {
        let key = SecretKey::parse("sb_secret_fake").unwrap();
        assert_eq!(
            (key.expose(), key.authorization()),
            ("sb_secret_fake", None)
        );
        let legacy = SecretKey::parse("eyfake.eyfake.fake").unwrap();
        assert_eq!(legacy.expose(), "eyfake.eyfake.fake");
        assert_eq!(legacy.authorization(), Some("Bearer eyfake.eyfake.fake"));
        for bad in ["", "a b", "a\nb", "é", &"k".repeat(4097)] {
            assert!(SecretKey::parse(bad).is_none(), "{bad:?}");
        }
        assert_eq!(format!("{legacy:?}"), "SecretKey([redacted])");
        let bearer = Bearer::new(&AccessToken::new("fake".to_owned()));
        assert_eq!(bearer.authorization(), "Bearer fake");
        assert!(!format!("{bearer:?}").contains("fake"));
    }

    #[test]
    fn control_characters_and_unicode_are_no_vschar() {
        for bad in ["", "a\nb", "a\0", "é", "a\u{7f}"] {
            assert!(!is_vschar(bad), "{bad:?}");
        }
        assert!(is_vschar("4/0A-b_c~ d"));
    }
}
