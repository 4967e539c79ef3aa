//! Queues fail: emptied, poisoned, silent, flooded. The table brings every ticket home.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use contracts::Citizen;
use domain::{ChannelName, RequestKind, Status, TicketId, Timestamp};
use lambda::{Admitted, Submission, submit};
use lianxin_local::city::{Access, DESK};
use ports::{Clock as _, World};
use schedule_sweep::{ATTEMPTS_MAX, BACKLOG_MAX, Sweep};
use schedule_upkeep::Upkeep;
use serde_json::{Value, json};

use crate::support::{Standing, TestCity};

#[tokio::test]
async fn queues_emptied_by_hand_in_the_middle_lose_nothing() {
    let city = TestCity::new();
    let up = city.up();
    let by = ["--first", "120", "--channel", "all"];
    let mut replay = city
        .replay(&[&by[..], &["--patience", "30"]].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let access = city.access().await;
    for _ in 0..12 {
        tokio::time::sleep(Duration::from_millis(250)).await;
        for queue in &access.template.queues {
            let url = access.queue_url(&queue.name).unwrap();
            access.clients.sqs.purge_queue().queue_url(url).send().await.unwrap();
        }
    }
    // A mail whose message was lost is told of again, here by the upkeep of hours later: without it
    // the replay waits for some of the mails in vain.
    let world = access.world("schedule-upkeep").unwrap();
    let clock = Arc::new(Standing(world.clock.wall().plus_millis(2 * Timestamp::HOUR_MS)));
    let upkeep = Upkeep::new(World { clock, ..world });
    while replay.try_wait().unwrap().is_none() {
        upkeep.mails().await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let output = replay.wait_with_output().unwrap();
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&result["accepted"], &result["refused"]), (&json!(120), &json!(0)), "{result}");
    assert_eq!(result["tickets"], result["archived"], "{result}");
    // A look at a photo has no due card: whose was lost is looked at when its report comes again.
    let again = city.replay(&by).output().unwrap();
    let result: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert!(again.status.success(), "{result}");
    assert_eq!(result["photos"]["named"], result["photos"]["attached"], "{result}");
    city.assert_clean();
    up.stop();
    let log = std::fs::read_to_string(city.path().join("logs/city.log")).unwrap();
    assert!(log.contains("turn hinted at again"), "the sweep had nothing to do: purge more");
}

/// A request through the door itself, in a city whose functions do not run.
async fn received(access: &Access, order: &str) -> TicketId {
    let submission = Submission {
        order: order.to_owned(),
        want: RequestKind::Help,
        sent_at: Timestamp::from_millis(1_750_000_000_000),
        title: "路灯不亮".to_owned(),
        body: "松果社区示例路口的路灯不亮，灯全灭了，黑灯瞎火。".to_owned(),
        citizen: Citizen { phone: Some("10000000002".to_owned()), ..Citizen::default() },
        place: None,
        photos: Vec::new(),
    };
    let world = access.world("channel-hotline-12345").unwrap();
    let channel = ChannelName::parse("hotline-12345").unwrap();
    match submit(&world, &channel, &submission).await.unwrap() {
        Admitted::Created(ticket) => ticket.id().clone(),
        other @ (Admitted::Known(_) | Admitted::Conflict(_)) => panic!("{other:?}"),
    }
}

async fn status(access: &Access, id: &TicketId) -> Status {
    access.world(DESK).unwrap().tickets.load(id).await.unwrap().unwrap().ticket.status()
}

