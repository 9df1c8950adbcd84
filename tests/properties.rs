//! Properties of every parser, for inputs nobody would think of: each is total, none panics, none needs more than a few
//! times its input, and what goes in well formed comes out unchanged. Natively, against the crate's public API.
//!
//! The inputs are seeded: a failure prints the seed, and `CALENDAR_TEST_SEED` repeats it. Mutations tried: see SECURITY.md.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice
)]

#[path = "properties/callback.rs"]
mod callback;
#[path = "properties/config.rs"]
mod config;
#[path = "properties/envelope.rs"]
mod envelope;
#[path = "properties/grant.rs"]
mod grant;
#[path = "properties/limits.rs"]
mod limits;
#[path = "properties/linear.rs"]
mod linear;
#[path = "properties/random.rs"]
mod random;
#[path = "properties/service.rs"]
mod service;
#[path = "properties/session.rs"]
mod session;
#[path = "properties/token.rs"]
mod token;
