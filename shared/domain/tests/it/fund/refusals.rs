//! Each refusal, and that nothing is written then.

use domain::fund::{
    ActKind, Deed, DeedKind, FundRefusal, ITEMS_MAX, Items, Money, Occasion, Part, Stage, View,
    Wrong, decide,
};
use domain::{Actor, CommandId};

use super::city::{
    City, H1, H3, L1, L2, S1, S2, accept, account, application, apply, appropriate, approve, at,
    contract, entry, on, paper, pay, refund, refuse, release, reserve, yuan,
};

const FUND: &str = "fund/2026";
const OWN: &str = "township.mishan/2026";

fn insufficient(name: &str, part: Part, has: &str, wants: &str) -> FundRefusal {
    FundRefusal::Insufficient { account: account(name), part, has: yuan(has), wants: yuan(wants) }
}

#[test]
fn an_account_is_never_overdrawn() {
    let mut city = City::with(0);
    let to = account(OWN);
    let transfer = |amount: &str| Deed::Transfer { to: to.clone(), amount: yuan(amount) };
    let refusal = city.refuses(S1, on(FUND, transfer("100000.01")));
    assert_eq!(refusal, insufficient(FUND, Part::Available, "100000", "100000.01"));
    assert_eq!(
        refusal.to_string(),
        "fund/2026 has 100,000.00 yuan in `available`, and 100,000.01 are wanted"
    );
    city.does(H1, on(FUND, apply(1, "100000.01")));
    city.does(L1, on(FUND, approve(1, "100000.01")));
    assert_eq!(
        city.refuses(S2, on(FUND, reserve(1))),
        insufficient(FUND, Part::Available, "100000", "100000.01")
    );
    city.does(S1, on(FUND, transfer("100000")));
    assert_eq!(
        city.refuses(S2, on(FUND, Deed::Reverse { entry: 1 })),
        insufficient(FUND, Part::Available, "0", "100000")
    );
    // What was transferred and is not there any more does not come back.
    city.does(S1, on(OWN, Deed::Transfer { to: account("centre/2026"), amount: yuan("1") }));
    assert_eq!(
        city.refuses(S2, on(FUND, Deed::Reverse { entry: 4 })),
        insufficient(OWN, Part::Available, "99999", "100000")
    );
}

#[test]
fn a_case_is_never_paid_more_than_is_reserved_for_it() {
    let mut city = City::with(6);
    city.does(H1, on(FUND, apply(2, "5000")));
    city.does(S1, on(FUND, approve(2, "5000")));
    city.does(S2, on(FUND, reserve(2)));
    assert_eq!(
        city.refuses(S2, on(FUND, pay(1, "4000.01", "B"))),
        insufficient(FUND, Part::Reserved, "4000", "4000.01")
    );
}

#[test]
fn amounts_must_be_something_and_not_too_much() {
    let mut city = City::with(6);
    let to = account(OWN);
    for deed in [
        appropriate("0"),
        Deed::Transfer { to, amount: Money::ZERO },
        pay(1, "0", "B"),
        refund(1, entry(FUND, 7), "0"),
    ] {
        assert_eq!(city.refuses(S2, on(FUND, deed)), FundRefusal::Nothing);
    }
    let all = Money::MAX.to_string();
    let too_much = FundRefusal::TooMuch { account: account(FUND) };
    assert_eq!(city.refuses(S1, on(FUND, appropriate(&all))), too_much);
    city.does(H1, on(FUND, apply(2, "10")));
    assert_eq!(
        city.refuses(S1, on(FUND, approve(2, "10.01"))),
        FundRefusal::MoreThanAsked { asked: yuan("10"), wants: yuan("10.01") }
    );
    assert_eq!(
        city.refuses(S2, on(FUND, refund(1, entry(FUND, 7), "5000.01"))),
        FundRefusal::MoreThanPaid {
            payment: entry(FUND, 7),
            left: yuan("5000"),
            wants: yuan("5000.01")
        }
    );
}

