//! Precise dispatch as its users meet it: a clerk's catalog, and a machine that learns what a dispatcher
//! decides.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{TestCity, Up, submission};

async fn sent(city: &TestCity, up: &Up, (order, text): (&str, &str), status: &str) -> Value {
    let mut request = submission(order);
    request["title"] = json!("反映情况");
    request["content"] = json!(text);
    let (code, answer) = up.post(&city.secret(), request.to_string().as_bytes()).await;
    assert_eq!(code, 202, "{answer}");
    city.wait_for(answer["ticket"].as_str().unwrap(), status).await
}

/// What nobody taught waits for a dispatcher with five proposals; after one decision the same matter, told by
/// another citizen, goes to its unit by itself.
#[tokio::test]
async fn one_decision_teaches_the_machine() {
    let city = TestCity::new();
    let up = city.up();
    let text = "柜子里的铁疙瘩天天哼唧，墙都跟着抖，老母亲搬去闺女家躲清静了。";
    let first = sent(&city, &up, ("TEACH-1", text), "needs_dispatcher").await;
    let doubted = first["timeline"].as_array().unwrap().iter().find(|e| e["kind"] == "doubted");
    let candidates = doubted.unwrap()["fields"]["candidates"].as_str().unwrap();
    assert!((1..=5).contains(&candidates.split(' ').count()), "{candidates}");
    let id = first["ticket"].as_str().unwrap();
    city.json(&["ticket", "do", id, "dispatch", "--item", "WS-025"]);
    // The running city looks for what was decided every ten seconds.
    tokio::time::sleep(Duration::from_secs(11)).await;
    let second = sent(&city, &up, ("TEACH-2", text), "handling").await;
    assert_eq!(
        (&second["item"], &second["unit"]),
        (&json!("WS-025"), &json!("housing-urban-rural"))
    );
    let explained = city.json(&["dispatch", "explain", text, "--title", "反映情况"]);
    assert_eq!(explained["sure"], json!("housing-urban-rural"));
    assert_eq!(explained["proposals"][0]["item"], json!("WS-025"));
    up.stop();
    city.assert_clean();
    let trained = city.json(&["dispatch", "train", "--in-force"]);
    assert_eq!((&trained["lessons"], &trained["version"]), (&json!(1), &json!(1)));
    let explained = city.json(&["dispatch", "explain", text, "--title", "反映情况"]);
    assert_eq!(
        explained["proposals"][0]["item"],
        json!("WS-025"),
        "what was learned stays learned"
    );
}

/// A clerk checks, exports as a spreadsheet and as CSV, changes a limit, and imports.
#[test]
fn a_catalog_is_checked_exported_and_imported() {
    let city = TestCity::new();
    let checked = city.json(&["catalog", "check"]);
    assert_eq!(
        (&checked["categories"], &checked["items"], &checked["faults"]),
        (&json!(40), &json!(1946), &json!([]))
    );
    let file = |name: &str| city.path().join(name).to_str().unwrap().to_owned();
    let (sheet, table) = (file("catalog.xlsx"), file("catalog.csv"));
    for out in [&sheet, &table] {
        assert_eq!(city.json(&["catalog", "export", out])["items"], json!(1946));
    }
    let imported = city.json(&["catalog", "import", &sheet]);
    assert_eq!((&imported["version"], &imported["imported"]), (&json!(1), &json!(true)));
    let again = city.json(&["catalog", "import", &table]);
    assert_eq!(
        (&again["version"], &again["imported"]),
        (&json!(1), &json!(false)),
        "it says the same"
    );
    let text = std::fs::read_to_string(&table).unwrap();
    let other = text.replacen(",emergency,2h,", ",emergency,1h,", 1);
    std::fs::write(&table, &other).unwrap();
    assert_eq!(city.json(&["catalog", "import", &table])["version"], json!(2));
    let wrong =
        other.replacen(",emergency,1h,", ",emergency,9h,", 1).replacen("UC-002", "UC-001", 1);
    std::fs::write(&table, wrong).unwrap();
    let output = city.run(&["catalog", "check", &table]);
    assert!(!output.status.success());
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let kinds: Vec<&str> = found["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert!(kinds.contains(&"impossible_limit") && kinds.contains(&"duplicate"), "{found}");
    assert_eq!(
        city.json(&["catalog", "check"])["items"],
        json!(1946),
        "in force is what was imported"
    );
}
