//! What becomes of messages that are proven and not understood: exactly they lie in quarantine, sealed,
//! and one that is admitted becomes a ticket.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test helpers")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use contracts::{Problem, QuarantineId, Quarantined, QuarantinedText};
use data_encoding::BASE64;
use domain::{Access, Actor, ChannelName, Hash, Reason, Status, Timestamp};
use lambda::http::Request;
use lambda::{
    QuarantineError, ReadError, Reader, Unverified, admit_quarantined, drop_quarantined,
    quarantined, quarantined_words,
};
use lianxin_local::city::{Access as City, DESK, DataDir};
use ports::{Cursor, Page, PortError, Quarantine, RootKey, World};
use serde_json::{Value, json};

use crate::caller::{Answer, Caller, now_s};
use crate::golden::assert_golden;
use crate::invented;
use crate::support::{assert_valid, bytes, json as file, validator};
use crate::wire::{Headers, WIRES, Wire};

const NAME: &str = "hotline-12345";
/// Of nobody in the city.
const SECRET: &[u8] = b"c2VjcmV0c2VjcmV0";
const SCHEMA: &str = "events/schemas/quarantine.v1.schema.json";

fn channel(name: &str) -> ChannelName {
    ChannelName::parse(name).unwrap()
}

fn is_kept(problem: &Value) -> bool {
    problem["status"] == 400 || problem["status"] == 422
}

/// What is to be kept of a body, by what its sender was answered: each message of a batch by itself.
fn to_be_kept(wire: &Wire, (headers, body): (Headers, &[u8]), answer: &Answer) -> Vec<Vec<u8>> {
    let adapter = (wire.adapter)();
    let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let request = Request { path: String::new(), headers, body: body.to_vec() };
    let wall = Timestamp::from_millis(i64::try_from(now_s()).unwrap() * 1000);
    let proven = Unverified::new(request, wall).verify(&*adapter, &[SECRET.to_vec()]).unwrap();
    let Some(results) = answer.json["results"].as_array() else {
        return if is_kept(&answer.json) { vec![body.to_vec()] } else { Vec::new() };
    };
    let refused = results.iter().enumerate().filter(|(_, result)| is_kept(&result["problem"]));
    let kept: Vec<_> = refused.map(|(item, _)| adapter.unread(&proven, Some(item)).raw).collect();
    for raw in kept.iter().filter(|raw| !raw.is_empty()) {
        assert!(body.windows(raw.len()).any(|part| part == raw), "not as it came");
    }
    kept
}

/// Posts every sample of a channel and gives what must lie in quarantine then.
async fn post_all(caller: &Caller, wire: &Wire) -> BTreeMap<String, Vec<u8>> {
    let mut kept = BTreeMap::new();
    for kind in ["good-", "bad-"] {
        for name in wire.samples(kind) {
            let body = bytes(&format!("{}/{name}", wire.folder()));
            // Not proven, so whatever it is nothing is kept.
            let forged = (wire.prove)(SECRET, now_s(), &[body.as_slice(), b" "].concat());
            caller.post_to(&format!("/channels/{}", wire.name), &forged, &body).await;
            let answer = caller.post(wire, &body).await;
            let headers = (wire.prove)(SECRET, now_s(), &body);
            for raw in to_be_kept(wire, (headers, &body), &answer) {
                kept.insert(QuarantineId::of(&channel(wire.name), &raw).to_string(), raw);
            }
            // The same again is the same entry.
            caller.post(wire, &body).await;
        }
    }
    kept
}

/// Runs of digits that are long enough to be somebody's number.
fn numbers(body: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(body);
    let runs = text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() >= 8);
    runs.map(str::to_owned).collect()
}

