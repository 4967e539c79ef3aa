//! The money of a case (一诉一议), from the application to its end.

mod fold;

use crate::authority::Actor;
use crate::fund::account::AccountId;
use crate::fund::ids::{ApplicationId, EntryRef};
use crate::fund::money::Money;
use crate::hash::Hash;
use crate::ids::{PayeeCode, StaffId};
use crate::record::text_enum;

text_enum!(
    /// How far an application has come.
    Stage, "the name of a stage" {
        /// Somebody asks.
        Applied = "applied",
        /// The deliberation has refused it; the end.
        Refused = "refused",
        /// The deliberation has approved it.
        Approved = "approved",
        /// Its money is laid aside.
        Reserved = "reserved",
        /// The work is ordered.
        Contracted = "contracted",
        /// The work is accepted; from here on it is paid.
        Accepted = "accepted",
        /// It is over, and what was left is free again.
        Ended = "ended",
    }
);

/// By what an application was approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The entry, which every later one names.
    pub entry: EntryRef,
    /// Who.
    pub by: Actor,
    /// How much.
    pub amount: Money,
}

/// A payment to a payee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The entry.
    pub entry: EntryRef,
    /// Whom.
    pub payee: PayeeCode,
    /// For which invoice.
    pub invoice: Hash,
    /// How much.
    pub amount: Money,
    /// How much of it came back.
    pub refunded: Money,
    /// Whether it was reversed, and so never was.
    pub reversed: bool,
}

/// Money that came back from a payee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The entry.
    pub entry: EntryRef,
    /// The payment of which it came back.
    pub payment: EntryRef,
    /// How much.
    pub amount: Money,
    /// Whether it was reversed, and so never was.
    pub reversed: bool,
}

/// An application for money, as the entries that name it say it is.
///
/// Once reserved, always: approved = reserved + paid + released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Which.
    pub id: ApplicationId,
    /// The account that it is in; another one each year that it lasts.
    pub account: AccountId,
    /// Who applied.
    pub applicant: Actor,
    /// How much they asked for.
    pub asked: Money,
    /// By what it was approved.
    pub approval: Option<Approval>,
    /// What is laid aside.
    pub reserved: Money,
    /// What payees have.
    pub paid: Money,
    /// What became free again: the rest at its end, and refunds.
    pub released: Money,
    /// The payments.
    pub payments: Vec<Payment>,
    /// The refunds.
    pub refunds: Vec<Refund>,
    /// How many entries have named it. It changes by those of several accounts, so a store writes it only on
    /// the number that it has read.
    pub version: u32,
    /// How far it came before it ended.
    reached: Stage,
    /// The entry that ended it.
    ended: Option<EntryRef>,
    /// Whether it has left an account and not come to the next yet.
    on_the_way: bool,
}

impl Application {
    /// How far it has come.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        if self.ended.is_some() { Stage::Ended } else { self.reached }
    }

    /// Whether something can still come of it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self.stage(), Stage::Refused | Stage::Ended)
    }

    /// Whether it ended without anything paid.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.ended.is_some() && !self.has_payments()
    }

    /// The payment that `entry` is.
    #[must_use]
    pub fn payment(&self, entry: &EntryRef) -> Option<&Payment> {
        self.payments.iter().find(|payment| payment.entry == *entry)
    }

    /// Whether there is a payment that was not reversed.
    pub(super) fn has_payments(&self) -> bool {
        self.payments.iter().any(|payment| !payment.reversed)
    }

    /// Whether one that was reserved can be taken back to its approval.
    pub(super) fn is_only_reserved(&self) -> bool {
        self.stage() == Stage::Reserved
    }

    /// The entry that ended it, while it has ended.
    pub(super) const fn end(&self) -> Option<&EntryRef> {
        self.ended.as_ref()
    }
}

/// The person behind an actor; whoever changes the role stays the same person.
pub(super) const fn person(actor: &Actor) -> Option<&StaffId> {
    match actor {
        Actor::Staff { id, .. } => Some(id),
        Actor::Step(_) | Actor::Sweep | Actor::Attachment | Actor::Clocks | Actor::Channel(_) => {
            None
        }
    }
}

/// Whether both are one person.
pub(super) fn is_same_person(one: &Actor, other: &Actor) -> bool {
    person(one).is_some() && person(one) == person(other)
}
