//! What counts is what was said, and nothing is invented.

use domain::{
    Actor, CALL_ATTEMPTS_MAX, Command, Entry, Event, EventKind, FollowUp, Matter, Role,
    Satisfaction, Status, Step, Ticket,
};
use proptest::prelude::*;

use crate::support::{
    Deed, centre, channel, close_matter, deed, handler, moves, no_answer, perform, play, reached,
    reached_call, resolve, ticket, to_answered, to_handling, walk,
};

fn last_follow_up(timeline: &[Entry]) -> Option<FollowUp> {
    timeline.iter().rev().find_map(|entry| match entry.event {
        Event::FollowedUp { contacted, solved, satisfaction, .. } => {
            Some(FollowUp { contacted, solved, satisfaction })
        }
        _ => None,
    })
}

/// Everything an evaluation promises, of one whole timeline.
fn check(ticket: &Ticket) {
    let timeline = ticket.timeline();
    let count = |kind: EventKind| timeline.iter().filter(|e| e.event.kind() == kind).count();
    assert!(count(EventKind::Reopened) <= 1);
    assert!(count(EventKind::Evaluated) <= 1);
    assert_eq!(ticket.reopened(), count(EventKind::Reopened) == 1);
    let mut unanswered = 0;
    for (at, entry) in timeline.iter().enumerate() {
        let before = &timeline[..at];
        match entry.event {
            Event::Evaluated { contacted, solved, satisfaction } => {
                let said = FollowUp { contacted, solved, satisfaction };
                assert_eq!(Some(said), last_follow_up(before));
            }
            Event::Reopened {} => {
                let said = last_follow_up(before).unwrap();
                let dissatisfied = said.satisfaction == Some(Satisfaction::Dissatisfied);
                assert!(said.solved == Some(false) || dissatisfied, "{said:?}");
                unanswered = 0;
            }
            Event::CallFailed {} => unanswered += 1,
            Event::FollowedUp { reached: false, contacted, solved, satisfaction, .. } => {
                assert_eq!((contacted, solved, satisfaction), (None, None, None));
                assert_eq!(unanswered, CALL_ATTEMPTS_MAX);
            }
            _ => {}
        }
        assert!(unanswered <= CALL_ATTEMPTS_MAX);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_walk_invents_a_rating(moves in moves(60)) {
        for ticket in walk(&moves).into_iter().filter_map(|stride| stride.outcome.ok()) {
            check(&ticket);
        }
    }
}

#[test]
fn no_reachable_ticket_has_an_invented_rating() {
    reached().iter().for_each(check);
}

fn evaluate() -> Deed {
    deed(Actor::Step(Step::Evaluation), Command::Evaluate)
}

fn call(command: Command) -> Deed {
    deed(centre(Role::Caller), command)
}

fn answered() -> Ticket {
    play(&play(&ticket(), to_handling()), to_answered())
}

/// From the reopened ticket to the second answer.
fn again() -> Vec<Deed> {
    let mut deeds = vec![deed(Actor::Step(Step::Handling), Command::Open)];
    deeds.extend(to_answered());
    deeds
}

#[test]
fn a_no_reopens_once_under_supervision() {
    let no = reached_call(Some(true), Some(false), Some(Satisfaction::Dissatisfied));
    let reopened = play(&answered(), [call(no.clone()), evaluate()]);
    assert_eq!((reopened.status(), reopened.reopened()), (Status::Dispatched, true));
    assert!(reopened.matters().contains_key(&Matter::Supervision));
    assert_eq!((reopened.calls_failed(), reopened.last_call_at()), (0, None));

    let ended = play(&play(&reopened, again()), [call(no), evaluate()]);
    assert_eq!(ended.status(), Status::Evaluated);
    assert_eq!(ended.matters().get(&Matter::Supervision), None, "it ends with the case");
    let counted = &ended.timeline().last().unwrap().event;
    let said = (Some(true), Some(false), Some(Satisfaction::Dissatisfied));
    let (contacted, solved, satisfaction) = said;
    assert_eq!(*counted, Event::Evaluated { contacted, solved, satisfaction });
}

#[test]
fn either_no_is_a_no_and_silence_is_none() {
    let satisfactions = [None].into_iter().chain(Satisfaction::ALL.iter().copied().map(Some));
    for satisfaction in satisfactions {
        for solved in [None, Some(true), Some(false)] {
            let ticket = play(&answered(), [call(reached_call(None, solved, satisfaction))]);
            let ticket = play(&ticket, [evaluate()]);
            let no = solved == Some(false) || satisfaction == Some(Satisfaction::Dissatisfied);
            assert_eq!(ticket.reopened(), no, "{solved:?} {satisfaction:?}");
        }
    }
}

#[test]
fn nobody_is_unreachable_before_the_last_attempt() {
    let mut ticket = answered();
    for attempt in 1..CALL_ATTEMPTS_MAX {
        ticket = play(&ticket, [call(no_answer())]);
        assert_eq!((ticket.status(), ticket.calls_failed()), (Status::Answered, attempt));
    }
    ticket = play(&ticket, [call(no_answer())]);
    assert_eq!(ticket.status(), Status::FollowedUp);
    let ticket = play(&ticket, [evaluate()]);
    let event = &ticket.timeline().last().unwrap().event;
    assert_eq!(*event, Event::Evaluated { contacted: None, solved: None, satisfaction: None });
}

/// The attempts begin anew after the second answer.
#[test]
fn a_reopened_ticket_is_called_as_often_again() {
    let missed = [call(no_answer()), call(no_answer())];
    let no = call(reached_call(None, Some(false), None));
    let ticket = play(&play(&answered(), missed.clone()), [no, evaluate()]);
    let ticket = play(&play(&ticket, again()), missed);
    assert_eq!((ticket.status(), ticket.calls_failed()), (Status::Answered, 2));
}

/// The channel's rating is the follow-up while one is waited for, and only a fact afterwards.
#[test]
fn a_rating_counts_when_it_is_waited_for() {
    let rate = |solved, satisfaction| {
        deed(Actor::Channel(channel("hotline-12345")), Command::Rate { solved, satisfaction })
    };
    let early = play(&ticket(), to_handling());
    assert!(perform(&early, &rate(Some(true), None), early.status_since(), None).is_err());
    let rated = play(&answered(), [rate(Some(true), Some(Satisfaction::Fairly))]);
    assert_eq!(rated.status(), Status::FollowedUp);
    let later = play(&rated, [rate(Some(false), Some(Satisfaction::Dissatisfied)), evaluate()]);
    let event = &later.timeline().last().unwrap().event;
    let satisfaction = Some(Satisfaction::Fairly);
    assert_eq!(*event, Event::Evaluated { contacted: None, solved: Some(true), satisfaction });
}

/// Closing the supervision by hand does not bring a second chance, nor does it stop the end.
#[test]
fn supervision_closed_by_hand_opens_no_second_time() {
    let no = call(reached_call(None, Some(false), None));
    let reopened = play(&answered(), [no.clone(), evaluate()]);
    let close = deed(centre(Role::Supervisor), close_matter(Matter::Supervision, true));
    let opened = play(&reopened, [close, deed(Actor::Step(Step::Handling), Command::Open)]);
    let ticket = play(&opened, [deed(handler(), resolve())]);
    let ticket =
        play(&ticket, [deed(Actor::Step(Step::Feedback), Command::Answer), no, evaluate()]);
    assert_eq!(ticket.status(), Status::Evaluated);
}
