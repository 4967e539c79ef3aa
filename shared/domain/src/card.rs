//! Cards: what people and clocks look up. A pure function of the ticket, written in the same
//! transaction as the transition, and only those that changed (design, section 3).

use crate::event::Matter;
use crate::ids::UnitCode;
use crate::lifecycle::{Desk, Turn};
use crate::ticket::Ticket;
use crate::timestamp::Timestamp;

/// The unit whose inbox holds the city's own desks: dispatchers, callers, supervisors.
pub const COMMAND_CENTRE: &str = "command-centre";

/// What a card is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CardKind {
    /// The turn itself; it rides on the ticket item.
    Turn,
    /// An open matter; an item of its own.
    Matter(Matter),
}

impl std::fmt::Display for CardKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Turn => f.write_str("turn"),
            Self::Matter(matter) => write!(f, "{matter}"),
        }
    }
}

/// Whose inbox a card lies in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// Nobody's: the machine's turn, which the sweep watches.
    Machine,
    /// A desk of the command centre: `dispatcher`, `caller`, `held`, `supervisor`.
    Centre(&'static str),
    /// A unit's.
    Unit(UnitCode),
}

/// One small fact to be looked up: this ticket waits for that owner until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// What for.
    pub kind: CardKind,
    /// Whose.
    pub owner: Owner,
    /// Until when, in city time: the lease of a machine's turn, or a limit.
    pub due: Timestamp,
}

/// How long a dispatcher has: two hours, as Beijing's draft standard has it for online intake.
const DISPATCHER_LIMIT_MS: i64 = 2 * Timestamp::HOUR_MS;
/// How long until a follow-up call is due, and between two attempts: a day.
const CALL_LIMIT_MS: i64 = Timestamp::DAY_MS;
/// How long a matter may stay open before it shows as overdue: two days, until each has its rule.
const MATTER_LIMIT_MS: i64 = 2 * Timestamp::DAY_MS;

/// The cards of a ticket; the first, if any, is the turn's.
///
/// `lease_ms` is how long the machine may take before the sweep looks (in milliseconds); it is
/// counted from the start of the whole run of machine statuses, so that a hop within the run moves
/// no index key.
#[must_use]
pub fn cards(ticket: &Ticket, lease_ms: i64) -> Vec<Card> {
    let turn = |owner, due| Some(Card { kind: CardKind::Turn, owner, due });
    let since = ticket.status_since();
    let turn = match ticket.turn() {
        Turn::Machine(_) => turn(Owner::Machine, ticket.phase_since().plus_millis(lease_ms)),
        Turn::Human(Desk::Dispatcher) => {
            turn(Owner::Centre("dispatcher"), since.plus_millis(DISPATCHER_LIMIT_MS))
        }
        Turn::Human(Desk::Unit) => {
            ticket.assignment().and_then(|a| turn(Owner::Unit(a.unit.clone()), a.due))
        }
        Turn::Human(Desk::Caller) => {
            let last = ticket.last_call_at().unwrap_or(since);
            turn(Owner::Centre("caller"), last.plus_millis(CALL_LIMIT_MS))
        }
        Turn::Human(Desk::Held) => turn(Owner::Centre("held"), since),
        Turn::End => None,
    };
    let matters = ticket.matters().iter().map(|(matter, open)| Card {
        kind: CardKind::Matter(*matter),
        owner: Owner::Centre("supervisor"),
        due: open.since.plus_millis(MATTER_LIMIT_MS),
    });
    turn.into_iter().chain(matters).collect()
}

impl Owner {
    /// The name of the inbox: a unit's code, or `command-centre.<desk>`; `None` for the machine.
    #[must_use]
    pub fn inbox(&self) -> Option<String> {
        match self {
            Self::Machine => None,
            Self::Centre(desk) => Some(format!("{COMMAND_CENTRE}.{desk}")),
            Self::Unit(unit) => Some(unit.as_str().to_owned()),
        }
    }
}
