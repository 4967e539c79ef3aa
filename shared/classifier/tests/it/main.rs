//! The figures the classifier must reach on real data. One binary, so that it links once.
//!
//! Real messages are found by `LIANXIN_MESSAGES` (default `../shared/data` beside the checkout);
//! where they are not, those tests say so loudly. The catalog is the sample city's own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "test helpers"
)]

mod catalog;
mod messages;
