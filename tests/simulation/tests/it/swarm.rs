//! Many requests under many settings, and one burst.

use simulation::{Settings, Swarm, run, story};

/// Whose settings, which seed, and what it found.
type Regression = (fn(u64) -> Settings, u64, &'static str);

/// Seeds that once found something, and what; they are run before all others.
const REGRESSIONS: &[Regression] = &[(
    Settings::talkative,
    6,
    "a look that lost its race settled a photo again whose entry had spilled",
)];

/// So many tickets unless `SIMULATION_TICKETS` says otherwise.
const TICKETS: u64 = 6_000;
/// So many of people who talk much.
const TALKATIVE: u64 = 1_500;
/// From so many tickets on, everything that can happen must have happened often.
const COVERED_FROM: u64 = 200_000;
/// So often.
const OFTEN: u64 = 100;

#[test]
fn what_once_was_broken_stays_whole() {
    for (of, seed, what) in REGRESSIONS {
        let outcome = run(&of(*seed));
        assert!(outcome.violations.is_empty(), "{what}\n{}", story(&of(*seed)));
    }
}

#[test]
fn a_swarm_comes_home() {
    let tickets = std::env::var_os("SIMULATION_TICKETS");
    let tickets = tickets.and_then(|text| text.to_str()?.parse().ok()).unwrap_or(TICKETS);
    let began = std::time::Instant::now();
    let swarm = Swarm::fly(1, Settings::swarm, |swarm| swarm.tickets >= tickets);
    println!("{} runs, {} tickets in {:?}", swarm.runs, swarm.tickets, began.elapsed());
    println!("{}", swarm.coverage);
    let rare = swarm.coverage.rarer_than(OFTEN);
    println!("rarer than {OFTEN}: {rare:?}");
    swarm.assert_whole();
    if tickets >= COVERED_FROM {
        assert!(rare.is_empty(), "seldom or never: {rare:#?}");
    }
}

#[test]
fn people_who_send_photos_and_talk_much_come_home() {
    let swarm = Swarm::fly(1, Settings::talkative, |swarm| swarm.tickets >= TALKATIVE);
    println!("{} runs, {} tickets", swarm.runs, swarm.tickets);
    if let Some(seed) = swarm.broken.keys().next() {
        panic!("{}", story(&Settings::talkative(*seed)));
    }
}

#[test]
fn a_burst_costs_hardly_a_hint_more_than_it_has_hops() {
    let outcome = run(&Settings::burst(1));
    assert_eq!(outcome.violations, []);
    println!("burst: {} hops, {} hints", outcome.hops, outcome.hints);
    assert!(outcome.hints * 10 <= outcome.hops * 11, "{} > 1.1 x {}", outcome.hints, outcome.hops);
}
