//! Every state that the commands lead to, and staff who bring a ticket to its end.

use std::collections::{BTreeSet, VecDeque};
use std::sync::LazyLock;

use domain::{
    Actor, Candidates, Command, CommandKind, Desk, Hash, Level, Limit, Matter, Paper, Role,
    Satisfaction, Stage, Step, Ticket, Tier, Timestamp, Turn, Units,
};

use super::{
    Deed, OTHER, OWN, actors, archive, centre, close_matter, commands, conclude, deed, dispatch,
    finding, minute, perform, resolve, resolve_with, staff, ticket, withdraw_for_erased,
};

/// Every pair that the role table allows.
fn deeds() -> &'static [Deed] {
    static DEEDS: LazyLock<Vec<Deed>> = LazyLock::new(|| {
        let pairs = actors().into_iter().flat_map(|actor| {
            commands().into_iter().map(move |command| deed(actor.clone(), command))
        });
        pairs.filter(|deed| deed.actor.may(deed.command.kind())).collect()
    });
    &DEEDS
}

/// The archive step's addendum for a late fact.
pub(crate) fn addendum(sealed_seq: u32) -> Deed {
    let (key, sha256) = (format!("dossiers/a-1/{sealed_seq}.json"), Hash::of_bytes(b"addendum"));
    deed(Actor::Step(Step::Archive), Command::SealAddendum { key, sha256, sealed_seq })
}

/// [`deeds`] and what only this ticket can be told.
pub(crate) fn deeds_on(ticket: &Ticket) -> Vec<Deed> {
    deeds().iter().cloned().chain(ticket.late().map(addendum)).collect()
}

/// Far more than there are; who meets more has found a loop in the life of a ticket.
const SHAPES_MAX: usize = 20_000;

/// What decides on a ticket's future, without times, names and repetitions.
fn shape(ticket: &Ticket) -> String {
    let said = ticket.follow_up();
    let refused =
        said.solved == Some(false) || said.satisfaction == Some(Satisfaction::Dissatisfied);
    format!(
        "{:?}",
        (
            (ticket.status(), ticket.held_from(), ticket.calls_failed()),
            (ticket.reopened(), refused, ticket.assignment().map(|assignment| assignment.tier)),
            (ticket.erased_at().is_some(), ticket.late().is_some()),
            (matters(ticket), ticket.lead().is_some()),
            ticket.tasks().keys().collect::<Vec<_>>(),
            ticket
                .crew()
                .values()
                .map(|crew| crew.stage)
                .filter(|s| s.is_out())
                .collect::<Vec<_>>(),
        )
    )
}

/// The open matters, and how far each is.
fn matters(ticket: &Ticket) -> Vec<impl std::fmt::Debug> {
    let all = ticket.matters().iter();
    all.map(|(matter, open)| {
        let (level, running) = (open.terms.level(), open.running.is_some());
        (*matter, level, running, open.papers.clone(), open.accepted.clone())
    })
    .collect()
}

/// Whether a ticket is looked at further: with one thing besides the plain way at a time.
fn is_near(ticket: &Ticket) -> bool {
    let by_itself = [Matter::Supervision, Matter::FollowThrough];
    let matters = ticket.matters().keys().filter(|matter| !by_itself.contains(matter)).count();
    // Elsewhere than in the city only what a whistle brings.
    let elsewhere = ticket.assignment().is_some_and(|a| a.tier != Tier::City);
    let brought = |matter: &Matter| matches!(matter, Matter::Whistle | Matter::Supervision);
    if elsewhere && (ticket.reopened() || !ticket.matters().keys().all(brought)) {
        return false;
    }
    let out = ticket.crew().values().filter(|crew| crew.stage.is_out()).count();
    matters + ticket.tasks().len().saturating_sub(out) + out <= 1
}

/// One ticket of every shape, the shortest life first. At most one matter that staff opened is open
/// at a time, besides supervision.
pub(crate) fn reached() -> &'static [Ticket] {
    static REACHED: LazyLock<Vec<Ticket>> = LazyLock::new(|| {
        let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
        let mut next = VecDeque::from([ticket(), finding()]);
        seen.insert(shape(&ticket()));
        while let Some(ticket) = next.pop_front() {
            let now = ticket.timeline().last().unwrap().at.plus_millis(Timestamp::HOUR_MS);
            let moving = deeds_on(&ticket).into_iter().filter(|deed| moves(deed.command.kind()));
            for after in moving.filter_map(|deed| perform(&ticket, &deed, now, None).ok()) {
                let new = is_near(&after) && seen.insert(shape(&after));
                next.extend(new.then_some(after));
            }
            found.push(ticket);
            assert!(found.len() <= SHAPES_MAX, "some count in a ticket's shape grows without end");
        }
        found
    });
    &REACHED
}

