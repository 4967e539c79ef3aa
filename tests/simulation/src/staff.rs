//! What staff and citizens do to a ticket that stands: always through the one command function, in
//! their roles.

use domain::{
    Actor, COMMAND_CENTRE, ChannelName, CommandId, CommandKind, DeclineGround, DispatchTo,
    FollowUpResult, Matter, Outcome, Role, Satisfaction, StaffId, Status, Ticket, TicketId,
    Timestamp, UnitCode, dispatch::KeywordTable,
};
use lambda::Order;

use crate::rng::Rng;

/// A command that somebody means to give.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    pub(crate) ticket: TicketId,
    pub(crate) actor: Actor,
    pub(crate) order: Order,
    pub(crate) cause: CommandId,
    pub(crate) if_match: Option<u32>,
    /// Somebody gives the same message id with another text.
    pub(crate) twin: bool,
    /// So many times it is given again when nothing was answered.
    pub(crate) tries: u32,
}

/// So often somebody who gets no answer tries again.
const TRIES: u32 = 1000;

pub(crate) fn staff(id: &str, role: Role, unit: &str) -> Actor {
    let id = StaffId::parse(&format!("{id}-{role}")).unwrap();
    Actor::Staff { id, role, unit: UnitCode::parse(unit).unwrap() }
}

fn destination(table: &KeywordTable, rng: &mut Rng) -> DispatchTo {
    let items = table.items();
    let at = usize::try_from(rng.below(items.len() as u64)).unwrap_or(0);
    let item = items[at..].iter().chain(items).find(|item| !item.not_ours).unwrap();
    DispatchTo {
        item: item.item.clone(),
        unit: item.unit.clone(),
        tier: item.tier,
        limit: item.limit,
        confidence: None,
    }
}

/// A stream of chance that is the same whenever the same text is thought of.
fn of_text(seed: u64, text: &str) -> Rng {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    Rng::new(text.bytes().fold(seed, mix))
}

/// When a caller may call again, if it is not yet.
pub(crate) fn next_call(ticket: &Ticket, now: i64) -> Option<i64> {
    let due = ticket.last_call_at()?.plus_millis(Timestamp::DAY_MS).millis();
    (ticket.status() == Status::Answered && due > now).then_some(due)
}

/// The matter that a supervisor must close before the case can go on.
pub(crate) fn obstacle(ticket: &Ticket) -> Option<Matter> {
    let erased = ticket.erased_at().is_some();
    let blocks = |matter: &&Matter| {
        matter.blocks(CommandKind::Resolve) || (erased && matter.blocks(CommandKind::Decline))
    };
    ticket.matters().keys().find(blocks).copied().filter(|_| {
        matches!(ticket.status(), Status::Handling | Status::NeedsDispatcher | Status::Held)
    })
}

/// What a ticket waits for, done in the role whose turn it is, by the person `who`: the same for the
/// same stay, however often it is looked at.
pub(crate) fn duty(
    ticket: &Ticket,
    (who, seed): (&str, u64),
    table: &KeywordTable,
) -> Option<Deed> {
    let stay = (ticket.status(), ticket.status_since().millis(), ticket.calls_failed());
    let obstacle = obstacle(ticket);
    let erased = ticket.erased_at().is_some();
    let key = format!("{} {} {} {} {obstacle:?} {erased}", ticket.id(), stay.0, stay.1, stay.2);
    let rng = &mut of_text(seed, &format!("{who} {key}"));
    let withdrawn = || Order::Decline { ground: DeclineGround::Withdrawn, text: None };
    let unit = ticket.assignment().map_or(COMMAND_CENTRE, |assigned| assigned.unit.as_str());
    let (role, order) = match ticket.status() {
        Status::Handling | Status::NeedsDispatcher if obstacle.is_some() => {
            let matter = obstacle?;
            (Role::Supervisor, Order::CloseMatter { matter, granted: rng.chance(5000) })
        }
        Status::Handling | Status::NeedsDispatcher if erased => (Role::Supervisor, withdrawn()),
        Status::NeedsDispatcher if rng.chance(1500) => {
            let text = Some("不属于本市职权。".to_owned());
            (Role::Dispatcher, Order::Decline { ground: DeclineGround::OutsideJurisdiction, text })
        }
        Status::NeedsDispatcher => {
            (Role::Dispatcher, Order::Dispatch { to: destination(table, rng) })
        }
        Status::Handling => {
            let reply = format!("已更换。{}", rng.below(100));
            (Role::Handler, Order::Resolve { outcome: Outcome::Solved, reply })
        }
        Status::Answered => (Role::Caller, Order::FollowUp { result: call(rng) }),
        Status::Held => (Role::Supervisor, Order::Retry),
        _ => return None,
    };
    let unit = if role == Role::Handler { unit } else { COMMAND_CENTRE };
    let actor = staff(who, role, unit);
    let cause = CommandId::derive(&actor.to_string(), &key);
    let (ticket, if_match) = (ticket.id().clone(), Some(ticket.version()));
    Some(Deed { ticket, actor, order, cause, if_match, twin: false, tries: 3 })
}

