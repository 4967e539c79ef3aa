//! What happens to a closed case is sealed too: one addendum for each late fact, in their order.

use domain::{
    Actor, Card, Command, EventKind, Owner, Refusal, Role, Status, Step, Ticket, Turn, cards,
};
use proptest::prelude::*;

use crate::support::{
    addendum, centre, channel, deed, moves, perform, play, reached_call, sealed, ticket,
    to_answered, to_handling, walk,
};

fn rate() -> crate::support::Deed {
    let rate = Command::Rate { solved: Some(true), satisfaction: None };
    deed(Actor::Channel(channel("hotline-12345")), rate)
}

fn evaluated() -> Ticket {
    let answered = play(&play(&ticket(), to_handling()), to_answered());
    play(
        &answered,
        [
            deed(centre(Role::Caller), reached_call(None, Some(true), None)),
            deed(Actor::Step(Step::Evaluation), Command::Evaluate),
        ],
    )
}

fn archived() -> Ticket {
    play(&evaluated(), [deed(Actor::Step(Step::Archive), crate::support::archive())])
}

#[test]
fn a_late_fact_gives_the_machine_a_turn_with_a_lease_of_its_own() {
    let quiet = archived();
    assert_eq!((quiet.turn(), quiet.late()), (Turn::End, None));
    let rated = play(&quiet, [rate()]);
    assert_eq!(rated.status(), Status::Archived);
    assert_eq!(rated.turn(), Turn::Machine(Step::Archive));
    let due = rated.timeline().last().unwrap().at.plus_millis(1000);
    let card = cards(&rated, 1000).into_iter().next();
    assert!(matches!(card, Some(Card { owner: Owner::Machine, due: at, .. }) if at == due));
}

#[test]
fn each_late_fact_is_sealed_once_and_in_order() {
    let rated = play(
        &archived(),
        [rate(), deed(centre(Role::Caller), Command::Note { note: sealed("x") })],
    );
    let (first, second) = (rated.version() - 1, rated.version());
    assert_eq!(rated.late(), Some(first));
    let now = rated.timeline().last().unwrap().at;
    let out_of_order = perform(&rated, &addendum(second), now, None);
    assert!(matches!(out_of_order, Err(Refusal::WrongStatus { .. })));
    let once = perform(&rated, &addendum(first), now, None).unwrap();
    assert!(perform(&once, &addendum(first), now, None).is_err(), "never twice");
    assert_eq!((once.late(), once.turn()), (Some(second), Turn::Machine(Step::Archive)));
    let twice = perform(&once, &addendum(second), now, None).unwrap();
    assert_eq!((twice.late(), twice.turn()), (None, Turn::End));
    assert_eq!(twice.addendum().map(|addendum| addendum.sealed_seq), Some(second));
    assert_eq!(cards(&twice, 1000), []);
}

/// Between the evaluation and the dossier: the dossier ends with the evaluation, so this is late.
#[test]
fn what_comes_before_the_dossier_is_written_is_late_as_well() {
    let rated = play(&evaluated(), [rate()]);
    let archived = play(&rated, [deed(Actor::Step(Step::Archive), crate::support::archive())]);
    assert_eq!(archived.turn(), Turn::Machine(Step::Archive));
    assert_eq!(archived.late(), Some(rated.version()));
}

#[test]
fn an_addendum_that_cannot_be_written_is_held_and_tried_again() {
    let quiet = archived();
    let hold = deed(Actor::Sweep, Command::Hold { attempts: 10 });
    let now = quiet.timeline().last().unwrap().at;
    assert!(perform(&quiet, &hold, now, None).is_err(), "nothing to give up");
    let rated = play(&quiet, [rate()]);
    let held = play(&rated, [hold, deed(centre(Role::Supervisor), Command::Retry)]);
    assert_eq!((held.status(), held.turn()), (Status::Archived, Turn::Machine(Step::Archive)));
    assert_eq!(held.late(), rated.late());
}

/// The dossier may be written already, and its answer lost: a retry must make the same bytes.
#[test]
fn a_hold_before_the_archive_does_not_move_what_the_dossier_seals() {
    let before = evaluated();
    let hold = deed(Actor::Sweep, Command::Hold { attempts: 10 });
    let after = play(&before, [hold, deed(centre(Role::Supervisor), Command::Retry)]);
    assert_eq!((after.status(), after.closed_seq()), (Status::Evaluated, before.closed_seq()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// By the timeline alone: what follows on the closing and is no seal is late until it is sealed.
    #[test]
    fn no_late_fact_is_forgotten(moves in moves(60)) {
        for ticket in walk(&moves).into_iter().filter_map(|stride| stride.outcome.ok()) {
            let sealed = ticket.addendum().map_or(0, |addendum| addendum.sealed_seq);
            let late = ticket.closed_seq().and_then(|closed| {
                let mut late = ticket.timeline().iter().filter(|entry| {
                    entry.seq > closed.max(sealed)
                        && !matches!(entry.event.kind(), EventKind::Archived | EventKind::AddendumSealed)
                });
                late.next().map(|entry| entry.seq)
            });
            prop_assert_eq!(ticket.late(), late);
        }
    }
}
