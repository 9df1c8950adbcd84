//! Calendar Connect: connect a Supabase app's users to Google Calendar and Microsoft Outlook.
//!
//! Everything is decided here and nothing here knows JavaScript except [`wasm`]: protocol modules build requests and judge
//! responses as plain values, and one [`http::Transport`] sends them. Dependencies point one way:
//!
//! ```text
//! wasm → api, service → flow → store, session, config → vault, oauth
//!                            → providers, reason, user, uuid, secret, http, error, cause, capacity, json, hex, entropy
//! ```
//!
//! The helpers an app may call by themselves are in [`api`].
#![forbid(unsafe_code)]
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
pub mod oauth;
pub mod providers;
pub mod reason;
pub mod secret;
pub mod service;
pub mod session;
pub mod store;
pub mod user;
pub mod uuid;
pub mod vault;

#[cfg(target_arch = "wasm32")]
pub mod wasm;
