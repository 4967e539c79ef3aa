//! Faults of the code are found: each seeded one, and within how many tickets.

use simulation::{Bug, Settings, Swarm, run};

/// A bug that is not found within so many tickets is not found.
const TICKETS_MAX: u64 = 30_000;

#[test]
fn every_seeded_bug_is_found() {
    let mut survived: Vec<Bug> = Vec::new();
    for bug in Bug::ALL.iter().filter(|bug| **bug != Bug::NoBacklogGuard) {
        let of = |seed| Settings { bug: Some(*bug), ..Settings::swarm(seed) };
        let found = |swarm: &Swarm| !swarm.broken.is_empty() || swarm.tickets >= TICKETS_MAX;
        let swarm = Swarm::fly(1, of, found);
        let first = swarm.broken.values().next().and_then(|outcome| outcome.violations.first());
        println!("{bug:?}: {} tickets: {:?}", swarm.tickets, first.map(|first| &first.text));
        survived.extend(first.is_none().then_some(*bug));
    }
    assert!(survived.is_empty(), "not found: {survived:?}");
}

#[test]
fn a_sweep_without_its_guard_is_found_by_a_burst() {
    let outcome = run(&Settings { bug: Some(Bug::NoBacklogGuard), ..Settings::burst(1) });
    println!("no guard: {} hops, {} hints", outcome.hops, outcome.hints);
    assert!(outcome.hints * 10 > outcome.hops * 11, "the burst is too small to show it");
}
