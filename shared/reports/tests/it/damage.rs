//! What is missing or altered in a source is found and named, and no report is made of it.

use domain::fund::{Act, Category, Posting, Wrong};
use reports::ReportFault;
use reports::fund::{AnomalyKind, Source, figures};

use super::city::{City, apply, case, handler, yuan};
use super::year::played;

fn source() -> (City, Source) {
    let city = played(4, 80);
    let source = city.over("2026-06");
    figures(&source).unwrap();
    (city, source)
}

fn fault(source: &Source) -> ReportFault {
    figures(source).unwrap_err()
}

/// An entry of the special fund's book that pays somebody.
fn payment(source: &mut Source) -> &mut Posting {
    let entries = source.books.iter_mut().flat_map(|book| &mut book.entries);
    entries.into_iter().find(|one| matches!(one.act, Act::Paid { .. })).unwrap()
}

#[test]
fn an_altered_amount_is_named_by_its_entry() {
    let (_, mut source) = source();
    let posting = payment(&mut source);
    let (account, seq) = (posting.account.clone(), posting.seq);
    if let Act::Paid { amount, .. } = &mut posting.act {
        *amount = yuan("0.01");
    }
    let ReportFault::Ledger(fault) = fault(&source) else { panic!() };
    assert_eq!(fault.account, account);
    assert!([seq, seq + 1].contains(&fault.seq), "{fault}");
}

#[test]
fn an_altered_last_entry_is_found_by_the_application() {
    let (_, mut source) = source();
    let book = source
        .books
        .iter_mut()
        .find(|book| book.entries.last().is_some_and(|one| one.application.is_some()));
    let last = book.unwrap().entries.last_mut().unwrap();
    last.cause = domain::CommandId::derive("other", "1");
    let entry = last.entry();
    assert_eq!(fault(&source), ReportFault::OtherEntry(entry));
}

#[test]
fn an_entry_that_is_left_out_is_found() {
    let (_, mut source) = source();
    let book = source.books.iter_mut().find(|book| book.entries.len() > 3).unwrap();
    book.entries.remove(1);
    let ReportFault::Ledger(found) = fault(&source) else { panic!() };
    assert_eq!(found.why, Wrong::Place);
}

#[test]
fn a_tail_that_is_cut_off_is_found_by_the_applications() {
    let (_, mut source) = source();
    let book = source
        .books
        .iter_mut()
        .find(|book| book.entries.last().is_some_and(|one| one.application.is_some()));
    let entry = book.unwrap().entries.pop().unwrap().entry();
    assert_eq!(fault(&source), ReportFault::OtherEntry(entry));
}

#[test]
fn an_application_that_is_left_out_is_found() {
    let (_, whole) = source();
    for id in whole.cases.keys() {
        let mut source = whole.clone();
        source.cases.remove(id);
        let found = fault(&source);
        let is_named =
            matches!(&found, ReportFault::NoCase { application, .. } if application == id);
        assert!(is_named || matches!(found, ReportFault::Differs { .. }), "{found}");
    }
}

#[test]
fn an_application_with_an_entry_too_few_is_found() {
    let (_, whole) = source();
    for (id, entries) in &whole.cases {
        for (at, entry) in entries.iter().enumerate() {
            let mut source = whole.clone();
            source.cases.get_mut(id).unwrap().remove(at);
            // Without its acceptance a payment came too early, and the report says that of it.
            let is_told = match figures(&source) {
                Err(_) => true,
                Ok(figures) => {
                    figures.anomalies.iter().any(|one| one.kind == AnomalyKind::PaidBeforeAccepted)
                }
            };
            assert!(is_told, "{id} without {}", entry.entry());
        }
    }
}

#[test]
fn a_book_that_comes_twice_or_begins_too_late_is_found() {
    let (city, mut source) = source();
    let book = source.books[0].clone();
    let account = book.opening.account.clone();
    source.books.push(book);
    assert_eq!(fault(&source), ReportFault::Book(account.clone()));
    let mut source = city.over("2026-06");
    let later = city.over("2026-08");
    source.books[0].opening = later.books[0].opening.clone();
    assert_eq!(fault(&source), ReportFault::Book(account));
}

#[test]
fn an_entry_of_another_period_is_found() {
    let (city, mut source) = source();
    let later = city.over("2026-07");
    source.books[0].entries.extend(later.books[0].entries.clone());
    let entry = later.books[0].entries[0].entry();
    assert_eq!(fault(&source), ReportFault::NotOfPeriod(entry));
}

#[test]
fn a_case_of_others_entries_is_found() {
    let (_, mut source) = source();
    let ids: Vec<_> = source.cases.keys().cloned().collect();
    let other = source.cases[&ids[1]].clone();
    source.cases.insert(ids[0].clone(), other);
    assert_eq!(fault(&source), ReportFault::Case(ids[0].clone()));
    source.cases.insert(ids[0].clone(), Vec::new());
    assert_eq!(fault(&source), ReportFault::Case(ids[0].clone()));
}

/// It has no money yet and no entry in the period; only the account's own count knows of it.
#[test]
fn an_application_that_only_waits_is_found_when_it_is_left_out() {
    let mut city = City::default();
    let id = case("A-1");
    let h1 = handler(1, "mishan");
    city.does("2026-01-05T09:00", &h1, "fund/2026", apply(&id, &[(Category::Road, yuan("1"))]));
    let mut source = city.over("2026-03");
    assert_eq!(figures(&source).unwrap().accounts[0].applications, 1);
    source.cases.clear();
    let place = "fund/2026".to_owned();
    let differs = ReportFault::Differs { what: "open applications", place, one: 0, other: 1 };
    assert_eq!(fault(&source), differs);
}
