//! Whether all accounts together are one ledger: nothing in one that another should have, and no invoice
//! paid twice.

use std::collections::BTreeMap;

use super::{AccountJournal, verify_account};
use crate::fund::account::AccountId;
use crate::fund::act::{Act, ActKind};
use crate::fund::application::Application;
use crate::fund::balance::Balance;
use crate::fund::fault::{LedgerFault, Wrong};
use crate::fund::ids::ApplicationId;
use crate::fund::money::Money;
use crate::fund::posting::{Part, Posting};
use crate::ids::CommandId;

/// A whole ledger, as its journals say it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Books {
    /// The accounts.
    pub accounts: BTreeMap<AccountId, Balance>,
    /// The applications.
    pub applications: BTreeMap<ApplicationId, Application>,
    /// All accounts together.
    pub totals: Totals,
}

/// All accounts together; transfers and what is carried from year to year cancel out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// What the treasury has given.
    pub appropriated: Money,
    /// What went back to it.
    pub returned: Money,
    /// What is free.
    pub available: Money,
    /// What is laid aside.
    pub reserved: Money,
    /// What payees have.
    pub paid: Money,
}

/// Checks every journal by [`verify_account`], and then what no journal can show by itself.
///
/// # Errors
/// [`LedgerFault`] names the first entry that is wrong; the last of an account whose sums are.
pub fn verify_ledger(journals: &[AccountJournal<'_>]) -> Result<Books, LedgerFault> {
    let mut accounts = BTreeMap::new();
    for journal in journals {
        let balance = verify_account(journal)?;
        let seq = balance.seq;
        if accounts.insert(journal.account.clone(), balance).is_some() {
            let account = journal.account.clone();
            return Err(LedgerFault { account, seq, why: Wrong::Place });
        }
    }
    let order = in_order(journals);
    check_sides(&order, journals)?;
    let applications = fold_applications(&order)?;
    check_invoices(&order, &applications)?;
    for balance in accounts.values() {
        check_sums(balance, &applications).map_err(|why| LedgerFault {
            account: balance.account.clone(),
            seq: balance.seq,
            why,
        })?;
    }
    let totals = total(&accounts)?;
    Ok(Books { accounts, applications, totals })
}

fn at(posting: &Posting, why: Wrong) -> LedgerFault {
    LedgerFault { account: posting.account.clone(), seq: posting.seq, why }
}

/// All entries in an order in which they can have come: by time, and of one time the earlier year first, so
/// that what is carried has left before it arrives.
fn in_order<'a>(journals: &[AccountJournal<'a>]) -> Vec<&'a Posting> {
    let mut all: Vec<&Posting> = journals.iter().flat_map(|journal| journal.entries).collect();
    all.sort_by_key(|one| (one.at, one.account.year, one.account.owner.clone(), one.seq));
    all
}