#[tokio::test]
async fn exactly_what_is_proven_and_not_understood_lies_in_quarantine_sealed() {
    let caller = Caller::start().await;
    let world = caller.city.access.world(DESK).unwrap();
    let validator = validator(SCHEMA);
    let mut kept = BTreeMap::new();
    for wire in WIRES {
        let of_channel = post_all(&caller, wire).await;
        assert!(of_channel.len() >= 10, "{}: {}", wire.name, of_channel.len());
        kept.extend(of_channel);
    }
    let lying = quarantined(&world).await.unwrap();
    let found: BTreeSet<String> = lying.iter().map(|(id, _)| id.to_string()).collect();
    assert_eq!(found, kept.keys().cloned().collect());
    for (id, entry) in &lying {
        let (entry, raw) = (entry.as_ref().unwrap(), &kept[&id.to_string()]);
        let object = world.quarantine.get(id).await.unwrap().unwrap();
        assert_valid(&validator, &serde_json::from_slice(&object).unwrap(), &id.to_string());
        let text = String::from_utf8(object).unwrap();
        assert!(text.is_ascii(), "{id}: a name of a person or of anything is in the clear");
        for number in numbers(raw) {
            assert!(!text.contains(&number), "{id}: {number} is in the clear");
        }
        let [key, ciphertext] =
            [&entry.key, &entry.ciphertext].map(|text| BASE64.decode(text.as_bytes()).unwrap());
        let plain = world.vault().open_apart(&id.key(), (&key, &ciphertext)).await.unwrap();
        let text = QuarantinedText::from_bytes(&plain).unwrap();
        assert_eq!(BASE64.decode(text.raw.as_bytes()).unwrap(), *raw, "{id}");
        assert!(text.words.chars().count() <= 20_000, "{id}");
        assert_eq!(entry.bytes, raw.len(), "{id}");
        // It opens in its own place only.
        let elsewhere = QuarantineId::of(&channel("another"), raw).key();
        assert!(world.vault().open_apart(&elsewhere, (&key, &ciphertext)).await.is_err(), "{id}");
    }
    caller.stop().await;
}

fn reader(role: &str) -> Reader {
    let actor = Actor::parse(&format!("staff:sample-1/{role}")).unwrap();
    Reader { actor, reason: Reason::Handling, unmasked: false }
}

/// A city with one entry, of a body with a telephone number and one field too many.
async fn with_one(caller: &Caller) -> (World, QuarantineId) {
    let wire = Wire::of(NAME);
    let mut body = file(&format!("{}/good-06-place-by-landmark.json", wire.folder()));
    body["citizen"] = json!({ "name": "样例民甲", "phone": "10000000001" });
    body["remark"] = json!("unknown");
    let body = body.to_string().into_bytes();
    assert_eq!(caller.post(wire, &body).await.status, 422);
    (caller.city.access.world(DESK).unwrap(), QuarantineId::of(&channel(NAME), &body))
}

#[tokio::test]
async fn an_entry_is_read_masked_and_the_journal_tells_of_it() {
    let caller = Caller::start().await;
    let (world, id) = with_one(&caller).await;
    let refused = quarantined_words(&world, &reader("handler/water-company"), &id).await;
    assert!(matches!(refused, Err(QuarantineError::Read(ReadError::Refused(_)))), "{refused:?}");
    let date = world.clock.now().beijing_compact_date();
    assert!(world.journal.day(&date).await.unwrap().is_empty());
    let by = reader("dispatcher/command-centre");
    let (entry, words) = quarantined_words(&world, &by, &id).await.unwrap();
    assert_eq!((entry.reason().as_str(), entry.channel.as_str()), ("wrong-fields: *", NAME));
    assert!(words.contains("100****0001") && !words.contains("10000000001"), "{words}");
    let day = world.journal.day(&date).await.unwrap();
    assert_eq!((day.len(), day[0].reading.access), (1, Access::Masked));
    caller.stop().await;
}