fn call(rng: &mut Rng) -> FollowUpResult {
    let reached = |solved, satisfaction| FollowUpResult::Reached {
        contacted: Some(true),
        solved: Some(solved),
        satisfaction: Some(satisfaction),
    };
    match rng.below(10) {
        0..2 => FollowUpResult::NoAnswer,
        2..4 => reached(false, Satisfaction::Dissatisfied),
        _ => reached(true, Satisfaction::Satisfied),
    }
}

/// What somebody does unasked when a ticket has moved, by its number in the run.
pub(crate) fn whim(ticket: &Ticket, number: u64, table: &KeywordTable, rng: &mut Rng) -> Deed {
    let text = || format!("又想起一件事 {number}。");
    let some = |rng: &mut Rng| rng.chance(5000).then(text);
    let channel = Actor::Channel(ChannelName::parse(ticket.channel().as_str()).unwrap());
    let unit = ticket.assignment().map_or(COMMAND_CENTRE, |assigned| assigned.unit.as_str());
    let supervisor = staff("u9", Role::Supervisor, COMMAND_CENTRE);
    let by_hand = [Matter::Return, Matter::Extension, Matter::Whistle, Matter::Suspension];
    // What is declined, or held, is so for a moment only: who means to act on it does so then.
    let moved = match ticket.status() {
        Status::Declined if !ticket.matters().is_empty() => 11,
        Status::Resolved | Status::Evaluated
            if !ticket.matters().is_empty() && rng.chance(4000) =>
        {
            11
        }
        Status::Held if rng.chance(6000) => rng.pick(&[2, 11, 13, 14]),
        _ => rng.below(16),
    };
    let (actor, order) = match moved {
        0 => (channel, Order::Supplement { text: text() }),
        1 => (channel, Order::Urge { text: some(rng) }),
        2 => (channel, Order::Withdraw { text: some(rng) }),
        3 | 4 => {
            let satisfaction = Some(Satisfaction::Fairly);
            (channel, Order::Rate { solved: Some(rng.chance(7000)), satisfaction })
        }
        5..8 => (supervisor, Order::Note { text: text() }),
        8 => (staff("u9", Role::Handler, unit), Order::Note { text: text() }),
        9 | 10 => {
            let matter = rng.pick(&[by_hand.as_slice(), &[Matter::Extension; 4]].concat());
            (supervisor, Order::OpenMatter { matter, text: some(rng) })
        }
        11 | 12 => {
            let open: Vec<Matter> = ticket.matters().keys().copied().collect();
            let matter = if open.is_empty() { Matter::Extension } else { rng.pick(&open) };
            (supervisor, Order::CloseMatter { matter, granted: rng.chance(5000) })
        }
        13 => (supervisor, Order::Dispatch { to: destination(table, rng) }),
        14 => {
            (supervisor, Order::Decline { ground: DeclineGround::NotActionable, text: some(rng) })
        }
        _ => (staff("u9", Role::Operator, COMMAND_CENTRE), Order::Supplement { text: text() }),
    };
    let cause = CommandId::derive(&actor.to_string(), &format!("whim {number}"));
    let tries = if rng.chance(2000) { 1 } else { TRIES };
    let ticket = ticket.id().clone();
    Deed { ticket, actor, order, cause, if_match: None, twin: false, tries }
}

/// The same message id with other words, if there are words.
pub(crate) fn twin(deed: &Deed) -> Option<Deed> {
    let mut other = Deed { twin: true, ..deed.clone() };
    let text = match &mut other.order {
        Order::Supplement { text } | Order::Note { text } => text,
        Order::Urge { text } | Order::Withdraw { text } => text.as_mut()?,
        _ => return None,
    };
    text.push_str("不，是另一件。");
    Some(other)
}

/// The words of an order, if there are any.
pub(crate) fn words(order: &Order) -> Option<String> {
    match order {
        Order::Supplement { text } | Order::Note { text } | Order::Resolve { reply: text, .. } => {
            Some(text.clone())
        }
        Order::Urge { text }
        | Order::Withdraw { text }
        | Order::Decline { text, .. }
        | Order::OpenMatter { text, .. } => text.clone(),
        _ => None,
    }
}
