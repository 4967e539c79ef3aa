//! The invented messages to replay (`events/samples/messages.jsonl`): their shape, and that no two
//! are the same story.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test helpers")]

use std::collections::{BTreeMap, BTreeSet, HashSet};

use domain::Timestamp;
use serde_json::Value;

use crate::support::text;

const FILE: &str = "events/samples/messages.jsonl";
/// So many there are; the documents say so.
const COUNT: usize = 300;
/// Two messages share at most so many hundredths of the runs of four characters of the shorter.
const SHARED_MAX: usize = 60;
const FIELDS: [&str; 7] = ["id", "user", "title", "sent_at", "body", "reply", "replied_at"];

fn messages() -> Vec<BTreeMap<String, String>> {
    let parse = |(at, line): (usize, &str)| {
        serde_json::from_str(line).unwrap_or_else(|e| panic!("{FILE}, line {}: {e}", at + 1))
    };
    text(FILE).lines().enumerate().map(parse).collect()
}

/// Runs of four characters; a shorter text is one run.
fn runs(text: &str) -> HashSet<String> {
    let letters: Vec<char> = text.chars().collect();
    let width = letters.len().min(4);
    letters.windows(width.max(1)).map(|run| run.iter().collect()).collect()
}

/// In hundredths of the runs of the shorter.
fn shared(one: &HashSet<String>, other: &HashSet<String>) -> usize {
    one.intersection(other).count() * 100 / one.len().min(other.len()).max(1)
}

#[test]
fn there_are_three_hundred_each_with_its_fields_in_order_of_time() {
    let messages = messages();
    assert_eq!(messages.len(), COUNT);
    for message in &messages {
        let id = &message["id"];
        let fields: BTreeSet<&str> = message.keys().map(String::as_str).collect();
        assert_eq!(fields, BTreeSet::from(FIELDS), "{id}");
        assert!(message.values().all(|text| !text.trim().is_empty()), "{id} has an empty field");
        assert!(message["title"].chars().count() <= 200, "{id}");
        assert!(message["user"].starts_with("示例市民"), "{id} is not plainly invented");
        let at = |name: &str| Timestamp::parse(&message[name]).unwrap().millis();
        let hours = (at("replied_at") - at("sent_at")) / 3_600_000;
        assert!((2..=15 * 24).contains(&hours), "{id} is answered after {hours} hours");
    }
    let times: Vec<&String> = messages.iter().map(|message| &message["sent_at"]).collect();
    assert!(times.is_sorted(), "the file is in order of time");
}

#[test]
fn no_two_are_the_same_or_nearly() {
    let messages = messages();
    for name in ["id", "title", "body", "reply"] {
        let all: BTreeSet<&String> = messages.iter().map(|message| &message[name]).collect();
        assert_eq!(all.len(), COUNT, "two messages have the same {name}");
    }
    let all: Vec<_> = messages.iter().map(|one| (&one["id"], runs(&one["body"]))).collect();
    for (at, (id, one)) in all.iter().enumerate() {
        for (other_id, other) in all.iter().take(at) {
            let shared = shared(one, other);
            assert!(shared <= SHARED_MAX, "{id} and {other_id} share {shared} of a hundred runs");
        }
    }
}

#[test]
fn likeness_is_seen() {
    let one = "路灯坏了三天，晚上走路很危险，请尽快修好。";
    let nearly = "路灯坏了五天，晚上走路很危险，请尽快修好。";
    assert!(shared(&runs(one), &runs(nearly)) > SHARED_MAX);
    assert_eq!(shared(&runs(one), &runs("自来水发黄，不敢喝。")), 0);
    assert_eq!(shared(&runs("灯"), &runs("灯")), 100);
}

#[test]
fn the_documents_count_them_right() {
    for name in ["README.md", "events/samples/README.md"] {
        let said = text(name);
        assert!(said.contains(&format!("{COUNT} ")), "{name} does not say {COUNT}");
    }
    let first: Value = serde_json::from_str(text(FILE).lines().next().unwrap()).unwrap();
    assert_eq!(first.get("id").and_then(Value::as_str), Some("S0001"));
}
