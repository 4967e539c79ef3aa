//! What only channels' functions ask for: [`ports::Turnstile`], [`ports::Quarantine`].

use contracts::QuarantineId;
use domain::{ChannelName, Timestamp};
use futures_util::future::join_all;
use simulation::Stand;

use crate::stands::both;

both!(as_many_pass_as_may_in_a_minute, what_was_not_understood_is_kept_once_and_removed,);

fn channel(name: &str) -> ChannelName {
    ChannelName::parse(name).unwrap()
}

async fn as_many_pass_as_may_in_a_minute(stand: &impl Stand) {
    let turnstile = &stand.world().turnstile;
    let (one, other) = (channel("one"), channel("other"));
    let at = |second: i64| Timestamp::from_millis(1_772_409_600_000 + second * 1000);
    let passed = join_all((0..9).map(|second| turnstile.pass(&one, at(second), 5))).await;
    assert_eq!(passed.iter().filter(|one| **one == Ok(true)).count(), 5);
    assert!(!turnstile.pass(&one, at(59), 5).await.unwrap(), "the minute is not over");
    assert!(turnstile.pass(&one, at(59), 6).await.unwrap(), "what was refused was not counted");
    assert!(turnstile.pass(&one, at(60), 5).await.unwrap(), "the next minute");
    assert!(turnstile.pass(&other, at(0), 5).await.unwrap(), "another channel");
}

async fn listed(stand: &impl Stand) -> Vec<QuarantineId> {
    let (mut all, mut from) = (Vec::new(), None);
    loop {
        let page = stand.world().quarantine.list(from.as_ref()).await.unwrap();
        all.extend(page.items);
        from = page.next;
        if from.is_none() {
            return all;
        }
    }
}

async fn what_was_not_understood_is_kept_once_and_removed(stand: &impl Stand) {
    let quarantine = &stand.world().quarantine;
    assert_eq!(listed(stand).await, []);
    let names = ["one", "other", "one", "one", "other"];
    let of =
        |(at, name): (usize, &&str)| QuarantineId::of(&channel(name), at.to_string().as_bytes());
    let mut ids: Vec<QuarantineId> = names.iter().enumerate().map(of).collect();
    for id in &ids {
        assert_eq!(quarantine.get(id).await.unwrap(), None);
        quarantine.put(id, b"first").await.unwrap();
        quarantine.put(id, b"second").await.unwrap();
        assert_eq!(quarantine.get(id).await.unwrap().as_deref(), Some(b"first".as_slice()));
    }
    ids.sort_by_key(QuarantineId::key);
    assert_eq!(listed(stand).await, ids);
    let gone = ids.remove(2);
    quarantine.remove(&gone).await.unwrap();
    quarantine.remove(&gone).await.unwrap();
    assert_eq!(quarantine.get(&gone).await.unwrap(), None);
    assert_eq!(listed(stand).await, ids);
}
