//! 签收, 交办, 协办: the lead, and the tasks of others in its case.

use super::{Context, Refusal};
use crate::authority::{Actor, Role};
use crate::calendar::Limit;
use crate::command::CommandKind;
use crate::directory::{Directory, Unit};
use crate::event::{Event, Outcome};
use crate::ids::UnitCode;
use crate::lifecycle::{Status, Tier};
use crate::matter::Matter;
use crate::reference::SealedRef;
use crate::ticket::{Crew, Ticket};

/// No case has more open tasks than this: a larger table is a consultation's.
const TASKS_MAX: usize = 12;

impl Ticket {
    pub(super) fn signed(&self, context: &Context<'_>) -> Result<Vec<Event>, Refusal> {
        let assigned = self.assignment.as_ref().filter(|a| Some(&a.unit) == unit_of(context));
        match assigned {
            None => Err(Refusal::NotYourUnit),
            Some(assignment) if assignment.signed => {
                Err(Refusal::Decided("the unit has accepted the case"))
            }
            Some(assignment) => {
                // The first unit has no part in it any more, and nobody whom it could call back.
                let gone = |crew: &Crew| !self.has_part_after(&assignment.unit, &crew.village);
                Ok(self.standing_down(gone).chain([Event::Signed {}]).collect())
            }
        }
    }

    /// 主办 answers when nobody assists any more and nobody is out.
    pub(super) fn resolved(
        &self,
        outcome: Outcome,
        reply: &SealedRef,
    ) -> Result<Vec<Event>, Refusal> {
        self.check_nobody_assists()?;
        let resolved = Event::Resolved { outcome, reply: reply.clone() };
        Ok(self.closing_moot([Matter::Extension, Matter::Merge]).chain([resolved]).collect())
    }

    /// No unit has a task and nobody is out.
    pub(super) fn check_nobody_assists(&self) -> Result<(), Refusal> {
        if let Some(unit) = self.tasks.keys().next() {
            return Err(Refusal::TaskOpen(unit.clone()));
        }
        let out = self.crew.values().any(|crew| crew.stage.is_out());
        if out { Err(Refusal::MembersOut) } else { Ok(()) }
    }

    pub(super) fn assigned(
        &self,
        unit: &UnitCode,
        (limit, note): (Limit, &Option<SealedRef>),
        context: &Context<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        if self.status != Status::Handling {
            return Err(Refusal::WrongStatus { command: CommandKind::Assign, status: self.status });
        }
        let assisting = self.check_assisting(unit, context.directory)?;
        if !reaches(context, assisting) {
            return Err(Refusal::NotYourUnit);
        }
        if self.tasks.contains_key(unit) {
            return Err(Refusal::TaskOpen(unit.clone()));
        }
        if self.tasks.len() >= TASKS_MAX {
            return Err(Refusal::Terms("twelve tasks are open already: convene a consultation"));
        }
        Ok(vec![self.tasked(assisting, (limit, note), context)])
    }

    /// A unit that may assist: known, and not the lead itself.
    pub(super) fn check_assisting<'a>(
        &self,
        unit: &UnitCode,
        directory: &'a Directory,
    ) -> Result<&'a Unit, Refusal> {
        let unit = directory.unit(unit).ok_or(Refusal::NoSuchUnit)?;
        let leads = self.assignment.as_ref().is_some_and(|a| a.unit == unit.code);
        if leads { Err(Refusal::Terms("the lead does not assist itself")) } else { Ok(unit) }
    }

    pub(super) fn tasked(
        &self,
        unit: &Unit,
        (limit, note): (Limit, &Option<SealedRef>),
        context: &Context<'_>,
    ) -> Event {
        let due = context.calendar.deadline(self.time_of_next(context.now), limit);
        Event::Tasked {
            unit: unit.code.clone(),
            tier: unit.tier(),
            limit,
            calendar: context.calendar.version_of(limit, due),
            due,
            note: note.clone(),
        }
    }

    /// Done by the unit itself; released by who leads, or who could have given it.
    pub(super) fn task_ended(
        &self,
        unit: &UnitCode,
        (done, note): (bool, &Option<SealedRef>),
        context: &Context<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        if !self.tasks.contains_key(unit) {
            return Err(Refusal::NoSuchPart);
        }
        let own = unit_of(context) == Some(unit);
        let handles = matches!(context.actor, Actor::Staff { role: Role::Handler, .. });
        let leads = unit_of(context).is_some_and(|own| self.is_led_by(own));
        let above = context.directory.unit(unit).is_some_and(|unit| reaches(context, unit));
        let given = if done { own && handles } else { leads || (!handles && above) };
        if !given {
            return Err(Refusal::NotYourUnit);
        }
        let out = self.crew.values().any(|crew| crew.village == *unit && crew.stage.is_out());
        if done && out {
            return Err(Refusal::MembersOut);
        }
        let standing = self.standing_down(|crew| !done && crew.village == *unit);
        let ended = Event::TaskEnded { unit: unit.clone(), done, note: note.clone() };
        Ok(standing.chain([ended]).collect())
    }
}

/// The unit of who commands.
pub(super) const fn unit_of<'a>(context: &'a Context<'_>) -> Option<&'a UnitCode> {
    match &context.actor {
        Actor::Staff { unit, .. } => Some(unit),
        Actor::Step(_) | Actor::Sweep | Actor::Attachment | Actor::Clocks | Actor::Channel(_) => {
            None
        }
    }
}

/// Whether who commands gives tasks to a unit: the city to every unit, a township to its villages.
fn reaches(context: &Context<'_>, unit: &Unit) -> bool {
    let Some(own) = unit_of(context).and_then(|code| context.directory.unit(code)) else {
        return false;
    };
    match own.tier() {
        Tier::City => true,
        Tier::Township => unit.parent.as_ref() == Some(&own.code),
        Tier::Village => false,
    }
}