/// A command has one entry, or two that are the sides of one act.
fn check_sides(order: &[&Posting], journals: &[AccountJournal<'_>]) -> Result<(), LedgerFault> {
    let mut by_cause: BTreeMap<&CommandId, Vec<&Posting>> = BTreeMap::new();
    for posting in order {
        by_cause.entry(&posting.cause).or_default().push(posting);
    }
    for posting in order {
        let postings = by_cause.remove(&posting.cause).unwrap_or_default();
        match postings.as_slice() {
            [one] if one.kind().partner().is_none() => {}
            [one, other] if are_sides(one, other, journals) => {}
            [one] => return Err(at(one, Wrong::OtherSide)),
            [one, other] if one.kind().partner() == Some(other.kind()) => {
                return Err(at(other, Wrong::OtherSide));
            }
            [_, again, ..] => return Err(at(again, Wrong::Command)),
            // Its command was looked at with the first entry.
            [] => {}
        }
    }
    Ok(())
}

/// Whether two entries of one command are the sides of one act.
fn are_sides(one: &Posting, other: &Posting, journals: &[AccountJournal<'_>]) -> bool {
    let same = one.kind().partner() == Some(other.kind())
        && one.act.amount() == other.act.amount()
        && (one.at, &one.actor) == (other.at, &other.actor)
        && (&one.application, &one.approval) == (&other.application, &other.approval)
        && is_way(one, other);
    let named = match (&one.act, &other.act) {
        (Act::Reversed { entry: first, .. }, Act::Reversed { entry: second, .. }) => {
            let cause = |posting: &Posting, entry: u32| {
                let journal = journals.iter().find(|one| *one.account == posting.account)?;
                journal.entry(entry).map(|undone| undone.cause.clone())
            };
            cause(one, *first).is_some() && cause(one, *first) == cause(other, *second)
        }
        (act, back) => act.other() == Some(&other.account) && back.other() == Some(&one.account),
    };
    same && named
}

/// Whether money may go between the accounts of these two in this way.
fn is_way(one: &Posting, other: &Posting) -> bool {
    let arrives =
        matches!(one.kind(), ActKind::TransferredIn | ActKind::CarriedIn | ActKind::Opened);
    let (one, other) = if arrives { (other, one) } else { (one, other) };
    let (from, to) = (&one.account, &other.account);
    if one.kind() == ActKind::TransferredOut {
        from != to && from.year == to.year
    } else {
        from.next_year().as_ref() == Some(to)
    }
}

fn fold_applications(
    order: &[&Posting],
) -> Result<BTreeMap<ApplicationId, Application>, LedgerFault> {
    let mut all: BTreeMap<ApplicationId, Application> = BTreeMap::new();
    for posting in order {
        let Some(id) = &posting.application else {
            check_alone(posting).map_err(|why| at(posting, why))?;
            continue;
        };
        if let Some(application) = all.get_mut(id) {
            application.apply(posting).map_err(|why| at(posting, why))?;
        } else {
            let begun = Application::begin(posting).map_err(|why| at(posting, why))?;
            all.insert(id.clone(), begun);
        }
    }
    Ok(all)
}

/// An entry that names no application is of a kind that has none, and so was not approved as one.
fn check_alone(posting: &Posting) -> Result<(), Wrong> {
    if !stands_alone(posting.kind()) {
        return Err(Wrong::Application);
    }
    if posting.approval.is_some() { Err(Wrong::Approval) } else { Ok(()) }
}

/// Whether an entry of this kind is about no application.
const fn stands_alone(kind: ActKind) -> bool {
    match kind {
        ActKind::Appropriated
        | ActKind::TransferredOut
        | ActKind::TransferredIn
        | ActKind::ClosedOver
        | ActKind::Opened
        | ActKind::ClosedOut => true,
        ActKind::Applied
        | ActKind::Approved
        | ActKind::Refused
        | ActKind::Reserved
        | ActKind::Contracted
        | ActKind::Accepted
        | ActKind::Paid
        | ActKind::Released
        | ActKind::Refunded
        | ActKind::Reversed
        | ActKind::CarriedOut
        | ActKind::CarriedIn => false,
    }
}

/// An invoice of a payee is paid once; a payment that was reversed never was.
fn check_invoices(
    order: &[&Posting],
    applications: &BTreeMap<ApplicationId, Application>,
) -> Result<(), LedgerFault> {
    let mut paid = BTreeMap::new();
    for posting in order {
        let application = posting.application.as_ref().and_then(|id| applications.get(id));
        let payment = application.and_then(|one| one.payment(&posting.entry()));
        let Some(payment) = payment.filter(|payment| !payment.reversed) else { continue };
        let before = paid.insert((&payment.payee, payment.invoice), &payment.entry);
        if let Some(first) = before {
            return Err(at(posting, Wrong::Invoice(first.clone())));
        }
    }
    Ok(())
}

/// What applications have in an account is what the account has for them.
fn check_sums(
    balance: &Balance,
    applications: &BTreeMap<ApplicationId, Application>,
) -> Result<(), Wrong> {
    let here = |one: &&Application| one.account == balance.account;
    let reserved = applications.values().filter(here).map(|one| one.reserved);
    let paid = applications
        .values()
        .flat_map(|one| &one.payments)
        .filter(|one| one.entry.account == balance.account && !one.reversed)
        .map(|one| one.amount.minus(one.refunded).unwrap_or_default());
    for (part, sum, account) in [
        (Part::Reserved, Money::sum(reserved), balance.reserved),
        (Part::Paid, Money::sum(paid), balance.paid),
    ] {
        let applications = sum.ok_or(Wrong::TooMuch)?;
        if applications != account {
            return Err(Wrong::Sum { part, applications, account });
        }
    }
    let open = applications.values().filter(here).filter(|one| one.is_open()).count();
    if u32::try_from(open) == Ok(balance.applications) { Ok(()) } else { Err(Wrong::Applications) }
}

fn total(accounts: &BTreeMap<AccountId, Balance>) -> Result<Totals, LedgerFault> {
    let mut totals = Totals::default();
    for balance in accounts.values() {
        for (total, part) in [
            (&mut totals.appropriated, balance.appropriated),
            (&mut totals.returned, balance.returned),
            (&mut totals.available, balance.available),
            (&mut totals.reserved, balance.reserved),
            (&mut totals.paid, balance.paid),
        ] {
            let (account, seq) = (balance.account.clone(), balance.seq);
            let sum = total.plus(part);
            *total = sum.ok_or(LedgerFault { account, seq, why: Wrong::TooMuch })?;
        }
    }
    Ok(totals)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No journal leads there as long as both folds are right: this is the check that they are.
    #[test]
    fn an_account_that_has_what_no_application_has_is_wrong() {
        let account = AccountId::parse("fund/2026").unwrap();
        let check = |change: fn(&mut Balance)| {
            let mut balance = Balance::new(account.clone());
            change(&mut balance);
            check_sums(&balance, &BTreeMap::new())
        };
        let sum = |part| {
            let account = Money::of_yuan(1);
            Err(Wrong::Sum { part, applications: Money::ZERO, account })
        };
        assert_eq!(check(|_| {}), Ok(()));
        assert_eq!(check(|balance| balance.reserved = Money::of_yuan(1)), sum(Part::Reserved));
        assert_eq!(check(|balance| balance.paid = Money::of_yuan(1)), sum(Part::Paid));
        assert_eq!(check(|balance| balance.applications = 1), Err(Wrong::Applications));
    }
}
