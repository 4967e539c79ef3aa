//! Why the ledger refuses an order.

use crate::fund::account::AccountId;
use crate::fund::act::ActKind;
use crate::fund::application::Stage;
use crate::fund::fault::Wrong;
use crate::fund::ids::{ApplicationId, EntryRef, ITEMS_MAX};
use crate::fund::money::Money;
use crate::fund::order::DeedKind;
use crate::fund::posting::Part;

/// Why an order is refused. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FundRefusal {
    /// The table gives this deed on such an account to others.
    #[error("this role may not `{deed}` on {account}")]
    NotAllowed {
        /// The deed.
        deed: DeedKind,
        /// The account.
        account: AccountId,
    },
    /// The amount is more than this role approves here.
    #[error("this role approves up to {limit} yuan on {account}, and it is {wants}")]
    OverLimit {
        /// The account.
        account: AccountId,
        /// What it approves.
        limit: Money,
        /// What was to be approved.
        wants: Money,
    },
    /// Nobody approves what they applied for.
    #[error("who applied does not approve")]
    OwnApplication,
    /// Nobody pays what they approved.
    #[error("who approved does not pay")]
    OwnApproval,
    /// Nobody reverses what they wrote.
    #[error("who wrote an entry does not reverse it")]
    OwnEntry,
    /// There is not so much there.
    #[error("{account} has {has} yuan in `{part}`, and {wants} are wanted")]
    Insufficient {
        /// The account.
        account: AccountId,
        /// Where; `reserved` means what is reserved for this application.
        part: Part,
        /// What is there.
        has: Money,
        /// What is wanted.
        wants: Money,
    },
    /// Nothing is moved by an entry.
    #[error("an amount is more than nothing")]
    Nothing,
    /// Together it is more than an amount can be.
    #[error("{account} would have more than {} yuan", Money::MAX)]
    TooMuch {
        /// The account.
        account: AccountId,
    },
    /// An application has some items, and each its estimate.
    #[error("an application has 1 to {ITEMS_MAX} items, each with an estimate")]
    Items,
    /// More than was asked for is not approved.
    #[error("{asked} yuan were asked for, and {wants} were to be approved")]
    MoreThanAsked {
        /// What was asked for.
        asked: Money,
        /// What was to be approved.
        wants: Money,
    },
    /// More than is left of a payment does not come back.
    #[error("of payment {payment} {left} yuan are left, and {wants} were to come back")]
    MoreThanPaid {
        /// The payment.
        payment: EntryRef,
        /// What is left.
        left: Money,
        /// What was to come back.
        wants: Money,
    },
    /// The account takes no entries any more.
    #[error("{0} is closed")]
    Closed(AccountId),
    /// Its year has not begun.
    #[error("the year of {0} has not begun")]
    YearNotBegun(AccountId),
    /// Its year is over: what is open is carried over first.
    #[error("the year of {0} is over")]
    YearOver(AccountId),
    /// A year is closed when it is over.
    #[error("the year of {0} is not over")]
    YearNotOver(AccountId),
    /// A year is closed when every application was carried over or ended.
    #[error("{account} has {applications} open applications")]
    StillOpen {
        /// The account.
        account: AccountId,
        /// How many.
        applications: u32,
    },
    /// Money goes to another account of the same year.
    #[error("money does not go from {from} to {to}")]
    NotBetween {
        /// From where.
        from: AccountId,
        /// To where.
        to: AccountId,
    },
    /// There is no such application.
    #[error("there is no application {0}")]
    NoApplication(ApplicationId),
    /// There is one already.
    #[error("there is an application {0} already")]
    Exists(ApplicationId),
    /// The application is in another account.
    #[error("application {application} is in {account}")]
    Elsewhere {
        /// Which.
        application: ApplicationId,
        /// Where it is.
        account: AccountId,
    },
    /// The application is not at the stage for this.
    #[error("an application that is `{stage}` does not take `{deed}`")]
    WrongStage {
        /// The deed.
        deed: DeedKind,
        /// Where it is.
        stage: Stage,
    },
    /// An invoice is paid once.
    #[error("the invoice was paid by {0}")]
    InvoicePaid(EntryRef),
    /// There is no such payment of the application in this account, or it was reversed.
    #[error("there is no payment {0}")]
    NoPayment(EntryRef),
    /// There is no such entry.
    #[error("there is no entry {0}")]
    NoEntry(EntryRef),
    /// Entries of this kind are not reversed.
    #[error("an entry `{0}` is not reversed")]
    NotReversible(ActKind),
    /// An entry is reversed once.
    #[error("{0} was reversed before")]
    AlreadyReversed(EntryRef),
    /// What came after it stands on it: that is undone first.
    #[error("later entries stand on {0}")]
    InUse(EntryRef),
    /// What was read is not of one ledger: a fault of the caller or of the store.
    #[error("what was read does not fit together: {0}")]
    View(Wrong),
}
