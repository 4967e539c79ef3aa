//! The shell's desk and the operator's commands, as a person uses them.

use serde_json::{Value, json};

use crate::support::{TestCity, submission};

/// A city with one ticket that a unit is handling; it runs no more.
async fn with_one_ticket() -> (TestCity, String) {
    let city = TestCity::new();
    let up = city.up();
    let (status, answer) = up.post(&city.secret(), submission("A-1").to_string().as_bytes()).await;
    assert_eq!(status, 202, "{answer}");
    let ticket = answer["ticket"].as_str().unwrap().to_owned();
    city.wait_for(&ticket, "handling").await;
    up.stop();
    (city, ticket)
}

fn refused(city: &TestCity, args: &[&str]) -> String {
    let output = city.run(args);
    assert!(!output.status.success(), "{args:?} should have been refused");
    assert!(output.stdout.is_empty(), "a refusal prints no result");
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn a_ticket_is_found_by_its_number_and_answered_by_its_unit_alone() {
    let (city, ticket) = with_one_ticket().await;
    let shown = city.json(&["ticket", "show", &ticket]);
    let number = shown["number"].as_str().unwrap();
    assert_eq!(city.json(&["ticket", "show", &number.to_lowercase()]), shown);
    let wrong: String = number.chars().rev().collect();
    assert!(refused(&city, &["ticket", "show", &wrong]).contains("neither a ticket's id"));

    let unit = shown["unit"].as_str().unwrap();
    let list = city.json(&["worklist", "--unit", unit]);
    assert_eq!(list["cards"][0]["ticket"], json!(ticket));

    let answer = ["resolve", "已更换井盖。"];
    let other = ["ticket", "do", &ticket, "--as", "u1/handler/education", answer[0], answer[1]];
    assert!(refused(&city, &other).contains("another unit"));
    let caller =
        ["ticket", "do", &ticket, "--as", "u1/caller/command-centre", answer[0], answer[1]];
    assert!(refused(&city, &caller).contains("may not `resolve`"));
    let stale = ["ticket", "do", &ticket, "--if-match", "1", answer[0], answer[1]];
    assert!(refused(&city, &stale).contains("it is at version 4 now"));
    assert!(
        refused(&city, &["ticket", "do", &ticket, "retry"])
            .contains("not possible while the ticket is `handling`")
    );

    let keyed = ["ticket", "do", &ticket, "--key", "k1", answer[0], answer[1]];
    let done = city.json(&keyed);
    assert_eq!((&done["status"], &done["version"]), (&json!("resolved"), &json!(5)));
    assert_eq!(city.json(&keyed)["version"], 5, "the same key again changes nothing");
    city.assert_clean();
}

#[tokio::test]
async fn an_open_matter_blocks_the_answer_until_it_is_closed() {
    let (city, ticket) = with_one_ticket().await;
    let back = ["return", "--ground", "not_our_duty", "不在职责清单内。"];
    let back: Vec<&str> = ["ticket", "do", &ticket].into_iter().chain(back).collect();
    assert_eq!(city.json(&back)["matters"], json!(["return"]));
    let cards = city.json(&["worklist", "--unit", "command-centre.dispatcher"]);
    assert_eq!(cards["cards"][0]["kind"], "return");
    city.assert_clean();
    assert!(
        refused(&city, &["ticket", "do", &ticket, "resolve", "好"]).contains("`return` is open")
    );
    assert!(refused(&city, &back).contains("open already"));
    city.json(&["ticket", "do", &ticket, "close-matter", "return"]);
    let cards = city.json(&["worklist", "--unit", "command-centre.dispatcher"]);
    assert_eq!(cards["cards"], json!([]));
    city.json(&["ticket", "do", &ticket, "resolve", "好"]);
    city.assert_clean();
}

#[tokio::test]
async fn a_no_sends_the_case_back_once_under_supervision() {
    let (city, ticket) = with_one_ticket().await;
    let up = city.up();
    for (solved, next) in [("false", "handling"), ("false", "archived")] {
        city.json(&["ticket", "do", &ticket, "resolve", "已处理。"]);
        city.wait_for(&ticket, "answered").await;
        city.json(&["ticket", "do", &ticket, "follow-up", "--solved", solved]);
        let shown = city.wait_for(&ticket, next).await;
        let watched = if next == "handling" { json!(["supervision"]) } else { json!([]) };
        assert_eq!(shown["matters"], watched);
    }
    let shown = city.json(&["ticket", "show", &ticket]);
    let evaluated: Vec<&Value> = shown["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["kind"] == "evaluated")
        .collect();
    assert_eq!(evaluated.len(), 1);
    assert_eq!(
        evaluated[0]["fields"],
        json!({ "solved": "no" }),
        "what was not said is not invented"
    );
    up.stop();
    city.assert_clean();
}

#[tokio::test]
async fn one_city_a_data_directory_and_every_command_reaches_it() {
    let city = TestCity::new();
    let up = city.up();
    assert!(refused(&city, &["up", "--port", "0"]).contains("a city runs on"));
    let taken = TestCity::new();
    let port = up.url.rsplit(':').next().unwrap();
    assert!(refused(&taken, &["up", "--port", port]).contains("is taken: choose another"));
    city.json(&["clock", "advance", "36h"]);
    let clock = city.json(&["clock", "show"]);
    assert_ne!(clock["city_time"], clock["wall_time"]);
    assert!(refused(&city, &["clock", "advance", "soon"]).contains("90m"));
    let queues = refused(&city, &["redrive", "step-lunch"]);
    for queue in ["choose one of ", "attachment", "step-intake", "channel-grid-tell"] {
        assert!(queues.contains(queue), "{queues}");
    }
    up.stop();
    assert!(!city.path().join("city.json").exists());
    city.assert_clean();
}

#[tokio::test]
async fn what_nobody_understood_is_listed_read_admitted_and_dropped() {
    let city = TestCity::new();
    let up = city.up();
    let list = || city.json(&["quarantine"])["quarantine"].as_array().unwrap().clone();
    assert!(list().is_empty());
    for order in ["A 1", "A 2"] {
        let body = submission(order).to_string();
        assert_eq!(up.post(&city.secret(), body.as_bytes()).await.0, 422);
    }
    let entries = list();
    assert_eq!((entries.len(), &entries[0]["fields"]), (2, &json!(["order_id"])));
    let [first, second] = [0, 1].map(|at: usize| entries[at]["id"].as_str().unwrap().to_owned());
    let shown = city.json(&["quarantine", "show", &first]);
    assert!(shown["words"].as_str().unwrap().contains("order_id"), "{shown}");
    assert!(refused(&city, &["quarantine", "show", "nothing"]).contains("`lianxin quarantine`"));
    let admit = ["quarantine", "admit", &first, "--title", "样例", "--order", "A-1"];
    let ticket = city.json(&admit)["ticket"].as_str().unwrap().to_owned();
    city.wait_for(&ticket, "handling").await;
    assert_eq!(city.json(&admit)["ticket"], json!(ticket), "the same again changes nothing");
    city.json(&["quarantine", "drop", &second]);
    assert!(refused(&city, &["quarantine", "drop", &second]).contains("admitted or dropped"));
    assert!(list().is_empty());
    up.stop();
    city.assert_clean();
}

#[test]
fn a_directory_is_checked_imported_once_and_shown() {
    let city = TestCity::new();
    let checked = city.json(&["directory", "check"]);
    assert_eq!((&checked["grids"], &checked["kinds"]["township"]), (&json!(737), &json!(16)));
    assert_eq!(city.json(&["directory"])["version"], Value::Null, "nothing is imported");

    let folder = city.path().join("a-city");
    std::fs::create_dir(&folder).unwrap();
    let sample = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/city");
    for name in ["units.csv", "grids.csv", "staff.csv", "members.csv"] {
        std::fs::copy(sample.join(name), folder.join(name)).unwrap();
    }
    let import = ["directory", "import", folder.to_str().unwrap()];
    let imported = city.json(&import);
    assert_eq!((&imported["version"], &imported["imported"]), (&json!(1), &json!(true)));
    let again = city.json(&import);
    assert_eq!((&again["version"], &again["imported"]), (&json!(1), &json!(false)));

    let shown = city.json(&["directory", "show", "shiliugou"]);
    assert_eq!((&shown["parent"], &shown["tier"]), (&json!("mishan"), &json!("village")));
    let grid = shown["grids"][0].as_str().unwrap();
    let teams = &city.json(&["directory", "show", grid])["members"];
    assert_eq!(teams.as_object().unwrap().len(), 10, "{teams}");
    assert!(refused(&city, &["directory", "show", "nowhere"]).contains("no unit or grid"));

    std::fs::write(folder.join("staff.csv"), "staff,role,unit\n张三,king,nowhere\n").unwrap();
    for command in ["check", "import"] {
        let output = city.run(&["directory", command, folder.to_str().unwrap()]);
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(!output.status.success() && !told.contains("张三"), "{told}");
        let told: Value = serde_json::from_str(&told).unwrap();
        let faults = told["faults"].as_array().unwrap().iter();
        let at = faults.map(|one| (one["file"].as_str(), one["line"].as_u64(), &one["column"]));
        let columns: Vec<_> = at
            .map(|(file, line, column)| {
                assert_eq!((file, line), (Some("staff.csv"), Some(2)));
                column.as_str().unwrap()
            })
            .collect();
        assert_eq!(columns, ["staff", "role", "unit"]);
    }
    assert_eq!(city.json(&["directory"])["version"], 1, "nothing of it was stored");
    city.assert_clean();
}

#[test]
fn every_command_explains_itself() {
    let city = TestCity::new();
    for command in [
        "up",
        "replay",
        "verify",
        "ticket",
        "worklist",
        "erase",
        "quarantine",
        "redrive",
        "clock",
        "directory",
    ] {
        let output = city.run(&[command, "--help"]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && text.contains("--data") && text.contains("--json"),
            "{command}: {text}"
        );
    }
}
