//! The one transition table: which event may happen in which status, and where it leads.
//!
//! Everything that shows or checks a ticket's life reads this table: [`Status::after`], the
//! refusals of [`crate::Ticket::decide`], the diagram in `ARCHITECTURE.md` and the tests.

use EventKind as E;
use Status as S;

use crate::event::EventKind;
use crate::record::text_enum;

text_enum!(
    /// The six steps (六步) of a request's way.
    Step, "the name of a step" {
        /// 受理.
        Intake = "intake",
        /// 派单.
        Dispatch = "dispatch",
        /// 处置.
        Handling = "handling",
        /// 反馈.
        Feedback = "feedback",
        /// 评价.
        Evaluation = "evaluation",
        /// 归档.
        Archive = "archive",
    }
);

text_enum!(
    /// The three tiers (三级).
    Tier, "one of `city`, `township`, `village`" {
        /// 市.
        City = "city",
        /// 乡镇 or 街道.
        Township = "township",
        /// 村 or 社区.
        Village = "village",
    }
);

text_enum!(
    /// Where a ticket stands. Each status is either the machine's turn or somebody's.
    Status, "the name of a status" {
        /// In the table, its request sealed.
        Received = "received",
        /// Checked; to be dispatched.
        Accepted = "accepted",
        /// The classifier is not sure: a dispatcher decides.
        NeedsDispatcher = "needs_dispatcher",
        /// Assigned; tasks and clocks are to be opened.
        Dispatched = "dispatched",
        /// With the unit.
        Handling = "handling",
        /// Dealt with; the reply is to go out.
        Resolved = "resolved",
        /// Answered; the follow-up is to come.
        Answered = "answered",
        /// Followed up; to be evaluated.
        FollowedUp = "followed_up",
        /// Evaluated; to be archived.
        Evaluated = "evaluated",
        /// Not handled; to be archived.
        Declined = "declined",
        /// The end of every ticket.
        Archived = "archived",
        /// The machine gave up; staff decide.
        Held = "held",
    }
);

/// Who looks at a ticket next when it is not the machine's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Desk {
    /// The city's dispatchers.
    Dispatcher,
    /// The responsible unit.
    Unit,
    /// The callers who follow up, and the citizen.
    Caller,
    /// Staff who look after what the machine gave up.
    Held,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// A step's: a queue hints at it, and the sweep finds it.
    Machine(Step),
    /// A person's.
    Human(Desk),
    /// Another ticket's: it waits for its lead's answer. A queue hints at it, and the sweep finds it.
    Lead,
    /// Nobody's: the end.
    End,
}

impl Status {
    /// Whose turn it is in this status.
    #[must_use]
    pub const fn turn(self) -> Turn {
        match self {
            S::Received => Turn::Machine(Step::Intake),
            S::Accepted => Turn::Machine(Step::Dispatch),
            S::NeedsDispatcher => Turn::Human(Desk::Dispatcher),
            S::Dispatched => Turn::Machine(Step::Handling),
            S::Handling => Turn::Human(Desk::Unit),
            S::Resolved => Turn::Machine(Step::Feedback),
            S::Answered => Turn::Human(Desk::Caller),
            S::FollowedUp => Turn::Machine(Step::Evaluation),
            S::Evaluated | S::Declined => Turn::Machine(Step::Archive),
            S::Archived => Turn::End,
            S::Held => Turn::Human(Desk::Held),
        }
    }

    /// Whether the machine has the turn.
    #[must_use]
    pub const fn is_machine(self) -> bool {
        matches!(self.turn(), Turn::Machine(_))
    }

    /// Where `event` leads from this status, by [`TRANSITIONS`].
    ///
    /// # Errors
    /// [`IllegalTransition`] when the table has no such row.
    pub fn after(self, event: EventKind) -> Result<Next, IllegalTransition> {
        TRANSITIONS
            .iter()
            .find(|row| row.0 == self && row.1 == event)
            .map(|row| row.2)
            .ok_or(IllegalTransition { status: self, event })
    }
}

/// Where a row of the table leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// To this status.
    To(Status),
    /// Nowhere: the status stays.
    Same,
    /// Back to the status the ticket was held in.
    BeforeHold,
}

/// An event that may not happen in a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{event}` may not happen to a ticket that is `{status}`")]
pub struct IllegalTransition {
    /// The status.
    pub status: Status,
    /// The event.
    pub event: EventKind,
}

