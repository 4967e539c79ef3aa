//! The transition table, and that every ticket comes to its end.

use std::collections::BTreeSet;

use domain::{
    Actor, Command, CommandKind, EventKind, Next, Refusal, Role, Status, Step, TRANSITIONS, Ticket,
};

use crate::support::{
    DIRECTORY, Deed, OTHER, centre, context, deed, deeds_on, diligent, dispatch, handler,
    is_its_turn, no_answer, perform, play, reached, reached_call, staff, ticket, to_answered,
    to_handling, unit,
};

/// The most commands that diligent staff and the machine need from anywhere to the archive.
const COMMANDS_MAX: usize = 20;

#[test]
fn every_status_is_reached_by_commands() {
    let statuses: BTreeSet<Status> = reached().iter().map(Ticket::status).collect();
    assert_eq!(statuses.into_iter().collect::<Vec<_>>(), Status::ALL);
    let held: BTreeSet<Status> = reached().iter().filter_map(Ticket::held_from).collect();
    let machine: BTreeSet<Status> =
        Status::ALL.iter().copied().filter(|status| may_be_held(*status)).collect();
    assert_eq!(held, machine, "the machine can give up wherever it has the turn");
}

#[test]
fn every_event_is_the_answer_to_some_command() {
    let mut seen = BTreeSet::from([EventKind::Received]);
    for ticket in reached() {
        let now = ticket.timeline().last().unwrap().at;
        for after in
            deeds_on(ticket).iter().filter_map(|deed| perform(ticket, deed, now, None).ok())
        {
            let new = after.timeline().iter().skip(ticket.timeline().len());
            seen.extend(new.map(|entry| entry.event.kind()));
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), EventKind::ALL);
}

/// What is decided can be applied: no list of events breaks off in the middle.
#[test]
fn no_refusal_is_a_fault_of_the_code() {
    for ticket in reached() {
        let now = ticket.timeline().last().unwrap().at;
        for Deed { actor, command } in &deeds_on(ticket) {
            let context = context(actor.clone(), now, None);
            let decided = ticket.decide(command, &context).map(|events| events.len());
            let executed = ticket.execute(command, &context);
            let applied = executed.map(|after| after.timeline().len() - ticket.timeline().len());
            assert_eq!(applied, decided, "{command:?} while {}", ticket.status());
            let by_clock = *actor == Actor::Clocks;
            assert!(!matches!(decided, Err(Refusal::Illegal(_))), "{command:?}");
            assert!(by_clock || decided != Ok(0), "{command:?}");
        }
    }
}

/// Leases, attempts and indexes are the store's: the timeline alone decides.
#[test]
fn a_ticket_rebuilt_from_its_timeline_decides_alike() {
    for ticket in reached() {
        let (entries, head) = (ticket.timeline().to_vec(), ticket.head());
        let rebuilt =
            Ticket::replay(ticket.region().clone(), ticket.id().clone(), entries, head).unwrap();
        let now = ticket.timeline().last().unwrap().at;
        for Deed { actor, command } in &deeds_on(ticket) {
            let context = context(actor.clone(), now, None);
            assert_eq!(rebuilt.decide(command, &context), ticket.decide(command, &context));
        }
    }
}

#[test]
fn diligent_staff_bring_every_ticket_to_the_archive() {
    let citizens = [
        ("well", reached_call(Some(true), Some(true), None)),
        ("silent", reached_call(None, None, None)),
        ("never content", reached_call(Some(false), Some(false), None)),
        ("never at home", no_answer()),
    ];
    for (citizen, follow_up) in citizens {
        for start in reached() {
            let way = way_to_the_end(start, &follow_up);
            assert!(way.len() <= COMMANDS_MAX, "{citizen}: {} commands", way.len());
        }
    }
}

fn way_to_the_end(start: &Ticket, follow_up: &Command) -> Vec<Deed> {
    let (mut ticket, mut way) = (start.clone(), Vec::new());
    while let Some(deed) = diligent(&ticket, follow_up) {
        assert!(way.len() <= 2 * COMMANDS_MAX, "no end from {:?}: {way:#?}", start.timeline());
        ticket = play(&ticket, [deed.clone()]);
        way.push(deed);
    }
    assert_eq!(ticket.status(), Status::Archived);
    assert!(ticket.archive().is_some() && ticket.closed_seq().is_some());
    way
}

