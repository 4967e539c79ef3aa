//! Whoever changes a journal is found out, and told where.

use std::collections::BTreeMap;

use domain::fund::{
    AccountId, AccountJournal, Act, ActKind, Deed, Items, LedgerFault, Money, Part, Posting, Wrong,
    verify_account, verify_ledger,
};
use domain::{Actor, CommandId, Hash};

use super::city::{
    City, H1, S1, S2, account, application, apply, entry, on, paper, refund, release, yuan,
};

type Journals = BTreeMap<AccountId, Vec<Posting>>;

const FUND: &str = "fund/2026";

/// A city in which every kind of entry stands.
fn full() -> City {
    let mut city = City::with(6);
    city.does(S2, on(FUND, refund(1, entry(FUND, 7), "1000")));
    city.does(S1, on(FUND, Deed::Reverse { entry: 8 }));
    let to = account("township.mishan/2026");
    city.does(S1, on(FUND, Deed::Transfer { to, amount: yuan("100") }));
    city.does(S2, on(FUND, Deed::Reverse { entry: 10 }));
    city.does(H1, on(FUND, apply(2, "10")));
    let refused = Deed::Refuse { application: application(2), paper: paper() };
    city.does(S1, on(FUND, refused));
    city.does(H1, on(FUND, apply(3, "10")));
    city.does(S1, on(FUND, release(3)));
    city.does_on("2027-01-05", S1, on(FUND, Deed::Carry { application: application(1) }));
    city.does_on("2027-01-05", S1, on(FUND, Deed::Close { carry: true }));
    city.does_on("2027-01-05", S1, on("centre/2026", Deed::Close { carry: false }));
    city.check();
    city
}

/// Writes the chain anew, as somebody would who can write everywhere, also the heads.
fn rechain(journals: &mut Journals) {
    for entries in journals.values_mut() {
        let mut prev = Hash::ZERO;
        for (seq, posting) in (1..).zip(entries) {
            (posting.seq, posting.prev) = (seq, prev);
            prev = posting.hash();
        }
    }
}

fn verify(journals: &Journals) -> Result<(), LedgerFault> {
    let head = |entries: &[Posting]| entries.last().map_or(Hash::ZERO, Posting::hash);
    let all: Vec<_> = journals
        .iter()
        .map(|(account, entries)| AccountJournal { account, entries, head: head(entries) })
        .collect();
    verify_ledger(&all).map(drop)
}

/// What is found after `forge` and with the chain written anew.
fn found(city: &City, forge: impl FnOnce(&mut Journals)) -> (String, u32, Wrong) {
    let mut journals = city.journals.clone();
    forge(&mut journals);
    rechain(&mut journals);
    let fault = verify(&journals).unwrap_err();
    (fault.account.to_string(), fault.seq, fault.why)
}

fn fund(journals: &mut Journals) -> &mut Vec<Posting> {
    journals.get_mut(&account(FUND)).unwrap()
}

#[test]
fn every_kind_of_entry_stands_in_the_full_city() {
    let city = full();
    for kind in ActKind::ALL {
        assert!(city.journals.values().flatten().any(|one| one.act.kind() == *kind), "{kind}");
    }
}

/// Every byte of every field of every entry, and each field left out.
#[test]
fn any_changed_byte_of_any_entry_is_found_there_or_at_the_next() {
    let city = full();
    let mut tried = 0;
    for (account, entries) in &city.journals {
        let head = city.balances[account].head;
        for (at, posting) in entries.iter().enumerate() {
            for other in others(posting) {
                tried += 1;
                let mut forged = entries.clone();
                forged[at] = other;
                let journal = AccountJournal { account, entries: &forged, head };
                let fault = verify_account(&journal).unwrap_err();
                let seq = usize::try_from(fault.seq).unwrap();
                assert!(seq == at + 1 || seq == at + 2, "{fault}: {:?}", forged[at]);
            }
        }
    }
    assert!(tried > 5_000, "{tried}");
}

