//! The mayor's mailbox (市长信箱): mail, as a mail server puts it into a bucket.
//!
//! The contract is `events/channels/mayor-mailbox/`: a mail (RFC 5322, MIME), proven by the verdict on
//! DKIM and SPF of the mail server that took it in. Nobody waits for an answer; `lambda::Mailbox` says
//! what becomes of a mail that is refused. This crate holds what is peculiar to the channel and nothing
//! else.

mod answer;
mod automatic;
mod bounds;
mod quoted;
mod read;
mod verdict;

use std::sync::Arc;

use contracts::{MailNotice, Problem};
use lambda::{
    Adapter, Claims, Function, Mailbox, Message, Notice, Photo, Unread, Unverified, Verified,
};
use ports::World;

pub use crate::read::order_of;

/// The mailbox's adapter.
#[derive(Debug)]
pub struct MayorMailbox;

impl Adapter for MayorMailbox {
    fn name(&self) -> &'static str {
        "mayor-mailbox"
    }

    fn body_bytes_max(&self) -> usize {
        MailNotice::BYTES_MAX
    }

    fn prove(&self, request: &Unverified, secrets: &[Vec<u8>]) -> Result<Claims, Problem> {
        verdict::prove(request.body(), secrets)
    }

    /// The ways to read one mail: a reply may be about a request that is not there.
    fn translate(&self, request: &Verified) -> Result<Vec<Result<Message, Problem>>, Problem> {
        read::ways(request.body(), request.wall())
    }

    fn photos(&self, request: &Verified) -> Vec<Photo> {
        read::photos(request.body())
    }

    /// An answer to the mail; nobody is told whose address is none.
    fn tell(&self, notice: &Notice) -> Option<(&'static str, Vec<u8>)> {
        Some(("message/rfc822", answer::mail(notice)?))
    }

    /// A mail carries no secret of ours: the server that takes it in knows us by our password.
    fn sign(&self, _: &[u8], _: (&str, &str), _: &[u8]) -> Vec<(String, String)> {
        Vec::new()
    }

    /// Subject and text, as a person reads them.
    fn unread(&self, request: &Verified, _item: Option<usize>) -> Unread {
        // The bytes are copied once the words are found: reading them takes most of the memory.
        match read::words(request.body()) {
            Some(words) => Unread { raw: request.body().to_vec(), words },
            None => Unread::text(request.body()),
        }
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    Mailbox::create(MayorMailbox, world)
}