#[test]
fn a_step_acts_on_its_own_turn_only() {
    for ticket in reached() {
        for deed in deeds_on(ticket) {
            let Actor::Step(step) = deed.actor else { continue };
            let now = ticket.timeline().last().unwrap().at;
            if perform(ticket, &deed, now, None).is_ok() {
                assert!(is_its_turn(step, &deed.command, ticket), "{:?}", deed.command);
            }
        }
    }
}

/// A late hint: dispatch looks again at a ticket that has gone on, with a newer catalog.
#[test]
fn a_late_dispatch_step_takes_no_ticket_from_its_unit() {
    let late = deed(Actor::Step(Step::Dispatch), dispatch(OTHER, domain::Limit::Hours(2)));
    let handling = play(&ticket(), to_handling());
    assert!(perform(&handling, &late, handling.status_since(), None).is_err());
}

#[test]
fn the_table_has_no_row_twice_and_no_second_receipt() {
    let rows: BTreeSet<_> = TRANSITIONS.iter().map(|(status, event, _)| (status, event)).collect();
    assert_eq!(rows.len(), TRANSITIONS.len());
    assert!(TRANSITIONS.iter().all(|(_, event, _)| *event != EventKind::Received));
    let to_itself = TRANSITIONS.iter().find(|(from, _, next)| *next == Next::To(*from));
    assert_eq!(to_itself, None, "`Same` is the one way to say that the status stays");
    let back = TRANSITIONS.iter().filter(|(from, ..)| *from == Status::Held);
    assert_eq!(back.filter(|(_, _, next)| *next == Next::BeforeHold).count(), 1);
}

#[test]
fn every_status_leads_to_the_archive_which_only_a_hold_leaves() {
    let out = |row: &&(Status, EventKind, Next)| row.0 == Status::Archived && row.2 != Next::Same;
    let out: Vec<EventKind> = TRANSITIONS.iter().filter(out).map(|row| row.1).collect();
    assert_eq!(out, [EventKind::Held]);
    for status in Status::ALL {
        let leaves =
            TRANSITIONS.iter().any(|(from, _, next)| from == status && *next != Next::Same);
        assert!(leaves, "{status}");
        assert!(graph_from(Status::Received).contains(status), "{status} is never reached");
        assert!(graph_from(*status).contains(&Status::Archived), "{status} never ends");
    }
}

#[test]
fn only_machine_turns_are_held() {
    for (from, event, _) in TRANSITIONS {
        assert!(*event != EventKind::Held || may_be_held(*from), "{from}");
    }
}

/// The machine's statuses, and the archive: there it has the turn while a late fact waits.
fn may_be_held(status: Status) -> bool {
    status.is_machine() || status == Status::Archived
}

/// All that the table's arrows lead to; [`Next::BeforeHold`] leads wherever a hold comes from.
fn graph_from(start: Status) -> BTreeSet<Status> {
    let holds = TRANSITIONS.iter().filter(|(_, event, _)| *event == EventKind::Held);
    let before_hold: Vec<Status> = holds.map(|(from, ..)| *from).collect();
    let (mut seen, mut open) = (BTreeSet::from([start]), vec![start]);
    while let Some(status) = open.pop() {
        for (_, _, next) in TRANSITIONS.iter().filter(|(from, ..)| *from == status) {
            let targets = match next {
                Next::To(to) => vec![*to],
                Next::Same => Vec::new(),
                Next::BeforeHold => before_hold.clone(),
            };
            open.extend(targets.into_iter().filter(|target| seen.insert(*target)));
        }
    }
    seen
}

