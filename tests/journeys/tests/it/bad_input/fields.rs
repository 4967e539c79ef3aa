//! Fields that are not as the contract says: all are named at once, and none is quoted.

use serde_json::{Value, json};

use super::{Door, NAME, PHONE, WORD, full};
use crate::support::now_s;

const WRONG: (u16, &str) = (422, "wrong-fields");

/// Sets a field, `citizen.…` inside the citizen; `None` takes it out.
fn set(body: &mut Value, path: &str, value: Option<Value>) {
    let (object, name) = match path.split_once('.') {
        Some((object, name)) => (&mut body[object], name),
        None => (body, path),
    };
    let map = object.as_object_mut().unwrap();
    match value {
        Some(value) => drop(map.insert(name.to_owned(), value)),
        None => drop(map.remove(name)),
    }
}

impl Door {
    /// Posts a body with one field changed, which alone must be named.
    async fn names(&self, body: &Value, path: &str, value: Option<Value>) {
        let mut body = body.clone();
        set(&mut body, path, value.clone());
        let fields = self.refused(body.to_string().as_bytes(), WRONG).await;
        assert_eq!(fields, [path], "{path} as {value:?}");
    }
}

/// Values of every JSON type but text.
fn no_texts() -> Vec<Value> {
    vec![json!(7), json!(1e300), json!(true), json!([NAME]), json!({ WORD: NAME })]
}

/// A message about an order, with all it needs.
fn about(kind: &str) -> Value {
    json!({ "type": kind, "order_id": "A-1", "message_id": "M-1", "content": format!("{NAME} {WORD}") })
}

#[tokio::test]
async fn a_missing_or_mistyped_field_is_named() {
    let door = Door::open();
    let good = full("A-1");
    for required in ["type", "order_id", "sent_at", "title", "content"] {
        door.names(&good, required, None).await;
        door.names(&good, required, Some(Value::Null)).await;
        for value in no_texts() {
            door.names(&good, required, Some(value)).await;
        }
    }
    for optional in ["kind", "citizen.name", "citizen.phone", "citizen.address"] {
        for value in no_texts() {
            door.names(&good, optional, Some(value)).await;
        }
    }
    for value in [json!(7), json!(true), json!([NAME]), json!(NAME)] {
        door.names(&good, "citizen", Some(value)).await;
    }
    for kind in ["supplement", "urge", "withdraw"] {
        for value in no_texts() {
            door.names(&about(kind), "order_id", Some(value.clone())).await;
            door.names(&about(kind), "message_id", Some(value.clone())).await;
            door.names(&about(kind), "content", Some(value)).await;
        }
        door.names(&about(kind), "order_id", None).await;
        door.names(&about(kind), "message_id", None).await;
    }
    door.names(&about("supplement"), "content", None).await;
    door.close(0);
}

#[tokio::test]
async fn a_text_that_is_empty_too_long_or_has_control_characters_is_named() {
    let door = Door::open();
    let good = full("A-1");
    let texts = [
        ("order_id", 64),
        ("title", 200),
        ("content", 20_000),
        ("citizen.name", 64),
        ("citizen.address", 300),
    ];
    for (field, max) in texts {
        door.names(&good, field, Some(json!(""))).await;
        door.names(&good, field, Some(json!(" \u{3000}\n"))).await;
        door.names(&good, field, Some(json!("连".repeat(max + 1)))).await;
        for control in ['\0', '\u{7}', '\u{1b}', '\u{7f}', '\u{85}'] {
            door.names(&good, field, Some(json!(format!("{NAME}{control}")))).await;
        }
    }
    for sent_at in ["", "\0", &"1".repeat(41)] {
        door.names(&good, "sent_at", Some(json!(sent_at))).await;
    }
    door.names(&about("supplement"), "message_id", Some(json!("m".repeat(65)))).await;
    door.names(&about("supplement"), "content", Some(json!("连".repeat(20_001)))).await;
    door.names(&about("supplement"), "content", Some(json!(""))).await;
    // What is just long enough is taken, counted in characters and not in bytes.
    let mut longest = good;
    for (field, max) in texts {
        set(&mut longest, field, Some(json!("连".repeat(max))));
    }
    door.taken(&longest).await;
    door.close(1);
}

