//! The few narrow traits through which functions reach the world.
//!
//! A port speaks the domain's language, so that each has two implementations held to one behaviour:
//! AWS (`shared/cloud`) and memory with faults (the simulator's). [`World`] bundles them; a function
//! gets one and uses only what its role permits. [`Vault`] is not a port but the seal itself, which
//! is the same whatever the store.

mod books;
mod delivery;
mod directories;
mod fund;
mod lists;
mod pack;
mod quarantine;
mod rules;
mod seal;
mod sketches;
mod stores;
mod turnstile;
mod uploads;
mod vault;
mod world;

pub use books::{Book, Books};
pub use delivery::{Deliveries, Delivery, DueDelivery, FINANCE_TOPIC, NoPosts, Post, Posts};
pub use directories::Directories;
pub use fund::Fund;
pub use lists::{Cursor, DueCard, DueTurn, InboxCard, Page};
pub use quarantine::Quarantine;
pub use rules::{Calendars, Defaults, Kit, Rules, StoredCalendar};
pub use seal::{RootKey, SealFault, TicketKey};
pub use sketches::{Neighbourhood, Sketches};
pub use stores::{
    Advanced, Census, Citizens, DUE_SHARDS, Dossiers, Hints, Journal, Keys, NewTicket, PortError,
    PutOnce, Stored, Texts, Tickets,
};
pub use turnstile::Turnstile;
pub use uploads::{Claims, Grant, LyingMail, Upload, Uploads};
pub use vault::{FirstSeal, Opened, Vault, open, open_photo};
pub use world::{ChannelSecret, Clock, Entropy, Registration, ReportKey, Secrets, World};
