//! What the ticket store lists: turns and cards that are due, inboxes, pages of them.

use domain::{TicketId, Timestamp};

/// A machine's turn that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueTurn {
    /// The ticket.
    pub ticket: TicketId,
    /// When it was due.
    pub due: Timestamp,
}

/// A card that the clocks look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueCard {
    /// The ticket.
    pub ticket: TicketId,
    /// When the clocks look at it ([`domain::Card::alarm`]).
    pub alarm: Timestamp,
}

/// A card in an inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxCard {
    /// The ticket.
    pub ticket: TicketId,
    /// What for, as [`domain::CardKind`] writes it.
    pub kind: String,
    /// Until when.
    pub due: Timestamp,
}

/// Where the next page begins: opaque, as the store gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub String);

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, oldest due first.
    pub items: Vec<T>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Cursor>,
}
