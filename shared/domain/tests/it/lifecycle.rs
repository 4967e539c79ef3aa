//! The transition table, and that every ticket comes to its end.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use domain::{
    Actor, Command, CommandKind, Context, Desk, EventKind, Matter, Next, Role, Status, Step,
    TRANSITIONS, Ticket, Timestamp, Turn,
};

use crate::support::{
    CALENDAR, Deed, OTHER, actors, centre, channel, commands, deed, deeds, diligent, dispatch,
    fresh, handler, no_answer, perform, play, reached, reached_call, staff, ticket, to_answered,
    to_handling,
};

/// The most commands that diligent staff and the machine need from anywhere to the archive.
const COMMANDS_MAX: usize = 16;

#[test]
fn every_status_is_reached_by_commands() {
    let statuses: BTreeSet<Status> = reached().iter().map(Ticket::status).collect();
    assert_eq!(statuses.into_iter().collect::<Vec<_>>(), Status::ALL);
    let held: BTreeSet<Status> = reached().iter().filter_map(Ticket::held_from).collect();
    let machine: BTreeSet<Status> =
        Status::ALL.iter().copied().filter(|status| status.is_machine()).collect();
    assert_eq!(held, machine, "the machine can give up wherever it has the turn");
}

#[test]
fn every_event_is_the_answer_to_some_command() {
    let mut seen = BTreeSet::from([EventKind::Received]);
    for ticket in reached() {
        let now = ticket.timeline().last().unwrap().at;
        for after in deeds().iter().filter_map(|deed| perform(ticket, deed, now, None).ok()) {
            let new = after.timeline().iter().skip(ticket.timeline().len());
            seen.extend(new.map(|entry| entry.event.kind()));
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), EventKind::ALL);
}

