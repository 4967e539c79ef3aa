//! What a channel posts: `events/channels/<name>/` against the adapter itself, in a city that runs
//! in this process on real engines.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test helpers")]

use std::collections::BTreeSet;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use domain::{
    Actor, COMMAND_CENTRE, ChannelName, CommandId, DispatchTo, Outcome, Role, StaffId, Status,
    TicketId, UnitCode,
};
use lambda::signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER, sign};
use lambda::{Order, command, keyword_table};
use lianxin_local::city::{City, DESK, DataDir};
use serde_json::{Value, json};

use crate::support::{assert_valid, bytes, json, names, validator};

const NAME: &str = "hotline-12345";
/// Every channel that posts the five messages, and its name for the id of a request.
const CHANNELS: [(&str, &str); 2] = [(NAME, "order_id"), ("gaoxiaoban", "report_id")];
/// No answer may repeat the name that every bad sample plays with.
const PERSON: &str = "样例民";

/// A city and a caller who knows its secret.
struct Caller {
    city: City,
    data: tempfile::TempDir,
    http: reqwest::Client,
    channel: &'static str,
}

struct Answer {
    status: u16,
    media_type: String,
    text: String,
    json: Value,
}

impl Caller {
    async fn start(channel: &'static str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let city = City::start(DataDir::open(data.path()).unwrap(), 0).await.unwrap();
        Self { city, data, http: reqwest::Client::new(), channel }
    }

    fn secret(&self) -> Vec<u8> {
        let file =
            self.data.path().join("secrets").join(format!("channel-{}-secret", self.channel));
        let secret: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        secret["current"].as_str().unwrap().as_bytes().to_vec()
    }

    async fn post(&self, body: &[u8]) -> Answer {
        self.post_at(now_s(), &self.secret(), body).await
    }

    async fn post_at(&self, seconds: u64, secret: &[u8], body: &[u8]) -> Answer {
        let timestamp = seconds.to_string();
        let url = format!("http://{}/channels/{}", self.city.address, self.channel);
        let post = self.http.post(url).body(body.to_vec());
        let post = post.header(SIGNATURE_HEADER, sign(secret, &timestamp, body));
        let answer = post.header(TIMESTAMP_HEADER, timestamp).send().await.unwrap();
        let status = answer.status().as_u16();
        let media_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
        let text = answer.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{status} {text}: {e}"));
        Answer { status, media_type, text, json }
    }

