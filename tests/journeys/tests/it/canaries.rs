//! Citizens write, photograph, are answered, and are erased: then no canary of any field, reply or
//! photo is in any byte that the city leaves, in no form in which bytes are written down.

use std::collections::BTreeSet;
use std::path::Path;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use crate::search::{Search, left_behind};
use crate::support::{TestCity, Up};

/// So many of the invented messages, each with canaries of its own.
const MESSAGES: usize = 60;
/// What the citizens say later, and what they and the staff are told.
const LATER: [&str; 3] = ["金丝雀补充", "金丝雀催办", "金丝雀备注"];

/// Messages with a canary in title, text and reply; gives the file's lines and the canaries.
fn messages() -> (String, Vec<String>) {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/samples/messages.jsonl");
    let samples = std::fs::read_to_string(samples).unwrap();
    let (mut lines, mut canaries) = (String::new(), Vec::new());
    for (at, line) in samples.lines().take(MESSAGES).enumerate() {
        let mut message: Value = serde_json::from_str(line).unwrap();
        for (field, word) in [("title", "标题"), ("body", "正文"), ("reply", "答复")] {
            let canary = format!("金丝雀{word}第{at:03}号");
            message[field] = json!(format!("{canary}，{}", message[field].as_str().unwrap()));
            canaries.push(canary);
        }
        lines.push_str(&format!("{message}\n"));
    }
    (lines, canaries)
}

/// The tickets by order id, from the receipts of `replay`.
fn receipts(text: &str) -> Vec<(&str, &str)> {
    text.lines().map(|line| line.split_once(' ').unwrap()).collect()
}

/// What is said of a ticket after its report: by the citizen, who is not heard any more once it is
/// archived, and by staff.
async fn say_more(city: &TestCity, up: &Up) -> (String, Vec<String>) {
    let secret = city.secret_of("gaoxiaoban");
    let later = |word: &str| format!("{word}第某号某样例");
    let route = "/channels/gaoxiaoban";
    let report = json!({
        "type": "submit", "report_id": "C-1", "reported_at": "2025-06-01T08:00:00+08:00",
        "text": "金丝雀另报：路灯不亮。", "title": "金丝雀另题",
        "gps": { "lat": 35.798_123, "lon": 112.923_456 },
        "citizen": { "name": "金丝雀姓名", "phone": "10000077777", "address": "金丝雀地址" },
    });
    let (status, answer) = up.post_to(route, &secret, &report).await;
    assert_eq!(status, 202, "{answer}");
    let ticket = answer["ticket"].as_str().unwrap().to_owned();
    for (at, kind) in ["supplement", "urge"].into_iter().enumerate() {
        let message = format!("M-{at}");
        let more = json!({
            "type": kind, "report_id": "C-1", "message_id": message, "text": later(LATER[at]),
        });
        let (status, answer) = up.post_to(route, &secret, &more).await;
        assert_eq!(status, 202, "{answer}");
    }
    city.json(&["ticket", "do", &ticket, "note", &later(LATER[2])]);
    let said = ["金丝雀另报", "金丝雀另题", "金丝雀姓名", "金丝雀地址", "112.923456"];
    let said = said.into_iter().map(str::to_owned).chain(LATER.map(later));
    (ticket, said.collect())
}

/// Erases everybody by telephone number; gives how many tickets were erased.
fn erase_all(city: &TestCity, people: &BTreeSet<&str>) -> u64 {
    let erase = |who: &&str| {
        let way = if is_phone(who) { "--phone" } else { "--email" };
        let by = ["--reason", "citizen_request", "--as", "u1/supervisor/command-centre"];
        let erased = city.json(&[&["erase", way, who][..], &by].concat());
        erased["erased"].as_u64().unwrap()
    };
    people.iter().map(erase).sum()
}

/// Where any of the canaries is found.
fn found(city: &TestCity, search: &Search) -> Vec<String> {
    let all = left_behind(city.path());
    let hits = all.iter().filter_map(|(name, bytes)| {
        search.found_in(bytes).map(|canary| format!("{canary} in {name}"))
    });
    hits.collect()
}

