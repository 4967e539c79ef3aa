//! The fund's ledger in memory, with the conditions of the real one.

use std::collections::{BTreeMap, BTreeSet};

use domain::fund::{
    AccountId, Application, ApplicationId, Balance, EntryRef, LedgerChange, Posting,
};
use domain::{CommandId, Hash, PayeeCode};

use crate::bugs::Bug;

/// The journals, and what is kept to find the way in them.
#[derive(Debug, Default)]
pub(crate) struct Purse {
    pub(crate) journals: BTreeMap<AccountId, Vec<Posting>>,
    pub(crate) accounts: BTreeMap<AccountId, Balance>,
    pub(crate) cases: BTreeMap<ApplicationId, Vec<EntryRef>>,
    pub(crate) done: BTreeMap<CommandId, Vec<EntryRef>>,
    pub(crate) invoices: BTreeMap<(PayeeCode, Hash), EntryRef>,
    pub(crate) reversed: BTreeSet<EntryRef>,
}

impl Purse {
    /// Whether what a change was decided upon still stands.
    pub(crate) fn takes(&self, change: &LedgerChange, bug: Option<Bug>) -> bool {
        let unchecked = |of: Bug| bug == Some(of);
        let follows = |posting: &Posting| {
            let last = self.accounts.get(&posting.account);
            let (seq, head) = last.map_or((0, Hash::ZERO), |last| (last.seq, last.head));
            (posting.seq, posting.prev) == (seq + 1, head)
        };
        let same = change.case.as_ref().is_none_or(|case| {
            let entries = self.cases.get(&case.id).map_or(0, Vec::len);
            u32::try_from(entries) == Ok(case.before)
        });
        let paid = |payee: &PayeeCode, hash: &Hash| self.invoices.get(&(payee.clone(), *hash));
        let unpaid = change.taken.as_ref().is_none_or(|new| paid(&new.payee, &new.hash).is_none());
        let frees = change.freed.as_ref();
        let frees = frees.is_none_or(|old| paid(&old.payee, &old.hash) == Some(&old.payment));
        (unchecked(Bug::HeadUnchecked) || change.postings.iter().all(follows))
            && same
            && (unchecked(Bug::InvoiceUnchecked) || unpaid)
            && frees
            && (unchecked(Bug::CommandUnchecked) || !self.done.contains_key(&change.cause))
            && !change.reversed.iter().any(|entry| self.reversed.contains(entry))
    }

    /// Writes a change.
    pub(crate) fn post(&mut self, change: &LedgerChange) {
        for (posting, balance) in change.postings.iter().zip(&change.balances) {
            self.journals.entry(posting.account.clone()).or_default().push(posting.clone());
            self.accounts.insert(balance.account.clone(), balance.clone());
        }
        let entries: Vec<EntryRef> = change.postings.iter().map(Posting::entry).collect();
        if let Some(case) = &change.case {
            self.cases.entry(case.id.clone()).or_default().extend(entries.clone());
        }
        self.done.insert(change.cause.clone(), entries);
        if let Some(new) = &change.taken {
            self.invoices.insert((new.payee.clone(), new.hash), new.payment.clone());
        }
        if let Some(old) = &change.freed {
            self.invoices.remove(&(old.payee.clone(), old.hash));
        }
        self.reversed.extend(change.reversed.iter().cloned());
    }

    pub(crate) fn entry(&self, entry: &EntryRef) -> Option<&Posting> {
        let at = usize::try_from(entry.seq.checked_sub(1)?).ok()?;
        self.journals.get(&entry.account)?.get(at)
    }

    /// The entries of an application, in their order.
    pub(crate) fn case(&self, id: &ApplicationId) -> Vec<Posting> {
        let entries = self.cases.get(id).into_iter().flatten();
        entries.filter_map(|entry| self.entry(entry)).cloned().collect()
    }

    /// An application, if its entries make one.
    pub(crate) fn application(&self, id: &ApplicationId) -> Option<Application> {
        Application::of(&self.case(id)).ok()
    }

    /// What is wrong with the accounts that a change leaves: what is not so at every moment is no balance.
    pub(crate) fn wrong(&self, change: &LedgerChange) -> Vec<String> {
        let mut found = Vec::new();
        for (posting, balance) in change.postings.iter().zip(&change.balances) {
            let known = self.accounts.get(&posting.account).cloned();
            let mut folded = known.unwrap_or_else(|| Balance::new(posting.account.clone()));
            if folded.apply(posting) != Ok(()) || folded != *balance {
                found.push(format!("{} is no balance of what stands there", posting.entry()));
            }
            if !balance.is_even() {
                found.push(format!("{} leaves an uneven account", posting.entry()));
            }
        }
        found
    }
}
