//! The house rules, as ordinary tests: each fails with what to do. One binary, so that it links
//! once; only files and `cargo` are read, so it is quick.
//!
//! A word that a rule forbids is written in two halves here, or the rule would find itself.

mod architecture;
mod code;
mod crates;
mod dependencies;
mod prose;
mod repository;
