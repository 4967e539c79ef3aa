//! Many open tickets at which nobody works: the clocks warn of each limit once a level and in time, and bring
//! each to a new calendar once, however the schedule is delivered.

use simulation::{Deliveries, Vigil};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// So many tickets unless `DEADLINES_TICKETS` says otherwise.
const TICKETS: u32 = 2_000;
/// So many for a new calendar, unless `REPLAN_TICKETS` does.
const REPLANNED: u32 = 500;
/// The clocks look at so many tickets side by side, and so does an order of theirs differ.
const AT_ONCE: usize = 16;

const PUNCTUAL: Deliveries = Deliveries { lost: 0, doubled: 0, faults: 0 };
const ROUGH: Deliveries = Deliveries { lost: 2000, doubled: 3000, faults: 150 };

fn tickets(name: &str, usual: u32) -> u32 {
    let told = std::env::var_os(name);
    told.and_then(|text| text.to_str()?.parse().ok()).unwrap_or(usual)
}

fn assert_none(found: &[String], what: &str) {
    let first: Vec<&String> = found.iter().take(5).collect();
    assert!(found.is_empty(), "{what}: {} things, such as {first:#?}", found.len());
}

#[test]
fn each_breach_is_warned_of_once_and_in_time() {
    let tickets = tickets("DEADLINES_TICKETS", TICKETS);
    let began = std::time::Instant::now();
    let mut vigil = Vigil::new(tickets, 1);
    // Past the seventh day of the longest limit: from the unit to the leading group.
    vigil.watch(18 * DAY_MS, PUNCTUAL);
    let (warnings, found) = vigil.warned(true);
    println!("{tickets} tickets: {warnings} warnings in {:?}", began.elapsed());
    assert!(warnings > u64::from(tickets) * 8);
    assert_none(&found, "the schedule comes every minute");
}

#[test]
fn a_schedule_that_comes_twice_late_or_never_warns_once() {
    let tickets = tickets("DEADLINES_TICKETS", TICKETS);
    let mut vigil = Vigil::new(tickets, 2);
    vigil.watch(9 * DAY_MS, ROUGH);
    let stands = vigil.warned(false);
    vigil.watch(HOUR_MS, PUNCTUAL);
    let (warnings, found) = vigil.warned(false);
    println!("{tickets} tickets: {} and then {warnings} warnings", stands.0);
    assert!(warnings > u64::from(tickets) * 3);
    assert_none(&found, "the schedule comes as it likes");
}

#[test]
fn what_has_waited_longest_is_warned_of_first() {
    let mut vigil = Vigil::new(tickets("DEADLINES_TICKETS", TICKETS), 3);
    vigil.watch(2 * DAY_MS, Deliveries { lost: 10_000, ..PUNCTUAL });
    assert_eq!(vigil.writes(), []);
    vigil.watch(HOUR_MS, PUNCTUAL);
    let writes = vigil.writes();
    assert!(writes.len() > 1_000, "{}", writes.len());
    for shard in 0..16 {
        let of: Vec<_> = writes.iter().filter(|one| one.0 == shard).map(|one| one.1).collect();
        let sorted = (AT_ONCE..of.len()).all(|at| {
            let before = of[..=at - AT_ONCE].iter().max();
            before.is_none_or(|before| *before <= of[at])
        });
        assert!(sorted, "shard {shard} is not looked at by age");
    }
    assert_none(&vigil.warned(false).1, "after an outage of two days");
}

#[test]
fn a_new_calendar_is_brought_to_each_open_ticket_once() {
    let tickets = tickets("REPLAN_TICKETS", REPLANNED);
    let mut vigil = Vigil::new(tickets, 4);
    vigil.watch(HOUR_MS, PUNCTUAL);
    for number in 1..=2 {
        vigil.import(number);
        vigil.watch(6 * HOUR_MS, Deliveries { faults: 100, ..ROUGH });
        vigil.watch(HOUR_MS, PUNCTUAL);
        let (moved, found) = vigil.replanned(number as usize);
        println!("{tickets} tickets: {moved} deadlines were moved by {number} calendars");
        assert!(moved > u64::from(tickets) / 10);
        assert_none(&found, "a calendar was imported");
    }
    vigil.watch(12 * DAY_MS, PUNCTUAL);
    assert_none(&vigil.warned(false).1, "after the deadlines have moved");
}
