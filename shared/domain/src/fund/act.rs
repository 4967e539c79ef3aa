//! What can happen to an account. An act is a fact in the past tense; it names sealed records and payees'
//! codes, and never holds a text.

use crate::fund::account::AccountId;
use crate::fund::ids::{EntryRef, Items};
use crate::fund::money::Money;
use crate::fund::posting::Part;
use crate::hash::Hash;
use crate::ids::PayeeCode;
use crate::record::facts;
use crate::reference::SealedRef;

facts! {
    /// One act of an account's journal.
    Act,
    /// The kinds of [`Act`].
    ActKind, "a kind of act", pub(super),

    /// 拨款: the treasury has appropriated a part of the year's money.
    Appropriated = "appropriated" {
        /// How much.
        amount: Money = "amount",
    }
    /// 调剂: money has gone to another account of the year.
    TransferredOut = "transferred_out" {
        /// Which account.
        to: AccountId = "to",
        /// How much.
        amount: Money = "amount",
    }
    /// The other side of it.
    TransferredIn = "transferred_in" {
        /// From which account.
        from: AccountId = "from",
        /// How much.
        amount: Money = "amount",
    }
    /// 申请: somebody asks for the money of a case.
    Applied = "applied" {
        /// For what, and what it is estimated to cost.
        items: Items = "items",
        /// Why it serves the public and stands in no budget, with the quotes.
        paper: SealedRef = "paper",
    }
    /// 议定: the deliberation has approved it.
    Approved = "approved" {
        /// How much: at most what was asked for.
        amount: Money = "amount",
        /// The minutes.
        paper: SealedRef = "paper",
    }
    /// 不予支持: the deliberation has refused it.
    Refused = "refused" {
        /// The minutes.
        paper: SealedRef = "paper",
    }
    /// The approved amount is laid aside.
    Reserved = "reserved" {
        /// How much.
        amount: Money = "amount",
    }
    /// 合同, 派工单: the work is ordered.
    Contracted = "contracted" {
        /// The contract or work note.
        paper: SealedRef = "paper",
    }
    /// 验收: the work is accepted.
    Accepted = "accepted" {
        /// The report with its photos.
        paper: SealedRef = "paper",
    }
    /// 支付: a payee has been paid.
    Paid = "paid" {
        /// How much.
        amount: Money = "amount",
        /// Whom.
        payee: PayeeCode = "payee",
        /// For which invoice ([`crate::fund::invoice_hash`]).
        invoice: Hash = "invoice",
    }
    /// 结项: the application is over, and what is left of its money is free again.
    Released = "released" {
        /// What is left; nothing when all was paid or nothing reserved.
        amount: Money = "amount",
    }
    /// 退款: a payee has given back money of a payment that was right when it was made.
    Refunded = "refunded" {
        /// The payment.
        payment: EntryRef = "payment",
        /// How much.
        amount: Money = "amount",
    }
    /// 冲正: an earlier entry of this account is undone.
    Reversed = "reversed" {
        /// Which.
        entry: u32 = "entry",
        /// What it was.
        reverses: ActKind = "reverses",
        /// How much it moved.
        amount: Money = "amount",
    }
    /// 结转: an application goes on in the next year's account, with its reserved money.
    CarriedOut = "carried_out" {
        /// Which account.
        to: AccountId = "to",
        /// How much; nothing while nothing is reserved.
        amount: Money = "amount",
    }
    /// The other side of it.
    CarriedIn = "carried_in" {
        /// From which account.
        from: AccountId = "from",
        /// How much.
        amount: Money = "amount",
    }
    /// 年终结转: the year is closed, and what was left goes on in the next.
    ClosedOver = "closed_over" {
        /// Which account.
        to: AccountId = "to",
        /// How much.
        amount: Money = "amount",
    }
    /// The other side of it: what the year before has left.
    Opened = "opened" {
        /// From which account.
        from: AccountId = "from",
        /// How much.
        amount: Money = "amount",
    }
    /// 上缴国库: the year is closed, and what was left went back to the treasury.
    ClosedOut = "closed_out" {
        /// How much.
        amount: Money = "amount",
    }
}

impl ActKind {
    /// From which part to which an act of this kind moves money; `None` for those that move none, and for
    /// reversals, which move it back the way it came.
    #[must_use]
    pub const fn way(self) -> Option<(Part, Part)> {
        Some(match self {
            Self::Appropriated => (Part::Treasury, Part::Available),
            Self::TransferredOut => (Part::Available, Part::Transfer),
            Self::TransferredIn => (Part::Transfer, Part::Available),
            Self::Reserved => (Part::Available, Part::Reserved),
            Self::Paid => (Part::Reserved, Part::Paid),
            Self::Released => (Part::Reserved, Part::Available),
            Self::Refunded => (Part::Paid, Part::Available),
            Self::CarriedOut => (Part::Reserved, Part::Carried),
            Self::CarriedIn => (Part::Carried, Part::Reserved),
            Self::ClosedOver => (Part::Available, Part::Carried),
            Self::Opened => (Part::Carried, Part::Available),
            Self::ClosedOut => (Part::Available, Part::Treasury),
            Self::Applied
            | Self::Approved
            | Self::Refused
            | Self::Contracted
            | Self::Accepted
            | Self::Reversed => return None,
        })
    }

