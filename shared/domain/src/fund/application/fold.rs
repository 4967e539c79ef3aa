//! How an entry changes the application that it names.

use super::{Application, Approval, Payment, Refund, Stage, is_same_person};
use crate::fund::act::{Act, ActKind};
use crate::fund::fault::Wrong;
use crate::fund::ids::EntryRef;
use crate::fund::money::Money;
use crate::fund::posting::Posting;

impl Application {
    /// The application as the first entry that names it says it is.
    ///
    /// # Errors
    /// [`Wrong`] when no application begins by such an entry.
    pub fn begin(posting: &Posting) -> Result<Self, Wrong> {
        let (Some(id), Act::Applied { items, .. }) = (&posting.application, &posting.act) else {
            return Err(Wrong::Application);
        };
        let asked = items.total().filter(|asked| !asked.is_zero()).ok_or(Wrong::Application)?;
        if posting.approval.is_some() {
            return Err(Wrong::Approval);
        }
        Ok(Self {
            id: id.clone(),
            account: posting.account.clone(),
            applicant: posting.actor.clone(),
            asked,
            approval: None,
            reserved: Money::ZERO,
            paid: Money::ZERO,
            released: Money::ZERO,
            payments: Vec::new(),
            refunds: Vec::new(),
            version: 1,
            reached: Stage::Applied,
            ended: None,
            on_the_way: false,
        })
    }

    /// The application as all the entries that name it, in their order, say it is.
    ///
    /// # Errors
    /// [`Wrong`] when they are not the entries of one application.
    pub fn of(entries: &[Posting]) -> Result<Self, Wrong> {
        let (first, rest) = entries.split_first().ok_or(Wrong::Application)?;
        let mut application = Self::begin(first)?;
        rest.iter().try_for_each(|posting| application.step(posting)).map(|()| application)
    }

    /// Folds the next entry that names it in.
    ///
    /// # Errors
    /// [`Wrong`] says why it cannot be the next one; nothing has changed then.
    pub fn apply(&mut self, posting: &Posting) -> Result<(), Wrong> {
        let mut next = self.clone();
        next.step(posting)?;
        *self = next;
        Ok(())
    }

    /// As [`Self::apply`], but what is left after an entry that does not fit is of no use.
    fn step(&mut self, posting: &Posting) -> Result<(), Wrong> {
        if posting.application.as_ref() != Some(&self.id) {
            return Err(Wrong::Application);
        }
        if posting.approval.as_ref() != self.approval.as_ref().map(|approval| &approval.entry) {
            return Err(Wrong::Approval);
        }
        self.version = self.version.saturating_add(1);
        if self.follow(posting)? && self.is_whole() { Ok(()) } else { Err(Wrong::Application) }
    }

    /// Once reserved, what was approved is somewhere.
    fn is_whole(&self) -> bool {
        let all = Money::sum([self.reserved, self.paid, self.released]);
        let whole = self.approval.as_ref().map(|approval| approval.amount);
        all.is_some_and(|all| all.is_zero() || Some(all) == whole)
    }

    /// Whether the entry fits; `self` is then as it says.
    fn follow(&mut self, posting: &Posting) -> Result<bool, Wrong> {
        let here = posting.account == self.account && !self.on_the_way;
        let stage = self.stage();
        Ok(match &posting.act {
            Act::Approved { amount, .. } => {
                here && stage == Stage::Applied && self.approve(posting, *amount)?
            }
            Act::Refused { .. } => here && stage == Stage::Applied && self.reach(Stage::Refused),
            Act::Reserved { amount } => {
                self.reserved = *amount;
                here && stage == Stage::Approved && self.reach(Stage::Reserved)
            }
            Act::Contracted { .. } => {
                here && stage == Stage::Reserved && self.reach(Stage::Contracted)
            }
            Act::Accepted { .. } => {
                here && stage == Stage::Contracted && self.reach(Stage::Accepted)
            }
            Act::Paid { .. } => here && stage == Stage::Accepted && self.pay(posting)?,
            Act::Released { amount } => {
                let rest = std::mem::replace(&mut self.reserved, Money::ZERO);
                let fits = here && self.is_open() && rest == *amount;
                self.ended = Some(posting.entry());
                fits && add(&mut self.released, *amount)
            }
            Act::Refunded { payment, amount } => self.refund(posting, payment, *amount),
            Act::Reversed { entry, reverses, amount } => {
                let entry = EntryRef { account: posting.account.clone(), seq: *entry };
                self.undo(&entry, *reverses, *amount, here)
            }
            Act::CarriedOut { to, amount } => {
                self.account = to.clone();
                self.on_the_way = true;
                here && self.is_open() && *amount == self.reserved
            }
            Act::CarriedIn { amount, .. } => {
                let arrives = std::mem::replace(&mut self.on_the_way, false);
                arrives && posting.account == self.account && *amount == self.reserved
            }
            Act::Appropriated { .. }
            | Act::TransferredOut { .. }
            | Act::TransferredIn { .. }
            | Act::Applied { .. }
            | Act::ClosedOver { .. }
            | Act::Opened { .. }
            | Act::ClosedOut { .. } => false,
        })
    }

