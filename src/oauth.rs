//! The authorization code flow with PKCE (RFC 6749, RFC 7636, RFC 9207, RFC 9700): builds requests, judges answers.
//! Knows no JavaScript, no database and no session.

pub mod authorize;
pub mod callback;
pub mod id_token;
pub mod pkce;
pub mod state;
pub mod token;