const fn to(from: Status, event: EventKind, status: Status) -> (Status, EventKind, Next) {
    (from, event, Next::To(status))
}

const fn same(status: Status, event: EventKind) -> (Status, EventKind, Next) {
    (status, event, Next::Same)
}

/// Every legal (status, event) and where it leads. A ticket is born `received` by the event
/// `received`, which can never happen again.
pub const TRANSITIONS: &[(Status, EventKind, Next)] = &[
    to(S::Received, E::Accepted, S::Accepted),
    to(S::Received, E::Withdrawn, S::Declined),
    to(S::Received, E::Held, S::Held),
    same(S::Received, E::Supplemented),
    same(S::Received, E::Urged),
    same(S::Received, E::Noted),
    same(S::Received, E::Erased),
    same(S::Received, E::Attached),
    same(S::Received, E::AttachmentRefused),
    to(S::Accepted, E::Dispatched, S::Dispatched),
    to(S::Accepted, E::Doubted, S::NeedsDispatcher),
    to(S::Accepted, E::Declined, S::Declined),
    to(S::Accepted, E::Withdrawn, S::Declined),
    to(S::Accepted, E::Held, S::Held),
    same(S::Accepted, E::Supplemented),
    same(S::Accepted, E::Urged),
    same(S::Accepted, E::Noted),
    same(S::Accepted, E::Erased),
    same(S::Accepted, E::Attached),
    same(S::Accepted, E::AttachmentRefused),
    to(S::NeedsDispatcher, E::Dispatched, S::Dispatched),
    to(S::NeedsDispatcher, E::Declined, S::Declined),
    to(S::NeedsDispatcher, E::Withdrawn, S::Declined),
    same(S::NeedsDispatcher, E::Supplemented),
    same(S::NeedsDispatcher, E::Urged),
    same(S::NeedsDispatcher, E::Noted),
    same(S::NeedsDispatcher, E::Attached),
    same(S::NeedsDispatcher, E::AttachmentRefused),
    same(S::NeedsDispatcher, E::MatterOpened),
    same(S::NeedsDispatcher, E::MatterClosed),
    same(S::NeedsDispatcher, E::Merged),
    same(S::NeedsDispatcher, E::Unmerged),
    same(S::NeedsDispatcher, E::Funded),
    same(S::NeedsDispatcher, E::Erased),
    same(S::NeedsDispatcher, E::Minuted),
    same(S::NeedsDispatcher, E::Concluded),
    same(S::NeedsDispatcher, E::Tasked),
    same(S::NeedsDispatcher, E::Warned),
    to(S::Dispatched, E::Opened, S::Handling),
    to(S::Dispatched, E::Withdrawn, S::Declined),
    to(S::Dispatched, E::Held, S::Held),
    same(S::Dispatched, E::Supplemented),
    same(S::Dispatched, E::Urged),
    same(S::Dispatched, E::Noted),
    same(S::Dispatched, E::Attached),
    same(S::Dispatched, E::AttachmentRefused),
    same(S::Dispatched, E::MatterOpened),
    same(S::Dispatched, E::MatterClosed),
    same(S::Dispatched, E::Funded),
    same(S::Dispatched, E::Erased),
    same(S::Dispatched, E::TaskEnded),
    same(S::Dispatched, E::MemberReported),
    same(S::Dispatched, E::Rescheduled),
    same(S::Dispatched, E::Merged),
    same(S::Dispatched, E::Unmerged),
    // Not by a unit: a repeat takes the answer of the ticket it follows.
    to(S::Dispatched, E::ResolvedWith, S::Resolved),
    to(S::Handling, E::Dispatched, S::Dispatched),
    to(S::Handling, E::Resolved, S::Resolved),
    to(S::Handling, E::ResolvedWith, S::Resolved),
    // By decision only when the person was erased: nobody can answer what nobody can read.
    to(S::Handling, E::Declined, S::Declined),
    to(S::Handling, E::Withdrawn, S::Declined),
    same(S::Handling, E::Supplemented),
    same(S::Handling, E::Urged),
    same(S::Handling, E::Noted),
    same(S::Handling, E::Attached),
    same(S::Handling, E::AttachmentRefused),
    same(S::Handling, E::MatterOpened),
    same(S::Handling, E::MatterClosed),
    same(S::Handling, E::Merged),
    same(S::Handling, E::Unmerged),
    same(S::Handling, E::Funded),
    same(S::Handling, E::Erased),
    same(S::Handling, E::Signed),
    same(S::Handling, E::Tasked),
    same(S::Handling, E::TaskEnded),
    same(S::Handling, E::ReportedIn),
    same(S::Handling, E::Minuted),
    same(S::Handling, E::Concluded),
    same(S::Handling, E::Mobilised),
    same(S::Handling, E::MemberReported),
    same(S::Handling, E::Rescheduled),
    same(S::Handling, E::Warned),
    to(S::Resolved, E::Answered, S::Answered),
    to(S::Resolved, E::Held, S::Held),
    same(S::Resolved, E::Supplemented),
    same(S::Resolved, E::Noted),
    same(S::Resolved, E::Attached),
    same(S::Resolved, E::AttachmentRefused),
    same(S::Resolved, E::MatterClosed),
    same(S::Resolved, E::Funded),
    same(S::Resolved, E::Erased),
    to(S::Answered, E::FollowedUp, S::FollowedUp),
    same(S::Answered, E::CallFailed),
    same(S::Answered, E::Supplemented),
    same(S::Answered, E::Noted),
    same(S::Answered, E::Attached),
    same(S::Answered, E::AttachmentRefused),
    same(S::Answered, E::MatterOpened),
    same(S::Answered, E::MatterClosed),
    same(S::Answered, E::Funded),
    same(S::Answered, E::Erased),
    same(S::Answered, E::Warned),
    to(S::FollowedUp, E::Reopened, S::Dispatched),
    to(S::FollowedUp, E::Evaluated, S::Evaluated),
    to(S::FollowedUp, E::Held, S::Held),
    same(S::FollowedUp, E::Supplemented),
    same(S::FollowedUp, E::Noted),
    same(S::FollowedUp, E::Attached),
    same(S::FollowedUp, E::AttachmentRefused),
    same(S::FollowedUp, E::Rated),
    same(S::FollowedUp, E::MatterClosed),
    same(S::FollowedUp, E::Funded),
    same(S::FollowedUp, E::Erased),
    to(S::Evaluated, E::Archived, S::Archived),
    to(S::Evaluated, E::Held, S::Held),
    same(S::Evaluated, E::Rated),
    same(S::Evaluated, E::Noted),
    same(S::Evaluated, E::Attached),
    same(S::Evaluated, E::AttachmentRefused),
    same(S::Evaluated, E::MatterClosed),
    same(S::Evaluated, E::Funded),
    same(S::Evaluated, E::Erased),
    to(S::Declined, E::Archived, S::Archived),
    to(S::Declined, E::Held, S::Held),
    same(S::Declined, E::Rated),
    same(S::Declined, E::Noted),
    same(S::Declined, E::Attached),
    same(S::Declined, E::AttachmentRefused),
    same(S::Declined, E::MatterClosed),
    same(S::Declined, E::Funded),
    same(S::Declined, E::Erased),
    same(S::Archived, E::Rated),
    same(S::Archived, E::Noted),
    same(S::Archived, E::Attached),
    same(S::Archived, E::AttachmentRefused),
    same(S::Archived, E::MatterClosed),
    same(S::Archived, E::Funded),
    same(S::Archived, E::Erased),
    same(S::Archived, E::AddendumSealed),
    // While a late fact waits for its addendum.
    to(S::Archived, E::Held, S::Held),
    (S::Held, E::Retried, Next::BeforeHold),
    to(S::Held, E::Dispatched, S::Dispatched),
    to(S::Held, E::Declined, S::Declined),
    to(S::Held, E::Withdrawn, S::Declined),
    same(S::Held, E::Supplemented),
    same(S::Held, E::Urged),
    same(S::Held, E::Noted),
    same(S::Held, E::Attached),
    same(S::Held, E::AttachmentRefused),
    same(S::Held, E::TaskEnded),
    same(S::Held, E::MemberReported),
    same(S::Held, E::Rescheduled),
    same(S::Held, E::Warned),
    same(S::Held, E::MatterOpened),
    same(S::Held, E::MatterClosed),
    same(S::Held, E::Unmerged),
    same(S::Held, E::Funded),
    same(S::Held, E::Erased),
];
