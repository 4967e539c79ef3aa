//! 回写: what a channel is told of a ticket, derived from the timeline (design, section 4).

use crate::event::{DeclineGround, Event, EventKind, Outcome};
use crate::ids::UnitCode;
use crate::lifecycle::Tier;
use crate::matter::{Matter, Why};
use crate::reference::SealedRef;
use crate::timeline::Entry;
use crate::timestamp::Timestamp;

/// What there is to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// It is accepted and has a number.
    Accepted,
    /// A unit has it, and until when.
    Dispatched {
        /// The responsible unit.
        unit: UnitCode,
        /// The unit's tier.
        tier: Tier,
        /// The end of the citizen's limit.
        due: Timestamp,
    },
    /// The unit was given more time.
    Extended {
        /// The end of the citizen's limit now.
        due: Timestamp,
    },
    /// The parties are at one table.
    Consulted,
    /// It was dealt with.
    Answered {
        /// How.
        outcome: Outcome,
        /// The reply.
        reply: SealedRef,
    },
    /// It is not dealt with.
    Declined {
        /// Why.
        ground: DeclineGround,
        /// The explanation, if one was written.
        note: Option<SealedRef>,
    },
    /// The case is closed.
    Closed,
}

impl News {
    /// The word by which contracts call it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Dispatched { .. } => "dispatched",
            Self::Extended { .. } => "extended",
            Self::Consulted => "consulted",
            Self::Answered { .. } => "answered",
            Self::Declined { .. } => "declined",
            Self::Closed => "closed",
        }
    }

    /// All such words, in the order of a ticket's life.
    pub const WORDS: &[&str] =
        &["accepted", "dispatched", "extended", "consulted", "answered", "declined", "closed"];
}

/// One thing to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// The event that it tells of: with the ticket's id it is the key by which a repeat is known.
    pub seq: u32,
    /// When that happened.
    pub at: Timestamp,
    /// What.
    pub news: News,
}

impl Event {
    /// Whether a channel is told of it.
    #[must_use]
    pub const fn is_news(&self) -> bool {
        if let Self::Rescheduled { why, .. } = self {
            return matches!(why, Why::Extension);
        }
        if let Self::MatterOpened { matter, .. } = self {
            return matches!(matter, Matter::Consultation);
        }
        matches!(
            self.kind(),
            EventKind::Accepted
                | EventKind::Dispatched
                | EventKind::Answered
                | EventKind::Declined
                | EventKind::Archived
        )
    }

    /// What it has to tell, after this reply if there was one.
    fn news(&self, replied: Option<&(Outcome, SealedRef)>) -> Option<News> {
        if let Self::Dispatched { unit, tier, citizen_due, .. } = self {
            return Some(News::Dispatched { unit: unit.clone(), tier: *tier, due: *citizen_due });
        }
        if let Self::Rescheduled { why: Why::Extension, citizen_due: Some(due), .. } = self {
            return Some(News::Extended { due: *due });
        }
        if let Self::Declined { ground, note } = self {
            return Some(News::Declined { ground: *ground, note: note.clone() });
        }
        let kind = self.kind();
        if kind == EventKind::Answered {
            // There is none without a reply before it.
            let (outcome, reply) = replied?.clone();
            return Some(News::Answered { outcome, reply });
        }
        let rest = [
            (EventKind::Accepted, News::Accepted),
            (EventKind::MatterOpened, News::Consulted),
            (EventKind::Archived, News::Closed),
        ];
        let found = rest.into_iter().find(|(of, _)| *of == kind && self.is_news());
        found.map(|(_, news)| news)
    }
}

/// What there is to tell after the event `told`, in order. The timeline must be whole, or at least
/// hold the last reply that came before.
#[must_use]
pub fn tellings(timeline: &[Entry], told: u32) -> Vec<Telling> {
    let mut replied = None;
    let mut all = Vec::new();
    for entry in timeline {
        replied = entry.event.reply().map(|(outcome, reply)| (outcome, reply.clone())).or(replied);
        let news = entry.event.news(replied.as_ref()).filter(|_| entry.seq > told);
        all.extend(news.map(|news| Telling { seq: entry.seq, at: entry.at, news }));
    }
    all
}
