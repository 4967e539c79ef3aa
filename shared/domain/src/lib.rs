//! The pure rules of 接诉即办 ("every request answered at once").
//!
//! No I/O, no clock, no async, no serialisation of the outside and no AWS: time, ids and
//! randomness are passed in. The heart is [`Ticket`]: [`Ticket::decide`] turns a [`Command`] into
//! [`Event`]s or a typed [`Refusal`], [`Ticket::apply`] folds one event into the state, and nothing
//! else changes a ticket. Everything people and clocks look up is derived by [`cards`].

#![warn(
    clippy::wildcard_enum_match_arm,
    clippy::match_wildcard_for_single_variants,
    clippy::as_conversions,
    clippy::float_arithmetic
)]

mod alarm;
mod authority;
mod calendar;
mod card;
pub mod catalog;
mod command;
mod decide;
mod diagram;
pub mod directory;
mod event;
pub mod fund;
mod hash;
mod ids;
mod journal;
mod lifecycle;
mod lint;
pub mod mask;
mod matter;
mod media;
pub mod merkle;
pub mod place;
mod record;
mod reference;
pub mod repeat;
mod snapshot;
mod telling;
mod ticket;
mod timeline;
mod timestamp;

pub use alarm::{RED, YELLOW};
pub use authority::{Actor, GRANTS, Grant, Part, READ_GRANTS, ReadGrant, ReadRefusal, Role};
pub use authority::{authority_table, matter_table};
pub use calendar::{Calendar, CalendarFault, Limit};
pub use card::{COMMAND_CENTRE, Card, CardKind, FOLLOW_MS, Owner, cards};
pub use command::{
    Ask, Command, CommandKind, Conclusion, DispatchTo, FollowUpResult, MatterOutcome,
};
pub use decide::{
    BOUNCES_MAX, CALL_ATTEMPTS_MAX, Context, EXTENSIONS_MAX, Lead, Refusal, SUSPENSION_DAYS_MAX,
};
pub use diagram::diagram;
pub use event::{DeclineGround, Event, EventKind, Outcome, RequestKind, Satisfaction, Via};
pub use hash::{Hash, Salt, commitment};
pub use ids::{
    ChannelName, CommandId, GridCode, IdFault, ItemCode, MemberId, PayeeCode, PublicNumber,
    RecordId, RegionCode, StaffId, TicketId, UnitCode, UploadKey,
};
pub use journal::{Access, JournalEntry, JournalFault, Reading, Reason, verify_journal};
pub use lifecycle::{Desk, IllegalTransition, Next, Status, Step, TRANSITIONS, Tier, Turn};
pub use lint::{GraphFault, lint};
pub use matter::{Level, Matter, OpenMatter, Paper, ReturnGround, Terms, Trigger, Units, Why};
pub use media::{MediaType, PHOTO_BYTES_MAX, PHOTOS_MAX, PhotoRefusal};
pub use record::{Record, RecordFault};
pub use reference::{Candidates, Dues, Likely, LikelyLead, SealedRef};
pub use snapshot::Spill;
pub use telling::{News, Telling, tellings};
pub use ticket::{Archive, Assignment, Crew, FollowUp, Promise, ReplayFault, Stage, Task, Ticket};
pub use timeline::{ChainFault, Entry, verify_chain};
pub use timestamp::Timestamp;
