//! One request's life: without faults, with each fault at each call, and with each two.

use std::collections::BTreeMap;

use simulation::{Fault, Outcome, Settings, run, story};

/// What can happen to any call; an index that lags is the swarm's.
const KINDS: [Fault; 6] = [
    Fault::Lost,
    Fault::AnswerLost,
    Fault::Throttled,
    Fault::CrashBefore,
    Fault::CrashAfter,
    Fault::Slow,
];
/// Of two faults the ones that differ in what they leave behind: to be throttled is to be lost, and
/// to be slow is to be overtaken.
const TWO: [Fault; 4] = [Fault::Lost, Fault::AnswerLost, Fault::CrashBefore, Fault::CrashAfter];

fn with(plan: &[(u64, Fault)]) -> Settings {
    Settings { plan: plan.iter().copied().collect(), nights: false, ..Settings::quiet(1) }
}

fn whole(plan: &[(u64, Fault)]) -> Outcome {
    let settings = with(plan);
    let outcome = run(&settings);
    assert!(
        outcome.violations.is_empty() && outcome.tickets == 1,
        "{plan:?}\n{}",
        story(&settings)
    );
    outcome
}

#[test]
fn a_request_comes_home_without_faults() {
    let outcome = run(&Settings { story: true, ..Settings::quiet(1) });
    assert_eq!(outcome.violations, [], "{:#?}", outcome.story);
    assert_eq!(outcome.tickets, 1);
    println!("a life: {} calls, {} hops, {} hints", outcome.life, outcome.hops, outcome.hints);
}

#[test]
fn a_request_comes_home_through_any_one_fault() {
    let life = whole(&[]).life;
    let mut runs = 0;
    for call in 1..=life {
        for kind in KINDS {
            whole(&[(call, kind)]);
            runs += 1;
        }
    }
    println!("single faults: {runs} runs over {life} calls");
}

#[test]
fn a_request_comes_home_through_any_two_faults() {
    let life = whole(&[]).life;
    let firsts: Vec<(u64, Fault)> =
        (1..=life).flat_map(|call| TWO.map(|kind| (call, kind))).collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runs: u64 = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores)
            .map(|core| {
                let firsts = firsts.iter().skip(core).step_by(cores);
                scope.spawn(move || firsts.map(|first| seconds(*first)).sum::<u64>())
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    });
    println!("double faults: {runs} runs");
}

/// Every second fault after a first one; how many there are.
fn seconds(first: (u64, Fault)) -> u64 {
    let life = whole(&[first]).life;
    let mut runs = 0;
    for call in first.0 + 1..=life {
        for kind in TWO {
            whole(&[first, (call, kind)]);
            runs += 1;
        }
    }
    runs
}

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in 1..=12 {
        let settings = Settings::swarm(seed);
        let (one, two) = (run(&settings), run(&settings));
        assert_eq!((one.hash, one.calls), (two.hash, two.calls), "seed {seed}");
        assert_eq!(one.coverage, two.coverage, "seed {seed}");
    }
    let hashes: BTreeMap<u64, u64> =
        (1..=12).map(|seed| (run(&Settings::swarm(seed)).hash, seed)).collect();
    assert_eq!(hashes.len(), 12, "seeds differ");
}
