//! What a ticket may cost: a row for every AWS call of its life, at list price.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// What calls of one kind came to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sum {
    pub(super) times: u32,
    pub(super) write_units: f64,
    pub(super) read_units: f64,
}

/// Recorded calls by what they ask of what.
pub(super) type Calls = BTreeMap<String, Sum>;

/// On-demand list prices of us-east-1 in US dollars a million, as they were known in 2025; compare them
/// with aws.amazon.com/{dynamodb,sqs,s3,lambda,api-gateway}/pricing before you plan by them. In China, where this is meant to run, other prices hold; the counts are the same.
pub(super) mod price {
    /// `DynamoDB`, a write request unit: a kilobyte.
    pub(in super::super) const WRITE_UNIT: f64 = 0.625;
    /// `DynamoDB`, a read request unit: four kilobytes, consistently.
    pub(in super::super) const READ_UNIT: f64 = 0.125;
    /// SQS, a request to a standard queue.
    pub(in super::super) const SQS_REQUEST: f64 = 0.40;
    /// S3 Standard, PUT.
    pub(in super::super) const S3_PUT: f64 = 5.00;
    /// Lambda, an invocation.
    pub(in super::super) const INVOCATION: f64 = 0.20;
    /// Lambda, a million GB-seconds on arm64.
    pub(in super::super) const GB_SECOND: f64 = 13.333_4;
    /// API Gateway, a request to an HTTP API.
    pub(in super::super) const HTTP_REQUEST: f64 = 1.00;
}

/// An invocation is reckoned with so many GB-seconds: 256 MB (`infra/template.yaml`) for 20 ms, an
/// assumption, for no local engine can measure it.
pub(super) const INVOCATION_GB_S: f64 = 0.25 * 0.020;

/// A row of the budget.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) who: &'static str,
    /// As the meter names it.
    pub(super) call: &'static str,
    pub(super) times: u32,
    pub(super) write_units: f64,
    pub(super) read_units: f64,
    pub(super) why: &'static str,
}

const fn row(
    who: &'static str,
    call: &'static str,
    (times, write_units, read_units): (u32, f64, f64),
    why: &'static str,
) -> Row {
    Row { who, call, times, write_units, read_units, why }
}

/// Who tells the channel. The design's bars are those of the life without it.
const TELLING: &str = "write-back";

