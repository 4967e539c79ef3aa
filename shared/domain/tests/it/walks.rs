//! What holds on every walk, whoever does what and whenever.

use std::collections::BTreeSet;

use domain::{
    Actor, CardKind, Event, EventKind, Matter, Next, Refusal, Status, TRANSITIONS, Ticket, Turn,
    cards,
};
use proptest::prelude::*;

use crate::support::{Stride, any_moves, is_its_turn, moves, perform, region, ticket, walk};

const LEASE_MS: i64 = 600_000;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_move_keeps_the_promises(moves in moves(40)) {
        for stride in walk(&moves) {
            check(&stride);
        }
    }

    /// Clocks that jump to either end of time: nothing panics, nothing runs backwards.
    #[test]
    fn any_time_keeps_the_promises(moves in any_moves(20)) {
        for stride in walk(&moves) {
            check(&stride);
        }
    }

    /// A ticket that spilled, at any time and any number of times, decides and goes on as one that
    /// holds its whole timeline.
    #[test]
    fn a_spilled_ticket_goes_on_as_a_whole_one(moves in moves(40), keep in 1_usize..12) {
        for stride in walk(&moves) {
            let whole = &stride.before;
            let Some(once) = whole.spill(keep) else { continue };
            let twice = once.rest.spill(1);
            for spill in [Some(&once), twice.as_ref()].into_iter().flatten() {
                let held = &spill.rest;
                prop_assert_eq!(held.snapshot(), whole.snapshot());
                prop_assert_eq!(cards(held, 1000), cards(whole, 1000));
                let base = held.base().unwrap();
                let resumed = Ticket::resume(
                    whole.region().clone(),
                    whole.id().clone(),
                    base,
                    held.timeline().to_vec(),
                    held.head(),
                );
                prop_assert_eq!(resumed.as_ref(), Ok(held));
            }
            let all: Vec<_> = once.entries.iter().chain(once.rest.timeline()).cloned().collect();
            prop_assert_eq!(all, whole.timeline().to_vec());
        }
    }

    #[test]
    fn every_step_of_the_timeline_is_a_row_of_the_table(moves in moves(40)) {
        if let Some(last) = walk(&moves).last() {
            check_rows(&last.before);
        }
    }
}

fn check(stride: &Stride) {
    match &stride.outcome {
        Err(refusal) => check_refusal(stride, refusal),
        Ok(after) if after == &stride.before && stride.deed.actor == Actor::Clocks => {}
        Ok(after) if after == &stride.before => {
            let cause = stride.cause.as_ref().expect("only a repeated command does nothing");
            assert!(stride.before.done(cause).is_some());
        }
        Ok(after) => {
            check_step(stride, after);
            check_state(after);
            check_cards(after);
        }
    }
}

/// A refusal has a reason that is not a fault of the code, and asking again changes nothing.
fn check_refusal(stride: &Stride, refusal: &Refusal) {
    assert!(!matches!(refusal, Refusal::Illegal(_)), "{:?}: {refusal}", stride.deed);
    let again = perform(&stride.before, &stride.deed, stride.now, stride.cause.clone());
    assert_eq!(again.as_ref(), Err(refusal));
}

fn check_step(stride: &Stride, after: &Ticket) {
    let (before, Stride { deed, cause, now, .. }) = (&stride.before, stride);
    let (old, new) = after.timeline().split_at(before.timeline().len());
    assert_eq!(old, before.timeline(), "the past stays");
    assert!(!new.is_empty());
    for entry in new {
        assert_eq!((&entry.actor, &entry.cause), (&deed.actor, cause));
        assert!(entry.at >= *now || entry.at == before.timeline().last().unwrap().at);
    }
    if let Actor::Step(step) = &deed.actor {
        assert!(is_its_turn(*step, &deed.command, before), "{deed:?}");
        let again = perform(after, deed, *now, None);
        assert!(again.is_err(), "a step that is hinted at twice acts once: {deed:?}");
    }
    if cause.is_some() {
        let again = perform(after, deed, now.plus_millis(1), cause.clone());
        assert_eq!(again.as_ref(), Ok(after), "a command comes twice and counts once");
    }
}

