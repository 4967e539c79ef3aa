//! The tables that people review: what can happen when, who may do what when.

use std::fmt::Write as _;

use domain::{
    Actor, Command, CommandKind, Desk, EventKind, Matter, Next, Role, Status, Ticket, Timestamp,
    Turn,
};

use crate::support::{OTHER, TOWNSHIP, actors, addendum, channel, commands, deed, fresh, perform};

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
            Turn::Lead => "another ticket".to_owned(),
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
        Actor::Attachment => 'a',
        Actor::Clocks => 'k',
        Actor::Staff { role: Role::Leader, .. } => 'l',
        Actor::Staff { role: Role::Member, .. } => 't',
        Actor::Staff { role: Role::Dispatcher, unit, .. } if unit.as_str() == TOWNSHIP => 'p',
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
    let needed = match command {
        CommandKind::CloseMatter => Some(Matter::Extension),
        CommandKind::ReportIn => Some(Matter::Whistle),
        CommandKind::Minute | CommandKind::Conclude => Some(Matter::Consultation),
        _ => None,
    };
    let tasked = command == CommandKind::EndTask;
    let mobilised = command == CommandKind::ReportMember;
    let papers = command == CommandKind::Conclude;
    let follows = matches!(command, CommandKind::Unmerge | CommandKind::ResolveWith);
    let own = |t: &Ticket| t.assignment().is_none_or(|a| a.unit.as_str() != OTHER);
    fresh(|t| {
        let matters = t.matters().keys().eq(needed.as_ref());
        let task = tasked || mobilised;
        let parties = t.tasks().is_empty() != task && t.crew().is_empty() != mobilised;
        let written = t.matters().values().all(|open| open.papers.is_empty() != papers);
        let whole = t.erased_at().is_none();
        let sealing = command == CommandKind::SealAddendum;
        let late = t.status() != Status::Archived || t.late().is_some() == sealing;
        fits(t)
            && own(t)
            && whole
            && matters
            && parties
            && (needed != Some(Matter::Consultation) || written)
            && late
            && t.lead().is_some() == follows
    })
}

/// A command of this kind that makes sense on this ticket if any does.
fn command_for(kind: CommandKind, ticket: &Ticket) -> Command {
    let sealing = addendum(ticket.late().unwrap_or(1)).command;
    let found = commands().into_iter().chain([sealing]).find(|command| {
        command.kind() == kind
            && !matches!(command, Command::OpenMatter { ask, .. } if ask.matter() != Matter::Extension)
            && !matches!(command, Command::CloseMatter { matter, .. } if *matter != Matter::Extension)
    });
    found.unwrap()
}

#[test]
fn who_may_do_what_when_is_as_reviewed() {
    let mut text = "\
`m` the step whose turn it is, `w` the sweep, `a` the attachment function, `c` a channel, `o` an operator, `d` a dispatcher,
`h` a handler of the ticket's unit, `x` one of another unit, `f` a caller, `s` a supervisor, `l` a leader, `p` a township's dispatcher,
`t` a member of a team, `k` the clocks. The ticket is fresh: nothing is open but what the command is about, it follows none (but for `unmerge` and
`resolve_with`), and no late fact waits (but for `seal_addendum`); `-` if there is no such ticket. `held` before the answer, `held+` after it.

"
    .to_owned();
    text += &format!("{} {:>6}\n", heading("").trim_end(), "held+");
    let before = |t: &Ticket| t.held_from().is_none_or(|from| from < Status::Resolved);
    for kind in CommandKind::ALL {
        write!(text, "{:<16}", kind.as_str()).unwrap();
        let cell = |found: Option<&Ticket>| {
            found.map_or("-".to_owned(), |t| who(t, &command_for(*kind, t)))
        };
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
