//! The tests of the pure rules, linked once.
//!
//! `support` holds the city that the others play in: its people, every command they can give, walks
//! through them, and every state that they lead to.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and its helpers are tests too; measurements are printed"
)]

mod addenda;
mod anybody;
mod cards;
mod catalog;
mod chain;
mod clocks;
mod directory;
mod evaluation;
mod fund;
mod lifecycle;
mod matrix;
mod merging;
mod place;
mod records;
mod repeat;
mod support;
mod tiers;
mod walks;
