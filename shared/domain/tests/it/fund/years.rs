//! The end of a year: what is open goes on, what is left is carried over or returned.

use domain::fund::{AccountStatus, ActKind, Deed, DeedKind, FundRefusal, Money, Stage};

use super::city::{
    City, H1, S1, S2, accept, account, application, apply, appropriate, approve, contract, entry,
    on, pay, refund, release, reserve, yuan,
};

const OLD: &str = "fund/2026";
const NEW: &str = "fund/2027";
const LATER: &str = "2027-01-05";

fn carry(number: u16) -> Deed {
    Deed::Carry { application: application(number) }
}

#[test]
fn a_year_is_closed_when_all_that_is_open_was_carried() {
    let mut city = City::with(6);
    city.does(H1, on(OLD, apply(2, "70")));
    let still = |applications| FundRefusal::StillOpen { account: account(OLD), applications };
    let close = || on(OLD, Deed::Close { carry: true });
    assert_eq!(city.refuses_on(LATER, S1, close()), still(2));
    let both = city.does_on(LATER, S1, on(OLD, carry(1)));
    let kinds: Vec<_> = both.iter().map(|one| one.act.kind()).collect();
    assert_eq!(kinds, [ActKind::CarriedOut, ActKind::CarriedIn]);
    assert_eq!((both[0].at, &both[0].cause), (both[1].at, &both[1].cause));
    assert_eq!(city.refuses_on(LATER, S1, close()), still(1));
    city.does_on(LATER, S1, on(OLD, carry(2)));
    city.check();
    city.does_on(LATER, S1, close());
    city.check();
    let (old, new) = (&city.balances[&account(OLD)], &city.balances[&account(NEW)]);
    assert_eq!(old.status, AccountStatus::Closed);
    assert_eq!((old.available, old.reserved, old.paid), (Money::ZERO, Money::ZERO, yuan("5000")));
    assert_eq!((new.available, new.reserved, new.applications), (yuan("91000"), yuan("4000"), 2));
    // What was approved last year is paid this year, by the approval of then.
    let paid = city.does_on(LATER, S2, on(NEW, pay(1, "4000", "B")));
    assert_eq!(paid[0].approval, Some(entry(OLD, 3)));
    city.does_on(LATER, S2, on(NEW, release(1)));
    assert_eq!(city.applications[&application(1)].paid, yuan("9000"));
    // What was asked for last year is approved this year.
    city.does_on(LATER, S1, on(NEW, approve(2, "70")));
    city.check();
}

#[test]
fn what_is_left_can_go_back_to_the_treasury() {
    let mut city = City::with(0);
    let closed = city.does_on(LATER, S1, on(OLD, Deed::Close { carry: false }));
    assert_eq!(closed[0].act.kind(), ActKind::ClosedOut);
    assert_eq!((city.fund().returned, city.fund().available), (yuan("100000"), Money::ZERO));
    assert!(!city.balances.contains_key(&account(NEW)));
    assert_eq!(city.fund().appropriated, yuan("100000"), "the floor was kept when it was");
    city.check();
    let mut empty = City::default();
    empty.does_on(LATER, S1, on(OLD, Deed::Close { carry: true }));
    empty.check();
}

#[test]
fn a_closed_account_takes_nothing() {
    let mut city = City::with(6);
    city.does(S2, on(OLD, release(1)));
    city.does_on(LATER, S1, on(OLD, Deed::Close { carry: true }));
    let to = account("centre/2026");
    for deed in [
        appropriate("1"),
        Deed::Transfer { to, amount: yuan("1") },
        apply(2, "1"),
        refund(1, entry(OLD, 7), "1"),
        Deed::Reverse { entry: 1 },
        Deed::Close { carry: false },
    ] {
        let refusal = city.refuses_on(LATER, S1, on(OLD, deed));
        assert_eq!(refusal, FundRefusal::Closed(account(OLD)));
    }
    // Nor from others: an account that is closed knows that the year is over.
    let back = Deed::Transfer { to: account(OLD), amount: yuan("1") };
    let refusal = city.refuses(S1, on("centre/2026", back));
    assert_eq!(refusal, FundRefusal::YearOver(account("centre/2026")));
}

