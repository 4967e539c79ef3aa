//! Cards: what people and clocks look up. A pure function of the ticket, written in the same
//! transaction as the transition, and only those that changed (design, section 3).

use crate::alarm::{Alarms, end};
use crate::ids::{MemberId, UnitCode};
use crate::lifecycle::{Desk, Status, Turn};
use crate::matter::{Level, Matter, OpenMatter, Terms};
use crate::record::{RecordFault, Text};
use crate::ticket::{Stage, Ticket};
use crate::timestamp::Timestamp;

/// The unit whose inbox holds the city's own desks: dispatchers, callers, supervisors.
pub const COMMAND_CENTRE: &str = "command-centre";

/// The desks of the command centre.
const DESKS: [&str; 5] = ["dispatcher", "caller", "held", "supervisor", "leader"];

/// What a card is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CardKind {
    /// The turn itself; it rides on the ticket item.
    Turn,
    /// An open matter; an item of its own, as all that follow.
    Matter(Matter),
    /// 协办: a unit's task.
    Task(UnitCode),
    /// 报到: a called unit that has not reported in.
    Called(UnitCode),
    /// A unit that sits at the table.
    Invited(UnitCode),
    /// 首接: the first unit, which keeps the case until another has accepted it.
    Keeper(UnitCode),
    /// A member of a team who was mobilised.
    Crew(MemberId),
}

impl std::fmt::Display for CardKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Turn => f.write_str("turn"),
            Self::Matter(matter) => write!(f, "{matter}"),
            Self::Task(unit) => write!(f, "task:{unit}"),
            Self::Called(unit) => write!(f, "called:{unit}"),
            Self::Invited(unit) => write!(f, "invited:{unit}"),
            Self::Keeper(unit) => write!(f, "keeper:{unit}"),
            Self::Crew(member) => write!(f, "crew:{member}"),
        }
    }
}

impl Text for CardKind {
    fn to_text(&self) -> String {
        self.to_string()
    }

    fn from_text(text: &str) -> Result<Self, RecordFault> {
        const FAULT: RecordFault = RecordFault::Value("the kind of a card");
        let Some((kind, whose)) = text.split_once(':') else {
            let matter = || Matter::parse(text).map(Self::Matter);
            let turn = (text == "turn").then_some(Self::Turn);
            return turn.or_else(matter).ok_or(FAULT);
        };
        let unit = || UnitCode::from_text(whose);
        match kind {
            "task" => unit().map(Self::Task),
            "called" => unit().map(Self::Called),
            "invited" => unit().map(Self::Invited),
            "keeper" => unit().map(Self::Keeper),
            "crew" => MemberId::from_text(whose).map(Self::Crew),
            _ => Err(FAULT),
        }
    }
}

/// Whose inbox a card lies in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// Nobody's: the machine's turn, which the sweep watches.
    Machine,
    /// A desk of the command centre: `dispatcher`, `caller`, `held`, `supervisor`, `leader`.
    Centre(&'static str),
    /// A unit's.
    Unit(UnitCode),
    /// A member's of a team.
    Member(MemberId),
}

impl Owner {
    /// The supervisors of the command centre.
    pub const SUPERVISOR: Self = Self::Centre("supervisor");
    /// The leading group.
    pub const LEADER: Self = Self::Centre("leader");

    /// The name of the inbox: a unit's code, `command-centre.<desk>`, or `member.<id>`; `None` for the
    /// machine.
    #[must_use]
    pub fn inbox(&self) -> Option<String> {
        match self {
            Self::Machine => None,
            Self::Centre(desk) => Some(format!("{COMMAND_CENTRE}.{desk}")),
            Self::Unit(unit) => Some(unit.as_str().to_owned()),
            Self::Member(member) => Some(format!("member.{member}")),
        }
    }
}

impl Text for Owner {
    fn to_text(&self) -> String {
        self.inbox().unwrap_or_else(|| "machine.".to_owned())
    }

    fn from_text(text: &str) -> Result<Self, RecordFault> {
        const FAULT: RecordFault = RecordFault::Value("the name of an inbox");
        match text.split_once('.') {
            None => UnitCode::from_text(text).map(Self::Unit),
            Some((COMMAND_CENTRE, desk)) => {
                let desk = DESKS.into_iter().find(|one| *one == desk);
                desk.map(Self::Centre).ok_or(FAULT)
            }
            Some(("member", member)) => MemberId::from_text(member).map(Self::Member),
            Some(("machine", "")) => Ok(Self::Machine),
            Some(_) => Err(FAULT),
        }
    }
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
    /// When the clocks look at it next, to warn or to end it; `None` if they never do. The machine's turn
    /// is looked at by the sweep when it is due.
    pub alarm: Option<Timestamp>,
}

/// How long a dispatcher has: two hours, as Beijing's draft standard has it for online intake.
pub(crate) const DISPATCHER_LIMIT_MS: i64 = 2 * Timestamp::HOUR_MS;
/// How long until a follow-up call is due, and between two attempts: a day.
const CALL_LIMIT_MS: i64 = Timestamp::DAY_MS;
/// How long staff have for what the machine gave up: four hours, for citizens wait meanwhile.
const HELD_LIMIT_MS: i64 = 4 * Timestamp::HOUR_MS;
/// How often the sweep asks a lead for its answer in a follower's name. Its own closing tells them sooner: this
/// finds who was merged just then, or was not told.
pub const FOLLOW_MS: i64 = Timestamp::HOUR_MS;
/// How long a matter without a rule of its own may stay open before it shows as overdue.
const MATTER_LIMIT_MS: i64 = 2 * Timestamp::DAY_MS;

