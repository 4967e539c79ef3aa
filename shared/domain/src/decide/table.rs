//! 三级会商: the parties at one table, what is written there, and what follows from it.

use std::collections::BTreeSet;

use super::matters::closed;
use super::{Context, Refusal};
use crate::authority::{Actor, Role};
use crate::calendar::Limit;
use crate::command::{CommandKind, Conclusion, DispatchTo};
use crate::event::Event;
use crate::ids::UnitCode;
use crate::matter::{Level, Matter, Paper, Terms, Trigger, Units};
use crate::reference::SealedRef;
use crate::ticket::Ticket;

/// No larger table can decide anything.
const SEATS_MAX: usize = 12;
/// How long a table has at each level, in working days, and the standing committee.
const THREE_DAYS: u16 = 2;
const TWO_DAYS: u16 = 3;
const ONE_DAYS: u16 = 5;
const COMMITTEE_DAYS: u16 = 15;

impl Ticket {
    pub(super) fn table_terms(
        &self,
        (level, trigger): (Level, Trigger),
        units: Units,
        context: &Context<'_>,
    ) -> Terms {
        let days = match level {
            Level::Three => THREE_DAYS,
            Level::Two => TWO_DAYS,
            Level::One => ONE_DAYS,
        };
        let now = self.time_of_next(context.now);
        let due = context.calendar.deadline(now, Limit::Workdays(days));
        Terms::Consultation { level, trigger, units, due }
    }

    /// Who may convene at which level: the lead asks for level three, dispatchers for two, supervisors
    /// and leaders for each. An open table is only ever raised, and its units stay.
    pub(super) fn consultation_terms(
        &self,
        level: Level,
        units: &Units,
        context: &Context<'_>,
    ) -> Result<Terms, Refusal> {
        let Actor::Staff { role, .. } = &context.actor else { return Err(Refusal::NotYourUnit) };
        let highest = match role {
            Role::Handler => Level::Three,
            Role::Dispatcher => Level::Two,
            Role::Supervisor | Role::Leader => Level::One,
            Role::Operator | Role::Caller | Role::Member => {
                return Err(Refusal::NotAllowed(CommandKind::OpenMatter));
            }
        };
        if level > highest {
            return Err(Refusal::Terms("this role does not convene at that level"));
        }
        let mut seats = units.0.clone();
        let mut trigger = Trigger::Convened;
        if let Some(open) = self.matters.get(&Matter::Consultation) {
            if open.terms.level() >= Some(level) {
                return Err(Refusal::AlreadyOpen(Matter::Consultation));
            }
            seats.extend(open.terms.units().into_iter().flatten().cloned());
            if let Terms::Consultation { trigger: first, .. } = open.terms {
                trigger = first;
            }
        }
        self.check_seats(&seats, context)?;
        Ok(self.table_terms((level, trigger), Units(seats), context))
    }

    fn check_seats(
        &self,
        seats: &BTreeSet<UnitCode>,
        context: &Context<'_>,
    ) -> Result<(), Refusal> {
        if seats.is_empty() || seats.len() > SEATS_MAX {
            return Err(Refusal::Terms("one to twelve units sit at a table"));
        }
        let known = seats.iter().all(|unit| context.directory.unit(unit).is_some());
        if known { Ok(()) } else { Err(Refusal::NoSuchUnit) }
    }

    /// Minutes at every level; a leader's instruction, and from there the referral, at level one.
    pub(super) fn minuted(
        &self,
        paper: Paper,
        note: &SealedRef,
        context: &Context<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let level = self.open_level()?;
        let leader = matches!(context.actor, Actor::Staff { role: Role::Leader, .. });
        let may = match paper {
            Paper::Minutes => true,
            Paper::Instruction | Paper::Referral => leader,
        };
        if !may {
            return Err(Refusal::NotAllowed(CommandKind::Minute));
        }
        if paper != Paper::Minutes && level != Level::One {
            return Err(Refusal::Terms("leaders instruct and refer at level one: raise it first"));
        }
        let now = self.time_of_next(context.now);
        let due = (paper == Paper::Referral)
            .then(|| context.calendar.deadline(now, Limit::Workdays(COMMITTEE_DAYS)));
        Ok(vec![Event::Minuted { paper, due, note: note.clone() }])
    }

