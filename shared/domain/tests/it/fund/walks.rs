//! What holds whoever orders what and whenever, over several accounts, cases and years.

use std::collections::BTreeSet;

use domain::fund::{
    AccountJournal, ActKind, Deed, EntryRef, FundRefusal, Money, Order, Stage, verify_account,
};
use domain::{CommandId, Hash, Timestamp};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::city::{
    City, S1, STAFF, accept, account, application, apply, appropriate, approve, at, contract, on,
    pay, refund, refuse, release, reserve, yuan,
};

const ACCOUNTS: [&str; 6] = [
    "fund/2026",
    "centre/2026",
    "township.mishan/2026",
    "fund/2027",
    "centre/2027",
    "township.mishan/2027",
];
const AMOUNTS: [&str; 6] = ["0", "0.01", "100", "19,999.99", "100,000", "2,000,000"];

/// One order of a walk, as small numbers.
#[derive(Clone, Debug)]
struct Move {
    who: usize,
    what: u8,
    account: usize,
    number: u16,
    amount: usize,
    seq: u32,
    days: i64,
    repeats: bool,
}

fn moves(max: usize) -> impl Strategy<Value = Vec<Move>> {
    let days = prop_oneof![40 => Just(0_i64), 10 => 0..5_i64, 2 => -30..0_i64, 2 => 30..90_i64];
    let one = (0..STAFF.len(), 0..30_u8, 0..3_usize, 1..4_u16, 0..AMOUNTS.len(), 1..30_u32, days)
        .prop_flat_map(|(who, what, account, number, amount, seq, days)| {
            prop::bool::weighted(0.1).prop_map(move |repeats| Move {
                who,
                what,
                account,
                number,
                amount,
                seq,
                days,
                repeats,
            })
        });
    prop::collection::vec(one, max / 2..max)
}

impl Move {
    fn order(&self, city: &City, now: Timestamp) -> Order {
        let next_year = now >= at("2027-01-01");
        let is_new = (next_year && self.seq > 4) || self.what == 28;
        let mut name = ACCOUNTS[self.account + if is_new { 3 } else { 0 }];
        let (number, amount) = (self.number, AMOUNTS[self.amount]);
        let case = city.applications.get(&application(number));
        let home = case.map(|case| case.account.to_string());
        // Mostly what can be done, on the account where it can be; else anything anywhere.
        if self.what >= 6 && self.what != 29 {
            name = ACCOUNTS.iter().find(|name| Some(**name) == home.as_deref()).unwrap_or(&name);
        }
        let payment = case.and_then(|case| case.payments.first()).map(|one| one.entry.clone());
        let payment = payment.unwrap_or_else(|| EntryRef { account: account(name), seq: self.seq });
        let invoice = ["A", "B", "C", "D", "E"][usize::from(self.what) % 5];
        let deed = match self.what {
            0 => appropriate(amount),
            1 => {
                Deed::Transfer { to: account(ACCOUNTS[usize::from(number)]), amount: yuan(amount) }
            }
            2 | 3 => {
                let entries = city.journals.get(&account(name)).map_or(0, Vec::len);
                Deed::Reverse { entry: self.seq % (u32::try_from(entries).unwrap() + 2) }
            }
            4 => Deed::Close { carry: self.seq.is_multiple_of(2) },
            5 => appropriate("2,000,000"),
            6 => release(number),
            7 | 12 => {
                name = ACCOUNTS.iter().find(|n| account(n) == payment.account).unwrap_or(&name);
                refund(number, payment, amount)
            }
            8 => Deed::Carry { application: application(number) },
            9 => refuse(number),
            10 => pay(number, amount, invoice),
            11 => approve(number, amount),
            _ if next_year && name.ends_with("2026") => {
                Deed::Carry { application: application(number) }
            }
            _ => forward(case.map(domain::fund::Application::stage), number, invoice),
        };
        on(name, deed)
    }
}

