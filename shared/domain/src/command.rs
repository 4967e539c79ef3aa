//! What somebody wants done to a ticket. A command carries references to texts that are sealed
//! already, never the texts.

use crate::calendar::Limit;
use crate::event::{DeclineGround, Matter, Outcome, Satisfaction};
use crate::hash::Hash;
use crate::ids::{ItemCode, TicketId, UnitCode};
use crate::lifecycle::Tier;
use crate::media::{MediaType, PhotoRefusal};
use crate::record::text_enum;
use crate::reference::{Candidates, SealedRef};

/// Where a ticket is to go, by the catalog or by a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DispatchTo {
    /// The item of the catalog.
    pub item: ItemCode,
    /// The responsible unit.
    pub unit: UnitCode,
    /// The unit's tier.
    pub tier: Tier,
    /// The item's limit.
    pub limit: Limit,
    /// How sure the classifier is, in thousandths; `None` when a person chose.
    pub confidence: Option<u16>,
}

/// What a follow-up call brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FollowUpResult {
    /// Nobody answered, or the number was wrong.
    NoAnswer,
    /// The citizen answered; what was not said is `None`.
    Reached {
        /// Did the unit contact the citizen?
        contacted: Option<bool>,
        /// Is it solved?
        solved: Option<bool>,
        /// How satisfied?
        satisfaction: Option<Satisfaction>,
    },
}

/// How a matter ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatterOutcome {
    /// Whether what it asked for was granted.
    pub granted: bool,
}

macro_rules! commands {
    ($( $(#[$doc:meta])* $name:ident $({ $($field:ident : $type:ty),* $(,)? })? = $kind:literal ),* $(,)?) => {
        /// A command on one ticket; [`crate::Ticket::decide`] answers it.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the fields are those of the event a command leads to, documented there")]
        pub enum Command { $( $(#[$doc])* $name $({ $($field: $type),* })? ),* }

        text_enum!(
            /// The kinds of [`Command`].
            CommandKind, "the name of a command" { $( $(#[$doc])* $name = $kind ),* }
        );

        impl Command {
            /// The kind of this command.
            #[must_use]
            pub const fn kind(&self) -> CommandKind {
                match self { $( Self::$name { .. } => CommandKind::$name ),* }
            }
        }
    };
}

commands! {
    /// step-intake: the request is in order.
    Accept = "accept",
    /// step-dispatch, a dispatcher or a supervisor: assign to a unit.
    Dispatch { to: DispatchTo } = "dispatch",
    /// step-dispatch: not sure; a person decides.
    Doubt { candidates: Candidates } = "doubt",
    /// A dispatcher or supervisor: not to be handled.
    Decline { ground: DeclineGround, note: Option<SealedRef> } = "decline",
    /// step-handling: open task and clock.
    Open = "open",
    /// The citizen or an operator adds information.
    Supplement { note: SealedRef } = "supplement",
    /// The citizen asks to hurry.
    Urge { note: Option<SealedRef> } = "urge",
    /// The citizen takes it back.
    Withdraw { note: Option<SealedRef> } = "withdraw",
    /// The citizen rates.
    Rate { solved: Option<bool>, satisfaction: Option<Satisfaction> } = "rate",
    /// Staff write a note.
    Note { note: SealedRef } = "note",
    /// The attachment function: a photo lies sealed in the archive.
    Attach { photo: SealedRef, media: MediaType, bytes: u32 } = "attach",
    /// The attachment function: an upload was no photo.
    RefuseAttachment { reason: PhotoRefusal } = "refuse_attachment",
    /// The unit has dealt with it.
    Resolve { outcome: Outcome, reply: SealedRef } = "resolve",
    /// step-feedback: the reply is handed over.
    Answer = "answer",
    /// A caller reports a call.
    FollowUp { result: FollowUpResult } = "follow_up",
    /// step-evaluation: count it, or send it back once.
    Evaluate = "evaluate",
    /// step-archive: the dossier lies in the archive.
    Archive { key: String, sha256: Hash, sealed_seq: u32 } = "archive",
    /// step-archive: an addendum lies in the archive.
    SealAddendum { key: String, sha256: Hash, sealed_seq: u32 } = "seal_addendum",
    /// The sweep: the machine gives up.
    Hold { attempts: u32 } = "hold",
    /// A supervisor lets the machine try again.
    Retry = "retry",
    /// Open a matter.
    OpenMatter { matter: Matter, note: Option<SealedRef> } = "open_matter",
    /// Close a matter.
    CloseMatter { matter: Matter, outcome: MatterOutcome } = "close_matter",
    /// Let the ticket follow another.
    Merge { lead: TicketId } = "merge",
    /// Let it stand alone again.
    Unmerge = "unmerge",
    /// A supervisor: erase the person. The caller destroys the key once the event is written.
    Erase = "erase",
}

impl Command {
    /// Whether this makes no sense once the person is erased: it brings a text (there is no key to
    /// seal it with), sends the ticket to somebody who could not read it, or erases again. What is
    /// left to staff is to end the case, as withdrawn and without a word.
    #[must_use]
    pub(crate) const fn needs_the_person(&self) -> bool {
        match self {
            Self::Dispatch { .. }
            | Self::Supplement { .. }
            | Self::Note { .. }
            | Self::Resolve { .. }
            | Self::Attach { .. }
            | Self::Erase => true,
            Self::Decline { ground, note } => {
                note.is_some() || !matches!(ground, DeclineGround::Withdrawn)
            }
            Self::Urge { note } | Self::Withdraw { note } | Self::OpenMatter { note, .. } => {
                note.is_some()
            }
            Self::Accept
            | Self::Doubt { .. }
            | Self::Open
            | Self::Rate { .. }
            | Self::Answer
            | Self::FollowUp { .. }
            | Self::RefuseAttachment { .. }
            | Self::Evaluate
            | Self::Archive { .. }
            | Self::SealAddendum { .. }
            | Self::Hold { .. }
            | Self::Retry
            | Self::CloseMatter { .. }
            | Self::Merge { .. }
            | Self::Unmerge => false,
        }
    }
}
