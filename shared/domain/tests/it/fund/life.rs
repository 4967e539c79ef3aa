//! One case's money from the application to the last fen.

use domain::fund::{Deed, Money, Part, Posting, Stage, Wrong};
use domain::{CommandId, Record};

use super::city::{
    City, H1, H3, L1, S1, S2, account, application, apply, appropriate, approve, at, entry, on,
    pay, refund, release, reserve, yuan,
};

#[test]
fn a_case_is_paid_in_parts_and_its_rest_is_free_again() {
    let mut city = City::with(6);
    city.does(S2, on("fund/2026", pay(1, "2,500.50", "B")));
    let case = &city.applications[&application(1)];
    assert_eq!(
        (case.stage(), case.reserved, case.paid),
        (Stage::Accepted, yuan("1499.5"), yuan("7500.5"))
    );
    city.does(S2, on("fund/2026", release(1)));
    let (fund, case) = (city.fund(), &city.applications[&application(1)]);
    assert_eq!(
        (fund.available, fund.reserved, fund.paid),
        (yuan("92499.5"), Money::ZERO, yuan("7500.5"))
    );
    assert_eq!((case.stage(), case.released), (Stage::Ended, yuan("1499.5")));
    assert!(!case.is_open() && !case.is_cancelled());
    assert_eq!(fund.applications, 0);
    city.check();
}

#[test]
fn every_entry_names_its_ticket_its_approval_and_its_command() {
    let city = City::with(6);
    let journal = &city.journals[&account("fund/2026")];
    for posting in journal.iter().skip(3) {
        assert_eq!(posting.application, Some(application(1)));
        assert_eq!(posting.approval, Some(entry("fund/2026", 3)), "{:?}", posting.act);
    }
    let paid = journal.last().unwrap().line().unwrap();
    assert_eq!((paid.credit, paid.debit, paid.amount), (Part::Reserved, Part::Paid, yuan("5000")));
}

#[test]
fn what_is_cancelled_before_a_payment_is_free_again() {
    for deeds in 1..=5 {
        let mut city = City::with(deeds);
        city.does(S2, on("fund/2026", release(1)));
        assert_eq!(city.fund().available, yuan("100000"));
        assert!(city.applications[&application(1)].is_cancelled());
        city.check();
    }
}

#[test]
fn a_refund_is_free_again_also_after_the_end() {
    let mut city = City::with(6);
    let payment = entry("fund/2026", 7);
    city.does(S2, on("fund/2026", refund(1, payment.clone(), "1000")));
    city.does(S2, on("fund/2026", release(1)));
    city.does(S2, on("fund/2026", refund(1, payment, "4000")));
    assert_eq!((city.fund().available, city.fund().paid), (yuan("100000"), Money::ZERO));
    assert!(!city.applications[&application(1)].is_cancelled(), "it was paid once");
    city.check();
}

#[test]
fn a_payment_that_a_bank_returned_is_reserved_again_and_its_invoice_can_be_paid() {
    let mut city = City::with(6);
    city.does(S1, on("fund/2026", Deed::Reverse { entry: 7 }));
    assert_eq!((city.fund().reserved, city.fund().paid), (yuan("9000"), Money::ZERO));
    city.does(S2, on("fund/2026", pay(1, "9000", "A")));
    city.check();
}

#[test]
fn entries_are_undone_from_the_last_to_the_first() {
    let mut city = City::with(6);
    city.does(S2, on("fund/2026", refund(1, entry("fund/2026", 7), "1000")));
    city.does(S2, on("fund/2026", release(1)));
    for entry in [9, 8, 7] {
        city.does(S1, on("fund/2026", Deed::Reverse { entry }));
        city.check();
    }
    let case = &city.applications[&application(1)];
    assert_eq!(
        (case.stage(), case.reserved, case.paid),
        (Stage::Accepted, yuan("9000"), Money::ZERO)
    );
    let mut city = City::with(3);
    city.does(S1, on("fund/2026", Deed::Reverse { entry: 4 }));
    assert_eq!(city.applications[&application(1)].stage(), Stage::Approved);
    city.does(S2, on("fund/2026", reserve(1)));
    city.check();
}

