//! What a person orders of the fund, with its texts before anything of them is sealed.

use contracts::SealedText;
use domain::fund::{
    AccountId, Act, ActKind, ApplicationId, Deed, EntryRef, Items, Money, Posting, invoice_hash,
};
use domain::{PayeeCode, SealedRef, TicketId, UploadKey};

/// A paper: its text, and the photos that were uploaded with it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The text.
    pub text: String,
    /// The keys of the photos, at most [`domain::PHOTOS_MAX`].
    pub photos: Vec<UploadKey>,
}

/// A text never shows in a debug print.
impl std::fmt::Debug for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Written")
    }
}

/// An order as a person gives it: [`domain::fund::Deed`] with texts instead of references. The account of what
/// an application is about is where that is now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the members are those of domain::fund::Deed")]
pub enum FundOrder {
    Appropriate { account: AccountId, amount: Money },
    Transfer { account: AccountId, to: AccountId, amount: Money },
    Apply { account: AccountId, ticket: TicketId, items: Items, paper: Written },
    Approve { application: ApplicationId, amount: Money, paper: Written },
    Refuse { application: ApplicationId, paper: Written },
    Reserve { application: ApplicationId },
    Contract { application: ApplicationId, paper: Written },
    Accept { application: ApplicationId, paper: Written },
    Pay { application: ApplicationId, amount: Money, payee: PayeeCode, invoice: String },
    Release { application: ApplicationId },
    Refund { payment: EntryRef, amount: Money },
    Reverse { entry: EntryRef },
    Carry { application: ApplicationId },
    Close { account: AccountId, carry: bool },
}

impl FundOrder {
    /// The application that it names; one that is asked for has no name yet.
    pub(super) const fn application(&self) -> Option<&ApplicationId> {
        match self {
            Self::Approve { application, .. }
            | Self::Refuse { application, .. }
            | Self::Reserve { application }
            | Self::Contract { application, .. }
            | Self::Accept { application, .. }
            | Self::Pay { application, .. }
            | Self::Release { application }
            | Self::Carry { application } => Some(application),
            Self::Appropriate { .. }
            | Self::Transfer { .. }
            | Self::Apply { .. }
            | Self::Refund { .. }
            | Self::Reverse { .. }
            | Self::Close { .. } => None,
        }
    }

