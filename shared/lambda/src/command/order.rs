//! What a person orders, with its text and photos, before anything of it is sealed.

use contracts::SealedText;
use domain::directory::Skill;
use domain::{
    Ask, Command, CommandId, Conclusion, DeclineGround, DispatchTo, EventKind, FollowUpResult,
    Hash, Limit, Matter, MatterOutcome, MemberId, Outcome, Paper, RecordId, Satisfaction,
    SealedRef, Stage, TicketId, UnitCode, UploadKey,
};

/// A command with its text in the clear, as a person gives it.
#[derive(Clone, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the members are those of domain::Command, with texts instead of references"
)]
pub enum Order {
    Supplement {
        text: String,
    },
    Urge {
        text: Option<String>,
    },
    Withdraw {
        text: Option<String>,
    },
    Rate {
        solved: Option<bool>,
        satisfaction: Option<Satisfaction>,
    },
    Note {
        text: String,
    },
    Resolve {
        outcome: Outcome,
        reply: String,
    },
    Dispatch {
        to: DispatchTo,
    },
    Decline {
        ground: DeclineGround,
        text: Option<String>,
    },
    FollowUp {
        result: FollowUpResult,
    },
    Retry,
    Sign,
    Assign {
        unit: UnitCode,
        limit: Limit,
        text: Option<String>,
    },
    EndTask {
        unit: UnitCode,
        done: bool,
        text: Option<String>,
    },
    ReportIn {
        accepts: bool,
        text: Option<String>,
    },
    Minute {
        paper: Paper,
        text: String,
    },
    Conclude {
        conclusion: Conclusion,
        text: String,
    },
    Mobilise {
        member: MemberId,
        skill: Skill,
    },
    ReportMember {
        member: MemberId,
        stage: Stage,
        text: Option<String>,
        /// The keys of the photos that were uploaded with it, at most [`domain::PHOTOS_MAX`].
        photos: Vec<UploadKey>,
    },
    OpenMatter {
        ask: Ask,
        text: Option<String>,
    },
    CloseMatter {
        matter: Matter,
        granted: bool,
    },
    /// Let it follow this ticket.
    Merge {
        lead: TicketId,
    },
    Unmerge,
    Erase,
}

/// A text never shows in a debug print.
impl std::fmt::Debug for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.command(None).map_or("order", |command| command.kind().as_str()))
    }
}

