//! Whether journals are what was written: each account by itself, and all of them together.

mod ledger;
mod tickets;

use std::collections::BTreeSet;

pub use self::ledger::{Books, Totals, verify_ledger};
pub use self::tickets::{Unreconciled, reconcile};
use crate::fund::account::AccountId;
use crate::fund::act::Act;
use crate::fund::application::is_same_person;
use crate::fund::balance::Balance;
use crate::fund::fault::{LedgerFault, Wrong};
use crate::fund::posting::Posting;
use crate::hash::Hash;

/// The whole journal of an account, in order.
#[derive(Clone, Copy, Debug)]
pub struct AccountJournal<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// Its entries.
    pub entries: &'a [Posting],
    /// The head known for it: its balance's own, or the published one.
    pub head: Hash,
}

impl<'a> AccountJournal<'a> {
    fn entry(&self, seq: u32) -> Option<&'a Posting> {
        let at = usize::try_from(seq.checked_sub(1)?).ok()?;
        self.entries.get(at)
    }
}

/// Folds a whole journal, and checks every entry on the way.
///
/// # Errors
/// [`LedgerFault`] names the first entry that is wrong. Where the chain breaks, it or the one before was
/// altered; a tail that was cut off shows at the last entry that is there.
pub fn verify_account(journal: &AccountJournal<'_>) -> Result<Balance, LedgerFault> {
    let mut balance = Balance::new(journal.account.clone());
    let mut reversed = BTreeSet::new();
    for (seq, posting) in (1_u32..).zip(journal.entries) {
        let fault = |why| LedgerFault { account: journal.account.clone(), seq, why };
        balance.apply(posting).map_err(fault)?;
        check_reversal(journal, posting, &mut reversed).map_err(fault)?;
    }
    if balance.head == journal.head {
        return Ok(balance);
    }
    Err(LedgerFault { account: balance.account, seq: balance.seq.max(1), why: Wrong::Head })
}

/// A reversal names an entry before it by what that was, once.
fn check_reversal(
    journal: &AccountJournal<'_>,
    posting: &Posting,
    reversed: &mut BTreeSet<u32>,
) -> Result<(), Wrong> {
    let Act::Reversed { entry, reverses, amount } = &posting.act else { return Ok(()) };
    let undone = journal.entry(*entry).filter(|undone| undone.seq < posting.seq);
    let undone = undone.ok_or(Wrong::Reversal)?;
    let same = undone.act.kind() == *reverses
        && undone.act.amount() == Some(*amount)
        && undone.application == posting.application;
    if !same {
        return Err(Wrong::Reversal);
    }
    if is_same_person(&undone.actor, &posting.actor) {
        return Err(Wrong::FourEyes);
    }
    if reversed.insert(*entry) { Ok(()) } else { Err(Wrong::Twice(*entry)) }
}
