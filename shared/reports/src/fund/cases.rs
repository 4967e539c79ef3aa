//! An application in a report: what its entries say, told apart from how the ledger folds them, so that the
//! one can be held to the other.

use std::collections::BTreeMap;

use domain::PayeeCode;
use domain::fund::{
    AccountId, Act, ActKind, Application, ApplicationId, Category, EntryRef, LedgerFault, Money,
    Part, Posting, Stage,
};

use crate::fault::ReportFault;
use crate::net::Net;

/// An application with all its entries.
#[derive(Clone, Debug)]
pub(super) struct Case<'a> {
    pub(super) id: &'a ApplicationId,
    pub(super) entries: &'a [Posting],
    /// The entry that began it.
    pub(super) applied: &'a Posting,
    /// What it is for: the category of its largest item, of several the first.
    pub(super) category: Category,
    /// How much was asked for.
    pub(super) asked: Money,
    /// What the ledger folds it to; `None` when it was paid before the work was accepted, which the ledger
    /// knows no state for.
    pub(super) folded: Option<Application>,
    /// What was reversed, and by which entry.
    undone: BTreeMap<EntryRef, &'a Posting>,
}

/// A payment of an application.
#[derive(Clone, Debug)]
pub(super) struct PaidOut<'a> {
    pub(super) posting: &'a Posting,
    pub(super) amount: Money,
    pub(super) payee: &'a PayeeCode,
    pub(super) invoice: domain::Hash,
    /// How much of it came back.
    pub(super) refunded: Net,
    /// The entry that undid it.
    pub(super) undone: Option<&'a Posting>,
}

impl<'a> Case<'a> {
    pub(super) fn read(id: &'a ApplicationId, entries: &'a [Posting]) -> Result<Self, ReportFault> {
        let strange = || ReportFault::Case(id.clone());
        let applied = entries.first().ok_or_else(strange)?;
        if entries.iter().any(|one| one.application.as_ref() != Some(id)) {
            return Err(strange());
        }
        let Act::Applied { items, .. } = &applied.act else { return Err(strange()) };
        let mut largest = items.0.first().copied().ok_or_else(strange)?;
        for item in &items.0 {
            if item.estimate > largest.estimate {
                largest = *item;
            }
        }
        let undone = entries.iter().filter_map(|one| Some((undone(one)?, one))).collect();
        let asked = items.total().ok_or(ReportFault::TooMuch)?;
        let category = largest.category;
        let case = Self { id, entries, applied, category, asked, folded: fold(entries)?, undone };
        case.check()?;
        Ok(case)
    }

    /// What is told here is what the ledger folds.
    fn check(&self) -> Result<(), ReportFault> {
        let Some(folded) = &self.folded else { return Ok(()) };
        let differs = |what, one: Net, other: Net| ReportFault::Differs {
            what,
            place: self.id.to_string(),
            one: one.fen(),
            other: other.fen(),
        };
        let (reserved, paid) = (self.in_part(Part::Reserved)?, self.in_part(Part::Paid)?);
        if reserved != folded.reserved.into() {
            return Err(differs("reserved", reserved, folded.reserved.into()));
        }
        if paid != folded.paid.into() {
            return Err(differs("paid", paid, folded.paid.into()));
        }
        let kept = self.payments().into_iter().filter(|one| one.undone.is_none());
        let kept = kept.map(|one| Net::from(one.amount).minus(one.refunded));
        let kept = kept.collect::<Option<Vec<_>>>().and_then(Net::sum).unwrap_or_default();
        if kept == paid { Ok(()) } else { Err(differs("payments", kept, paid)) }
    }

    /// What its lines have left in a part.
    pub(super) fn in_part(&self, part: Part) -> Result<Net, ReportFault> {
        let mut sum = Some(Net::ZERO);
        for line in self.entries.iter().filter_map(Posting::line) {
            let amount = Net::from(line.amount);
            if line.debit == part {
                sum = sum.and_then(|sum| sum.plus(amount));
            }
            if line.credit == part {
                sum = sum.and_then(|sum| sum.minus(amount));
            }
        }
        sum.ok_or(ReportFault::TooMuch)
    }

    /// How far it has come; `None` when its entries are out of order.
    pub(super) fn stage(&self) -> Option<Stage> {
        self.folded.as_ref().map(Application::stage)
    }

