//! Why there is no report.

use domain::fund::{AccountId, ApplicationId, EntryRef, LedgerFault};

/// Why a report cannot be made. None is made then: half a report is worse than none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportFault {
    /// An entry is not what it must be.
    #[error(transparent)]
    Ledger(#[from] LedgerFault),
    /// An account comes twice, or its balance is not one of before the period.
    #[error("the book of {0} comes twice or does not begin before the period")]
    Book(AccountId),
    /// An entry is of another time.
    #[error("entry {0} is not of the period")]
    NotOfPeriod(EntryRef),
    /// An entry names an application whose entries did not come with it.
    #[error("the application {application} of entry {entry} did not come with it")]
    NoCase {
        /// The entry.
        entry: EntryRef,
        /// The application.
        application: ApplicationId,
    },
    /// An application has no entries, or others than its own.
    #[error("the application {0} has no entries, or others than its own")]
    Case(ApplicationId),
    /// An application is not told as the account's own journal tells it.
    #[error("entry {0} of an application is not the one that its account has")]
    OtherEntry(EntryRef),
    /// Figures that must be equal are not: something is missing in the source.
    #[error("{what} of {place}: {one} and {other} fen must be equal")]
    Differs {
        /// Which figures.
        what: &'static str,
        /// Of what.
        place: String,
        /// The one, in fen or a count.
        one: i64,
        /// The other.
        other: i64,
    },
    /// A sum is more than can be written.
    #[error("a sum is more than an amount can be")]
    TooMuch,
    /// A file cannot be written.
    #[error("the {form} file cannot be written: {why}")]
    File {
        /// Which form.
        form: &'static str,
        /// What the writer says; it quotes no amounts or names.
        why: String,
    },
}

impl ReportFault {
    /// A file that cannot be written.
    pub(crate) fn file(form: &'static str, why: &impl std::fmt::Display) -> Self {
        Self::File { form, why: why.to_string() }
    }
}