async fn wait_for(access: &Access, id: &TicketId, wanted: Status) {
    for _ in 0..300 {
        if status(access, id).await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{id} is {} and not {wanted}", status(access, id).await);
}

fn keys_table(access: &Access) -> String {
    access.template.tables.iter().find(|table| table.logical == "Keys").unwrap().name.clone()
}

#[tokio::test]
async fn a_poisoned_ticket_ends_in_the_dead_letters_harms_nobody_and_is_driven_home() {
    let city = TestCity::new();
    let access = city.access().await;
    let poisoned = received(&access, "poison").await;
    let mut others = Vec::new();
    for at in 0..9 {
        others.push(received(&access, &format!("good-{at}")).await);
    }
    // Without its key the sealed request cannot be read: dispatch fails every time.
    let key = ("pk", AttributeValue::S(format!("140581#{poisoned}")));
    let delete = access
        .clients
        .dynamodb
        .delete_item()
        .table_name(keys_table(&access))
        .key(key.0, key.1.clone());
    let gone =
        delete.return_values(aws_sdk_dynamodb::types::ReturnValue::AllOld).send().await.unwrap();
    let wrapped = gone.attributes.unwrap();
    access.close().await.unwrap();

    let up = city.up();
    let access = city.access().await;
    // And one body in the same queue that is no hint at all.
    let url = access.queue_url("lianxin-step-dispatch").unwrap();
    access
        .clients
        .sqs
        .send_message()
        .queue_url(url)
        .message_body("{not a hint")
        .send()
        .await
        .unwrap();
    for id in &others {
        wait_for(&access, id, Status::Handling).await;
    }
    let listed = loop {
        let listed = city.json(&["redrive", "step-dispatch", "--list"]);
        if listed["letters"].as_u64().unwrap() >= 2 {
            break listed;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let reasons = listed["reasons"].to_string();
    assert!(
        reasons.contains("the ticket's key is gone") && reasons.contains("unreadable hint"),
        "{reasons}"
    );
    assert_eq!(status(&access, &poisoned).await, Status::Accepted);
    let kinds = city.verify()["violations"].to_string();
    assert!(kinds.contains("dead_letters") && kinds.contains("key_missing"), "{kinds}");

    // The fix, then the command.
    let put =
        access.clients.dynamodb.put_item().table_name(keys_table(&access)).set_item(Some(wrapped));
    put.send().await.unwrap();
    assert!(city.json(&["redrive", "step-dispatch"])["moved"].as_u64().unwrap() >= 2);
    wait_for(&access, &poisoned, Status::Handling).await;
    up.stop();
    // Queues were in memory: what was no hint is gone with them, and the city is whole.
    city.assert_clean();
}

#[tokio::test]
async fn after_ten_attempts_a_ticket_is_held_and_a_supervisor_lets_it_go_on() {
    let city = TestCity::new();
    let access = city.access().await;
    let id = received(&access, "held").await;
    let sweep = Sweep::new(access.world("schedule-sweep").unwrap());
    for attempt in 0..ATTEMPTS_MAX {
        access.clock.advance_to(access.clock.now().plus_millis(Timestamp::DAY_MS)).unwrap();
        let swept = sweep.run(false).await;
        assert_eq!((swept.hinted, swept.held), (1, 0), "attempt {attempt}");
        // Once a lease, not at every look.
        assert_eq!(sweep.run(false).await.hinted, 0, "attempt {attempt}");
    }
    access.clock.advance_to(access.clock.now().plus_millis(Timestamp::DAY_MS)).unwrap();
    assert_eq!(sweep.run(false).await.held, 1);
    assert_eq!(status(&access, &id).await, Status::Held);
    access.close().await.unwrap();
    city.assert_clean();

    assert_eq!(
        city.json(&["worklist", "--unit", "command-centre.held"])["cards"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(city.json(&["ticket", "do", id.as_str(), "retry"])["status"], "received");
    let up = city.up();
    let access = city.access().await;
    wait_for(&access, &id, Status::Handling).await;
    up.stop();
    city.assert_clean();
}

#[tokio::test]
async fn while_a_queue_is_deep_its_turns_are_put_off_and_not_counted() {
    let city = TestCity::new();
    let access = city.access().await;
    let id = received(&access, "patient").await;
    let url = access.queue_url("lianxin-step-intake").unwrap();
    for _ in 0..BACKLOG_MAX {
        access.clients.sqs.send_message().queue_url(&url).message_body("{}").send().await.unwrap();
    }
    let sweep = Sweep::new(access.world("schedule-sweep").unwrap());
    for _ in 0..2 * ATTEMPTS_MAX {
        access.clock.advance_to(access.clock.now().plus_millis(Timestamp::DAY_MS)).unwrap();
        let swept = sweep.run(false).await;
        assert_eq!((swept.hinted, swept.put_off, swept.held), (0, 1, 0));
    }
    let stored = access.world(DESK).unwrap().tickets.load(&id).await.unwrap().unwrap();
    assert_eq!((stored.attempts, stored.ticket.status()), (0, Status::Received));
    access.clients.sqs.purge_queue().queue_url(&url).send().await.unwrap();
    access.clock.advance_to(access.clock.now().plus_millis(Timestamp::DAY_MS)).unwrap();
    assert_eq!(sweep.run(false).await.hinted, 1);
    access.close().await.unwrap();
    assert_eq!(city.verify()["violations"], json!([]));
}
