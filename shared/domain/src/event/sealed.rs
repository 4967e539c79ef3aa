//! Which sealed text an event names.

use super::{Event, Outcome};
use crate::ids::TicketId;
use crate::reference::SealedRef;

impl Event {
    /// The reply that it gives the citizen, and how the case was dealt with.
    #[must_use]
    pub const fn reply(&self) -> Option<(Outcome, &SealedRef)> {
        if let Self::Resolved { outcome, reply } | Self::ResolvedWith { outcome, reply, .. } = self
        {
            return Some((*outcome, reply));
        }
        None
    }

    /// The ticket whose answer it takes, and how that was dealt with.
    pub(crate) const fn taken(&self) -> Option<(&TicketId, Outcome)> {
        if let Self::ResolvedWith { lead, outcome, .. } = self {
            return Some((lead, *outcome));
        }
        None
    }

    /// The sealed text this event names, if it names one; a photo is no text.
    #[must_use]
    pub const fn sealed(&self) -> Option<&SealedRef> {
        match self {
            Self::Received { request: sealed, .. }
            | Self::Resolved { reply: sealed, .. }
            | Self::ResolvedWith { reply: sealed, .. }
            | Self::Supplemented { note: sealed }
            | Self::Minuted { note: sealed, .. }
            | Self::Concluded { note: sealed, .. }
            | Self::Noted { note: sealed } => Some(sealed),
            Self::Declined { note, .. }
            | Self::Withdrawn { note }
            | Self::Urged { note }
            | Self::Tasked { note, .. }
            | Self::TaskEnded { note, .. }
            | Self::ReportedIn { note, .. }
            | Self::MemberReported { note, .. }
            | Self::MatterOpened { note, .. }
            | Self::Funded { paper: note, .. } => note.as_ref(),
            Self::Accepted {}
            | Self::Dispatched { .. }
            | Self::Doubted { .. }
            | Self::Opened {}
            | Self::Signed {}
            | Self::Rescheduled { .. }
            | Self::Warned { .. }
            | Self::Mobilised { .. }
            | Self::Attached { .. }
            | Self::AttachmentRefused { .. }
            | Self::Answered {}
            | Self::CallFailed {}
            | Self::FollowedUp { .. }
            | Self::Rated { .. }
            | Self::Reopened {}
            | Self::Evaluated { .. }
            | Self::Archived { .. }
            | Self::AddendumSealed { .. }
            | Self::Held { .. }
            | Self::Retried {}
            | Self::MatterClosed { .. }
            | Self::Merged { .. }
            | Self::Unmerged {}
            | Self::Erased {} => None,
        }
    }
}
