//! What a ticket waits for, and for whom: work that is done in the role whose turn it is, so that every
//! case comes home.

use domain::{
    CommandId, DeclineGround, Level, Matter, Outcome, Paper, Role, StaffId, Stage, Status, Ticket,
    Timestamp, Turn,
};
use lambda::Order;

use crate::rng::Rng;
use crate::staff::{Act, Deed, call, centre, closing, conclusion, destination, handler, likeliest};
use crate::town::Town;

/// After what the clocks end by themselves staff wait so long before they look.
const AFTER_CLOCKS_MS: i64 = 5 * Timestamp::MINUTE_MS;
/// Nobody waits longer than this for a clock.
const PATIENCE_MS: i64 = 50 * Timestamp::HOUR_MS;

/// Who looks at a ticket, when, and how quick they are in this run.
#[derive(Clone, Copy)]
pub(crate) struct Desk<'a> {
    pub(crate) who: &'a str,
    pub(crate) now: i64,
    pub(crate) seed: u64,
    pub(crate) slow: u32,
    pub(crate) town: &'static Town,
}

impl Desk<'_> {
    /// A stream of chance that is the same whenever the same text is thought of.
    fn of_text(&self, text: &str) -> Rng {
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Rng::new(text.bytes().fold(self.seed, mix))
    }

    /// Whether somebody lets a clock end it: until then, if that is not too long.
    fn leaves_it(&self, of_10_000: u32, until: Timestamp, text: &str) -> Option<i64> {
        let soon = (0..PATIENCE_MS).contains(&(until.millis() - self.now));
        let leaves = soon && self.of_text(text).chance(of_10_000);
        leaves.then(|| until.millis() + AFTER_CLOCKS_MS)
    }
}

/// When a caller may call again, if it is not yet.
fn next_call(ticket: &Ticket) -> Option<i64> {
    let due = ticket.last_call_at()?.plus_millis(Timestamp::DAY_MS).millis();
    (ticket.status() == Status::Answered).then_some(due)
}

/// Somebody who lets a limit pass: until when.
fn sleeps(ticket: &Ticket, desk: &Desk<'_>) -> Option<i64> {
    let since = ticket.status_since();
    let key = format!("slow {} {} {since}", ticket.id(), ticket.status());
    let hours = match ticket.status() {
        Status::NeedsDispatcher => 3,
        Status::Held => 5,
        _ => 26,
    };
    desk.of_text(&key).chance(desk.slow).then(|| since.millis() + hours * Timestamp::HOUR_MS)
}

/// What is left to the clocks: called units and members who do not answer, suspensions that run.
fn left_to_the_clocks(ticket: &Ticket, desk: &Desk<'_>) -> Vec<i64> {
    let id = ticket.id();
    let mut left = Vec::new();
    for (matter, open) in ticket.matters() {
        let of_10_000 = match matter {
            Matter::Whistle => 2500,
            Matter::Suspension if open.running.is_some() => 5000,
            _ => continue,
        };
        let key = format!("{id} {matter} {} {:?}", open.since, open.running);
        left.extend(open.terms.due().and_then(|due| desk.leaves_it(of_10_000, due, &key)));
    }
    let called = ticket.crew().iter().filter(|(_, crew)| crew.stage == Stage::Called);
    left.extend(called.filter_map(|(member, crew)| {
        desk.leaves_it(2500, crew.due, &format!("{id} {member} {}", crew.due))
    }));
    left
}

/// Whether a ticket waits for somebody who acts now; else from when on.
pub(crate) fn actionable(ticket: &Ticket, desk: &Desk<'_>) -> Result<bool, i64> {
    if ticket.turn() == Turn::Lead {
        return Ok(false);
    }
    let mut waits: Vec<i64> = match ticket.status() {
        Status::Answered => next_call(ticket).into_iter().collect(),
        Status::Handling if ticket.erased_at().is_none() => left_to_the_clocks(ticket, desk),
        Status::NeedsDispatcher | Status::Handling | Status::Held => Vec::new(),
        _ => return Ok(false),
    };
    waits.extend(sleeps(ticket, desk));
    match waits.into_iter().max().filter(|until| *until > desk.now) {
        Some(until) => Err(until),
        None => Ok(true),
    }
}

/// What a ticket waits for, done in the role whose turn it is: the same at the same version, however
/// often it is looked at.
pub(crate) fn duty(ticket: &Ticket, desk: &Desk<'_>) -> Option<Deed> {
    let key = format!("{} v{}", ticket.id(), ticket.version());
    let erased = ticket.erased_at().is_some();
    // A refused merge leaves the ticket as it is: an hour later somebody thinks of something else.
    let key = match ticket.matters().contains_key(&Matter::Merge) {
        true => format!("{key} {}", desk.now / Timestamp::HOUR_MS),
        false => key,
    };
    let rng = &mut desk.of_text(&format!("{} {key}", desk.who));
    let (actor, order) = match ticket.status() {
        Status::Handling | Status::NeedsDispatcher if erased => {
            let ground = DeclineGround::Withdrawn;
            (centre(desk.who, Role::Supervisor), Order::Decline { ground, text: None })
        }
        Status::Handling | Status::NeedsDispatcher => next(ticket, desk, rng)?,
        Status::Answered => (centre(desk.who, Role::Caller), Order::FollowUp { result: call(rng) }),
        Status::Held => (centre(desk.who, Role::Supervisor), Order::Retry),
        _ => return None,
    };
    // Two who look at once may both write down what one member has said.
    let cause = CommandId::derive(&format!("{} {actor}", desk.who), &key);
    let (ticket, if_match) = (ticket.id().clone(), Some(ticket.version()));
    Some(Deed { ticket, actor, order, cause, if_match, twin: false, tries: 3 })
}

