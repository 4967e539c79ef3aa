//! What can be wrong with an entry of the ledger.

use crate::fund::account::AccountId;
use crate::fund::ids::EntryRef;
use crate::fund::money::Money;
use crate::fund::posting::Part;

/// Where the ledger is wrong, and why: the first entry that is not what it must be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq} of {account}: {why}")]
pub struct LedgerFault {
    /// The account.
    pub account: AccountId,
    /// The entry; the last one for what is wrong with the account as a whole.
    pub seq: u32,
    /// Why.
    pub why: Wrong,
}

/// Why an entry cannot stand where it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// A place was left out or is taken twice, or it is another account's.
    #[error("another entry, or none, belongs there")]
    Place,
    /// Its `prev` is not the hash of the entry before.
    #[error("it or the one before was altered")]
    Chain,
    /// The last entry is not the one that the head names.
    #[error("the journal ends there with another head than the one known")]
    Head,
    /// Time runs backwards.
    #[error("it is earlier than the one before")]
    Time,
    /// Such an act does not belong to this time of the account's year.
    #[error("the account's year was not begun, or over, or not over yet")]
    Year,
    /// The account was closed before.
    #[error("the account is closed")]
    Closed,
    /// The account was closed with something in it.
    #[error("the account was closed with money or applications left in it")]
    Left,
    /// Such an act moves something, and it moves nothing.
    #[error("it moves nothing")]
    Nothing,
    /// A part would be less than nothing.
    #[error("`{part}` has {has} yuan, and {wants} were taken")]
    Short {
        /// The part.
        part: Part,
        /// What it has.
        has: Money,
        /// What was taken.
        wants: Money,
    },
    /// A part would be more than an amount can be.
    #[error("it makes more than an amount can be")]
    TooMuch,
    /// More applications have ended here than had begun.
    #[error("an application ends that was not open here")]
    Applications,
    /// It reverses what is not there, what it was not, or what cannot be reversed.
    #[error("it reverses an entry that is not there as it says")]
    Reversal,
    /// An entry is reversed once.
    #[error("entry {0} was reversed before")]
    Twice(u32),
    /// It does not fit the application: what came before it, or its amounts.
    #[error("the application was not at that point, or not for that amount")]
    Application,
    /// It does not name the approval of its application.
    #[error("it does not name the entry by which it was approved")]
    Approval,
    /// One person did what takes two.
    #[error("one person did what takes two")]
    FourEyes,
    /// An invoice is paid once.
    #[error("the invoice was paid by {0} as well")]
    Invoice(EntryRef),
    /// Another entry has the same command, and is not its other side.
    #[error("the command had been carried out before")]
    Command,
    /// The entry on the other account is not there, or says something else.
    #[error("its other side on the other account is missing or differs")]
    OtherSide,
    /// What the applications have in an account is not what the account has for applications.
    #[error("the applications have {applications} yuan in `{part}`, the account {account}")]
    Sum {
        /// The part.
        part: Part,
        /// What the applications have.
        applications: Money,
        /// What the account has.
        account: Money,
    },
}
