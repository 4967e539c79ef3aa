//! What somebody asks the ledger to do, and what is read for the decision.

use std::collections::BTreeMap;

use crate::authority::Actor;
use crate::fund::account::AccountId;
use crate::fund::application::Application;
use crate::fund::balance::Balance;
use crate::fund::ids::{ApplicationId, EntryRef, Items};
use crate::fund::money::Money;
use crate::fund::posting::Posting;
use crate::hash::Hash;
use crate::ids::{CommandId, PayeeCode};
use crate::record::text_enum;
use crate::reference::SealedRef;
use crate::timestamp::Timestamp;

text_enum!(
    /// The kinds of [`Deed`].
    DeedKind, "a kind of deed" {
        /// See [`Deed::Appropriate`].
        Appropriate = "appropriate",
        /// See [`Deed::Transfer`].
        Transfer = "transfer",
        /// See [`Deed::Apply`].
        Apply = "apply",
        /// See [`Deed::Approve`].
        Approve = "approve",
        /// See [`Deed::Refuse`].
        Refuse = "refuse",
        /// See [`Deed::Reserve`].
        Reserve = "reserve",
        /// See [`Deed::Contract`].
        Contract = "contract",
        /// See [`Deed::Accept`].
        Accept = "accept",
        /// See [`Deed::Pay`].
        Pay = "pay",
        /// See [`Deed::Release`].
        Release = "release",
        /// See [`Deed::Refund`].
        Refund = "refund",
        /// See [`Deed::Reverse`].
        Reverse = "reverse",
        /// See [`Deed::Carry`].
        Carry = "carry",
        /// See [`Deed::Close`].
        Close = "close",
    }
);

/// What is to be done on an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// The treasury gives a part of the year's money.
    Appropriate {
        /// How much.
        amount: Money,
    },
    /// Money goes to another account of the same year.
    Transfer {
        /// Which.
        to: AccountId,
        /// How much.
        amount: Money,
    },
    /// Money is asked for.
    Apply {
        /// For which ticket, by a number of its own.
        application: ApplicationId,
        /// For what.
        items: Items,
        /// The quotes, and why it serves the public and stands in no budget.
        paper: SealedRef,
    },
    /// The deliberation approves.
    Approve {
        /// Which.
        application: ApplicationId,
        /// How much; at most what was asked for.
        amount: Money,
        /// The minutes.
        paper: SealedRef,
    },
    /// The deliberation refuses.
    Refuse {
        /// Which.
        application: ApplicationId,
        /// The minutes.
        paper: SealedRef,
    },
    /// What was approved is laid aside, all of it.
    Reserve {
        /// Of which.
        application: ApplicationId,
    },
    /// The work is ordered.
    Contract {
        /// Of which.
        application: ApplicationId,
        /// The contract or work note.
        paper: SealedRef,
    },
    /// The work is accepted.
    Accept {
        /// Of which.
        application: ApplicationId,
        /// The report with its photos.
        paper: SealedRef,
    },
    /// A payee is paid, a part or all.
    Pay {
        /// Of which.
        application: ApplicationId,
        /// How much.
        amount: Money,
        /// Whom.
        payee: PayeeCode,
        /// For which invoice.
        invoice: Hash,
    },
    /// It is over: before a payment it is cancelled, after the last one the rest becomes free.
    Release {
        /// Which.
        application: ApplicationId,
    },
    /// A payee has given money back. It becomes free in the account that had paid.
    Refund {
        /// Of which.
        application: ApplicationId,
        /// By which payment they had it.
        payment: EntryRef,
        /// How much.
        amount: Money,
    },
    /// An entry was wrong, or a bank has returned a payment.
    Reverse {
        /// Which, of this account.
        entry: u32,
    },
    /// An open application goes on in the next year.
    Carry {
        /// Which.
        application: ApplicationId,
    },
    /// The year is closed.
    Close {
        /// Whether what is left goes on in the next year; else it goes back to the treasury.
        carry: bool,
    },
}

/// A command to the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// On which account.
    pub account: AccountId,
    /// What.
    pub deed: Deed,
}

/// Who gives an order, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// Who.
    pub actor: Actor,
    /// City time.
    pub now: Timestamp,
    /// The order's own id; a second one with the same id does nothing.
    pub cause: CommandId,
}

