//! Stories of the three tiers, told at a shell's desk: what people do, who may not, and what the citizen
//! and the case file see of it.

mod clocks;
mod photos;

use std::collections::BTreeSet;
use std::time::Duration;

use domain::directory::{Availability, TeamKind};
use lianxin_local::wire::token_of;
use serde_json::{Value, json};

use crate::support::{TestCity, Up, now_s, submission};

/// A running city in which stories happen.
struct Story {
    city: TestCity,
    up: Up,
}

impl Story {
    fn begin() -> Self {
        let city = TestCity::new();
        let up = city.up();
        Self { city, up }
    }

    /// A citizen's request, until somebody has to do something.
    async fn request(&self, order: &str, (title, body): (&str, &str), status: &str) -> String {
        let mut submission = submission(order);
        submission["title"] = json!(title);
        submission["content"] = json!(body);
        let body = submission.to_string();
        let (code, answer) = self.up.post(&self.city.secret(), body.as_bytes()).await;
        assert_eq!(code, 202, "{answer}");
        let ticket = answer["ticket"].as_str().unwrap().to_owned();
        self.city.wait_for(&ticket, status).await;
        ticket
    }

    fn act(&self, ticket: &str, who: &str, words: &[&str]) -> Value {
        let mut args = vec!["ticket", "do", ticket];
        if !who.is_empty() {
            args.extend(["--as", who]);
        }
        args.extend(words);
        self.city.json(&args)
    }

    fn refused(&self, ticket: &str, who: &str, words: &[&str]) -> String {
        let mut args = vec!["ticket", "do", ticket, "--as", who];
        args.extend(words);
        let output = self.city.run(&args);
        assert!(!output.status.success(), "{args:?} should have been refused");
        String::from_utf8(output.stderr).unwrap()
    }