/// A ticket by telephone that the machine dispatches and its unit solves.
pub(super) const BUDGET: &[Row] = &[
    row("channel", "POST /channels/…", (1, 0.0, 0.0), "the HTTP API"),
    row("channel", "Invoke channel", (1, 0.0, 0.0), "the door"),
    row(
        "channel",
        "TransactWriteItems tickets sealed keys",
        (1, 9.0, 0.0),
        "2 ticket, 2 text, 2 key; 3 indexes: number, citizen, due",
    ),
    row("channel", "SendMessage step-intake", (1, 0.0, 0.0), "the hint"),
    row(
        "Lambda",
        "ReceiveMessage step-intake",
        (1, 0.0, 0.0),
        "unbatched; ten tickets share one in a burst",
    ),
    row("Lambda", "Invoke step-intake", (1, 0.0, 0.0), "unbatched"),
    row("step-intake", "GetItem tickets", (1, 0.0, 1.0), "consistent"),
    row(
        "step-intake",
        "UpdateItem tickets accepted",
        (1, 1.0, 0.0),
        "1 ticket; the due card stays",
    ),
    row("step-intake", "SendMessage step-dispatch", (1, 0.0, 0.0), "the hint"),
    row("Lambda", "DeleteMessageBatch step-intake", (1, 0.0, 0.0), "unbatched"),
    row(
        "Lambda",
        "ReceiveMessage step-dispatch",
        (1, 0.0, 0.0),
        "unbatched; ten tickets share one in a burst",
    ),
    row("Lambda", "Invoke step-dispatch", (1, 0.0, 0.0), "unbatched"),
    row("step-dispatch", "GetItem tickets", (1, 0.0, 1.0), "consistent"),
    row("step-dispatch", "GetItem sealed", (1, 0.0, 1.0), "the request, to dispatch by"),
    row("step-dispatch", "GetItem keys", (1, 0.0, 1.0), "its key"),
    row(
        "step-dispatch",
        "UpdateItem tickets dispatched",
        (1, 1.0, 0.0),
        "1 ticket; the due card stays",
    ),
    row("step-dispatch", "PutItem sketches", (1, 3.0, 0.0), "1 sketch; near and body appear"),
    row(
        "step-dispatch",
        "Query sketches near",
        (2, 0.0, 1.0),
        "township and category, and category alone; 302 at a million open tickets",
    ),
    row("step-dispatch", "Query sketches body", (1, 0.0, 0.5), "the same body anywhere"),
    row("step-dispatch", "SendMessage step-handling", (1, 0.0, 0.0), "the hint"),
    row("Lambda", "DeleteMessageBatch step-dispatch", (1, 0.0, 0.0), "unbatched"),
    row(
        "Lambda",
        "ReceiveMessage step-handling",
        (1, 0.0, 0.0),
        "unbatched; ten tickets share one in a burst",
    ),
    row("Lambda", "Invoke step-handling", (1, 0.0, 0.0), "unbatched"),
    row("step-handling", "GetItem tickets", (1, 0.0, 1.0), "consistent"),
    row(
        "step-handling",
        "UpdateItem tickets handling",
        (1, 5.0, 0.0),
        "1 ticket; due moves (2), inbox and tier_status appear",
    ),
    row("Lambda", "DeleteMessageBatch step-handling", (1, 0.0, 0.0), "unbatched"),
    row("desk", "GetItem tickets", (1, 0.0, 1.0), "consistent"),
    row("desk", "GetItem keys", (1, 0.0, 1.0), "to seal the reply"),
    row("desk", "PutItem sealed", (1, 1.0, 0.0), "the reply"),
    row(
        "desk",
        "UpdateItem tickets resolved",
        (1, 5.0, 0.0),
        "1 ticket; due moves (2), inbox and tier_status go",
    ),
    row("desk", "SendMessage step-feedback", (1, 0.0, 0.0), "the hint"),
    row(
        "Lambda",
        "ReceiveMessage step-feedback",
        (1, 0.0, 0.0),
        "unbatched; ten tickets share one in a burst",
    ),
    row("Lambda", "Invoke step-feedback", (1, 0.0, 0.0), "unbatched"),
    row("step-feedback", "GetItem tickets", (1, 0.0, 1.0), "consistent"),
    row(
        "step-feedback",
        "UpdateItem tickets answered",
        (1, 5.0, 0.0),
        "1 ticket; due moves (2), inbox and tier_status appear",
    ),
    row("step-feedback", "Query tickets lead", (1, 0.0, 0.5), "whether others follow it"),
    row("Lambda", "DeleteMessageBatch step-feedback", (1, 0.0, 0.0), "unbatched"),
    row("desk", "GetItem tickets", (1, 0.0, 1.0), "consistent"),
    row(
        "desk",
        "UpdateItem tickets followed_up",
        (1, 5.0, 0.0),
        "1 ticket; due moves (2), inbox and tier_status go",
    ),
    row("desk", "SendMessage step-evaluation", (1, 0.0, 0.0), "the hint"),
    row(
        "Lambda",
        "ReceiveMessage step-evaluation",
        (1, 0.0, 0.0),
        "unbatched; ten tickets share one in a burst",
    ),
    row("Lambda", "Invoke step-evaluation", (1, 0.0, 0.0), "unbatched"),
    row("step-evaluation", "GetItem tickets", (1, 0.0, 1.0), "consistent"),
    row(
        "step-evaluation",
        "UpdateItem tickets evaluated",
        (1, 1.0, 0.0),
        "1 ticket; the due card stays",
    ),
    row("step-evaluation", "SendMessage step-archive", (1, 0.0, 0.0), "the hint"),
    row("Lambda", "DeleteMessageBatch step-evaluation", (1, 0.0, 0.0), "unbatched"),
    row(
        "Lambda",
        "ReceiveMessage step-archive",
        (1, 0.0, 0.0),
        "unbatched; ten tickets share one in a burst",
    ),
    row("Lambda", "Invoke step-archive", (1, 0.0, 0.0), "unbatched"),
    row("step-archive", "GetItem tickets", (1, 0.0, 1.0), "consistent"),
    row("step-archive", "Query sealed", (1, 0.0, 1.0), "all texts of the ticket"),
    row("step-archive", "DeleteItem sketches", (1, 3.0, 0.0), "1 sketch; near and body go"),
    row("step-archive", "PUT d", (1, 0.0, 0.0), "the dossier, once"),
    row(
        "step-archive",
        "UpdateItem tickets archived",
        (1, 3.0, 0.0),
        "1 ticket; due goes, archived appears",
    ),
    row("Lambda", "DeleteMessageBatch step-archive", (1, 0.0, 0.0), "unbatched"),
    row(TELLING, "UpdateItem tickets accepted", (0, 1.0, 0.0), "the same write: in `telling`"),
    row(TELLING, "UpdateItem tickets answered", (0, 1.0, 0.0), "the same write: in `telling`"),
    row(TELLING, "UpdateItem tickets archived", (0, 1.0, 0.0), "the same write: in `telling`"),
    row(
        TELLING,
        "SendMessage channel-hotline-12345-tell",
        (3, 0.0, 0.0),
        "the sweep asks: for acceptance and dispatch, for the answer, for the end",
    ),
    row(TELLING, "ReceiveMessage channel-hotline-12345-tell", (3, 0.0, 0.0), "unbatched"),
    row(TELLING, "Invoke channel", (3, 0.0, 0.0), "unbatched"),
    row(TELLING, "GetItem tickets", (3, 0.0, 3.0), "consistent"),
    row(TELLING, "GetItem sealed", (4, 0.0, 4.0), "the channel's own id, thrice; the reply"),
    row(TELLING, "GetItem keys", (4, 0.0, 4.0), "their key"),
    row(TELLING, "UpdateItem tickets", (3, 6.0, 0.0), "1 ticket: what it was told; `telling` goes"),
    row(TELLING, "DeleteMessageBatch channel-hotline-12345-tell", (3, 0.0, 0.0), "unbatched"),
];

