//! Secret texts: zeroized when dropped, printed as `[redacted]`, neither cloned, compared nor serialized; one way out.

use std::fmt;

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
    /// A provider's access token (RFC 6749 §1.4).
    AccessToken
    /// A provider's refresh token (RFC 6749 §1.5).
    RefreshToken
    /// An authorization code (RFC 6749 §1.3.1).
    AuthorizationCode
    /// A PKCE code verifier (RFC 7636 §4.1).
    CodeVerifier
    /// The `state` of an authorization request (RFC 6749 §4.1.1).
    State
    /// The client secret (RFC 6749 §2.3.1).
    ClientSecret
    /// The caller's Supabase access token, behind `Bearer` (RFC 6750 §2.1).
    Authorization
}

/// Whether every character may stand in a token or code: `VSCHAR` (RFC 6749 appendix A), and at least one.
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

    #[test]
    fn control_characters_and_unicode_are_no_vschar() {
        for bad in ["", "a\nb", "a\0", "é", "a\u{7f}"] {
            assert!(!is_vschar(bad), "{bad:?}");
        }
        assert!(is_vschar("4/0A-b_c~ d"));
    }
}