#[test]
fn an_open_matter_blocks_whoever_asks() {
    let mut blocked = 0;
    for ticket in reached() {
        let now = ticket.timeline().last().unwrap().at;
        for deed in &deeds_on(ticket) {
            let kind = deed.command.kind();
            // What nobody can read is ended whatever is open.
            let ends = ticket.erased_at().is_some() && kind == CommandKind::Decline;
            if !ends && ticket.matters().keys().any(|matter| matter.blocks(kind)) {
                assert!(perform(ticket, deed, now, None).is_err(), "{deed:?}");
                blocked += 1;
            }
        }
    }
    assert!(blocked > 0);
}

#[test]
fn a_handler_of_another_unit_is_refused_whatever_the_status() {
    let stranger = staff(Role::Handler, OTHER);
    for ticket in reached() {
        if ticket.parts(&unit(OTHER), &DIRECTORY).is_empty() {
            let note = deed(stranger.clone(), Command::Note { note: crate::support::sealed("x") });
            let refusal = perform(ticket, &note, ticket.status_since(), None);
            assert_eq!(refusal, Err(Refusal::NotYourUnit));
        }
    }
}

#[test]
fn what_was_held_after_the_answer_is_not_decided_by_hand() {
    let held = play(&ticket(), to_handling());
    let mut held = play(&held, [deed(handler(), crate::support::resolve())]);
    held = play(&held, [deed(Actor::Sweep, Command::Hold { attempts: 10 })]);
    let supervisor = centre(Role::Supervisor);
    for command in [dispatch(OTHER, domain::Limit::Days(1)), crate::support::decline()] {
        let refused = perform(&held, &deed(supervisor.clone(), command), held.status_since(), None);
        assert!(matches!(refused, Err(Refusal::WrongStatus { .. })), "{refused:?}");
    }
    let retried = play(&held, [deed(supervisor, Command::Retry)]);
    assert_eq!((retried.status(), retried.held_from()), (Status::Resolved, None));
    let answered = play(&retried, to_answered().split_off(1));
    assert_eq!(answered.status(), Status::Answered);
}

#[test]
fn after_an_erasure_nothing_is_decided_that_needs_the_person() {
    let texts = [
        crate::support::resolve(),
        crate::support::decline(),
        dispatch(OTHER, domain::Limit::Days(1)),
        Command::Note { note: crate::support::sealed("x") },
        Command::Supplement { note: crate::support::sealed("x") },
        Command::Urge { note: Some(crate::support::sealed("x")) },
        Command::Erase,
    ];
    let (mut refused, mut ended) = (0, 0);
    for ticket in reached().iter().filter(|ticket| ticket.erased_at().is_some()) {
        let now = ticket.timeline().last().unwrap().at;
        for deed in &deeds_on(ticket) {
            let outcome = perform(ticket, deed, now, None);
            if texts.contains(&deed.command) {
                assert!(outcome.is_err(), "{deed:?} while {}", ticket.status());
                refused += 1;
            }
            ended += usize::from(outcome.is_ok_and(|after| after.status() == Status::Declined));
        }
    }
    assert!(refused > 0 && ended > 0);
}

#[test]
fn only_a_supervisor_erases_and_whatever_the_status() {
    for ticket in reached().iter().filter(|ticket| ticket.erased_at().is_none()) {
        let now = ticket.timeline().last().unwrap().at;
        for actor in crate::support::actors() {
            let supervisor = matches!(actor, Actor::Staff { role: Role::Supervisor, .. });
            let erased = perform(ticket, &deed(actor, Command::Erase), now, None);
            assert_eq!(erased.is_ok(), supervisor);
            if let Ok(after) = erased {
                assert_eq!((after.status(), after.erased_at()), (ticket.status(), Some(now)));
            }
        }
    }
}

#[test]
fn a_unit_keeps_its_case_unless_the_person_was_erased() {
    let handling = play(&ticket(), to_handling());
    let withdraw = deed(centre(Role::Dispatcher), crate::support::withdraw_for_erased());
    let now = handling.status_since();
    assert!(perform(&handling, &withdraw, now, None).is_err());
    let erased = play(&handling, [deed(centre(Role::Supervisor), Command::Erase)]);
    assert_eq!(play(&erased, [withdraw]).status(), Status::Declined);
}