    /// The account that it names.
    pub(super) const fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Appropriate { account, .. }
            | Self::Transfer { account, .. }
            | Self::Apply { account, .. }
            | Self::Close { account, .. } => Some(account),
            Self::Refund { payment: entry, .. } | Self::Reverse { entry } => Some(&entry.account),
            Self::Approve { .. }
            | Self::Refuse { .. }
            | Self::Reserve { .. }
            | Self::Contract { .. }
            | Self::Accept { .. }
            | Self::Pay { .. }
            | Self::Release { .. }
            | Self::Carry { .. } => None,
        }
    }

    /// The entry that it names.
    pub(super) const fn entry(&self) -> Option<&EntryRef> {
        if let Self::Refund { payment: entry, .. } | Self::Reverse { entry } = self {
            return Some(entry);
        }
        None
    }

    pub(super) const fn paper(&self) -> Option<&Written> {
        match self {
            Self::Apply { paper, .. }
            | Self::Approve { paper, .. }
            | Self::Refuse { paper, .. }
            | Self::Contract { paper, .. }
            | Self::Accept { paper, .. } => Some(paper),
            Self::Appropriate { .. }
            | Self::Transfer { .. }
            | Self::Reserve { .. }
            | Self::Pay { .. }
            | Self::Release { .. }
            | Self::Refund { .. }
            | Self::Reverse { .. }
            | Self::Carry { .. }
            | Self::Close { .. } => None,
        }
    }

    /// The photos that come with it.
    pub(super) fn photos(&self) -> &[UploadKey] {
        self.paper().map_or(&[], |paper| &paper.photos)
    }

    /// What is to be sealed of it, if there is anything.
    pub(super) fn said(&self) -> Option<SealedText> {
        let Written { text, photos } = self.paper()?;
        let photos = photos.iter().map(ToString::to_string).collect();
        Some(SealedText::NoteV1 { text: text.clone(), photos })
    }

    /// The deed about this application, which a refund and a reversal take from their entry, with a reference in
    /// place of the text; `None` when one of them is missing.
    pub(super) fn deed(
        &self,
        application: Option<&ApplicationId>,
        paper: Option<SealedRef>,
    ) -> Option<Deed> {
        let application = || application.cloned();
        Some(match self {
            Self::Appropriate { amount, .. } => Deed::Appropriate { amount: *amount },
            Self::Transfer { to, amount, .. } => Deed::Transfer { to: to.clone(), amount: *amount },
            Self::Apply { items, .. } => {
                Deed::Apply { application: application()?, items: items.clone(), paper: paper? }
            }
            Self::Approve { amount, .. } => {
                Deed::Approve { application: application()?, amount: *amount, paper: paper? }
            }
            Self::Refuse { .. } => Deed::Refuse { application: application()?, paper: paper? },
            Self::Reserve { .. } => Deed::Reserve { application: application()? },
            Self::Contract { .. } => Deed::Contract { application: application()?, paper: paper? },
            Self::Accept { .. } => Deed::Accept { application: application()?, paper: paper? },
            Self::Pay { amount, payee, invoice, .. } => Deed::Pay {
                application: application()?,
                amount: *amount,
                payee: payee.clone(),
                invoice: invoice_hash(payee, invoice),
            },
            Self::Release { .. } => Deed::Release { application: application()? },
            Self::Refund { payment, amount } => Deed::Refund {
                application: application()?,
                payment: payment.clone(),
                amount: *amount,
            },
            Self::Reverse { entry } => Deed::Reverse { entry: entry.seq },
            Self::Carry { .. } => Deed::Carry { application: application()? },
            Self::Close { carry, .. } => Deed::Close { carry: *carry },
        })
    }

    /// Whether `posting` is the first entry that this order leads to, but for the text of its paper.
    pub(super) fn leads_to(&self, posting: &Posting) -> bool {
        let application = posting.application.as_ref();
        let named = self.application().is_none_or(|own| Some(own) == application);
        let here = self.account().is_none_or(|account| *account == posting.account);
        named && here && self.is_told_by(&posting.act, application)
    }

    fn is_told_by(&self, act: &Act, application: Option<&ApplicationId>) -> bool {
        match self {
            Self::Appropriate { amount, .. } => *act == Act::Appropriated { amount: *amount },
            Self::Transfer { to, amount, .. } => {
                *act == Act::TransferredOut { to: to.clone(), amount: *amount }
            }
            Self::Apply { ticket, items, .. } => {
                let own = application.is_some_and(|id| id.ticket == *ticket);
                own && matches!(act, Act::Applied { items: asked, .. } if asked == items)
            }
            Self::Approve { amount, .. } => {
                matches!(act, Act::Approved { amount: approved, .. } if approved == amount)
            }
            Self::Refuse { .. } => act.kind() == ActKind::Refused,
            Self::Reserve { .. } => act.kind() == ActKind::Reserved,
            Self::Contract { .. } => act.kind() == ActKind::Contracted,
            Self::Accept { .. } => act.kind() == ActKind::Accepted,
            Self::Pay { amount, payee, invoice, .. } => {
                let (amount, payee) = (*amount, payee.clone());
                let invoice = invoice_hash(&payee, invoice);
                *act == Act::Paid { amount, payee, invoice }
            }
            Self::Release { .. } => act.kind() == ActKind::Released,
            Self::Refund { payment, amount } => {
                *act == Act::Refunded { payment: payment.clone(), amount: *amount }
            }
            Self::Reverse { entry } => {
                matches!(act, Act::Reversed { entry: undone, .. } if *undone == entry.seq)
            }
            Self::Carry { .. } => act.kind() == ActKind::CarriedOut,
            Self::Close { carry: true, .. } => act.kind() == ActKind::ClosedOver,
            Self::Close { carry: false, .. } => act.kind() == ActKind::ClosedOut,
        }
    }
}
