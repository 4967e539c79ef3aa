//! The AWS side of the ports: ticket store and its keys, sealed texts, queues, case files, secrets.
//!
//! Everything here is reached through the traits of `ports`. The same calls run against AWS and
//! against the embedded engines of the one-machine city; no emulator is known to this crate.

mod books;
mod calendars;
mod census;
mod change;
mod citizens;
mod claims;
mod deliveries;
mod directories;
mod dossiers;
mod error;
mod fund;
mod item;
mod journal;
pub mod keys;
mod packed;
mod quarantine;
mod queues;
mod secrets;
mod settings;
mod shelf;
mod sketches;
mod spill;
mod system;
mod texts;
mod tickets;
mod topic;
mod transaction;
mod turnstile;
mod uploads;
mod world;

pub use fund::{balance_from_item, posting_from_item};
pub use item::{ItemFault, card_items, entries_from_item, index_values, ticket_from_item};
pub use journal::{entry_from_item, head_from_item};
pub use secrets::{AwsSecrets, channel_secret};
pub use settings::{Settings, SettingsFault};
pub use spill::causes;
pub use system::{SystemClock, SystemEntropy};
pub use topic::SnsTopic;
pub use world::{Clients, Parts, world};
