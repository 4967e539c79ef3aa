//! Every AWS call of a night's work breaks once. What is published stands, and the next run, an hour
//! later, ends the night: each day has one head that names the one before, and no orphan stays.

use std::sync::Arc;

use contracts::{SealedText, head_key};
use domain::{CommandId, RecordId, Timestamp};
use ports::World;
use schedule_upkeep::Upkeep;

use super::connector::Fault;
use super::life::{Kind, Place};
use crate::support::Standing;

fn at(world: &World, now: Timestamp) -> World {
    World { clock: Arc::new(Standing(now)), ..world.clone() }
}

/// An hour after midnight of the `day`th day from now.
fn night(place: &Place, day: usize) -> Timestamp {
    let today = Timestamp::start_of(place.sound.clock.now().beijing_date());
    today.plus_millis(i64::try_from(day).unwrap() * Timestamp::DAY_MS + Timestamp::HOUR_MS)
}

/// A text that no event names, sealed a day and more before.
async fn orphan(place: &Place, now: Timestamp) {
    let channel = domain::ChannelName::parse("hotline-12345").unwrap();
    let id = domain::TicketId::derive(&channel, "sound");
    let world = at(&place.sound, now.plus_millis(-2 * Timestamp::DAY_MS));
    let record = RecordId::of_command(&CommandId::derive("nobody", &now.to_string()));
    let text = SealedText::note("打过电话。");
    world.vault().put(&id, &record, &text).await.unwrap().unwrap();
    // Whoever seals for a closed case says so first.
    let ticket = world.tickets.load(&id).await.unwrap().unwrap().ticket;
    assert!(at(&place.sound, now).tickets.touch(&ticket, now).await.unwrap());
}

/// One night, with a fault or without; gives how many calls its first run took.
async fn work(place: &Place, day: usize, plan: Option<(usize, Fault, usize)>) -> usize {
    let now = night(place, day);
    orphan(place, now).await;
    place.network.arm(plan);
    let first = Upkeep::new(at(&place.desk, now)).night().await;
    let (calls, broken) = place.network.report();
    assert_eq!(broken.len(), plan.map_or(0, |_| 1), "{plan:?}");
    // A run whose call broke may have done all the same.
    if first.is_err() {
        let again = now.plus_millis(Timestamp::HOUR_MS);
        Upkeep::new(at(&place.desk, again)).night().await.unwrap();
    }
    place.network.arm(None);
    let date = now.plus_millis(-Timestamp::DAY_MS).beijing_date().to_string();
    let head = lambda::published(&place.sound, &head_key(&place.sound.region, &date)).await;
    assert!(head.unwrap().head.follows(before(place, &date).await.as_ref()));
    let channel = domain::ChannelName::parse("hotline-12345").unwrap();
    let id = domain::TicketId::derive(&channel, "sound");
    let left = place.sound.texts.list(&id).await.unwrap();
    assert_eq!(left.len(), 2, "{plan:?}: an orphan stayed");
    calls
}

/// The head before that of a date.
async fn before(place: &Place, date: &str) -> Option<contracts::PublishedHead> {
    let key = head_key(&place.sound.region, date);
    let keys = lambda::head_keys(&place.sound).await.unwrap();
    let before = keys.into_iter().rfind(|one| *one < key)?;
    Some(lambda::published(&place.sound, &before).await.unwrap())
}

#[tokio::test]
async fn any_call_of_a_night_may_break() {
    let place = Place::new(false).await;
    place.live((Kind::Call, "sound"), None).await;
    for day in 1..=3 {
        work(&place, day, None).await;
    }
    let calls = work(&place, 4, None).await;
    let mut points = 0;
    for call in 1..=calls {
        for fault in [Fault::Refused, Fault::Lost] {
            points += 1;
            work(&place, 4 + points, Some((call, fault, 1))).await;
        }
    }
    place.close(1).await;
    println!("{points} points: a night, {calls} calls, without retries");
}
