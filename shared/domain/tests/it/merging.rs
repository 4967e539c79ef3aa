//! 并案: who follows another, what that stops, and how it ends.

use domain::{
    Actor, Command, CommandKind, Desk, Event, EventKind, Lead, Limit, Matter, Refusal, Role,
    Status, Step, Ticket, Timestamp, Turn, cards,
};

use domain::directory::Skill;

use crate::support::{
    MEMBER, OTHER, OWN, VILLAGE, centre, commands, deed, deeds_on, dispatch, finding, mobilise,
    open_matter, other_request, other_ticket, perform, play, reached, resolve_with, staff, start,
    ticket, to_answered, to_doubt, to_handling, withdraw_for_erased,
};

fn merge() -> crate::support::Deed {
    deed(centre(Role::Dispatcher), Command::Merge { lead: other_ticket() })
}

/// A village's own finding, with a member on the way to it.
fn out_on_the_spot() -> Ticket {
    let sent = dispatch(VILLAGE, Limit::Days(7));
    let village = staff(Role::Handler, VILLAGE);
    let deeds = [
        deed(Actor::Step(Step::Intake), Command::Accept),
        deed(Actor::Step(Step::Dispatch), sent),
        deed(Actor::Step(Step::Handling), Command::Open),
        deed(village, mobilise(MEMBER, Skill::Visiting)),
    ];
    play(&finding(), deeds)
}

fn unmerge() -> crate::support::Deed {
    deed(centre(Role::Supervisor), Command::Unmerge)
}

fn answered_with(to: &str) -> crate::support::Deed {
    deed(Actor::Step(Step::Feedback), resolve_with(to))
}

/// Everything but how many events there were, and when the last one was.
fn state(ticket: &Ticket) -> impl PartialEq + std::fmt::Debug {
    let mut fields = ticket.snapshot().fields;
    for of_timeline in ["seq", "head", "at"] {
        fields.remove(of_timeline);
    }
    fields
}

fn last(ticket: &Ticket) -> Timestamp {
    ticket.timeline().last().unwrap().at
}

#[test]
fn merged_and_unmerged_a_ticket_is_what_it_was() {
    let mut merged = 0;
    for before in reached() {
        let Ok(following) = perform(before, &merge(), last(before), None) else { continue };
        merged += 1;
        assert_eq!(following.lead(), Some(&other_ticket()));
        assert_eq!(following.status(), before.status());
        let again = play(&following, [unmerge()]);
        assert_eq!(state(&again), state(before));
        assert_eq!(cards(&again, 10_000), cards(before, 10_000), "{}", before.status());
    }
    assert!(merged >= 20, "{merged}");
}

#[test]
fn what_is_the_lead_s_to_decide_is_refused_and_the_refusal_names_it() {
    for doubted in [false, true] {
        let alone = play(&ticket(), if doubted { to_doubt() } else { to_handling() });
        let following = play(&alone, [merge()]);
        assert_eq!(following.turn(), Turn::Lead);
        let mut refused = 0;
        for deed in deeds_on(&following) {
            let kind = deed.command.kind();
            let outcome = perform(&following, &deed, last(&following), None);
            if outcome == Err(Refusal::Follows(other_ticket())) {
                // What is paid of an application that stood before goes on.
                assert!(kind.is_the_leads() || kind == CommandKind::Fund, "{kind}");
                refused += 1;
            }
            let moved = outcome.is_ok_and(|after| after.status() != following.status());
            let ends = matches!(kind, CommandKind::Withdraw | CommandKind::ResolveWith);
            assert!(!moved || ends, "{kind}");
        }
        assert!(refused > 5, "{refused}");
    }
    assert!(commands().iter().any(|command| command.kind().is_the_leads()));
}

#[test]
fn its_unit_is_not_warned_while_it_follows_and_is_again_when_it_stands_alone() {
    let following = play(&play(&ticket(), to_handling()), [merge()]);
    let late = start().plus_millis(40 * Timestamp::DAY_MS);
    let tick = deed(Actor::Clocks, Command::Tick);
    assert_eq!(perform(&following, &tick, late, None), Ok(following.clone()));
    let alone = perform(&following, &unmerge(), late, None).unwrap();
    let warned = perform(&alone, &tick, late, None).unwrap();
    assert!(warned.timeline().iter().any(|entry| entry.event.kind() == EventKind::Warned));
    // The machine looks at it, nobody's inbox holds it, and the citizen's limit is what it was.
    let cards = cards(&following, 10_000);
    assert!(cards.iter().all(|card| card.owner.inbox().is_none()), "{cards:?}");
    assert_eq!(following.citizen_due(), alone.citizen_due());
}

#[test]
fn the_lead_s_answer_counts_for_the_unit_that_gave_it() {
    for (before, to, sent) in [(to_doubt(), OWN, true), (to_handling(), OTHER, true)] {
        let answered = play(&play(&ticket(), before), [merge(), answered_with(to)]);
        let dispatched = |entry: &&domain::Entry| entry.event.kind() == EventKind::Dispatched;
        let last_sent = answered.timeline().iter().rev().find(dispatched).unwrap();
        assert_eq!(last_sent.seq == answered.version() - 1, sent);
        assert_eq!(answered.assignment().unwrap().unit.as_str(), to);
        assert!(answered.citizen_due().is_some_and(|due| due > answered.received_at()));
        assert_eq!((answered.status(), answered.lead()), (Status::Resolved, None));
        assert_eq!(answered.answered_with(), Some(&other_ticket()));
        let told = play(&answered, to_answered().split_off(1));
        assert_eq!(told.status(), Status::Answered);
    }
    let handled = play(&ticket(), to_handling());
    let own = handled.assignment().unwrap().unit.as_str().to_owned();
    let answered = play(&handled, [merge(), answered_with(&own)]);
    assert_eq!(answered.version(), handled.version() + 2);
    let late = deed(Actor::Step(Step::Feedback), resolve_with(&own));
    assert!(perform(&handled, &late, last(&handled), None).is_err());
}