/// What brings a case one step on.
fn forward(stage: Option<Stage>, number: u16, invoice: &str) -> Deed {
    match stage {
        None if number == 3 => apply(number, "200,000"),
        None => apply(number, "19,999.99"),
        Some(Stage::Applied) if number == 3 => approve(number, "150,000"),
        Some(Stage::Applied) => approve(number, "10,000"),
        Some(Stage::Approved) => reserve(number),
        Some(Stage::Reserved) => contract(number),
        Some(Stage::Contracted) => accept(number),
        Some(Stage::Accepted | Stage::Refused | Stage::Ended) => pay(number, "3,000", invoice),
    }
}

/// Walks, and checks after every step; what was written and refused comes back.
fn walk(moves: &[Move]) -> (City, BTreeSet<String>) {
    let mut city = City::default();
    let mut now = at("2026-10-01");
    for name in ACCOUNTS.into_iter().take(3) {
        city.does_on("2026-10-01", S1, on(name, appropriate("100,000")));
    }
    let mut refusals = BTreeSet::new();
    let mut last: Option<(Order, CommandId)> = None;
    for (step, one) in moves.iter().enumerate() {
        now = now.plus_millis(one.days * Timestamp::DAY_MS + 1);
        let fresh = || (one.order(&city, now), CommandId::derive("walk", &step.to_string()));
        let repeated = last.clone().filter(|_| one.repeats);
        let is_repeated = repeated.is_some();
        let (order, cause) = repeated.unwrap_or_else(fresh);
        let before = city.clone();
        match city.give((STAFF[one.who], now, cause.clone()), &order) {
            Ok(postings) if is_repeated => assert!(postings.is_empty()),
            Ok(postings) => {
                assert!((1..=2).contains(&postings.len()));
                last = Some((order, cause));
            }
            Err(refusal) => {
                assert!(!matches!(refusal, FundRefusal::View(_)), "{order:?}: {refusal}");
                assert_eq!(city.journals, before.journals);
                let name = format!("{refusal:?}");
                refusals.insert(name.split([' ', '(']).next().unwrap().to_owned());
            }
        }
        for balance in city.balances.values() {
            assert!(balance.is_even(), "{balance:?}");
        }
    }
    (city, refusals)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn whatever_is_decided_is_a_ledger(moves in moves(160)) {
        let (city, _) = walk(&moves);
        city.check();
        for case in city.applications.values() {
            let there = Money::sum([case.reserved, case.paid, case.released]).unwrap();
            let approved = case.approval.as_ref().map(|approval| approval.amount);
            prop_assert!(there.is_zero() || Some(there) == approved);
        }
    }

    /// Every beginning of a journal is one as well, so a store that reads while others write is right.
    #[test]
    fn every_beginning_is_a_journal(moves in moves(60)) {
        let (city, _) = walk(&moves);
        for (account, entries) in &city.journals {
            for end in 0..=entries.len() {
                let entries = &entries[..end];
                let head = entries.last().map_or(Hash::ZERO, domain::fund::Posting::hash);
                let journal = AccountJournal { account, entries, head };
                prop_assert!(verify_account(&journal).is_ok());
            }
        }
    }
}

/// The walks would prove little if they stood still.
#[test]
fn the_walks_come_everywhere() {
    let mut runner = TestRunner::deterministic();
    let (mut kinds, mut refusals) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..200 {
        let moves = moves(160).new_tree(&mut runner).unwrap().current();
        let (city, refused) = walk(&moves);
        kinds.extend(city.journals.values().flatten().map(|posting| posting.act.kind()));
        refusals.extend(refused);
    }
    assert_eq!(kinds, ActKind::ALL.iter().copied().collect());
    for name in [
        "NotAllowed",
        "OverLimit",
        "OwnApplication",
        "OwnApproval",
        "OwnEntry",
        "Insufficient",
        "Nothing",
        "MoreThanAsked",
        "MoreThanPaid",
        "Closed",
        "YearNotBegun",
        "YearOver",
        "YearNotOver",
        "StillOpen",
        "NotBetween",
        "NoApplication",
        "Elsewhere",
        "WrongStage",
        "InvoicePaid",
        "NoPayment",
        "NoEntry",
        "NotReversible",
        "AlreadyReversed",
        "InUse",
    ] {
        assert!(refusals.contains(name), "{name}: {refusals:?}");
    }
}
