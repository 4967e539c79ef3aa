//! The stores: tickets, sealed texts, their keys, queues of hints, the archive.

use async_trait::async_trait;
use contracts::{Hint, MailNotice, UploadHint};
use domain::{
    ChannelName, CommandId, EventKind, Hash, JournalEntry, PublicNumber, Reading, RecordId, Step,
    Ticket, TicketId, Timestamp,
};

use crate::lists::{Cursor, DueCard, DueTurn, InboxCard, Page};

/// Why a store did not answer as asked. What it means for a message: temporary ones are not
/// acknowledged and come again; permanent ones go to the dead letters with their reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// Time-out, throttle, 5xx, conflict: the outcome is unknown or may differ next time.
    #[error("{0}")]
    Temporary(String),
    /// The same call will fail again until somebody mends something.
    #[error("{0}")]
    Permanent(String),
}

/// A ticket to be created, with its sealed request: one transaction, or none of it.
#[derive(Clone, Debug)]
pub struct NewTicket {
    /// The ticket, at version 1.
    pub ticket: Ticket,
    /// The sealed request: what [`crate::Vault`] made.
    pub ciphertext: Vec<u8>,
    /// The ticket's key, wrapped under the root key.
    pub wrapped_key: Vec<u8>,
    /// The keyed hash of the citizen's telephone number in hexadecimal, for the `citizen` index.
    pub citizen: Option<String>,
}

/// A ticket as stored, with the store's book-keeping, which no rule reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The ticket.
    pub ticket: Ticket,
    /// How often the sweep has looked at the present turn.
    pub attempts: u32,
}

/// How a conditional write ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advanced {
    /// Written.
    Done,
    /// Somebody else was first; read again.
    Stale,
}

/// The ticket store.
#[async_trait]
pub trait Tickets: Send + Sync {
    /// Creates a ticket, its sealed request and its key, all or nothing. `Ok(false)`: a ticket with
    /// this id stands already, and nothing was written.
    ///
    /// # Errors
    /// [`PortError`]; after a temporary one the outcome is unknown.
    async fn create(&self, new: &NewTicket) -> Result<bool, PortError>;

    /// Reads a ticket, consistently.
    ///
    /// # Errors
    /// [`PortError`]; permanent when what is stored is not a ticket (a broken chain, say).
    async fn load(&self, id: &TicketId) -> Result<Option<Stored>, PortError>;

    /// Reads a ticket with its whole timeline, spilled entries included; for those who show, seal or
    /// check it. Deciding needs only [`Tickets::load`].
    ///
    /// # Errors
    /// [`PortError`]; permanent when what is stored is not a ticket.
    async fn whole(&self, id: &TicketId) -> Result<Option<Ticket>, PortError>;

    /// What a command led to whose entry was spilled; `None` when no spilled entry names it.
    ///
    /// # Errors
    /// [`PortError`].
    async fn spilled_cause(
        &self,
        id: &TicketId,
        cause: &CommandId,
    ) -> Result<Option<EventKind>, PortError>;

    /// Writes `after` if the stored version is still that of `before`: one conditional write, with
    /// the cards and index values that changed.
    ///
    /// # Errors
    /// [`PortError`]; after a temporary one the outcome is unknown.
    async fn advance(&self, before: &Ticket, after: &Ticket) -> Result<Advanced, PortError>;

    /// The machine's turns of one shard that are due at `until`, oldest first, at most `limit`.
    ///
    /// # Errors
    /// [`PortError`].
    async fn due_turns(
        &self,
        shard: u8,
        until: Timestamp,
        limit: u16,
    ) -> Result<Vec<DueTurn>, PortError>;

    /// A page of the cards of people in one shard that the clocks look at by `until`, oldest first.
    ///
    /// # Errors
    /// [`PortError`].
    async fn due_cards(
        &self,
        shard: u8,
        until: Timestamp,
        from: Option<&Cursor>,
        limit: u16,
    ) -> Result<Page<DueCard>, PortError>;

    /// Book-keeping of the sweep: moves a due turn to `to` and sets `attempts`, if the ticket is
    /// still at `version` and the turn still due when [`DueTurn::due`] says. `false`: it is not.
    ///
    /// # Errors
    /// [`PortError`].
    async fn postpone(
        &self,
        turn: &DueTurn,
        version: u32,
        to: Timestamp,
        attempts: u32,
    ) -> Result<bool, PortError>;