/// Leases, attempts and indexes are the store's: the timeline alone decides.
#[test]
fn a_ticket_rebuilt_from_its_timeline_decides_alike() {
    for ticket in reached() {
        let (entries, head) = (ticket.timeline().to_vec(), ticket.head());
        let rebuilt =
            Ticket::replay(ticket.region().clone(), ticket.id().clone(), entries, head).unwrap();
        let now = ticket.timeline().last().unwrap().at;
        for Deed { actor, command } in deeds() {
            let context = Context { actor: actor.clone(), now, calendar: &CALENDAR, cause: None };
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
        for deed in deeds() {
            let Actor::Step(step) = deed.actor else { continue };
            let now = ticket.timeline().last().unwrap().at;
            if perform(ticket, deed, now, None).is_ok() {
                assert_eq!(ticket.status().turn(), Turn::Machine(step), "{:?}", deed.command);
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
fn the_table_has_one_dead_end_and_every_status_leads_there() {
    for status in Status::ALL {
        let leaves =
            TRANSITIONS.iter().any(|(from, _, next)| from == status && *next != Next::Same);
        assert_eq!(leaves, *status != Status::Archived, "{status}");
        assert!(graph_from(Status::Received).contains(status), "{status} is never reached");
        assert!(graph_from(*status).contains(&Status::Archived), "{status} never ends");
    }
}

#[test]
fn only_machine_turns_are_held() {
    for (from, event, _) in TRANSITIONS {
        assert!(*event != EventKind::Held || from.is_machine(), "{from}");
    }
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

/// Short enough for twelve columns.
fn abbreviation(status: Status) -> &'static str {
    match status {
        Status::Received => "recv",
        Status::Accepted => "acpt",
        Status::NeedsDispatcher => "need",
        Status::Dispatched => "disp",
        Status::Handling => "hand",
        Status::Resolved => "reso",
        Status::Answered => "answ",
        Status::FollowedUp => "foll",
        Status::Evaluated => "eval",
        Status::Declined => "decl",
        Status::Archived => "arch",
        Status::Held => "held",
    }
}

fn heading(first: &str) -> String {
    let columns: String =
        Status::ALL.iter().map(|status| format!(" {:>6}", abbreviation(*status))).collect();
    format!("{first:<16}{columns}\n")
}

#[test]
fn the_matrix_of_statuses_and_events_is_as_reviewed() {
    let mut text = String::new();
    for status in Status::ALL {
        let turn = match status.turn() {
            Turn::Machine(step) => format!("machine: step {step}"),
            Turn::Human(Desk::Dispatcher) => "human: the dispatchers".to_owned(),
            Turn::Human(Desk::Unit) => "human: the unit".to_owned(),
            Turn::Human(Desk::Caller) => "human: the callers".to_owned(),
            Turn::Human(Desk::Held) => "human: who sees to what is held".to_owned(),
            Turn::End => "nobody".to_owned(),
        };
        writeln!(text, "{} {:<16} {turn}", abbreviation(*status), status.as_str()).unwrap();
    }
    text += "\n`=` the status stays, `<` back to where it was held, `.` it cannot happen\n\n";
    text += &heading("");
    for event in EventKind::ALL {
        write!(text, "{:<16}", event.as_str()).unwrap();
        for status in Status::ALL {
            let cell = match status.after(*event) {
                Ok(Next::To(to)) => abbreviation(to),
                Ok(Next::Same) => "=",
                Ok(Next::BeforeHold) => "<",
                Err(_) => ".",
            };
            write!(text, " {cell:>6}").unwrap();
        }
        text.push('\n');
    }
    insta::assert_snapshot!(text);
}

/// One letter for each kind of actor; a step has its own command each, so one letter is enough.
fn letter(actor: &Actor) -> char {
    match actor {
        Actor::Step(_) => 'm',
        Actor::Sweep => 'w',
        Actor::Channel(_) => 'c',
        Actor::Staff { role: Role::Operator, .. } => 'o',
        Actor::Staff { role: Role::Dispatcher, .. } => 'd',
        Actor::Staff { role: Role::Caller, .. } => 'f',
        Actor::Staff { role: Role::Supervisor, .. } => 's',
        Actor::Staff { role: Role::Handler, unit, .. } if unit.as_str() == OTHER => 'x',
        Actor::Staff { role: Role::Handler, .. } => 'h',
    }
}

/// Who may give `command` to this ticket, in one cell.
fn who(ticket: &Ticket, command: &Command) -> String {
    let now = ticket.timeline().last().unwrap().at.plus_millis(Timestamp::HOUR_MS);
    let mut letters: String = actors()
        .into_iter()
        .filter(|actor| *actor != Actor::Channel(channel("wechat")))
        .filter(|actor| perform(ticket, &deed(actor.clone(), command.clone()), now, None).is_ok())
        .map(|actor| letter(&actor))
        .collect();
    if letters.is_empty() {
        letters.push('.');
    }
    letters
}

/// A ticket of that status with the shortest life, assigned to the unit of the handler `h` if it is
/// assigned at all, and ready for `command`: a matter is open that is to be closed, and so on.
fn ready_for(command: CommandKind, fits: impl Fn(&Ticket) -> bool) -> Option<&'static Ticket> {
    let closing = command == CommandKind::CloseMatter;
    let own = |t: &Ticket| t.assignment().is_none_or(|a| a.unit.as_str() != OTHER);
    fresh(|t| {
        let matters = t.matters().keys().eq(closing.then_some(&Matter::Extension));
        fits(t) && own(t) && matters && t.lead().is_some() == (command == CommandKind::Unmerge)
    })
}

#[test]
fn who_may_do_what_when_is_as_reviewed() {
    let mut text = "\
`m` the step whose turn it is, `w` the sweep, `c` a channel, `o` an operator, `d` a dispatcher,
`h` a handler of the ticket's unit, `x` one of another unit, `f` a caller, `s` a supervisor.
The ticket is fresh: no matter is open (but for `close_matter`) and it follows none (but for
`unmerge`); `-` if there is no such ticket. `held` before the answer, `held+` after it.

"
    .to_owned();
    text += &format!("{} {:>6}\n", heading("").trim_end(), "held+");
    let before = |t: &Ticket| t.held_from().is_none_or(|from| from < Status::Resolved);
    for kind in CommandKind::ALL {
        write!(text, "{:<16}", kind.as_str()).unwrap();
        let command = commands().into_iter().find(|command| {
            command.kind() == *kind
                && !matches!(command, Command::OpenMatter { matter, .. }
                    | Command::CloseMatter { matter, .. } if *matter != Matter::Extension)
        });
        let command = command.unwrap();
        let cell = |found: Option<&Ticket>| found.map_or("-".to_owned(), |t| who(t, &command));
        for status in Status::ALL {
            let found = ready_for(*kind, |t| t.status() == *status && before(t));
            write!(text, " {:>6}", cell(found)).unwrap();
        }
        let after = ready_for(*kind, |t| t.status() == Status::Held && !before(t));
        writeln!(text, " {:>6}", cell(after)).unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn which_matter_blocks_which_command_is_as_reviewed() {
    let mut text = String::new();
    for matter in Matter::ALL {
        let blocked: Vec<&str> = CommandKind::ALL
            .iter()
            .filter(|kind| matter.blocks(**kind))
            .map(|kind| kind.as_str())
            .collect();
        writeln!(text, "{matter}: {}", blocked.join(" ")).unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_handler_of_another_unit_is_refused_whatever_the_status() {
    let stranger = staff(Role::Handler, OTHER);
    for ticket in reached() {
        let theirs = ticket.assignment().is_some_and(|a| a.unit.as_str() == OTHER);
        if !theirs {
            let note = deed(stranger.clone(), Command::Note { note: crate::support::sealed("x") });
            let refusal = perform(ticket, &note, ticket.status_since(), None);
            assert_eq!(refusal, Err(domain::Refusal::NotYourUnit));
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
        assert!(matches!(refused, Err(domain::Refusal::WrongStatus { .. })), "{refused:?}");
    }
    let retried = play(&held, [deed(supervisor, Command::Retry)]);
    assert_eq!((retried.status(), retried.held_from()), (Status::Resolved, None));
    let answered = play(&retried, to_answered().split_off(1));
    assert_eq!(answered.status(), Status::Answered);
}