/// The entry with each byte of its record changed, of those that are entries at all.
fn others(posting: &Posting) -> Vec<Posting> {
    let record = posting.to_record();
    let mut records = Vec::new();
    for (key, text) in &record.fields {
        let mut without = record.clone();
        without.fields.remove(key);
        records.push(without);
        for (at, old) in text.char_indices() {
            for new in ['0', '7', 'a', '/', 'z'].into_iter().filter(|new| *new != old) {
                let mut changed = record.clone();
                let text = format!("{}{new}{}", &text[..at], &text[at + old.len_utf8()..]);
                changed.fields.insert(key.clone(), text);
                records.push(changed);
            }
        }
    }
    records.extend(ActKind::ALL.iter().map(|kind| {
        let mut other = record.clone();
        other.kind = kind.as_str().to_owned();
        other
    }));
    let read = records.iter().filter_map(|record| Posting::from_record(record).ok());
    read.filter(|other| other != posting).collect()
}

#[test]
fn entries_that_are_gone_moved_or_repeated_are_found() {
    let city = full();
    let (account, head) = (account(FUND), city.fund().head);
    let entries = &city.journals[&account];
    let seq = |forged: &[Posting], head| {
        let journal = AccountJournal { account: &account, entries: forged, head };
        verify_account(&journal).map_err(|fault| (fault.seq, fault.why))
    };
    let last = u32::try_from(entries.len()).unwrap();
    assert!(seq(entries, head).is_ok());
    assert_eq!(seq(&entries[..entries.len() - 1], head), Err((last - 1, Wrong::Head)));
    assert_eq!(seq(&[], head), Err((1, Wrong::Head)));
    for at in 0..entries.len() - 1 {
        let mut gone = entries.clone();
        gone.remove(at);
        let expected = u32::try_from(at + 1).unwrap();
        assert_eq!(seq(&gone, head), Err((expected, Wrong::Place)));
        let mut swapped = entries.clone();
        swapped.swap(at, at + 1);
        assert_eq!(seq(&swapped, head), Err((expected, Wrong::Place)));
        let mut twice = entries.clone();
        twice.insert(at, entries[at].clone());
        assert_eq!(seq(&twice, head), Err((expected + 1, Wrong::Place)));
    }
    // Somebody who writes the chain anew does not have the head that is known.
    let mut journals = city.journals.clone();
    fund(&mut journals)[0].actor = Actor::parse(S2).unwrap();
    rechain(&mut journals);
    assert_eq!(seq(&journals[&account], head), Err((last, Wrong::Head)));
    // An account twice, or under another's name.
    let journal = AccountJournal { account: &account, entries, head };
    assert_eq!(verify_ledger(&[journal, journal]).unwrap_err().why, Wrong::Place);
    let other = super::city::account("fund/2025");
    let journal = AccountJournal { account: &other, ..journal };
    assert_eq!(verify_account(&journal).unwrap_err().why, Wrong::Place);
}

#[test]
fn amounts_that_were_written_anew_must_still_fit() {
    let city = full();
    let at = |seq, why| (FUND.to_owned(), seq, why);
    let less = |journals: &mut Journals| {
        fund(journals)[0].act = Act::Appropriated { amount: yuan("8000") };
    };
    let (has, wants) = (yuan("8000"), yuan("9000"));
    assert_eq!(found(&city, less), at(4, Wrong::Short { part: Part::Available, has, wants }));
    let mut journals = city.journals.clone();
    less(&mut journals);
    rechain(&mut journals);
    assert_eq!(
        verify(&journals).unwrap_err().to_string(),
        "entry 4 of fund/2026: `available` has 8,000.00 yuan, and 9,000.00 were taken"
    );
    let nothing = |journals: &mut Journals| {
        fund(journals)[0].act = Act::Appropriated { amount: Money::ZERO };
    };
    assert_eq!(found(&city, nothing), at(1, Wrong::Nothing));
    let more = |journals: &mut Journals| {
        let amount = yuan("10001");
        fund(journals)[2].act = Act::Approved { amount, paper: paper() };
    };
    assert_eq!(found(&city, more), at(3, Wrong::Application));
    let free = |journals: &mut Journals| {
        fund(journals)[1].act = Act::Applied { items: Items(Vec::new()), paper: paper() };
    };
    assert_eq!(found(&city, free), at(2, Wrong::Application));
    let much = |journals: &mut Journals| {
        let entries = fund(journals);
        let mut more = entries[0].clone();
        more.act = Act::Appropriated { amount: Money::MAX };
        entries.insert(1, more);
    };
    assert_eq!(found(&city, much), at(2, Wrong::TooMuch));
}

