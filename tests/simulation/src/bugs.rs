//! Faults of the code, to be found: a simulator that finds none of them is worth nothing.
//!
//! Each is put where the ports or the functions' wiring are this crate's own; nothing of what is
//! deployed knows of them.

/// A fault of the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bug {
    /// A transition is written whatever the version.
    AdvanceUnconditional,
    /// A ticket is created over the one that stands.
    CreateUnconditional,
    /// A transition does not move the cards.
    CardsForgotten,
    /// A turn is put off though the ticket has moved on.
    PostponeUnconditional,
    /// A message is acknowledged though its outcome is unknown.
    AckOnUnknown,
    /// A whole batch is acknowledged because one of it was dealt with.
    AckWholeBatch,
    /// The hint is sent before the write it tells of.
    HintBeforeWrite,
    /// The sweep asks no queue how deep it is.
    NoBacklogGuard,
    /// The dossier says when it was made.
    DossierWithClock,
    /// An object of the archive is written over.
    ObjectOverwritten,
    /// A text is put after the event that names it.
    TextAfterEvent,
    /// The night is not told of a text for an archived ticket.
    TouchForgotten,
    /// A command that comes again is not looked for among the spilled.
    SpilledCauseForgotten,
    /// A key is destroyed before the event says so.
    KeyBeforeEvent,
    /// The way to an erased person's tickets is not forgotten.
    CitizenRemembered,
    /// The second request that names an upload has it.
    ClaimStolen,
    /// Spilled entries are not kept.
    SpillLost,
    /// An entry is written whatever the last one of its account is.
    HeadUnchecked,
    /// A command's entries are written though others stand under the same command.
    CommandUnchecked,
    /// An invoice is paid though another payment has it.
    InvoiceUnchecked,
    /// Of a ticket and its entry that one is written whose own conditions hold.
    HalfWritten,
}

impl Bug {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::AdvanceUnconditional,
        Self::CreateUnconditional,
        Self::CardsForgotten,
        Self::PostponeUnconditional,
        Self::AckOnUnknown,
        Self::AckWholeBatch,
        Self::HintBeforeWrite,
        Self::NoBacklogGuard,
        Self::DossierWithClock,
        Self::ObjectOverwritten,
        Self::TextAfterEvent,
        Self::SpilledCauseForgotten,
        Self::KeyBeforeEvent,
        Self::CitizenRemembered,
        Self::ClaimStolen,
        Self::SpillLost,
        Self::TouchForgotten,
        Self::HeadUnchecked,
        Self::CommandUnchecked,
        Self::InvoiceUnchecked,
        Self::HalfWritten,
    ];
}