    const fn reach(&mut self, stage: Stage) -> bool {
        self.reached = stage;
        true
    }

    fn approve(&mut self, posting: &Posting, amount: Money) -> Result<bool, Wrong> {
        if is_same_person(&posting.actor, &self.applicant) {
            return Err(Wrong::FourEyes);
        }
        let (entry, by) = (posting.entry(), posting.actor.clone());
        self.approval = Some(Approval { entry, by, amount });
        Ok(!amount.is_zero() && amount <= self.asked && self.reach(Stage::Approved))
    }

    fn pay(&mut self, posting: &Posting) -> Result<bool, Wrong> {
        let Act::Paid { amount, payee, invoice } = &posting.act else { return Ok(false) };
        let approval = self.approval.as_ref();
        if approval.is_none_or(|approval| is_same_person(&approval.by, &posting.actor)) {
            return Err(Wrong::FourEyes);
        }
        self.payments.push(Payment {
            entry: posting.entry(),
            payee: payee.clone(),
            invoice: *invoice,
            amount: *amount,
            refunded: Money::ZERO,
            reversed: false,
        });
        Ok(!amount.is_zero() && shift(&mut self.reserved, &mut self.paid, *amount))
    }

    fn refund(&mut self, posting: &Posting, payment: &EntryRef, amount: Money) -> bool {
        let paid = self.payments.iter_mut().find(|one| one.entry == *payment && !one.reversed);
        let Some(paid) = paid else { return false };
        let fits = posting.account == payment.account
            && !amount.is_zero()
            && add(&mut paid.refunded, amount)
            && paid.refunded <= paid.amount;
        let (entry, payment) = (posting.entry(), payment.clone());
        self.refunds.push(Refund { entry, payment, amount, reversed: false });
        fits && shift(&mut self.paid, &mut self.released, amount)
    }

    /// Whether nothing stands on this entry of the application, so that it may be undone.
    pub(in crate::fund) fn can_undo(&self, posting: &Posting) -> bool {
        let (kind, amount) = (posting.act.kind(), posting.act.amount().unwrap_or_default());
        self.clone().undo(&posting.entry(), kind, amount, posting.account == self.account)
    }

    /// Undoes an entry; `here` tells whether that stands in the account in which the application is.
    fn undo(&mut self, entry: &EntryRef, kind: ActKind, amount: Money, here: bool) -> bool {
        match kind {
            ActKind::Reserved => {
                let fits = here && self.is_only_reserved() && self.reserved == amount;
                self.reserved = Money::ZERO;
                fits && self.reach(Stage::Approved)
            }
            ActKind::Paid => here && self.ended.is_none() && self.undo_payment(entry, amount),
            ActKind::Released => {
                let fits = here && self.end() == Some(entry);
                self.ended = None;
                fits && shift(&mut self.released, &mut self.reserved, amount)
            }
            ActKind::Refunded => self.undo_refund(entry, amount),
            ActKind::Appropriated
            | ActKind::TransferredOut
            | ActKind::TransferredIn
            | ActKind::Applied
            | ActKind::Approved
            | ActKind::Refused
            | ActKind::Contracted
            | ActKind::Accepted
            | ActKind::Reversed
            | ActKind::CarriedOut
            | ActKind::CarriedIn
            | ActKind::ClosedOver
            | ActKind::Opened
            | ActKind::ClosedOut => false,
        }
    }

    fn undo_payment(&mut self, entry: &EntryRef, amount: Money) -> bool {
        let payment = self.payments.iter_mut().find(|payment| payment.entry == *entry);
        let Some(payment) = payment else { return false };
        let fits = !payment.reversed && payment.refunded.is_zero() && payment.amount == amount;
        payment.reversed = true;
        fits && shift(&mut self.paid, &mut self.reserved, amount)
    }

    fn undo_refund(&mut self, entry: &EntryRef, amount: Money) -> bool {
        let Some(refund) = self.refunds.iter_mut().find(|refund| refund.entry == *entry) else {
            return false;
        };
        let fits = !refund.reversed && refund.amount == amount;
        refund.reversed = true;
        let payment = self.payments.iter_mut().find(|payment| payment.entry == refund.payment);
        let Some(payment) = payment else { return false };
        let left = payment.refunded.minus(amount);
        payment.refunded = left.unwrap_or_default();
        fits && left.is_some() && shift(&mut self.released, &mut self.paid, amount)
    }
}

/// Adds, if that is an amount.
fn add(part: &mut Money, amount: Money) -> bool {
    let sum = part.plus(amount);
    *part = sum.unwrap_or(*part);
    sum.is_some()
}

/// Moves `amount` from one to the other, if it is there.
fn shift(from: &mut Money, to: &mut Money, amount: Money) -> bool {
    let rest = from.minus(amount);
    *from = rest.unwrap_or(*from);
    rest.is_some() && add(to, amount)
}