#[test]
fn people_and_approvals_that_were_written_anew_must_still_fit() {
    let city = full();
    let at = |seq, why| (FUND.to_owned(), seq, why);
    let own = |journals: &mut Journals| fund(journals)[2].actor = Actor::parse(H1).unwrap();
    assert_eq!(found(&city, own), at(3, Wrong::FourEyes));
    let paid = |journals: &mut Journals| fund(journals)[6].actor = Actor::parse(S1).unwrap();
    assert_eq!(found(&city, paid), at(7, Wrong::FourEyes));
    let undone = |journals: &mut Journals| fund(journals)[8].actor = Actor::parse(S2).unwrap();
    assert_eq!(found(&city, undone), at(9, Wrong::FourEyes));
    let approval = |journals: &mut Journals| fund(journals)[5].approval = None;
    assert_eq!(found(&city, approval), at(6, Wrong::Approval));
    let nobody = |journals: &mut Journals| fund(journals)[4].application = None;
    assert_eq!(found(&city, nobody), at(5, Wrong::Application));
    let unasked = |journals: &mut Journals| {
        fund(journals)[0].approval = Some(entry(FUND, 3));
    };
    assert_eq!(found(&city, unasked), at(1, Wrong::Approval));
}

#[test]
fn times_and_ends_that_were_written_anew_must_still_fit() {
    let city = full();
    let at = |seq, why| (FUND.to_owned(), seq, why);
    let backwards = |journals: &mut Journals| {
        let entries = fund(journals);
        entries[3].at = entries[3].at.plus_millis(-1);
    };
    assert_eq!(found(&city, backwards), at(4, Wrong::Time));
    let command = |journals: &mut Journals| {
        let entries = fund(journals);
        entries[4].cause = entries[3].cause.clone();
    };
    assert_eq!(found(&city, command), at(5, Wrong::Command));
    let year = |journals: &mut Journals| fund(journals)[0].at = super::city::at("2027-01-01");
    assert_eq!(found(&city, year), at(1, Wrong::Year));
    let left = |journals: &mut Journals| {
        let entries = fund(journals);
        let close = entries.last().unwrap().clone();
        entries.truncate(4);
        entries.push(close);
    };
    assert_eq!(found(&city, left), at(5, Wrong::Left));
    let uncounted = |journals: &mut Journals| {
        let entries = fund(journals);
        let refused = entries[12].clone();
        entries.splice(1.., [refused]);
    };
    assert_eq!(found(&city, uncounted), at(2, Wrong::Applications));
    let late = |journals: &mut Journals| {
        let entries = fund(journals);
        let again = entries[0].clone();
        entries.push(Posting { at: entries.last().unwrap().at, ..again });
    };
    let closed = u32::try_from(city.journals[&account(FUND)].len()).unwrap() + 1;
    assert_eq!(found(&city, late), at(closed, Wrong::Closed));
}

#[test]
fn a_reversal_names_what_was_there_once() {
    let mut city = City::with(6);
    city.does(S1, on(FUND, Deed::Reverse { entry: 7 }));
    let at = |seq, why| (FUND.to_owned(), seq, why);
    let again = |journals: &mut Journals| {
        let entries = fund(journals);
        let mut more = entries[6].clone();
        more.cause = CommandId::derive("test", "more");
        entries.push(more);
        let mut twice = entries[7].clone();
        twice.cause = CommandId::derive("test", "twice");
        entries.push(twice);
    };
    assert_eq!(found(&city, again), at(10, Wrong::Twice(7)));
    for (entry, reverses, amount) in [
        (6, ActKind::Paid, "5000"),
        (8, ActKind::Paid, "5000"),
        (9, ActKind::Paid, "5000"),
        (0, ActKind::Paid, "5000"),
        (7, ActKind::Paid, "4999"),
        (4, ActKind::Reserved, "3999"),
        (2, ActKind::Applied, "0"),
        (7, ActKind::Reversed, "5000"),
    ] {
        let other = |journals: &mut Journals| {
            fund(journals)[7].act = Act::Reversed { entry, reverses, amount: yuan(amount) };
        };
        assert_eq!(found(&city, other), at(8, Wrong::Reversal), "{entry} {reverses} {amount}");
    }
}