fn check_state(ticket: &Ticket) {
    let timeline = ticket.timeline();
    assert_eq!(usize::try_from(ticket.version()).unwrap(), timeline.len());
    assert!(timeline.is_sorted_by_key(|entry| entry.at), "time runs backwards");
    assert_eq!(timeline.last().unwrap().hash(), ticket.head());
    let again =
        Ticket::replay(region(), ticket.id().clone(), timeline.to_vec(), ticket.head()).unwrap();
    assert_eq!(&again, ticket);
    assert_eq!(cards(&again, LEASE_MS), cards(ticket, LEASE_MS));
    let entry = timeline.last().unwrap();
    assert_eq!(Event::from_record(&entry.event.to_record()).as_ref(), Ok(&entry.event));
    assert_eq!(Actor::parse(&entry.actor.to_string()).as_ref(), Ok(&entry.actor));
    assert_eq!(ticket.held_from().is_some(), ticket.status() == Status::Held);
    let closed = matches!(ticket.status(), Status::Evaluated | Status::Declined | Status::Archived);
    assert!(!closed || ticket.closed_seq().is_some());
    let archived =
        ticket.status() == Status::Archived || ticket.held_from() == Some(Status::Archived);
    assert_eq!(ticket.archive().is_some(), archived);
    assert!(
        ticket.late() > ticket.addendum().map(|addendum| addendum.sealed_seq)
            || ticket.late().is_none()
    );
}

/// At most one card for the turn, first; exactly one for each open matter that asks somebody.
fn check_cards(ticket: &Ticket) {
    let cards = cards(ticket, LEASE_MS);
    let kinds: Vec<CardKind> = cards.iter().map(|card| card.kind.clone()).collect();
    let turn = (ticket.turn() != Turn::End).then_some(CardKind::Turn);
    // Whether it is a repeat is asked nobody who has the case anyway, nor of who follows another.
    let idle = ticket.lead().is_some() || ticket.status() == Status::NeedsDispatcher;
    let matters = ticket.matters().keys().filter(|matter| **matter != Matter::Merge || !idle);
    let matters = matters.map(|matter| CardKind::Matter(*matter));
    let shown = kinds.iter().filter(|k| matches!(k, CardKind::Turn | CardKind::Matter(_)));
    assert_eq!(
        shown.cloned().collect::<Vec<_>>(),
        turn.into_iter().chain(matters).collect::<Vec<_>>()
    );
    let tasks = kinds.iter().filter(|kind| matches!(kind, CardKind::Task(_))).count();
    assert_eq!(tasks, ticket.tasks().len());
    assert_eq!(kinds.iter().collect::<BTreeSet<_>>().len(), kinds.len());
}

/// Each prefix of the timeline is a ticket, and each step between two of them a row of the table.
fn check_rows(ticket: &Ticket) {
    let mut before = crate::support::ticket();
    assert_eq!(before.timeline().first(), ticket.timeline().first());
    for (at, entry) in ticket.timeline().iter().enumerate().skip(1) {
        let prefix = ticket.timeline()[..=at].to_vec();
        let after = Ticket::replay(region(), ticket.id().clone(), prefix, entry.hash()).unwrap();
        let kind = entry.event.kind();
        let row =
            TRANSITIONS.iter().find(|(from, event, _)| (*from, *event) == (before.status(), kind));
        let to = match row.unwrap_or_else(|| panic!("no row for {kind}")).2 {
            Next::To(status) => status,
            Next::Same => before.status(),
            Next::BeforeHold => before.held_from().unwrap(),
        };
        assert_eq!(after.status(), to, "{kind}");
        before = after;
    }
    assert_eq!(&before, ticket);
}

/// The walks are worth something only if they get around.
#[test]
fn walks_get_around() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = BTreeSet::from([ticket().status()]);
    let mut events = BTreeSet::new();
    for _ in 0..960 {
        let moves = moves(40).new_tree(&mut runner).unwrap().current();
        for ticket in walk(&moves).into_iter().filter_map(|stride| stride.outcome.ok()) {
            seen.insert(ticket.status());
            events.extend(ticket.timeline().iter().map(|entry| entry.event.kind()));
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), Status::ALL);
    assert!(events.len() + 2 >= EventKind::ALL.len(), "{events:?}");
}
