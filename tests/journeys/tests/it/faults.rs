//! Every AWS call of a ticket's life breaks once, by the real SDK: before the service hears of it, by
//! a refusal of the service, and after it was done, when only the answer is lost. With the SDK's own
//! retries and without, one call and several in a row. After each: one ticket, one chain, one dossier,
//! one addendum, each text and photo once, and `verify` finds nothing.

mod connector;
mod life;
mod money;
mod nights;

use self::connector::Fault;
use self::life::{Kind, Place};
use crate::support::TestCity;

const FAULTS: [Fault; 3] = [Fault::Unreachable, Fault::Refused, Fault::Lost];

/// Breaks each call of a life of this kind, in every one of these ways; `times` calls in a row.
async fn every_call(kind: Kind, (retries, times): (bool, usize), faults: &[Fault]) {
    let place = Place::new(retries).await;
    let calls = place.live((kind, "sound"), None).await;
    let mut points = 0;
    for at in 1..=calls {
        for fault in faults {
            let order = format!("{fault:?}-{at}");
            place.live((kind, &order), Some((at, *fault, times))).await;
            points += 1;
        }
    }
    place.close(points + 1).await;
    println!(
        "{points} points: {kind:?}, {calls} calls, {times} broken in a row, {faults:?}, {}",
        if retries { "with the SDK's retries" } else { "without retries" }
    );
}

#[tokio::test]
async fn any_call_of_a_life_may_break() {
    every_call(Kind::Call, (false, 1), &FAULTS).await;
}

#[tokio::test]
async fn any_call_of_a_life_with_a_photo_may_break() {
    every_call(Kind::Photo, (false, 1), &FAULTS).await;
}

/// What comes again after a fault meets one too.
#[tokio::test]
async fn any_call_and_the_next_may_break() {
    every_call(Kind::Photo, (false, 2), &[Fault::Lost]).await;
}

/// The queue loses the first hint, so that the sweep must find the ticket, and its calls break too.
#[tokio::test]
async fn any_call_of_a_life_that_the_sweep_must_find_may_break() {
    every_call(Kind::Unhinted, (false, 1), &[Fault::Lost]).await;
}

/// The SDK repeats what it knows no answer to: a write may so meet itself.
#[tokio::test]
async fn any_call_may_break_and_be_repeated_by_the_sdk() {
    every_call(Kind::Photo, (true, 1), &[Fault::Lost]).await;
}

/// Three in a row use up the SDK's attempts, and the next look is another's.
#[tokio::test]
async fn any_calls_in_a_row_may_break_until_the_sdk_gives_up() {
    every_call(Kind::Call, (true, 3), &[Fault::Refused, Fault::Lost]).await;
}