/// The first thing that stands between a case and its answer, or the answer.
fn next(ticket: &Ticket, desk: &Desk<'_>, rng: &mut Rng) -> Option<Act> {
    let open = |matter| ticket.matters().contains_key(&matter);
    if open(Matter::Suspension) {
        return Some(closing(ticket, Matter::Suspension, desk.who, rng));
    }
    if open(Matter::Consultation) {
        return table(ticket, desk, rng);
    }
    if open(Matter::Merge) && rng.chance(6000) {
        // That one may be over by now; who looks again decides anew.
        return Some(match likeliest(ticket, desk.who, rng).filter(|_| rng.chance(7000)) {
            Some(merge) => merge,
            None => closing(ticket, Matter::Merge, desk.who, rng),
        });
    }
    if open(Matter::Return) && rng.chance(5000) {
        let to = destination(ticket, desk.town, rng);
        return Some((centre(desk.who, Role::Dispatcher), Order::Dispatch { to }));
    }
    if let Some(whistle) = ticket.matters().get(&Matter::Whistle) {
        let called = whistle.awaited().next().filter(|_| rng.chance(9000));
        let Some(unit) = called else {
            return Some(closing(ticket, Matter::Whistle, desk.who, rng));
        };
        let accepts = rng.chance(7500);
        let text = (!accepts).then(|| "本单位无此职权。".to_owned());
        return Some((handler(desk.who, unit), Order::ReportIn { accepts, text }));
    }
    // An extension blocks nothing: now and then the answer comes first.
    let extension = (Matter::Extension, rng.chance(8000));
    for (matter, wanted) in [(Matter::Return, true), (Matter::FollowThrough, true), extension] {
        if wanted && open(matter) {
            return Some(closing(ticket, matter, desk.who, rng));
        }
    }
    members(ticket, desk, rng).or_else(|| tasks(ticket, desk, rng)).or_else(|| {
        if ticket.status() == Status::NeedsDispatcher {
            return Some(sent_on(ticket, desk, rng));
        }
        answer(ticket, desk, rng)
    })
}

/// At the table: papers, then the conclusion.
fn table(ticket: &Ticket, desk: &Desk<'_>, rng: &mut Rng) -> Option<Act> {
    let open = ticket.matters().get(&Matter::Consultation)?;
    let one = open.terms.level() == Some(Level::One);
    let role = if one { Role::Leader } else { Role::Supervisor };
    let lacks = |paper| !open.papers.contains(&paper);
    let paper = if lacks(Paper::Minutes) {
        Some(Paper::Minutes)
    } else if one && lacks(Paper::Instruction) {
        Some(Paper::Instruction)
    } else {
        (one && lacks(Paper::Referral) && rng.chance(3000)).then_some(Paper::Referral)
    };
    let text = format!("会商记录 {}。", rng.below(100));
    let order = match paper {
        Some(paper) => Order::Minute { paper, text },
        None => Order::Conclude { conclusion: conclusion(ticket, desk.town, rng), text },
    };
    Some((centre(desk.who, role), order))
}

/// Members who are out come further, by their own word or the village's.
fn members(ticket: &Ticket, desk: &Desk<'_>, rng: &mut Rng) -> Option<Act> {
    let (member, crew) = ticket.crew().iter().find(|(_, crew)| crew.stage.is_out())?;
    let (member, itself) = (member.clone(), rng.chance(3000));
    let mut stage = match crew.stage {
        Stage::Called => rng.pick(&[Stage::Accepted, Stage::Accepted, Stage::Declined]),
        Stage::Accepted => Stage::Arrived,
        _ => Stage::Finished,
    };
    let actor = if itself {
        let id = StaffId::parse(member.as_str()).ok()?;
        domain::Actor::Staff { id, role: Role::Member, unit: crew.village.clone() }
    } else {
        handler(desk.who, &crew.village)
    };
    if !itself && rng.chance(1500) {
        stage = Stage::StoodDown;
    }
    let text = rng.chance(2000).then(|| "已到现场。".to_owned());
    Some((actor, Order::ReportMember { member, stage, text, photos: Vec::new() }))
}

/// A task is done by its unit, or its unit is released.
fn tasks(ticket: &Ticket, desk: &Desk<'_>, rng: &mut Rng) -> Option<Act> {
    let unit = ticket.tasks().keys().next()?.clone();
    let done = rng.chance(8000);
    let text = rng.chance(2000).then(|| "已办结。".to_owned());
    let actor = if done {
        handler(desk.who, &unit)
    } else {
        centre(desk.who, rng.pick(&[Role::Dispatcher, Role::Supervisor]))
    };
    Some((actor, Order::EndTask { unit, done, text }))
}

fn sent_on(ticket: &Ticket, desk: &Desk<'_>, rng: &mut Rng) -> Act {
    let dispatcher = centre(desk.who, Role::Dispatcher);
    if rng.chance(1500) {
        let text = Some("不属于本市职权。".to_owned());
        return (dispatcher, Order::Decline { ground: DeclineGround::OutsideJurisdiction, text });
    }
    (dispatcher, Order::Dispatch { to: destination(ticket, desk.town, rng) })
}

/// The lead accepts, hands work on to a lower tier, or answers.
fn answer(ticket: &Ticket, desk: &Desk<'_>, rng: &mut Rng) -> Option<Act> {
    let lead = ticket.assignment()?;
    let keeper = ticket.keeper().filter(|_| rng.chance(1000)).unwrap_or(&lead.unit);
    if !lead.signed && rng.chance(2000) {
        return Some((handler(desk.who, &lead.unit), Order::Sign));
    }
    let reply = format!("已更换。{}", rng.below(100));
    let outcome = Outcome::Solved;
    Some((handler(desk.who, keeper), Order::Resolve { outcome, reply }))
}
