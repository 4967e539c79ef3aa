//! The wire messages: versioned, tagged, serde; nothing else is a promise.
//!
//! A type here is part of a boundary: a queue's body, an answer to a channel, a dossier, a sealed
//! record. The canonical form of an event is the domain's own ([`domain::Record`]); this crate only
//! carries it. `events/` shows the same contracts without Rust, and `tests/contracts` holds both
//! to each other.

mod addendum;
mod daily_head;
mod dossier;
mod entry;
mod hint;
mod photo;
mod problem;
mod quarantine;
mod text;
mod upload;

pub use addendum::{Addendum, addendum_key};
pub use daily_head::{
    DailyHead, HeadFault, PreviousHead, PublishedHead, head_key, heads_prefix, leaves_from_bytes,
    leaves_key, leaves_to_bytes,
};
pub use dossier::{Dossier, DossierRecord, dossier_key};
pub use entry::{EntryFault, EntryWire};
pub use hint::{Hint, HintFault};
pub use photo::{Photo, evidence_key};
pub use problem::{FieldFault, Problem};
pub use quarantine::{QuarantineId, Quarantined, QuarantinedText};
pub use text::{Circumstances, Citizen, Origin, Place, SealedText};
pub use upload::{MailNotice, UploadHint};
