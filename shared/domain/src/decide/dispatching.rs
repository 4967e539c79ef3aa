//! 派单: to whom a case goes, and what ends with it.

use super::matters::closed;
use super::{Context, Refusal};
use crate::command::DispatchTo;
use crate::directory::{Directory, Unit};
use crate::event::Event;
use crate::ids::UnitCode;
use crate::lifecycle::Tier;
use crate::matter::Matter;
use crate::ticket::{Crew, Promise, Stage, Ticket};

impl Ticket {
    pub(super) fn dispatched(
        &self,
        to: &DispatchTo,
        context: &Context<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        if self.check_lead(&to.unit, context.directory)?.tier() != to.tier {
            return Err(Refusal::NoSuchUnit);
        }
        Ok(self.settled_by_a_dispatch().chain(self.sent_on(to, context)).collect())
    }

    /// Who sends a case on has granted its return, and answered what only the old lead asked.
    pub(super) fn settled_by_a_dispatch(&self) -> impl Iterator<Item = Event> {
        let moot = self.closing_moot([Matter::Extension, Matter::Whistle, Matter::Merge]);
        self.closing(Matter::Return, true).into_iter().chain(moot)
    }

    /// The unit, if it may lead this case: 村/社区 may not, but for what it found itself (in other cities'
    /// rules, such as Zhongshan's Order 24, it may not at all).
    pub(super) fn check_lead<'a>(
        &self,
        unit: &UnitCode,
        directory: &'a Directory,
    ) -> Result<&'a Unit, Refusal> {
        let unit = directory.unit(unit).ok_or(Refusal::NoSuchUnit)?;
        let own_finding = self.found_by.as_ref() == Some(&unit.code);
        if unit.tier() == Tier::Village && !own_finding {
            return Err(Refusal::VillageLeads);
        }
        Ok(unit)
    }

    /// What follows from a new lead: its clock, and the end of what only the old one needed.
    pub(super) fn sent_on(&self, to: &DispatchTo, context: &Context<'_>) -> Vec<Event> {
        let calendar = context.calendar;
        // A task is not done beside the lead of the same unit.
        let own_task = self.tasks.contains_key(&to.unit).then(|| released(&to.unit));
        let gone = self.standing_down(|crew| !self.has_part_after(&to.unit, &crew.village));
        let mut events: Vec<Event> = own_task.into_iter().chain(gone).collect();
        // A deadline that stays is brought to the calendar by which the new one is reckoned; what ends here does
        // not stay.
        let mut staying = self.clone();
        staying.tasks.remove(&to.unit);
        events.extend(staying.replanned(context));
        let due = calendar.deadline(self.time_of_next(context.now), to.limit);
        let first = || Promise { limit: to.limit, more: Vec::new() };
        let promise = self.promise.clone().unwrap_or_else(first);
        events.push(Event::Dispatched {
            item: to.item.clone(),
            unit: to.unit.clone(),
            tier: to.tier,
            limit: to.limit,
            calendar: calendar.version_of(to.limit, due),
            due,
            citizen_due: promise.reckon(self.received_at, self.suspended_ms, calendar),
            confidence: to.confidence,
            catalog: to.catalog,
        });
        events
    }

    /// The end of a case that is not answered: everything that hangs on it ends first.
    pub(super) fn ended_by(&self, last: Event, context: &Context<'_>) -> Vec<Event> {
        let tasks = self.tasks.keys().map(released);
        let gone = self.standing_down(|_| true);
        let mut events: Vec<Event> = self.unmerged().into_iter().chain(tasks).chain(gone).collect();
        if self.unspent_ms(self.time_of_next(context.now)) > 0 {
            events.push(self.resumed(context));
        }
        let matters = self.matters.keys().filter(|matter| !matter.outlives_the_case());
        events.extend(matters.map(|matter| closed(*matter, *matter == Matter::Supervision)));
        events.push(last);
        events
    }

    /// Closes a matter if it is open.
    pub(super) fn closing(&self, matter: Matter, granted: bool) -> Option<Event> {
        self.matters.contains_key(&matter).then_some(closed(matter, granted))
    }

    /// Closes what has lost its point.
    pub(super) fn closing_moot<const N: usize>(
        &self,
        matters: [Matter; N],
    ) -> impl Iterator<Item = Event> {
        matters.into_iter().filter_map(|matter| self.closing(matter, false))
    }

    /// Whether a village has still to do with the case once this unit alone leads it.
    pub(super) fn has_part_after(&self, lead: &UnitCode, village: &UnitCode) -> bool {
        village == lead || self.tasks.contains_key(village)
    }

    /// Calls back who of the members that are out is not needed, or not heard of.
    pub(super) fn standing_down(
        &self,
        goes: impl Fn(&Crew) -> bool,
    ) -> impl Iterator<Item = Event> {
        let out = self.crew.iter().filter(move |(_, crew)| crew.stage.is_out() && goes(crew));
        out.map(|(member, _)| Event::MemberReported {
            member: member.clone(),
            stage: Stage::StoodDown,
            note: None,
        })
    }
}

/// A task that is not needed any more.
fn released(unit: &UnitCode) -> Event {
    Event::TaskEnded { unit: unit.clone(), done: false, note: None }
}
