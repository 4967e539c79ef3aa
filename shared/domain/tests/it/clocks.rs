//! The two clocks of a case: what moves them, and by how much.

use std::collections::BTreeMap;

use domain::{
    Actor, Calendar, Command, Entry, Event, Limit, Matter, Role, Status, Step, Ticket, Timestamp,
};
use proptest::prelude::*;

use crate::support::{
    CALENDAR, Deed, OTHER, OWN, at, centre, channel, close_matter, deed, dispatch, handler, moves,
    open_matter, perform, play, sealed, start, ticket, to_handling, walk,
};

const CHINA_MS: i64 = 8 * Timestamp::HOUR_MS;

fn unit_due(ticket: &Ticket) -> Option<Timestamp> {
    ticket.assignment().map(|assignment| assignment.due)
}

/// What an entry may do to the clocks, told by the events alone.
fn check_step(before: &Ticket, after: &Ticket) {
    let new = &after.timeline()[before.timeline().len()..];
    let (mut unit, mut citizen) = (unit_due(before), before.citizen_due());
    for (at, entry) in new.iter().enumerate() {
        let past = &after.timeline()[..before.timeline().len() + at];
        match &entry.event {
            Event::Dispatched { limit, due, citizen_due, calendar, .. } => {
                assert_eq!(*due, CALENDAR.deadline(entry.at, *limit), "from the dispatch itself");
                assert_eq!(*calendar, CALENDAR.version_of(*limit, *due));
                let first = CALENDAR.deadline(before.received_at(), *limit);
                let first = first.plus_millis(suspended_ms(past));
                assert_eq!(*citizen_due, citizen.unwrap_or(first), "set once, from the receipt");
                (unit, citizen) = (Some(*due), Some(*citizen_due));
            }
            Event::MatterClosed { matter: Matter::Suspension, granted: true } => {
                let opened = last(past, is_suspension_opened).unwrap();
                let dispatched = last(past, |event| matches!(event, Event::Dispatched { .. }));
                let of_unit = dispatched.map_or(opened, |dispatched| dispatched.max(opened));
                let shift = |from: Timestamp| entry.at.millis() - from.millis();
                citizen = citizen.map(|due| due.plus_millis(shift(opened)));
                unit = unit.map(|due| due.plus_millis(shift(of_unit)));
            }
            _ => {}
        }
    }
    assert_eq!((unit_due(after), after.citizen_due()), (unit, citizen), "{new:#?}");
}

fn is_suspension_opened(event: &Event) -> bool {
    matches!(event, Event::MatterOpened { matter: Matter::Suspension, .. })
}

fn last(past: &[Entry], fits: impl Fn(&Event) -> bool) -> Option<Timestamp> {
    past.iter().rev().find(|entry| fits(&entry.event)).map(|entry| entry.at)
}

/// How long granted suspensions lasted in all.
fn suspended_ms(past: &[Entry]) -> i64 {
    let ends = past.iter().enumerate().filter(|(_, entry)| {
        matches!(entry.event, Event::MatterClosed { matter: Matter::Suspension, granted: true })
    });
    ends.map(|(at, end)| {
        end.at.millis() - last(&past[..at], is_suspension_opened).unwrap().millis()
    })
    .sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn only_dispatch_and_granted_suspension_move_a_clock(moves in moves(40)) {
        for stride in walk(&moves) {
            if let Ok(after) = &stride.outcome {
                check_step(&stride.before, after);
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
        deed(centre(Role::Supervisor), close_matter(Matter::Extension, true)),
    ];
    let after = play(&handling, said);
    assert_eq!(after.assignment(), handling.assignment());
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
        ticket = play(&ticket, [deed(centre(Role::Dispatcher), dispatch(next, Limit::Days(3)))]);
        let sent = ticket.timeline().last().unwrap().at;
        assert_eq!(unit_due(&ticket), Some(CALENDAR.deadline(sent, Limit::Days(3))));
        assert_eq!(ticket.citizen_due(), Some(citizen_due));
        assert_eq!(ticket.returned(), bounce, "the dispatch grants the return");
        let open: Vec<Matter> = ticket.matters().keys().copied().collect();
        let table: &[Matter] = if bounce < 3 { &[] } else { &[Matter::Consultation] };
        assert_eq!(open, table, "the third bounce brings the parties to one table");
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

fn end(granted: bool) -> Deed {
    deed(centre(Role::Supervisor), close_matter(Matter::Suspension, granted))
}

#[test]
fn a_suspension_stops_both_clocks_if_it_is_granted() {
    let handling = play(&ticket(), to_handling());
    let note = deed(handler(), Command::Note { note: sealed("waiting for the court") });
    for granted in [false, true] {
        let after = play(&handling, [suspend(), note.clone(), note.clone(), end(granted)]);
        let shift = if granted { 3 * Timestamp::HOUR_MS } else { 0 };
        let moved = |due: Option<Timestamp>| due.map(|due| due.plus_millis(shift));
        assert_eq!(after.citizen_due(), moved(handling.citizen_due()));
        assert_eq!(unit_due(&after), moved(unit_due(&handling)));
    }
}

/// A unit that gets the ticket in the middle of a suspension had no clock before.
#[test]
fn a_suspension_gives_the_next_unit_no_time_from_before_its_dispatch() {
    let suspended = play(&play(&ticket(), to_handling()), [suspend()]);
    let sent = play(&suspended, [deed(centre(Role::Dispatcher), dispatch(OTHER, Limit::Days(3)))]);
    let after = play(&sent, [end(true)]);
    let moved = |due: Option<Timestamp>, hours: i64| {
        due.map(|due| due.plus_millis(hours * Timestamp::HOUR_MS))
    };
    assert_eq!(unit_due(&after), moved(unit_due(&sent), 1));
    assert_eq!(after.citizen_due(), moved(sent.citizen_due(), 2));
}

/// The citizen's clock runs from the receipt, so it can stand still before the first dispatch.
#[test]
fn a_suspension_before_the_first_dispatch_is_not_lost() {
    let doubt = Command::Doubt { candidates: domain::Candidates(Vec::new()) };
    let dispatcher = centre(Role::Dispatcher);
    let waiting = play(
        &ticket(),
        [
            deed(Actor::Step(Step::Intake), Command::Accept),
            deed(Actor::Step(Step::Dispatch), doubt),
            deed(dispatcher.clone(), open_matter(Matter::Suspension)),
            end(true),
            deed(dispatcher, dispatch(OWN, Limit::Workdays(5))),
        ],
    );
    let due = CALENDAR.deadline(start(), Limit::Workdays(5)).plus_millis(Timestamp::HOUR_MS);
    assert_eq!(waiting.citizen_due(), Some(due));
    assert_eq!(
        waiting.timeline().last().unwrap().event.to_record().fields["citizen_due"],
        due.to_string()
    );
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
