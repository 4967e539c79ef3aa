//! The clocks: what moves a deadline, and what is due by itself.

use std::collections::BTreeMap;

use super::Context;
use crate::alarm::{RED, Warning, warnings};
use crate::calendar::{Calendar, Limit};
use crate::card::{CardKind, Owner, cards};
use crate::event::Event;
use crate::ids::UnitCode;
use crate::lifecycle::Status;
use crate::matter::{Matter, Terms, Trigger, Why};
use crate::reference::Dues;
use crate::ticket::{Assignment, Promise, Stage, Task, Ticket};
use crate::timestamp::Timestamp;

/// A ticket's limits, to be changed and reckoned anew: so every end that an event names is a pure function
/// of the limits, the calendar, and nothing that was reckoned before.
pub(super) struct Clocks {
    received_at: Timestamp,
    assignment: Option<Assignment>,
    promise: Option<Promise>,
    suspended_ms: i64,
    tasks: BTreeMap<UnitCode, Task>,
    limit: Option<Limit>,
    until: Option<Timestamp>,
}

impl Clocks {
    /// The unit has more time, and the citizen's promise is put off by as much.
    pub(super) fn prolong(&mut self, more: Limit) {
        self.limit = Some(more);
        if let Some(assignment) = &mut self.assignment {
            assignment.more = Some(more);
        }
        if let Some(promise) = &mut self.promise {
            promise.more.push(more);
        }
    }

    /// All clocks stand from `now` until the review.
    pub(super) fn suspend(&mut self, now: Timestamp, until: Timestamp) {
        self.until = Some(until);
        self.shift(until.millis() - now.millis());
    }

    /// They run again; what is left of the suspension is given back.
    pub(super) fn resume(&mut self, unspent_ms: i64) {
        self.shift(unspent_ms.saturating_neg());
    }

    /// The unit begins anew; the citizen's clock has never stopped.
    pub(super) const fn begin_anew(&mut self, now: Timestamp) {
        if let Some(assignment) = &mut self.assignment {
            (assignment.since, assignment.more, assignment.paused_ms) = (now, None, 0);
        }
    }

    fn shift(&mut self, ms: i64) {
        self.suspended_ms += ms;
        if let Some(assignment) = &mut self.assignment {
            assignment.paused_ms += ms;
        }
        for task in self.tasks.values_mut() {
            task.paused_ms += ms;
        }
    }

    /// The event that says what the ends are now, and why.
    pub(super) fn rescheduled(&self, why: Why, calendar: &Calendar) -> Event {
        let due = self.assignment.as_ref().map(|assignment| assignment.reckon(calendar));
        let promise = self.promise.as_ref();
        let citizen_due =
            promise.map(|promise| promise.reckon(self.received_at, self.suspended_ms, calendar));
        let tasks = self.tasks.iter().map(|(unit, task)| (unit.clone(), task.reckon(calendar)));
        Event::Rescheduled {
            why,
            limit: self.limit,
            until: self.until,
            calendar: self.version(calendar, [due, citizen_due]),
            due,
            citizen_due,
            tasks: Dues(tasks.collect()),
        }
    }

    /// The calendar's version, provisional if any of the ends is.
    fn version<const N: usize>(&self, calendar: &Calendar, ends: [Option<Timestamp>; N]) -> String {
        let last = ends.into_iter().flatten().max().unwrap_or(Timestamp::MIN);
        let by_days = self.limits().find(|limit| matches!(limit, Limit::Workdays(_)));
        by_days
            .map_or_else(|| calendar.version().to_owned(), |limit| calendar.version_of(limit, last))
    }

    fn limits(&self) -> impl Iterator<Item = Limit> {
        let assignment = self.assignment.iter().flat_map(|a| [Some(a.limit), a.more]).flatten();
        let promise = self.promise.iter().flat_map(|p| p.more.iter().copied().chain([p.limit]));
        assignment.chain(promise).chain(self.tasks.values().map(|task| task.limit))
    }
}

impl Ticket {
    pub(super) fn clocks(&self) -> Clocks {
        Clocks {
            received_at: self.received_at,
            assignment: self.assignment.clone(),
            promise: self.promise.clone(),
            suspended_ms: self.suspended_ms,
            tasks: self.tasks.clone(),
            limit: None,
            until: None,
        }
    }

    /// Whether its deadlines were reckoned by another version of the calendar than this one, and depend
    /// on it.
    #[must_use]
    pub fn needs_replan(&self, calendar: &Calendar) -> bool {
        let running = matches!(self.status, Status::Dispatched | Status::Handling | Status::Held);
        let other = self.calendar.as_ref().is_some_and(|version| !calendar.made(version));
        let by_days = |limit: Limit| matches!(limit, Limit::Workdays(_));
        running && other && self.clocks().limits().any(by_days)
    }

    pub(super) fn replanned(&self, context: &Context<'_>) -> Vec<Event> {
        let needed = self.needs_replan(context.calendar);
        let event = || self.clocks().rescheduled(Why::Calendar, context.calendar);
        needed.then(event).into_iter().collect()
    }

    /// Whatever is due by now, each thing once: a suspension that is over, a whistle that nobody answered,
    /// members who did not, and the warnings of every limit.
    pub(super) fn due_by_now(&self, context: &Context<'_>) -> Vec<Event> {
        use Status as S;
        if !matches!(self.status, S::NeedsDispatcher | S::Handling | S::Answered | S::Held) {
            return Vec::new();
        }
        let now = self.time_of_next(context.now);
        let mut events = self.suspension_over(now, context);
        let whistle = self.matters.get(&Matter::Whistle);
        let unanswered = whistle.and_then(|whistle| whistle.terms.due()).filter(|due| *due <= now);
        if unanswered.is_some() {
            events.extend(self.whistle_failed(Trigger::WhistleUnanswered, context));
        }
        let silent =
            self.crew.iter().filter(|(_, crew)| crew.stage == Stage::Called && crew.due <= now);
        events.extend(silent.map(|(member, _)| Event::MemberReported {
            member: member.clone(),
            stage: Stage::StoodDown,
            note: None,
        }));
        events.extend(self.warnings(now, context));
        events
    }

    fn suspension_over(&self, now: Timestamp, context: &Context<'_>) -> Vec<Event> {
        let open = self.matters.get(&Matter::Suspension).filter(|open| open.running.is_some());
        let over = open.and_then(|open| open.terms.due()).is_some_and(|until| until <= now);
        if !over {
            return Vec::new();
        }
        let resumed = self.clocks().rescheduled(Why::Resumption, context.calendar);
        vec![resumed, Event::MatterClosed { matter: Matter::Suspension, granted: true }]
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
            | Terms::FollowThrough { .. } => true,
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
