//! The worker: keeps connections alive and reads their calendars.
//!
//! A run claims connections that are due, reads each one and settles it. Everything that must last is in the database: a
//! worker that is killed at any moment leaves leases behind that run out, and nothing else. What a settlement may change
//! is decided there by two guards, the fence for the schedule and the version for the tokens, so that a late worker
//! changes nothing.

mod calendars;
mod connection;
mod fault;
pub(crate) mod now;
mod run;
pub(crate) mod settlement;
mod stop;

pub(crate) use connection::Reader;
pub(crate) use run::{Summary, work};

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
