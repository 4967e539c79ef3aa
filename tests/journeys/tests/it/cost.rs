//! What a ticket costs, metered on the engines and held to the budget of `docs/cost.md`: units and
//! requests, never seconds.

use serde_json::json;

use crate::support::TestCity;

/// What a ticket's life may cost at most, by the design.
const BARS: [(&str, f64); 4] =
    [("write_units", 48.0), ("sqs_requests", 18.0), ("s3_puts", 1.0), ("usd_per_million", 50.0)];
/// The same with its channel being told thrice what becomes of it, which adds nine units and nine
/// requests, in a city whose repeats are looked for, which adds six units to both.
const TOLD_BARS: [(&str, f64); 4] =
    [("write_units", 52.0), ("sqs_requests", 27.0), ("s3_puts", 1.0), ("usd_per_million", 56.0)];

#[test]
fn a_ticket_costs_what_the_budget_says() {
    let city = TestCity::new();
    let result = city.json(&["bench", "--tickets", "0"]);
    assert_eq!(result["life"]["exceeded"], json!([]), "{:#}", result["life"]["calls"]);
    let (budget, life) = (&result["budget"]["totals"], &result["life"]["totals"]);
    let spine = &result["budget"]["spine"];
    println!("budget {budget}, {spine} of it without write-back\nmetered {life}");
    for (totals, bars) in [(spine, BARS), (budget, TOLD_BARS), (life, TOLD_BARS)] {
        for (name, bar) in bars {
            let amount = totals[name].as_f64().unwrap();
            assert!(amount > 0.0 && amount <= bar, "{name}: {amount}, at most {bar}");
        }
    }
    // A budget that allows more than is used hides what grows.
    for name in ["write_units", "read_units", "sqs_requests", "s3_puts"] {
        assert_eq!(budget[name], life[name], "{name}");
    }
}