#[test]
fn both_sides_of_an_act_must_stand() {
    let city = full();
    let new = "fund/2027";
    let gone = |journals: &mut Journals| drop(journals.remove(&account(new)));
    assert!(matches!(found(&city, gone), (name, 16, Wrong::OtherSide) if name == FUND));
    let township = account("township.mishan/2026");
    let gone = |journals: &mut Journals| drop(journals.remove(&township));
    assert!(matches!(found(&city, gone).2, Wrong::OtherSide));
    let more = |journals: &mut Journals| {
        let entries = journals.get_mut(&township).unwrap();
        entries[0].act = Act::TransferredIn { from: account(FUND), amount: yuan("100.01") };
        let reverses = ActKind::TransferredIn;
        entries[1].act = Act::Reversed { entry: 1, reverses, amount: yuan("100.01") };
    };
    assert_eq!(found(&city, more).2, Wrong::OtherSide);
    let elsewhere = |journals: &mut Journals| {
        let entries = journals.get_mut(&township).unwrap();
        entries[0].act = Act::TransferredIn { from: account("centre/2026"), amount: yuan("100") };
    };
    assert_eq!(found(&city, elsewhere).2, Wrong::OtherSide);
    let half = |journals: &mut Journals| drop(journals.get_mut(&township).unwrap().pop());
    assert_eq!(found(&city, half).2, Wrong::OtherSide);
    let less = |journals: &mut Journals| {
        let entries = journals.get_mut(&account(new)).unwrap();
        entries[0].act = Act::CarriedIn { from: account(FUND), amount: yuan("1") };
    };
    assert_eq!(found(&city, less).2, Wrong::OtherSide);
}

#[test]
fn an_invoice_that_two_entries_pay_is_found() {
    let city = City::with(6);
    let twice = |journals: &mut Journals| {
        let entries = fund(journals);
        let mut more = entries[6].clone();
        let Act::Paid { amount, .. } = &mut more.act else { unreachable!() };
        *amount = yuan("10");
        more.cause = CommandId::derive("test", "more");
        entries.push(more);
    };
    assert_eq!(found(&city, twice), (FUND.to_owned(), 8, Wrong::Invoice(entry(FUND, 7))));
}

/// An entry that stands on two accounts, written by hand on both.
fn write_both(journals: &mut Journals, like: &Posting, sides: [(&str, Act); 2]) {
    for (name, act) in sides {
        let account = account(name);
        let (at, cause) = (super::city::at("2027-01-05"), CommandId::derive("test", "both"));
        let side = Posting { account: account.clone(), at, cause, act, ..like.clone() };
        journals.entry(account).or_default().push(side);
    }
}

#[test]
fn money_and_cases_go_where_they_may_and_by_one_person() {
    let city = full();
    let other = |journals: &mut Journals| {
        journals.get_mut(&account("fund/2027")).unwrap()[0].actor = Actor::parse(S2).unwrap();
    };
    assert_eq!(found(&city, other).2, Wrong::OtherSide);
    // A case that is over is not carried, whatever else is open in its account.
    let mut city = City::with(5);
    city.does(S2, on(FUND, release(1)));
    city.does(H1, on(FUND, apply(2, "10")));
    let (to, from) = (account("fund/2027"), account(FUND));
    let carry = |journals: &mut Journals| {
        let (like, amount) = (fund(journals)[6].clone(), Money::ZERO);
        let sides = [
            (FUND, Act::CarriedOut { to: to.clone(), amount }),
            ("fund/2027", Act::CarriedIn { from: from.clone(), amount }),
        ];
        write_both(journals, &like, sides);
    };
    assert_eq!(found(&city, carry), (FUND.to_owned(), 9, Wrong::Application));
    // What is left of one owner's year does not become another's.
    let mut city = City::with(0);
    city.does_on("2027-01-05", S1, on("centre/2027", super::city::appropriate("1")));
    let to = account("centre/2027");
    let over = |journals: &mut Journals| {
        let (like, amount) = (fund(journals)[0].clone(), yuan("100000"));
        let sides = [
            (FUND, Act::ClosedOver { to: to.clone(), amount }),
            ("centre/2027", Act::Opened { from: from.clone(), amount }),
        ];
        write_both(journals, &like, sides);
    };
    assert_eq!(found(&city, over).2, Wrong::OtherSide);
}