/// What was read of the ledger for one order.
#[derive(Clone, Debug, Default)]
pub struct View<'a> {
    /// The accounts that [`Order::accounts`] names, of those that have entries.
    pub accounts: BTreeMap<AccountId, Balance>,
    /// The application that the order, or the entry to be reversed, is about.
    pub application: Option<&'a Application>,
    /// Whether an entry with this command stands anywhere in the ledger.
    pub done: bool,
    /// The payment, not reversed, of the same payee and invoice anywhere in the ledger.
    pub invoice: Option<EntryRef>,
    /// The entry to be reversed.
    pub target: Option<Target<'a>>,
}

/// An entry that is to be reversed.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The entry.
    pub posting: &'a Posting,
    /// Whether it was reversed before.
    pub reversed: bool,
    /// Its other side, of an entry that stands on two accounts; that one's account is read as well.
    pub partner: Option<&'a Posting>,
}

impl View<'_> {
    /// The account, or an empty one.
    pub(super) fn balance(&self, account: &AccountId) -> Balance {
        self.accounts.get(account).cloned().unwrap_or_else(|| Balance::new(account.clone()))
    }
}

impl Order {
    /// The accounts that it may write to; a reversal writes to that of the entry's other side as well.
    #[must_use]
    pub fn accounts(&self) -> Vec<AccountId> {
        let other = match &self.deed {
            Deed::Transfer { to, .. } => Some(to.clone()),
            Deed::Carry { .. } | Deed::Close { .. } => self.account.next_year(),
            Deed::Appropriate { .. }
            | Deed::Apply { .. }
            | Deed::Approve { .. }
            | Deed::Refuse { .. }
            | Deed::Reserve { .. }
            | Deed::Contract { .. }
            | Deed::Accept { .. }
            | Deed::Pay { .. }
            | Deed::Release { .. }
            | Deed::Refund { .. }
            | Deed::Reverse { .. } => None,
        };
        std::iter::once(self.account.clone()).chain(other).collect()
    }
}

impl Deed {
    /// The kind of this deed.
    #[must_use]
    pub const fn kind(&self) -> DeedKind {
        match self {
            Self::Appropriate { .. } => DeedKind::Appropriate,
            Self::Transfer { .. } => DeedKind::Transfer,
            Self::Apply { .. } => DeedKind::Apply,
            Self::Approve { .. } => DeedKind::Approve,
            Self::Refuse { .. } => DeedKind::Refuse,
            Self::Reserve { .. } => DeedKind::Reserve,
            Self::Contract { .. } => DeedKind::Contract,
            Self::Accept { .. } => DeedKind::Accept,
            Self::Pay { .. } => DeedKind::Pay,
            Self::Release { .. } => DeedKind::Release,
            Self::Refund { .. } => DeedKind::Refund,
            Self::Reverse { .. } => DeedKind::Reverse,
            Self::Carry { .. } => DeedKind::Carry,
            Self::Close { .. } => DeedKind::Close,
        }
    }

    /// The application that it names.
    #[must_use]
    pub const fn application(&self) -> Option<&ApplicationId> {
        match self {
            Self::Apply { application, .. }
            | Self::Approve { application, .. }
            | Self::Refuse { application, .. }
            | Self::Reserve { application }
            | Self::Contract { application, .. }
            | Self::Accept { application, .. }
            | Self::Pay { application, .. }
            | Self::Release { application }
            | Self::Refund { application, .. }
            | Self::Carry { application } => Some(application),
            Self::Appropriate { .. }
            | Self::Transfer { .. }
            | Self::Reverse { .. }
            | Self::Close { .. } => None,
        }
    }

    /// The amount that it names.
    pub(super) const fn amount(&self) -> Option<Money> {
        match self {
            Self::Appropriate { amount }
            | Self::Transfer { amount, .. }
            | Self::Approve { amount, .. }
            | Self::Pay { amount, .. }
            | Self::Refund { amount, .. } => Some(*amount),
            Self::Apply { .. }
            | Self::Refuse { .. }
            | Self::Reserve { .. }
            | Self::Contract { .. }
            | Self::Accept { .. }
            | Self::Release { .. }
            | Self::Reverse { .. }
            | Self::Carry { .. }
            | Self::Close { .. } => None,
        }
    }
}
