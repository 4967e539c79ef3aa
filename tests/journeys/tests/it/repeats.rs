//! Repeats as their users meet them: proposed with a score, merged and unmerged, and answered with the lead.

use serde_json::{Value, json};

use crate::support::{TestCity, Up, submission};

const FIRST: &str = "松果社区突然停水三天，没通知就停，家里断水，停水通知也没有贴。";
const NEAR: &str = "松果社区突然停水三天，没通知就停，家里断水，老人孩子用水都成问题。";

async fn sent(
    city: &TestCity,
    up: &Up,
    (order, phone): (&str, &str),
    (text, status): (&str, &str),
) -> String {
    let mut request = submission(order);
    request["title"] = json!("停水");
    request["content"] = json!(text);
    request["citizen"]["phone"] = json!(phone);
    let (code, answer) = up.post(&city.secret(), request.to_string().as_bytes()).await;
    assert_eq!(code, 202, "{answer}");
    let id = answer["ticket"].as_str().unwrap().to_owned();
    city.wait_for(&id, status).await;
    id
}

fn show(city: &TestCity, id: &str) -> Value {
    city.json(&["ticket", "show", id])
}

fn refused(city: &TestCity, args: &[&str]) -> String {
    let output = city.run(&[&["ticket", "do"], args].concat());
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

/// All of a ticket but how many events there were, and the last of them.
fn state(mut ticket: Value) -> Value {
    for of_timeline in ["version", "timeline", "head"] {
        ticket.as_object_mut().unwrap().remove(of_timeline);
    }
    ticket
}

fn has(ticket: &Value, kind: &str) -> usize {
    let timeline = ticket["timeline"].as_array().unwrap();
    timeline.iter().filter(|event| event["kind"] == kind).count()
}

/// Many about one matter: a dispatcher sees whom the second may repeat, merges, thinks better of it and merges
/// again; both citizens get the one answer.
#[tokio::test]
async fn a_repeat_is_proposed_merged_and_answered_with_its_lead() {
    let city = TestCity::new();
    let up = city.up();
    let lead = sent(&city, &up, ("FIRST", "10000000001"), (FIRST, "handling")).await;
    let second = sent(&city, &up, ("SECOND", "10000000002"), (NEAR, "handling")).await;
    let before = show(&city, &second);
    assert_eq!(before["likely"][0]["ticket"], json!(lead), "{before}");
    assert!(before["likely"][0]["score"].as_u64().unwrap() >= 400);
    assert_eq!((&before["lead"], &before["matters"]), (&json!(null), &json!(["merge"])));

    let merged = city.json(&["ticket", "do", &second, "merge"]);
    assert_eq!((&merged["lead"], &merged["status"]), (&json!(lead), &json!("handling")));
    assert_eq!(show(&city, &lead)["followers"], json!(1));
    for verb in [&["resolve", "先答复。"][..], &["sign"], &["decline", "--ground", "repeated"]]
    {
        let why = refused(&city, &[&[second.as_str()], verb].concat());
        assert!(why.contains(&lead) && why.contains("unmerge"), "{why}");
    }
    let why = refused(&city, &[&lead, "merge", &second]);
    assert!(why.contains("others follow this ticket"), "{why}");
    city.json(&["ticket", "do", &second, "unmerge"]);
    assert_eq!(state(show(&city, &second)), state(before));

    let number = show(&city, &lead)["number"].as_str().unwrap().to_owned();
    city.json(&["ticket", "do", &second, "merge", &number]);
    city.json(&["ticket", "do", &lead, "resolve", "样例民甲：管道已修复，请致电10000000001核实。"]);
    let answered = city.wait_for(&second, "answered").await;
    assert_eq!((has(&answered, "resolved_with"), has(&answered, "answered")), (1, 1));
    assert_eq!((&answered["lead"], &answered["answered_with"]), (&json!(null), &json!(lead)));
    let read =
        city.json(&["ticket", "show", &second, "--open", "--reason", "handling", "--unmask"]);
    let texts = read["texts"].as_array().unwrap();
    // What was written to another citizen is masked for this one.
    assert_eq!(
        texts.last().unwrap()["text"]["text"],
        json!("样**：管道已修复，请致电100****0001核实。")
    );

    // A "no" of the second is its own: the lead and its answer stay.
    city.json(&["ticket", "do", &second, "follow-up", "--solved", "false"]);
    let again = city.wait_for(&second, "handling").await;
    assert_eq!((has(&again, "reopened"), &again["unit"]), (1, &json!("water-company")));
    assert_eq!(show(&city, &lead)["status"], json!("answered"));
    up.stop();
    city.assert_clean();
}

/// The same person's same text is merged by the machine, and a dispatcher can undo it; erased, it is nobody's.
#[tokio::test]
async fn the_same_text_again_follows_by_itself() {
    let city = TestCity::new();
    let up = city.up();
    let lead = sent(&city, &up, ("ONE", "10000000001"), (FIRST, "handling")).await;
    let again = sent(&city, &up, ("TWO", "10000000001"), (FIRST, "handling")).await;
    let other = sent(&city, &up, ("THREE", "10000000003"), (FIRST, "handling")).await;
    let by_machine = show(&city, &again);
    assert_eq!(by_machine["lead"], json!(lead));
    let merged = by_machine["timeline"].as_array().unwrap();
    assert!(merged.iter().any(|e| e["kind"] == "merged" && e["actor"] == "step:dispatch"));
    // Another citizen's same text is a question to people.
    let asked = show(&city, &other);
    assert_eq!((&asked["lead"], &asked["likely"][0]["ticket"]), (&json!(null), &json!(lead)));
    city.json(&["ticket", "do", &other, "close-matter", "merge"]);
    assert_eq!(show(&city, &other)["likely"], json!([]));
    city.json(&["ticket", "do", &again, "unmerge"]);
    assert_eq!(show(&city, &again)["lead"], json!(null));

    // Whoever follows a lead that ends without an answer stands alone again, within the hour.
    city.json(&["ticket", "do", &again, "merge", &other]);
    let by = ["--reason", "citizen_request", "--as", "u1/supervisor/command-centre"];
    city.json(&[&["erase", "--phone", "10000000003"][..], &by].concat());
    city.json(&["clock", "advance", "61m"]);
    let mut looks = 0;
    while show(&city, &again)["lead"] != json!(null) {
        looks += 1;
        assert!(looks < 200, "it still follows an erased lead");
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
    assert_eq!(show(&city, &again)["status"], json!("handling"));
    up.stop();
    city.assert_clean();
}