#[tokio::test]
async fn of_erased_citizens_no_canary_of_any_field_or_photo_is_left() {
    let city = TestCity::new();
    let (lines, mut canaries) = messages();
    let outside = tempfile::tempdir().unwrap();
    let (input, kept) = (outside.path().join("in.jsonl"), outside.path().join("receipts.txt"));
    std::fs::write(&input, lines).unwrap();
    // With everything logged that can be.
    let up = city.up_with("RUST_LOG", "trace");
    let args = ["replay", input.to_str().unwrap(), "--receipts", kept.to_str().unwrap()];
    let all = city.json(&args);
    let photos = &all["photos"];
    assert!(photos["named"].as_u64().unwrap() >= 5, "{all}");
    assert_eq!(photos["named"], photos["attached"], "{all}");
    let (open, said) = say_more(&city, &up).await;
    let receipts_text = std::fs::read_to_string(&kept).unwrap();
    assert_eq!(receipts(&receipts_text).len(), MESSAGES);

    let listed = std::fs::read_to_string(city.path().join("canaries.txt")).unwrap();
    assert!(listed.lines().any(|line| line.starts_with("hex:")), "no photo's bytes are listed");
    canaries.extend(listed.lines().map(str::to_owned));
    canaries.extend(said);
    canaries.push("10000077777".to_owned());
    let search = Search::of(canaries);
    // Even before: all of it is sealed.
    assert_eq!(found(&city, &search), Vec::<String>::new());

    let is_person = |line: &&str| is_phone(line) || line.ends_with("@mail.example");
    let mut people: BTreeSet<&str> = listed.lines().filter(is_person).collect();
    people.insert("10000077777");
    assert_eq!(erase_all(&city, &people), MESSAGES as u64 + 1);
    assert_eq!(erase_all(&city, &people), 0, "once is for ever");
    // What was still open ends without its person.
    city.json(&["ticket", "do", &open, "decline", "--ground", "withdrawn"]);
    city.wait_for(&open, "archived").await;
    up.stop();
    let clean = city.assert_clean();
    assert_eq!(
        (&clean["tickets"], &clean["archived"]),
        (&json!(MESSAGES + 1), &json!(MESSAGES + 1))
    );

    let left = left_behind(city.path());
    for part in ["dynamo.db", "logs/city.log", "s3/"] {
        assert!(left.iter().any(|(name, _)| name.starts_with(part)), "{part} was not looked at");
    }
    assert_eq!(found(&city, &search), Vec::<String>::new());
    let bytes: usize = left.iter().map(|(_, bytes)| bytes.len()).sum();
    println!("{} canaries, {bytes} bytes in {} files, nothing found", search.len(), left.len());
    planted_ones_are_found(&city, &listed, &search).await;
}

fn is_phone(line: &str) -> bool {
    line.len() == 11 && line.starts_with("100") && line.bytes().all(|byte| byte.is_ascii_digit())
}

/// The search sees: what the engines themselves store of a canary, in a copy, is found.
async fn planted_ones_are_found(city: &TestCity, listed: &str, search: &Search) {
    let photo = listed.lines().find_map(|line| line.strip_prefix("hex:")).unwrap();
    let photo = data_encoding::HEXLOWER.decode(photo.as_bytes()).unwrap();
    let person = listed.lines().next().unwrap();
    let copy = TestCity::copy_of(city);
    let access = copy.access().await;
    for (at, value) in [
        AttributeValue::S(format!("xx{person}xx")),
        AttributeValue::B(Blob::new([b"abcd", person.as_bytes()].concat())),
    ]
    .into_iter()
    .enumerate()
    {
        let put = access.clients.dynamodb.put_item().table_name("lianxin-sealed");
        let put = put.item("pk", AttributeValue::S("140581#planted".to_owned()));
        let put = put.item("sk", AttributeValue::S(format!("planted{at}"))).item("ct", value);
        put.send().await.unwrap();
        let hits = found(&copy, search);
        assert!(hits.iter().any(|hit| hit.contains("dynamo.db")), "blind to {at}: {hits:?}");
        let delete = access.clients.dynamodb.delete_item().table_name("lianxin-sealed");
        let delete = delete.key("pk", AttributeValue::S("140581#planted".to_owned()));
        let delete = delete.key("sk", AttributeValue::S(format!("planted{at}")));
        delete.send().await.unwrap();
    }
    let put = access.clients.s3.put_object().bucket("lianxin-uploads-000000000000").key("planted");
    put.body([b"Exif", &photo[..]].concat().into()).send().await.unwrap();
    access.close().await.unwrap();
    let hits = found(&copy, search);
    assert!(hits.iter().all(|hit| hit.contains(" in s3/")), "a deleted canary is still there");
    assert!(!hits.is_empty(), "blind to a photo");
}
