//! The two clocks of a case: what moves them, and by how much.

use std::collections::BTreeMap;

use domain::{
    Actor, Calendar, Command, Context, Entry, Event, Limit, Matter, Role, Status, Step, Ticket,
    Timestamp, UnitCode, Why,
};
use proptest::prelude::*;

use crate::support::{
    CALENDAR, Deed, OTHER, OWN, VILLAGE, assign, at, centre, channel, close_matter, context, deed,
    dispatch, handler, moves, open_matter, perform, play, sealed, start, ticket, to_handling, walk,
};

const CHINA_MS: i64 = 8 * Timestamp::HOUR_MS;

fn unit_due(ticket: &Ticket) -> Option<Timestamp> {
    ticket.assignment().map(|assignment| assignment.due)
}

/// What an entry may do to the clocks, told by the events alone.
fn check_step(before: &Ticket, after: &Ticket) {
    let (mut unit, mut citizen) = (unit_due(before), before.citizen_due());
    let mut tasks = task_dues(before);
    for entry in &after.timeline()[before.timeline().len()..] {
        match &entry.event {
            Event::Dispatched { limit, due, citizen_due, calendar, .. } => {
                assert_eq!(*due, CALENDAR.deadline(entry.at, *limit), "from the dispatch itself");
                assert_eq!(*calendar, CALENDAR.version_of(*limit, *due));
                assert_eq!(*citizen_due, citizen.unwrap_or(*citizen_due), "set once");
                (unit, citizen) = (Some(*due), Some(*citizen_due));
            }
            Event::Rescheduled { due, citizen_due, tasks: moved, .. } => {
                (unit, citizen) = (*due, *citizen_due);
                tasks.extend(moved.0.clone());
            }
            Event::Tasked { unit, due, .. } => drop(tasks.insert(unit.clone(), *due)),
            Event::TaskEnded { unit, .. } => drop(tasks.remove(unit)),
            _ => {}
        }
    }
    assert_eq!((unit_due(after), after.citizen_due()), (unit, citizen));
    assert_eq!(task_dues(after), tasks);
}

fn task_dues(ticket: &Ticket) -> BTreeMap<UnitCode, Timestamp> {
    ticket.tasks().iter().map(|(unit, task)| (unit.clone(), task.due)).collect()
}

/// How long approved suspensions have stopped the clocks up to `now`, by the events alone.
fn suspended_ms(timeline: &[Entry], now: Timestamp) -> i64 {
    let (mut all, mut running) = (0, None);
    for entry in timeline {
        match &entry.event {
            Event::Rescheduled { why: Why::Suspension, until, .. } => {
                running = Some((entry.at, until.unwrap()));
            }
            Event::Rescheduled { why: Why::Resumption, .. } => {
                let (since, until) = running.take().unwrap();
                all += entry.at.min(until).millis() - since.millis();
            }
            _ => {}
        }
    }
    let (since, until) = running.unwrap_or((now, now));
    all + now.min(until).millis() - since.millis()
}

