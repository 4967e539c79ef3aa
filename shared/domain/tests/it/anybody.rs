//! Random staff of all tiers against random cases: whoever does what and whenever, every case can be
//! brought to its end by somebody who may, none is without an owner, nobody does or sees what tier and
//! role forbid, and no deadline moves without an event that says why.
//!
//! A part of it here; the million of the record by `ANYBODY_COMMANDS=1000000`, in release.

use std::collections::BTreeMap;

use domain::{
    Actor, Card, CardKind, CommandKind, Event, GRANTS, Limit, Owner, Part, READ_GRANTS, Refusal,
    Role, Status, Step, Ticket, Timestamp, Turn, UnitCode, Why, cards,
};

use crate::clocks::check_from_scratch;
use crate::support::{
    DIRECTORY, Deed, OTHER, OWN, TOWNSHIP, VILLAGE, actors, commands, deed, deeds_on, diligent,
    dispatch, finding, perform, play, reached_call, start, ticket,
};

/// So many commands are given where nobody says otherwise.
const COMMANDS: u64 = 20_000;
/// A life that has become longer than this is brought to its end.
const LIFE_MAX: usize = 60;
/// More than the longest way from anywhere to the archive.
const WAY_MAX: usize = 60;

/// What ends a case, moves nothing, or is not about the tiers: given less often.
const SELDOM: [CommandKind; 10] = [
    CommandKind::Erase,
    CommandKind::Withdraw,
    CommandKind::Decline,
    CommandKind::Dispatch,
    CommandKind::Merge,
    CommandKind::Attach,
    CommandKind::RefuseAttachment,
    CommandKind::Replan,
    CommandKind::Supplement,
    CommandKind::Urge,
];

/// A stream of chance (`SplitMix64`) that a number begins.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }
}

#[test]
#[allow(clippy::print_stdout, reason = "the record says how much was done")]
fn whoever_does_what_and_whenever() {
    let wanted = std::env::vars_os().find(|(name, _)| name == "ANYBODY_COMMANDS");
    let wanted = wanted.map_or(COMMANDS, |(_, count)| count.to_str().unwrap().parse().unwrap());
    let (mut chance, mut given, mut accepted, mut lives) = (Chance(6), 0_u64, 0_u64, 0_u64);
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    while given < wanted {
        lives += 1;
        let mut case = if chance.below(4) == 0 { finding() } else { ticket() };
        let mut now = start();
        while case.timeline().len() < LIFE_MAX && case.turn() != Turn::End && given < wanted {
            now = now.plus_millis(wait(&mut chance));
            let one = pick(&case, now, &mut chance);
            given += 1;
            let outcome = perform(&case, &one, now, None);
            check_allowed(&case, &one, &outcome);
            let Ok(after) = outcome else { continue };
            accepted += 1;
            *seen.entry(one.command.kind().as_str()).or_default() += 1;
            check_moves(&case, &after);
            check_from_scratch(&after);
            check_owner(&after);
            case = after;
        }
        check_end(case);
    }
    println!("{given} commands on {lives} cases, {accepted} accepted: {seen:?}");
    assert!(accepted * 4 > given, "they did not get around: {accepted} of {given}");
}

/// Minutes to days, sometimes none.
fn wait(chance: &mut Chance) -> i64 {
    let longest = [1, 60_000, Timestamp::HOUR_MS, 6 * Timestamp::HOUR_MS, Timestamp::DAY_MS];
    let longest = longest[chance.below(longest.len())];
    i64::try_from(chance.below(usize::try_from(longest).unwrap())).unwrap()
}

/// Mostly what somebody may do to this case at all, each kind as often as another; sometimes anything by
/// anybody; and now and then what brings it on, to whichever tier.
fn pick(case: &Ticket, now: Timestamp, chance: &mut Chance) -> Deed {
    match chance.below(10) {
        0 => {
            let (all, people) = (commands(), actors());
            deed(people[chance.below(people.len())].clone(), all[chance.below(all.len())].clone())
        }
        // Those who have a case do much before they answer.
        1..10 if case.status() == Status::Handling && chance.below(25) > 0 => {
            let apt = chance.below(6) == 0;
            let mut kinds: BTreeMap<_, Vec<Deed>> = BTreeMap::new();
            for one in deeds_on(case) {
                let kind = one.command.kind();
                let rare = SELDOM.contains(&kind) && chance.below(8) > 0;
                if rare || (apt && perform(case, &one, now, None).is_err()) {
                    continue;
                }
                let matter = format!("{:?}", one.command).split('{').nth(1).map(str::to_owned);
                let about = matter.filter(|_| kind == CommandKind::OpenMatter);
                kinds.entry((kind, about)).or_default().push(one);
            }
            let kinds: Vec<Vec<Deed>> = kinds.into_values().collect();
            let ways = &kinds[chance.below(kinds.len())];
            ways[chance.below(ways.len())].clone()
        }
        1..4 => {
            let ways = deeds_on(case);
            ways[chance.below(ways.len())].clone()
        }
        _ if case.turn() == Turn::Machine(Step::Dispatch) => {
            let tier = [VILLAGE, TOWNSHIP, OWN, OTHER][chance.below(4)];
            let tier = if case.found_by().is_some() { VILLAGE } else { tier };
            deed(Actor::Step(Step::Dispatch), dispatch(tier, Limit::Workdays(5)))
        }
        _ => diligent(case, &reached_call(None, Some(chance.below(3) > 0), None)).unwrap(),
    }
}

