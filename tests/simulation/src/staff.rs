//! What staff and citizens do to a ticket that stands: always through the one command function, in
//! their roles.

use contracts::SealedText;
use domain::{
    Actor, COMMAND_CENTRE, CommandId, Conclusion, DispatchTo, FollowUpResult, Limit, Matter, Owner,
    Role, Satisfaction, StaffId, Terms, Ticket, TicketId, Tier, UnitCode, Units,
};
use lambda::Order;

use crate::rng::Rng;
use crate::town::Town;

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

/// Who does what.
pub(crate) type Act = (Actor, Order);

pub(crate) fn staff(id: &str, role: Role, unit: &str) -> Actor {
    let id = StaffId::parse(&format!("{id}-{role}")).unwrap();
    Actor::Staff { id, role, unit: UnitCode::parse(unit).unwrap() }
}

/// Somebody of the command centre.
pub(crate) fn centre(id: &str, role: Role) -> Actor {
    staff(id, role, COMMAND_CENTRE)
}

/// Somebody of a unit who handles.
pub(crate) fn handler(id: &str, unit: &UnitCode) -> Actor {
    staff(id, Role::Handler, unit.as_str())
}

/// One of several that are there.
pub(crate) fn one<'a, T>(of: &'a [T], rng: &mut Rng) -> Option<&'a T> {
    of.get(usize::try_from(rng.below(of.len() as u64)).unwrap_or(0))
}

/// Any unit that may get work.
pub(crate) fn any_unit(town: &'static Town, rng: &mut Rng) -> &'static UnitCode {
    let of = rng.pick(&[&town.offices, &town.townships, &town.villages, &town.villages]);
    one(of, rng).unwrap()
}

/// Limits that are over soon, and such that depend on the calendar.
pub(crate) fn limit(rng: &mut Rng) -> Limit {
    rng.pick(&[Limit::Hours(2), Limit::Hours(24), Limit::Workdays(1), Limit::Workdays(5)])
}

/// Where a ticket may go: by the catalog, to a township, or to whoever found it.
pub(crate) fn destination(ticket: &Ticket, town: &'static Town, rng: &mut Rng) -> DispatchTo {
    let items: Vec<_> = town.items().collect();
    let (item, unit) = one(&items, rng).unwrap();
    let mut to = item.to((*unit).clone(), Tier::City, None);
    let finder = ticket.found_by().filter(|_| rng.chance(6000));
    let township = rng.chance(3000).then(|| one(&town.townships, rng)).flatten();
    if let Some(unit) = finder.or(township).and_then(|code| town.directory.unit(code)) {
        (to.unit, to.tier, to.limit) = (unit.code.clone(), unit.tier(), limit(rng));
    }
    to
}

/// What a table may decide.
pub(crate) fn conclusion(ticket: &Ticket, town: &'static Town, rng: &mut Rng) -> Conclusion {
    let to = destination(ticket, town, rng);
    let mut assisting = Units::default();
    for _ in 0..rng.below(3) {
        assisting.0.insert(any_unit(town, rng).clone());
    }
    assisting.0.remove(&to.unit);
    let item = ticket.assignment().is_none().then(|| to.item.clone());
    Conclusion {
        item,
        catalog: to.catalog,
        lead: to.unit,
        assisting,
        limit: to.limit,
        funded: rng.chance(2500),
    }
}

/// Who may close a matter that is open, and how; of some matters nobody can, for others end them.
pub(crate) fn closing(ticket: &Ticket, matter: Matter, who: &str, rng: &mut Rng) -> Act {
    let open = ticket.matters().get(&matter);
    let mut granted = rng.chance(5000);
    let supervisor = || centre(who, Role::Supervisor);
    let actor = match open.map(|open| &open.terms) {
        Some(Terms::Return { .. }) => {
            granted = false;
            centre(who, rng.pick(&[Role::Dispatcher, Role::Supervisor]))
        }
        Some(Terms::Extension { to: Owner::Unit(unit), .. }) => {
            staff(who, Role::Dispatcher, unit.as_str())
        }
        Some(Terms::Supervision { .. }) => centre(who, rng.pick(&[Role::Leader, Role::Supervisor])),
        Some(Terms::Suspension { .. }) if rng.chance(3000) => {
            granted = open.is_some_and(|open| open.running.is_some());
            ticket.assignment().map_or_else(supervisor, |lead| handler(who, &lead.unit))
        }
        Some(Terms::Merge { .. }) => {
            granted = false;
            centre(who, rng.pick(&[Role::Dispatcher, Role::Supervisor]))
        }
        Some(Terms::FollowThrough { .. }) => {
            granted = true;
            supervisor()
        }
        _ => supervisor(),
    };
    (actor, Order::CloseMatter { matter, granted })
}

/// Lets a ticket follow one of those that it is likely to repeat.
pub(crate) fn likeliest(ticket: &Ticket, who: &str, rng: &mut Rng) -> Option<Act> {
    let lead = one(ticket.likely(), rng)?.ticket.clone();
    Some((centre(who, rng.pick(&[Role::Dispatcher, Role::Supervisor])), Order::Merge { lead }))
}

/// What a call brings.
pub(crate) fn call(rng: &mut Rng) -> FollowUpResult {
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

/// The same message id with other words, if there are words.
pub(crate) fn twin(deed: &Deed) -> Option<Deed> {
    let mut other = Deed { twin: true, ..deed.clone() };
    let text = match &mut other.order {
        Order::Supplement { text } | Order::Note { text } | Order::Minute { text, .. } => text,
        Order::Urge { text }
        | Order::Withdraw { text }
        | Order::Assign { text, .. }
        | Order::ReportIn { text, .. } => text.as_mut()?,
        _ => return None,
    };
    text.push_str("不，是另一件。");
    Some(other)
}

/// What an order leaves to be read, if there is anything: its words, and which photos came with it.
pub(crate) fn said(order: &Order) -> Option<SealedText> {
    let photos = match order {
        Order::ReportMember { photos, .. } => photos.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    };
    let text = words(order).or_else(|| (!photos.is_empty()).then(String::new))?;
    Some(SealedText::NoteV1 { text, photos })
}

/// The words of an order, if there are any.
fn words(order: &Order) -> Option<String> {
    match order {
        Order::Supplement { text }
        | Order::Note { text }
        | Order::Minute { text, .. }
        | Order::Conclude { text, .. }
        | Order::Resolve { reply: text, .. } => Some(text.clone()),
        Order::Urge { text }
        | Order::Withdraw { text }
        | Order::Decline { text, .. }
        | Order::Assign { text, .. }
        | Order::EndTask { text, .. }
        | Order::ReportIn { text, .. }
        | Order::ReportMember { text, .. }
        | Order::OpenMatter { text, .. } => text.clone(),
        Order::Rate { .. }
        | Order::Dispatch { .. }
        | Order::FollowUp { .. }
        | Order::Retry
        | Order::Sign
        | Order::Mobilise { .. }
        | Order::CloseMatter { .. }
        | Order::Merge { .. }
        | Order::Unmerge
        | Order::Erase => None,
    }
}
