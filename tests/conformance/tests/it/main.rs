//! One behaviour for two sets of stores: those in memory, on which the simulator proves the city,
//! and those of the cloud, which a city runs on, here on the engines. What the simulator proves
//! would mean nothing if they differed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests stop at the first thing that is not as it must be"
)]

mod channels;
mod differential;
mod directories;
mod fund;
mod lives;
mod objects;
mod reports;
mod rules;
mod sealed;
mod sketches;
mod stands;
mod tickets;