    /// Whether an entry of this kind may be reversed. Papers are not: who was wrong about one ends the
    /// application; and a closed year stays closed.
    #[must_use]
    pub const fn is_reversible(self) -> bool {
        match self {
            Self::Appropriated
            | Self::TransferredOut
            | Self::TransferredIn
            | Self::Reserved
            | Self::Paid
            | Self::Released
            | Self::Refunded => true,
            Self::Applied
            | Self::Approved
            | Self::Refused
            | Self::Contracted
            | Self::Accepted
            | Self::Reversed
            | Self::CarriedOut
            | Self::CarriedIn
            | Self::ClosedOver
            | Self::Opened
            | Self::ClosedOut => false,
        }
    }

    /// The kind of the entry that is written on the other account at the same time.
    #[must_use]
    pub const fn partner(self) -> Option<Self> {
        match self {
            Self::TransferredOut => Some(Self::TransferredIn),
            Self::TransferredIn => Some(Self::TransferredOut),
            Self::CarriedOut => Some(Self::CarriedIn),
            Self::CarriedIn => Some(Self::CarriedOut),
            Self::ClosedOver => Some(Self::Opened),
            Self::Opened => Some(Self::ClosedOver),
            Self::Appropriated
            | Self::Applied
            | Self::Approved
            | Self::Refused
            | Self::Reserved
            | Self::Contracted
            | Self::Accepted
            | Self::Paid
            | Self::Released
            | Self::Refunded
            | Self::Reversed
            | Self::ClosedOut => None,
        }
    }
}

impl Act {
    /// How much it moves; `None` for the acts that move nothing.
    #[must_use]
    pub const fn amount(&self) -> Option<Money> {
        match self {
            Self::Appropriated { amount }
            | Self::TransferredOut { amount, .. }
            | Self::TransferredIn { amount, .. }
            | Self::Reserved { amount }
            | Self::Paid { amount, .. }
            | Self::Released { amount }
            | Self::Refunded { amount, .. }
            | Self::Reversed { amount, .. }
            | Self::CarriedOut { amount, .. }
            | Self::CarriedIn { amount, .. }
            | Self::ClosedOver { amount, .. }
            | Self::Opened { amount, .. }
            | Self::ClosedOut { amount } => Some(*amount),
            Self::Applied { .. }
            | Self::Approved { .. }
            | Self::Refused { .. }
            | Self::Contracted { .. }
            | Self::Accepted { .. } => None,
        }
    }

    /// How much it is about: what it moves, or what is asked for or approved.
    #[must_use]
    pub fn sum(&self) -> Option<Money> {
        if let Self::Applied { items, .. } = self {
            return items.total();
        }
        if let Self::Approved { amount, .. } = self { Some(*amount) } else { self.amount() }
    }

    /// The sealed paper that it stands on, if it stands on one.
    #[must_use]
    pub const fn paper(&self) -> Option<&SealedRef> {
        match self {
            Self::Applied { paper, .. }
            | Self::Approved { paper, .. }
            | Self::Refused { paper }
            | Self::Contracted { paper }
            | Self::Accepted { paper } => Some(paper),
            Self::Appropriated { .. }
            | Self::TransferredOut { .. }
            | Self::TransferredIn { .. }
            | Self::Reserved { .. }
            | Self::Paid { .. }
            | Self::Released { .. }
            | Self::Refunded { .. }
            | Self::Reversed { .. }
            | Self::CarriedOut { .. }
            | Self::CarriedIn { .. }
            | Self::ClosedOver { .. }
            | Self::Opened { .. }
            | Self::ClosedOut { .. } => None,
        }
    }

    /// Whether it is no act when it moves nothing. The end of an application and of a year is one all the same.
    pub(super) const fn must_move(&self) -> bool {
        match self {
            Self::Appropriated { .. }
            | Self::TransferredOut { .. }
            | Self::TransferredIn { .. }
            | Self::Reserved { .. }
            | Self::Paid { .. }
            | Self::Refunded { .. } => true,
            Self::Applied { .. }
            | Self::Approved { .. }
            | Self::Refused { .. }
            | Self::Contracted { .. }
            | Self::Accepted { .. }
            | Self::Released { .. }
            | Self::Reversed { .. }
            | Self::CarriedOut { .. }
            | Self::CarriedIn { .. }
            | Self::ClosedOver { .. }
            | Self::Opened { .. }
            | Self::ClosedOut { .. } => false,
        }
    }

    /// Whether it undoes an entry of this kind.
    pub(super) fn undoes(&self, kind: ActKind) -> bool {
        matches!(self, Self::Reversed { reverses, .. } if *reverses == kind)
    }

    /// The other account, of an act that stands on two.
    #[must_use]
    pub const fn other(&self) -> Option<&AccountId> {
        match self {
            Self::TransferredOut { to: other, .. }
            | Self::TransferredIn { from: other, .. }
            | Self::CarriedOut { to: other, .. }
            | Self::CarriedIn { from: other, .. }
            | Self::ClosedOver { to: other, .. }
            | Self::Opened { from: other, .. } => Some(other),
            Self::Appropriated { .. }
            | Self::Applied { .. }
            | Self::Approved { .. }
            | Self::Refused { .. }
            | Self::Reserved { .. }
            | Self::Contracted { .. }
            | Self::Accepted { .. }
            | Self::Paid { .. }
            | Self::Released { .. }
            | Self::Refunded { .. }
            | Self::Reversed { .. }
            | Self::ClosedOut { .. } => None,
        }
    }
}