    /// Waits until so many photos are settled.
    async fn settled(&self, ticket: &str, count: usize) {
        let is = |entry: &&Value| entry["kind"] == "attached";
        for _ in 0..100 {
            let shown = self.shown(ticket);
            if shown["timeline"].as_array().unwrap().iter().filter(is).count() == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{}", self.shown(ticket));
    }

    fn shown(&self, ticket: &str) -> Value {
        self.city.json(&["ticket", "show", ticket])
    }

    /// In whose inboxes something of the ticket lies, of these.
    fn inboxes(&self, ticket: &str, units: &[&str]) -> Vec<String> {
        let lies = |unit: &&str| {
            let list = self.city.json(&["worklist", "--unit", unit]);
            list["cards"].as_array().unwrap().iter().any(|card| card["ticket"] == ticket)
        };
        units.iter().filter(|unit| lies(unit)).map(|unit| (*unit).to_owned()).collect()
    }

    /// Answered, followed up as solved, archived; and everything is as the timeline says.
    async fn end(self, ticket: &str) -> Value {
        self.city.wait_for(ticket, "answered").await;
        let call =
            ["follow-up", "--contacted", "true", "--solved", "true", "--satisfaction", "satisfied"];
        self.act(ticket, "", &call);
        let shown = self.city.wait_for(ticket, "archived").await;
        self.up.stop();
        self.city.assert_clean();
        shown
    }
}

fn kinds(shown: &Value) -> Vec<String> {
    let timeline = shown["timeline"].as_array().unwrap();
    timeline.iter().map(|entry| entry["kind"].as_str().unwrap().to_owned()).collect()
}

fn has(shown: &Value, wanted: &[&str]) {
    let kinds = kinds(shown);
    let mut rest = kinds.iter();
    for kind in wanted {
        assert!(rest.any(|one| one == kind), "{kind} is not there in order: {kinds:?}");
    }
}

/// The manhole cover: one department, done within the day.
#[tokio::test]
async fn the_manhole_cover() {
    let story = Story::begin();
    let text = ("井盖破损", "松果社区小区门口的窨井盖破了，成了没盖的井，晚上很危险。");
    let ticket = story.request("COVER-1", text, "handling").await;
    let unit = story.shown(&ticket)["unit"].as_str().unwrap().to_owned();
    assert_eq!(unit, "urban-management");
    let handler = format!("u1/handler/{unit}");
    story.act(&ticket, &handler, &["sign"]);
    assert!(story.refused(&ticket, &handler, &["sign"]).contains("decided before"));
    story.act(&ticket, &handler, &["resolve", "井盖已更换，请放心通行。"]);
    let shown = story.end(&ticket).await;
    has(
        &shown,
        &["dispatched", "opened", "signed", "resolved", "answered", "evaluated", "archived"],
    );
    assert!(!kinds(&shown).contains(&"warned".to_owned()), "nobody was late");
}

/// The glass on the footbridge: urgent; a township has it, whistles, and it is done the same evening.
#[tokio::test]
async fn the_glass_on_the_footbridge() {
    let story = Story::begin();
    let text = ("有险情", "过街的地方头顶上有东西碎了，随时可能掉下来伤人。");
    let ticket = story.request("GLASS-1", text, "needs_dispatcher").await;
    let to = ["dispatch", "--item", "UC-001", "--unit", "beicheng"];
    story.act(&ticket, "u2/dispatcher/command-centre", &to);
    story.city.wait_for(&ticket, "handling").await;
    let township = "u3/handler/beicheng";
    let call = ["whistle", "--units", "urban-management,transport", "请立即到场处置。"];
    assert!(story.refused(&ticket, "u9/handler/mishan", &call).contains("another unit"));
    story.act(&ticket, township, &call);
    let called = story.inboxes(&ticket, &["urban-management", "transport", "education"]);
    assert_eq!(called, ["urban-management", "transport"]);
    assert!(
        story.refused(&ticket, township, &["resolve", "已处理。"]).contains("`whistle` is open")
    );
    for unit in ["urban-management", "transport"] {
        story.act(&ticket, &format!("u4/handler/{unit}"), &["report-in", "已到场。"]);
    }
    assert!(story.refused(&ticket, township, &["resolve", "已处理。"]).contains("still open"));
    for unit in ["urban-management", "transport"] {
        let who = format!("u4/handler/{unit}");
        story.act(&ticket, &who, &["end-task", "--unit", unit, "玻璃已拆除，围挡已设。"]);
    }
    story.act(&ticket, township, &["resolve", "破损玻璃当晚已拆除更换。"]);
    let shown = story.end(&ticket).await;
    has(
        &shown,
        &[
            "matter_opened",
            "reported_in",
            "tasked",
            "reported_in",
            "matter_closed",
            "task_ended",
            "resolved",
        ],
    );
}

/// A dispute that three units refuse: the third return brings them to one table (level 2).
#[tokio::test]
async fn a_dispute_that_three_units_refuse() {
    let story = Story::begin();
    let text = ("无主电杆", "路边一根电杆歪了，没有人承认是谁家的。");
    let ticket = story.request("POLE-1", text, "needs_dispatcher").await;
    let dispatcher = "u2/dispatcher/command-centre";
    for unit in ["power-company", "telecom", "urban-management"] {
        let to = ["dispatch", "--item", "UC-002", "--unit", unit];
        story.act(&ticket, dispatcher, &to);
        story.city.wait_for(&ticket, "handling").await;
        let back = ["return", "--ground", "not_our_duty", "不在我单位职责清单内。"];
        story.act(&ticket, &format!("u5/handler/{unit}"), &back);
    }
    let matters = story.shown(&ticket)["matters"].clone();
    assert_eq!(matters, json!(["return", "consultation"]));
    let again = ["dispatch", "--item", "UC-002", "--unit", "transport"];
    assert!(story.refused(&ticket, dispatcher, &again).contains("`consultation` is open"));
    let supervisor = "u6/supervisor/command-centre";
    let conclude = [
        "conclude",
        "--lead",
        "telecom",
        "--assisting",
        "power-company",
        "--limit",
        "5wd",
        "由通信公司拆除。",
    ];
    assert!(story.refused(&ticket, supervisor, &conclude).contains("minutes"));
    story.act(&ticket, supervisor, &["minute", "三家单位现场确认：电杆为通信杆。"]);
    story.act(&ticket, supervisor, &conclude);
    story.city.wait_for(&ticket, "handling").await;
    story.act(
        &ticket,
        "u5/handler/power-company",
        &["end-task", "--unit", "power-company", "已断电配合。"],
    );
    let answer = ["resolve", "歪斜电杆已拆除。"];
    assert!(story.refused(&ticket, "u5/handler/telecom", &answer).contains("follow_through"));
    story.act(&ticket, supervisor, &["close-matter", "follow_through", "--granted"]);
    story.act(&ticket, "u5/handler/telecom", &answer);
    has(&story.end(&ticket).await, &["minuted", "concluded", "tasked", "dispatched", "resolved"]);
}

/// A heating failure across two townships: across areas, so a table at level 3; the citizen is told.
#[tokio::test]
async fn a_heating_failure_across_two_townships() {
    let story = Story::begin();
    let text = (
        "供暖室温不达标",
        "家里供暖室温不达标，暖气不热，集中供热管网故障，两个乡镇的小区都不热。",
    );
    let ticket = story.request("HEAT-1", text, "handling").await;
    let lead = "u7/handler/heating-company";
    assert_eq!(story.shown(&ticket)["unit"], "heating-company");
    let units = "heating-company,beicheng,mishan";
    let table = ["consult", "--level", "three", "--units", units, "跨两个乡镇，请召集。"];
    story.act(&ticket, lead, &table);
    let seats = story.inboxes(&ticket, &["beicheng", "mishan", "command-centre.supervisor"]);
    assert_eq!(seats, ["beicheng", "mishan", "command-centre.supervisor"]);
    let supervisor = "u6/supervisor/command-centre";
    story.act(&ticket, supervisor, &["minute", "管网爆点位于两镇交界。"]);
    let conclude = [
        "conclude",
        "--lead",
        "heating-company",
        "--assisting",
        "beicheng,mishan",
        "--limit",
        "24h",
        "抢修并入户走访。",
    ];
    story.act(&ticket, supervisor, &conclude);
    story.city.wait_for(&ticket, "handling").await;
    for unit in ["beicheng", "mishan"] {
        story.act(
            &ticket,
            &format!("u8/handler/{unit}"),
            &["end-task", "--unit", unit, "已走访安抚。"],
        );
    }
    story.act(&ticket, supervisor, &["close-matter", "follow_through", "--granted"]);
    story.act(&ticket, lead, &["resolve", "管网已修复，温度恢复。"]);
    has(&story.end(&ticket).await, &["matter_opened", "concluded", "tasked", "tasked", "resolved"]);
}

/// A lasting problem: level 2, raised to level 1, instructed by a leader, on to the standing committee.
#[tokio::test]
async fn a_lasting_problem_that_reaches_the_standing_committee() {
    let story = Story::begin();
    let text = ("老旧小区改造", "全市老旧小区何时列入改造，旧小区长期没人管，需要长效机制。");
    let ticket = story.request("LASTING-1", text, "handling").await;
    let (supervisor, leader) = ("u6/supervisor/command-centre", "u1/leader/command-centre");
    let units = "housing-urban-rural,beicheng";
    let table = |level| ["consult", "--level", level, "--units", units, "责任长期不清。"];
    story.act(&ticket, supervisor, &table("two"));
    let instruct = ["minute", "--paper", "instruction", "请住建局牵头拿出方案。"];
    assert!(story.refused(&ticket, leader, &instruct).contains("level one"));
    story.act(&ticket, supervisor, &table("one"));
    assert_eq!(story.inboxes(&ticket, &["command-centre.leader"]), ["command-centre.leader"]);
    story.act(&ticket, leader, &["minute", "领导小组专题会议纪要。"]);
    let conclude = [
        "conclude",
        "--lead",
        "housing-urban-rural",
        "--assisting",
        "beicheng",
        "--limit",
        "15d",
        "--item",
        "UC-003",
        "--funded",
        "引入红色物业，列入一诉一议。",
    ];
    assert!(story.refused(&ticket, leader, &conclude).contains("instruction"));
    story.act(&ticket, leader, &instruct);
    story.act(&ticket, leader, &["minute", "--paper", "referral", "建议建立长效机制。"]);
    assert!(story.refused(&ticket, supervisor, &conclude).contains("leaders conclude"));
    story.act(&ticket, leader, &conclude);
    let shown = story.city.wait_for(&ticket, "handling").await;
    let matters: BTreeSet<&str> =
        shown["matters"].as_array().unwrap().iter().map(|m| m.as_str().unwrap()).collect();
    assert_eq!(matters, BTreeSet::from(["follow_through", "fund_application"]));
    story.act(&ticket, "u8/handler/beicheng", &["end-task", "--unit", "beicheng", "已配合。"]);
    for matter in ["follow_through", "fund_application"] {
        story.act(&ticket, supervisor, &["close-matter", matter, "--granted"]);
    }
    story.act(&ticket, "u8/handler/housing-urban-rural", &["resolve", "长效机制已建立。"]);
    has(
        &story.end(&ticket).await,
        &["minuted", "minuted", "minuted", "concluded", "dispatched", "resolved"],
    );
}

/// A village that settles it with volunteers: found on the spot, in its own handling at once.
#[tokio::test]
async fn a_village_that_settles_it_with_volunteers() {
    let story = Story::begin();
    let directory = lianxin_local::city::sample_directory();
    let always = directory.all_members().find(|member| {
        member.team == TeamKind::Volunteers && member.availability == Availability::Always
    });
    let volunteer = always.unwrap();
    let village = directory.grid(&volunteer.grid).unwrap().village.as_str();
    let skill = volunteer.skills[0].as_str();
    let body = json!({
        "type": "submit", "report_id": "FOUND-1", "reported_at": "2025-06-01T08:00:00+08:00",
        "title": "独居老人家门口积雪", "text": "巡查发现独居老人家门口积雪结冰，出行不便。",
        "how": "found", "grid_code": volunteer.grid.as_str(),
    });
    let secret = story.city.secret_of("street-whistle");
    let token = token_of(&secret, now_s(), (village, "village", "village_officer"));
    let headers: Vec<(&str, &str)> = token.iter().map(|(name, value)| (*name, &**value)).collect();
    let route = "/channels/street-whistle";
    let (code, answer) = story.up.send(route, &headers, body.to_string().as_bytes()).await;
    assert_eq!(code, 202, "{answer}");
    let ticket = answer["ticket"].as_str().unwrap().to_owned();
    let shown = story.city.wait_for(&ticket, "handling").await;
    assert_eq!((&shown["unit"], &shown["tier"]), (&json!(village), &json!("village")));
    let (officer, id) = (format!("u1/handler/{village}"), volunteer.id.as_str());
    let wrong = ["mobilise", "--member", id, "--skill", "fire"];
    assert!(story.refused(&ticket, &officer, &wrong).contains("does not have this skill"));
    story.act(&ticket, &officer, &["mobilise", "--member", id, "--skill", skill]);
    assert_eq!(story.inboxes(&ticket, &[&format!("member.{id}")]).len(), 1);
    assert!(story.refused(&ticket, &officer, &["resolve", "已清扫。"]).contains("still out"));
    let member = format!("{id}/member/{village}");
    let photo = story.city.path().join("swept.jpg");
    std::fs::write(&photo, crate::photos::jpeg()).unwrap();
    let report = ["member", "--member", id, "--stage"];
    story.act(&ticket, &member, &[&report[..], &["accepted"]].concat());
    story.act(&ticket, &member, &[&report[..], &["arrived"]].concat());
    let words = ["finished", "--photo", photo.to_str().unwrap(), "已清扫。"];
    story.act(&ticket, &member, &[&report[..], &words].concat());
    story.settled(&ticket, 1).await;
    let why = ["--open", "--reason", "handling"];
    let shown = story.city.json(&[&["ticket", "show", &ticket], &why[..]].concat());
    let reported = shown["texts"].as_array().unwrap().iter().find(|text| {
        text["text"]["text"] == "已清扫。" && text["text"]["photos"].as_array().unwrap().len() == 1
    });
    assert!(reported.is_some(), "{}", shown["texts"]);
    story.act(&ticket, &officer, &["resolve", "志愿者已清扫积雪，撒盐防滑。"]);
    has(
        &story.end(&ticket).await,
        &["mobilised", "member_reported", "member_reported", "member_reported", "resolved"],
    );
}

/// A city brings its own directory while the catalog is still the sample's: what the catalog would send
/// to a unit that is not there waits for a dispatcher, who sends it to one that is.
#[tokio::test]
async fn a_city_that_has_other_units_than_the_table() {
    let story = Story::begin();
    let folder = story.city.path().join("own");
    std::fs::create_dir(&folder).unwrap();
    let files = [
        (
            "units.csv",
            "unit,name,tier,kind,parent,duties\ncommand-centre,指挥中心,city,centre,,\n\
             roads,公路站,city,institution,command-centre,井盖\n",
        ),
        ("grids.csv", "grid,village\n"),
        ("staff.csv", "staff,role,unit\n"),
        ("members.csv", "member,name,team,skills,grid,contact,availability\n"),
    ];
    for (name, text) in files {
        std::fs::write(folder.join(name), text).unwrap();
    }
    story.city.json(&["directory", "import", folder.to_str().unwrap()]);
    // The running city looks for another one every ten seconds.
    tokio::time::sleep(Duration::from_secs(11)).await;
    let text = ("井盖破损", "松果社区小区门口的窨井盖破了，成了没盖的井。");
    let ticket = story.request("COVER-3", text, "needs_dispatcher").await;
    let dispatcher = "u2/dispatcher/command-centre";
    let gone = ["dispatch", "--item", "UC-017"];
    assert!(story.refused(&ticket, dispatcher, &gone).contains("the directory has no unit"));
    story.act(&ticket, dispatcher, &["dispatch", "--item", "UC-001", "--unit", "roads"]);
    story.city.wait_for(&ticket, "handling").await;
    story.act(&ticket, "u1/handler/roads", &["resolve", "井盖已更换。"]);
    has(&story.end(&ticket).await, &["doubted", "dispatched", "resolved", "archived"]);
}
