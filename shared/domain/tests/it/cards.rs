//! The cards: who looks up what, and until when.

use std::fmt::Write as _;

use domain::{
    Actor, Card, CardKind, Command, Desk, Matter, Owner, Role, Status, Step, Ticket, Timestamp,
    Turn, cards,
};

use crate::support::{
    OWN, centre, deed, fresh, handler, no_answer, open_matter, play, reached, ticket, to_answered,
    to_handling,
};

const LEASE_MS: i64 = 10 * Timestamp::MINUTE_MS;

fn turn_card(ticket: &Ticket) -> Option<Card> {
    cards(ticket, LEASE_MS).into_iter().find(|card| card.kind == CardKind::Turn)
}

#[test]
fn the_cards_of_each_status_are_as_reviewed() {
    let mut text = String::new();
    for status in Status::ALL {
        let ticket = fresh(|ticket| ticket.status() == *status).unwrap();
        let line = turn_card(ticket).map_or("no card".to_owned(), |card| {
            let (from, said) = match card.owner {
                Owner::Machine => (ticket.phase_since(), "the run of machine statuses"),
                Owner::Centre(_) => (ticket.status_since(), "the status"),
                Owner::Unit(_) | Owner::Member(_) => {
                    (ticket.assignment().unwrap().since, "the dispatch")
                }
            };
            let minutes = (card.due.millis() - from.millis()) / Timestamp::MINUTE_MS;
            let inbox = card.owner.inbox().unwrap_or_else(|| "(machine)".to_owned());
            format!("{inbox:<26} due {minutes:>4} minutes after the start of {said}")
        });
        writeln!(text, "{:<16} {line}", status.as_str()).unwrap();
    }
    insta::assert_snapshot!(text);
}

/// The lease is counted from the start of the run, so no hop within it moves an index key.
#[test]
fn a_hop_of_the_machine_moves_no_card() {
    let mut now = ticket();
    let first = turn_card(&now).unwrap();
    assert_eq!(first.owner, Owner::Machine);
    assert_eq!(first.due, now.received_at().plus_millis(LEASE_MS));
    for deed in to_handling().into_iter().take(2) {
        now = play(&now, [deed]);
        assert_eq!(turn_card(&now), Some(first.clone()), "{}", now.status());
    }
    let held = play(&now, [deed(Actor::Sweep, Command::Hold { attempts: 10 })]);
    let retried = play(&held, [deed(centre(Role::Supervisor), Command::Retry)]);
    let again = turn_card(&retried).unwrap();
    assert_eq!(again.due, retried.status_since().plus_millis(LEASE_MS), "a new run, a new lease");
}

#[test]
fn the_units_card_has_the_units_limit() {
    let ticket = play(&ticket(), to_handling());
    let card = turn_card(&ticket).unwrap();
    assert_eq!(card.owner.inbox().as_deref(), Some(OWN));
    assert_eq!(card.due, ticket.assignment().unwrap().due);
}

#[test]
fn the_next_call_is_due_a_day_after_the_last() {
    let answered = play(&play(&ticket(), to_handling()), to_answered());
    let due = |ticket: &Ticket| turn_card(ticket).unwrap().due;
    let day_after = |instant: Timestamp| instant.plus_millis(Timestamp::DAY_MS);
    assert_eq!(due(&answered), day_after(answered.status_since()));
    let called = play(&answered, [deed(centre(Role::Caller), no_answer())]);
    assert_eq!(due(&called), day_after(called.last_call_at().unwrap()));
    assert!(due(&called) > due(&answered));
    // After the second answer the calls of the first do not count.
    let no = crate::support::reached_call(None, Some(false), None);
    let no = deed(centre(Role::Caller), no);
    let reopened = play(&called, [no, deed(Actor::Step(Step::Evaluation), Command::Evaluate)]);
    let opened = play(&reopened, [deed(Actor::Step(Step::Handling), Command::Open)]);
    let answered = play(&opened, to_answered());
    assert_eq!(due(&answered), day_after(answered.status_since()));
}

#[test]
fn every_open_matter_has_its_own_card_and_clock() {
    let mut ticket = play(&ticket(), to_handling());
    for matter in [Matter::Return, Matter::Extension, Matter::Consultation] {
        ticket = play(&ticket, [deed(handler(), open_matter(matter))]);
    }
    let inboxes: Vec<_> = cards(&ticket, LEASE_MS)
        .iter()
        .map(|card| {
            let due = ticket.matters().get(&Matter::Consultation).unwrap().terms.due();
            assert_eq!(matches!(card.kind, CardKind::Invited(_)), card.alarm.is_none());
            assert!(!matches!(card.kind, CardKind::Invited(_)) || Some(card.due) == due);
            format!("{} {}", card.kind, card.owner.inbox().unwrap())
        })
        .collect();
    let wanted = [
        "turn transport",
        "return command-centre.dispatcher",
        "extension command-centre.supervisor",
        "consultation command-centre.supervisor",
        "invited:transport transport",
        "invited:water-company water-company",
    ];
    assert_eq!(inboxes, wanted);
}

/// An index holds no more than what is open: whoever has the turn finds the ticket, nobody else.
#[test]
fn every_reachable_ticket_lies_where_its_turn_is() {
    for ticket in reached() {
        let card = turn_card(ticket);
        let settled = ticket.status() == Status::Archived && ticket.late().is_none();
        assert_eq!(card.is_none(), settled);
        let Some(card) = card else { continue };
        assert_eq!(card.owner == Owner::Machine, ticket.looked_at_by().is_some());
        let of_unit = matches!(card.owner, Owner::Unit(_));
        assert_eq!(of_unit, ticket.turn() == Turn::Human(Desk::Unit));
        assert!(card.due >= ticket.received_at());
    }
}

/// The lease is the store's business: it moves the machine's card and no other. A lead is waited for longer.
#[test]
fn the_lease_moves_the_machines_card_alone() {
    for ticket in reached() {
        let (short, long) = (cards(ticket, 0), cards(ticket, LEASE_MS));
        let leased = if ticket.is_machines() { LEASE_MS } else { 0 };
        for (short, long) in short.iter().zip(&long) {
            let moved = long.due.millis() - short.due.millis();
            assert_eq!(moved, if long.owner == Owner::Machine { leased } else { 0 });
        }
    }
}

#[test]
fn a_step_never_leaves_a_card_behind() {
    let mut now = play(&play(&ticket(), to_handling()), to_answered());
    let deeds = [
        deed(centre(Role::Caller), crate::support::reached_call(None, Some(true), None)),
        deed(Actor::Step(Step::Evaluation), Command::Evaluate),
        deed(Actor::Step(Step::Archive), crate::support::archive()),
    ];
    now = play(&now, deeds);
    assert_eq!(cards(&now, LEASE_MS), []);
}