impl Order {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Supplement { text }
            | Self::Note { text }
            | Self::Minute { text, .. }
            | Self::Conclude { text, .. }
            | Self::Resolve { reply: text, .. } => Some(text),
            Self::Urge { text }
            | Self::Withdraw { text }
            | Self::Assign { text, .. }
            | Self::EndTask { text, .. }
            | Self::ReportIn { text, .. }
            | Self::ReportMember { text, .. }
            | Self::Decline { text, .. }
            | Self::OpenMatter { text, .. } => text.as_deref(),
            Self::Rate { .. }
            | Self::Dispatch { .. }
            | Self::FollowUp { .. }
            | Self::Retry
            | Self::Merge { .. }
            | Self::Unmerge
            | Self::Erase
            | Self::Sign
            | Self::Mobilise { .. }
            | Self::CloseMatter { .. } => None,
        }
    }

    /// The photos that come with it.
    pub(super) fn photos(&self) -> &[UploadKey] {
        match self {
            Self::ReportMember { photos, .. } => photos,
            _ => &[],
        }
    }

    /// What is to be sealed of it, if there is anything.
    pub(super) fn said(&self) -> Option<SealedText> {
        let photos: Vec<String> = self.photos().iter().map(ToString::to_string).collect();
        let text = self.text().or_else(|| (!photos.is_empty()).then_some(""))?;
        Some(SealedText::NoteV1 { text: text.to_owned(), photos })
    }

    /// Whether an event of this kind is the last of those that this order leads to.
    pub(super) const fn leads_to(&self, event: EventKind) -> bool {
        use EventKind as E;
        match self {
            Self::Supplement { .. } => matches!(event, EventKind::Supplemented),
            Self::Urge { .. } => matches!(event, EventKind::Urged),
            Self::Withdraw { .. } => matches!(event, EventKind::Withdrawn),
            Self::Rate { .. } => matches!(event, EventKind::Rated | EventKind::FollowedUp),
            Self::Note { .. } => matches!(event, EventKind::Noted),
            Self::Resolve { .. } => matches!(event, EventKind::Resolved),
            Self::Dispatch { .. } => matches!(event, EventKind::Dispatched),
            Self::Decline { .. } => matches!(event, EventKind::Declined),
            Self::FollowUp { .. } => matches!(event, EventKind::CallFailed | EventKind::FollowedUp),
            Self::Retry => matches!(event, EventKind::Retried),
            Self::Merge { .. } => matches!(event, E::Merged),
            Self::Unmerge => matches!(event, E::Unmerged),
            Self::Erase => matches!(event, EventKind::Erased),
            Self::Sign => matches!(event, E::Signed),
            Self::Assign { .. } => matches!(event, E::Tasked),
            Self::EndTask { .. } => matches!(event, E::TaskEnded),
            Self::ReportIn { .. } => {
                matches!(event, E::ReportedIn | E::Tasked | E::MatterClosed | E::MatterOpened)
            }
            Self::Minute { .. } => matches!(event, E::Minuted),
            Self::Conclude { .. } => matches!(event, E::Dispatched),
            Self::Mobilise { .. } => matches!(event, E::Mobilised),
            Self::ReportMember { .. } => matches!(event, E::MemberReported),
            Self::OpenMatter { .. } => matches!(event, E::MatterOpened),
            Self::CloseMatter { .. } => {
                matches!(event, E::MatterClosed | E::Rescheduled | E::MatterOpened)
            }
        }
    }

    /// The command with a reference to nothing in place of the text: to ask the rules whether it could be
    /// carried out, and never to be written.
    #[must_use]
    pub fn tried(&self) -> Option<Command> {
        self.command(self.said().map(|_| placeholder()))
    }

    /// The command with a reference in place of the text; `None` if it needs one and has none.
    pub(super) fn command(&self, note: Option<SealedRef>) -> Option<Command> {
        let needed = || note.clone().or_else(|| self.text().is_some().then(placeholder));
        Some(match self {
            Self::Supplement { .. } => Command::Supplement { note: needed()? },
            Self::Urge { .. } => Command::Urge { note },
            Self::Withdraw { .. } => Command::Withdraw { note },
            Self::Rate { solved, satisfaction } => {
                Command::Rate { solved: *solved, satisfaction: *satisfaction }
            }
            Self::Note { .. } => Command::Note { note: needed()? },
            Self::Resolve { outcome, .. } => {
                Command::Resolve { outcome: *outcome, reply: needed()? }
            }
            Self::Dispatch { to } => Command::Dispatch { to: to.clone() },
            Self::Decline { ground, .. } => Command::Decline { ground: *ground, note },
            Self::FollowUp { result } => Command::FollowUp { result: result.clone() },
            Self::Retry => Command::Retry,
            Self::Merge { lead } => Command::Merge { lead: lead.clone() },
            Self::Unmerge => Command::Unmerge,
            Self::Erase => Command::Erase,
            Self::Sign => Command::Sign,
            Self::Assign { unit, limit, .. } => {
                Command::Assign { unit: unit.clone(), limit: *limit, note }
            }
            Self::EndTask { unit, done, .. } => {
                Command::EndTask { unit: unit.clone(), done: *done, note }
            }
            Self::ReportIn { accepts, .. } => Command::ReportIn { accepts: *accepts, note },
            Self::Minute { paper, .. } => Command::Minute { paper: *paper, note: needed()? },
            Self::Conclude { conclusion, .. } => {
                Command::Conclude { conclusion: conclusion.clone(), note: needed()? }
            }
            Self::Mobilise { member, skill } => {
                Command::Mobilise { member: member.clone(), skill: *skill }
            }
            Self::ReportMember { member, stage, .. } => {
                Command::ReportMember { member: member.clone(), stage: *stage, note }
            }
            Self::OpenMatter { ask, .. } => Command::OpenMatter { ask: ask.clone(), note },
            Self::CloseMatter { matter, granted } => Command::CloseMatter {
                matter: *matter,
                outcome: MatterOutcome { granted: *granted },
            },
        })
    }
}

/// Stands for a text that is not sealed yet, while the command is tried. It is never written.
pub(crate) fn placeholder() -> SealedRef {
    let command = CommandId::derive("placeholder", "placeholder");
    SealedRef { record: RecordId::of_command(&command), seal: Hash::ZERO }
}
