//! 退单, 延期, 吹哨, 中止: what units ask for, and who decides.

use super::tasks::unit_of;
use super::{Context, Refusal};
use crate::alarm::one_tier_up;
use crate::authority::{Actor, Role};
use crate::calendar::Limit;
use crate::card::{DISPATCHER_LIMIT_MS, Owner};
use crate::command::{Ask, CommandKind};
use crate::event::Event;
use crate::ids::UnitCode;
use crate::lifecycle::{Status, Tier};
use crate::matter::{Level, Matter, OpenMatter, ReturnGround, Terms, Trigger, Units, Why};
use crate::reference::SealedRef;
use crate::ticket::{Assignment, Ticket};
use crate::timestamp::Timestamp;

/// A case that was given back so often goes to a table (会商) when it is to be given back again: the
/// third bounce shows that nobody owns it.
pub const BOUNCES_MAX: u32 = 2;
/// So often a case's limit is extended, whoever has it.
pub const EXTENSIONS_MAX: usize = 2;
/// A suspension is reviewed after so many days at the latest.
pub const SUSPENSION_DAYS_MAX: i64 = 180;
/// A whistle calls no more units than this: a larger table is a consultation's.
const CALLED_MAX: usize = 8;
/// A called unit of an urgent case reports in within half an hour, as Pinggu has it.
const REPORT_IN_MS: i64 = 30 * Timestamp::MINUTE_MS;
/// Who decides on an extension has a day.
const DECISION_MS: i64 = Timestamp::DAY_MS;

impl Ticket {
    pub(super) fn matter_opened(
        &self,
        ask: &Ask,
        note: Option<&SealedRef>,
        context: &Context<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let matter = ask.matter();
        let raises = matter == Matter::Consultation;
        if self.matters.contains_key(&matter) && !raises {
            return Err(Refusal::AlreadyOpen(matter));
        }
        if !self.is_time_for(matter) {
            let (command, status) = (CommandKind::OpenMatter, self.status);
            return Err(Refusal::WrongStatus { command, status });
        }
        let written = |what| note.map(|_| ()).ok_or(Refusal::ReasonNeeded(what));
        let opened = |terms| Event::MatterOpened { matter, note: note.cloned(), terms };
        match ask {
            Ask::Return { ground, propose } => {
                written("the legal basis (退单依据)")?;
                let terms = self.return_terms(*ground, propose.as_ref(), context)?;
                let table = self.third_return(context);
                Ok([opened(terms)].into_iter().chain(table).collect())
            }
            Ask::Extension(limit) => {
                written("why more time is needed (延期理由)")?;
                Ok(vec![opened(self.extension_terms(*limit, context)?)])
            }
            Ask::Whistle(units) => Ok(vec![opened(self.whistle_terms(units, context)?)]),
            Ask::Suspension(until) => {
                written("the procedure that is waited for (中止理由)")?;
                Ok(vec![opened(self.suspension_terms(*until, context)?)])
            }
            Ask::Consultation(level, units) => {
                Ok(vec![opened(self.consultation_terms(*level, units, context)?)])
            }
            Ask::Supervision => {
                let leader = matches!(context.actor, Actor::Staff { role: Role::Leader, .. });
                let to = if leader { Owner::LEADER } else { Owner::SUPERVISOR };
                Ok(vec![opened(Terms::Supervision { to })])
            }
            Ask::FundApplication => Ok(vec![opened(Terms::Plain)]),
            Ask::Merge(likely) => Ok(vec![opened(self.likely_terms(likely, context)?)]),
            // It opens by its own command.
            Ask::FollowThrough => Err(Refusal::NotAllowed(CommandKind::OpenMatter)),
        }
    }

    /// Whether somebody can still settle a matter that is opened now: what a unit asks for, while it has the
    /// case; a table, until the answer; supervision ends with the case, and money may be paid later. What
    /// the machine gave up goes back to the machine, which waits for no table.
    fn is_time_for(&self, matter: Matter) -> bool {
        use Status as S;
        match matter {
            Matter::Return | Matter::Extension | Matter::Whistle | Matter::Suspension => {
                matches!(self.status, S::Handling)
            }
            Matter::Consultation | Matter::Merge => {
                matches!(self.status, S::NeedsDispatcher | S::Dispatched | S::Handling)
            }
            Matter::Supervision => !self.is_over(),
            Matter::FundApplication | Matter::FollowThrough => true,
        }
    }

    /// Whether nothing is left but to archive it, though the machine may have given up on that.
    pub(super) fn is_over(&self) -> bool {
        let status = self.held_from.unwrap_or(self.status);
        matches!(status, Status::Evaluated | Status::Declined | Status::Archived)
    }

