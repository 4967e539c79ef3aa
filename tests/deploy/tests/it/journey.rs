//! One request, from a signed webhook at the deployed HTTP API to the case file in the bucket.

use domain::{
    Actor, CommandId, Event, FollowUpResult, Hash, Outcome, Role, Satisfaction, StaffId, Status,
    Ticket, TicketId, UnitCode,
};
use lambda::{Order, command};
use ports::World;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::deployed::Deployed;
use crate::tools::Tools;

#[tokio::test]
async fn a_request_travels_through_the_deployed_stack_into_the_archive() {
    let Some(tools) = Tools::ready() else { return };
    let city = Deployed::new(&tools).await;
    let id = admit(&city).await;
    let world = city.world();
    answer(&city, &world, &id).await;
    let ticket = city.wait_for(&world, &id, Status::Archived).await;
    assert_archived(&world, &ticket).await;
    assert_schedules(&city).await;
}

/// The door: proof first, then one ticket however often the message comes.
async fn admit(city: &Deployed) -> TicketId {
    let secret = city.hotline_secret().await;
    let submission = submission();
    let (status, refused) = city.post("not the secret", &submission).await;
    assert_eq!(status, 401, "{refused}");
    let (status, first) = city.post(&secret, &submission).await;
    assert_eq!((status, &first["duplicate"]), (202, &json!(false)), "{first}");
    let (status, second) = city.post(&secret, &submission).await;
    assert_eq!((status, &second["duplicate"]), (202, &json!(true)), "{second}");
    assert_eq!(first["ticket"], second["ticket"]);
    TicketId::parse(first["ticket"].as_str().unwrap()).unwrap()
}

/// What people do: the unit answers, a caller asks the citizen.
async fn answer(city: &Deployed, world: &World, id: &TicketId) {
    let handling = city.wait_for(world, id, Status::Handling).await;
    let unit = handling.assignment().unwrap().unit.clone();
    let resolve =
        Order::Resolve { outcome: Outcome::Solved, reply: "已更换井盖。".to_owned() };
    act(world, id, (Role::Handler, unit), resolve).await;
    city.wait_for(world, id, Status::Answered).await;
    let centre = UnitCode::parse(domain::COMMAND_CENTRE).unwrap();
    let result = FollowUpResult::Reached {
        contacted: Some(true),
        solved: Some(true),
        satisfaction: Some(Satisfaction::Satisfied),
    };
    act(world, id, (Role::Caller, centre), Order::FollowUp { result }).await;
}

async fn act(world: &World, id: &TicketId, (role, unit): (Role, UnitCode), order: Order) {
    let actor = Actor::Staff { id: StaffId::parse("u1").unwrap(), role, unit };
    let cause = CommandId::derive(&actor.to_string(), "deployed");
    let done = command(world, &actor, id, (&order, &cause), None).await;
    assert!(done.unwrap().changed, "{order:?} changed nothing");
}

/// The object is what the chain says it is, and the chain is what it was.
async fn assert_archived(world: &World, ticket: &Ticket) {
    let archived = ticket.timeline().iter().find_map(|entry| match &entry.event {
        Event::Archived { key, sha256, .. } => Some((key, sha256)),
        _ => None,
    });
    let (key, sha256) = archived.unwrap();
    let bytes = world.dossiers.get(key).await.unwrap().expect("no object in the archive bucket");
    assert_eq!(Hash::from_bytes(&Sha256::digest(&bytes)).as_ref(), Some(sha256));
    let dossier: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(dossier["ticket"], ticket.id().to_string());
    let replayed = Ticket::replay(
        ticket.region().clone(),
        ticket.id().clone(),
        ticket.timeline().to_vec(),
        ticket.head(),
    );
    assert_eq!(&replayed.unwrap(), ticket);
}

/// The schedules' functions, invoked as their schedules do.
async fn assert_schedules(city: &Deployed) {
    let swept = city.invoke("schedule-sweep", &json!({})).await;
    assert_eq!((&swept["held"], &swept["failed"]), (&json!(0), &json!(0)), "{swept}");
    let ticked = city.invoke("schedule-deadlines", &json!({})).await;
    assert_eq!(ticked["failed"], 0, "{ticked}");
    let upkept = city.invoke("schedule-upkeep", &json!({})).await;
    assert_eq!(upkept["reminded"], 0, "{upkept}");
    // Nobody has given the fund money, so there is nothing to report on.
    let reported = city.invoke("schedule-fund-report", &json!({})).await;
    assert_eq!(reported["published"], json!([]), "{reported}");
}

fn submission() -> Value {
    json!({
        "type": "submit",
        "order_id": "DEPLOYED-1",
        "sent_at": "2026-01-05T08:30:00+08:00",
        "title": "井盖破损",
        "content": "松果社区示例路口的窨井盖破了，成了没盖的井，请尽快更换。",
        "citizen": { "name": "样例民甲", "phone": "10000000001" },
    })
}