    /// Whether something can still come of it.
    pub(super) fn is_open(&self) -> bool {
        let ends = || [ActKind::Refused, ActKind::Released].map(|kind| self.last(kind));
        let told = self.folded.as_ref().map(Application::is_open);
        told.unwrap_or_else(|| ends().iter().all(Option::is_none))
    }

    /// The account that it is in.
    pub(super) fn home(&self) -> &AccountId {
        let came = self.last(ActKind::CarriedIn).map_or(&self.applied.account, |one| &one.account);
        self.folded.as_ref().map_or(came, |folded| &folded.account)
    }

    /// The entry that undid this one.
    pub(super) fn undone(&self, posting: &Posting) -> Option<&'a Posting> {
        self.undone.get(&posting.entry()).copied()
    }

    /// Its last entry of this kind that was not undone.
    pub(super) fn last(&self, kind: ActKind) -> Option<&'a Posting> {
        let mut all = self.entries.iter().rev();
        all.find(|one| one.act.kind() == kind && self.undone(one).is_none())
    }

    /// What was approved.
    pub(super) fn approved(&self) -> Option<(&'a Posting, Money)> {
        let posting = self.last(ActKind::Approved)?;
        let Act::Approved { amount, .. } = &posting.act else { return None };
        Some((posting, *amount))
    }

    /// Its payments.
    pub(super) fn payments(&self) -> Vec<PaidOut<'a>> {
        self.entries.iter().filter_map(|posting| self.payment(posting)).collect()
    }

    fn payment(&self, posting: &'a Posting) -> Option<PaidOut<'a>> {
        let Act::Paid { amount, payee, invoice } = &posting.act else { return None };
        let entry = posting.entry();
        let is_of =
            |one: &&Posting| matches!(&one.act, Act::Refunded { payment, .. } if *payment == entry);
        let back = self.entries.iter().filter(is_of).filter(|one| self.undone(one).is_none());
        let back = back.filter_map(|one| one.act.amount()).map(Net::from);
        let refunded = Net::sum(back).unwrap_or_default();
        let undone = self.undone(posting);
        Some(PaidOut { posting, amount: *amount, payee, invoice: *invoice, refunded, undone })
    }

    /// Whether the work was accepted before this entry.
    pub(super) fn is_accepted_before(&self, posting: &Posting) -> bool {
        let before = self.entries.iter().take_while(|one| *one != posting);
        before.into_iter().any(|one| one.act.kind() == ActKind::Accepted)
    }

    /// The entry that another one gives back or undoes.
    pub(super) fn about(&self, posting: &Posting) -> Option<EntryRef> {
        if let Act::Refunded { payment, .. } = &posting.act {
            return Some(payment.clone());
        }
        undone(posting)
    }

    /// Who was paid by the payment that an entry makes, gives back, or undoes.
    pub(super) fn payee(&self, posting: &'a Posting) -> Option<&'a PayeeCode> {
        if let Act::Paid { payee, .. } = &posting.act {
            return Some(payee);
        }
        let entry = self.about(posting)?;
        let named = self.entries.iter().take_while(|one| *one != posting);
        let named = named.into_iter().find(|one| one.entry() == entry)?;
        self.payee(named)
    }
}

/// The entry that a reversal undoes.
pub(super) fn undone(posting: &Posting) -> Option<EntryRef> {
    let Act::Reversed { entry, .. } = &posting.act else { return None };
    Some(EntryRef { account: posting.account.clone(), seq: *entry })
}

/// What an entry does, or undoes.
pub(super) const fn kind(posting: &Posting) -> ActKind {
    if let Act::Reversed { reverses, .. } = &posting.act { *reverses } else { posting.act.kind() }
}

/// Folds as the ledger does. A payment before the acceptance ends that: it is no damage, it was written so, and
/// is reported as what it is.
fn fold(entries: &[Posting]) -> Result<Option<Application>, ReportFault> {
    let mut folded: Option<Application> = None;
    let mut accepted = false;
    for posting in entries {
        if posting.act.kind() == ActKind::Paid && !accepted {
            return Ok(None);
        }
        accepted |= posting.act.kind() == ActKind::Accepted;
        let next = match &mut folded {
            None => Application::begin(posting).map(|begun| folded = Some(begun)),
            Some(application) => application.apply(posting),
        };
        next.map_err(|why| LedgerFault {
            account: posting.account.clone(),
            seq: posting.seq,
            why,
        })?;
    }
    Ok(folded)
}
