//! What becomes of a mail: `events/channels/mayor-mailbox/` against the adapter itself, and in a city
//! whose bucket the mails are put into.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test helpers")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use channel_mayor_mailbox::{MayorMailbox, order_of};
use contracts::{Problem, QuarantineId};
use domain::{ChannelName, EventKind, Hash, Ticket, TicketId, Timestamp};
use lambda::http::Request;
use lambda::{Adapter as _, Message, Order, Unverified, quarantined};
use lianxin_local::city::DESK;
use serde_json::Value;

use crate::caller::Caller;
use crate::support::{bytes, json, names};

const FOLDER: &str = "events/channels/mayor-mailbox/samples";
const SERVER: &str = "mx.lianxin.example";
const BUCKET: &str = "lianxin-mail-000000000000";

/// Every sample of a kind: its name, its bytes, and what becomes of it.
fn samples(kind: &str) -> Vec<(String, Vec<u8>, Value)> {
    let mut all = names(FOLDER);
    all.retain(|name| name.starts_with(kind) && name.ends_with(".eml"));
    all.into_iter()
        .map(|name| {
            let stem = name.strip_suffix(".eml").unwrap();
            let expected = json(&format!("{FOLDER}/{stem}.expected.json"));
            let body = bytes(&format!("{FOLDER}/{name}"));
            (name, body, expected)
        })
        .collect()
}

/// The likeliest way to read a mail.
fn read(mail: &[u8]) -> Result<Message, Problem> {
    let request = Request { path: String::new(), headers: BTreeMap::new(), body: mail.to_vec() };
    let wall = Timestamp::from_millis(1_800_000_000_000);
    let proven = Unverified::new(request, wall).verify(&MayorMailbox, &[SERVER.into()])?;
    MayorMailbox.translate(&proven)?.remove(0)
}

fn order(expected: &Value, mail: &[u8]) -> String {
    expected["message_id"].as_str().map_or_else(|| Hash::of_bytes(mail).to_string(), order_of)
}

#[test]
fn each_mail_is_read_as_its_sample_says() {
    let good = samples("good-");
    assert!(good.len() >= 5);
    for (name, mail, expected) in good {
        let (becomes, order_id, text) =
            match read(&mail).unwrap_or_else(|e| panic!("{name}: {e:?}")) {
                Message::Submit(one, _) => ("request", one.order, one.body),
                Message::Noted(_) => ("nothing", String::new(), String::new()),
                Message::About { order, command, .. } => match command {
                    Order::Supplement { text } => ("supplement", order, text),
                    Order::Urge { text } => ("urge", order, text.unwrap()),
                    Order::Withdraw { text } => ("withdraw", order, text.unwrap()),
                    other => panic!("{name}: {other:?}"),
                },
            };
        // That a reply's mail is not there, only a city knows: then the next way counts.
        let strays = name.contains("not-ours") && becomes == "supplement";
        assert!(expected["becomes"] == becomes || strays, "{name}: {becomes}");
        if becomes != "nothing" {
            assert!(text.starts_with(expected["begins"].as_str().unwrap()), "{name}: {text}");
            assert!(strays || order_id == order(&expected, &mail), "{name}");
            assert!(!text.contains('>') && !text.contains("写道"), "{name}: {text}");
        }
    }
}

#[test]
fn each_bad_mail_is_refused_as_its_sample_says() {
    let bad = samples("bad-");
    assert!(bad.len() >= 10);
    for (name, mail, expected) in bad {
        let problem = read(&mail).unwrap_err();
        assert_eq!(expected["status"], problem.status, "{name}: {problem:?}");
        assert!(!format!("{problem:?}").contains("样例"), "{name}: {problem:?}");
    }
}

async fn put(s3: &Client, name: &str, mail: &[u8]) {
    let put = s3.put_object().bucket(BUCKET).key(format!("m/{name}"));
    put.body(mail.to_vec().into()).send().await.unwrap();
}

async fn lying(s3: &Client) -> Vec<String> {
    let list = s3.list_objects_v2().bucket(BUCKET).send().await.unwrap();
    let keys = list.contents().iter().filter_map(|object| object.key());
    keys.map(|key| key.strip_prefix("m/").unwrap().to_owned()).collect()
}

