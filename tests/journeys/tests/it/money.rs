//! Finance: a made year of the fund, its reports, and whoever alters one.

use std::path::Path;

use domain::Timestamp;
use lianxin_local::city::DESK;
use ports::Clock as _;
use reports::Period;
use schedule_fund_report::FundReports;
use serde_json::{Value, json};

use crate::support::TestCity;

/// So many cases ask for money: enough for every kind of entry.
const CASES: &str = "60";

fn year() -> u16 {
    // As the command takes it: the last year that is over.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = Timestamp::from_millis(i64::try_from(now.as_millis()).unwrap());
    u16::try_from(now.beijing_date().year()).unwrap() - 1
}

fn report(city: &TestCity, period: &str, out: &Path) -> Value {
    city.json(&["report", "fund", "--period", period, "--out", out.to_str().unwrap()])
}

/// The figures of a report that lies in a folder.
fn figures(out: &Path, period: &str) -> Value {
    let file = std::fs::read(out.join(format!("fund-{period}.json"))).unwrap();
    serde_json::from_slice(&file).unwrap()
}

fn fen(of: &Value, pointer: &str) -> i64 {
    let number = of.pointer(pointer).unwrap_or_else(|| panic!("no {pointer} in {of:#}"));
    number.as_i64().unwrap()
}

#[test]
fn a_made_year_reconciles_and_is_reported_alike_again_and_again() {
    let city = TestCity::new();
    let made = city.json(&["fund", "year", "--seed", "3", "--cases", CASES]);
    let year = year().to_string();
    assert_eq!(made["tickets"], json!(60), "{made}");
    let [appropriated, available, reserved, paid] =
        ["appropriated_fen", "available_fen", "reserved_fen", "paid_fen"]
            .map(|name| made[name].as_i64().unwrap());
    assert_eq!(appropriated, available + reserved + paid, "every fen is somewhere");
    assert!(paid > 0 && made["payouts"].as_u64().unwrap() > 10, "{made}");
    let found = city.assert_clean();
    assert_eq!(found["postings"], made["postings"]);
    let again = city.run(&["fund", "year", "--seed", "3"]);
    assert!(!again.status.success(), "a year is played in a fresh city");

    let home = tempfile::tempdir().unwrap();
    let whole = home.path().join("year");
    let told = report(&city, &year, &whole);
    assert_eq!((&told["final"], &told["published"]), (&json!(true), &json!(false)), "{told}");
    assert_eq!(told["entries"], made["postings"]);
    let of_year = figures(&whole, &year);
    assert_eq!(fen(&of_year, "/totals/paid"), paid);
    assert_eq!(fen(&of_year, "/totals/reserved"), reserved);
    // The same bytes again, whatever time it is.
    let same = report(&city, &year, &home.path().join("again"));
    let hashes = |told: &Value| {
        let files = told["files"].as_array().unwrap();
        files.iter().map(|file| file["sha256"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(hashes(&told), hashes(&same));
    // The months add up to it.
    let (mut payouts, mut entries) = (0, 0);
    for month in 1..=12 {
        let month = format!("{year}-{month:02}");
        let out = home.path().join(&month);
        entries += report(&city, &month, &out)["entries"].as_u64().unwrap();
        payouts += figures(&out, &month)["payouts"].as_array().unwrap().len();
    }
    assert_eq!(json!(entries), made["postings"]);
    assert_eq!(json!(payouts), made["payouts"]);
    check_files(&city, &whole);
}

/// What was signed is checked with what is published, and whatever is altered is found.
fn check_files(city: &TestCity, dir: &Path) {
    let dir_text = dir.to_str().unwrap();
    let key = city.json(&["report", "key"])["key"].as_str().unwrap().to_owned();
    let checked = city.json(&["report", "check", dir_text, "--key", &key]);
    assert_eq!(checked["files"], json!(6), "{checked}");
    let refused = |why: &str| {
        let output = city.run(&["report", "check", dir_text]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(why), "{why}: {said}");
    };
    let csv = dir.join(format!("fund-{}-payouts.csv", year()));
    let bytes = std::fs::read(&csv).unwrap();
    std::fs::write(&csv, [bytes.as_slice(), b" "].concat()).unwrap();
    refused("is not the one that was signed");
    std::fs::remove_file(&csv).unwrap();
    refused("is missing");
    std::fs::write(&csv, &bytes).unwrap();
    let manifest = dir.join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replacen("fund-", "fumd-", 1)).unwrap();
    refused("the signature is not that of this key");
    std::fs::write(&manifest, &text).unwrap();
    let other = city.run(&["report", "check", dir_text, "--key", &"0".repeat(64)]);
    assert!(!other.status.success(), "another key");
}

#[tokio::test]
async fn the_schedule_publishes_each_period_once_and_a_damaged_ledger_never() {
    let city = TestCity::new();
    city.json(&["fund", "appropriate", &format!("fund/{}", year() + 1), "50000000"]);
    let access = city.access().await;
    let world = access.world(DESK).unwrap();
    let reports = FundReports::new(world.clone());
    assert_eq!(reports.due().await.unwrap(), [], "nothing is over yet");
    access.clock.advance_to(world.clock.now().plus_millis(4 * Timestamp::DAY_MS)).unwrap();
    let due = reports.due().await.unwrap();
    assert!((3..=9).contains(&due.len()), "the days since, and perhaps a month: {due:?}");
    // One that failed comes again, though a later one is published.
    reports.publish(due[1]).await.unwrap();
    let mut rest = due.clone();
    rest.remove(1);
    assert_eq!(reports.due().await.unwrap(), rest);
    let function = schedule_fund_report::function(world.clone());
    let published = function.invoke(json!({})).await.unwrap();
    assert_eq!(published["published"].as_array().unwrap().len(), rest.len());
    assert_eq!(reports.due().await.unwrap(), []);
    assert_eq!(function.invoke(json!({})).await.unwrap(), json!({ "published": [] }));
    let day: Period = due[0];
    let manifest = reports.published(day).await.unwrap().unwrap();
    assert_eq!((manifest.period, manifest.over), (day.to_string(), true));
    // What is made again is what was published, also after somebody has renamed a township.
    let again = reports.make(day).await.unwrap();
    let bytes = world.reports.get(&format!("f/140581/{day}/manifest.json")).await.unwrap().unwrap();
    assert_eq!(again.files.last().unwrap().bytes, bytes);
    access.close().await.unwrap();
    // Another account begins, whose name comes first: what was missing is missing still.
    city.json(&["fund", "appropriate", &format!("centre/{}", year() + 1), "2000000"]);
    // A journal that does not add up is reported by nobody.
    let account = format!("fund/{}", year() + 1);
    city.json(&["fund", "appropriate", &account, "1"]);
    let access = city.access().await;
    access.clock.advance_to(access.clock.now().plus_millis(2 * Timestamp::DAY_MS)).unwrap();
    let table = access.template.tables.iter().find(|table| table.logical == "Ledger").unwrap();
    let delete = access.clients.dynamodb.delete_item().table_name(&table.name);
    let text = aws_sdk_dynamodb::types::AttributeValue::S;
    let delete = delete.key("pk", text(format!("140581#{account}")));
    delete.key("sk", text("0000000002".to_owned())).send().await.unwrap();
    let reports = FundReports::new(access.world(DESK).unwrap());
    assert!(!reports.due().await.unwrap().is_empty());
    for period in reports.due().await.unwrap() {
        assert!(reports.publish(period).await.is_err(), "{period}");
    }
    access.close().await.unwrap();
}
