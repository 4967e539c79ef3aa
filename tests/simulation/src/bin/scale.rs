//! What a ticket costs when there are few, and when there are many: cities in memory without faults,
//! each with so many requests as it is told, three a minute.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the shell")]

use std::process::ExitCode;
use std::time::Instant;

use simulation::{Settings, run};

/// A ticket may cost so much more than in the first city.
const RATIO_MAX: f64 = 1.05;
/// Between two requests, in milliseconds.
const PAUSE_MS: i64 = 20_000;
/// Between two looks of the staff, in milliseconds.
const STAFF_MS: i64 = 3_600_000;
/// Of few tickets so many cities are founded that there are as many as this: chance says how many
/// of them are reopened, and the mix shall be the same.
const TICKETS_MIN: u32 = 20_000;

/// The most memory that this process has had at once, in MB; only Linux tells.
fn peak_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}

/// What cities of so many tickets come to: calls that tickets caused, and whether all was well.
fn cities(tickets: u32, cities: u32) -> (u64, bool) {
    let busy_ms = i64::from(tickets) * PAUSE_MS;
    let mut sum = (0, true);
    for seed in 1..=u64::from(cities) {
        let of = Settings { tickets, busy_ms, staff_ms: STAFF_MS, ..Settings::quiet(seed) };
        let outcome = run(&Settings { nights: false, ..of });
        for violation in &outcome.violations {
            eprintln!("{}: {}", violation.subject, violation.text);
        }
        sum.0 += outcome.of_lives;
        sum.1 &= outcome.violations.is_empty();
    }
    sum
}

fn main() -> ExitCode {
    let sizes: Option<Vec<u32>> = std::env::args().skip(1).map(|n| n.parse().ok()).collect();
    let Some(sizes) = sizes.filter(|all| !all.is_empty() && !all.contains(&0)) else {
        eprintln!("scale TICKETS TICKETS…, such as: scale 100 10000 1000000");
        return ExitCode::FAILURE;
    };
    println!("| tickets | cities | calls each | to the first | tickets a second | peak MB |");
    println!("|--:|--:|--:|--:|--:|--:|");
    let (mut first, mut kept) = (None, true);
    for tickets in sizes {
        let (count, began) = ((TICKETS_MIN / tickets).max(1), Instant::now());
        let (lives, well) = cities(tickets, count);
        let (all, seconds) = (f64::from(tickets * count), began.elapsed().as_secs_f64());
        let each = lives as f64 / all;
        let ratio = each / *first.get_or_insert(each);
        let (second, peak) = (all / seconds, peak_mb().unwrap_or(0));
        println!("| {tickets} | {count} | {each:.2} | {ratio:.3} | {second:.0} | {peak} |");
        kept &= ratio <= RATIO_MAX && well;
    }
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
