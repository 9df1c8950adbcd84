//! Calendar Connect: connect a Supabase app's users to Google Calendar and Microsoft Outlook.
//!
//! Everything is decided here, and JavaScript is known in the module `wasm` only: protocol modules build requests and judge
//! responses as plain values, and one [`http::Transport`] sends them. Dependencies point one way:
//!
//! ```text
//! wasm → api, service → flow → store, session, config → vault, oauth
//!                            → providers, reason, user, uuid, secret, http, error, cause, capacity, json, hex, entropy
//! ```
//!
//! The helpers that an app may call by themselves are in [`api`], and the whole function is [`service::Service`].
//!
//! # Example
//!
//! A token is sealed for its place, and opens in no other:
//!
//! ```
//! use calendar_connect::providers::Provider;
//! use calendar_connect::user::UserId;
//! use calendar_connect::vault::{Keyring, Place, Purpose};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let keyring = Keyring::parse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", [])?;
//! let user = UserId::parse("0f8fad5b-d9cb-469f-a165-70867728950e").ok_or("not a UUID")?;
//! let place = Place {
//!     purpose: Purpose::RefreshToken,
//!     user: &user,
//!     provider: Provider::Google,
//!     account: Some("107691503500069"),
//! };
//! let sealed = keyring.seal(place, "1//fake-refresh-token")?;
//! assert_eq!(*keyring.open(place, &sealed)?, "1//fake-refresh-token");
//!
//! let elsewhere = Place { provider: Provider::Outlook, ..place };
//! assert!(keyring.open(elsewhere, &sealed).is_err());
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]
// A build of one function leaves out what only the other one needs.
#![cfg_attr(not(all(feature = "calendar", feature = "sync")), allow(dead_code))]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice
    )
)]

pub mod api;
pub mod capacity;
pub mod cause;
pub mod config;
#[cfg(not(target_arch = "wasm32"))]
pub mod contract;
pub mod entropy;
pub mod error;
pub mod flow;
mod hex;
pub mod http;
mod json;
#[cfg(feature = "sync")]
mod minutes;
pub mod oauth;
pub mod providers;
#[cfg(feature = "sync")]
mod reading;
pub mod reason;
pub mod secret;
pub mod service;
pub mod session;
pub mod store;
#[cfg(feature = "sync")]
mod sync;
pub mod user;
pub mod uuid;
pub mod vault;

#[cfg(target_arch = "wasm32")]
pub mod wasm;
