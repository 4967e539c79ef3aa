//! A very long life: two thousand events on one ticket.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue as Value;
use domain::{Actor, Ask, CommandId, Matter, TicketId};
use lambda::{Done, Order, command};
use lianxin_local::city::DESK;
use ports::World;

use crate::support::{TestCity, submission};

const EVENTS: u32 = 2000;

type Item = HashMap<String, Value>;
/// A change to an item; `None` deletes it.
type Change = fn(Item) -> Option<Item>;

/// The `at`th of many commands: a supervisor opens and closes a matter, over and over.
fn nth(at: u32) -> (Order, CommandId) {
    let matter = Matter::Supervision;
    let order = if at.is_multiple_of(2) {
        Order::OpenMatter { ask: Ask::Supervision, text: None }
    } else {
        Order::CloseMatter { matter, granted: false }
    };
    (order, CommandId::derive("nth", &at.to_string()))
}

async fn act(world: &World, id: &TicketId, at: u32) -> Done {
    let supervisor = Actor::parse("staff:u1/supervisor/command-centre").unwrap();
    let (order, cause) = nth(at);
    command(world, &supervisor, id, (&order, &cause), None).await.unwrap()
}

/// A city that runs no more, with one ticket in the hands of its unit.
async fn with_one_ticket() -> (TestCity, TicketId) {
    let city = TestCity::new();
    let up = city.up();
    let (_, answer) = up.post(&city.secret(), submission("long").to_string().as_bytes()).await;
    let id = answer["ticket"].as_str().unwrap().to_owned();
    city.wait_for(&id, "handling").await;
    up.stop();
    (city, TicketId::parse(&id).unwrap())
}

#[tokio::test]
async fn a_ticket_with_two_thousand_events_works_costs_no_more_and_verifies() {
    let (city, id) = with_one_ticket().await;
    let access = city.access().await;
    let world = access.world(DESK).unwrap();
    let mut costs = Vec::new();
    for at in 0..EVENTS {
        let before = access.meter.snapshot();
        assert!(act(&world, &id, at).await.changed);
        costs.push((access.meter.snapshot() - before).dynamodb_write_units);
    }
    let mean = |range: std::ops::Range<usize>| {
        costs[range.clone()].iter().sum::<f64>() / range.len() as f64
    };
    let (early, late) = (mean(10..30), mean(1960..2000));
    println!(
        "write units a transition: {early:.2} around the twentieth event, {late:.2} at the end"
    );
    assert!(late <= early * 1.25, "{early:.2} grew to {late:.2}");

    let (held, whole) = (
        world.tickets.load(&id).await.unwrap().unwrap().ticket,
        world.tickets.whole(&id).await.unwrap().unwrap(),
    );
    assert!(held.timeline().len() < 60, "{} entries are held", held.timeline().len());
    assert_eq!(whole.timeline().len(), whole.version() as usize);
    assert_eq!(held.snapshot(), whole.snapshot());
    // A command whose entry was spilled long ago is known all the same.
    let again = act(&world, &id, 0).await;
    assert!(!again.changed && again.ticket.version() == whole.version());
    access.close().await.unwrap();
    city.assert_clean();

    let up = city.up();
    city.json(&["ticket", "do", id.as_str(), "resolve", "已处理。"]);
    city.wait_for(id.as_str(), "answered").await;
    city.json(&["ticket", "do", id.as_str(), "follow-up", "--solved", "true"]);
    let shown = city.wait_for(id.as_str(), "archived").await;
    assert_eq!(shown["timeline"].as_array().unwrap().len(), EVENTS as usize + 9);
    up.stop();
    city.assert_clean();
}

/// An item of the ticket's partition, changed by `damage`; `None` deletes it.
async fn damage(city: &TestCity, id: &TicketId, sort: &str, damage: Change) {
    let access = city.access().await;
    let table = access.template.tables.iter().find(|table| table.logical == "Tickets").unwrap();
    let (pk, sk) = (Value::S(format!("140581#{id}")), Value::S(sort.to_owned()));
    let get = access.clients.dynamodb.get_item().table_name(&table.name);
    let item = get.key("pk", pk.clone()).key("sk", sk.clone()).send().await.unwrap().item.unwrap();
    match damage(item) {
        Some(item) => {
            let put = access.clients.dynamodb.put_item().table_name(&table.name);
            put.set_item(Some(item)).send().await.unwrap();
        }
        None => {
            let delete = access.clients.dynamodb.delete_item().table_name(&table.name);
            delete.key("pk", pk).key("sk", sk).send().await.unwrap();
        }
    }
    access.close().await.unwrap();
}

/// The members of a map.
fn map<'a>(item: &'a mut Item, name: &str) -> &'a mut Item {
    let Some(Value::M(map)) = item.get_mut(name) else { panic!("{name} is no map") };
    map
}

#[tokio::test]
async fn verify_names_every_damage_to_what_was_spilled() {
    let (city, id) = with_one_ticket().await;
    let access = city.access().await;
    let world = access.world(DESK).unwrap();
    for at in 0..120 {
        act(&world, &id, at).await;
    }
    access.close().await.unwrap();
    city.assert_clean();
    let damages: &[(&str, &str, Change)] = &[
        ("event_missing", "E#000001", |_| None),
        ("event_altered", "E#000001", |mut item| {
            let Some(Value::L(entries)) = item.get_mut("tl") else { panic!() };
            let Some(Value::M(entry)) = entries.get_mut(6) else { panic!() };
            map(entry, "f").insert("matter".to_owned(), Value::S("whistle".to_owned()));
            Some(item)
        }),
        ("snapshot_differs", "T", |mut item| {
            let later = Value::S("2099-01-01T00:00:00.000+08:00".to_owned());
            map(map(&mut item, "sn"), "f").insert("citizen_due".to_owned(), later);
            Some(item)
        }),
        ("snapshot_unreadable", "T", |mut item| {
            map(map(&mut item, "sn"), "f").remove("status");
            Some(item)
        }),
        ("causes_wrong", "K#000001", |_| None),
        ("causes_wrong", "K#000001", |mut item| {
            map(&mut item, "cs").clear();
            Some(item)
        }),
        ("item_unknown", "K#000001", |mut item| {
            item.insert("sk".to_owned(), Value::S("K#000999".to_owned()));
            Some(item)
        }),
    ];
    for (kind, sort, change) in damages {
        let damaged = TestCity::copy_of(&city);
        damage(&damaged, &id, sort, *change).await;
        let found = damaged.verify();
        let kinds: Vec<_> = found["violations"].as_array().unwrap().iter().collect();
        assert!(kinds.iter().all(|one| one["id"] == id.as_str()), "{kind}: {found:#}");
        assert!(kinds.iter().any(|one| one["kind"] == *kind), "{kind}: {found:#}");
    }
}
