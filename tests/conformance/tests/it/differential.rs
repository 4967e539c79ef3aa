//! What a swarm asked the stores in memory is asked of both, call for call: every answer is the same.

use std::collections::BTreeMap;

use simulation::{Call, Op, Settings, Stand as _, run};

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
    settings.money = 3000;
    // In memory nothing may have been spilled: the engines spill by size, and do it themselves.
    settings.spill_at = usize::MAX;
    let outcome = run(&settings);
    assert_eq!(outcome.violations, [], "seed {seed}");
    outcome.ops
}

/// What all calls have cost.
#[derive(Debug, Default)]
struct Bill {
    calls: BTreeMap<Call, Cost>,
    /// Units by what was asked of what.
    metered: BTreeMap<String, f64>,
    /// How many tickets were advanced, and how many of the fund's orders carried out.
    advanced: u32,
    posted: u32,
}

/// Puts one run's questions to both.
async fn compare(seed: u64, bill: &mut Bill) -> usize {
    let engines = Engines::new().await;
    let memory = engines.like();
    let trace = trace(seed, engines.world().lease_ms);
    for (at, op) in trace.iter().take(OPS_MAX).enumerate() {
        let (_, in_memory) = op.ask(&memory).await;
        engines.access.meter.record();
        let (call, on_engines) = op.ask(&engines).await;
        assert_eq!(in_memory, on_engines, "seed {seed}, question {at}: {call:?}");
        // A write that comes too late consumes nothing on the engines: of a rare one it may be the only.
        let writes = matches!(call, Call::Advance | Call::FundPost);
        let late = writes && in_memory != "Done";
        bill.advanced += u32::from(call == Call::Advance && !late);
        bill.posted += u32::from(call == Call::FundPost && !late);
        let cost = bill.calls.entry(call).or_default();
        cost.times += 1;
        for request in engines.access.meter.recorded() {
            let (write, read) = (request.write_units, request.read_units);
            cost.requests += 1;
            cost.write_units += write;
            cost.read_units += read;
            if !late {
                *bill.metered.entry(request.what).or_default() += write + read;
            }
        }
    }
    trace.len().min(OPS_MAX)
}

#[tokio::test]
async fn the_engines_answer_as_the_memory_does() {
    let seeds = std::env::var_os("CONFORMANCE_SEEDS");
    let seeds = seeds.and_then(|text| text.to_str()?.parse().ok()).unwrap_or(SEEDS);
    let mut bill = Bill::default();
    for seed in 1..=seeds {
        let questions = compare(seed, &mut bill).await;
        println!("seed {seed}: {questions} questions, the same answers");
    }
    for (call, cost) in &bill.calls {
        println!(
            "{call:?}: {} times, {} requests, {} write and {} read units",
            cost.times, cost.requests, cost.write_units, cost.read_units
        );
    }
    // A trace of refusals would compare nothing.
    let asked = bill.calls[&Call::Advance].times;
    assert!(bill.advanced > asked / 2, "{} of {asked} tickets were advanced", bill.advanced);
    assert!(bill.posted > 100, "{} orders of the fund were carried out", bill.posted);
    let fund = Call::ALL.iter().filter(|call| format!("{call:?}").starts_with("Fund"));
    let seldom: Vec<_> =
        fund.filter(|call| bill.calls.get(call).is_none_or(|cost| cost.times < 10)).collect();
    assert!(seldom.is_empty(), "of the fund's ledger it was not asked: {seldom:?}");
    // What is refused is never metered; but no kind of request may escape the meter altogether.
    let of_dynamodb = |what: &str| what.contains("Item") || what.contains("Query");
    bill.metered.retain(|what, units| *units == 0.0 && of_dynamodb(what));
    assert!(bill.metered.is_empty(), "they do not ask what they consumed: {:?}", bill.metered);
}
