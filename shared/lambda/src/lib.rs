//! The shapes of function: a channel, a step, a schedule.
//!
//! A function's own crate holds only what is peculiar to it; records, limits, logging, the hand-off
//! protocol, the door and the command function are here. Nothing here knows a particular channel.

pub mod channel;
mod city;
mod command;
mod door;
mod function;
pub mod http;
pub mod json;
pub mod messages;
pub mod records;
pub mod signature;
pub mod step;

pub use channel::{Adapter, ChannelFunction, Message, Submission, Unverified, Verified};
pub use city::{calendar, keyword_table};
pub use command::{CommandError, Done, Order, command, hint};
pub use door::{Admitted, submit};
pub use function::{Constructor, Failure, Function, init_logging, run};
pub use records::Records;
pub use step::{StepError, StepFunction, StepLogic};
