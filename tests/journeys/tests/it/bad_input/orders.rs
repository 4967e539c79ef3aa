//! Orders that are known, unknown, taken back, or sent fifty times at once.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{Door, NAME, WORD, full};

const AT_ONCE: usize = 50;

/// A message about an order.
fn about(kind: &str, order: &str, message: &str) -> Value {
    let mut body = json!({ "type": kind, "order_id": order, "message_id": message });
    if kind == "rate" {
        body["solved"] = json!(true);
    } else {
        body["content"] = json!(format!("{NAME} {WORD}"));
    }
    body
}

/// Posts a body until it is heard: as the contract says, what gets a 503 is sent again.
async fn post(door: &Door, body: &Value) -> (u16, Value) {
    loop {
        let answer = door.post(body.to_string().as_bytes()).await;
        if answer.0 != 503 {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn all_at_once(door: &Arc<Door>, bodies: Vec<Value>) -> Vec<(u16, Value)> {
    let mut posts = JoinSet::new();
    for body in bodies {
        let door = Arc::clone(door);
        posts.spawn(async move { post(&door, &body).await });
    }
    posts.join_all().await
}

fn count(answers: &[(u16, Value)], status: u16, duplicate: &Value) -> usize {
    answers
        .iter()
        .filter(|answer| answer.0 == status && answer.1["duplicate"] == *duplicate)
        .count()
}

/// Waits until the ticket has this status.
async fn comes_to(door: &Door, ticket: &Value, status: &str) {
    for _ in 0..100 {
        if door.city.json(&["ticket", "show", ticket.as_str().unwrap()])["status"] == status {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{ticket} never came to {status}");
}

#[tokio::test]
async fn another_request_under_a_known_order_is_refused_with_its_number() {
    let door = Door::open();
    let first = door.taken(&full("A-1")).await;
    for (field, value) in [
        ("title", json!("别的标题")),
        ("content", json!("别的内容")),
        ("sent_at", json!("2025-06-01T08:00:01+08:00")),
        ("citizen", json!({ "name": NAME })),
        ("citizen", json!(null)),
        ("kind", json!("thanks")),
    ] {
        let mut other = full("A-1");
        other[field] = value;
        let (status, problem) = door.post(other.to_string().as_bytes()).await;
        super::is_problem(&problem, (status, "order-exists"));
        assert_eq!((status, &problem["ticket"]), (409, &first["number"]), "{field}");
    }
    // The same in other words: key order, spaces, another time zone.
    let mut same = full("A-1");
    same["sent_at"] = json!("2025-06-01T00:00:00Z");
    let (status, answer) = door.post(format!("{same:#}").as_bytes()).await;
    assert_eq!((status, &answer["duplicate"]), (202, &json!(true)), "{answer}");
    door.close(1);
}

#[tokio::test]
async fn nothing_can_be_said_about_an_unknown_order() {
    let door = Door::open();
    for kind in ["supplement", "urge", "withdraw", "rate"] {
        let body = about(kind, &format!("{WORD}-1"), "M-1").to_string();
        let fields = door.refused(body.as_bytes(), (404, "unknown-order")).await;
        assert_eq!(fields, ["order_id"], "{kind}");
    }
    door.close(0);
}

#[tokio::test]
async fn what_is_not_possible_now_is_refused_and_the_same_message_is_answered_alike() {
    let door = Door::open();
    let ticket = door.taken(&full("A-1")).await["ticket"].clone();
    let rate = about("rate", "A-1", "M-1").to_string();
    door.refused(rate.as_bytes(), (409, "refused")).await;

    let supplement = about("supplement", "A-1", "M-2");
    assert_eq!(door.taken(&supplement).await["duplicate"], json!(false));
    assert_eq!(door.taken(&supplement).await["duplicate"], json!(true));
    let withdraw = about("withdraw", "A-1", "M-3");
    let first = door.taken(&withdraw).await;
    assert_eq!((&first["ticket"], &first["duplicate"]), (&ticket, &json!(false)));
    comes_to(&door, &ticket, "archived").await;
    let second = door.taken(&withdraw).await;
    assert_eq!((&second["ticket"], &second["duplicate"]), (&ticket, &json!(true)));
    for (kind, message) in [("withdraw", "M-4"), ("urge", "M-5"), ("supplement", "M-6")] {
        let body = about(kind, "A-1", message).to_string();
        door.refused(body.as_bytes(), (409, "refused")).await;
    }
    // The same message id about another order is another message.
    door.taken(&full("A-2")).await;
    assert_eq!(door.taken(&about("withdraw", "A-2", "M-3")).await["duplicate"], json!(false));
    door.close(2);
}

#[tokio::test]
async fn a_message_id_is_never_taken_for_a_repeat_of_something_else() {
    let door = Door::open();
    let ticket = door.taken(&full("A-1")).await["ticket"].clone();
    door.taken(&about("supplement", "A-1", "M-1")).await;
    let mut other_words = about("supplement", "A-1", "M-1");
    other_words["content"] = json!("别的补充");
    for other in [about("withdraw", "A-1", "M-1"), about("urge", "A-1", "M-1"), other_words] {
        let fields = door.refused(other.to_string().as_bytes(), (409, "message-exists")).await;
        assert_eq!(fields, ["message_id"], "{other}");
    }
    let shown = door.city.json(&["ticket", "show", ticket.as_str().unwrap()]);
    assert_ne!(shown["status"], "archived", "the withdrawal was not taken");
    door.close(1);
}

#[tokio::test]
async fn the_same_request_fifty_times_at_once_makes_one_ticket() {
    let door = Arc::new(Door::open());
    let answers = all_at_once(&door, vec![full("A-1"); AT_ONCE]).await;
    assert_eq!(count(&answers, 202, &json!(false)), 1, "{answers:?}");
    assert_eq!(count(&answers, 202, &json!(true)), AT_ONCE - 1, "{answers:?}");
    let ticket = &answers[0].1["ticket"];
    assert!(answers.iter().all(|answer| answer.1["ticket"] == *ticket), "{answers:?}");
    Arc::into_inner(door).unwrap().close(1);
}

#[tokio::test]
async fn fifty_requests_under_one_order_at_once_make_one_ticket() {
    let door = Arc::new(Door::open());
    let requests = (0..AT_ONCE).map(|at| {
        let mut request = full("A-1");
        request["content"] = json!(format!("{NAME} {at}"));
        request
    });
    let answers = all_at_once(&door, requests.collect()).await;
    assert_eq!(count(&answers, 202, &json!(false)), 1, "{answers:?}");
    assert_eq!(count(&answers, 409, &Value::Null), AT_ONCE - 1, "{answers:?}");
    let number = &answers.iter().find(|answer| answer.0 == 202).unwrap().1["number"];
    assert!(
        answers.iter().filter(|answer| answer.0 == 409).all(|answer| answer.1["ticket"] == *number),
        "{answers:?}"
    );
    Arc::into_inner(door).unwrap().close(1);
}

#[tokio::test]
async fn many_supplements_at_once_are_all_kept() {
    let door = Arc::new(Door::open());
    let ticket = door.taken(&full("A-1")).await["ticket"].clone();
    let supplements = (0..20).map(|at| about("supplement", "A-1", &format!("M-{at}")));
    let answers = all_at_once(&door, supplements.collect()).await;
    // One that was sent again after a 503 may have been taken before.
    let taken = count(&answers, 202, &json!(false)) + count(&answers, 202, &json!(true));
    assert_eq!(taken, 20, "{answers:?}");
    let shown = door.city.json(&["ticket", "show", ticket.as_str().unwrap()]);
    let timeline = shown["timeline"].as_array().unwrap();
    assert_eq!(timeline.iter().filter(|entry| entry["kind"] == "supplemented").count(), 20);
    Arc::into_inner(door).unwrap().close(1);
}

#[tokio::test]
async fn of_many_withdrawals_at_once_one_is_taken_and_the_city_stays_in_order() {
    let door = Arc::new(Door::open());
    let ticket = door.taken(&full("A-1")).await["ticket"].clone();
    let withdrawals = (0..20).map(|at| about("withdraw", "A-1", &format!("M-{at}")));
    let answers = all_at_once(&door, withdrawals.collect()).await;
    let taken = count(&answers, 202, &json!(false)) + count(&answers, 202, &json!(true));
    assert_eq!((taken, count(&answers, 409, &Value::Null)), (1, 19), "{answers:?}");
    comes_to(&door, &ticket, "archived").await;
    Arc::into_inner(door).unwrap().close(1);
}