#[test]
fn a_transfer_is_not_undone_when_one_of_its_sides_is_closed() {
    let mut city = City::with(0);
    let to = account("centre/2026");
    city.does(S1, on(OLD, Deed::Transfer { to: to.clone(), amount: yuan("1") }));
    city.does_on(LATER, S1, on("centre/2026", Deed::Close { carry: true }));
    let refusal = city.refuses_on(LATER, S2, on(OLD, Deed::Reverse { entry: 2 }));
    assert_eq!(refusal, FundRefusal::Closed(to));
}

#[test]
fn nothing_is_carried_into_a_closed_year() {
    let mut city = City::with(4);
    city.does_on("2028-01-01", S1, on(NEW, Deed::Close { carry: false }));
    let refusal = city.refuses_on("2028-01-02", S1, on(OLD, carry(1)));
    assert_eq!(refusal, FundRefusal::Closed(account(NEW)));
    city.does_on("2028-01-02", S1, on(OLD, release(1)));
    let refusal = city.refuses_on("2028-01-02", S1, on(OLD, Deed::Close { carry: true }));
    assert_eq!(refusal, FundRefusal::Closed(account(NEW)));
    city.does_on("2028-01-02", S1, on(OLD, Deed::Close { carry: false }));
    city.check();
}

#[test]
fn an_application_is_carried_on_for_years() {
    let mut city = City::with(3);
    city.does_on("2027-02-01", S1, on(OLD, carry(1)));
    city.does_on("2028-02-01", S1, on(NEW, carry(1)));
    for deed in [contract(1), accept(1), pay(1, "9000", "A")] {
        city.does_on("2028-03-01", S2, on("fund/2028", deed));
    }
    assert_eq!(city.applications[&application(1)].stage(), Stage::Accepted);
    city.check();
}

#[test]
fn a_payment_of_last_year_comes_back_where_it_was_paid() {
    let mut city = City::with(6);
    city.does_on(LATER, S1, on(OLD, carry(1)));
    let payment = entry(OLD, 7);
    city.does_on(LATER, S2, on(OLD, refund(1, payment.clone(), "1000")));
    assert_eq!(city.fund().paid, yuan("4000"));
    let reversal = city.refuses_on(LATER, S1, on(OLD, Deed::Reverse { entry: 7 }));
    assert_eq!(reversal, FundRefusal::InUse(payment), "its money has moved on");
    city.does_on(LATER, S1, on(OLD, Deed::Close { carry: true }));
    city.check();
}

#[test]
fn each_deed_has_its_time_of_the_year() {
    let city = City::with(5);
    let over = FundRefusal::YearOver(account(OLD));
    for deed in [
        appropriate("1"),
        Deed::Transfer { to: account("centre/2026"), amount: yuan("1") },
        apply(2, "1"),
        approve(1, "1"),
        reserve(1),
        contract(1),
        accept(1),
        pay(1, "1", "A"),
    ] {
        assert_eq!(city.refuses_on("2027-01-01", S2, on(OLD, deed)), over);
    }
    let refusal = city.refuses(S1, on(NEW, apply(2, "1")));
    assert_eq!(refusal, FundRefusal::YearNotBegun(account(NEW)));
    city.clone().does(S1, on(NEW, appropriate("1")));
    for deed in [carry(1), Deed::Close { carry: true }] {
        let kind = deed.kind();
        let refusal = city.refuses_on("2026-12-31", S1, on(OLD, deed));
        assert_eq!(refusal, FundRefusal::YearNotOver(account(OLD)), "{kind}");
    }
    let mut city = City::with(5);
    city.does_on(LATER, S1, on(OLD, release(1)));
    let stage = Stage::Ended;
    assert_eq!(
        city.refuses_on(LATER, S1, on(OLD, carry(1))),
        FundRefusal::WrongStage { deed: DeedKind::Carry, stage }
    );
}
