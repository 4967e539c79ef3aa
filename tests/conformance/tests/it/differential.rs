//! What a swarm asked the stores in memory is asked of both, call for call: every answer is the same.

use std::collections::BTreeMap;

use simulation::{Call, Op, Settings, run};

use crate::stands::Engines;

/// So many runs of the swarm, unless `CONFORMANCE_SEEDS` says otherwise.
const SEEDS: u64 = 12;
/// So many calls of each.
const OPS_MAX: usize = 3_000;

/// What the calls of one kind have cost.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    times: u32,
    requests: usize,
    write_units: f64,
    read_units: f64,
}

/// A run with much of everything: its questions, in the order in which they were done.
fn trace(seed: u64, lease_ms: i64) -> Vec<Op> {
    let mut settings = Settings::talkative(seed);
    (settings.lease_ms, settings.tickets, settings.record) = (lease_ms, 8, true);
    // In memory nothing may have been spilled: the engines spill by size, and do it themselves.
    settings.spill_at = usize::MAX;
    let outcome = run(&settings);
    assert_eq!(outcome.violations, [], "seed {seed}");
    outcome.ops
}

#[tokio::test]
async fn the_engines_answer_as_the_memory_does() {
    let seeds = std::env::var("CONFORMANCE_SEEDS").ok().and_then(|text| text.parse().ok());
    let mut costs = BTreeMap::<Call, Cost>::new();
    let mut advanced = 0;
    let mut metered = BTreeMap::<String, f64>::new();
    for seed in 1..=seeds.unwrap_or(SEEDS) {
        let engines = Engines::new().await;
        let memory = engines.like();
        let trace = trace(seed, ports::World::clone(simulation::Stand::world(&engines)).lease_ms);
        for (at, op) in trace.iter().take(OPS_MAX).enumerate() {
            let (_, in_memory) = op.ask(&memory).await;
            engines.access.meter.record();
            let (call, on_engines) = op.ask(&engines).await;
            assert_eq!(in_memory, on_engines, "seed {seed}, question {at}: {call:?}");
            advanced += u32::from(call == Call::Advance && in_memory == "Done");
            let cost = costs.entry(call).or_default();
            cost.times += 1;
            for request in engines.access.meter.recorded() {
                cost.requests += 1;
                cost.write_units += request.write_units;
                cost.read_units += request.read_units;
                *metered.entry(request.what).or_default() +=
                    request.write_units + request.read_units;
            }
        }
        println!("seed {seed}: {} questions, the same answers", trace.len().min(OPS_MAX));
    }
    for (call, cost) in &costs {
        println!(
            "{call:?}: {} times, {} requests, {} write and {} read units",
            cost.times, cost.requests, cost.write_units, cost.read_units
        );
    }
    // A trace of refusals would compare nothing.
    assert!(advanced > costs[&Call::Advance].times / 2, "{advanced} tickets were advanced");
    // What is refused is never metered; but no kind of request may escape the meter altogether.
    metered
        .retain(|what, units| *units == 0.0 && (what.contains("Item") || what.contains("Query")));
    assert!(metered.is_empty(), "they do not ask for what they consumed: {metered:?}");
}
