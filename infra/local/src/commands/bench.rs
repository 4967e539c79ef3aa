//! `lianxin bench`: what a ticket costs, and how many a second go through; what a report costs. Its figures are
//! those of `docs/cost.md`, `docs/performance.md` and `docs/reports.md`.

mod budget;
mod ledger;
mod life;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use self::budget::{Calls, price};
use super::replay::measured::{Measured, measured};
use super::{print, say};
use crate::city::DataDir;

/// Measure what a ticket costs and how many a second go through, in cities of its own, which it removes
/// afterwards
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// JSON Lines as `lianxin replay` takes them; the invented samples by default
    files: Vec<PathBuf>,
    /// How many tickets go through from webhook to case file
    #[arg(long, default_value_t = 300, value_name = "N")]
    tickets: usize,
    /// Also so many tickets each in a city of its own, to compare what one costs: `100,1000,10000`
    #[arg(long, value_delimiter = ',', value_name = "N,N")]
    sizes: Vec<usize>,
    /// Also what a month's report of the fund costs with so many entries in the journal before: `1000,10000,100000`
    #[arg(long, value_delimiter = ',', value_name = "N,N")]
    ledgers: Vec<u32>,
}

/// A month of the fund has so many entries, or ten times as many: 3,000 a year, and a city of ten times the money.
const MONTHS: [u32; 2] = [250, 2_500];

impl Bench {
    pub(crate) async fn run(self, data: DataDir, json: bool) -> anyhow::Result<ExitCode> {
        let place = Place::new(&data)?;
        say("One ticket, call by call …");
        let life = life::recorded(place.city("life")?).await?;
        let exceeded = budget::exceeded(&life);
        let many = match self.tickets {
            0 => Value::Null,
            tickets => {
                say(&format!("{tickets} tickets …"));
                figures(measured(place.city("many")?, &self.files, tickets).await?)
            }
        };
        let mut sizes = Vec::new();
        for tickets in self.sizes {
            say(&format!("{tickets} tickets …"));
            let city = place.city(&tickets.to_string())?;
            sizes.push(figures(measured(city, &self.files, tickets).await?));
        }
        let mut ledgers = Vec::new();
        for before in self.ledgers {
            for inside in MONTHS {
                say(&format!("a month of {inside} entries after {before} …"));
                let city = place.city(&format!("ledger-{before}-{inside}"))?;
                ledgers.push(ledger::measured(city, (before, inside)).await?);
            }
        }
        let result = json!({
            "reports": ledgers,
            "budget": budget::budget(),
            "life": { "calls": calls(&life), "totals": budget::totals(&life), "exceeded": exceeded },
            "tickets": many,
            "sizes": compared(&sizes),
            "peak_memory_mb": peak_memory_mb(),
        });
        drop(place);
        print(json, &result, &summary(&result))?;
        Ok(if exceeded.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Where the cities of this run lie, inside the data directory.
struct Place(PathBuf);

impl Place {
    fn new(data: &DataDir) -> anyhow::Result<Self> {
        let root = data.root().join(format!("bench-{}", std::process::id()));
        std::fs::create_dir(&root).with_context(|| format!("cannot create {}", root.display()))?;
        Ok(Self(root))
    }

    fn city(&self, name: &str) -> anyhow::Result<DataDir> {
        DataDir::open(&self.0.join(name))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            say(&format!("{} stays: {error}", self.0.display()));
        }
    }
}

pub(super) fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

fn calls(life: &Calls) -> Vec<Value> {
    let row = |(call, sum): (&String, &budget::Sum)| {
        json!({ "call": call, "times": sum.times, "write_units": sum.write_units,
                "read_units": sum.read_units, "usd_per_million": round(budget::usd(call, *sum)) })
    };
    life.iter().map(row).collect()
}

/// What many tickets took, each.
fn figures(of: Measured) -> Value {
    let tickets = of.tickets.max(1) as f64;
    let per = |amount: f64| amount / tickets;
    let (write, read) = (of.counts.dynamodb_write_units, of.counts.dynamodb_read_units);
    let (sqs, invocations) = (of.counts.sqs_requests as f64, of.invocations as f64);
    let invocation = price::INVOCATION + budget::INVOCATION_GB_S * price::GB_SECOND;
    // Without photos every request to S3 is the put of a dossier, but for the city's first few.
    let usd = per(write) * price::WRITE_UNIT
        + per(read) * price::READ_UNIT
        + per(sqs) * price::SQS_REQUEST
        + price::S3_PUT
        + per(invocations) * invocation
        + price::HTTP_REQUEST;
    json!({
        "tickets": of.tickets,
        "archived": of.archived,
        "write_units": round(per(write)),
        "read_units": round(per(read)),
        "sqs_requests": round(per(sqs)),
        "s3_requests": round(per(of.counts.s3_requests as f64)),
        "invocations": round(per(invocations)),
        "usd_per_million": round(usd),
        "webhooks_per_second": round(of.tickets as f64 / of.door.as_secs_f64()),
        "tickets_per_second": round(of.archived as f64 / of.whole.as_secs_f64()),
        "latency_ms": { "p50": of.latency_ms.0, "p99": of.latency_ms.1 },
    })
}

/// Each size with the ratio of its figures to those of the first.
fn compared(sizes: &[Value]) -> Vec<Value> {
    let ratio = |one: &Value, name: &str| {
        let number = |of: Option<&Value>| of.and_then(|of| of.get(name)).and_then(Value::as_f64);
        Some(round(number(Some(one))? / number(sizes.first())?))
    };
    let with_ratios = |one: &Value| {
        let ratios = ["write_units", "usd_per_million", "tickets_per_second"]
            .map(|name| (name.to_owned(), json!(ratio(one, name))));
        json!({ "figures": one, "ratios": serde_json::Map::from_iter(ratios) })
    };
    sizes.iter().map(with_ratios).collect()
}

/// The most memory that this process has had at once; only Linux tells.
fn peak_memory_mb() -> Option<f64> {
    let status = std::fs::read_to_string(Path::new("/proc/self/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(round(kilobytes / 1024.0))
}

fn summary(result: &Value) -> String {
    let text = |of: &Value, name: &str| match of.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let mut out = String::from(
        "| who | call | times | write units | read units | USD a million | why |\n|---|---|--:|--:|--:|--:|---|\n",
    );
    let names = ["who", "call", "times", "write_units", "read_units", "usd_per_million", "why"];
    for row in result.pointer("/budget/rows").and_then(Value::as_array).into_iter().flatten() {
        let cells = names.map(|name| text(row, name));
        // Writing to a String cannot fail.
        let _written = writeln!(out, "| {} |", cells.join(" | "));
    }
    for (title, pointer) in [
        ("budget", "/budget/totals"),
        ("one ticket, metered", "/life/totals"),
        ("over the budget", "/life/exceeded"),
        ("many tickets, each", "/tickets"),
        ("sizes", "/sizes"),
        ("reports of the fund", "/reports"),
        ("peak memory, MB", "/peak_memory_mb"),
    ] {
        let value = result.pointer(pointer).map(Value::to_string).unwrap_or_default();
        let _written = writeln!(out, "{title}: {value}");
    }
    out
}