#[test]
fn appropriations_and_transfers_are_undone_on_every_side() {
    let mut city = City::with(0);
    let to = account("township.mishan/2026");
    city.does(S1, on("fund/2026", Deed::Transfer { to: to.clone(), amount: yuan("30000") }));
    assert_eq!(
        (city.fund().available, city.balances[&to].available),
        (yuan("70000"), yuan("30000"))
    );
    city.check();
    // The side that received can be named as well.
    city.does(S2, on("township.mishan/2026", Deed::Reverse { entry: 1 }));
    assert_eq!(
        (city.fund().available, city.balances[&to].available),
        (yuan("100000"), Money::ZERO)
    );
    assert_eq!(city.fund().transferred_out, Money::ZERO);
    city.check();
    city.does(S2, on("fund/2026", Deed::Reverse { entry: 1 }));
    assert_eq!((city.fund().appropriated, city.fund().available), (Money::ZERO, Money::ZERO));
    city.check();
}

#[test]
fn an_order_that_comes_twice_is_carried_out_once() {
    let mut city = City::with(5);
    let cause = CommandId::derive("test", "twice");
    let order = on("fund/2026", pay(1, "5000", "A"));
    let first = city.give((S2, at("2026-05-01"), cause.clone()), &order).unwrap();
    assert_eq!(first.len(), 1);
    let before = city.fund().clone();
    assert_eq!(city.give((S2, at("2026-05-02"), cause), &order), Ok(Vec::new()));
    assert_eq!(city.fund(), &before);
}

#[test]
fn of_two_who_decide_at_once_only_one_can_be_written() {
    let city = City::with(5);
    let written = |who: &str, deed: Deed| city.clone().does(who, on("fund/2026", deed));
    let (one, other) = (written(S2, pay(1, "9000", "A")), written(S2, release(1)));
    let mut balance = city.fund().clone();
    assert_eq!(balance.apply(&one[0]), Ok(()));
    let after = balance.clone();
    assert_eq!(balance.apply(&other[0]), Err(Wrong::Place));
    assert_eq!(balance, after, "what is refused changes nothing");
    let mut case = city.applications[&application(1)].clone();
    let version = case.version;
    assert_eq!(case.apply(&one[0]), Ok(()));
    assert_eq!(case.version, version + 1);
    assert_eq!(case.apply(&one[0]), Err(Wrong::Application));
    assert_eq!(case.version, version + 1);
}

#[test]
fn a_clock_that_was_set_back_moves_nothing() {
    let mut city = City::with(0);
    let later = city.does_on("2026-04-01", H1, on("fund/2026", apply(1, "1")));
    assert_eq!(later[0].at, at("2026-05-01"));
    city.check();
}

#[test]
fn the_floors_are_a_warning_while_the_money_comes_in_parts() {
    let mut city = City::default();
    for (name, floor) in
        [("fund/2026", "50000000"), ("centre/2026", "2000000"), ("township.mishan/2026", "100000")]
    {
        city.does(S1, on(name, appropriate("60000")));
        let balance = &city.balances[&account(name)];
        assert_eq!(balance.below_floor(), yuan(floor).minus(yuan("60000")));
        city.does(S1, on(name, appropriate(floor)));
        assert_eq!(city.balances[&account(name)].below_floor(), None);
    }
}

#[test]
fn a_second_application_of_a_ticket_is_another_case() {
    let mut city = City::with(6);
    city.does(H3, on("fund/2026", apply(2, "300000")));
    city.does(L1, on("fund/2026", approve(2, "90000")));
    city.does(S2, on("fund/2026", reserve(2)));
    assert_eq!(city.fund().available, yuan("1000"));
    city.check();
}

#[test]
fn an_entry_reads_back_from_its_record_and_no_other_line_does() {
    let mut city = City::with(6);
    city.does(S1, on("fund/2026", Deed::Reverse { entry: 7 }));
    for posting in city.journals.values().flatten() {
        let record = posting.to_record();
        assert_eq!(Posting::from_record(&record).as_ref(), Ok(posting));
        for key in ["debit", "credit"] {
            let mut other = record.clone();
            let text = other.fields.get(key).cloned();
            let other_text = if text.as_deref() == Some("carried") { "paid" } else { "carried" };
            other.fields.insert(key.to_owned(), other_text.to_owned());
            assert!(Posting::from_record(&other).is_err(), "{key} of {record:?}");
        }
        let mut more = record.clone();
        more.fields.insert("more".to_owned(), String::new());
        assert!(Posting::from_record(&more).is_err());
        let kind = "dreamt".to_owned();
        assert!(Posting::from_record(&Record { kind, ..record }).is_err());
    }
}

#[test]
fn the_hashes_of_known_entries_stay() {
    let mut city = City::with(6);
    city.does(S1, on("fund/2026", Deed::Reverse { entry: 7 }));
    let known: Vec<String> = city.journals[&account("fund/2026")]
        .iter()
        .map(|posting| format!("{} {} {}", posting.seq, posting.act.kind(), posting.hash()))
        .collect();
    insta::assert_snapshot!(known.join("\n"));
}
