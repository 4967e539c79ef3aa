//! The city as it is deployed: `infra/template.yaml`, unchanged, by the SAM CLI, to an emulator that
//! runs the functions' own binaries as Lambda does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests stop at the first thing that is not as it must be, and say what they skip"
)]

mod deployed;
mod emulator;
mod journey;
mod tools;
