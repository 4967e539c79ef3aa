//! Random walks: random commands by random actors at random times, also running backwards.

use domain::{Command, CommandId, Refusal, Status, Ticket, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;

use super::{Deed, actors, cause, commands, deed, deeds_on, perform, start, ticket};

/// One random move; what it means depends on the ticket it meets.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    pick: Pick,
    wait_ms: i64,
    cause: Cause,
}

#[derive(Clone, Debug)]
enum Pick {
    /// Anybody, anything.
    Wild(Index, Index),
    /// Something that the ticket accepts.
    Apt(Index),
    /// Something that moves it to another status: first which, then how. Most often not to one of
    /// the two that end or stop a life, or few walks would come far.
    Onward { aside: bool, status: Index, how: Index },
}

#[derive(Clone, Debug)]
enum Cause {
    None,
    Fresh,
    /// One that was used before.
    Again(Index),
}

/// One move as it was made.
#[derive(Clone, Debug)]
pub(crate) struct Stride {
    pub(crate) before: Ticket,
    pub(crate) deed: Deed,
    pub(crate) now: Timestamp,
    pub(crate) cause: Option<CommandId>,
    pub(crate) outcome: Result<Ticket, Refusal>,
}

/// Moves with the waits of a city's life: hours to days, sometimes none, sometimes backwards.
pub(crate) fn moves(most: usize) -> impl Strategy<Value = Vec<Move>> {
    let wait = prop_oneof![
        6 => 0..3 * Timestamp::DAY_MS,
        1 => Just(0),
        2 => -2 * Timestamp::DAY_MS..0,
    ];
    prop::collection::vec(a_move(wait), 1..most)
}

/// Moves at any time whatsoever.
pub(crate) fn any_moves(most: usize) -> impl Strategy<Value = Vec<Move>> {
    prop::collection::vec(a_move(any::<i64>()), 1..most)
}

fn a_move(wait: impl Strategy<Value = i64>) -> impl Strategy<Value = Move> {
    let pick = prop_oneof![
        1 => (any::<Index>(), any::<Index>()).prop_map(|(who, what)| Pick::Wild(who, what)),
        2 => any::<Index>().prop_map(Pick::Apt),
        3 => (prop::bool::weighted(0.15), any::<Index>(), any::<Index>())
            .prop_map(|(aside, status, how)| Pick::Onward { aside, status, how }),
    ];
    let cause = prop_oneof![
        2 => Just(Cause::None),
        6 => Just(Cause::Fresh),
        1 => any::<Index>().prop_map(Cause::Again),
    ];
    (pick, wait, cause).prop_map(|(pick, wait_ms, cause)| Move { pick, wait_ms, cause })
}

/// Makes the moves on the ticket that every test begins with.
pub(crate) fn walk(moves: &[Move]) -> Vec<Stride> {
    let (mut ticket, mut now) = (ticket(), start());
    let mut strides = Vec::new();
    for (number, one) in moves.iter().enumerate() {
        now = now.plus_millis(one.wait_ms);
        let deed = pick(&one.pick, &ticket, now);
        let used: Vec<_> = ticket.timeline().iter().filter_map(|e| e.cause.clone()).collect();
        let cause = match &one.cause {
            Cause::None => None,
            Cause::Again(index) if !used.is_empty() => Some(index.get(&used).clone()),
            Cause::Fresh | Cause::Again(_) => Some(cause(&number.to_string())),
        };
        let outcome = perform(&ticket, &deed, now, cause.clone());
        let before = ticket.clone();
        if let Ok(after) = &outcome {
            ticket = after.clone();
        }
        strides.push(Stride { before, deed, now, cause, outcome });
    }
    strides
}

fn pick(pick: &Pick, ticket: &Ticket, now: Timestamp) -> Deed {
    match pick {
        Pick::Wild(who, what) => {
            let command: Command = what.get(&commands()).clone();
            deed(who.get(&actors()).clone(), command)
        }
        Pick::Apt(which) => which.get(&accepted(ticket, now)).0.clone(),
        Pick::Onward { aside, status, how } => {
            let mut ways = accepted(ticket, now);
            let is_aside = |to: Status| matches!(to, Status::Declined | Status::Held);
            let mut targets: Vec<Status> = ways.iter().map(|(_, after)| after.status()).collect();
            targets.retain(|to| *to != ticket.status() && (*aside || !is_aside(*to)));
            targets.sort_unstable();
            targets.dedup();
            if !targets.is_empty() {
                let target = *status.get(&targets);
                ways.retain(|(_, after)| after.status() == target);
            }
            how.get(&ways).0.clone()
        }
    }
}

/// What the ticket accepts now; never nothing, for a note can always be written.
fn accepted(ticket: &Ticket, now: Timestamp) -> Vec<(Deed, Ticket)> {
    let tried = deeds_on(ticket)
        .into_iter()
        .filter_map(|deed| perform(ticket, &deed, now, None).ok().map(|after| (deed, after)));
    tried.collect()
}
