//! The shapes of function: a channel, a step, a schedule.
//!
//! A function's own crate holds only what is peculiar to it; records, limits, logging, the hand-off
//! protocol, the door and the command function are here. Nothing here knows a particular channel.

mod calendar;
mod casefile;
mod catalog;
pub mod channel;
mod city;
mod command;
mod directory;
mod dispatching;
mod door;
mod erase;
mod function;
mod fund;
mod heads;
pub mod http;
pub mod json;
mod lessons;
pub mod messages;
mod quarantine;
mod read;
pub mod records;
mod repeats;
pub mod signature;
pub mod step;
mod tell;

pub use calendar::{CalendarImportError, import_calendar};
pub use casefile::{CaseFileError, case_file};
pub use catalog::{CatalogImportError, import_catalog, put_model};
pub use channel::{
    Adapter, ChannelFunction, Claims, Mailbox, Message, Photo, Submission, Unverified, Verified,
};
pub use city::{calendar, defaults, sample_catalog, sample_model};
pub use command::{CommandError, Done, Order, command, done, has_moved, hint};
pub use directory::{ImportError, Imported, import_directory};
pub use dispatching::{
    Asked, Dispatcher, GENERAL_ITEM, Opinion, PROPOSALS_MAX, Proposal, WANTED_PRECISION,
    catalog_of, dispatcher, entries, train, words,
};
pub use door::{Admitted, submit, submit_with};
pub use erase::{EraseError, erase, tickets_of};
pub use function::{
    Constructor, Failure, Function, init_logging, log_filter, run, run_with, run_with_topic,
};
pub use fund::{FundError, FundOrder, Posted, Written, fund};
pub use heads::{Contradiction, Proof, ProveError, agrees, head_keys, prove, published};
pub use lessons::{Learned, learned, teach};
pub use quarantine::{
    QuarantineError, Unread, admit_quarantined, drop_quarantined, quarantined, quarantined_words,
};
pub use read::{ReadError, Reader, Shown, held, read, reply_for_others};
pub use records::Records;
pub use repeats::{Request, followers, readable, repeats};
pub use step::{StepError, StepFunction, StepLogic};
pub use tell::{GIVEN_UP, Notice, advice, tell};
