//! What a command is about, and which events it may lead to.

use EventKind as E;

use super::{Command, CommandKind};
use crate::event::{DeclineGround, EventKind};
use crate::matter::Matter;

impl CommandKind {
    /// The event that a command of this kind is given for; what else follows is in the rules.
    #[must_use]
    pub const fn leads_to(self) -> &'static [EventKind] {
        match self {
            Self::Accept => &[E::Accepted],
            Self::Dispatch => &[E::Dispatched],
            Self::Doubt => &[E::Doubted],
            Self::Decline => &[E::Declined],
            Self::Open => &[E::Opened],
            Self::Supplement => &[E::Supplemented],
            Self::Urge => &[E::Urged],
            Self::Withdraw => &[E::Withdrawn],
            Self::Rate => &[E::Rated, E::FollowedUp],
            Self::Note => &[E::Noted],
            Self::Attach => &[E::Attached],
            Self::RefuseAttachment => &[E::AttachmentRefused],
            Self::Resolve => &[E::Resolved],
            Self::Answer => &[E::Answered],
            Self::FollowUp => &[E::CallFailed, E::FollowedUp],
            Self::Evaluate => &[E::Evaluated, E::Reopened],
            Self::Archive => &[E::Archived],
            Self::SealAddendum => &[E::AddendumSealed],
            Self::Hold => &[E::Held],
            Self::Retry => &[E::Retried],
            Self::Sign => &[E::Signed],
            Self::Assign => &[E::Tasked],
            Self::EndTask => &[E::TaskEnded],
            Self::ReportIn => &[E::ReportedIn],
            Self::Minute => &[E::Minuted],
            Self::Conclude => &[E::Concluded],
            Self::Mobilise => &[E::Mobilised],
            Self::ReportMember => &[E::MemberReported],
            Self::OpenMatter => &[E::MatterOpened],
            Self::CloseMatter => &[E::MatterClosed, E::Rescheduled],
            Self::Merge => &[E::Merged],
            Self::Unmerge => &[E::Unmerged],
            Self::ResolveWith => &[E::ResolvedWith],
            Self::Fund => &[E::Funded],
            Self::Tick => &[E::Warned, E::Rescheduled, E::MatterClosed, E::MemberReported],
            Self::Replan => &[E::Rescheduled],
            Self::Erase => &[E::Erased],
        }
    }
}

impl Command {
    /// The matter that it opens or closes.
    #[must_use]
    pub(crate) const fn matter(&self) -> Option<Matter> {
        if let Self::OpenMatter { ask, .. } = self {
            return Some(ask.matter());
        }
        if let Self::CloseMatter { matter, .. } = self {
            return Some(*matter);
        }
        None
    }

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
            | Self::ResolveWith { .. }
            | Self::Merge { .. }
            | Self::Assign { .. }
            | Self::Minute { .. }
            | Self::Conclude { .. }
            | Self::Mobilise { .. }
            | Self::Attach { .. }
            | Self::Erase => true,
            Self::Decline { ground, note } => {
                note.is_some() || !matches!(ground, DeclineGround::Withdrawn)
            }
            Self::Urge { note }
            | Self::Withdraw { note }
            | Self::EndTask { note, .. }
            | Self::ReportIn { note, .. }
            | Self::ReportMember { note, .. }
            | Self::OpenMatter { note, .. }
            | Self::Fund { paper: note, .. } => note.is_some(),
            Self::Accept
            | Self::Sign
            | Self::Tick
            | Self::Replan
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
            | Self::Unmerge => false,
        }
    }
}
