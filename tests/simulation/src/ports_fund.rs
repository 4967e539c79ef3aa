//! The fund's ledger: [`Fund`].

use async_trait::async_trait;
use domain::fund::{
    AccountId, ApplicationId, Balance, EntryRef, FiscalYear, LedgerChange, Posting,
};
use domain::{CommandId, Hash, PayeeCode, Ticket, TicketId};
use ports::{Advanced, Fund, PortError};

use crate::core::Port;
use crate::faults::Call;
use crate::ops::Op;

#[async_trait]
impl Fund for Port {
    async fn post(
        &self,
        change: &LedgerChange,
        ticket: Option<(&Ticket, &Ticket)>,
    ) -> Result<Advanced, PortError> {
        self.call(Call::FundPost, change.cause.as_str(), |state, _| {
            state.record(|| {
                let both = ticket.map(|(before, after)| (before.clone(), after.clone()));
                Op::FundPost(Box::new((change.clone(), both)))
            });
            if !state.store.fund.takes(change) {
                return Ok(Advanced::Stale);
            }
            if let Some((before, after)) = ticket {
                let since = state.store.tickets.get(after.id()).map_or(0, |row| row.changed);
                if state.store.advance(before, after, state.now) == Advanced::Stale {
                    return Ok(Advanced::Stale);
                }
                state.advanced(before, after, since);
            }
            state.store.fund.post(change);
            Ok(Advanced::Done)
        })
        .await
    }

    async fn balance(&self, account: &AccountId) -> Result<Option<Balance>, PortError> {
        self.call(Call::FundBalance, "", |state, _| {
            state.record(|| Op::FundBalance(account.clone()));
            Ok(state.store.fund.accounts.get(account).cloned())
        })
        .await
    }

    async fn accounts(&self, year: FiscalYear) -> Result<Vec<Balance>, PortError> {
        self.call(Call::FundAccounts, "", |state, _| {
            state.record(|| Op::FundAccounts(year));
            let all = state.store.fund.accounts.values();
            let mut all: Vec<Balance> = all.filter(|b| b.account.year == year).cloned().collect();
            all.sort_by_key(|balance| balance.account.to_string());
            Ok(all)
        })
        .await
    }

    async fn entries(
        &self,
        account: &AccountId,
        after: u32,
        limit: u16,
    ) -> Result<Vec<Posting>, PortError> {
        self.call(Call::FundEntries, "", |state, _| {
            state.record(|| Op::FundEntries(account.clone(), after, limit));
            let journal = state.store.fund.journals.get(account).into_iter().flatten();
            let rest = journal.filter(|posting| posting.seq > after);
            Ok(rest.take(limit.into()).cloned().collect())
        })
        .await
    }

    async fn entry(&self, entry: &EntryRef) -> Result<Option<Posting>, PortError> {
        self.call(Call::FundEntry, "", |state, _| {
            state.record(|| Op::FundEntry(entry.clone()));
            Ok(state.store.fund.entry(entry).cloned())
        })
        .await
    }

    async fn case(&self, application: &ApplicationId) -> Result<Vec<Posting>, PortError> {
        self.call(Call::FundCase, application.ticket.as_str(), |state, _| {
            state.record(|| Op::FundCase(application.clone()));
            let fund = &state.store.fund;
            let entries = fund.cases.get(application).into_iter().flatten();
            Ok(entries.filter_map(|entry| fund.entry(entry)).cloned().collect())
        })
        .await
    }

    async fn cases(&self, ticket: &TicketId) -> Result<Vec<ApplicationId>, PortError> {
        self.call(Call::FundCases, ticket.as_str(), |state, _| {
            state.record(|| Op::FundCases(ticket.clone()));
            let all = state.store.fund.cases.keys();
            Ok(all.filter(|id| id.ticket == *ticket).cloned().collect())
        })
        .await
    }

    async fn done(&self, cause: &CommandId) -> Result<Vec<EntryRef>, PortError> {
        self.call(Call::FundDone, cause.as_str(), |state, _| {
            state.record(|| Op::FundDone(cause.clone()));
            Ok(state.store.fund.done.get(cause).cloned().unwrap_or_default())
        })
        .await
    }

    async fn payment(
        &self,
        payee: &PayeeCode,
        invoice: &Hash,
    ) -> Result<Option<EntryRef>, PortError> {
        self.call(Call::FundPayment, payee.as_str(), |state, _| {
            state.record(|| Op::FundPayment(payee.clone(), *invoice));
            Ok(state.store.fund.invoices.get(&(payee.clone(), *invoice)).cloned())
        })
        .await
    }

    async fn is_reversed(&self, entry: &EntryRef) -> Result<bool, PortError> {
        self.call(Call::FundReversed, "", |state, _| {
            state.record(|| Op::FundReversed(entry.clone()));
            Ok(state.store.fund.reversed.contains(entry))
        })
        .await
    }
}
