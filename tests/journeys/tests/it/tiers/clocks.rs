//! What the clocks do by themselves, as a shell's desk sees it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Story, kinds};

/// 2027 is published while tickets are open: each whose limit counts working days is brought to it, once.
#[tokio::test]
async fn a_new_year_is_published() {
    let story = Story::begin();
    let mut tickets = Vec::new();
    for at in 0..3 {
        let text = ("路灯不亮", "松果社区示例路的路灯不亮，灯全灭了，黑灯瞎火。");
        tickets.push(story.request(&format!("LAMP-{at}"), text, "handling").await);
    }
    let cover = story
        .request("COVER-2", ("井盖", "松果社区的窨井盖破了，成了没盖的井。"), "handling")
        .await;
    let city = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/city/calendar.csv");
    let text = std::fs::read_to_string(city).unwrap();
    let published = text.lines().filter(|line| !line.starts_with("2027-"));
    let text: String = published.map(|line| format!("{line}\n")).collect();
    let file = story.city.path().join("2027.csv");
    std::fs::write(&file, format!("{text}2027-01-01,rest,元旦\n")).unwrap();
    let import = ["calendar", "import", file.to_str().unwrap()];
    let imported = story.city.json(&import);
    assert_eq!(imported, json!({ "version": "cn-2015-2027.3", "imported": true }));
    assert_eq!(story.city.json(&import)["imported"], false);
    let replanned =
        |shown: &Value| kinds(shown).iter().filter(|kind| *kind == "rescheduled").count();
    for _ in 0..60 {
        // The clocks run once a minute of city time, and wait until no function goes by the old one.
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        story.city.json(&["clock", "advance", "1m"]);
        if tickets.iter().all(|ticket| replanned(&story.shown(ticket)) == 1) {
            break;
        }
    }
    for ticket in &tickets {
        let shown = story.shown(ticket);
        assert_eq!(replanned(&shown), 1, "{shown:#}");
        let entries = shown["timeline"].as_array().unwrap();
        let event = entries.iter().find(|entry| entry["kind"] == "rescheduled").unwrap();
        assert_eq!(event["fields"]["why"], "calendar");
        assert_eq!(event["fields"]["calendar"], "cn-2015-2027.3");
    }
    assert_eq!(replanned(&story.shown(&cover)), 0, "hours need no calendar");
    story.up.stop();
    story.city.assert_clean();
}

/// Nobody does anything: the clocks warn up the tiers, each level once, and the table meets by itself.
#[tokio::test]
async fn nobody_answers() {
    let story = Story::begin();
    let text = ("无主垃圾", "路边堆放垃圾没有人管，谁家的也说不清。");
    let ticket = story.request("SILENT-1", text, "needs_dispatcher").await;
    let to = ["dispatch", "--item", "UC-002", "--unit", "mishan"];
    story.act(&ticket, "u2/dispatcher/command-centre", &to);
    story.city.wait_for(&ticket, "handling").await;
    let call = ["whistle", "--units", "sanitation", "请清运。"];
    story.act(&ticket, "u3/handler/mishan", &call);
    story.city.json(&["clock", "advance", "14d"]);
    let mut shown = Value::Null;
    for _ in 0..40 {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        shown = story.shown(&ticket);
        if shown["matters"] == json!(["consultation", "supervision"]) {
            break;
        }
    }
    assert_eq!(shown["matters"], json!(["consultation", "supervision"]), "{shown:#}");
    let warned: Vec<(String, String)> = shown["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["kind"] == "warned")
        .map(|entry| {
            let field = |name: &str| entry["fields"][name].as_str().unwrap().to_owned();
            (field("card"), field("level"))
        })
        .collect();
    let levels: BTreeSet<&(String, String)> = warned.iter().collect();
    assert_eq!(levels.len(), warned.len(), "each level once: {warned:?}");
    assert!(warned.contains(&("turn".to_owned(), "0".to_owned())), "{warned:?}");
    assert!(warned.contains(&("turn".to_owned(), "1".to_owned())), "{warned:?}");
    story.up.stop();
    story.city.assert_clean();
}
