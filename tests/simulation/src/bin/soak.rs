//! Simulates for as long as it is told, from a seed that is new every time unless it is given.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the shell")]

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use simulation::{Settings, Swarm, story};

/// The number after `name` on the command line.
fn number(name: &str) -> Option<u64> {
    let mut words = std::env::args().skip_while(|word| word != name);
    words.nth(1)?.parse().ok()
}

fn main() -> ExitCode {
    if let Some(seed) = number("--story") {
        println!("{}", story(&Settings::swarm(seed)));
        return ExitCode::SUCCESS;
    }
    let Some(seconds) = number("--seconds") else {
        eprintln!("soak --seconds N [--seed S], or soak --story S");
        return ExitCode::FAILURE;
    };
    let by_clock = || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        now.map_or(0, |now| now.as_secs() << 20)
    };
    let seed = number("--seed").unwrap_or_else(by_clock);
    let swarm = Swarm::fly_for(seconds, seed);
    println!(
        "seeds from {seed}: {} runs, {} tickets, {} a second",
        swarm.runs,
        swarm.tickets,
        swarm.tickets / seconds.max(1)
    );
    println!("{}", swarm.coverage);
    for rare in swarm.coverage.rarer_than(1) {
        println!("never: {rare}");
    }
    println!("{} runs are broken", swarm.broken.len());
    let mut kinds = std::collections::BTreeMap::<String, (u64, u64)>::new();
    for (seed, outcome) in &swarm.broken {
        for violation in &outcome.violations {
            let kind: String =
                violation.text.chars().filter(|c| !c.is_ascii_digit()).take(60).collect();
            kinds.entry(kind).or_insert((0, *seed)).0 += 1;
        }
    }
    for (kind, (count, seed)) in kinds {
        println!("  {count} x {kind} (first seed {seed})");
    }
    if swarm.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
