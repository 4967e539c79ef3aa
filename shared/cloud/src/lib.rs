//! The AWS side of the ports: ticket store and its keys, sealed texts, queues, case files, secrets.
//!
//! Everything here is reached through the traits of `ports`. The same calls run against AWS and
//! against the embedded engines of the one-machine city; no emulator is known to this crate.

mod claims;
mod dossiers;
mod error;
mod item;
pub mod keys;
mod queues;
mod secrets;
mod settings;
mod system;
mod texts;
mod tickets;
mod uploads;
mod world;

pub use item::{ItemFault, card_items, index_values, ticket_from_item};
pub use secrets::{AwsSecrets, channel_secrets};
pub use settings::{Settings, SettingsFault};
pub use system::{SystemClock, SystemEntropy};
pub use world::{Clients, Parts, world};
