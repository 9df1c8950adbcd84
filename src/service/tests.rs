//! Requests in, responses out, with database and providers in memory.

mod accounts;
mod contract;
mod edges;
mod flow;
mod memory;
mod standing;