#[test]
fn an_application_has_items_that_cost_something() {
    let city = City::with(0);
    let Deed::Apply { items: Items(one), .. } = apply(1, "1") else { unreachable!() };
    let Deed::Apply { items: Items(all), .. } = apply(1, &Money::MAX.to_string()) else {
        unreachable!()
    };
    let Deed::Apply { items: Items(none), .. } = apply(1, "0") else { unreachable!() };
    let with =
        |items| Deed::Apply { application: application(1), items: Items(items), paper: paper() };
    for items in [Vec::new(), none, one.repeat(ITEMS_MAX + 1)] {
        assert_eq!(city.refuses(H1, on(FUND, with(items))), FundRefusal::Items);
    }
    let too_much = FundRefusal::TooMuch { account: account(FUND) };
    assert_eq!(city.refuses(H1, on(FUND, with(all.repeat(2)))), too_much);
    city.clone().does(H1, on(FUND, with(one.repeat(ITEMS_MAX))));
}

#[test]
fn each_stage_takes_its_own_deeds_only() {
    let deeds: [(DeedKind, fn() -> Deed); 6] = [
        (DeedKind::Approve, || approve(1, "1")),
        (DeedKind::Refuse, || refuse(1)),
        (DeedKind::Reserve, || reserve(1)),
        (DeedKind::Contract, || contract(1)),
        (DeedKind::Accept, || accept(1)),
        (DeedKind::Pay, || pay(1, "1", "Z")),
    ];
    let mut refused = City::with(1);
    refused.does(S1, on(FUND, refuse(1)));
    let mut ended = City::with(5);
    ended.does(S1, on(FUND, release(1)));
    let cities = (1..=5).map(City::with).chain([refused, ended]);
    let mut rows = Vec::new();
    for city in cities {
        let stage = city.applications[&application(1)].stage();
        for (kind, deed) in deeds {
            // Of the leading group: neither the applicant nor the approver; it may approve and refuse.
            let who = if matches!(kind, DeedKind::Approve | DeedKind::Refuse) { L2 } else { S2 };
            let cause = CommandId::derive("test", "stage");
            let given = city.clone().give((who, at("2026-05-01"), cause), &on(FUND, deed()));
            match given {
                Ok(_) => rows.push(format!("{stage}: {kind}")),
                Err(refusal) => assert_eq!(refusal, FundRefusal::WrongStage { deed: kind, stage }),
            }
        }
    }
    let expected = [
        "applied: approve",
        "applied: refuse",
        "approved: reserve",
        "reserved: contract",
        "contracted: accept",
        "accepted: pay",
    ];
    assert_eq!(rows, expected);
    assert_eq!(
        City::with(0).refuses(S2, on(FUND, reserve(1))),
        FundRefusal::NoApplication(application(1))
    );
    assert_eq!(
        City::with(1).refuses(H3, on(FUND, apply(1, "1"))),
        FundRefusal::Exists(application(1))
    );
    let mut city = City::with(5);
    city.does(S1, on(FUND, release(1)));
    let stage = Stage::Ended;
    assert_eq!(
        city.refuses(S1, on(FUND, release(1))),
        FundRefusal::WrongStage { deed: DeedKind::Release, stage }
    );
}

#[test]
fn a_case_is_dealt_with_on_its_own_account() {
    let city = City::with(5);
    let elsewhere = FundRefusal::Elsewhere { application: application(1), account: account(FUND) };
    for deed in [pay(1, "1", "A"), release(1)] {
        assert_eq!(city.refuses(S2, on("centre/2026", deed)), elsewhere);
    }
}

#[test]
fn an_invoice_is_paid_once_in_the_whole_ledger() {
    let mut city = City::with(6);
    assert_eq!(
        city.refuses(S2, on(FUND, pay(1, "1", "A"))),
        FundRefusal::InvoicePaid(entry(FUND, 7))
    );
    city.does(S1, on("centre/2026", appropriate("5000")));
    city.does(H1, on("centre/2026", apply(2, "100")));
    city.does(S1, on("centre/2026", approve(2, "100")));
    for deed in [reserve(2), contract(2), accept(2)] {
        city.does(S2, on("centre/2026", deed));
    }
    let refusal = city.refuses(S2, on("centre/2026", pay(2, "100", " a ")));
    assert_eq!(refusal, FundRefusal::InvoicePaid(entry(FUND, 7)), "typed otherwise");
    // What came back by a refund was paid; what was reversed was not.
    city.does(S2, on(FUND, refund(1, entry(FUND, 7), "5000")));
    assert!(matches!(
        city.refuses(S2, on("centre/2026", pay(2, "100", "A"))),
        FundRefusal::InvoicePaid(_)
    ));
    city.does(S1, on(FUND, Deed::Reverse { entry: 8 }));
    city.does(S1, on(FUND, Deed::Reverse { entry: 7 }));
    city.does(S2, on("centre/2026", pay(2, "100", "A")));
    city.check();
}

