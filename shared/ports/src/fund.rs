//! The ledger of the fund ([`domain::fund`]): its journals, and what is kept to find its way in them.

use async_trait::async_trait;
use domain::fund::{
    AccountId, ApplicationId, Balance, EntryRef, FiscalYear, LedgerChange, Posting,
};
use domain::{CommandId, Hash, PayeeCode, Ticket, TicketId};

use crate::stores::{Advanced, PortError};

/// The ledger. Everything is read consistently; an entry that stands never changes.
#[async_trait]
pub trait Fund: Send + Sync {
    /// Writes a change and the ticket that it is about, all or nothing, and only if its conditions
    /// ([`LedgerChange`]) and that of [`crate::Tickets::advance`] hold.
    ///
    /// # Errors
    /// [`PortError`]; after a temporary one the outcome is unknown.
    async fn post(
        &self,
        change: &LedgerChange,
        ticket: Option<(&Ticket, &Ticket)>,
    ) -> Result<Advanced, PortError>;

    /// An account; `None` before its first entry.
    ///
    /// # Errors
    /// [`PortError`]; permanent when what is stored is no balance.
    async fn balance(&self, account: &AccountId) -> Result<Option<Balance>, PortError>;

    /// The accounts of a year that have entries, in the order of their names.
    ///
    /// # Errors
    /// [`PortError`]; permanent when what is stored is no balance.
    async fn accounts(&self, year: FiscalYear) -> Result<Vec<Balance>, PortError>;

    /// The entries of an account that come after a place, in order, at most so many.
    ///
    /// # Errors
    /// [`PortError`]; permanent when what is stored is no entry.
    async fn entries(
        &self,
        account: &AccountId,
        after: u32,
        limit: u16,
    ) -> Result<Vec<Posting>, PortError>;

    /// An entry.
    ///
    /// # Errors
    /// [`PortError`]; permanent when what is stored is no entry.
    async fn entry(&self, entry: &EntryRef) -> Result<Option<Posting>, PortError>;

    /// The entries that name an application, in their order; none when there is no such application.
    ///
    /// # Errors
    /// [`PortError`]; permanent when one of them is not there or is no entry.
    async fn case(&self, application: &ApplicationId) -> Result<Vec<Posting>, PortError>;

    /// The applications of a ticket, by their numbers.
    ///
    /// # Errors
    /// [`PortError`].
    async fn cases(&self, ticket: &TicketId) -> Result<Vec<ApplicationId>, PortError>;

    /// The entries of a command; none when it was not carried out.
    ///
    /// # Errors
    /// [`PortError`].
    async fn done(&self, cause: &CommandId) -> Result<Vec<EntryRef>, PortError>;

    /// The payment, not reversed, of an invoice.
    ///
    /// # Errors
    /// [`PortError`].
    async fn payment(
        &self,
        payee: &PayeeCode,
        invoice: &Hash,
    ) -> Result<Option<EntryRef>, PortError>;

    /// Whether an entry was reversed.
    ///
    /// # Errors
    /// [`PortError`].
    async fn is_reversed(&self, entry: &EntryRef) -> Result<bool, PortError>;
}
