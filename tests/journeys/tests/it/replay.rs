//! Messages through all six steps, again, shuffled, and thrice at once.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use domain::{Event, EventKind, TicketId, Timestamp};
use lianxin_local::city::DESK;
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
    let first = result(&city, &["--first", "150", "--channel", "hotline-12345"]);
    assert_eq!((&first["accepted"], &first["refused"]), (&json!(150), &json!(0)));
    assert_eq!((&first["tickets"], &first["archived"]), (&json!(150), &json!(150)));
    let before = city.assert_clean();
    assert_eq!((&before["tickets"], &before["archived"]), (&json!(150), &json!(150)));

    // What a life costs (docs/cost.md), and for nearly all of these messages a dispatcher's decision before. Reads
    // are dominated by staff who look at empty inboxes, so they have no bar here.
    let per_ticket = |name: &str| first["per_ticket"][name].as_f64().unwrap();
    assert!(per_ticket("dynamodb_write_units") <= 64.0, "{first}");
    assert!(per_ticket("sqs_requests") <= 18.0, "{first}");
    // A dossier each; and every ten seconds somebody looks whether there is another directory, catalog, model
    // or lesson.
    assert!((1.0..2.0).contains(&per_ticket("s3_requests")), "{first}");

    let again = ["--channel", "hotline-12345", "--shuffle", "--times", "3", "--seed", "1"];
    let second = result(&city, &[&["--first", "150"][..], &again].concat());
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
    let before = city.assert_clean();
    assert_eq!(before["archived"], 150);
    all_photos_are_attached(&all);
    // The phones remember what they have put: the same reports again name the same photos.
    let again = result(&city, &["--first", "150", "--seed", "7"]);
    assert_eq!((&again["accepted"], &again["photos"]), (&json!(150), &all["photos"]), "{again}");
    assert_eq!(city.assert_clean(), before, "a second replay must change nothing");
}

fn all_photos_are_attached(result: &Value) {
    let photos = &result["photos"];
    assert!(photos["named"].as_u64().unwrap() >= 10, "{result}");
    assert_eq!((&photos["attached"], &photos["refused"]), (&photos["named"], &json!(0)));
}

#[test]
fn the_app_alone_is_played_with_its_photos_and_another_channel_is_none() {
    let city = TestCity::new();
    let all = city.json(&["replay", "--channel", "gaoxiaoban", "--first", "40"]);
    assert_eq!((&all["tickets"], &all["archived"]), (&json!(40), &json!(40)), "{all}");
    all_photos_are_attached(&all);
    city.assert_clean();
    let refused = city.run(&["replay", "--channel", "wechat"]);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("hotline-12345, gaoxiaoban"), "{said}");
}

#[test]
fn the_samples_are_the_default_and_every_unit_s_way_ends_in_the_archive() {
    let city = TestCity::new();
    let all = city.json(&["replay"]);
    assert_eq!((&all["tickets"], &all["archived"]), (&json!(300), &json!(300)), "{all}");
    all_photos_are_attached(&all);
    city.assert_clean();
}

#[tokio::test]
async fn with_history_timelines_carry_the_real_dates_and_deadlines_fall_where_they_should() {
    let city = TestCity::new();
    let file = crate::support::messages_file();
    let receipts = city.path().join("receipts.txt");
    let all = ["--history", "--first", "20", "--receipts", receipts.to_str().unwrap()];
    let all = result(&city, &all);
    assert_eq!((&all["tickets"], &all["archived"]), (&json!(20), &json!(20)), "{all}");
    assert_eq!(all["photos"]["named"], all["photos"]["attached"], "{all}");
    city.assert_clean();
    let receipts = std::fs::read_to_string(receipts).unwrap();
    let tickets: BTreeMap<&str, &str> =
        receipts.lines().map(|line| line.split_once(' ').unwrap()).collect();
    let calendar = lambda::calendar();
    let text = std::fs::read_to_string(file).unwrap();
    for line in text.lines().take(20) {
        let message: Value = serde_json::from_str(line).unwrap();
        let at = |name: &str| Timestamp::parse(message[name].as_str().unwrap()).unwrap();
        let id = TicketId::parse(tickets[message["id"].as_str().unwrap()]).unwrap();
        let access = city.access().await;
        // Whole: who was answered late was warned of day after day, and long timelines spill.
        let ticket = access.world(DESK).unwrap().tickets.whole(&id).await.unwrap().unwrap();
        access.close().await.unwrap();
        let sent_at = at("sent_at");
        // City time runs on while the machine works: seconds, not days.
        let near = |one: Timestamp, other: Timestamp| {
            (0..60_000).contains(&(one.millis() - other.millis()))
        };
        assert!(near(ticket.received_at(), sent_at), "{} {sent_at}", ticket.received_at());
        let of = |kind| ticket.timeline().iter().find(|entry| entry.event.kind() == kind).unwrap();
        let (dispatched, resolved) = (of(EventKind::Dispatched), of(EventKind::Resolved));
        assert!(near(resolved.at, at("replied_at")), "{} {}", resolved.at, message["replied_at"]);
        let Event::Dispatched { limit, due, citizen_due, .. } = &dispatched.event else { panic!() };
        assert_eq!(*due, calendar.deadline(dispatched.at, *limit));
        assert_eq!(*citizen_due, calendar.deadline(ticket.received_at(), *limit));
    }
    let refused = city.replay(&["--history", "--first", "20"]).output().unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("needs a new city"));
}

#[tokio::test]
async fn a_secret_rotated_during_a_replay_refuses_nobody_until_the_old_one_ends() {
    let city = TestCity::new();
    let up = city.up();
    let old = city.secret();
    let replay = city.replay(&["--first", "120"]).stdout(Stdio::piped()).spawn().unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    let secret = |previous: &[u8]| json!({ "current": "new", "previous": String::from_utf8_lossy(previous) });
    city.put_secret(&secret(&old));
    let output = replay.wait_with_output().unwrap();
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&all["accepted"], &all["refused"]), (&json!(120), &json!(0)));
    let body = crate::support::submission("A-1").to_string();
    for secret in [b"new".as_slice(), &old] {
        assert_eq!(up.post(secret, body.as_bytes()).await.0, 202);
    }
    city.put_secret(&secret(b""));
    assert_eq!(up.post(&old, body.as_bytes()).await.0, 401);
    assert_eq!(up.post(b"new", body.as_bytes()).await.0, 202);
    up.stop();
    // The same file again, by the new secret: no second ticket.
    assert_eq!(result(&city, &["--first", "120"])["tickets"], 120);
    assert_eq!(city.assert_clean()["tickets"], 121);
}