/// The cards of a ticket; the first, if any, is the turn's.
///
/// `lease_ms` is how long the machine may take before the sweep looks (in milliseconds); it is
/// counted from the start of the whole run of machine statuses, so that a hop within the run moves
/// no index key.
#[must_use]
pub fn cards(ticket: &Ticket, lease_ms: i64) -> Vec<Card> {
    let mut cards: Vec<Card> = turn(ticket, lease_ms).into_iter().collect();
    // Who follows another asks nobody anything, and while a dispatcher has the case there is no second card.
    let idle = ticket.lead().is_some() || ticket.status() == Status::NeedsDispatcher;
    let asks = |matter: &Matter| *matter != Matter::Merge || !idle;
    for (matter, open) in ticket.matters().iter().filter(|(matter, _)| asks(matter)) {
        of_matter(ticket, (*matter, open), &mut cards);
    }
    let clocks = Alarms::of(ticket);
    cards.extend(ticket.tasks().iter().map(|(unit, task)| {
        let kind = CardKind::Task(unit.clone());
        let alarm = Some(clocks.limit(&kind, task.since, task.due));
        Card { kind, owner: Owner::Unit(unit.clone()), due: task.due, alarm }
    }));
    let out = ticket.crew().iter().filter(|(_, crew)| crew.stage.is_out());
    cards.extend(out.map(|(member, crew)| Card {
        kind: CardKind::Crew(member.clone()),
        owner: Owner::Member(member.clone()),
        due: crew.due,
        alarm: (crew.stage == Stage::Called).then_some(crew.due),
    }));
    cards.extend(keeper(ticket));
    cards
}

fn turn(ticket: &Ticket, lease_ms: i64) -> Option<Card> {
    let (kind, since) = (CardKind::Turn, ticket.status_since());
    let clocks = Alarms::of(ticket);
    let desk = |desk, due| {
        let owner = Owner::Centre(desk);
        let alarm = Some(clocks.desk(&kind, end(&owner, due)));
        Some(Card { kind: kind.clone(), owner, due, alarm })
    };
    match ticket.turn() {
        Turn::Machine(_) => {
            let due = ticket.phase_since().plus_millis(lease_ms);
            Some(Card { kind, owner: Owner::Machine, due, alarm: Some(due) })
        }
        Turn::Human(Desk::Dispatcher) => desk("dispatcher", since.plus_millis(DISPATCHER_LIMIT_MS)),
        Turn::Human(Desk::Unit) => ticket.assignment().map(|a| {
            let alarm = Some(clocks.limit(&kind, a.since, a.due));
            Card { kind, owner: Owner::Unit(a.unit.clone()), due: a.due, alarm }
        }),
        Turn::Human(Desk::Caller) => {
            let last = ticket.last_call_at().unwrap_or(since);
            desk("caller", last.plus_millis(CALL_LIMIT_MS))
        }
        Turn::Lead => {
            let since = ticket.following_since().unwrap_or(since);
            let due = since.plus_millis(FOLLOW_MS);
            Some(Card { kind, owner: Owner::Machine, due, alarm: Some(due) })
        }
        Turn::Human(Desk::Held) => desk("held", since.plus_millis(HELD_LIMIT_MS)),
        Turn::End => None,
    }
}

/// The card of a matter, and those of the units that are called or sit at the table.
fn of_matter(ticket: &Ticket, (matter, open): (Matter, &OpenMatter), cards: &mut Vec<Card>) {
    let kind = CardKind::Matter(matter);
    let due = open.terms.due().unwrap_or_else(|| open.since.plus_millis(MATTER_LIMIT_MS));
    let clocks = Alarms::of(ticket);
    let card = |owner, alarm| Card { kind: kind.clone(), owner, due, alarm };
    let watched = Some(clocks.desk(&kind, due));
    cards.push(match &open.terms {
        Terms::Return { .. } => card(Owner::Centre("dispatcher"), watched),
        Terms::Extension { to, .. } => card(to.clone(), watched),
        // Its units report in or the clock ends it: nobody else is waited for.
        Terms::Whistle { .. } => card(Owner::SUPERVISOR, Some(due)),
        Terms::Suspension { until } if open.running.is_some() => {
            card(Owner::SUPERVISOR, Some(*until))
        }
        Terms::Consultation { level: Level::One, .. } => card(Owner::LEADER, watched),
        Terms::Suspension { .. } | Terms::Consultation { .. } | Terms::FollowThrough { .. } => {
            card(Owner::SUPERVISOR, watched)
        }
        Terms::Merge { .. } => card(Owner::Centre("dispatcher"), None),
        Terms::Supervision { to } => card(to.clone(), None),
        Terms::Plain => card(Owner::SUPERVISOR, None),
    });
    let of = |kind: fn(UnitCode) -> CardKind, unit: &UnitCode| Card {
        kind: kind(unit.clone()),
        owner: Owner::Unit(unit.clone()),
        due,
        alarm: None,
    };
    cards.extend(open.awaited().map(|unit| of(CardKind::Called, unit)));
    if open.terms.level().is_some() {
        let invited = open.terms.units().into_iter().flatten();
        cards.extend(invited.map(|unit| of(CardKind::Invited, unit)));
    }
}

/// The first unit's card while another has the case and has not accepted it.
fn keeper(ticket: &Ticket) -> Option<Card> {
    let (assignment, keeper) = (ticket.assignment()?, ticket.keeper()?);
    let kept = ticket.turn() == Turn::Human(Desk::Unit) && assignment.unit != *keeper;
    kept.then(|| Card {
        kind: CardKind::Keeper(keeper.clone()),
        owner: Owner::Unit(keeper.clone()),
        due: assignment.due,
        alarm: None,
    })
}
