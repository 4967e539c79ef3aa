//! What must be true of the fund's ledger when everybody is home: every fen is somewhere, once, and the tickets
//! tell the same.

use std::collections::{BTreeMap, BTreeSet};

use domain::fund::{
    AccountId, AccountJournal, Act, Application, ApplicationId, Books, EntryRef, Posting,
    reconcile, verify_ledger,
};
use domain::{CommandId, Ticket};

use crate::core::State;
use crate::purse::Purse;

/// What is wrong, and with what.
type Found = Vec<(String, String)>;

/// The journals are a ledger, everything stored beside them is what they say, and what people were told stands.
pub(crate) fn fund(state: &State) -> Found {
    let purse = &state.store.fund;
    let mut found = Found::new();
    let heads: Vec<AccountJournal<'_>> = purse
        .journals
        .iter()
        .map(|(account, entries)| {
            let head = purse.accounts.get(account).map(|known| known.head);
            AccountJournal { account, entries, head: head.unwrap_or(domain::Hash::ZERO) }
        })
        .collect();
    match verify_ledger(&heads) {
        Ok(books) => books_stand(purse, &books, &mut found),
        Err(fault) => found.push((fault.account.to_string(), fault.to_string())),
    }
    beside(purse, &mut found);
    promised(state, &mut found);
    for posting in all(purse) {
        let about = posting.application.as_ref().map(|id| &id.ticket);
        if about.is_some_and(|ticket| !state.store.tickets.contains_key(ticket)) {
            found.push((posting.entry().to_string(), "it is about no ticket".to_owned()));
        }
    }
    found
}

fn all(purse: &Purse) -> impl Iterator<Item = &Posting> {
    purse.journals.values().flatten()
}

/// The stored accounts and applications are those of the journals, and every fen that came is somewhere.
fn books_stand(purse: &Purse, books: &Books, found: &mut Found) {
    if books.accounts != purse.accounts {
        let differs =
            |account: &&AccountId| books.accounts.get(account) != purse.accounts.get(account);
        let names = books.accounts.keys().chain(purse.accounts.keys()).filter(differs);
        let text = || "it is not what its journal folds to".to_owned();
        found.extend(names.map(|account| (account.to_string(), text())));
    }
    let stored: BTreeMap<ApplicationId, Option<Application>> =
        purse.cases.keys().map(|id| (id.clone(), purse.application(id))).collect();
    for id in stored.keys().chain(books.applications.keys()).collect::<BTreeSet<_>>() {
        let stands = stored.get(id).cloned().flatten();
        if stands.as_ref() != books.applications.get(id) {
            found.push((id.to_string(), "its entries are not those of the journals".to_owned()));
        }
    }
    let totals = &books.totals;
    let here = [totals.available, totals.reserved, totals.paid].map(domain::fund::Money::fen);
    let came = totals.appropriated.fen() - totals.returned.fen();
    if here.iter().sum::<i64>() != came || here.iter().any(|part| *part < 0) {
        found.push(("the fund".to_owned(), format!("{came} fen came, and {here:?} are there")));
    }
}

/// What is kept to find the way in the journals is exactly what they say.
fn beside(purse: &Purse, found: &mut Found) {
    let mut done: BTreeMap<CommandId, BTreeSet<EntryRef>> = BTreeMap::new();
    let (mut invoices, mut reversed) = (BTreeMap::new(), BTreeSet::new());
    for posting in all(purse) {
        done.entry(posting.cause.clone()).or_default().insert(posting.entry());
        match &posting.act {
            Act::Reversed { entry, .. } => {
                reversed.insert(EntryRef { account: posting.account.clone(), seq: *entry });
            }
            Act::Paid { payee, invoice, .. } => {
                invoices.insert(posting.entry(), (payee.clone(), *invoice));
            }
            _ => {}
        }
    }
    let kept: BTreeMap<CommandId, BTreeSet<EntryRef>> = purse
        .done
        .iter()
        .map(|(cause, entries)| (cause.clone(), entries.iter().cloned().collect()))
        .collect();
    let paid: BTreeMap<_, _> = invoices
        .into_iter()
        .filter(|(payment, _)| !reversed.contains(payment))
        .map(|(payment, invoice)| (invoice, payment))
        .collect();
    for (what, same) in [
        ("commands", kept == done),
        ("invoices", purse.invoices == paid),
        ("reversed entries", purse.reversed == reversed),
    ] {
        if !same {
            found
                .push(("the fund".to_owned(), format!("the {what} are not those of the journals")));
        }
    }
}

/// An order that was answered with yes has its entries, once; one that was only ever refused has none.
fn promised(state: &State, found: &mut Found) {
    let purse = &state.store.fund;
    let mut by_cause: BTreeMap<&CommandId, Vec<EntryRef>> = BTreeMap::new();
    for posting in all(purse) {
        by_cause.entry(&posting.cause).or_default().push(posting.entry());
    }
    for (cause, (order, entries)) in &state.ledger.posted {
        let stand = by_cause.remove(cause).unwrap_or_default();
        let same = stand.len() == entries.len() && entries.iter().all(|one| stand.contains(one));
        if !same || entries.is_empty() {
            let text = format!("it was answered with {entries:?}, and {stand:?} stand: {order:?}");
            found.push((cause.to_string(), text));
        }
    }
    let heard = |cause: &&CommandId| {
        !state.ledger.posted.contains_key(*cause) && !state.ledger.unheard.contains(*cause)
    };
    for cause in state.ledger.refused.iter().filter(heard) {
        if purse.done.contains_key(cause) {
            found.push((cause.to_string(), "it was refused, and stands".to_owned()));
        }
    }
}

/// The ticket tells of the entries about it, and of no others.
pub(crate) fn reconciled(state: &State, ticket: &Ticket, found: &mut Vec<String>) {
    let purse = &state.store.fund;
    let of = |number| ApplicationId { ticket: ticket.id().clone(), number };
    let mut about: Vec<&Posting> = Vec::new();
    for entries in purse.cases.range(of(0)..=of(u16::MAX)).map(|(_, entries)| entries) {
        about.extend(entries.iter().filter_map(|entry| purse.entry(entry)));
    }
    let differ = reconcile(ticket.timeline(), about);
    found.extend(differ.into_iter().map(|fault| fault.to_string()));
}
