//! What must be true of clocks: every deadline is what its limit makes of it by the calendar that is named,
//! and each warning was given once, in order, and in time.

use std::collections::BTreeMap;

use domain::{Card, CardKind, Event, Owner, RED, Status, Ticket, Timestamp, YELLOW, cards};

use crate::core::State;
use crate::town::calendar_of;
use crate::world::region;

/// What is due is seen so soon: the clocks look every minute, and a look takes a while.
const SEEN_MS: i64 = 2 * Timestamp::MINUTE_MS;

/// Follows a whole timeline, event by event.
pub(crate) fn clocks(state: &State, whole: &Ticket, found: &mut Vec<String>) {
    let entries = whole.timeline();
    let Some((first, rest)) = entries.split_first() else { return };
    let begun = Ticket::replay(region(), whole.id().clone(), vec![first.clone()], first.hash());
    let Ok(mut ticket) = begun else { return found.push("it does not begin".to_owned()) };
    let (moved_at, late_from) = (Timestamp::MIN, late_from(state));
    let seen_ms = SEEN_MS + 2 * state.settings.skew_ms;
    let mut warned = Warned { seen: BTreeMap::new(), moved_at, late_from, seen_ms };
    for entry in rest {
        if let Event::Warned { card, level, due, .. } = &entry.event {
            warned.note(&ticket, (card, *level, *due), entry.at, found);
        }
        // While it followed another nobody was warned.
        if matches!(entry.event, Event::Rescheduled { .. } | Event::Unmerged {}) {
            warned.moved_at = entry.at;
        }
        let (event, actor) = (entry.event.clone(), entry.actor.clone());
        if ticket.apply(event, actor, entry.cause.clone(), entry.at).is_err() {
            return found.push(format!("v{} cannot follow", entry.seq));
        }
        if matches!(entry.event, Event::Dispatched { .. } | Event::Rescheduled { .. }) {
            deadlines(&ticket, entry.seq, found);
        }
    }
}

/// Since when everything runs as it should, if ever: how late a clock may be depends on it.
fn late_from(state: &State) -> Timestamp {
    let ever = state.coverage.injected() == 0;
    let quiet = state.quiet_since + state.settings.recovery_ms();
    let from = if ever { i64::MIN / 4 } else { quiet };
    Timestamp::from_millis(from + 2 * state.settings.skew_ms)
}

fn deadlines(ticket: &Ticket, seq: u32, found: &mut Vec<String>) {
    let Some(calendar) = ticket.calendar().and_then(calendar_of) else {
        return found.push(format!("v{seq} names a calendar that never was"));
    };
    if let Some(assignment) = ticket.assignment().filter(|a| a.due != a.reckon(&calendar)) {
        let (due, wanted) = (assignment.due, assignment.reckon(&calendar));
        found.push(format!("v{seq}: the unit's limit ends at {due} and not at {wanted}"));
    }
    let promise = ticket.promise().zip(ticket.citizen_due());
    let wrong = promise.is_some_and(|(promise, due)| {
        due != promise.reckon(ticket.received_at(), ticket.suspended_ms(), &calendar)
    });
    if wrong {
        found.push(format!("v{seq}: the citizen's limit is not what was promised"));
    }
    let last = ticket.timeline().last().map(|last| &last.event);
    if !matches!(last, Some(Event::Rescheduled { .. })) {
        return;
    }
    for (unit, task) in ticket.tasks() {
        if task.due != task.reckon(&calendar) {
            found.push(format!("v{seq}: the limit of {unit} ends at {}", task.due));
        }
    }
}

/// The warnings of one ticket so far.
struct Warned {
    seen: BTreeMap<(CardKind, Timestamp), u16>,
    /// When a deadline moved last, or began to be looked at again.
    moved_at: Timestamp,
    late_from: Timestamp,
    /// The clock of who warns may differ from that of who has looked before.
    seen_ms: i64,
}

impl Warned {
    fn note(
        &mut self,
        ticket: &Ticket,
        (card, level, due): (&CardKind, u16, Timestamp),
        at: Timestamp,
        found: &mut Vec<String>,
    ) {
        let before = self.seen.insert((card.clone(), due), level);
        let follows = match before {
            Some(before) => level == before + 1,
            None => matches!(level, YELLOW | RED),
        };
        if !follows {
            found.push(format!("{card} was warned of {due} at level {level} after {before:?}"));
        }
        let stands = cards(ticket, 0).into_iter().find(|one| one.kind == *card);
        // A caller has an hour for a call that is due.
        let caller = |card: &Card| card.owner == Owner::Centre("caller");
        let end =
            |card: &Card| card.due.plus_millis(if caller(card) { Timestamp::HOUR_MS } else { 0 });
        let Some(alarm) = stands.filter(|one| end(one) == due).and_then(|one| one.alarm) else {
            return found.push(format!("{card} was warned of an end that it does not have"));
        };
        if alarm > at {
            found.push(format!("{card} was warned at {at}, before it was due at {alarm}"));
        }
        // The machine's turns are not the clocks': what was due meanwhile is warned of afterwards.
        let from = alarm.max(ticket.status_since()).max(self.moved_at).max(self.late_from);
        let late = at.millis() - from.millis();
        if late > self.seen_ms && ticket.status() != Status::Archived {
            found.push(format!("{card} was warned of {due} {} s late", late / 1000));
        }
    }
}

/// What hangs on a case when it is closed: nothing but money that may be paid later.
pub(crate) fn nothing_open(ticket: &Ticket, found: &mut Vec<String>) {
    let open = ticket.matters().keys().filter(|open| **open != domain::Matter::FundApplication);
    found.extend(open.map(|open| format!("closed while `{open}` is open")));
    found.extend(ticket.tasks().keys().map(|unit| format!("closed with a task of {unit}")));
    let out = ticket.crew().iter().filter(|(_, crew)| crew.stage.is_out());
    found.extend(out.map(|(member, _)| format!("closed while {member} is out")));
}
