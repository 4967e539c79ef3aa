//! The tests of reports, linked once.
//!
//! `city` plays a ledger by the ledger's own decisions, `year` a year of it, and `recount` counts over the
//! entries in another way than the reports do.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and its helpers are tests too"
)]

mod anomalies;
mod city;
mod damage;
mod figures;
mod files;
mod manifest;
mod office;
mod period;
mod recount;
mod walks;
mod workbook;
mod year;
