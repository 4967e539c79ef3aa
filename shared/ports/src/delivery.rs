//! How channels are told: how far each ticket's channel is, and the way out to it.

use async_trait::async_trait;
use domain::{ChannelName, Ticket, TicketId, Timestamp};

use crate::stores::PortError;

/// How far the channel of a ticket has been told: book-keeping, which no rule reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// The last event that it was told of; 0 before the first.
    pub told: u32,
    /// How often the next one has failed.
    pub attempts: u32,
    /// When the next one failed first.
    pub failing_since: Option<Timestamp>,
    /// When there is something to tell, from when on; `None` when it knows everything, or when it
    /// was given up.
    pub due: Option<Timestamp>,
    /// Whether it was given up: staff put it back.
    pub given_up: bool,
}

impl Delivery {
    /// By which time it stands in the list of what is due, or of what was given up; `None` when it
    /// stands in neither.
    #[must_use]
    pub const fn stands_at(&self) -> Option<Timestamp> {
        if self.given_up { self.failing_since } else { self.due }
    }
}

/// A ticket whose channel has something to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDelivery {
    /// The ticket.
    pub ticket: TicketId,
    /// Since when, or when it is tried again.
    pub due: Timestamp,
}

/// How far every ticket's channel has been told. That there is something to tell is written by
/// [`crate::Tickets::advance`], in the same write as the event.
#[async_trait]
pub trait Deliveries: Send + Sync {
    /// The tickets of a channel whose telling is due at `until`, oldest first, at most `limit`.
    ///
    /// # Errors
    /// [`PortError`].
    async fn due(
        &self,
        channel: &ChannelName,
        until: Timestamp,
        limit: u16,
    ) -> Result<Vec<DueDelivery>, PortError>;

    /// The tickets of a channel whose telling was given up, at most `limit`.
    ///
    /// # Errors
    /// [`PortError`].
    async fn given_up(&self, channel: &ChannelName, limit: u16)
    -> Result<Vec<TicketId>, PortError>;

    /// A ticket, as far as it is not spilled, and how far its channel is; read consistently.
    ///
    /// # Errors
    /// [`PortError`]; permanent when what is stored is no ticket.
    async fn of(&self, id: &TicketId) -> Result<Option<(Ticket, Delivery)>, PortError>;

    /// Its channel knows everything up to the event `told`, and that is all there is at this
    /// version. `false`: the ticket has moved on; there may be more to tell.
    ///
    /// # Errors
    /// [`PortError`].
    async fn told(&self, ticket: &Ticket, told: u32) -> Result<bool, PortError>;

    /// It could not be told, or is put back: writes `now` unless somebody else has moved what was
    /// due at `before.due`. `false`: somebody has.
    ///
    /// # Errors
    /// [`PortError`].
    async fn put_off(
        &self,
        ticket: &Ticket,
        before: &Delivery,
        now: &Delivery,
    ) -> Result<bool, PortError>;
}

/// What goes out to a channel.
#[derive(Clone, PartialEq, Eq)]
pub struct Post {
    /// Where to.
    pub url: String,
    /// The headers by lower-case name.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// It holds a citizen's reply.
impl std::fmt::Debug for Post {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Post(…)")
    }
}

/// The way out. It goes to public addresses only, follows no redirect and waits a limited time.
#[async_trait]
pub trait Posts: Send + Sync {
    /// Posts, and gives the status that was answered.
    ///
    /// # Errors
    /// [`PortError`] says in a few words why there is no answer; permanent for an address to which
    /// nothing may be posted.
    async fn post(&self, post: &Post) -> Result<u16, PortError>;
}

/// The address at which finance is told of reports, in place of a URL.
pub const FINANCE_TOPIC: &str = "topic:finance";

/// No way out, for functions that tell nobody anything.
#[derive(Clone, Copy, Debug)]
pub struct NoPosts;

#[async_trait]
impl Posts for NoPosts {
    async fn post(&self, _post: &Post) -> Result<u16, PortError> {
        Err(PortError::Permanent("this function tells nobody anything".to_owned()))
    }
}