    /// The assignment of the unit that asks: a former one keeps the case, but asks for nothing.
    fn asking(&self, context: &Context<'_>) -> Result<&Assignment, Refusal> {
        let assigned = self.assignment.as_ref();
        assigned.filter(|a| Some(&a.unit) == unit_of(context)).ok_or(Refusal::NotYourUnit)
    }

    /// 退单 is asked for within a quarter of a limit of hours, else within a working day.
    fn return_terms(
        &self,
        ground: ReturnGround,
        propose: Option<&UnitCode>,
        context: &Context<'_>,
    ) -> Result<Terms, Refusal> {
        let assignment = self.asking(context)?;
        if assignment.kept {
            return Err(Refusal::Decided("the unit keeps the case"));
        }
        let now = self.time_of_next(context.now);
        let window = match assignment.limit {
            Limit::Hours(hours) => {
                assignment.since.plus_millis(i64::from(hours) * Timestamp::HOUR_MS / 4)
            }
            Limit::Days(_) | Limit::Workdays(_) => {
                context.calendar.deadline(assignment.since, Limit::Workdays(1))
            }
        };
        if now >= window {
            return Err(Refusal::TooLate("the window for giving back (退单) is over"));
        }
        if propose.is_some_and(|unit| context.directory.unit(unit).is_none()) {
            return Err(Refusal::NoSuchUnit);
        }
        let due = now.plus_millis(DISPATCHER_LIMIT_MS);
        Ok(Terms::Return { ground, propose: propose.cloned(), due })
    }

    /// 三次退单: nobody owns it, so the parties come to one table by themselves.
    fn third_return(&self, context: &Context<'_>) -> Option<Event> {
        let bounces = self.returned >= BOUNCES_MAX;
        let units = self.assignment.iter().map(|a| a.unit.clone()).collect();
        bounces.then(|| self.table(Trigger::ThirdReturn, Units(units), context)).flatten()
    }

    fn extension_terms(&self, more: Limit, context: &Context<'_>) -> Result<Terms, Refusal> {
        let assignment = self.asking(context)?;
        let now = self.time_of_next(context.now);
        if now >= assignment.due {
            return Err(Refusal::TooLate(
                "an extension (延期) is asked for before the limit is over",
            ));
        }
        let granted = self.promise.as_ref().map_or(0, |promise| promise.more.len());
        if assignment.more.is_some() || granted >= EXTENSIONS_MAX {
            return Err(Refusal::Decided("the limit was extended before"));
        }
        let to = one_tier_up(&assignment.unit, context.directory);
        let due = now.plus_millis(DECISION_MS).min(assignment.due);
        Ok(Terms::Extension { limit: more, to, due })
    }

    /// A village calls its township, a township the city's units.
    fn whistle_terms(&self, units: &Units, context: &Context<'_>) -> Result<Terms, Refusal> {
        let own = unit_of(context).and_then(|code| context.directory.unit(code));
        let own = own.ok_or(Refusal::UnknownStaff)?;
        if units.0.is_empty() || units.0.len() > CALLED_MAX {
            return Err(Refusal::Terms("a whistle calls one to eight units"));
        }
        for unit in &units.0 {
            let called = context.directory.unit(unit).ok_or(Refusal::NoSuchUnit)?;
            let up = match own.tier() {
                Tier::Village => own.parent.as_ref() == Some(&called.code),
                Tier::Township => called.tier() == Tier::City,
                Tier::City => false,
            };
            if !up {
                return Err(Refusal::Terms(
                    "a village calls its township, and a township units of the city",
                ));
            }
        }
        let now = self.time_of_next(context.now);
        let due = if self.is_urgent() {
            now.plus_millis(REPORT_IN_MS)
        } else {
            context.calendar.deadline(now, Limit::Workdays(1))
        };
        Ok(Terms::Whistle { by: own.code.clone(), units: units.clone(), due })
    }

    fn suspension_terms(&self, until: Timestamp, context: &Context<'_>) -> Result<Terms, Refusal> {
        self.asking(context)?;
        let now = self.time_of_next(context.now);
        let longest = now.plus_millis(SUSPENSION_DAYS_MAX * Timestamp::DAY_MS);
        if until <= now || until > longest {
            return Err(Refusal::Terms("a suspension is reviewed within 180 days"));
        }
        Ok(Terms::Suspension { until })
    }