    fn open_level(&self) -> Result<Level, Refusal> {
        let open = self.matters.get(&Matter::Consultation);
        let level = open.and_then(|open| open.terms.level());
        level.ok_or(Refusal::NotOpen(Matter::Consultation))
    }

    /// The table decides who leads and assists; the case goes on from there, and the measures are
    /// followed until they are done.
    pub(super) fn concluded(
        &self,
        conclusion: &Conclusion,
        note: &SealedRef,
        context: &Context<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        self.check_papers(context)?;
        let Conclusion { lead, assisting, limit, funded, .. } = conclusion;
        let unit = self.check_lead(lead, context.directory)?;
        let given = conclusion.item.clone().map(|item| (item, conclusion.catalog));
        let known = || self.assignment.as_ref().map(|a| (a.item.clone(), a.catalog));
        let item = given.or_else(known);
        let (item, catalog) =
            item.ok_or(Refusal::Terms("a case that was not dispatched needs an item"))?;
        if assisting.0.contains(lead) || assisting.0.len() > SEATS_MAX {
            return Err(Refusal::Terms("up to twelve units assist, and the lead is none of them"));
        }
        let mut tasks = Vec::new();
        for code in &assisting.0 {
            let unit = context.directory.unit(code).ok_or(Refusal::NoSuchUnit)?;
            let stands = self.tasks.contains_key(code);
            tasks.extend((!stands).then(|| self.tasked(unit, (*limit, &None), context)));
        }
        let (lead, assisting) = (lead.clone(), assisting.clone());
        let mut events = vec![Event::Concluded {
            lead: lead.clone(),
            assisting,
            limit: *limit,
            funded: *funded,
            note: note.clone(),
        }];
        events.extend(self.settled_by_a_dispatch());
        events.push(closed(Matter::Consultation, true));
        events.extend(self.following_through(conclusion, context));
        events.extend(tasks);
        let (tier, limit, confidence) = (unit.tier(), *limit, None);
        let to = DispatchTo { item, catalog, unit: lead, tier, limit, confidence };
        events.extend(self.sent_on(&to, context));
        Ok(events)
    }

    fn check_papers(&self, context: &Context<'_>) -> Result<(), Refusal> {
        let level = self.open_level()?;
        let leader = matches!(context.actor, Actor::Staff { role: Role::Leader, .. });
        if leader != (level == Level::One) {
            return Err(Refusal::Terms(
                "leaders conclude at level one, supervisors at levels three and two",
            ));
        }
        let needed: &[Paper] = match level {
            Level::Three | Level::Two => &[Paper::Minutes],
            Level::One => &[Paper::Minutes, Paper::Instruction],
        };
        let papers = self.matters.get(&Matter::Consultation).map(|open| &open.papers);
        let written = |paper: &&Paper| papers.is_some_and(|papers| papers.contains(*paper));
        match needed.iter().find(|paper| !written(paper)) {
            Some(missing) => Err(Refusal::PaperNeeded(*missing)),
            None => Ok(()),
        }
    }

    fn following_through(&self, conclusion: &Conclusion, context: &Context<'_>) -> Vec<Event> {
        let due = context.calendar.deadline(self.time_of_next(context.now), conclusion.limit);
        let money = !self.matters.contains_key(&Matter::FundApplication);
        let opened = |matter, terms| Event::MatterOpened { matter, note: None, terms };
        let applied = opened(Matter::FundApplication, Terms::Plain);
        let applied = (conclusion.funded && money).then_some(applied);
        let followed = opened(Matter::FollowThrough, Terms::FollowThrough { due });
        [followed].into_iter().chain(applied).collect()
    }
}