/// Every end that stands is the one that its limits make from scratch, and the citizen's clock is the
/// time since the receipt without approved suspensions.
pub(crate) fn check_from_scratch(ticket: &Ticket) {
    if let Some(assignment) = ticket.assignment() {
        assert_eq!(assignment.due, assignment.reckon(&CALENDAR));
    }
    for task in ticket.tasks().values() {
        assert_eq!(task.due, task.reckon(&CALENDAR));
    }
    let promised = ticket
        .promise()
        .map(|promise| promise.reckon(ticket.received_at(), ticket.suspended_ms(), &CALENDAR));
    assert_eq!(ticket.citizen_due(), promised);
    for wait in [0, 5 * Timestamp::HOUR_MS, 90 * Timestamp::DAY_MS] {
        let now = ticket.timeline().last().unwrap().at.plus_millis(wait);
        let elapsed = now.millis() - ticket.received_at().millis();
        let clock = elapsed - suspended_ms(ticket.timeline(), now);
        assert_eq!(ticket.citizen_clock_ms(now), clock);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn nothing_but_what_says_so_moves_a_clock(moves in moves(40)) {
        for stride in walk(&moves) {
            if let Ok(after) = &stride.outcome {
                check_step(&stride.before, after);
                check_from_scratch(after);
            }
        }
    }
}

#[test]
fn comments_move_no_clock() {
    let handling = play(&ticket(), to_handling());
    let citizen = Actor::Channel(channel("hotline-12345"));
    let said = [
        deed(citizen.clone(), Command::Supplement { note: sealed("more") }),
        deed(citizen, Command::Urge { note: Some(sealed("hurry")) }),
        deed(centre(Role::Operator), Command::Note { note: sealed("rang") }),
        deed(handler(), open_matter(Matter::Extension)),
        deed(centre(Role::Supervisor), close_matter(Matter::Extension, false)),
        deed(handler(), Command::Sign),
    ];
    let after = play(&handling, said);
    assert_eq!(unit_due(&after), unit_due(&handling));
    assert_eq!(after.citizen_due(), handling.citizen_due());
    assert_eq!((after.status(), after.status_since()), (Status::Handling, handling.status_since()));
}

/// Returned and sent on, again and again: each unit has its own clock, the citizen one only.
#[test]
fn a_bouncing_ticket_keeps_the_citizens_clock() {
    let mut ticket = play(&ticket(), to_handling());
    let citizen_due = ticket.citizen_due().unwrap();
    assert_eq!(citizen_due, CALENDAR.deadline(start(), Limit::Workdays(5)));
    for (bounce, (unit, next)) in (1..).zip([(OWN, OTHER), (OTHER, OWN), (OWN, OTHER)]) {
        let back = deed(crate::support::staff(Role::Handler, unit), open_matter(Matter::Return));
        let resolve = deed(crate::support::staff(Role::Handler, unit), crate::support::resolve());
        ticket = play(&ticket, [back]);
        let blocked = perform(&ticket, &resolve, ticket.status_since(), None);
        assert_eq!(blocked, Err(domain::Refusal::Blocked(Matter::Return)));
        if bounce == 3 {
            let dispatch = deed(centre(Role::Dispatcher), dispatch(next, Limit::Days(3)));
            let blocked = perform(&ticket, &dispatch, ticket.status_since(), None);
            assert_eq!(blocked, Err(domain::Refusal::Blocked(Matter::Consultation)));
            let open: Vec<Matter> = ticket.matters().keys().copied().collect();
            assert_eq!(open, [Matter::Return, Matter::Consultation], "the third bounce");
            break;
        }
        ticket = play(&ticket, [deed(centre(Role::Dispatcher), dispatch(next, Limit::Days(3)))]);
        let sent = ticket.timeline().last().unwrap().at;
        assert_eq!(unit_due(&ticket), Some(CALENDAR.deadline(sent, Limit::Days(3))));
        assert_eq!(ticket.citizen_due(), Some(citizen_due));
        assert_eq!(ticket.returned(), bounce, "the dispatch grants the return");
        assert!(ticket.matters().is_empty());
        ticket = play(&ticket, [deed(Actor::Step(Step::Handling), Command::Open)]);
    }
}

/// Whatever a later dispatch says, the end that the citizen was told first stays.
#[test]
fn an_applied_dispatch_does_not_move_the_citizens_clock() {
    let mut ticket = play(&ticket(), to_handling());
    let (told, now) = (ticket.citizen_due(), ticket.status_since());
    let mut event = ticket.timeline()[2].event.clone();
    let Event::Dispatched { citizen_due, .. } = &mut event else { panic!("{event:?}") };
    *citizen_due = citizen_due.plus_millis(Timestamp::DAY_MS);
    ticket.apply(event, centre(Role::Dispatcher), None, now).unwrap();
    assert_eq!((ticket.status(), ticket.citizen_due()), (Status::Dispatched, told));
}

fn suspend() -> Deed {
    deed(handler(), open_matter(Matter::Suspension))
}

fn decide(granted: bool) -> Deed {
    deed(centre(Role::Supervisor), close_matter(Matter::Suspension, granted))
}

/// Asked for at one, approved at two, ended at five: three hours are given, whatever was planned.
#[test]
fn a_suspension_stops_both_clocks_from_its_approval_to_its_end() {
    let handling = play(&ticket(), to_handling());
    let note = deed(handler(), Command::Note { note: sealed("waiting for the court") });
    let asked = play(&handling, [suspend()]);
    assert_eq!(unit_due(&asked), unit_due(&handling), "asking stops nothing");
    let refused = play(&asked, [decide(false)]);
    assert_eq!((unit_due(&refused), refused.matters().len()), (unit_due(&handling), 0));
    let running = play(&asked, [decide(true)]);
    let since = running.timeline().last().unwrap().at;
    let until = start().plus_millis(9 * Timestamp::DAY_MS);
    let moved = |due: Option<Timestamp>, ms: i64| due.map(|due| due.plus_millis(ms));
    let planned = until.millis() - since.millis();
    assert_eq!(unit_due(&running), moved(unit_due(&handling), planned));
    let ended = play(&running, [note.clone(), note, deed(handler(), end())]);
    let lasted = 3 * Timestamp::HOUR_MS;
    assert_eq!(ended.citizen_due(), moved(handling.citizen_due(), lasted));
    assert_eq!(unit_due(&ended), moved(unit_due(&handling), lasted));
    assert_eq!(ended.suspended_ms(), lasted);
}

/// A unit that is given a task while the case stands still has its limit from then on: the end of the
/// suspension gives it nothing back.
#[test]
fn a_task_that_is_given_during_a_suspension_keeps_its_end() {
    let running = play(&play(&ticket(), to_handling()), [suspend(), decide(true)]);
    let given = play(&running, [deed(centre(Role::Dispatcher), assign(VILLAGE))]);
    let due = |ticket: &Ticket| ticket.tasks().values().next().unwrap().due;
    let ended = play(&given, [deed(handler(), end())]);
    assert_eq!(due(&ended), due(&given));
    check_from_scratch(&ended);
}

fn end() -> Command {
    close_matter(Matter::Suspension, true)
}

/// Only the command centre lets the clocks stand; the unit may let them run again.
#[test]
fn no_unit_stops_its_own_clock() {
    let asked = play(&play(&ticket(), to_handling()), [suspend()]);
    let now = asked.timeline().last().unwrap().at;
    let own = perform(&asked, &deed(handler(), end()), now, None);
    assert!(matches!(own, Err(domain::Refusal::NotAllowed(_))), "{own:?}");
}

/// The review comes by itself, and late is not longer.
#[test]
fn a_suspension_ends_at_its_review_whenever_the_clocks_look() {
    let running = play(&play(&ticket(), to_handling()), [suspend(), decide(true)]);
    let until = start().plus_millis(9 * Timestamp::DAY_MS);
    let tick = deed(Actor::Clocks, Command::Tick);
    let early = perform(&running, &tick, until.plus_millis(-1), None).unwrap();
    assert!(early.matters().contains_key(&Matter::Suspension));
    let late = perform(&running, &tick, until.plus_millis(3 * Timestamp::HOUR_MS), None).unwrap();
    assert!(!late.matters().contains_key(&Matter::Suspension));
    assert_eq!(unit_due(&late), unit_due(&running));
}

/// GLPI#15605: what was paused is kept when the limit is reckoned anew.
#[test]
fn a_new_calendar_keeps_what_was_paused_and_granted() {
    let extended = [
        deed(handler(), open_matter(Matter::Extension)),
        deed(centre(Role::Supervisor), close_matter(Matter::Extension, true)),
        suspend(),
        decide(true),
        deed(handler(), end()),
    ];
    let before = play(&play(&ticket(), to_handling()), extended);
    let text = "date,kind,name\n2026-03-05,rest,x\n2026-03-06,rest,x\n";
    let other = Calendar::parse("test-2", text).unwrap();
    let context =
        Context { calendar: &other, ..context(Actor::Clocks, before.status_since(), None) };
    assert!(before.needs_replan(&other) && !before.needs_replan(&CALENDAR));
    let after = before.execute(&Command::Replan, &context).unwrap();
    let assignment = after.assignment().unwrap();
    let plain = other.deadline(assignment.since, Limit::Workdays(5));
    let more = other.deadline(plain.plus_millis(-1), Limit::Workdays(2));
    assert_eq!(assignment.due, more.plus_millis(before.suspended_ms()));
    assert!(before.suspended_ms() > 0 && unit_due(&before) != unit_due(&after));
    // Once.
    assert_eq!(after.execute(&Command::Replan, &context).as_ref(), Ok(&after));
    assert_eq!(after.version(), before.version() + 1);
}

/// A clock that stands behind the timeline: the limit begins when the dispatch is written.
#[test]
fn a_clock_that_runs_backwards_shortens_no_limit() {
    let accepted = play(&ticket(), [deed(Actor::Step(Step::Intake), Command::Accept)]);
    let deed = deed(Actor::Step(Step::Dispatch), dispatch(OWN, Limit::Hours(2)));
    let early = start().plus_millis(-5 * Timestamp::DAY_MS);
    let dispatched = perform(&accepted, &deed, early, None).unwrap();
    let written = dispatched.timeline().last().unwrap().at;
    assert_eq!(unit_due(&dispatched), Some(written.plus_millis(2 * Timestamp::HOUR_MS)));
}

/// Days since 1970 in Beijing, and what the exceptions say of them; no date arithmetic of a library.
fn naive_deadline(start: Timestamp, limit: Limit, exceptions: &BTreeMap<i64, bool>) -> i64 {
    let worked = |day: i64| {
        let monday_is_0 = (day + 3).rem_euclid(7);
        *exceptions.get(&day).unwrap_or(&(monday_is_0 < 5))
    };
    let (count, counts): (u16, &dyn Fn(i64) -> bool) = match limit {
        Limit::Hours(hours) => return start.millis() + i64::from(hours) * 3_600_000,
        Limit::Days(days) => (days, &|_day| true),
        Limit::Workdays(days) => (days, &worked),
    };
    let mut day = (start.millis() + CHINA_MS).div_euclid(Timestamp::DAY_MS);
    let mut left = count;
    while left > 0 {
        day += 1;
        if counts(day) {
            left -= 1;
        }
    }
    (day + 1) * Timestamp::DAY_MS - CHINA_MS
}

/// A calendar of the exceptions, as a file; only real exceptions, as the State Council sets them.
fn calendar_of(exceptions: &BTreeMap<i64, bool>) -> Calendar {
    let mut text = "date,kind,name\n".to_owned();
    for (day, worked) in exceptions {
        let date = Timestamp::from_millis(day * Timestamp::DAY_MS - CHINA_MS).to_string();
        let kind = if *worked { "work" } else { "rest" };
        text += &format!("{},{kind},x\n", &date[..10]);
    }
    Calendar::parse("random", &text).unwrap()
}

proptest! {
    #[test]
    fn deadlines_are_as_counted_day_by_day(
        start in 0..60 * Timestamp::DAY_MS,
        days in prop::collection::btree_set(0_i64..400, 0..60),
        count in 1..=Limit::MAX_COUNT,
    ) {
        let start = at("2026-01-01T00:00:00+08:00").plus_millis(start);
        let first = at("2026-01-01T00:00:00+08:00").millis() + CHINA_MS;
        let turned = |day: i64| {
            let day = day + first / Timestamp::DAY_MS;
            (day, (day + 3).rem_euclid(7) >= 5)
        };
        let exceptions: BTreeMap<i64, bool> = days.into_iter().map(turned).collect();
        let calendar = calendar_of(&exceptions);
        for limit in [Limit::Hours(count), Limit::Days(count), Limit::Workdays(count)] {
            let due = calendar.deadline(start, limit);
            prop_assert_eq!(due.millis(), naive_deadline(start, limit, &exceptions), "{}", limit);
            prop_assert_eq!(Limit::parse(&limit.to_string()), Some(limit));
        }
    }

    /// The later start never has the earlier end, whatever the limit.
    #[test]
    fn deadlines_keep_the_order_of_their_starts(
        start in 0..Timestamp::MAX.millis(), later in 0..40 * Timestamp::DAY_MS, count in 1..40_u16,
    ) {
        let start = Timestamp::from_millis(start);
        for limit in [Limit::Hours(count), Limit::Days(count), Limit::Workdays(count)] {
            let due = CALENDAR.deadline(start, limit);
            prop_assert!(due >= start.plus_millis(1) || due == Timestamp::MAX);
            prop_assert!(due <= CALENDAR.deadline(start.plus_millis(later), limit));
        }
    }
}

#[test]
fn the_citys_calendar_can_be_read() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/city/calendar.csv");
    let text = std::fs::read_to_string(file).unwrap();
    let calendar = Calendar::parse("city", &text).unwrap();
    // National Day is off in every year that the file may cover.
    let national_day = at("2026-10-01T12:00:00+08:00").beijing_date();
    assert!(!calendar.is_workday(national_day));
}
