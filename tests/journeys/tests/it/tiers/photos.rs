//! Photos that come with what a member of a team reports.

use domain::directory::Availability;
use domain::{Actor, CommandId, Role, StaffId, Stage, TicketId, UnitCode, UploadKey};
use lambda::Order;
use lianxin_local::city::DESK;
use serde_json::Value;

use super::Story;

/// What a member reports comes with photos once, however often it is given, and with no other case's.
#[tokio::test]
async fn photos_that_come_with_a_report() {
    let story = Story::begin();
    let body = ("路灯不亮", "松果社区示例路口的路灯不亮，灯全灭了，黑灯瞎火。");
    let (ticket, other) = (
        story.request("PHOTO-1", body, "handling").await,
        story.request("PHOTO-2", body, "handling").await,
    );
    let directory = lianxin_local::city::sample_directory();
    let always = directory.all_members().find(|one| one.availability == Availability::Always);
    let called = always.unwrap();
    let (village, id) =
        (directory.grid(&called.grid).unwrap().village.as_str(), called.id.as_str());
    let task = ["assign", "--unit", village, "--limit", "24h"];
    story.act(&ticket, "u1/dispatcher/command-centre", &task);
    let (officer, member) = (format!("u1/handler/{village}"), format!("{id}/member/{village}"));
    let skill = called.skills[0].as_str();
    story.act(&ticket, &officer, &["mobilise", "--member", id, "--skill", skill]);
    let text = story.city.path().join("text.jpg");
    std::fs::write(&text, "不是照片").unwrap();
    let report = ["member", "--member", id, "--stage", "accepted", "--photo"];
    let bad = story.refused(&ticket, &member, &[&report[..], &[text.to_str().unwrap()]].concat());
    assert!(bad.contains("neither JPEG nor PNG nor WebP"), "{bad}");
    let photo = story.city.path().join("seen.jpg");
    std::fs::write(&photo, crate::photos::jpeg()).unwrap();
    let given = ["ticket", "do", &ticket, "--as", &member, "--key", "seen"];
    let given = [&given[..], &report, &[photo.to_str().unwrap()]].concat();
    for _ in 0..2 {
        story.city.json(&given);
        story.settled(&ticket, 1).await;
    }
    let reports = |entry: &&Value| entry["kind"] == "member_reported";
    let timeline = story.shown(&ticket)["timeline"].as_array().unwrap().clone();
    assert_eq!(timeline.iter().filter(reports).count(), 1);

    let world = story.city.access().await.world(DESK).unwrap();
    let key = UploadKey::new(&world.region, world.clock.now(), &[7; 16]);
    let theirs = TicketId::parse(&other).unwrap();
    assert!(world.claims.claim(&key, &theirs).await.unwrap());
    let order = Order::ReportMember {
        member: called.id.clone(),
        stage: Stage::Arrived,
        text: None,
        photos: vec![key],
    };
    let actor = Actor::Staff {
        id: StaffId::parse(id).unwrap(),
        role: Role::Member,
        unit: UnitCode::parse(village).unwrap(),
    };
    let cause = CommandId::derive("test", "another's photo");
    let ours = TicketId::parse(&ticket).unwrap();
    let refused = lambda::command(&world, &actor, &ours, (&order, &cause), None).await;
    assert_eq!(refused, Err(lambda::CommandError::Photos));
}
