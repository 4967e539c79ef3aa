//! The clocks: what moves a deadline, and what is due by itself.

use super::Context;
use super::matters::closed;
use crate::alarm::{RED, Warning, warnings};
use crate::calendar::{Calendar, Limit};
use crate::card::{CardKind, Owner, cards};
use crate::event::Event;
use crate::lifecycle::{Status, Turn};
use crate::matter::{Matter, Terms, Trigger, Why};
use crate::reference::Dues;
use crate::ticket::{Change, Crew, Stage, Ticket};
use crate::timestamp::Timestamp;

impl Ticket {
    /// The event that says what the ends are once the limits have changed, and why.
    pub(super) fn rescheduled(&self, change: Change, context: &Context<'_>) -> Event {
        let mut after = self.clone();
        after.change_limits(change, self.time_of_next(context.now));
        let (calendar, (why, limit, until)) = (context.calendar, change);
        let due = after.assignment.as_ref().map(|assignment| assignment.reckon(calendar));
        let promise = after.promise.as_ref();
        let citizen_due =
            promise.map(|promise| promise.reckon(after.received_at, after.suspended_ms, calendar));
        let tasks = after.tasks.iter().map(|(unit, task)| (unit.clone(), task.reckon(calendar)));
        let tasks = Dues(tasks.collect());
        let calendar = after.reckoned_by(calendar, due.max(citizen_due));
        Event::Rescheduled { why, limit, until, calendar, due, citizen_due, tasks }
    }

    /// The calendar's version, provisional if the last end is.
    fn reckoned_by(&self, calendar: &Calendar, last: Option<Timestamp>) -> String {
        let last = last.unwrap_or(Timestamp::MIN);
        let by_days = self.limits().find(|limit| matches!(limit, Limit::Workdays(_)));
        by_days
            .map_or_else(|| calendar.version().to_owned(), |limit| calendar.version_of(limit, last))
    }

    /// The clocks run again; what is left of a suspension is given back.
    pub(super) fn resumed(&self, context: &Context<'_>) -> Event {
        self.rescheduled((Why::Resumption, None, None), context)
    }

    /// Whether its deadlines were reckoned by another version of the calendar than this one, and depend
    /// on it.
    #[must_use]
    pub fn needs_replan(&self, calendar: &Calendar) -> bool {
        let running = matches!(self.status, Status::Dispatched | Status::Handling | Status::Held);
        let other = self.calendar.as_ref().is_some_and(|version| !calendar.made(version));
        let by_days = |limit: Limit| matches!(limit, Limit::Workdays(_));
        running && other && self.limits().any(by_days)
    }

    pub(super) fn replanned(&self, context: &Context<'_>) -> Vec<Event> {
        let needed = self.needs_replan(context.calendar);
        let event = || self.rescheduled((Why::Calendar, None, None), context);
        needed.then(event).into_iter().collect()
    }

    /// Whatever is due by now, each thing once: a suspension that is over, a whistle that nobody answered,
    /// members who did not, and the warnings of every limit.
    pub(super) fn due_by_now(&self, context: &Context<'_>) -> Vec<Event> {
        use Status as S;
        if !matches!(self.status, S::NeedsDispatcher | S::Handling | S::Answered | S::Held) {
            return Vec::new();
        }
        // Its unit has nothing to do with it; what its citizen waits for, the lead is warned of.
        if self.turn() == Turn::Lead {
            return Vec::new();
        }
        let now = self.time_of_next(context.now);
        let mut events = self.suspension_over(now, context);
        let whistle = self.matters.get(&Matter::Whistle);
        let unanswered = whistle.and_then(|whistle| whistle.terms.due()).filter(|due| *due <= now);
        if unanswered.is_some() {
            events.extend(self.whistle_failed(Trigger::WhistleUnanswered, context));
        }
        let silent = |crew: &Crew| crew.stage == Stage::Called && crew.due <= now;
        events.extend(self.standing_down(silent));
        events.extend(self.warnings(now, context));
        events
    }

    fn suspension_over(&self, now: Timestamp, context: &Context<'_>) -> Vec<Event> {
        let open = self.matters.get(&Matter::Suspension).filter(|open| open.running.is_some());
        let over = open.and_then(|open| open.terms.due()).is_some_and(|until| until <= now);
        if !over {
            return Vec::new();
        }
        vec![self.resumed(context), closed(Matter::Suspension, true)]
    }

    /// What every limit has to warn of, and who watches the case from then on.
    fn warnings(&self, now: Timestamp, context: &Context<'_>) -> Vec<Event> {
        let cards = cards(self, 0);
        let limited = cards.iter().filter(|card| match &card.kind {
            CardKind::Turn => card.owner != Owner::Machine,
            CardKind::Matter(Matter::Whistle) => false,
            CardKind::Matter(matter @ Matter::Suspension) => {
                self.matters.get(matter).is_some_and(|open| open.running.is_none())
            }
            CardKind::Matter(_) | CardKind::Task(_) => true,
            CardKind::Called(_)
            | CardKind::Invited(_)
            | CardKind::Keeper(_)
            | CardKind::Crew(_) => false,
        });
        let due: Vec<Warning> =
            limited.flat_map(|card| warnings(self, card, now, context.directory)).collect();
        let red = due.iter().filter(|warning| warning.level >= RED);
        let watcher = red.map(|warning| &warning.to).max_by_key(|to| rank(to)).cloned();
        // Supervision ends with the case: of one that is over it would never end.
        let watched = watcher.filter(|_| !self.is_over()).and_then(|to| self.watched_by(to));
        let warned = due.into_iter().map(|Warning { kind, level, to, due }| Event::Warned {
            card: kind,
            level,
            to,
            due,
        });
        warned.chain(watched).collect()
    }

    /// 督办: opens supervision, or hands it up; never down.
    pub(super) fn watched_by(&self, to: Owner) -> Option<Event> {
        let open = self.matters.get(&Matter::Supervision);
        let higher = open.is_none_or(|open| match &open.terms {
            Terms::Supervision { to: now } => rank(&to) > rank(now),
            Terms::Plain
            | Terms::Return { .. }
            | Terms::Extension { .. }
            | Terms::Whistle { .. }
            | Terms::Suspension { .. }
            | Terms::Consultation { .. }
            | Terms::FollowThrough { .. }
            | Terms::Merge { .. } => true,
        });
        let (matter, terms) = (Matter::Supervision, Terms::Supervision { to });
        higher.then_some(Event::MatterOpened { matter, note: None, terms })
    }
}

/// How far up somebody is.
fn rank(owner: &Owner) -> u8 {
    match owner {
        Owner::Machine | Owner::Member(_) => 0,
        Owner::Unit(_) => 1,
        Owner::Centre("leader") => 3,
        Owner::Centre(_) => 2,
    }
}
