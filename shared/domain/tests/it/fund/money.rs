//! Amounts are read and printed exactly, and never wrap.

use domain::fund::{
    AccountId, ApplicationId, EntryRef, FiscalYear, Money, MoneyFault, invoice_hash,
};
use proptest::prelude::*;

use super::city::{account, application, at, entry, payee, yuan};

proptest! {
    #[test]
    fn an_amount_reads_back_as_it_was_printed(fen in 0..=Money::MAX.fen()) {
        let money = Money::from_fen(fen).unwrap();
        let text = money.to_string();
        prop_assert_eq!(Money::parse(&text), Ok(money));
        prop_assert_eq!(Money::parse(&text.replace(',', "")), Ok(money));
        let plain = format!("{}.{:02}", fen / 100, fen % 100);
        prop_assert_eq!(text.replace(',', ""), plain);
    }

    /// Whatever is taken as an amount is the one that stands there, up to commas and zeros at the end.
    #[test]
    fn nothing_is_read_that_was_not_written(text in "[0-9,.]{0,12}") {
        if let Ok(money) = Money::parse(&text) {
            let mut plain = text.replace(',', "");
            if !plain.contains('.') {
                plain.push('.');
            }
            while plain.split('.').nth(1).unwrap().len() < 2 {
                plain.push('0');
            }
            prop_assert_eq!(money.to_string().replace(',', ""), plain);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,20}") {
        if let Err(MoneyFault::Unreadable { at, .. }) = Money::parse(&text) {
            prop_assert!((1..=text.chars().count() + 1).contains(&at));
        }
    }

    #[test]
    fn sums_never_wrap(one in 0..=Money::MAX.fen(), other in 0..=Money::MAX.fen()) {
        let money = |fen| Money::from_fen(fen).ok();
        let (a, b) = (money(one).unwrap(), money(other).unwrap());
        prop_assert_eq!(a.plus(b), money(one + other));
        prop_assert_eq!(a.minus(b), money(one - other));
    }
}

#[test]
fn amounts_are_read_in_the_forms_that_people_write() {
    for (text, fen) in [
        ("0", 0),
        ("0.01", 1),
        ("1234", 123_400),
        ("1234.5", 123_450),
        ("1,234.56", 123_456),
        ("50,000,000", 5_000_000_000),
        ("100,000,000,000.00", Money::MAX.fen()),
    ] {
        assert_eq!(yuan(text).fen(), fen, "{text}");
    }
    assert_eq!(yuan("1234.5").to_string(), "1,234.50");
    assert_eq!(Money::ZERO.to_string(), "0.00");
}

#[test]
fn a_text_that_is_no_amount_is_told_where_it_is_wrong() {
    for (text, place) in [
        ("", 1),
        ("-1", 1),
        ("¥1", 1),
        ("1 000", 2),
        ("1,23", 5),
        ("1234,567", 4),
        ("1,2345", 6),
        (",123", 1),
        ("1,,234", 3),
        ("1,234,", 7),
        ("01", 1),
        ("00.5", 1),
        ("1.", 3),
        (".5", 1),
        ("1.234", 5),
        ("1.2.3", 4),
        ("12万", 3),
        ("1e3", 2),
    ] {
        match Money::parse(text) {
            Err(MoneyFault::Unreadable { at, .. }) => assert_eq!(at, place, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    for text in ["100000000000.01", "99999999999999999999", "92233720368547758.07"] {
        assert_eq!(Money::parse(text), Err(MoneyFault::OutOfRange), "{text}");
    }
    assert_eq!(Money::from_fen(-1), Err(MoneyFault::OutOfRange));
    assert_eq!(
        Money::parse("1.234").unwrap_err().to_string(),
        "character 5: the end: there is nothing less than a fen"
    );
}

#[test]
fn names_have_one_text_each() {
    for text in ["fund/2026", "centre/2027", "township.mishan/2026"] {
        assert_eq!(account(text).to_string(), text);
    }
    for bad in [
        "",
        "fund",
        "fund/26",
        "fund/02026",
        "fund.x/2026",
        "township/2026",
        "village.x/2026",
        "township.-/2026",
    ] {
        assert!(AccountId::parse(bad).is_err(), "{bad}");
    }
    let id = application(7);
    assert_eq!(ApplicationId::parse(&id.to_string()), Ok(id.clone()));
    for bad in [id.ticket.to_string(), format!("{}-0", id.ticket), format!("{}-07", id.ticket)] {
        assert!(ApplicationId::parse(&bad).is_err(), "{bad}");
    }
    assert_eq!(EntryRef { ..entry("fund/2026", 12) }.to_string(), "fund/2026#12");
}

#[test]
fn a_year_is_beijing_s_and_an_invoice_typed_twice_is_one() {
    let midnight = at("2027-01-01").plus_millis(-9 * 3_600_000);
    assert_eq!(FiscalYear::of(midnight).number(), 2027);
    assert_eq!(FiscalYear::of(midnight.plus_millis(-1)).number(), 2026);
    assert_eq!(invoice_hash(&payee(), "ab 12"), invoice_hash(&payee(), "AB12 "));
    assert_ne!(invoice_hash(&payee(), "AB12"), invoice_hash(&payee(), "AB13"));
}
