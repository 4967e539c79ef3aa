//! What somebody wants done to a ticket. A command carries references to texts that are sealed
//! already, never the texts.

mod effects;

use crate::calendar::Limit;
use crate::directory::Skill;
use crate::event::{DeclineGround, Outcome, Satisfaction};
use crate::fund::{ActKind, EntryRef, Money};
use crate::hash::Hash;
use crate::ids::{ItemCode, MemberId, TicketId, UnitCode};
use crate::lifecycle::Tier;
use crate::matter::{Level, Matter, Paper, ReturnGround, Units};
use crate::media::{MediaType, PhotoRefusal};
use crate::record::text_enum;
use crate::reference::{Candidates, Likely, SealedRef};
use crate::ticket::Stage;
use crate::timestamp::Timestamp;

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
    /// The version of the catalog that has the item.
    pub catalog: Option<u32>,
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

/// What somebody who opens a matter asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// 退单: that another unit gets the case.
    Return {
        /// Why.
        ground: ReturnGround,
        /// Which unit instead, if the unit knows.
        propose: Option<UnitCode>,
    },
    /// 延期: so much more time.
    Extension(Limit),
    /// 吹哨: that these units report in.
    Whistle(Units),
    /// 中止: that the clocks stand until then.
    Suspension(Timestamp),
    /// 会商: a table at this level, with these units; or the open one at a higher level.
    Consultation(Level, Units),
    /// 督办: that the command centre watches.
    Supervision,
    /// 一诉一议: money.
    FundApplication,
    /// 并案: whether it repeats one of these, the likeliest first.
    Merge(Likely),
    /// 跟踪落实.
    FollowThrough,
}

impl Ask {
    /// The matter that it opens.
    #[must_use]
    pub const fn matter(&self) -> Matter {
        match self {
            Self::Return { .. } => Matter::Return,
            Self::Extension(_) => Matter::Extension,
            Self::Whistle(_) => Matter::Whistle,
            Self::Suspension(_) => Matter::Suspension,
            Self::Consultation(..) => Matter::Consultation,
            Self::Supervision => Matter::Supervision,
            Self::FundApplication => Matter::FundApplication,
            Self::Merge(_) => Matter::Merge,
            Self::FollowThrough => Matter::FollowThrough,
        }
    }
}

/// What a table has decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conclusion {
    /// The item, where the case had none yet or has another now.
    pub item: Option<ItemCode>,
    /// The version of the catalog that has the item, if one is given.
    pub catalog: Option<u32>,
    /// Who leads.
    pub lead: UnitCode,
    /// Who assists.
    pub assisting: Units,
    /// The limit of all of them, from now.
    pub limit: Limit,
    /// Whether money of the special fund is to be asked for.
    pub funded: bool,
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
    /// The unit accepts the case.
    Sign = "sign",
    /// Give a unit a task of its own in the case.
    Assign { unit: UnitCode, limit: Limit, note: Option<SealedRef> } = "assign",
    /// The unit has done its task, or is released from it.
    EndTask { unit: UnitCode, done: bool, note: Option<SealedRef> } = "end_task",
    /// A called unit answers a whistle.
    ReportIn { accepts: bool, note: Option<SealedRef> } = "report_in",
    /// Write something at the table of a consultation.
    Minute { paper: Paper, note: SealedRef } = "minute",
    /// The table decides.
    Conclude { conclusion: Conclusion, note: SealedRef } = "conclude",
    /// A village calls a member of a team.
    Mobilise { member: MemberId, skill: Skill } = "mobilise",
    /// A mobilised member has come further.
    ReportMember { member: MemberId, stage: Stage, note: Option<SealedRef> } = "report_member",
    /// Open a matter.
    OpenMatter { ask: Ask, note: Option<SealedRef> } = "open_matter",
    /// Close a matter.
    CloseMatter { matter: Matter, outcome: MatterOutcome } = "close_matter",
    /// Let the ticket follow another.
    Merge { lead: TicketId } = "merge",
    /// Let it stand alone again.
    Unmerge = "unmerge",
    /// step-feedback: the lead is answered, and so is this; `to` is where the lead was dealt with.
    ResolveWith { lead: TicketId, to: DispatchTo, outcome: Outcome, reply: SealedRef } = "resolve_with",
    /// The fund's ledger takes an entry about an application of this ticket, in the same write.
    Fund {
        act: ActKind,
        entry: EntryRef,
        amount: Option<Money>,
        paper: Option<SealedRef>,
        decides: Option<bool>,
    } = "fund",
    /// The clocks: whatever is due by now.
    Tick = "tick",
    /// The clocks: reckon the deadlines anew by the calendar in force.
    Replan = "replan",
    /// A supervisor: erase the person. The caller destroys the key once the event is written.
    Erase = "erase",
}
