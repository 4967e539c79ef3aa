//! The simulator's tests. One binary, so that it links once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "test helpers"
)]

mod bugs;
mod deadlines;
mod followers;
mod fund;
mod life;
mod swarm;