    /// 报到.
    pub(super) fn reported_in(
        &self,
        (accepts, note): (bool, &Option<SealedRef>),
        context: &Context<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let own = unit_of(context).and_then(|code| context.directory.unit(code));
        let own = own.ok_or(Refusal::UnknownStaff)?;
        let whistle =
            self.matters.get(&Matter::Whistle).ok_or(Refusal::NotOpen(Matter::Whistle))?;
        if !accepts && note.is_none() {
            return Err(Refusal::ReasonNeeded("why the unit does not come (拒绝理由)"));
        }
        let unit = own.code.clone();
        let mut events = vec![Event::ReportedIn { unit, accepts, note: note.clone() }];
        if !accepts {
            events.extend(self.whistle_failed(Trigger::WhistleRefused, context));
            return Ok(events);
        }
        let leads = self.assignment.as_ref().is_some_and(|a| a.unit == own.code);
        if let Some(assignment) = self.assignment.as_ref().filter(|_| !leads)
            && !self.tasks.contains_key(&own.code)
        {
            events.push(self.tasked(own, (assignment.limit, &None), context));
        }
        let others = whistle.awaited().filter(|unit| **unit != own.code).count();
        events.extend((others == 0).then_some(closed(Matter::Whistle, true)));
        Ok(events)
    }

    /// 吹哨未到: the parties come to one table at level two.
    pub(super) fn whistle_failed(&self, trigger: Trigger, context: &Context<'_>) -> Vec<Event> {
        let whistle = self.matters.get(&Matter::Whistle);
        let mut units = whistle.and_then(|open| open.terms.units()).cloned().unwrap_or_default();
        if let Some(Terms::Whistle { by, .. }) = whistle.map(|open| &open.terms) {
            units.insert(by.clone());
        }
        let table = self.table(trigger, Units(units), context);
        [closed(Matter::Whistle, false)].into_iter().chain(table).collect()
    }

    pub(super) fn matter_closed(
        &self,
        matter: Matter,
        granted: bool,
        context: &Context<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let open = self.matters.get(&matter).ok_or(Refusal::NotOpen(matter))?;
        match matter {
            Matter::Return if granted => {
                Err(Refusal::Terms("a return is granted by dispatching to another unit"))
            }
            Matter::Extension => self.extension_decided(open, granted, context),
            Matter::Suspension => self.suspension_decided(open, granted, context),
            Matter::Whistle if !granted => {
                Ok(self.whistle_failed(Trigger::WhistleRefused, context))
            }
            Matter::Return
            | Matter::Whistle
            | Matter::Consultation
            | Matter::Supervision
            | Matter::FollowThrough
            | Matter::FundApplication
            | Matter::Merge => Ok(vec![closed(matter, granted)]),
        }
    }

    /// One tier up decides: the township of a village, else the city's supervisors.
    fn extension_decided(
        &self,
        open: &OpenMatter,
        granted: bool,
        context: &Context<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let Terms::Extension { limit, to, .. } = &open.terms else {
            return Ok(vec![closed(Matter::Extension, false)]);
        };
        let supervisor = matches!(context.actor, Actor::Staff { role: Role::Supervisor, .. });
        let theirs = match to {
            Owner::Unit(unit) => unit_of(context) == Some(unit),
            Owner::Centre(_) | Owner::Machine | Owner::Member(_) => supervisor,
        };
        if !theirs {
            return Err(Refusal::NotYourUnit);
        }
        let more = (Why::Extension, Some(*limit), None);
        let moved = granted.then(|| self.rescheduled(more, context));
        Ok(moved.into_iter().chain([closed(Matter::Extension, granted)]).collect())
    }

    /// First whether the clocks stop, then when they run again.
    fn suspension_decided(
        &self,
        open: &OpenMatter,
        granted: bool,
        context: &Context<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let now = self.time_of_next(context.now);
        if open.running.is_some() {
            return Ok(vec![self.resumed(context), closed(Matter::Suspension, true)]);
        }
        let supervisor = matches!(context.actor, Actor::Staff { role: Role::Supervisor, .. });
        if granted && !supervisor {
            return Err(Refusal::NotAllowed(CommandKind::CloseMatter));
        }
        match open.terms.due().filter(|until| granted && *until > now) {
            until @ Some(_) => Ok(vec![self.rescheduled((Why::Suspension, None, until), context)]),
            None => Ok(vec![closed(Matter::Suspension, false)]),
        }
    }

    /// A table at level two that convenes itself; the one that is open already is table enough.
    fn table(&self, trigger: Trigger, units: Units, context: &Context<'_>) -> Option<Event> {
        let open = self.matters.contains_key(&Matter::Consultation);
        let terms = self.table_terms((Level::Two, trigger), units, context);
        let matter = Matter::Consultation;
        (!open).then_some(Event::MatterOpened { matter, note: None, terms })
    }
}

pub(super) const fn closed(matter: Matter, granted: bool) -> Event {
    Event::MatterClosed { matter, granted }
}