    /// A page of an inbox ([`domain::Owner::inbox`]), oldest due first.
    ///
    /// # Errors
    /// [`PortError`].
    async fn inbox(
        &self,
        inbox: &str,
        from: Option<&Cursor>,
        limit: u16,
    ) -> Result<Page<InboxCard>, PortError>;

    /// Book-keeping of the command function: an archived ticket is about to get a text, so the night's
    /// work shall look at it again ([`Census::archived`]), whether or not the event follows. `false`:
    /// the ticket has changed meanwhile.
    ///
    /// # Errors
    /// [`PortError`].
    async fn touch(&self, ticket: &Ticket, now: Timestamp) -> Result<bool, PortError>;

    /// The tickets with this public number: one, hardly ever two.
    ///
    /// # Errors
    /// [`PortError`].
    async fn by_number(&self, number: &PublicNumber) -> Result<Vec<TicketId>, PortError>;
}

/// Every ticket that is open or was closed of late, or follows one, without reading a whole table.
#[async_trait]
pub trait Census: Send + Sync {
    /// The open tickets of a shard, whoever has the turn; an archived one with a late fact to be
    /// sealed is among them.
    ///
    /// # Errors
    /// [`PortError`].
    async fn open(&self, shard: u8) -> Result<Vec<TicketId>, PortError>;

    /// The archived tickets of a shard to which something has happened since `since`.
    ///
    /// # Errors
    /// [`PortError`].
    async fn archived(&self, shard: u8, since: Timestamp) -> Result<Vec<TicketId>, PortError>;

    /// A page of the tickets that follow this one, or of those that `answered` with its answer, by their ids and after
    /// `from`. The index is eventually consistent: what was merged a moment ago may be missing.
    ///
    /// # Errors
    /// [`PortError`].
    async fn followers(
        &self,
        (lead, answered): (&TicketId, bool),
        from: Option<&TicketId>,
        limit: u16,
    ) -> Result<Vec<TicketId>, PortError>;
}

/// The shards of the `due` and `archived` indexes are numbered from 0 to this, exclusive.
pub const DUE_SHARDS: u8 = 16;

/// Sealed records: ciphertext only.
#[async_trait]
pub trait Texts: Send + Sync {
    /// Puts a record unless one with this id stands. `false`: it stands, and nothing was written.
    ///
    /// # Errors
    /// [`PortError`].
    async fn put(
        &self,
        ticket: &TicketId,
        record: &RecordId,
        ciphertext: &[u8],
        at: Timestamp,
    ) -> Result<bool, PortError>;

    /// Reads one record, consistently.
    ///
    /// # Errors
    /// [`PortError`].
    async fn get(&self, ticket: &TicketId, record: &RecordId)
    -> Result<Option<Vec<u8>>, PortError>;

    /// Says of a record that stands that it is wanted at `at`: it is not an orphan, whoever lists it.
    /// `false`: it is gone.
    ///
    /// # Errors
    /// [`PortError`].
    async fn renew(
        &self,
        ticket: &TicketId,
        record: &RecordId,
        at: Timestamp,
    ) -> Result<bool, PortError>;

    /// The records of a ticket, consistently, each with when it was put or last wanted.
    ///
    /// # Errors
    /// [`PortError`].
    async fn list(&self, ticket: &TicketId) -> Result<Vec<(RecordId, Timestamp)>, PortError>;

    /// Deletes a record that was last wanted at exactly `at`. `false`: it is gone, or wanted again.
    ///
    /// # Errors
    /// [`PortError`]; after a temporary one the outcome is unknown.
    async fn remove(
        &self,
        ticket: &TicketId,
        record: &RecordId,
        at: Timestamp,
    ) -> Result<bool, PortError>;

    /// Reads all records of a ticket, consistently.
    ///
    /// # Errors
    /// [`PortError`].
    async fn all(&self, ticket: &TicketId) -> Result<Vec<(RecordId, Vec<u8>)>, PortError>;
}

/// The keys of the tickets, wrapped: a table of their own whose backups are short.
#[async_trait]
pub trait Keys: Send + Sync {
    /// The wrapped key of a ticket; `None` when the person was erased.
    ///
    /// # Errors
    /// [`PortError`].
    async fn wrapped(&self, ticket: &TicketId) -> Result<Option<Vec<u8>>, PortError>;