#[test]
fn what_hangs_on_a_ticket_stands_in_the_way_of_a_merge() {
    let mut refused = std::collections::BTreeSet::new();
    for ticket in reached().iter().filter(|ticket| ticket.turn() == Turn::Human(Desk::Unit)) {
        match perform(ticket, &merge(), last(ticket), None) {
            Ok(_) => assert!(ticket.tasks().is_empty()),
            Err(refusal) => drop(refused.insert(format!("{refusal:?}"))),
        }
    }
    let refused: Vec<String> = refused.into_iter().collect();
    for what in ["TaskOpen", "Blocked(Consultation)", "Blocked(Suspension)", "Erased"] {
        assert!(refused.iter().any(|one| one.starts_with(what)), "{what}: {refused:?}");
    }
    let found = out_on_the_spot();
    assert_eq!(perform(&found, &merge(), last(&found), None), Err(Refusal::MembersOut));
    let alone = play(&ticket(), to_handling());
    let itself = deed(centre(Role::Supervisor), Command::Merge { lead: alone.id().clone() });
    assert!(matches!(perform(&alone, &itself, last(&alone), None), Err(Refusal::BadLead(_))));
    assert_eq!(perform(&alone, &unmerge(), last(&alone), None), Err(Refusal::NoLead));
}

#[test]
fn a_question_of_repeats_is_answered_by_whatever_is_done() {
    let machine = Actor::Step(Step::Dispatch);
    let asked = deed(machine.clone(), open_matter(Matter::Merge));
    let doubted = play(&ticket(), to_doubt());
    let Command::OpenMatter { ask, .. } = asked.command else { unreachable!() };
    let asked = deed(machine.clone(), Command::OpenMatter { ask, note: None });
    let waiting = play(&doubted, [asked.clone()]);
    // A dispatcher has it anyway; once a unit has it, the dispatchers have a card of their own.
    assert_eq!(cards(&waiting, 10_000).len(), 1);
    let sent = play(&ticket(), to_handling().into_iter().take(2));
    let sent = play(&sent, [asked.clone(), deed(Actor::Step(Step::Handling), Command::Open)]);
    assert_eq!(cards(&sent, 10_000).len(), 2);
    let resolved = to_answered().into_iter().next().unwrap();
    for ends in [resolved, merge()] {
        let after = play(&sent, [ends]);
        let open = after.matters().contains_key(&Matter::Merge);
        assert_eq!(open, after.turn() == Turn::Lead, "merged it waits, to be asked again");
    }
    let other = deed(machine, open_matter(Matter::Supervision));
    assert!(perform(&doubted, &other, last(&doubted), None).is_err());
}

#[test]
fn a_follower_that_is_withdrawn_stands_alone_first() {
    let following = play(&play(&ticket(), to_handling()), [merge()]);
    let channel = Actor::Channel(following.channel().clone());
    let gone = play(&following, [deed(channel, Command::Withdraw { note: None })]);
    assert_eq!((gone.status(), gone.lead()), (Status::Declined, None));
}

#[test]
fn an_erased_follower_comes_back_to_those_who_can_end_it() {
    for way in [to_doubt(), to_handling()] {
        let following = play(&play(&ticket(), way), [merge()]);
        let erased = play(&following, [deed(centre(Role::Supervisor), Command::Erase)]);
        assert_eq!((erased.lead(), erased.turn() == Turn::Lead), (None, false));
        let ended = play(&erased, [deed(centre(Role::Dispatcher), withdraw_for_erased())]);
        assert_eq!(ended.status(), Status::Declined);
    }
}

#[test]
fn an_answer_that_the_lead_has_not_given_is_noticed() {
    let lead = other_request();
    assert_eq!(lead.id(), &other_ticket());
    let follower = play(&play(&ticket(), to_handling()), [merge(), answered_with(OWN)]);
    let open = play(&lead, to_handling());
    let answered = play(&open, to_answered());
    assert!(follower.has_its_answers_of(&answered));
    assert!(!follower.has_its_answers_of(&open));
    assert!(open.has_its_answers_of(&follower));
}

#[test]
fn what_a_lead_tells_its_followers_is_told_by_where_it_stands() {
    let mut told = std::collections::BTreeMap::new();
    for ticket in reached() {
        let village = ticket.assignment().is_some_and(|at| at.tier == domain::Tier::Village);
        assert!(!village || ticket.as_lead() == Lead::None, "a citizen's case is no village's");
        let says = match ticket.as_lead() {
            Lead::Open => "open",
            Lead::Answered(..) => "answered",
            Lead::None => "none",
        };
        let answered = ticket.timeline().iter().any(|entry| entry.event.reply().is_some());
        assert!(says != "answered" || answered);
        assert!(ticket.check_may_lead().is_err() || says == "open", "{}", ticket.status());
        *told.entry((ticket.status(), says)).or_insert(0) += 1;
        let ends = |entry: &domain::Entry| matches!(entry.event, Event::Withdrawn { .. });
        if ticket.timeline().iter().any(ends) {
            assert_eq!(says, "none");
        }
    }
    for seen in [
        (Status::Handling, "open"),
        (Status::Resolved, "open"),
        (Status::Answered, "answered"),
        (Status::Archived, "answered"),
        (Status::Archived, "none"),
        (Status::Handling, "none"),
    ] {
        assert!(told.contains_key(&seen), "{seen:?}: {told:?}");
    }
}
