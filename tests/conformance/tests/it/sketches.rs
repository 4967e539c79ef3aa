//! [`ports::Sketches`], and the followers of a lead.

use domain::repeat::{Seen, Sketch, place_words};
use domain::{ChannelName, TicketId, Timestamp, UnitCode};
use ports::{Cursor, Neighbourhood};
use simulation::Stand;

use crate::stands::{Engines, both};

both!(
    a_neighbourhood_is_read_page_by_page_the_newest_first,
    a_body_is_found_wherever_it_is_about_and_what_is_removed_is_gone,
);

/// What an entry of an index may have, in bytes (`docs/cost.md`).
const ENTRY_BYTES: f64 = 380.0;

fn seen(number: i64, township: Option<&str>, body: &str) -> Seen {
    let channel = ChannelName::parse("hotline-12345").unwrap();
    let unit = |code: &str| UnitCode::parse(code).unwrap();
    Seen {
        ticket: TicketId::derive(&channel, &format!("S-{number}")),
        citizen: Some([b'a'; 32]),
        received_at: Timestamp::from_millis(1_772_409_600_000 + number),
        township: township.map(unit),
        village: township.map(|_| unit("community-01")),
        sketch: Sketch::of("停水", body, &place_words("停水", body), &[7; 32]),
    }
}

async fn near(stand: &impl Stand, township: Option<&str>, category: &str) -> Vec<Seen> {
    let township = township.map(|code| UnitCode::parse(code).unwrap());
    let place = Neighbourhood { township: township.as_ref(), category };
    let (mut all, mut from) = (Vec::new(), None::<Cursor>);
    loop {
        let page = stand.world().sketches.near(place, from.as_ref()).await.unwrap();
        all.extend(page.items);
        from = page.next;
        if from.is_none() {
            return all;
        }
    }
}

async fn a_neighbourhood_is_read_page_by_page_the_newest_first(stand: &impl Stand) {
    let sketches = &stand.world().sketches;
    let mut here: Vec<Seen> =
        (0..7).map(|number| seen(number, Some("mishan"), &format!("停水{number}天"))).collect();
    for one in &here {
        sketches.put("供水", one).await.unwrap();
        // Put again it is the same.
        sketches.put("供水", one).await.unwrap();
    }
    for (number, township, category) in
        [(10, Some("mishan"), "供暖"), (11, Some("beishi"), "供水"), (12, None, "供水")]
    {
        sketches.put(category, &seen(number, township, "别处")).await.unwrap();
    }
    here.reverse();
    assert_eq!(near(stand, Some("mishan"), "供水").await, here);
    assert_eq!(near(stand, None, "供水").await, [seen(12, None, "别处")]);
    assert_eq!(near(stand, None, "供暖").await, []);
    // What is understood otherwise moves.
    sketches.put("供暖", &here[0]).await.unwrap();
    assert_eq!(near(stand, Some("mishan"), "供水").await, here[1..]);
}

async fn a_body_is_found_wherever_it_is_about_and_what_is_removed_is_gone(stand: &impl Stand) {
    let sketches = &stand.world().sketches;
    let same = [seen(1, Some("mishan"), "一样的话"), seen(2, None, "一样的话")];
    sketches.put("供水", &same[0]).await.unwrap();
    sketches.put("供暖", &same[1]).await.unwrap();
    sketches.put("供暖", &seen(3, None, "")).await.unwrap();
    let body = same[0].sketch.body_key().unwrap();
    assert_eq!(sketches.same_body(body).await.unwrap(), same, "the oldest first");
    sketches.remove(&same[0].ticket).await.unwrap();
    sketches.remove(&same[0].ticket).await.unwrap();
    assert_eq!(sketches.same_body(body).await.unwrap(), same[1..]);
    assert_eq!(near(stand, Some("mishan"), "供水").await, []);
}

/// What docs/cost.md reckons with.
#[tokio::test]
async fn an_entry_is_as_long_as_the_budget_says() {
    const ENTRIES: i32 = 200;
    let engines = Engines::new().await;
    let sketches = &engines.world().sketches;
    for number in 0..ENTRIES {
        let one = seen(number.into(), Some("mishan"), &format!("{number}的路灯不亮"));
        sketches.put("供水排水", &one).await.unwrap();
    }
    engines.access.meter.record();
    near(&engines, Some("mishan"), "供水排水").await;
    let read: f64 = engines.access.meter.recorded().iter().map(|call| call.read_units).sum();
    // Eventually consistent, a unit reads 8 KB.
    let bytes = read * 8192.0 / f64::from(ENTRIES);
    println!("{bytes:.0} bytes an entry");
    assert!((300.0..=ENTRY_BYTES).contains(&bytes), "{bytes}");
}