#[test]
fn a_refund_names_a_payment_that_stands() {
    let mut city = City::with(6);
    for (name, payment) in
        [(FUND, entry(FUND, 6)), (FUND, entry("centre/2026", 7)), ("centre/2026", entry(FUND, 7))]
    {
        let refusal = city.refuses(S2, on(name, refund(1, payment.clone(), "1")));
        assert_eq!(refusal, FundRefusal::NoPayment(payment));
    }
    city.does(S1, on(FUND, Deed::Reverse { entry: 7 }));
    let refusal = city.refuses(S2, on(FUND, refund(1, entry(FUND, 7), "1")));
    assert_eq!(refusal, FundRefusal::NoPayment(entry(FUND, 7)));
}

#[test]
fn an_entry_is_reversed_once_and_not_under_what_stands_on_it() {
    let mut city = City::with(6);
    let reverse = |entry| on(FUND, Deed::Reverse { entry });
    assert_eq!(city.refuses(S1, reverse(0)), FundRefusal::NoEntry(entry(FUND, 0)));
    assert_eq!(city.refuses(S1, reverse(8)), FundRefusal::NoEntry(entry(FUND, 8)));
    for (seq, kind) in [
        (2, ActKind::Applied),
        (3, ActKind::Approved),
        (5, ActKind::Contracted),
        (6, ActKind::Accepted),
    ] {
        assert_eq!(
            city.refuses(L1.replace("leader", "supervisor").as_str(), reverse(seq)),
            FundRefusal::NotReversible(kind)
        );
    }
    assert_eq!(
        city.refuses(S1, reverse(4)),
        FundRefusal::InUse(entry(FUND, 4)),
        "it is contracted"
    );
    city.does(S2, on(FUND, refund(1, entry(FUND, 7), "1")));
    assert_eq!(city.refuses(S1, reverse(7)), FundRefusal::InUse(entry(FUND, 7)), "some came back");
    city.does(S1, reverse(8));
    assert_eq!(city.refuses(S1, reverse(8)), FundRefusal::AlreadyReversed(entry(FUND, 8)));
    assert_eq!(city.refuses(S2, reverse(9)), FundRefusal::NotReversible(ActKind::Reversed));
    city.does(S2, on(FUND, release(1)));
    assert_eq!(city.refuses(S1, reverse(7)), FundRefusal::InUse(entry(FUND, 7)), "it is over");
    city.check();
}

#[test]
fn money_goes_to_another_account_of_the_same_year() {
    let city = City::with(0);
    for to in [FUND, "centre/2027", "fund/2027"].map(account) {
        let refusal = FundRefusal::NotBetween { from: account(FUND), to: to.clone() };
        assert_eq!(city.refuses(S1, on(FUND, Deed::Transfer { to, amount: yuan("1") })), refusal);
    }
}

#[test]
fn what_does_not_fit_together_is_no_reason_to_write() {
    let city = City::with(6);
    let occasion = Occasion {
        actor: Actor::parse(S2).unwrap(),
        now: at("2026-05-01"),
        cause: CommandId::derive("test", "view"),
    };
    // The account was not read.
    let case = city.applications.get(&application(1));
    let view = View { application: case, ..View::default() };
    let refusal = decide(&on(FUND, pay(1, "1", "B")), &view, &occasion).unwrap_err();
    assert_eq!(refusal, insufficient(FUND, Part::Reserved, "0", "1"));
    let refusal = decide(&on(FUND, release(1)), &view, &occasion).unwrap_err();
    assert_eq!(refusal, insufficient(FUND, Part::Reserved, "0", "4000"));
    let read = View { accounts: city.balances.clone(), ..view };
    let stale = City::with(5).applications.remove(&application(1));
    let view = View { application: stale.as_ref(), ..read };
    let refund = decide(&on(FUND, refund(1, entry(FUND, 7), "1")), &view, &occasion);
    assert_eq!(refund, Err(FundRefusal::NoPayment(entry(FUND, 7))));
    let mut balance = city.fund().clone();
    balance.applications = 0;
    let mut view = View { application: case, ..View::default() };
    view.accounts.insert(account(FUND), balance);
    let refusal = decide(&on(FUND, release(1)), &view, &occasion).unwrap_err();
    assert_eq!(refusal, FundRefusal::View(Wrong::Applications));
}
