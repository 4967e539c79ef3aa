//! What a store writes for an order: all of it or nothing, and only if what was read still stands.

use crate::fund::application::Payment;
use crate::fund::balance::Balance;
use crate::fund::fault::Wrong;
use crate::fund::ids::{ApplicationId, EntryRef};
use crate::fund::order::View;
use crate::fund::posting::Posting;
use crate::fund::{Act, ActKind, decide::undone};
use crate::hash::Hash;
use crate::ids::{CommandId, PayeeCode};

/// One write of the ledger.
///
/// Its conditions: each account's last entry is the one before [`Posting::seq`] with the hash [`Posting::prev`];
/// the application has [`CaseChange::before`] entries; no entry has the command; nobody has the invoice that is
/// taken, and the payment has the one that is freed; the entry to be reversed was not reversed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerChange {
    /// The command; [`Self::postings`] are its only entries.
    pub cause: CommandId,
    /// The entries, one an account.
    pub postings: Vec<Posting>,
    /// The accounts as they are afterwards, in the same order.
    pub balances: Vec<Balance>,
    /// The application that they name, if they name one.
    pub case: Option<CaseChange>,
    /// The invoice that is paid now.
    pub taken: Option<Invoice>,
    /// The invoice whose payment is reversed now, so that it may be paid again.
    pub freed: Option<Invoice>,
    /// The entries that are reversed now.
    pub reversed: Vec<EntryRef>,
}

/// How an application changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseChange {
    /// Which.
    pub id: ApplicationId,
    /// How many entries named it before; none before the first.
    pub before: u32,
}

/// An invoice and the payment that it was paid by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// Whose.
    pub payee: PayeeCode,
    /// Which ([`crate::fund::invoice_hash`]).
    pub hash: Hash,
    /// The payment.
    pub payment: EntryRef,
}

impl LedgerChange {
    /// The write for the entries that [`decide`](crate::fund::decide()) has given for this view; `None` for none.
    ///
    /// # Errors
    /// [`Wrong`] when they do not follow on it: a fault of the caller.
    pub fn of(view: &View<'_>, postings: Vec<Posting>) -> Result<Option<Self>, Wrong> {
        let Some(first) = postings.first() else { return Ok(None) };
        let cause = first.cause.clone();
        let after = |posting: &Posting| {
            let mut balance = view.balance(&posting.account);
            balance.apply(posting).map(|()| balance)
        };
        let balances = postings.iter().map(after).collect::<Result<_, _>>()?;
        let case = first.application.as_ref().map(|id| {
            let known = view.application.filter(|known| known.id == *id);
            CaseChange { id: id.clone(), before: known.map_or(0, |known| known.version) }
        });
        let taken = postings.iter().find_map(taken);
        let mut reversed = postings.iter().filter_map(undone);
        let payment = reversed.clone().find_map(|entry| view.application?.payment(&entry));
        let freed = payment.filter(|_| first.act.undoes(ActKind::Paid)).map(Payment::invoice);
        let reversed = reversed.by_ref().collect();
        Ok(Some(Self { cause, postings, balances, case, taken, freed, reversed }))
    }
}

impl Payment {
    fn invoice(&self) -> Invoice {
        Invoice { payee: self.payee.clone(), hash: self.invoice, payment: self.entry.clone() }
    }
}

fn taken(posting: &Posting) -> Option<Invoice> {
    let Act::Paid { payee, invoice, .. } = &posting.act else { return None };
    Some(Invoice { payee: payee.clone(), hash: *invoice, payment: posting.entry() })
}
