//! How much of a channel is taken in a minute: registered while the city runs, and counted only of who is
//! proven.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test helpers")]

use domain::{ChannelName, TicketId};
use lianxin_local::city::{Change, DESK, register};
use serde_json::Value;

use crate::caller::{Answer, Caller, now_s};
use crate::support::{assert_valid, json, validator};
use crate::wire::Wire;

const NAME: &str = "hotline-12345";
/// So many are taken in a minute.
const MOST: u32 = 3;

/// A request that was never posted before.
fn request(wire: &Wire, order: &str) -> Vec<u8> {
    let mut body: Value = json(&format!("{}/good-06-place-by-landmark.json", wire.folder()));
    body[wire.order] = order.into();
    body.to_string().into_bytes()
}

/// Posts new requests until one is refused: its order and answer. A minute may end meanwhile, so twice as
/// many may be taken, and never more.
async fn until_refused(caller: &Caller, wire: &Wire, begin: &str) -> (String, Answer) {
    for number in 0..=2 * MOST {
        let order = format!("{begin}-{number}");
        let answer = caller.post(wire, &request(wire, &order)).await;
        if answer.status != 202 {
            assert!(number >= MOST, "refused as number {number}: {}", answer.text);
            return (order, answer);
        }
    }
    panic!("more than {MOST} a minute were taken")
}

#[tokio::test]
async fn more_than_are_taken_in_a_minute_are_told_when_to_come_again() {
    let (caller, wire) = (Caller::start().await, Wire::of(NAME));
    let set = |per_minute| {
        let change = Change { per_minute: Some(per_minute), ..Change::default() };
        register(&caller.city.access.data, NAME, &change).unwrap();
    };
    set(MOST);
    // Who is not proven uses nothing up.
    let body = request(wire, "FORGED");
    for _ in 0..2 * MOST {
        let headers = (wire.prove)(b"another", now_s(), &body);
        assert_eq!(caller.post_to("/channels/hotline-12345", &headers, &body).await.status, 401);
    }
    let (order, answer) = until_refused(&caller, wire, "LIMIT").await;
    assert_eq!((answer.status, answer.media_type.as_str()), (429, "application/problem+json"));
    assert_eq!(answer.json["type"], "urn:lianxin:problem:too-many");
    assert_valid(&validator("events/schemas/problem.v1.schema.json"), &answer.json, "too many");
    assert!((1..=60).contains(&answer.retry_after.unwrap()), "{:?}", answer.retry_after);
    let world = caller.city.access.world(DESK).unwrap();
    let id = TicketId::derive(&ChannelName::parse(NAME).unwrap(), &order);
    assert!(world.tickets.load(&id).await.unwrap().is_none(), "nothing is kept of it");
    // Without a limit, and without a restart, it is taken.
    set(0);
    assert_eq!(caller.post(wire, &request(wire, &order)).await.status, 202);
    caller.stop().await;
}
