//! The authorization code flow with PKCE ([RFC 6749](https://www.rfc-editor.org/rfc/rfc6749),
//! [RFC 7636](https://www.rfc-editor.org/rfc/rfc7636), [RFC 9207](https://www.rfc-editor.org/rfc/rfc9207),
//! [RFC 9700](https://www.rfc-editor.org/rfc/rfc9700)): builds requests, judges answers. Knows no JavaScript, no database
//! and no session.

pub mod authorize;
pub mod callback;
pub mod id_token;
pub mod pkce;
pub mod state;
pub mod token;
