//! 督办: when a clock warns, and how far up (design, section 3).
//!
//! *Yellow* at four fifths of a limit, *red* when it is over, and again every day after that, each time
//! once. A warning names its level and the end that it is about, so a deadline that moved is warned of
//! anew, and a message that comes twice warns of nothing.

use crate::card::{Card, CardKind, Owner};
use crate::directory::{Directory, UnitKind};
use crate::ids::UnitCode;
use crate::ticket::Ticket;
use crate::timestamp::Timestamp;

/// The level of a yellow warning.
pub const YELLOW: u16 = 0;
/// The level of a red one; the days after it are counted up from here.
pub const RED: u16 = 1;
/// From this level on the city's supervisors watch, whoever is late: three days.
const TO_THE_CITY: u16 = RED + 3;
/// From this level on the leading group does: a week.
const TO_THE_LEADERS: u16 = RED + 7;
/// A caller has so long for a call that is due: it is made within the hour.
const CALL_MS: i64 = Timestamp::HOUR_MS;
/// A run gives no more than this of one card's warnings at once; the next run goes on.
const AT_ONCE: u16 = 8;

/// What a ticket's cards have been warned of already.
pub(crate) struct Alarms<'a>(&'a Ticket);

impl<'a> Alarms<'a> {
    pub(crate) const fn of(ticket: &'a Ticket) -> Self {
        Self(ticket)
    }

    /// The last level that was warned of for this very end.
    fn warned(&self, kind: &CardKind, due: Timestamp) -> Option<u16> {
        let warned = self.0.warned.get(kind);
        warned.filter(|(of, _)| *of == due).map(|(_, level)| *level)
    }

    /// When a unit's limit warns next.
    pub(crate) fn limit(&self, kind: &CardKind, since: Timestamp, due: Timestamp) -> Timestamp {
        let next = self.warned(kind, due).map_or(YELLOW, |level| level.saturating_add(1));
        at(next, (since, due))
    }

    /// When a desk's limit warns next: without a yellow one, for there is nobody but the desk to hear it.
    pub(crate) fn desk(&self, kind: &CardKind, due: Timestamp) -> Timestamp {
        let next = self.warned(kind, due).map_or(RED, |level| level.saturating_add(1));
        at(next, (due, due))
    }
}

/// When a limit reaches a level.
fn at(level: u16, (since, due): (Timestamp, Timestamp)) -> Timestamp {
    match level {
        YELLOW => {
            let lasts = due.millis().saturating_sub(since.millis());
            due.plus_millis(-(lasts / 5))
        }
        later => due.plus_millis(i64::from(later - RED) * Timestamp::DAY_MS),
    }
}

/// The end that a card's warnings are about: what it is due by, but that a caller has an hour for a
/// call that is due.
pub(crate) fn end(owner: &Owner, due: Timestamp) -> Timestamp {
    match owner {
        Owner::Centre("caller") => due.plus_millis(CALL_MS),
        Owner::Centre(_) | Owner::Machine | Owner::Unit(_) | Owner::Member(_) => due,
    }
}

/// One warning that is due.
pub(crate) struct Warning {
    pub(crate) kind: CardKind,
    pub(crate) level: u16,
    pub(crate) to: Owner,
    pub(crate) due: Timestamp,
}

/// What of a card is to be warned of at `now`, level by level.
pub(crate) fn warnings(
    ticket: &Ticket,
    card: &Card,
    now: Timestamp,
    directory: &Directory,
) -> Vec<Warning> {
    let Some(next) = card.alarm.filter(|alarm| *alarm <= now) else { return Vec::new() };
    let due = end(&card.owner, card.due);
    let last = Alarms::of(ticket).warned(&card.kind, due);
    let first = last.map_or(first_level(card), |level| level + 1);
    let since = |level| if level == YELLOW { next } else { at(level, (due, due)) };
    (first..first.saturating_add(AT_ONCE))
        .take_while(|level| since(*level) <= now)
        .map(|level| Warning {
            kind: card.kind.clone(),
            level,
            to: watcher(&card.owner, level, directory),
            due,
        })
        .collect()
}

/// Where the warnings of a card begin. A unit's limit begins with the yellow one, also when that was missed,
/// so that nobody can say the clock was silent.
const fn first_level(card: &Card) -> u16 {
    match card.kind {
        CardKind::Task(_) => YELLOW,
        CardKind::Turn if matches!(card.owner, Owner::Unit(_)) => YELLOW,
        CardKind::Turn
        | CardKind::Matter(_)
        | CardKind::Called(_)
        | CardKind::Invited(_)
        | CardKind::Keeper(_)
        | CardKind::Crew(_) => RED,
    }
}

/// Who watches at a level: the unit itself at yellow, one tier up at red, then the city, then the
/// leading group.
fn watcher(owner: &Owner, level: u16, directory: &Directory) -> Owner {
    match owner {
        Owner::Unit(unit) if level == YELLOW => Owner::Unit(unit.clone()),
        _ if level >= TO_THE_LEADERS => Owner::LEADER,
        Owner::Unit(unit) if level < TO_THE_CITY => one_tier_up(unit, directory),
        Owner::Unit(_) | Owner::Centre(_) | Owner::Machine | Owner::Member(_) => Owner::SUPERVISOR,
    }
}

/// Who is one tier above a unit: a village's township, and of everybody else the city's supervisors.
pub(crate) fn one_tier_up(unit: &UnitCode, directory: &Directory) -> Owner {
    match directory.parent(unit) {
        Some(parent) if parent.kind == UnitKind::Township => Owner::Unit(parent.code.clone()),
        Some(_) | None => Owner::SUPERVISOR,
    }
}