/// What was accepted stands in the table for this role, tier and part; what the table does not give is
/// refused; and nobody reads who has no part that reads.
fn check_allowed(case: &Ticket, one: &Deed, outcome: &Result<Ticket, Refusal>) {
    let Actor::Staff { id, role, unit } = &one.actor else { return };
    let tier = DIRECTORY.unit(unit).unwrap().tier();
    let mut parts = case.parts(unit, &DIRECTORY);
    if *role == Role::Member {
        parts.clear();
        let out = case.crew().iter().any(|(member, crew)| {
            member.as_str() == id.as_str() && crew.stage.is_out() && crew.village == *unit
        });
        parts.extend(out.then_some(Part::Mobilised));
    }
    let fits = |needed: &[Part]| needed.is_empty() || needed.iter().any(|p| parts.contains(p));
    let granted = GRANTS.iter().any(|grant| {
        let (kind, tiers) = (one.command.kind(), grant.tiers);
        grant.role == *role && grant.command == kind && tiers.contains(&tier) && fits(grant.parts)
    });
    assert!(granted || outcome.is_err(), "{one:?} by {parts:?}");
    assert!(!matches!(outcome, Err(Refusal::Illegal(_))), "{one:?}");
    for unmasked in [false, true] {
        let reads = READ_GRANTS.iter().any(|grant| {
            let enough = grant.unmasked || !unmasked;
            grant.role == *role && grant.tiers.contains(&tier) && enough && fits(grant.parts)
        });
        assert_eq!(case.check_reader(&one.actor, unmasked, &DIRECTORY).is_ok(), reads);
    }
}

type Ends = (Option<Timestamp>, Option<Timestamp>, BTreeMap<UnitCode, Timestamp>);

fn ends(case: &Ticket) -> Ends {
    let tasks = case.tasks().iter().map(|(unit, task)| (unit.clone(), task.due));
    (case.assignment().map(|a| a.due), case.citizen_due(), tasks.collect())
}

/// A deadline moves by an event that says why, and by no other.
fn check_moves(before: &Ticket, after: &Ticket) {
    let (old, new) = (ends(before), ends(after));
    let events = || after.timeline().iter().skip(before.timeline().len()).map(|entry| &entry.event);
    let says = |why: &[Why]| {
        events()
            .any(|event| matches!(event, Event::Rescheduled { why: one, .. } if why.contains(one)))
    };
    let dispatched = events().any(|event| matches!(event, Event::Dispatched { .. }));
    let moving = [Why::Extension, Why::Suspension, Why::Resumption, Why::Reopening];
    assert!(old.0 == new.0 || dispatched || says(&moving), "the unit's");
    let citizens = [Why::Extension, Why::Suspension, Why::Resumption];
    assert!(old.1 == new.1 || old.1.is_none() || says(&citizens), "the citizen's");
    for (unit, due) in &new.2 {
        let stood = old.2.get(unit).is_none_or(|old| old == due);
        assert!(stood || says(&[Why::Suspension, Why::Resumption]), "the task's");
    }
}

/// Somebody has it: the machine, a desk, a unit; and of what is open, too.
fn check_owner(case: &Ticket) {
    let cards = cards(case, 1000);
    let turn = cards.iter().find(|card| card.kind == CardKind::Turn);
    let settled = case.status() == Status::Archived && case.late().is_none();
    assert_eq!(turn.is_none(), settled, "{}", case.status());
    for Card { owner, .. } in &cards {
        match owner {
            Owner::Unit(unit) => assert!(DIRECTORY.unit(unit).is_some()),
            Owner::Machine | Owner::Centre(_) | Owner::Member(_) => {}
        }
    }
    if case.assignment().is_some() {
        assert!(case.keeper().is_some(), "first received, and kept by nobody");
    }
}

/// Diligent people who are allowed to bring it to its end from wherever it stands.
fn check_end(mut case: Ticket) {
    let content = reached_call(Some(true), Some(true), None);
    for _ in 0..WAY_MAX {
        let Some(next) = diligent(&case, &content) else { return };
        case = play(&case, [next]);
    }
    panic!("no end from {} after {WAY_MAX} commands", case.status());
}
