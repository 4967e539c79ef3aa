//! Deciding and verifying have the same rules: a next entry is right exactly if somebody can order it.
//!
//! What is not verified are the powers, which a city may change later; so only those order who have them.

use domain::fund::{Act, ActKind, Category, Deed, Item, Items, Posting};
use domain::{Actor, CommandId};

use super::city::{
    City, H1, S1, S2, account, application, apply, approve, at, entry, invoice, on, paper, payee,
    refund, refuse, release, reserve, yuan,
};

const FUND: &str = "fund/2026";
const DAYS: [&str; 2] = ["2026-05-01", "2027-01-05"];

/// Cities at every point of a case's life.
fn cities() -> Vec<City> {
    let mut all: Vec<City> = (0..=6).map(City::with).collect();
    let then = |deeds: usize, orders: &[(&str, Deed)]| {
        let mut city = City::with(deeds);
        for (who, deed) in orders {
            city.does(who, on(FUND, deed.clone()));
        }
        city
    };
    let payment = entry(FUND, 7);
    let back = |amount| (S2, refund(1, payment.clone(), amount));
    let undo = |entry| (S1, Deed::Reverse { entry });
    let over = || (S2, release(1));
    let to = account("centre/2026");
    all.extend([
        then(1, &[(S1, refuse(1))]),
        then(1, &[over()]),
        then(3, &[undo(4)]),
        then(3, &[undo(4), (S2, reserve(1))]),
        then(3, &[over()]),
        then(5, &[over()]),
        then(6, &[over()]),
        then(6, &[over(), undo(8)]),
        then(6, &[over(), undo(8), over()]),
        then(6, &[back("1000")]),
        then(6, &[back("5000"), over()]),
        then(6, &[back("1000"), undo(8)]),
        then(6, &[back("1000"), over(), undo(8)]),
        then(6, &[undo(7)]),
        then(6, &[(H1, apply(2, "5000")), (S1, approve(2, "5000")), (S2, reserve(2))]),
        then(6, &[(S1, Deed::Transfer { to: to.clone(), amount: yuan("91000") })]),
        then(0, &[(S1, Deed::Transfer { to, amount: yuan("1") })]),
    ]);
    for deeds in [1, 3, 6] {
        let mut carried = City::with(deeds);
        let deed = Deed::Carry { application: application(1) };
        carried.does_on(DAYS[1], S1, on(FUND, deed));
        all.push(carried);
    }
    let mut closed = City::with(0);
    closed.does_on(DAYS[1], S1, on(FUND, Deed::Close { carry: false }));
    all.push(closed);
    all
}

/// Acts that could come next, by the order that asks for each.
fn next(city: &City, name: &str) -> Vec<(Act, Deed)> {
    let entries = city.journals.get(&account(name)).map_or(&[][..], Vec::as_slice);
    let mut all = Vec::new();
    let id = application(1);
    let paper = paper();
    for estimate in ["0", "1"].map(yuan) {
        let items = Items(vec![Item { category: Category::Road, estimate }]);
        let deed =
            Deed::Apply { application: id.clone(), items: items.clone(), paper: paper.clone() };
        all.push((Act::Applied { items, paper: paper.clone() }, deed));
    }
    for amount in ["0", "1", "1000", "4000", "5000", "9000", "10000", "10001", "91000"].map(yuan) {
        let (application, paper, payee) = (id.clone(), paper.clone(), payee());
        all.push((Act::Appropriated { amount }, Deed::Appropriate { amount }));
        let approve =
            Deed::Approve { application: application.clone(), amount, paper: paper.clone() };
        all.push((Act::Approved { amount, paper }, approve));
        all.push((Act::Reserved { amount }, reserve(1)));
        all.push((Act::Released { amount }, release(1)));
        all.push((Act::ClosedOut { amount }, Deed::Close { carry: false }));
        for invoice in [invoice("A"), invoice("B")] {
            let (application, payee) = (application.clone(), payee.clone());
            let deed = Deed::Pay { application, amount, payee: payee.clone(), invoice };
            all.push((Act::Paid { amount, payee, invoice }, deed));
        }
        for seq in [3, 7] {
            let payment = entry(FUND, seq);
            let application = application.clone();
            let deed = Deed::Refund { application, payment: payment.clone(), amount };
            all.push((Act::Refunded { payment, amount }, deed));
        }
    }
    all.push((Act::Refused { paper: paper.clone() }, refuse(1)));
    all.push((Act::Contracted { paper: paper.clone() }, super::city::contract(1)));
    all.push((Act::Accepted { paper }, super::city::accept(1)));
    for one in entries {
        let (entry, reverses) = (one.seq, one.act.kind());
        let amount = one.act.amount().unwrap_or_default();
        all.push((Act::Reversed { entry, reverses, amount }, Deed::Reverse { entry }));
    }
    all
}

/// Entries with this act that could come next.
fn candidates(city: &City, name: &str, day: &str, who: &str, act: &Act) -> Vec<Posting> {
    let balance = city.balances.get(&account(name));
    let mut all = Vec::new();
    for approval in [None, Some(entry(FUND, 3))] {
        // A reversal names the application of what it reverses; all other orders are about the first.
        let second = (act.kind() == ActKind::Reversed).then(|| Some(application(2)));
        for application in [None, Some(application(1))].into_iter().chain(second) {
            all.push(Posting {
                account: account(name),
                seq: balance.map_or(0, |balance| balance.seq) + 1,
                at: balance.map_or(at(day), |balance| balance.at.max(at(day))),
                actor: Actor::parse(who).unwrap(),
                cause: CommandId::derive("test", "next"),
                application,
                approval: approval.clone(),
                act: act.clone(),
                prev: balance.map_or(domain::Hash::ZERO, |balance| balance.head),
            });
        }
    }
    all
}

#[test]
fn an_entry_is_right_exactly_if_it_can_be_ordered() {
    let mut right = std::collections::BTreeSet::new();
    for city in cities() {
        city.check();
        for (name, day) in [(FUND, DAYS[0]), (FUND, DAYS[1]), ("fund/2027", DAYS[1])] {
            for (act, deed) in next(&city, name) {
                let by = |who| compare(&city, (name, day, who), &act, &deed);
                right.extend([S1, S2].into_iter().filter_map(by));
            }
        }
    }
    let single = ActKind::ALL.iter().copied().filter(|kind| kind.partner().is_none());
    assert_eq!(right, single.collect());
}

/// Compares what can be ordered with what verifies; the kinds of what is right come back.
fn compare(
    city: &City,
    (name, day, who): (&str, &str, &str),
    act: &Act,
    deed: &Deed,
) -> Option<ActKind> {
    let cause = CommandId::derive("test", "next");
    let ordered = city.clone().give((who, at(day), cause), &on(name, deed.clone()));
    let mut found = None;
    for posting in candidates(city, name, day, who, act) {
        let can_be_ordered = ordered.as_deref() == Ok(std::slice::from_ref(&posting));
        let mut forged = city.clone();
        forged.journals.entry(account(name)).or_default().push(posting.clone());
        let verified = forged.verify();
        assert_eq!(verified.is_ok(), can_be_ordered, "{posting:?}: {ordered:?}, {verified:?}");
        found = can_be_ordered.then_some(act.kind()).or(found);
    }
    found
}