    /// Destroys the key of a ticket, for ever; one that is gone already stays gone.
    ///
    /// # Errors
    /// [`PortError`]; after a temporary one the outcome is unknown.
    async fn destroy(&self, ticket: &TicketId) -> Result<(), PortError>;
}

/// The `citizen` index: by it a person's tickets are found, and with its entries the way to them is
/// forgotten.
#[async_trait]
pub trait Citizens: Send + Sync {
    /// A page of the tickets under a keyed hash, oldest receipt first.
    ///
    /// # Errors
    /// [`PortError`].
    async fn tickets(&self, hash: &str, from: Option<&Cursor>)
    -> Result<Page<TicketId>, PortError>;

    /// Takes a ticket out of the index. `false`: it was not in it.
    ///
    /// # Errors
    /// [`PortError`]; after a temporary one the outcome is unknown.
    async fn forget(&self, ticket: &TicketId) -> Result<bool, PortError>;
}

/// The access journal: append-only, chained per day and shard.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Appends an entry and gives it as it was written. What it tells of is done afterwards, and not
    /// at all if this fails.
    ///
    /// # Errors
    /// [`PortError`]; after a temporary one the outcome is unknown: the entry may stand.
    async fn append(&self, reading: Reading, now: Timestamp) -> Result<JournalEntry, PortError>;

    /// The entries of a Beijing date (`yyyymmdd`), by shard and in order.
    ///
    /// # Errors
    /// [`PortError`]; permanent when what is stored is no entry.
    async fn day(&self, date: &str) -> Result<Vec<JournalEntry>, PortError>;
}

/// The queues of hints, one a step.
#[async_trait]
pub trait Hints: Send + Sync {
    /// Sends a hint to the queue of `step`.
    ///
    /// # Errors
    /// [`PortError`]; the sweep finds what a lost hint leaves behind.
    async fn send(&self, step: Step, hint: &Hint) -> Result<(), PortError>;

    /// Asks for a look at an upload that a request has named.
    ///
    /// # Errors
    /// [`PortError`].
    async fn look(&self, hint: &UploadHint) -> Result<(), PortError>;

    /// Says that a mail is there, as its bucket did when it was put.
    ///
    /// # Errors
    /// [`PortError`]; the upkeep says it again while the mail lies there.
    async fn mail(&self, notice: &MailNotice) -> Result<(), PortError>;

    /// How many messages wait or are being worked on in the queue of `step`, approximately.
    ///
    /// # Errors
    /// [`PortError`].
    async fn backlog(&self, step: Step) -> Result<u64, PortError>;

    /// The channels whose queues of tellings this function may send to.
    fn channels(&self) -> Vec<ChannelName>;

    /// Asks a channel's function to tell it what there is to tell of a ticket.
    ///
    /// # Errors
    /// [`PortError`]; the sweep asks again.
    async fn tell(&self, channel: &ChannelName, hint: &Hint) -> Result<(), PortError>;

    /// How many messages wait or are being worked on in a channel's queue, approximately.
    ///
    /// # Errors
    /// [`PortError`].
    async fn untold(&self, channel: &ChannelName) -> Result<u64, PortError>;

    /// Puts a message that can never succeed among this function's dead letters, with its reason.
    ///
    /// # Errors
    /// [`PortError`].
    async fn bury(&self, body: &str, reason: &str) -> Result<(), PortError>;
}

/// How a write-once ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutOnce {
    /// Written now.
    Written,
    /// The same bytes lay there already.
    Same,
    /// Other bytes lie there, with this SHA-256.
    Different(Hash),
}

/// A bucket whose objects are written once: the archive with its case files, sealed photos and daily heads; and
/// the published reports.
#[async_trait]
pub trait Dossiers: Send + Sync {
    /// Writes an object unless one lies under this key.
    ///
    /// # Errors
    /// [`PortError`].
    async fn put_once(&self, key: &str, bytes: &[u8]) -> Result<PutOnce, PortError>;

    /// Reads an object.
    ///
    /// # Errors
    /// [`PortError`].
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, PortError>;

    /// The keys that begin so, in the order of their texts.
    ///
    /// # Errors
    /// [`PortError`].
    async fn list(&self, prefix: &str) -> Result<Vec<String>, PortError>;
}
