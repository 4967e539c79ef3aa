//! The simulator: every function's real handler on stores in memory, with faults, on one thread, in
//! virtual time; one seed makes one run.
//!
//! Each call of a port is a place at which the others may come first, and at which it may fail before
//! or after it is done, be throttled, hang, answer from an index that lags, or take its function down
//! ([`Fault`]); queues lose, double, delay and never forget ([`QueueFault`]). When the faults have
//! stopped, everything must come home in bounded time, and what people were promised must be so.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test harness: what is out of bounds in it is a fault of the harness, and shall stop it"
)]

mod bugs;
mod check;
mod check_clocks;
mod check_fund;
mod citizens;
mod city;
mod clocks;
mod core;
mod duty;
mod events;
mod faults;
mod index;
mod ledger;
mod memory;
mod money;
mod moves;
mod ops;
mod people;
mod ports_channel;
mod ports_fund;
mod ports_rules;
mod ports_sealed;
mod ports_sketches;
mod ports_tell;
mod ports_tickets;
mod purse;
mod queues;
mod requests;
mod rng;
mod settings;
mod staff;
mod store;
mod swarm;
mod teller;
mod town;
mod trace;
mod treasury;
mod vigil;
mod whim;
mod wired;
mod world;

pub use bugs::Bug;
pub use city::{Outcome, run};
pub use faults::{Call, Coverage, Fault, QueueFault};
pub use ledger::Violation;
pub use memory::{Idea, Look, Memory};
pub use ops::{Op, Stand};
pub use requests::{request, with_its_unit};
pub use rng::Rng;
pub use settings::{Rates, Settings};
pub use swarm::{Swarm, story};
pub use trace::Line;
pub use vigil::{Deliveries, Vigil};
