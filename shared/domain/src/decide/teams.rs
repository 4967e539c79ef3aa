//! 动员: a village calls the teams in its grids.

use super::tasks::unit_of;
use super::{Context, Refusal};
use crate::authority::{Actor, Role, member};
use crate::calendar::Limit;
use crate::directory::Skill;
use crate::event::Event;
use crate::ids::MemberId;
use crate::reference::SealedRef;
use crate::ticket::{Stage, Ticket};
use crate::timestamp::Timestamp;

/// No more members than this are out for one case.
const OUT_MAX: usize = 20;
/// How long a member has to answer: half an hour where the case is urgent (Pinggu's departments arrive
/// within that), else half a working day.
const URGENT_MS: i64 = 30 * Timestamp::MINUTE_MS;
const ANSWER_MS: i64 = 4 * Timestamp::HOUR_MS;
/// A case whose limit is no longer than this many hours is urgent.
const URGENT_HOURS: u16 = 24;

impl Ticket {
    /// Whether life, water, power, gas or heat are at stake: what has a limit of hours.
    pub(super) fn is_urgent(&self) -> bool {
        let limit = self.assignment.as_ref().map(|assignment| assignment.limit);
        matches!(limit, Some(Limit::Hours(hours)) if hours <= URGENT_HOURS)
    }

    pub(super) fn mobilised(
        &self,
        id: &MemberId,
        skill: Skill,
        context: &Context<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let village = unit_of(context).ok_or(Refusal::NotYourUnit)?;
        let called = context.directory.member(id).ok_or(Refusal::NoSuchPart)?;
        let grid = context.directory.grid(&called.grid);
        if grid.map(|grid| &grid.village) != Some(village) {
            return Err(Refusal::Terms("the member is of another village's grid"));
        }
        if !called.skills.contains(&skill) {
            return Err(Refusal::Terms("the member does not have this skill"));
        }
        let now = self.time_of_next(context.now);
        if !called.availability.covers(now, context.calendar) {
            return Err(Refusal::Terms("the member cannot be called at this time"));
        }
        if self.crew.get(id).is_some_and(|crew| crew.stage.is_out()) {
            return Err(Refusal::Decided("the member is called already"));
        }
        if self.crew.values().filter(|crew| crew.stage.is_out()).count() >= OUT_MAX {
            return Err(Refusal::Terms("twenty members are out already"));
        }
        let due = now.plus_millis(if self.is_urgent() { URGENT_MS } else { ANSWER_MS });
        let (member, village) = (id.clone(), village.clone());
        Ok(vec![Event::Mobilised { member, village, skill, due }])
    }

    /// A member reports for itself; the village may for each of its own, and stands down who is not
    /// needed.
    pub(super) fn member_reported(
        &self,
        id: &MemberId,
        (stage, note): (Stage, &Option<SealedRef>),
        context: &Context<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let crew = self.crew.get(id).ok_or(Refusal::NoSuchPart)?;
        let Actor::Staff { id: staff, role, unit } = &context.actor else {
            return Err(Refusal::NotYourUnit);
        };
        let itself = member(staff).as_ref() == Some(id) && stage != Stage::StoodDown;
        let may = if *role == Role::Member { itself } else { *unit == crew.village };
        if !may {
            return Err(Refusal::NotYourUnit);
        }
        if !crew.stage.leads_to(stage) {
            return Err(Refusal::Terms(
                "a member is called, accepts or declines, arrives, finishes",
            ));
        }
        Ok(vec![Event::MemberReported { member: id.clone(), stage, note: note.clone() }])
    }
}
