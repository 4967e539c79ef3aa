//! Faults of the code are found: each seeded one, and within how many tickets.

use simulation::{Bug, Call, Settings, Swarm, run};

/// A bug that is not found within so many tickets is not found.
const TICKETS_MAX: u64 = 20_000;

/// A swarm's settings, in which the kind of trouble that shows this bug is not too rare.
fn of(bug: Bug, seed: u64) -> Settings {
    let mut settings = Settings { bug: Some(bug), ..Settings::swarm(seed) };
    match bug {
        Bug::PostponeUnconditional => {
            (settings.lease_ms, settings.sweep_ms) = (10_000, 10_000);
            (settings.latency_ms, settings.rates.message) = (20, 800);
        }
        Bug::TouchForgotten => {
            let day = 24 * 3_600_000;
            (settings.busy_ms, settings.faulty_ms) = (6 * day, 7 * day);
            settings.lively = 3000;
            // A text is put, and nothing comes after it.
            settings.rates.focus = vec![(Call::TextPut, 5000)];
        }
        Bug::ClaimStolen | Bug::ObjectOverwritten => settings.photos = true,
        Bug::SpilledCauseForgotten => settings.spill_at = 4,
        // Many write to few accounts.
        Bug::HeadUnchecked | Bug::CommandUnchecked | Bug::InvoiceUnchecked | Bug::HalfWritten => {
            (settings.money, settings.spread) = (3000, 5);
        }
        _ => {}
    }
    settings
}

#[test]
fn every_seeded_bug_is_found() {
    let mut survived: Vec<Bug> = Vec::new();
    for bug in Bug::ALL.iter().filter(|bug| **bug != Bug::NoBacklogGuard) {
        let found = |swarm: &Swarm| !swarm.broken.is_empty() || swarm.tickets >= TICKETS_MAX;
        let swarm = Swarm::fly(1, |seed| of(*bug, seed), found);
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
