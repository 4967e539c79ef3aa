//! Orders of all kinds, each of which dies at every call.

use std::collections::BTreeSet;

use domain::TicketId;
use lambda::{FundError, Posted, fund};
use ports::{PortError, World};
use simulation::{Fault, Idea, Look, Memory, Rng, Stand as _, with_its_unit};

use super::{LEASE_MS, SPILL_AT, finish, give};
use crate::followers::now;

/// So many orders of a script are carried out.
const SCRIPT: usize = 200;

/// The heads of all accounts: no byte of any journal differs when they do not.
fn heads(memory: &Memory) -> Vec<(String, u32, domain::Hash)> {
    let all = memory.accounts();
    all.iter().map(|known| (known.account.to_string(), known.seq, known.head)).collect()
}

/// An order, what it came to, and the heads afterwards.
struct Played {
    idea: Idea,
    outcome: Result<usize, FundError>,
    heads: Vec<(String, u32, domain::Hash)>,
}

fn told(outcome: Result<Posted, FundError>) -> Result<usize, FundError> {
    outcome.map(|posted| posted.postings.len())
}

fn cases(world: &World) -> Vec<TicketId> {
    ["A", "B", "C"].map(|name| now(with_its_unit(world, name))).into()
}

/// Orders of all kinds on several accounts and applications, each as the ledger stands then, without a fault.
fn script() -> Vec<Played> {
    let memory = Memory::new(LEASE_MS, SPILL_AT);
    let (world, chance) = (memory.world(), &mut Rng::new(200));
    let tickets = cases(world);
    let (mut script, mut done) = (Vec::new(), 0);
    while done < SCRIPT {
        let ticket = &tickets[script.len() % tickets.len()];
        let idea = memory.idea(ticket, script.len() as u64, chance).unwrap();
        memory.draw_from(script.len() as u64);
        let outcome = told(now(fund(world, &idea.actor, (&idea.order, &idea.cause))));
        done += usize::from(outcome.is_ok());
        script.push(Played { idea, outcome, heads: heads(&memory) });
    }
    assert_eq!(memory.wrong(), Vec::<String>::new());
    script
}

/// Plays the script, and lets this happen to the call of each order that comes after so many others; the same is
/// given again until it is answered. To how many orders it happened.
fn play(script: &[Played], after: u64, fault: Fault) -> usize {
    let memory = Memory::new(LEASE_MS, SPILL_AT);
    let world = memory.world();
    let (_, mut struck) = (cases(world), 0);
    for (at, played) in script.iter().enumerate() {
        memory.draw_from(at as u64);
        memory.strike(after, fault);
        let mut work = give(world, &played.idea);
        let mut first = None;
        while first.is_none() {
            match memory.look(&mut work) {
                Look::Waits => {}
                Look::Died => break,
                Look::Done(done) => first = Some(done),
            }
        }
        struck += usize::from(!memory.spare());
        let unknown = |outcome: &Result<Posted, FundError>| {
            matches!(outcome, Err(FundError::Port(PortError::Temporary(_))))
        };
        let outcome = first.filter(|outcome| !unknown(outcome));
        let again = || {
            memory.draw_from(at as u64);
            finish(&memory, &mut give(world, &played.idea))
        };
        let outcome = outcome.unwrap_or_else(again);
        let what = || format!("order {at}, {fault:?} after {after} calls: {:?}", played.idea);
        assert_eq!(told(outcome), played.outcome, "{}", what());
        assert_eq!(heads(&memory), played.heads, "{}", what());
    }
    assert_eq!(memory.wrong(), Vec::<String>::new(), "{fault:?} after {after} calls");
    struck
}

#[test]
fn whatever_dies_at_whatever_call_each_order_is_carried_out_once() {
    let began = std::time::Instant::now();
    let script = script();
    let kinds: BTreeSet<String> = script
        .iter()
        .filter(|played| played.outcome.is_ok())
        .map(|played| format!("{:?}", played.idea.order).split(' ').next().unwrap().to_owned())
        .collect();
    let mut crashes = 0;
    for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::AnswerLost] {
        for after in 0.. {
            let struck = play(&script, after, fault);
            crashes += struck;
            if struck == 0 {
                break;
            }
        }
    }
    println!(
        "{SCRIPT} orders of {} kinds among {} that were given, {crashes} times struck in {:?}",
        kinds.len(),
        script.len(),
        began.elapsed()
    );
    assert!(kinds.len() >= 11, "{kinds:?}");
}
