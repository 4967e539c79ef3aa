//! What only channels' functions ask for: [`ports::Turnstile`].

use domain::{ChannelName, Timestamp};
use futures_util::future::join_all;
use simulation::Stand;

use crate::stands::both;

both!(as_many_pass_as_may_in_a_minute);

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