#[tokio::test]
async fn an_admitted_entry_is_one_ticket_that_goes_on() {
    let caller = Caller::start().await;
    let (world, id) = with_one(&caller).await;
    let object = world.quarantine.get(&id).await.unwrap().unwrap();
    let asked = (Some("样例标题"), None);
    for wrong in [(Some(" "), None), (None, Some("a b"))] {
        assert!(admit_quarantined(&world, &id, wrong).await.is_err(), "{wrong:?}");
    }
    let ticket = admit_quarantined(&world, &id, asked).await.unwrap();
    assert_eq!(world.quarantine.get(&id).await.unwrap(), None);
    let again = admit_quarantined(&world, &id, asked).await.unwrap();
    assert_eq!(again.id(), ticket.id(), "the same command again");
    // It died before the entry was removed, or the channel has sent the same once more.
    world.quarantine.put(&id, &object).await.unwrap();
    let other = admit_quarantined(&world, &id, (Some("别的标题"), None)).await;
    assert_eq!(other, Err(QuarantineError::Taken(ticket.number().to_string())));
    let again = admit_quarantined(&world, &id, asked).await.unwrap();
    assert_eq!((again.id(), world.quarantine.get(&id).await.unwrap()), (ticket.id(), None));
    let opened = world.vault().open(ticket.id(), &ticket.request().record).await.unwrap().unwrap();
    let text = serde_json::to_value(&opened.text).unwrap();
    assert_eq!(text["title"], "样例标题");
    assert!(text["body"].as_str().unwrap().contains("10000000001"), "the words are the text");
    assert_eq!(text["circumstances"]["particulars"]["隔离"], "wrong-fields: *");
    let begun = Instant::now();
    loop {
        let ticket = world.tickets.load(ticket.id()).await.unwrap().unwrap().ticket;
        if matches!(ticket.status(), Status::NeedsDispatcher | Status::Handling) {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "still {}", ticket.status());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    caller.stop().await;
}

#[tokio::test]
async fn a_dropped_entry_is_gone() {
    let caller = Caller::start().await;
    let (world, id) = with_one(&caller).await;
    drop_quarantined(&world, &id).await.unwrap();
    assert_eq!(drop_quarantined(&world, &id).await, Err(QuarantineError::Missing));
    let gone = admit_quarantined(&world, &id, (None, None)).await;
    assert_eq!(gone, Err(QuarantineError::Missing));
    assert!(quarantined(&world).await.unwrap().is_empty());
    caller.stop().await;
}

/// A quarantine that does not answer.
struct Broken;

fn down<T>() -> Result<T, PortError> {
    Err(PortError::Temporary("down".to_owned()))
}

#[async_trait]
impl Quarantine for Broken {
    async fn put(&self, _id: &QuarantineId, _bytes: &[u8]) -> Result<(), PortError> {
        down()
    }

    async fn list(&self, _from: Option<&Cursor>) -> Result<Page<QuarantineId>, PortError> {
        down()
    }

    async fn get(&self, _id: &QuarantineId) -> Result<Option<Vec<u8>>, PortError> {
        down()
    }

    async fn remove(&self, _id: &QuarantineId) -> Result<(), PortError> {
        down()
    }
}

/// A city that does not run, and the worlds of one of its functions: one whose quarantine is down, and
/// one in order.
async fn worlds(function: &str) -> (tempfile::TempDir, City, [World; 2]) {
    let home = tempfile::tempdir().unwrap();
    let city = City::open(DataDir::open(home.path()).unwrap()).await.unwrap();
    let sound = city.world(function).unwrap();
    let broken = World { quarantine: Arc::new(Broken), ..sound.clone() };
    (home, city, [broken, sound])
}

#[tokio::test]
async fn a_post_that_cannot_be_kept_is_sent_again() {
    let (_home, city, worlds) = worlds("channel-hotline-12345").await;
    let secret = worlds[1].secrets.channel().await.unwrap().secrets[0].clone();
    let headers: BTreeMap<_, _> =
        (Wire::of(NAME).prove)(&secret, now_s(), b"{}").into_iter().collect();
    let event = json!({
        "version": "2.0", "rawPath": "/channels/hotline-12345", "headers": headers, "body": "{}",
        "requestContext": { "http": { "method": "POST" } }, "isBase64Encoded": false,
    });
    let [broken, sound] = worlds.map(channel_hotline_12345::function);
    let answer = broken.invoke(event.clone()).await.unwrap();
    assert_eq!(
        (&answer["statusCode"], &answer["headers"]["retry-after"]),
        (&json!(503), &json!("5"))
    );
    assert_eq!(sound.invoke(event).await.unwrap()["statusCode"], 422);
    city.close().await.unwrap();
}

#[tokio::test]
async fn a_mail_that_cannot_be_kept_comes_again() {
    let (home, city, worlds) = worlds("channel-mayor-mailbox").await;
    let secret = home.path().join("secrets/channel-mayor-mailbox-secret");
    std::fs::write(secret, r#"{"current":"mx.lianxin.example"}"#).unwrap();
    let mail =
        b"Authentication-Results: mx.lianxin.example; spf=pass\r\nFrom: a@example.org\r\n\r\n";
    let bucket = "lianxin-mail-000000000000";
    let put = city.clients.s3.put_object().bucket(bucket).key("m/1.eml").body(mail.to_vec().into());
    put.send().await.unwrap();
    let notice = json!({ "Records": [{ "s3": { "object": { "key": "m/1.eml" } } }] }).to_string();
    let event = json!({ "Records": [{ "messageId": "1", "body": notice }] });
    let uploads = Arc::clone(&worlds[1].uploads);
    let [broken, sound] = worlds.map(channel_mayor_mailbox::function);
    let answer = broken.invoke(event.clone()).await.unwrap();
    assert_eq!(answer["batchItemFailures"].as_array().unwrap().len(), 1);
    assert!(uploads.mail("m/1.eml", 1_000).await.unwrap().is_some(), "the mail still lies there");
    let answer = sound.invoke(event).await.unwrap();
    assert_eq!(answer["batchItemFailures"], json!([]));
    assert!(uploads.mail("m/1.eml", 1_000).await.unwrap().is_none());
    let desk = city.world(DESK).unwrap();
    let lying = quarantined(&desk).await.unwrap();
    assert_eq!(lying[0].0, QuarantineId::of(&channel("mayor-mailbox"), mail));
    city.close().await.unwrap();
}

#[test]
fn an_entry_is_what_it_was() {
    let (raw, at) =
        (b"{\"content\":\"\xe6\xa0\xb7\xe4\xbe\x8b\"}", "2026-01-20T09:12:30.000+08:00");
    let id = QuarantineId::of(&channel(NAME), raw);
    let problem = Problem::new(422, "wrong-fields", "Some fields are not as the contract says")
        .field("title", "required: a text of 1 to 200 characters")
        .field("citizen.*", "no other fields than the contract's (1 unknown)");
    let words = String::from_utf8(raw.to_vec()).unwrap();
    let text = QuarantinedText { words, raw: BASE64.encode(raw) };
    // The nonces follow from the entry, so that the sample is the same at every run.
    let nonce = |purpose: &str| -> [u8; 12] {
        *Hash::of(purpose, &[id.key().as_bytes()]).as_bytes().first_chunk().unwrap()
    };
    let (root, key) = (RootKey::from_secret(b"lianxin sample root key"), invented::key());
    let ciphertext = key.seal_at(&id.key(), &text.to_bytes(), nonce("sample.text")).unwrap();
    let wrapped = root.wrap_at(&id.key(), &key, nonce("sample.key")).unwrap();
    let about = (&problem, raw.len(), Timestamp::parse(at).unwrap());
    let entry = Quarantined::of(&id, about, (BASE64.encode(&wrapped), BASE64.encode(&ciphertext)));
    assert_golden("quarantine.v1", &entry.to_bytes());
    let stands = bytes("events/samples/quarantine.v1.json");
    let read = Quarantined::from_bytes(&stands).unwrap();
    assert_eq!(
        (read.to_bytes(), read.reason().as_str()),
        (stands, "wrong-fields: title, citizen.*")
    );
    let key = root.unwrap_at(&id.key(), &BASE64.decode(read.key.as_bytes()).unwrap()).unwrap();
    let plain = key.open_at(&id.key(), &BASE64.decode(read.ciphertext.as_bytes()).unwrap());
    assert_eq!(QuarantinedText::from_bytes(&plain.unwrap()), Some(text));
}
