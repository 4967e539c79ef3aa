//! Whole journeys through a city. One binary, so that it links once.
//!
//! Real messages are found by `LIANXIN_MESSAGES` (default `../shared/data` beside the checkout);
//! where they are not, those tests say so loudly and use the invented samples.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "test helpers"
)]

mod bad_input;
mod canaries;
mod commands;
mod cost;
mod damage;
mod dispatch;
mod erasure;
mod faults;
mod kill;
mod money;
mod night;
mod photos;
mod privacy;
mod queues;
mod reading;
mod repeats;
mod replay;
mod search;
mod spill;
mod support;
mod tiers;
mod told;
