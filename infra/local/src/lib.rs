//! The whole city on one machine: the binary `lianxin`.
//!
//! It reads `infra/template.yaml`, runs the same functions that are deployed, against embedded
//! engines that speak AWS's protocols, and adds what those engines do not do: polling queues,
//! ticking schedules, HTTP. Its commands are the shell's desk and the operator's tools.

pub mod city;
mod cli;
mod commands;
pub mod engines;
pub mod template;
pub mod wire;

pub use cli::main;
