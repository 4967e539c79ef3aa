//! What a ticket costs when there are few, and when there are many: cities in memory without faults,
//! each with so many requests as it is told, about three a minute.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the shell")]

use std::process::ExitCode;
use std::time::Instant;

use simulation::{Call, Settings, run};

/// A ticket may cost so much more than in the first city.
const RATIO_MAX: f64 = 1.05;
/// Between two requests, in milliseconds.
const PAUSE_MS: i64 = 20_000;

/// Whether a call is one that the daily upkeep and the staff's looks make: those go by time.
const fn goes_by_time(call: Call) -> bool {
    matches!(
        call,
        Call::DueTurns | Call::CensusOpen | Call::CensusArchived | Call::UploadList | Call::Inbox
    )
}

/// The most memory that this process has had at once, in MB; only Linux tells.
fn peak_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}

fn main() -> ExitCode {
    let sizes: Option<Vec<u32>> = std::env::args().skip(1).map(|n| n.parse().ok()).collect();
    let Some(sizes) = sizes.filter(|sizes| !sizes.is_empty()) else {
        eprintln!("scale TICKETS TICKETS…, such as: scale 100 10000 1000000");
        return ExitCode::FAILURE;
    };
    let mut first = None;
    let mut kept = true;
    println!("| tickets | calls each | to the first | tickets a second | peak MB |");
    println!("|--:|--:|--:|--:|--:|");
    for tickets in sizes {
        let busy_ms = i64::from(tickets) * PAUSE_MS;
        let settings = Settings { tickets, busy_ms, nights: false, ..Settings::quiet(1) };
        let began = Instant::now();
        let outcome = run(&settings);
        let seconds = began.elapsed().as_secs_f64();
        for violation in &outcome.violations {
            eprintln!("{}: {}", violation.subject, violation.text);
        }
        let calls = outcome.coverage.by_call().filter(|(call, _)| !goes_by_time(*call));
        let each = calls.map(|(_, n)| n).sum::<u64>() as f64 / f64::from(tickets);
        let ratio = each / *first.get_or_insert(each);
        let (second, peak) = (f64::from(tickets) / seconds, peak_mb().unwrap_or(0));
        println!("| {tickets} | {each:.2} | {ratio:.3} | {second:.0} | {peak} |");
        kept &= ratio <= RATIO_MAX && outcome.violations.is_empty();
    }
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