/// Puts mails and waits until only `kept` of all that lies in the bucket are left.
async fn settle(s3: &Client, mails: &[(String, Vec<u8>, Value)], kept: usize) -> Vec<String> {
    for (name, mail, _) in mails {
        put(s3, name, mail).await;
    }
    let begun = Instant::now();
    loop {
        let left = lying(s3).await;
        if left.len() == kept {
            return left;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "still there: {left:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_mail_in_the_bucket_becomes_what_its_sample_says() {
    let caller = Caller::start().await;
    let secret = caller.data.path().join("secrets/channel-mayor-mailbox-secret");
    std::fs::write(secret, format!(r#"{{"current":"{SERVER}"}}"#)).unwrap();
    let s3 = &caller.city.access.clients.s3;
    let (replies, first): (Vec<_>, Vec<_>) =
        samples("good-").into_iter().partition(|(name, _, _)| name.contains("-reply-"));
    settle(s3, &first, 0).await;
    settle(s3, &replies, 0).await;
    // Under another key, as a server that tries again would put it.
    let again: Vec<_> =
        first.iter().map(|(n, m, e)| (format!("again-{n}"), m.clone(), e.clone())).collect();
    settle(s3, &again, 0).await;
    let world = caller.city.access.world(DESK).unwrap();
    let channel = ChannelName::parse("mayor-mailbox").unwrap();
    for (name, mail, expected) in first.iter().chain(&replies) {
        if expected["becomes"] == "nothing" {
            continue;
        }
        let id = TicketId::derive(&channel, &order(expected, mail));
        let ticket: Ticket = world.tickets.load(&id).await.unwrap().unwrap().ticket;
        let wanted = match expected["becomes"].as_str().unwrap() {
            "supplement" => EventKind::Supplemented,
            "urge" => EventKind::Urged,
            "withdraw" => EventKind::Withdrawn,
            _ => EventKind::Received,
        };
        let seen = ticket.timeline().iter().filter(|entry| entry.event.kind() == wanted).count();
        assert_eq!(seen, 1, "{name}");
    }
    // What is proven and refused lies in quarantine for staff, what is not proven nowhere; and no mail is
    // left where it was put. A second withdrawal is understood, and still nobody else would tell of it.
    let mut bad = samples("bad-");
    let mut wanted: BTreeSet<String> = bad
        .iter()
        .filter(|(_, _, expected)| expected["status"] == 422)
        .map(|(_, mail, _)| QuarantineId::of(&channel, mail).to_string())
        .collect();
    let (_, withdrawal, _) = replies.iter().find(|(_, _, of)| of["becomes"] == "withdraw").unwrap();
    let withdrawal = String::from_utf8(withdrawal.clone()).unwrap();
    let withdrawal =
        withdrawal.replacen("\nMessage-ID: <", "\nMessage-ID: <again-", 1).into_bytes();
    wanted.insert(QuarantineId::of(&channel, &withdrawal).to_string());
    bad.push(("again.eml".to_owned(), withdrawal, Value::Null));
    settle(s3, &bad, 0).await;
    let lying = quarantined(&world).await.unwrap();
    assert_eq!(lying.iter().map(|(id, _)| id.to_string()).collect::<BTreeSet<_>>(), wanted);
    let again = lying.iter().filter_map(|(_, entry)| entry.as_ref());
    assert_eq!(again.filter(|entry| entry.reason() == "refused").count(), 1);
    caller.stop().await;
}

/// A picture of one pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

#[tokio::test]
async fn a_photo_in_a_mail_is_attached_once_and_what_is_no_photo_is_counted() {
    let caller = Caller::start().await;
    let secret = caller.data.path().join("secrets/channel-mayor-mailbox-secret");
    std::fs::write(secret, format!(r#"{{"current":"{SERVER}"}}"#)).unwrap();
    let part = |media: &str, body: &str| {
        format!(
            "--b\r\nContent-Type: {media}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a\r\n\r\n{body}\r\n"
        )
    };
    let mail = format!(
        "Authentication-Results: {SERVER}; spf=pass\r\nFrom: <jia@mail.example>\r\nDate: Thu, 12 Feb 2026 10:20:00 +0800\r\nSubject: x\r\nMessage-ID: <photo@mail.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n路灯坏了，见照片。\r\n{}{}--b--\r\n",
        part("image/PNG", PNG),
        part("application/pdf", "JVBERi0xLjQK"),
    );
    let s3 = &caller.city.access.clients.s3;
    let mails = |name: &str| [(name.to_owned(), mail.clone().into_bytes(), Value::Null)];
    settle(s3, &mails("first.eml"), 0).await;
    settle(s3, &mails("again.eml"), 0).await;
    let world = caller.city.access.world(DESK).unwrap();
    let channel = ChannelName::parse("mayor-mailbox").unwrap();
    let id = TicketId::derive(&channel, &order_of("photo@mail.example"));
    let begun = Instant::now();
    let attached = loop {
        let ticket = world.tickets.load(&id).await.unwrap().unwrap().ticket;
        let count = |kind| ticket.timeline().iter().filter(|e| e.event.kind() == kind).count();
        assert_eq!(count(EventKind::AttachmentRefused), 0);
        if count(EventKind::Attached) > 0 || begun.elapsed() > Duration::from_secs(60) {
            break count(EventKind::Attached);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(attached, 1);
    let record = domain::RecordId::request(&id);
    let opened = world.vault().open(&id, &record).await.unwrap().unwrap();
    let contracts::SealedText::RequestV1 { circumstances, photos, .. } = opened.text else {
        panic!()
    };
    assert_eq!(photos.len(), 1);
    assert_eq!(circumstances.unwrap().particulars["附件"], "1 件，不是照片，未收存");
    caller.stop().await;
}