#[tokio::test]
async fn a_time_a_number_and_a_word_that_cannot_be_are_named() {
    let door = Door::open();
    let good = full("A-1");
    for sent_at in [
        NAME,
        "2025-06-01",
        "2025-06-01T08:00:00",
        "2025-06-01 08:00",
        "2025-02-30T08:00:00+08:00",
        "2025-13-01T08:00:00+08:00",
        "2025-06-01T25:00:00+08:00",
        "1969-12-31T00:00:00Z",
        "9999-12-31T00:00:00Z",
        "2099-01-01T00:00:00+08:00",
        "1748736000",
    ] {
        door.names(&good, "sent_at", Some(json!(sent_at))).await;
    }
    let soon = domain::Timestamp::from_millis(i64::try_from(now_s()).unwrap() * 1000 + 400_000);
    door.names(&good, "sent_at", Some(json!(soon.to_string()))).await;
    for phone in [
        NAME,
        "1991234567x",
        "1234",
        "12-34",
        "-----",
        "+",
        "++12345",
        "12345+",
        "1 2 3 4 5",
        "１２３４５６",
        "(0356)123456",
        "123456789012345678901",
        "",
    ] {
        door.names(&good, "citizen.phone", Some(json!(phone))).await;
    }
    for word in [NAME, "", "SUBMIT", " submit", "delete"] {
        door.names(&good, "type", Some(json!(word))).await;
    }
    for word in [NAME, "", "Help", "求助"] {
        door.names(&good, "kind", Some(json!(word))).await;
    }
    door.close(0);
}

#[tokio::test]
async fn unknown_fields_are_refused_and_all_faults_are_told_at_once() {
    let door = Door::open();
    let mut body = full("A-1");
    body[WORD] = json!(NAME);
    assert_eq!(door.refused(body.to_string().as_bytes(), WRONG).await, ["*"]);
    body["citizen"][NAME] = json!(PHONE);
    assert_eq!(door.refused(body.to_string().as_bytes(), WRONG).await, ["citizen.*", "*"]);
    let mut mixed = about("withdraw");
    mixed["title"] = json!(NAME);
    assert_eq!(door.refused(mixed.to_string().as_bytes(), WRONG).await, ["*"]);

    let all_wrong = json!({
        "type": "submit", "order_id": 1, "kind": NAME, "sent_at": NAME, "title": "", "content": null,
        "citizen": { "name": [], "phone": NAME, "address": 7 }, WORD: WORD,
    });
    let mut named = door.refused(all_wrong.to_string().as_bytes(), WRONG).await;
    named.sort_unstable();
    let expected = [
        "*",
        "citizen.address",
        "citizen.name",
        "citizen.phone",
        "content",
        "kind",
        "order_id",
        "sent_at",
        "title",
    ];
    assert_eq!(named, expected);
    // Without a type no other field has a meaning.
    assert_eq!(door.refused(b"{}", WRONG).await, ["type"]);
    door.close(0);
}

#[tokio::test]
async fn a_rating_says_something_in_the_words_of_the_contract() {
    let door = Door::open();
    let rate = |more: Value| {
        let mut body = json!({ "type": "rate", "order_id": "A-1", "message_id": "M-1" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body.to_string().into_bytes()
    };
    for (more, fields) in [
        (json!({}), &["satisfaction"][..]),
        (json!({ "solved": null, "satisfaction": null }), &["satisfaction"]),
        (json!({ "solved": "yes", "satisfaction": "fairly" }), &["solved"]),
        (json!({ "solved": 1, "satisfaction": "fairly" }), &["solved"]),
        (json!({ "solved": true, "satisfaction": NAME }), &["satisfaction"]),
        (json!({ "solved": true, "satisfaction": 5 }), &["satisfaction"]),
        (json!({ "solved": true, "content": NAME }), &["*"]),
        (json!({ "solved": true, "order_id": null }), &["order_id"]),
    ] {
        let body = rate(more);
        let named = door.refused(&body, WRONG).await;
        assert_eq!(named, fields, "{}", String::from_utf8_lossy(&body));
    }
    door.close(0);
}
