//! Messages through all six steps, again, shuffled, and thrice at once.

use serde_json::{Value, json};

use crate::support::TestCity;

fn result(city: &TestCity, more: &[&str]) -> Value {
    let output = city.replay(more).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_message_is_archived_and_the_same_file_again_makes_no_second_ticket() {
    let city = TestCity::new();
    let first = result(&city, &["--first", "150"]);
    assert_eq!((&first["accepted"], &first["refused"]), (&json!(150), &json!(0)));
    assert_eq!((&first["tickets"], &first["archived"]), (&json!(150), &json!(150)));
    let before = city.assert_clean();
    assert_eq!((&before["tickets"], &before["archived"]), (&json!(150), &json!(150)));

    // The design's bar for the spine's life, from metered capacity. Reads are dominated by staff who
    // look at empty inboxes, so they have no bar here.
    let per_ticket = |name: &str| first["per_ticket"][name].as_f64().unwrap();
    assert!(per_ticket("dynamodb_write_units") <= 54.0, "{first}");
    assert!(per_ticket("sqs_requests") <= 18.0, "{first}");
    assert!((per_ticket("s3_requests") - 1.0).abs() < 0.05, "{first}");

    let second = result(&city, &["--first", "150", "--shuffle", "--times", "3", "--seed", "1"]);
    assert_eq!((&second["messages"], &second["accepted"]), (&json!(450), &json!(450)));
    assert_eq!(city.assert_clean(), before, "a second replay must change nothing");
}

#[test]
fn shuffled_and_thrice_at_once_makes_one_ticket_each() {
    let city = TestCity::new();
    let all = result(
        &city,
        &["--first", "150", "--shuffle", "--times", "3", "--seed", "7", "--at-once", "60"],
    );
    assert_eq!(
        (&all["accepted"], &all["refused"], &all["tickets"]),
        (&json!(450), &json!(0), &json!(150))
    );
    assert_eq!(city.assert_clean()["archived"], 150);
}

#[test]
fn the_samples_are_the_default_and_every_unit_s_way_ends_in_the_archive() {
    let city = TestCity::new();
    let all = city.json(&["replay"]);
    assert!(all["messages"].as_u64().unwrap() >= 100, "{all}");
    assert_eq!(all["tickets"], all["archived"]);
    city.assert_clean();
}
