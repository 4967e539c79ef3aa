//! The mayor's mailbox (市长信箱): mail, as a mail server puts it into a bucket.
//!
//! The contract is `events/channels/mayor-mailbox/`: a mail (RFC 5322, MIME), proven by the verdict on
//! DKIM and SPF of the mail server that took it in. Nobody waits for an answer; `lambda::Mailbox` says
//! what becomes of a mail that is refused. This crate holds what is peculiar to the channel and nothing
//! else.

mod automatic;
mod quoted;
mod read;
mod verdict;

use std::sync::Arc;

use contracts::Problem;
use lambda::{Adapter, Claims, Function, Mailbox, Message, Unread, Unverified, Verified};
use ports::World;

pub use crate::read::order_of;

/// The longest mail, in bytes.
const MAIL_BYTES_MAX: usize = 10 * 1024 * 1024;

/// The mailbox's adapter.
#[derive(Debug)]
pub struct MayorMailbox;

impl Adapter for MayorMailbox {
    fn name(&self) -> &'static str {
        "mayor-mailbox"
    }

    fn body_bytes_max(&self) -> usize {
        MAIL_BYTES_MAX
    }

    fn prove(&self, request: &Unverified, secrets: &[Vec<u8>]) -> Result<Claims, Problem> {
        verdict::prove(request.body(), secrets)
    }

    /// The ways to read one mail: a reply may be about a request that is not there.
    fn translate(&self, request: &Verified) -> Result<Vec<Result<Message, Problem>>, Problem> {
        read::ways(request.body(), request.wall())
    }

    /// Subject and text, as a person reads them.
    fn unread(&self, request: &Verified, _item: Option<usize>) -> Unread {
        let mut unread = Unread::text(request.body());
        if let Some(words) = read::words(request.body()) {
            unread.words = words;
        }
        unread
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    Mailbox::create(MayorMailbox, world)
}