/// The service that a call is billed by, and the price of the request itself.
fn request_price(call: &str) -> f64 {
    match call.split(' ').next().unwrap_or_default() {
        "SendMessage" | "ReceiveMessage" | "DeleteMessageBatch" => price::SQS_REQUEST,
        "PUT" => price::S3_PUT,
        "Invoke" => price::INVOCATION + INVOCATION_GB_S * price::GB_SECOND,
        "POST" => price::HTTP_REQUEST,
        // DynamoDB bills units.
        _ => 0.0,
    }
}

/// US dollars for a million of it.
pub(super) fn usd(call: &str, sum: Sum) -> f64 {
    f64::from(sum.times) * request_price(call)
        + sum.write_units * price::WRITE_UNIT
        + sum.read_units * price::READ_UNIT
}

/// The budget's rows by call, those of some only.
fn by_call(of: impl Fn(&Row) -> bool) -> Calls {
    let mut calls = Calls::new();
    for Row { call, times, write_units, read_units, .. } in BUDGET.iter().filter(|row| of(row)) {
        let sum = calls.entry((*call).to_owned()).or_default();
        sum.times += times;
        sum.write_units += write_units;
        sum.read_units += read_units;
    }
    calls
}

/// Totals of calls, as JSON.
pub(super) fn totals(calls: &Calls) -> Value {
    let count = |operations: &[&str]| -> u32 {
        let of = |call: &str| operations.contains(&call.split(' ').next().unwrap_or_default());
        calls.iter().filter(|(call, _)| of(call)).map(|(_, sum)| sum.times).sum()
    };
    let sum = |units: fn(&Sum) -> f64| calls.values().map(units).sum::<f64>();
    json!({
        "write_units": sum(|sum| sum.write_units),
        "read_units": sum(|sum| sum.read_units),
        "sqs_requests": count(&["SendMessage", "ReceiveMessage", "DeleteMessageBatch"]),
        "s3_puts": count(&["PUT"]),
        "usd_per_million": super::round(calls.iter().map(|(call, sum)| usd(call, *sum)).sum()),
    })
}

/// The budget as JSON, with its totals.
pub(super) fn budget() -> Value {
    let rows: Vec<Value> = BUDGET
        .iter()
        .map(|row| {
            let Row { who, call, times, write_units, read_units, why } = *row;
            let usd = super::round(usd(call, Sum { times, write_units, read_units }));
            json!({ "who": who, "call": call, "times": times, "write_units": write_units,
                    "read_units": read_units, "usd_per_million": usd, "why": why })
        })
        .collect();
    let spine = by_call(|row| row.who != TELLING);
    json!({ "rows": rows, "totals": totals(&by_call(|_| true)), "spine": totals(&spine) })
}

/// Where a life went over the budget: a call that has no row, or one that came to more than its rows.
pub(super) fn exceeded(calls: &Calls) -> Vec<String> {
    let budget = by_call(|_| true);
    let over = |call: &String, sum: &Sum| match budget.get(call) {
        None => true,
        Some(may) => {
            sum.times > may.times
                || sum.write_units > may.write_units
                || sum.read_units > may.read_units
        }
    };
    calls.iter().filter(|(call, sum)| over(call, sum)).map(|(call, _)| call.clone()).collect()
}
