//! What a ticket is made of: its assignment, tasks and teams, and the limits they run by.

use crate::calendar::{Calendar, Limit};
use crate::directory::Skill;
use crate::event::Satisfaction;
use crate::hash::Hash;
use crate::ids::{ItemCode, UnitCode};
use crate::lifecycle::Tier;
use crate::record::text_enum;
use crate::timestamp::Timestamp;

/// Where a dossier or an addendum lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// The key of the object.
    pub key: String,
    /// SHA-256 of its bytes.
    pub sha256: Hash,
    /// The last event it holds.
    pub sealed_seq: u32,
}

/// The current assignment (主办): the unit that leads and answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The item of the catalog.
    pub item: ItemCode,
    /// The version of the catalog that has it.
    pub catalog: Option<u32>,
    /// The responsible unit.
    pub unit: UnitCode,
    /// Its tier.
    pub tier: Tier,
    /// The item's limit.
    pub limit: Limit,
    /// When it was dispatched, or sent back: the start of the unit's clock.
    pub since: Timestamp,
    /// The end of the unit's clock.
    pub due: Timestamp,
    /// How much more was granted (延期), once.
    pub more: Option<Limit>,
    /// How long suspensions stop this unit's clock, in milliseconds; a running one is counted up to its
    /// review.
    pub paused_ms: i64,
    /// Whether the unit has accepted it (签收).
    pub signed: bool,
    /// Whether the dispatcher has decided that it must keep the case (退单 refused).
    pub kept: bool,
}

impl Assignment {
    /// The end of the unit's clock from scratch.
    #[must_use]
    pub fn reckon(&self, calendar: &Calendar) -> Timestamp {
        let due = prolonged(calendar, calendar.deadline(self.since, self.limit), self.more);
        due.plus_millis(self.paused_ms)
    }
}

/// An end after `more`: counted on from the last instant that was in time.
fn prolonged(calendar: &Calendar, due: Timestamp, more: Option<Limit>) -> Timestamp {
    more.map_or(due, |more| calendar.deadline(due.plus_millis(-1), more).max(due))
}

/// What the citizen was promised: the limit of the first dispatch, and what was granted since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// The first limit, counted from the receipt.
    pub limit: Limit,
    /// The extensions of which the citizen was told, oldest first.
    pub more: Vec<Limit>,
}

impl Promise {
    /// The end of the citizen's limit from scratch.
    #[must_use]
    pub fn reckon(
        &self,
        received_at: Timestamp,
        suspended_ms: i64,
        calendar: &Calendar,
    ) -> Timestamp {
        let first = calendar.deadline(received_at, self.limit);
        let due = self.more.iter().fold(first, |due, more| prolonged(calendar, due, Some(*more)));
        due.plus_millis(suspended_ms)
    }
}

/// An assisting unit's task (协办).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The unit's tier.
    pub tier: Tier,
    /// Its limit.
    pub limit: Limit,
    /// When it was given: the start of its clock.
    pub since: Timestamp,
    /// The end of its clock.
    pub due: Timestamp,
    /// How long suspensions stop it, in milliseconds.
    pub paused_ms: i64,
}

impl Task {
    /// The end of the task's clock from scratch.
    #[must_use]
    pub fn reckon(&self, calendar: &Calendar) -> Timestamp {
        calendar.deadline(self.since, self.limit).plus_millis(self.paused_ms)
    }
}

text_enum!(
    /// How far a member of a team is who was mobilised.
    Stage, "one of `called`, `accepted`, `arrived`, `finished`, `declined`, `stood_down`" {
        /// Called upon.
        Called = "called",
        /// On the way.
        Accepted = "accepted",
        /// On the spot.
        Arrived = "arrived",
        /// Done.
        Finished = "finished",
        /// Cannot come.
        Declined = "declined",
        /// Not needed any more, or did not answer in time.
        StoodDown = "stood_down",
    }
);

impl Stage {
    /// Whether something is still to come from the member.
    #[must_use]
    pub const fn is_out(self) -> bool {
        matches!(self, Self::Called | Self::Accepted | Self::Arrived)
    }

    /// Whether a member at this stage may report `next`.
    #[must_use]
    pub const fn leads_to(self, next: Self) -> bool {
        match next {
            Self::Called => false,
            Self::Accepted | Self::Declined => matches!(self, Self::Called),
            Self::Arrived => matches!(self, Self::Accepted),
            Self::Finished => matches!(self, Self::Arrived),
            Self::StoodDown => self.is_out(),
        }
    }
}

/// A member of a team who was mobilised (动员).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crew {
    /// By which village.
    pub village: UnitCode,
    /// For what.
    pub skill: Skill,
    /// How far.
    pub stage: Stage,
    /// Until when the member answers.
    pub due: Timestamp,
}

/// What the latest follow-up said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FollowUp {
    /// Was the citizen contacted?
    pub contacted: Option<bool>,
    /// Is it solved?
    pub solved: Option<bool>,
    /// How satisfied?
    pub satisfaction: Option<Satisfaction>,
}
