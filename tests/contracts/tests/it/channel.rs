//! What a channel posts: `events/channels/<name>/` against the adapter itself, in a city that runs
//! in this process on real engines.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test helpers")]

use std::collections::BTreeSet;

use domain::{ChannelName, TicketId};
use serde_json::{Value, json};

use crate::caller::{Answer, Caller, now_s};
use crate::support::{assert_valid, bytes, json, path, validator};
use crate::wire::{WIRES, Wire};

const NAME: &str = "hotline-12345";
/// No answer may repeat the name that every bad sample plays with.
const PERSON: &str = "样例民";

/// The texts and names of fields in a body that only the caller can have chosen.
fn chosen(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => _ = found.insert(text.clone()),
        Value::Number(number) => _ = found.insert(number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| chosen(item, found)),
        Value::Object(map) => {
            found.extend(map.keys().filter(|name| !name.is_ascii()).cloned());
            map.values().for_each(|value| chosen(value, found));
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// Whether a refusal could only have got this text from the body: longer than a word of the
/// contract, or not English.
fn is_telling(text: &str) -> bool {
    !text.is_ascii() || (text.len() > 7 && !["supplement", "withdraw"].contains(&text))
}

fn assert_quotes_nothing(wire: &Wire, name: &str, body: &[u8], answer: &Answer) {
    assert!(!answer.text.contains(PERSON), "{name}: the answer quotes a name: {}", answer.text);
    let mut all = BTreeSet::new();
    for message in (wire.messages)(body).into_iter().flatten().flatten() {
        chosen(&message, &mut all);
    }
    for text in all.iter().filter(|text| is_telling(text)) {
        assert!(!answer.text.contains(text.as_str()), "{name}: quoted in {}", answer.text);
    }
}

/// The fields that a refusal names, in its order.
fn fields(answer: &Value) -> Vec<&str> {
    let errors = answer["errors"].as_array().into_iter().flatten();
    errors.map(|fault| fault["field"].as_str().unwrap()).collect()
}

#[test]
fn good_samples_are_as_the_schema_says_and_bad_ones_are_not() {
    for wire in WIRES {
        let validator = validator(&format!("events/channels/{}/schema.json", wire.name));
        let (good, bad) = (wire.samples("good-"), wire.samples("bad-"));
        assert!(good.len() >= 5 && bad.len() >= 10, "{} has too few samples", wire.name);
        for name in good {
            let body = bytes(&format!("{}/{name}", wire.folder()));
            for (message, wanted) in (wire.messages)(&body).unwrap().iter().zip(items(wire, &name))
            {
                match (message, wanted["status"] == 202) {
                    (Some(message), true) => assert_valid(&validator, message, &name),
                    (message, _) => assert_agrees(&validator, message.as_ref(), &wanted, &name),
                }
            }
        }
        for name in bad {
            let body = bytes(&format!("{}/{name}", wire.folder()));
            let expected = json(&wire.expected(&name));
            let Some(messages) = (wire.messages)(&body) else {
                let form = expected["status"] == 400 || expected["beyond_schema"].is_string();
                assert!(form, "{name} is not of the form");
                continue;
            };
            for (message, wanted) in messages.iter().zip(items(wire, &name)) {
                assert_agrees(&validator, message.as_ref(), &wanted, &name);
            }
        }
    }
}

/// A message that is refused is not as the schema says either, or the sample says what no schema can
/// know.
fn assert_agrees(
    validator: &jsonschema::Validator,
    message: Option<&Value>,
    wanted: &Value,
    name: &str,
) {
    let Some(message) = message else {
        assert_eq!(wanted["status"], 400, "{name} is not JSON");
        return;
    };
    let beyond = wanted["beyond_schema"].is_string();
    assert_eq!(validator.is_valid(message), beyond, "{name} and schema.json");
}

/// What is expected of each message in a sample, without end for one that is not listed.
fn items(wire: &Wire, sample: &str) -> Vec<Value> {
    let file = wire.expected(sample);
    if !path(&file).is_file() {
        return vec![json!({ "status": 202 }); 1_000];
    }
    let expected = json(&file);
    match expected["items"].as_array() {
        Some(items) => items.clone(),
        None => vec![expected],
    }
}

#[tokio::test]
async fn good_samples_are_accepted_and_bad_ones_refused_as_they_say() {
    let caller = Caller::start().await;
    for wire in WIRES {
        good_samples_are_accepted(&caller, wire).await;
        bad_samples_are_refused(&caller, wire).await;
    }
    caller.stop().await;
}

async fn good_samples_are_accepted(caller: &Caller, wire: &Wire) {
    let answers = validator("events/schemas/answer.v1.schema.json");
    let batches = validator("events/schemas/batch_answer.v1.schema.json");
    for name in wire.samples("good-") {
        let body = bytes(&format!("{}/{name}", wire.folder()));
        let messages = (wire.messages)(&body).unwrap();
        for value in messages.iter().flatten() {
            if value["type"] == "rate" && value["message_id"].as_str().unwrap().ends_with("R1") {
                caller.until_answered(wire, value[wire.order].as_str().unwrap()).await;
            }
        }
        for again in [false, true] {
            let answer = caller.post(wire, &body).await;
            assert_eq!(answer.status, 202, "{name}: {}", answer.text);
            assert_eq!(answer.media_type, "application/json");
            if wire.batch {
                assert_valid(&batches, &answer.json, &name);
                assert_items(wire, &name, &messages, (&answer, again));
            } else {
                assert_valid(&answers, &answer.json, &name);
                assert_answers(wire, &name, messages[0].as_ref(), (&answer.json, again));
            }
        }
    }
}

fn assert_answers(wire: &Wire, name: &str, message: Option<&Value>, told: (&Value, bool)) {
    let order = message.unwrap()[wire.order].as_str().unwrap();
    let id = TicketId::derive(&ChannelName::parse(wire.name).unwrap(), order);
    assert_eq!(told.0["ticket"], id.as_str(), "{name}");
    assert_eq!(told.0["duplicate"], told.1, "{name}");
}

/// Each message of a batch has the result that the sample says, in its order.
fn assert_items(
    wire: &Wire,
    name: &str,
    messages: &[Option<Value>],
    (answer, again): (&Answer, bool),
) {
    let results = answer.json["results"].as_array().unwrap();
    assert_eq!(results.len(), messages.len(), "{name}: {}", answer.text);
    let wanted = items(wire, name);
    for ((result, message), wanted) in results.iter().zip(messages).zip(&wanted) {
        if wanted["status"] != 202 {
            assert_eq!(result["problem"]["status"], wanted["status"], "{name}: {result}");
            assert_eq!(json!(fields(&result["problem"])), wanted["fields"], "{name}: {result}");
        } else if wanted["noted"] == true {
            assert!(result["noted"].is_string(), "{name}: {result}");
        } else {
            assert_answers(wire, name, message.as_ref(), (&result["answer"], again));
        }
    }
    assert_quotes_nothing(wire, name, &[], answer);
}

async fn bad_samples_are_refused(caller: &Caller, wire: &Wire) {
    let problems = validator("events/schemas/problem.v1.schema.json");
    for name in wire.samples("bad-") {
        let body = bytes(&format!("{}/{name}", wire.folder()));
        let expected = json(&wire.expected(&name));
        let answer = caller.post(wire, &body).await;
        assert_eq!(answer.status, expected["status"], "{name}: {}", answer.text);
        assert_eq!(json!(fields(&answer.json)), expected["fields"], "{name}: {}", answer.text);
        assert_eq!(answer.media_type, "application/problem+json", "{name}");
        assert_eq!(answer.json["status"], answer.status, "{name}");
        assert_valid(&problems, &answer.json, &name);
        assert_quotes_nothing(wire, &name, &body, &answer);
        let items = expected["items"].as_array().into_iter().flatten();
        for (wanted, result) in items.zip(answer.json["results"].as_array().unwrap_or(&vec![])) {
            assert_eq!(result["problem"]["status"], wanted["status"], "{name}: {result}");
            assert_eq!(json!(fields(&result["problem"])), wanted["fields"], "{name}: {result}");
            assert_valid(&problems, &result["problem"], &name);
        }
    }
}

#[tokio::test]
async fn the_limits_the_guides_tell_are_the_doors() {
    let caller = Caller::start().await;
    let problems = validator("events/schemas/problem.v1.schema.json");
    for wire in WIRES {
        let route = format!("/channels/{}", wire.name);
        let sample = wire.samples("good-").remove(0);
        let body = bytes(&format!("{}/{sample}", wire.folder()));
        let secret = caller.secret(wire);
        let at = async |seconds, secret: &[u8]| {
            caller.post_to(&route, &(wire.prove)(secret, seconds, &body), &body).await
        };
        let stale = at(now_s() - 360, &secret).await;
        let early = at(now_s() + 360, &secret).await;
        let forged = at(now_s(), b"bm90IHRoZSBzZWNyZXQ=").await;
        let bare = caller.post_to(&route, &[], &body).await;
        let max = (wire.adapter)().body_bytes_max();
        let too_large = caller.post(wire, &vec![b' '; max + 1]).await;
        let cases = [
            (&stale, 401, "stale"),
            (&early, 401, "stale"),
            (&forged, 401, "not-proven"),
            (&bare, 401, "not-proven"),
            (&too_large, 413, "too-large"),
        ];
        for (answer, status, kind) in cases {
            assert_eq!(answer.status, status, "{}: {}", wire.name, answer.text);
            assert_eq!(answer.json["type"], format!("urn:lianxin:problem:{kind}"), "{}", wire.name);
            assert_valid(&problems, &answer.json, kind);
        }
    }
    let (wire, max) = (Wire::of(NAME), 256 * 1024);
    let body = bytes(&format!("{}/good-05-anonymous.json", wire.folder()));
    let largest = [body.as_slice(), &vec![b' '; max - body.len()]].concat();
    assert_eq!(caller.post(wire, &largest).await.status, 202);
    caller.stop().await;
}

/// How a request stands is told to who submitted it, proven alike, and to nobody else.
#[tokio::test]
async fn a_channel_that_asks_how_a_request_stands_is_told() {
    let caller = Caller::start().await;
    let asking = WIRES.iter().filter(|wire| (wire.adapter)().tells_status());
    for wire in asking {
        let sample = wire.samples("good-").remove(0);
        let body = bytes(&format!("{}/{sample}", wire.folder()));
        let taken = caller.post(wire, &body).await;
        let order = json(&format!("{}/{sample}", wire.folder()))[wire.order].clone();
        let route = format!("/channels/{}/status", wire.name);
        let ask = async |question: Value, secret: Vec<u8>| {
            let question = question.to_string().into_bytes();
            let headers = (wire.prove)(&secret, now_s(), &question);
            caller.post_to(&route, &headers, &question).await
        };
        let secret = caller.secret(wire);
        let told = ask(json!({ (wire.order): order }), secret.clone()).await;
        assert_eq!((told.status, &told.json["ticket"]), (200, &taken.json["ticket"]));
        assert!(told.json["status"].is_string() && told.json["since"].is_string());
        let unknown = ask(json!({ (wire.order): "NEVER" }), secret.clone()).await;
        assert_eq!((unknown.status, fields(&unknown.json)), (404, vec![wire.order]));
        let more = ask(json!({ (wire.order): order, "样例": 1 }), secret).await;
        assert_eq!((more.status, fields(&more.json)), (422, vec!["*"]));
        let forged = ask(json!({ (wire.order): order }), b"another".to_vec()).await;
        assert_eq!(forged.status, 401);
    }
    caller.stop().await;
}

/// A signed request sent fifty times at once makes one ticket, by every channel.
#[tokio::test]
async fn fifty_times_at_once_is_one_ticket() {
    let caller = Caller::start().await;
    for wire in WIRES {
        let sample = wire.samples("good-").remove(0);
        let body = bytes(&format!("{}/{sample}", wire.folder()));
        let posts = (0..50).map(|_| caller.post(wire, &body));
        let answers = futures_util::future::join_all(posts).await;
        let first = |answer: &Answer| match wire.batch {
            true => answer.json["results"][0]["answer"].clone(),
            false => answer.json.clone(),
        };
        let made = answers.iter().filter(|one| first(one)["duplicate"] == false).count();
        assert_eq!(made, 1, "{}", wire.name);
        let tickets: BTreeSet<String> =
            answers.iter().map(|one| first(one)["ticket"].to_string()).collect();
        assert_eq!(tickets.len(), 1, "{}: {tickets:?}", wire.name);
    }
    caller.stop().await;
}

#[tokio::test]
async fn the_longest_texts_of_the_schema_are_taken() {
    let (caller, wire) = (Caller::start().await, Wire::of(NAME));
    let validator = validator("events/channels/hotline-12345/schema.json");
    let long = |count: usize| "灯".repeat(count);
    let mut longest = json!({
        "type": "submit",
        "order_id": "9".repeat(64),
        "sent_at": "2026-02-12T10:20:00.123456789+08:00",
        "title": long(200),
        "content": "💡".repeat(20_000),
        "citizen": { "name": long(64), "phone": "+0000-0000-0000-0007", "address": long(300) },
    });
    assert_valid(&validator, &longest, "the longest");
    let answer = caller.post(wire, longest.to_string().as_bytes()).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    // And one character more of each is too long for both.
    let (members, parts) = (["order_id", "title", "content"], ["name", "phone", "address"]);
    for name in members {
        longest[name] = json!(format!("{}7", longest[name].as_str().unwrap()));
    }
    for name in parts {
        let more = format!("{}7", longest["citizen"][name].as_str().unwrap());
        longest["citizen"][name] = json!(more);
    }
    assert!(!validator.is_valid(&longest));
    let answer = caller.post(wire, longest.to_string().as_bytes()).await;
    let named: BTreeSet<_> = fields(&answer.json).into_iter().map(str::to_owned).collect();
    let expected: BTreeSet<_> = members
        .iter()
        .map(|m| (*m).to_owned())
        .chain(parts.iter().map(|p| format!("citizen.{p}")))
        .collect();
    assert_eq!(named, expected, "{}", answer.text);
    caller.stop().await;
}