    /// Plays the staff until the ticket of `order` is answered and waits for its rating.
    async fn until_answered(&self, order: &str) {
        let world = self.city.access.world(DESK).unwrap();
        let id = TicketId::derive(&ChannelName::parse(self.channel).unwrap(), order);
        let begun = Instant::now();
        loop {
            let ticket = world.tickets.load(&id).await.unwrap().unwrap().ticket;
            let unit = ticket.assignment().map(|assignment| assignment.unit.clone());
            let (actor, order) = match (ticket.status(), unit) {
                (Status::Answered, _) => return,
                (Status::NeedsDispatcher, _) => (centre(Role::Dispatcher), dispatch()),
                (Status::Handling, Some(unit)) => (staff(Role::Handler, unit), resolve()),
                (status, _) => {
                    assert!(begun.elapsed() < Duration::from_secs(60), "still {status}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let cause = CommandId::derive("contract-tests", &ticket.version().to_string());
            command(&world, &actor, &id, (&order, &cause), None).await.unwrap();
        }
    }

    async fn stop(self) {
        self.city.stop().await.unwrap();
    }
}

fn centre(role: Role) -> Actor {
    staff(role, UnitCode::parse(COMMAND_CENTRE).unwrap())
}

fn staff(role: Role, unit: UnitCode) -> Actor {
    Actor::Staff { id: StaffId::parse("sample-1").unwrap(), role, unit }
}

fn dispatch() -> Order {
    let item = keyword_table().items().first().cloned().unwrap();
    let (unit, tier, limit) = (item.unit, item.tier, item.limit);
    Order::Dispatch { to: DispatchTo { item: item.item, unit, tier, limit, confidence: None } }
}

fn resolve() -> Order {
    Order::Resolve { outcome: Outcome::Solved, reply: "您好，已办理。".to_owned() }
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn folder(channel: &str) -> String {
    format!("events/channels/{channel}/samples")
}

fn samples(channel: &str, kind: &str) -> Vec<String> {
    let mut names = names(&folder(channel));
    names.retain(|name| name.starts_with(kind) && !name.ends_with(".expected.json"));
    names
}

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

fn assert_quotes_nothing(name: &str, body: &[u8], answer: &Answer) {
    assert!(!answer.text.contains(PERSON), "{name}: the answer quotes a name: {}", answer.text);
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return };
    let mut all = BTreeSet::new();
    chosen(&value, &mut all);
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
    for (channel, _) in CHANNELS {
        let validator = validator(&format!("events/channels/{channel}/schema.json"));
        let (good, bad) = (samples(channel, "good-"), samples(channel, "bad-"));
        assert!(good.len() >= 8 && bad.len() >= 12);
        for name in good {
            assert_valid(&validator, &json(&format!("{}/{name}", folder(channel))), &name);
        }
        for name in bad {
            let stem = name.strip_suffix(".json").unwrap();
            let expected = json(&format!("{}/{stem}.expected.json", folder(channel)));
            let body = bytes(&format!("{}/{name}", folder(channel)));
            let Ok(value) = serde_json::from_slice::<Value>(&body) else {
                assert_eq!(expected["status"], 400, "{name} is not JSON");
                continue;
            };
            // Or the sample says what no schema can know.
            let beyond = expected["beyond_schema"].is_string();
            assert_eq!(validator.is_valid(&value), beyond, "{name} and schema.json");
        }
    }
}

#[tokio::test]
async fn good_samples_are_accepted_and_bad_ones_refused_as_they_say() {
    for (channel, order_field) in CHANNELS {
        let caller = Caller::start(channel).await;
        good_samples_are_accepted(&caller, order_field).await;
        bad_samples_are_refused(&caller).await;
        caller.stop().await;
    }
}

async fn good_samples_are_accepted(caller: &Caller, order_field: &str) {
    let answers = validator("events/schemas/answer.v1.schema.json");
    for name in samples(caller.channel, "good-") {
        let body = bytes(&format!("{}/{name}", folder(caller.channel)));
        let value: Value = serde_json::from_slice(&body).unwrap();
        let order = value[order_field].as_str().unwrap();
        if value["type"] == "rate" && value["message_id"].as_str().unwrap().ends_with("R1") {
            caller.until_answered(order).await;
        }
        for again in [false, true] {
            let answer = caller.post(&body).await;
            assert_eq!(answer.status, 202, "{name}: {}", answer.text);
            assert_eq!(answer.media_type, "application/json");
            assert_valid(&answers, &answer.json, &name);
            let id = TicketId::derive(&ChannelName::parse(caller.channel).unwrap(), order);
            assert_eq!(answer.json["ticket"], id.as_str(), "{name}");
            assert_eq!(answer.json["duplicate"], again, "{name}");
        }
    }
}

async fn bad_samples_are_refused(caller: &Caller) {
    let problems = validator("events/schemas/problem.v1.schema.json");
    for name in samples(caller.channel, "bad-") {
        let body = bytes(&format!("{}/{name}", folder(caller.channel)));
        let stem = name.strip_suffix(".json").unwrap();
        let expected = json(&format!("{}/{stem}.expected.json", folder(caller.channel)));
        let answer = caller.post(&body).await;
        assert_eq!(answer.status, expected["status"], "{name}: {}", answer.text);
        assert_eq!(json!(fields(&answer.json)), expected["fields"], "{name}: {}", answer.text);
        assert_eq!(answer.media_type, "application/problem+json", "{name}");
        assert_eq!(answer.json["status"], answer.status, "{name}");
        assert_valid(&problems, &answer.json, &name);
        assert_quotes_nothing(&name, &body, &answer);
    }
}

#[tokio::test]
async fn the_limits_the_guide_tells_are_the_door_s() {
    let caller = Caller::start(NAME).await;
    let problems = validator("events/schemas/problem.v1.schema.json");
    let body = bytes(&format!("{}/good-05-anonymous.json", folder(NAME)));
    let secret = caller.secret();
    let stale = caller.post_at(now_s() - 360, &secret, &body).await;
    let early = caller.post_at(now_s() + 360, &secret, &body).await;
    let forged = caller.post_at(now_s(), b"not the secret", &body).await;
    let too_large = caller.post(&vec![b' '; 256 * 1024 + 1]).await;
    let largest = [body.as_slice(), &vec![b' '; 256 * 1024 - body.len()]].concat();
    let cases = [
        (&stale, 401, "stale"),
        (&early, 401, "stale"),
        (&forged, 401, "not-proven"),
        (&too_large, 413, "too-large"),
    ];
    for (answer, status, kind) in cases {
        assert_eq!(answer.status, status, "{}", answer.text);
        assert_eq!(answer.json["type"], format!("urn:lianxin:problem:{kind}"));
        assert_valid(&problems, &answer.json, kind);
    }
    assert_eq!(caller.post(&largest).await.status, 202);
    caller.stop().await;
}

#[tokio::test]
async fn the_longest_texts_of_the_schema_are_taken() {
    let caller = Caller::start(NAME).await;
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
    let answer = caller.post(longest.to_string().as_bytes()).await;
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
    let answer = caller.post(longest.to_string().as_bytes()).await;
    let named: BTreeSet<_> = fields(&answer.json).into_iter().map(str::to_owned).collect();
    let expected: BTreeSet<_> = members
        .iter()
        .map(|m| (*m).to_owned())
        .chain(parts.iter().map(|p| format!("citizen.{p}")))
        .collect();
    assert_eq!(named, expected, "{}", answer.text);
    caller.stop().await;
}