/// What only adds to the timeline leads to no new shape.
fn moves(command: CommandKind) -> bool {
    !matches!(
        command,
        CommandKind::Note
            | CommandKind::Supplement
            | CommandKind::Urge
            | CommandKind::Attach
            | CommandKind::RefuseAttachment
    )
}

/// The ticket with the shortest life that fits.
pub(crate) fn fresh(fits: impl Fn(&Ticket) -> bool) -> Option<&'static Ticket> {
    reached().iter().find(|ticket| fits(ticket))
}

/// What diligent staff, or the machine, do next with a ticket; the callers bring `follow_up`.
pub(crate) fn diligent(ticket: &Ticket, follow_up: &Command) -> Option<Deed> {
    let unblocked = |deed: Deed| {
        let (kind, erased) = (deed.command.kind(), ticket.erased_at().is_some());
        if erased && kind == CommandKind::Decline {
            return deed;
        }
        let blocking = ticket.matters().keys().find(|matter| matter.blocks(kind));
        let busy = (kind == CommandKind::Resolve).then(|| release(ticket)).flatten();
        blocking.map(|matter| settle(ticket, *matter)).or(busy).unwrap_or(deed)
    };
    let erased = ticket.erased_at().is_some();
    let next = match ticket.turn() {
        Turn::Machine(Step::Archive) if ticket.archive().is_some() => addendum(ticket.late()?),
        Turn::Machine(Step::Dispatch) if erased => {
            deed(Actor::Step(Step::Dispatch), Command::Doubt { candidates: Candidates::default() })
        }
        Turn::Machine(step) => deed(Actor::Step(step), by_step(step)),
        Turn::Human(Desk::Dispatcher | Desk::Unit) if erased => {
            deed(centre(Role::Dispatcher), withdraw_for_erased())
        }
        Turn::Human(Desk::Dispatcher) => {
            deed(centre(Role::Dispatcher), dispatch(OWN, Limit::Days(7)))
        }
        Turn::Human(Desk::Unit) => {
            let unit = ticket.assignment().map_or(OWN, |assignment| assignment.unit.as_str());
            deed(staff(Role::Handler, unit), resolve())
        }
        Turn::Human(Desk::Caller) => deed(centre(Role::Caller), follow_up.clone()),
        Turn::Human(Desk::Held) => deed(centre(Role::Supervisor), Command::Retry),
        Turn::Lead if erased => deed(Actor::Step(Step::Feedback), Command::Unmerge),
        Turn::Lead => deed(Actor::Step(Step::Feedback), resolve_with(OTHER)),
        Turn::End => return None,
    };
    Some(unblocked(next))
}

/// What ends a matter that blocks, whoever is to do it.
fn settle(ticket: &Ticket, matter: Matter) -> Deed {
    let supervisor = centre(Role::Supervisor);
    let open = &ticket.matters()[&matter];
    let leader = open.terms.level() == Some(Level::One);
    let host = if leader { centre(Role::Leader) } else { supervisor.clone() };
    match matter {
        Matter::Consultation if ticket.matters().contains_key(&Matter::Suspension) => {
            deed(supervisor, close_matter(Matter::Suspension, false))
        }
        Matter::Consultation if !open.papers.contains(&Paper::Minutes) => {
            deed(host, minute(Paper::Minutes))
        }
        Matter::Consultation if leader && !open.papers.contains(&Paper::Instruction) => {
            deed(host, minute(Paper::Instruction))
        }
        Matter::Consultation => deed(host, conclude(OWN, Units::default())),
        Matter::Whistle => deed(supervisor, close_matter(matter, true)),
        _ => deed(supervisor, close_matter(matter, false)),
    }
}

/// What lets go of who still works beside the lead.
fn release(ticket: &Ticket) -> Option<Deed> {
    if let Some(unit) = ticket.tasks().keys().next() {
        return Some(deed(centre(Role::Supervisor), super::end_task(unit.as_str(), false)));
    }
    let (_, out) = ticket.crew().iter().find(|(_, crew)| crew.stage.is_out())?;
    let village = staff(Role::Handler, out.village.as_str());
    Some(deed(village, super::report(Stage::StoodDown)))
}

fn by_step(step: Step) -> Command {
    match step {
        Step::Intake => Command::Accept,
        Step::Dispatch => dispatch(OWN, Limit::Workdays(5)),
        Step::Handling => Command::Open,
        Step::Feedback => Command::Answer,
        Step::Evaluation => Command::Evaluate,
        Step::Archive => archive(),
    }
}
