//! Requests in, responses out, with database and providers in memory.

mod contract;
mod flow;
mod memory;
